//! What is found in other notations, wherever the window ends and however the text comes.

use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;

use crate::detect::Detectors;
use crate::scan::{BATCH, MARGIN, Mask, Place, Scanner};
use crate::{Limits, inspect};

const SAYS: &str = "my card 4000 0044 2708 3831";

/// Base64 in lines, as mails have it.
fn lines(text: &str, ends: &str) -> String {
    let signs = STANDARD.encode(text);
    let lines: Vec<&str> = signs.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
    lines.join(ends)
}

/// Every byte of a text as quoted-printable writes it, in lines of this length.
fn quoted(text: &str, length: usize) -> String {
    let signs: Vec<String> = text.bytes().map(|byte| format!("={byte:02X}")).collect();
    signs.chunks(length).map(<[String]>::concat).collect::<Vec<_>>().join("=\r\n")
}

/// Every sign in a line of its own.
fn apart(signs: &str) -> String {
    signs.chars().flat_map(|sign| [sign, '\n']).collect()
}

fn cards(name: &str, text: &str) -> (u64, Vec<String>) {
    let answer = inspect(name, text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(answer.broken, None, "{text}");
    let found = answer.findings.into_iter().find(|found| found.identifier == "CREDIT_CARD_NUMBER");
    found.map_or((0, Vec::new()), |found| (found.count, found.locations))
}

fn count(text: &str) -> u64 {
    cards("a.txt", text).0
}

#[test]
fn bodies_of_mails() {
    let body = lines(&format!("Dear all,\r\n{}{SAYS}\r\nBye", "tide ".repeat(40)), "\r\n");
    let header = "Subject: tide\r\nContent-Transfer-Encoding: base64\r\nX-Other: 1\r\n\r\n";
    let (found, places) = cards("a.eml", &format!("{header}{body}\r\n"));
    assert_eq!((found, places), (1, vec!["base64 at line 5, character 1: line 2, character 209".to_owned()]));
    for (header, body) in [
        ("content-transfer-encoding:BASE64\n\n", lines(SAYS, "\n")),
        ("Content-Transfer-Encoding:\r\n base64\r\n\r\n", lines(SAYS, "\r\n")),
        ("CONTENT-TRANSFER-ENCODING : \"base64\"\r\r", lines(SAYS, "\r")),
        ("Content-Transfer-Encoding: base64\n\n", apart(&STANDARD.encode(SAYS))),
        ("Content-Transfer-Encoding: base64\n\n", format!("*{}*", lines(SAYS, "!\n"))),
        ("Content-Transfer-Encoding: quoted-printable\n\n", quoted(SAYS, 20)),
        ("Content-Transfer-Encoding: Quoted-Printable\n\n", "my card 4000 00=\n44 27=  \n08 383=31".to_owned()),
        ("Content-Transfer-Encoding: quoted-printable\n\n", "my card 4000=A00044=C2=A02708=A03831".to_owned()),
        // Where a line is soft, the next one is not the end.
        ("Content-Transfer-Encoding: quoted-printable\n\n--\nmine\n-- x", quoted(SAYS, 1)),
    ] {
        assert_eq!(count(&format!("{header}{body}")), 1, "{header}{body}");
        assert_eq!(count(&format!("{header}{body}\n\nand more of it")), 1, "{header}{body}");
    }
}

#[test]
fn parts_of_mails() {
    let part = |of: &str, body: &str| format!("--AbC\r\nContent-Transfer-Encoding: {of}\r\n\r\n{body}\r\n");
    let types = "Content-Type: multipart/mixed; boundary=\"AbC\"\r\n\r\n";
    let (plain, coded, hidden) = (part("7bit", SAYS), part("base64", &lines(SAYS, "\r\n")), quoted(SAYS, 9));
    assert_eq!(count(&format!("{types}{plain}{coded}{coded}--AbC--\r\n{SAYS}")), 4);
    // What is quoted-printable repeats what can be read as it stands.
    let both = format!("{types}{}{}--AbC--", part("quoted-printable", SAYS), part("quoted-printable", &hidden));
    assert_eq!(count(&both), 1);
    assert_eq!(count(&format!("{types}{}--AbC--\r\n{hidden}", part("base64", "AAAA"))), 0);
    // A line in the text that looks like a boundary ends nothing.
    assert_eq!(count(&format!("{types}{}", part("quoted-printable", &format!("--Ab\n--x--\n{hidden}")))), 1);
    assert_eq!(count(&format!("{types}{}", part("base64", &format!("AAAA\n--xxxx\n{}", lines(SAYS, "\n"))))), 1);
    // Its own boundaries, a boundary in parts, and the top's notation that is none of a body with parts.
    let inner = "Content-Type: multipart/alternative;\r\n boundary*0=inner\r\n\r\n--inner\r\n";
    let nested =
        format!("{types}--AbC\r\n{inner}Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--inner--", lines(SAYS, "\n"));
    assert_eq!(count(&nested), 1);
    let odd = format!("Content-Transfer-Encoding: quoted-printable\r\n{types}{coded}--AbC--\r\n");
    assert_eq!(count(&odd), 1);
    // A mail in a mail, and a mailbox.
    let mail = format!("{types}{coded}");
    assert_eq!(count(&format!("{types}{}", part("base64", &lines(&mail, "\n")))), 1);
    let next = "\n\nFrom me\nContent-Transfer-Encoding: base64\n\n";
    assert_eq!(
        count(&format!("From you\nContent-Transfer-Encoding: quoted-printable\n\nx{next}{}", lines(SAYS, "\n"))),
        1
    );
}

#[test]
fn notations_in_each_other_have_an_end() {
    let mail = |text: &str| format!("Content-Transfer-Encoding: base64\n\n{}", lines(text, "\n"));
    let address = |text: &str| format!("see data:;base64,{} ", STANDARD.encode(text));
    let word = |text: &str| format!("Subject: =?utf-8?B?{}?=", STANDARD.encode(text));
    let wraps: [&dyn Fn(&str) -> String; 3] = [&mail, &address, &word];
    for wrap in wraps {
        let mut text = SAYS.to_owned();
        for level in 0..8 {
            let answer = inspect("a.txt", text.as_bytes(), &Limits::default()).unwrap();
            let found = answer.findings.first().map(|found| found.count);
            let expected = if level <= super::DEEPEST { (None, Some(1)) } else { (Some(crate::Kind::Limit), None) };
            assert_eq!((answer.broken.map(|reason| reason.kind), found), expected, "{level}: {text}");
            text = wrap(&text);
        }
    }
}

#[test]
fn parts_in_many_parts() {
    for parts in [20, 900, 3000] {
        let open = |part: usize| format!("Content-Type: multipart/mixed; boundary=b{part}\n\n--b{part}\n");
        let coded = |text: &str| format!("Content-Transfer-Encoding: base64\n\n{}\n", lines(text, "\n"));
        let opened = (0..parts).rev().map(open).collect::<Vec<_>>().concat();
        let closed = (0..parts).map(|part| format!("--b{part}--\n")).collect::<Vec<_>>().concat();
        let last = parts - 1;
        for of in [coded("a text without a number"), "Content-Transfer-Encoding: quoted-printable\n\n".to_owned()] {
            let mail = format!("{opened}{of}{closed}--b{last}\n{}--b{last}--\n", coded(SAYS));
            assert_eq!([cards("a.eml", &mail).0, count(&mail)], [1, 1], "{parts}: {of}");
        }
    }
}

#[test]
fn words_of_headers() {
    let base64 = |text: &str| format!("=?utf-8?B?{}?=", STANDARD.encode(text));
    for (text, expected) in [
        (format!("Subject: {}", base64(SAYS)), 1),
        (format!("Subject: {}\r\n {}", base64("my card 4000 00"), base64("44 2708 3831")), 1),
        (format!("Subject: my card {}", base64("4000004427083831")), 1),
        ("Subject: =?iso-8859-1?q?my_card_4000=A00044=202708_3831?=".to_owned(), 1),
        ("Subject: =?us-ascii?Q?my_card_4000004427083831?=".to_owned(), 1),
        (format!("a =? b =?x?z?y?= {}", base64(SAYS)), 1),
        (format!("{} {SAYS}", base64(SAYS)), 2),
        ("=?=?=?B?=?utf-8?B?".to_owned(), 0),
    ] {
        assert_eq!(count(&text), expected, "{text}");
    }
}

/// Words that are taken together reach behind the line that they start in, wherever the header has them.
#[test]
fn words_over_a_fold_behind_the_notation() {
    let base64 = |text: &str| format!("=?utf-8?B?{}?=", STANDARD.encode(text));
    let quoted = "=?utf-8?Q?Gezeitentabelle_f=C3=BCr_den_Hafen?=\n =?utf-8?Q?_und_die_H=C3=A4fen?=".to_owned();
    let split = format!("{}\n {}", base64("my card 4000 00"), base64("44 2708 3831"));
    let far = format!("{}\n\t{}\n {}", base64("tide, tide"), base64("and tide"), base64(SAYS));
    for (subject, expected) in [(quoted, 0), (split, 1), (far, 1)] {
        for notation in ["quoted-printable", "base64", "7bit"] {
            let body = if notation == "base64" { lines(SAYS, "\n") } else { quoted_body() };
            let body = if notation == "7bit" { "tide".to_owned() } else { body };
            let header = format!("From: a@b.c\nContent-Transfer-Encoding: {notation}\nSubject: {subject}\nTo: x@y.z");
            let mail = format!("{header}\n\n{body}\n");
            // What is quoted-printable counts as an echo, and only beyond the others.
            let expected = match notation {
                "base64" => expected + 1,
                "quoted-printable" => 1,
                _ => expected,
            };
            for text in [mail.clone(), mail.replace('\n', "\r\n")] {
                assert_eq!([count(&text), cards("a.eml", &text).0], [expected; 2], "{text}");
            }
        }
    }
}

/// A body that is quoted-printable, with a card that only its reader shows.
fn quoted_body() -> String {
    quoted(SAYS, 9).replace('\r', "")
}

#[test]
fn addresses_with_data() {
    let data = STANDARD.encode(SAYS);
    let long = STANDARD.encode(format!("{}{SAYS}", "tide ".repeat(20)));
    let (line, rest) = long.split_at(76);
    for (name, text) in [
        ("a.txt", format!("see data:text/plain;base64,{data} there")),
        ("a.txt", format!("url(data:;BASE64,{})", data.replace('=', "%3d").replace('M', "%4D"))),
        ("a.html", format!("<img src='data:text/plain;charset=utf-8;base64,{data}'>")),
        ("a.json", format!("{{\"a\": [{{\"b\": \"data:text/plain;base64,{}\"}}]}}", data.replace('/', "\\/"))),
        ("a.json", format!("{{\"card\": \"data:;base64,{}\"}}", STANDARD.encode("4000004427083831"))),
        ("a.csv", format!("id,card\n1,\"data:;base64,{}\"\n", STANDARD.encode("4000004427083831"))),
        ("a.xml", format!("<a b='data:text/plain;base64,{data}'/>")),
        ("a.svg", format!("<svg><image href=\"data:image/svg+xml;base64,{line}\n  {rest}\"/></svg>")),
        (
            "a.txt",
            format!(
                "data:;base64,{}",
                STANDARD.encode(SAYS.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
            ),
        ),
        // The line ends, and so does the data.
        ("a.txt", format!("data:;base64,{}\nfoo", STANDARD.encode("my card 4000004427083831.").trim_end_matches('='))),
        ("a.ndjson", format!("{{\"a\": \"data:;base64,{data}\"}}\n").repeat(3)),
    ] {
        let expected = if name == "a.ndjson" { 3 } else { 1 };
        assert_eq!(cards(name, &text).0, expected, "{name}: {text}");
    }
    let picture = STANDARD.encode([b"\x89PNG\r\n\0\x01".as_slice(), SAYS.as_bytes(), b"\0\xff"].concat());
    assert_eq!(count(&format!("data:image/png;base64,{picture}")), 1);
    assert_eq!(count(&format!("base64,{data} base64:{data} ;base64 ,{data}")), 0);
}

#[test]
fn fields_of_contacts() {
    let signs = STANDARD.encode(format!("{} {SAYS}", "tide ".repeat(20)));
    let (first, rest) = signs.split_at(60);
    for (text, expected) in [
        (format!("NOTE;ENCODING=BASE64:{first}\r\n {rest}\r\nEND:VCARD"), 1),
        (format!("NOTE;ENCODING=b;TYPE=note:{first}{rest}\nEND:VCARD"), 1),
        (format!("NOTE;BASE64:{first}\n\t{rest}\n\nEND:VCARD"), 1),
        (format!("NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=utf-8:{}\r\nEND:VCARD", quoted(SAYS, 20)), 1),
        (format!("NOTE;ENCODING=QUOTED-PRINTABLE:tide\r\n{}", quoted(SAYS, 200)), 0),
        (format!("X-CARD;ENCODING=B:{}", STANDARD.encode("4000004427083831")), 1),
        ("<?xml encoding='base64'?>".to_owned(), 0),
    ] {
        assert_eq!(cards("a.vcf", &text).0, expected, "{text}");
    }
}

#[test]
fn html_in_a_mail_is_shown() {
    let far = format!("<td>Card</td><td style='{}'>4000&nbsp;0044 <b>2708</b> 3831</td>", "x".repeat(99));
    let html = |before: usize| format!("<html><p>{}</p>{far}<p>{}</p>", "tide ".repeat(before), "tide ".repeat(30_000));
    for before in [1, 13_100, 13_110, 26_000] {
        let html = html(before);
        assert_eq!(count(&format!("Content-Transfer-Encoding: base64\n\n{}", lines(&html, "\n"))), 1);
        let quoted = html.replace('=', "=3D").replace("tide ", "tide =\n");
        assert_eq!(count(&format!("Content-Transfer-Encoding: quoted-printable\n\n{quoted}")), 1);
    }
    assert_eq!(cards("a.eml", &format!("Subject: tide\n\n{far}")).0, 1);
}

#[test]
fn a_header_says_what_its_body_is() {
    let far = "what is long enough to keep all others away from it";
    let html = "card 4000<b>0044</b>27083831";
    for (header, body) in [
        ("Content-Type: text/html\nContent-Transfer-Encoding: base64", lines(html, "\n")),
        ("Content-Transfer-Encoding: base64\nContent-Type:\n text/HTML; charset=utf-8", lines(html, "\n")),
        ("Content-Type: text/html\nContent-Transfer-Encoding: 7bit", html.to_owned()),
        ("Content-Transfer-Encoding: 8bit\nContent-Type: text/html", html.to_owned()),
        ("Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable", html.replace('b', "=62")),
    ] {
        let mail = format!("From: a\n{header}\nX: y\n\n{body}\n\n");
        assert_eq!([count(&mail), cards("a.eml", &mail).0], [1, 1], "{mail}");
    }
    let plain = format!("Content-Type: text/plain\nContent-Transfer-Encoding: 7bit\n\n{html}\n");
    assert_eq!(count(&plain), 0);
    let none = format!("Content-Transfer-Encoding: 7bit\nsee data:;base64,{}\n", STANDARD.encode(SAYS));
    assert_eq!(count(&none), 1, "no header, as no body follows");
    let whole = format!("Content-Type: text/html\nContent-Transfer-Encoding: 7bit\n\n<p>{SAYS}</p>\n");
    assert_eq!([count(&whole), cards("a.eml", &whole).0], [1, 1]);
    // The words of a header count behind the line with its notation, too.
    let word = format!("Subject: =?utf-8?B?{}?=", STANDARD.encode(SAYS));
    assert_eq!(count(&format!("Content-Transfer-Encoding: base64\n{word}\nX: y\n\nAAAA\n")), 1);
    // Texts in other encodings, and tables in them.
    let rows = format!("label,card\n{}", format!("{far},4000004427083831\n").repeat(30));
    let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let full: String =
        "4000004427083831".bytes().map(|digit| char::from_u32(u32::from(digit) + 0xfee0).unwrap()).collect();
    let japanese = format!("card {full}");
    let mail = |kind: &str, bytes: &[u8]| {
        let body = STANDARD.encode(bytes);
        count(&format!("Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n{body}\n"))
    };
    assert_eq!(mail("text/csv", &wide(&format!("\u{feff}{rows}"), u16::to_le_bytes)), 30);
    assert_eq!(mail("text/csv", &wide(&format!("\u{feff}{rows}"), u16::to_be_bytes)), 30);
    assert_eq!(mail("text/csv", &wide(&rows, u16::to_be_bytes)), 30);
    assert_eq!(mail("text/html", &wide(html, u16::to_le_bytes)), 1);
    for (charset, encoding) in [("Shift_JIS", encoding_rs::SHIFT_JIS), ("gb18030", encoding_rs::GB18030)] {
        let bytes = encoding.encode(&japanese).0;
        assert_eq!(mail(&format!("text/plain; charset=\"{charset}\""), &bytes), 1, "{charset}");
    }
    let bytes = encoding_rs::ISO_2022_JP.encode(&japanese).0;
    assert_eq!(mail("text/plain;\n charset=iso-2022-jp", &bytes), 1);
}

/// What is shown is passed on more than once in a long text, and the text goes on.
#[test]
fn a_long_mail_is_decoded_to_its_end() {
    let header = "Content-Type: text/html\nContent-Transfer-Encoding: ";
    let html = format!("<html><body>{}<p>my card ", "<p>what is long enough to keep others away</p>\n".repeat(4000));
    let quoted = format!("{header}quoted-printable\n\n{html}4000=\n00442708=\n3831</p>");
    let coded = format!("{header}base64\n\n{}", lines(&format!("{html}4000004427083831</p>"), "\n"));
    let rows = format!("label,card\n{}", "a word that keeps all others away,x\n".repeat(40_000));
    let rows = format!("{header}base64\n\n{}", lines(&format!("{rows}tide,4000004427083831\n"), "\n"));
    for mail in [quoted, coded, rows] {
        assert_eq!([cards("a.eml", &mail).0, cards("a.html", &mail).0, count(&mail)], [1, 1, 1]);
    }
}

#[test]
fn a_table_in_a_mail_has_its_header() {
    let rows = format!("label,credit_card,c\n{}", "a word that keeps all others away,4000004427083831,1\n".repeat(3));
    assert_eq!(count(&format!("Content-Transfer-Encoding: base64\n\n{}", lines(&rows, "\n"))), 3);
}

/// Whatever is cut where: by the window, by the pieces that come.
#[test]
fn found_wherever_the_window_ends() {
    let soft = quoted(SAYS, 7);
    let mail = format!(
        "Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--\r\n",
        lines(&format!("{SAYS}\r\n").repeat(5), "\r\n")
    );
    let part =
        format!("boundary=x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{soft}\r\n{soft}\r\n--x--\r\n");
    let address = format!("data:;base64,{} ", STANDARD.encode(format!("{SAYS} ").repeat(5)));
    let word = format!("=?utf-8?B?{}?=\r\n", STANDARD.encode(SAYS));
    for (text, expected) in [(&mail, 5), (&part, 1), (&address, 5), (&word, 1)] {
        for shift in (0..text.len() + 50).step_by(3).map(|step| BATCH - text.len() - 25 + step).chain([0]) {
            let text = format!("{}\n{text}{}", "- ".repeat(shift / 2), ". ".repeat(MARGIN));
            for length in [1000, text.len()] {
                let mut scanner = Scanner::new(&Detectors::default(), 5);
                text.as_bytes().chunks(length).for_each(|part| scanner.text(str::from_utf8(part).unwrap()));
                assert_eq!(scanner.finish().first().map(|found| found.count), Some(expected), "{shift} {length}");
            }
        }
    }
}

/// A header is the same wherever the window ends in it: its lines, its blank line, and what is before its notation.
#[test]
fn a_header_is_whole_wherever_the_window_ends() {
    let html = "<html><p>card <b>4000</b>004427083831</p></html>\n";
    let gap = |bytes: usize| format!("X-A: {}z\n", "ab\n ".repeat(bytes / 4));
    let mut mails = vec![
        format!("Content-Transfer-Encoding: 7bit\nContent-Type: text/html; charset=us-ascii\nTo: x@y.z\n\n{html}"),
        format!(
            "Content-Transfer-Encoding: base64\nTo: x\nContent-Type: text/plain; charset=utf-8\n\n{}\n\n--\n",
            STANDARD.encode(SAYS)
        ),
    ];
    for bytes in [60, 1500, 3000] {
        let gap = gap(bytes);
        mails.push(format!("Content-Type: text/html\n{gap}Content-Transfer-Encoding: 7bit\n\n{html}"));
        mails.push(format!("Content-Transfer-Encoding: 7bit\n{gap}Content-Type: text/html\n\n{html}"));
    }
    for (mail, ends) in mails.iter().flat_map(|mail| [(mail, "\n"), (mail, "\r\n")]) {
        let mail = mail.replace('\n', ends);
        let step = if mail.len() > 1000 { 211 } else { 1 };
        for before in (BATCH - mail.len() - 20..BATCH + 20).step_by(step) {
            let filler = "- ".repeat(before / 2) + &"x".repeat(before % 2);
            let text = format!("{filler}{ends}{ends}From: a{ends}{mail}{}", "<p>tide</p>\n".repeat(600));
            let mut scanner = Scanner::new(&Detectors::default(), 5);
            scanner.text(&text);
            assert_eq!(scanner.finish().first().map(|found| found.count), Some(1), "{before}: {mail}");
        }
    }
}

/// A long header costs no more than its length, and neither do many.
#[test]
fn headers_are_read_once() {
    for part in [
        "Content-Transfer-Encoding: 7bit\n",
        "Content-Transfer-Encoding:7bit\na\nb\nc\nd\n",
        "Content-Transfer-Encoding: base64\n\n",
        "Content-Transfer-Encoding: 7bit Content-Type: text/html ",
        "boundary=a\n--a--\n",
        "\nFrom \n",
    ] {
        let text = part.repeat(3_000_000 / part.len());
        let start = std::time::Instant::now();
        assert_eq!(count(&text), 0);
        // It takes a tenth of it, and took ten times as much.
        assert!(start.elapsed().as_secs() < 20, "{part:?}: {:?}", start.elapsed());
    }
}

/// Mails one after the other are not in each other, whatever is between them.
#[test]
fn mails_in_a_row_are_beside_each_other() {
    let multi = |mail: usize| {
        let part = |of: &str| format!("--B{mail}\nContent-Type: text/plain\n{of}\ntide\n\n");
        let coded = part("Content-Transfer-Encoding: quoted-printable\n");
        // The last part may have a notation, or none.
        let last = part("").repeat(mail % 2);
        format!(
            "From: a{mail}@b.c\nContent-Type: multipart/mixed; boundary=\"B{mail}\"\n\n{coded}{last}--B{mail}--\n\n"
        )
    };
    let single = |of: &str, body: &str| {
        format!("From: s@b.c\nContent-Type: text/{of}; charset=utf-8\nContent-Transfer-Encoding: {body}\n\n")
    };
    let texts = [
        single("plain", "quoted-printable\n\nHallo f=C3=BCr heute"),
        single("html", "8bit\n\n<html><p>Hallo</p></html>"),
        single("plain", &format!("base64\n\n{}", STANDARD.encode("Hallo heute und morgen"))),
    ];
    for (text, before) in texts.iter().flat_map(|text| [(text, ""), (text, "From a Mon\n"), (text, "\u{1}\u{1}\n")]) {
        let mails = (0..8).map(|mail| [before, &multi(mail), before, text].concat()).collect::<Vec<_>>().concat();
        for mails in [mails.clone(), mails.replace("\n\nFrom a", "\nFrom a"), mails.replace('\n', "\r\n")] {
            assert_eq!(count(&mails), 0);
            let last = "Content-Transfer-Encoding: quoted-printable\n\nmy card 40=30=30004427083831\n";
            assert_eq!(count(&format!("{mails}{last}")), 1, "{mails}");
        }
    }
}

#[test]
fn a_sentence_ends_no_mail() {
    let coded = "card 4=30=30=30=30=30=34=34=32=37=30=38=33=38=33=31\n";
    for sentence in ["From now on: ", "From now on\n", "From here\nto there: ", "From:\n\n"] {
        let mail = format!("Content-Transfer-Encoding: quoted-printable\n\nHello\n\n{sentence}{coded}");
        assert_eq!([count(&mail), cards("a.eml", &mail).0], [1, 1], "{mail}");
    }
}

/// Words that are taken together are of one header.
#[test]
fn a_blank_line_is_between_words() {
    let word = "=?utf-8?Q?my_gezeiten_tabelle?=";
    let mail = format!("Content-Transfer-Encoding: base64\nSubject: {word}\n\n{}\n", lines(SAYS, "\n"));
    assert_eq!(count(&mail), 1);
    let mail = format!("Content-Transfer-Encoding: quoted-printable\nSubject: {word}\n\n{word}\n{}\n", quoted_body());
    assert_eq!([count(&mail), count(&mail.replace('\n', "\r\n"))], [1, 1]);
}

/// Nothing in a header hides what it says of the body.
#[test]
fn a_field_or_a_word_hides_no_header() {
    let (html, soft) = ("<p>card 4000<b>0044</b>27083831</p>", "X: ;ENCODING=QUOTED-PRINTABLE:tide=");
    let word = "=?utf-8?Q?gezeiten_tabelle?=";
    for header in [
        format!("Content-Transfer-Encoding: 7bit\n{soft}\nContent-Type: text/html"),
        "Content-Transfer-Encoding: 7bit\nContent-Type: x;ENCODING=B:AAAAAAAAAAAAAAAA\n ;text/html".to_owned(),
        format!("Content-Transfer-Encoding: 7bit\nContent-Type: x; name=\"{word}\n {word}\"; text/html"),
        format!("Content-Type: text/html\n{soft}\nContent-Transfer-Encoding: 7bit\n{soft}"),
        format!("Content-Transfer-Encoding: 7bit\nContent-Type: {}; text/html", "x".repeat(5000)),
    ] {
        for mail in [format!("{header}\n\n{html}\n"), format!("{header}\n\n{html}\n").replace('\n', "\r\n")] {
            assert_eq!(count(&mail), 1, "{mail}");
        }
    }
    // What stands in a header is decoded, too, and so is what no body follows.
    let address = format!("see data:;base64,{}", STANDARD.encode(SAYS));
    let field = format!("NOTE;ENCODING=B:{}", STANDARD.encode(SAYS));
    for text in [address, field] {
        assert_eq!(count(&format!("Content-Transfer-Encoding: base64\n{text}\nX: y\n\nAAAA\n")), 1, "{text}");
        assert_eq!(count(&format!("Content-Transfer-Encoding: quoted-printable\n{text}\n")), 1, "{text}");
    }
}

/// In a mail, HTML is shown by itself: what is in other parts, or has no notation, does not hide it.
#[test]
fn a_part_of_a_mail_does_not_spoil_another() {
    let html = "<html><p>card <b>4000</b>004427083831</p></html>";
    for text in ["nothing", "see <!-- there", "<style> is odd", "use <title> and", "<a title=\"x"] {
        let header = "From: a@b.c\nContent-Type: multipart/alternative; boundary=\"XX\"\n\n";
        let part = |of: &str, body: &str| format!("--XX\nContent-Type: text/{of}\n\n{body}\n");
        let mail = format!("{header}{}{}--XX--\n", part("plain", text), part("html", html));
        for mail in
            [mail.clone(), mail.replace('\n', "\r\n"), mail.replace("Content-Type: text", "content-type:\n text")]
        {
            assert_eq!(cards("a.eml", &mail).0, 1, "{mail}");
            assert_eq!(cards("a.eml.1", &mail).0, 1, "{mail}");
        }
    }
    let many = "Content-Type: text/html\n\n<p>tide</p>\n\n".repeat(20);
    assert_eq!(cards("a.eml", &many).0, 0, "not in each other");
}

/// Signs of ASCII that stand for others stand so in the file, too.
#[test]
fn a_mail_in_japanese() {
    let full: String =
        "4000004427083831".chars().map(|digit| char::from_u32(u32::from(digit) + 0xfee0).unwrap()).collect();
    let bytes = encoding_rs::ISO_2022_JP.encode(&format!("\u{30ab}\u{30fc}\u{30c9} card {full}")).0.into_owned();
    let body = String::from_utf8(bytes).unwrap();
    for header in [
        "Content-Type: text/plain; charset=iso-2022-jp\nContent-Transfer-Encoding: 7bit",
        "Content-Transfer-Encoding: 7bit\nContent-Type: text/plain;\n\tcharset=\"ISO-2022-JP\"",
    ] {
        let mail = format!("From: a@b.c\n{header}\n\n{body}\n");
        assert_eq!([count(&mail), cards("a.eml", &mail).0], [1, 1], "{header}");
    }
    let mail = format!("Content-Type: text/plain; charset=iso-2022-jp\n\n{body}\n");
    assert_eq!(cards("a.eml", &mail).0, 1);
}

/// What follows in another text is none of it, and a text that is shown again does not count again.
#[test]
fn a_segment_ends_it() {
    let mut scanner = Scanner::new(&Detectors::default(), 5);
    scanner.begin(Mask::default(), Place::Path("/a".into()));
    scanner.text("Content-Transfer-Encoding: base64\n\nAAAA\n");
    scanner.begin(Mask::default(), Place::Path("/b".into()));
    scanner.text(&STANDARD.encode(SAYS));
    assert_eq!(scanner.finish(), []);
    let mut scanner = Scanner::new(&Detectors::default(), 5);
    let show = |scanner: &mut Scanner| scanner.text(&format!("data:;base64,{} ", STANDARD.encode(SAYS)));
    let before = scanner.tally();
    show(&mut scanner);
    let between = scanner.tally();
    show(&mut scanner);
    scanner.count_once(&before, &between);
    assert_eq!(scanner.finish()[0].count, 1);
}

/// Notations are many and short, and each has its place told.
#[test]
fn little_is_held() {
    let text = format!("=?x?B?AAAAAAAAAAA?= data:;base64,{} ", STANDARD.encode("x tide x")).repeat(20_000);
    let mut scanner = Scanner::new(&Detectors::default(), 5);
    scanner.text(&text);
    assert!(scanner.window.capacity() < 4 * (BATCH + MARGIN));
    let inside = scanner.encoded.inside().unwrap();
    assert!(inside.window.capacity() < BATCH && inside.members.len() <= 1);
}

#[test]
fn files_that_are_attached_are_refused() {
    let mail = |bytes: &[u8]| {
        let header = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nDear all\r\n--b\r\n";
        let body = STANDARD.encode([bytes, &[7; 2000]].concat());
        format!("{header}Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n--b--\r\n")
    };
    let tar = [&[b'a'; 257][..], b"ustar"].concat();
    let files: [&[u8]; 12] = [
        b"{\\rtf1",
        b"MSCF",
        b"\x1f\x9d\x90",
        b"PK\x05\x06",
        b"\0\x01\0\0Standard Jet DB",
        b"\x7fELF",
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
        b"\xd0\xcf\x11\xe0",
        b"SQLite format 3\0",
        &tar,
    ];
    for file in files {
        let mail = mail(file);
        let within = format!("Content-Transfer-Encoding: base64\r\n\r\n{}", STANDARD.encode(&mail));
        for (name, text) in [("a.eml", &mail), ("a.txt", &mail), ("a.txt", &within)] {
            let broken = inspect(name, text.as_bytes(), &Limits::default()).unwrap().broken;
            let text = broken.map(|reason| reason.text).unwrap_or_default();
            assert!(text.contains("save the attachment by itself"), "{name}, {file:?}: {text}");
        }
    }
    for file in files {
        let data = STANDARD.encode([file, &[7; 2000]].concat());
        let address = format!("data:application/x;base64,{data}");
        for (name, text) in [
            ("a.html", format!("<a href='{address}'>x</a>")),
            ("a.json", format!("{{\"a\": \"{address}\"}}")),
            ("a.csv", format!("a,b\n1,\"{address}\"\n")),
            ("a.vcf", format!("ATTACH;ENCODING=b:{data}\n")),
        ] {
            let broken = inspect(name, text.as_bytes(), &Limits::default()).unwrap().broken;
            let text = broken.map(|reason| reason.text).unwrap_or_default();
            assert!(text.contains("is in the text in base64"), "{name}, {file:?}: {text}");
        }
    }
    for other in [&b"\x89PNG\r\n\x1a\n"[..], b"%PDF", b"PK", b"tide"] {
        assert_eq!(count(&mail(other)), 0, "{other:?}");
    }
}

/// A text may start with the printable mark of a file.
#[test]
fn texts_that_start_like_files_pass() {
    let base64 = |text: &str| STANDARD.encode(text);
    for (name, text) in [
        ("a.eml", "Subject: =?utf-8?Q?ORCHESTERPROBE_f=C3=A4llt_aus?=\n\nHello\n".to_owned()),
        ("a.eml", format!("Subject: =?utf-8?B?{}?=\n\nHello\n", base64("ORCID für Ihre Veröffentlichung"))),
        ("a.eml", "Content-Transfer-Encoding: quoted-printable\n\nORCHESTERPROBE f=C3=A4llt aus\n".to_owned()),
        ("a.vcf", "N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:ORCHESTER M=C3=BCnchen\n".to_owned()),
        ("a.vcf", "N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Al-lhasa M=C3=BCnchen\n".to_owned()),
        ("a.eml", format!("Content-Transfer-Encoding: base64\n\n{}\n", base64("0707012345 is my number, call me"))),
        ("a.ldif", format!("description:: {}\n", base64("070701; BZh; MSCF"))),
    ] {
        assert_eq!(cards(name, &text).0, 0, "{text}");
    }
}
