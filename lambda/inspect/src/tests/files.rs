//! Text, encodings, other formats, and the answer itself.

use super::*;

#[test]
fn text() {
    let utf16 = |text: &str, mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        [mark, &text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()].concat()
    };
    let little = |text| utf16(text, b"\xff\xfe", u16::to_le_bytes);
    let big = |text| utf16(text, b"\xfe\xff", u16::to_be_bytes);
    assert_eq!(kind("a.txt", "tide \u{e9} \u{20ac} \u{1f30a}\r\n"), OK);
    assert_eq!(kind("a.txt", "\u{feff}tide"), OK);
    assert_eq!(kind("a.txt", little("tide \u{1f30a}")), OK);
    assert_eq!(kind("a.txt", big("tide \u{1f30a}")), OK);
    assert_eq!(kind("a.csv", big("a,b\n1,2\n")), OK);
    assert_eq!(kind("a.xml", little("<?xml version='1.0' encoding='UTF-16'?><a>\u{e9}</a>")), OK);
    assert_eq!(kind("a.xml", "<?xml version='1.0' encoding='utf-16'?><a/>"), Some(Kind::Encoding));
    assert_eq!(cards("a.txt", big("card 4000004427083831")).0, 1);
    assert_eq!(kind("a.txt", b"\xff\xfet\0\x00\xd8t\0"), Some(Kind::Encoding));
    assert_eq!(kind("a.txt", b"\xff\xfet\0t"), Some(Kind::Encoding));
    assert_eq!(kind("a.txt", b"\xff\xfet\0\0\0"), Some(Kind::Nul));
    assert_eq!(kind("a.txt", b"t\0i\0d\0e\0"), Some(Kind::Nul));
    assert_eq!(kind("a.txt", b"tide\0"), Some(Kind::Nul));
    assert_eq!(kind("a.txt", b"caf\xe9 au lait"), Some(Kind::Encoding));
    assert_eq!(kind("a.txt", b"caf\xc3"), Some(Kind::Encoding));
    assert_eq!(kind("a.txt", b"\xed\xa0\x80"), Some(Kind::Encoding));
    assert_eq!(kind("a.txt", "\u{3000}"), Some(Kind::Empty));
    for blank in ["", "\u{feff}", " \r\n\t ", "\n\n\n", "\u{feff}\n"] {
        for name in ["a.txt", "a.csv", "a.json", "a.ndjson", "a.xml", "a"] {
            assert_eq!(kind(name, blank), Some(Kind::Empty), "{name} {blank:?}");
        }
    }
    let reason = judge_all("a.txt", b"\xef\xbb\xbftide\xff").broken.unwrap();
    assert_eq!(
        reason.text,
        "text: neither UTF-8 nor UTF-16 with a byte order mark (byte 7); convert it, as by \
         iconv -f WINDOWS-1252 -t UTF-8, or name its encoding under [integrity] encodings"
    );
}

#[test]
fn long_texts_are_read_whole() {
    let text = "tide \u{e9}\u{20ac}\u{1f30a} ".repeat(20_000) + "card 4000004427083831";
    assert_eq!(cards("a.txt", &text), (1, vec!["line 1, character 180006".to_owned()]));
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(cards("a.txt", [b"\xfe\xff", &wide[..]].concat()).0, 1);
    assert_eq!(cards("a.json", format!("[\"{text}\"]")), (1, vec!["/0".to_owned()]));
    assert_eq!(cards("a.xml", format!("<a>{text}</a>")), (1, vec!["/a".to_owned()]));
    assert_eq!(cards("a.csv", format!("a,b\n1,\"{text}\"")).0, 1);
}

#[test]
fn binary_files_are_refused() {
    for name in ["a.gz", "a.csv.gz", "a.tgz"] {
        assert_eq!(kind(name, b"\x1f\x8b\x08\0\0\0"), CUT);
    }
    assert_eq!(kind("a.xlsx", b"PK\x03\x04\x14\0"), CUT);
    assert_eq!(kind("a.gz", "a,b\n1,2\n"), Some(Kind::Mismatch));
    assert_eq!(kind("a.png", b"\x89PNG\r\n\x1a\n"), Some(Kind::Unsupported));
    assert_eq!(kind("a.xyz", "text"), Some(Kind::Unsupported));
    assert_eq!(kind("a", b"\x89PNG\r\n\x1a\n"), Some(Kind::Unsupported));
    assert_eq!(kind("a.json", b"\x1f\x8b\x08\0\0\0"), Some(Kind::Mismatch));
}

#[test]
fn an_error_of_the_source_is_no_verdict() {
    for bytes in [&b"a,b\n1,2"[..], b"\xff", b"", b"a,b\n1,2,3\n"] {
        let source = Pieces { bytes, length: 3, fails: true };
        assert!(inspect("a.csv", source, &Limits::default()).is_err());
    }
}

#[test]
fn answers_hold_no_values() {
    let text = "id,card\n1,4000004427083831\n2,\"x\"4000004427083831\n";
    let answer = judge_all("a.csv", text.as_bytes());
    let whole = judge_all("a.csv", &text.as_bytes()[..27]);
    for answer in [&answer, &whole] {
        let shown = format!("{answer:?}{}", serde_json::to_string(answer).unwrap());
        assert!(!shown.contains("4000") && !shown.contains("3831"), "{shown}");
    }
    assert_eq!(whole.findings[0].count, 1);
    let json = serde_json::to_value(&answer).unwrap();
    assert_eq!(json["broken"]["kind"], "syntax");
    assert_eq!(json["sha256"].as_str().map(str::len), Some(64));
}

#[test]
fn a_thrown_switch_ends_the_inspection() {
    let limits = Limits::default();
    limits.stop.throw();
    let error = inspect("a.txt", &b"tide"[..], &limits).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}
