//! Encodings beside UTF-8 and marked UTF-16.

use super::*;

fn allowed(names: &[&str]) -> Limits {
    let encoding = |name: &&str| serde_json::from_value((*name).into()).unwrap();
    Limits { encodings: names.iter().map(encoding).collect(), ..Limits::default() }
}

fn judge_in(names: &[&str], file: &str, bytes: &[u8]) -> Inspection {
    judge_within(&allowed(names), file, bytes)
}

fn kind_in(names: &[&str], file: &str, bytes: &[u8]) -> Option<Kind> {
    judge_in(names, file, bytes).broken.map(|reason| reason.kind)
}

const ENCODING: Option<Kind> = Some(Kind::Encoding);

#[test]
fn what_the_rules_allow() {
    let latin = b"Stra\xdfe;Preis\r\nH\xf6he;1,5\r\n";
    assert_eq!(kind_in(&[], "a.csv", latin), ENCODING);
    assert_eq!(kind_in(&["windows-1252"], "a.csv", latin), OK);
    assert_eq!(kind_in(&["windows-1252"], "a.txt", latin), OK);
    assert_eq!(kind_in(&["windows-1252"], "a", latin), OK);
    assert_eq!(kind_in(&["windows-1252"], "a.json", b"[\"\xf6\"]"), ENCODING, "JSON is UTF-8");
    assert_eq!(kind_in(&["windows-1252"], "a.txt", "H\u{f6}he \u{1f30a}".as_bytes()), OK);
    assert_eq!(kind_in(&["windows-1252"], "a.txt", b"H\xf6he\0"), ENCODING);
    // Only what is printable.
    assert_eq!(kind_in(&["windows-1252"], "a.txt", b"H\xf6he\x07"), ENCODING);
    assert_eq!(kind_in(&["windows-1252"], "a.txt", b"H\xf6he\x81"), ENCODING);
    // What began as UTF-8 goes on so.
    let mixed = ["H\u{f6}he ".repeat(1000).as_bytes(), b"\xf6"].concat();
    assert_eq!(kind_in(&["windows-1252"], "a.txt", &mixed), ENCODING);
    // The first one that fits, wherever the first character is that is not ASCII.
    let japanese = b"\x83J\x81[\x83h 4000004427083831"; // a card in katakana
    assert_eq!(kind_in(&["windows-1252", "shift_jis"], "a.txt", japanese), OK);
    let later = [&b"tide ".repeat(20_000)[..], japanese].concat();
    assert_eq!(kind_in(&["windows-1252", "shift_jis"], "a.txt", &later), OK);
    assert_eq!(kind_in(&["windows-1252"], "a.txt", &later), ENCODING);
    assert_eq!(kind_in(&["shift_jis"], "a.txt", &japanese[..1]), ENCODING, "half a character");
}

#[test]
fn what_is_found_and_where() {
    let text = ["\u{e9}t\u{e9} ".repeat(10_000).as_str(), "card 4000004427083831"].concat();
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let answer = judge_in(&["iso-8859-15"], "a.txt", &bytes);
    assert_eq!(
        (answer.broken, answer.findings[0].locations.as_slice()),
        (None, &["line 1, character 40006".to_owned()][..])
    );
    let table = b"num\xe9ro de carte;card\n1;4000004427083831\n";
    let answer = judge_in(&["windows-1252"], "a.csv", table);
    assert_eq!(answer.findings[0].locations, ["row 2, column 2 (card)"]);
    let reason = judge_in(&["windows-1252"], "a.txt", &[&bytes[..], b"\x07"].concat()).broken.unwrap();
    assert_eq!(reason.text, "text: bytes that are no text in its encoding (byte 40021)");
}

#[test]
fn what_xml_declares() {
    let xml = |encoding: &str, text: &[u8]| {
        [format!("<?xml version='1.0' encoding='{encoding}'?><a>").as_bytes(), text, b"</a>"].concat()
    };
    for (encoding, text, expected) in [
        ("ISO-8859-1", &b"\xe9"[..], OK),
        ("windows-1252", b"\x80", OK),
        ("Shift_JIS", b"\x83J", OK),
        ("Shift_JIS", b"\x83", ENCODING),
        ("UTF-8", b"\xe9", ENCODING),
        ("us-ascii", b"a", OK),
        ("utf8", "\u{e9}".as_bytes(), OK),
        ("UTF-80", b"a", ENCODING),
        ("UTF-8x", b"a", ENCODING),
        ("UTF-16x", b"a", ENCODING),
        ("UTF-16LE", b"a", ENCODING),
        ("ASCII7", b"a", ENCODING),
        ("utf-7", b"+ADQ-", ENCODING),
        ("x-unheard-of", b"a", ENCODING),
        ("iso-2022-kr", b"a", ENCODING),
        ("iso-8859-1", b"\0", Some(Kind::Nul)),
    ] {
        assert_eq!(kind("a.xml", xml(encoding, text)), expected, "{encoding}");
    }
    assert_eq!(cards("a.xml", xml("euc-jp", b"\xa5\xab card \xa3\xb4000004427083831")).0, 1);
    let reason = judge_all("a.xml", &xml("x", b"1")).broken.unwrap();
    assert_eq!(
        reason.text,
        "xml: it declares an encoding that is not known (byte 0); convert it to UTF-8 (iconv -t UTF-8)"
    );
    // A mark says more than the declaration.
    assert_eq!(kind("a.xml", [b"\xef\xbb\xbf", &xml("iso-8859-1", "\u{e9}".as_bytes())[..]].concat()), OK);
}
