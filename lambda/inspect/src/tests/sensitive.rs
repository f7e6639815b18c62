//! Keywords in all the places where they may be, and values wherever they lie.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

const SSN: &str = "609-76-4218";

/// What is found in a file, in pieces of several lengths.
fn found(name: &str, text: impl AsRef<[u8]>) -> Vec<(String, u64)> {
    let answer = judge_all(name, text.as_ref());
    assert_eq!(answer.broken, None);
    answer.findings.into_iter().map(|finding| (finding.identifier, finding.count)).collect()
}

fn ssns(name: &str, text: &str) -> u64 {
    found(name, text).iter().find(|found| found.0 == "USA_SOCIAL_SECURITY_NUMBER").map_or(0, |found| found.1)
}

#[test]
fn thirty_characters_are_near() {
    for gap in [2, 29, 30, 31, 60] {
        for sign in [".", "\u{20ac}", "\u{1f30a}", "\u{3000}"] {
            let pad = format!(" {} ", sign.repeat(gap - 2));
            for text in [format!("ssn{pad}{SSN}"), format!("{SSN}{pad}ssn"), format!("ssn{pad}609764218")] {
                assert_eq!(ssns("a.txt", &text), u64::from(gap <= 30), "{text}");
            }
        }
    }
}

#[test]
fn columns_have_names() {
    for name in ["ssn", "SSN", "customer_ssn", "customerSsn", "Social Security Number", "social-security", "ss#", "SS#"]
    {
        let rows = format!("1,{SSN}\n2,056-31-7047\n3,x\n");
        assert_eq!(ssns("a.csv", &format!("id,{name}\n{rows}")), 2, "{name}");
        assert_eq!(ssns("a.csv", &format!("id,\"{name}\"\r\n{}", rows.replace('\n', "\r\n"))), 2, "{name}");
        assert_eq!(ssns("a.tsv", &format!("id\t{name}\n{}", rows.replace(',', "\t"))), 2, "{name}");
        assert_eq!(ssns("a.psv", &format!("id|{name}\n{}", rows.replace(',', "|"))), 2, "{name}");
    }
    for name in ["assn", "ssns", "lesson", "part", "social", "security"] {
        assert_eq!(ssns("a.csv", &format!("id,{name}\n1,{SSN}\n")), 0, "{name}");
    }
    // Each column speaks for itself only.
    let both = "ssn,sin,passport,bank_account\n273456781,273456781,273456781,273456781\n";
    let expected = ["USA_SOCIAL_SECURITY_NUMBER", "USA_PASSPORT_NUMBER", "BANK_ACCOUNT_NUMBER"];
    let all = found("a.csv", both);
    assert!(expected.iter().all(|identifier| all.contains(&((*identifier).to_owned(), 1))), "{all:?}");
}

/// Names and texts may have line ends and more white space than a blank in them.
#[test]
fn names_go_over_lines() {
    let far = "a note that keeps all names far away from the value";
    for name in
        ["Social\nSecurity", "Social\r\nSecurity", "Social  Security", "Social\tSecurity No", "Social\n Security"]
    {
        assert_eq!(ssns("a.csv", &format!("id,note,\"{name}\"\n1,{far},609764218\n")), 1, "{name:?}");
        let json = name.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
        assert_eq!(ssns("a.json", &format!("{{\"{json}\": [\"{far}\", 609764218]}}")), 1, "{name:?}");
        assert_eq!(ssns("a.json", &format!("[\"your {json} number is {SSN}\"]")), 1, "{name:?}");
        assert_eq!(ssns("a.csv", &format!("a,b\n1,\"your {name} is {SSN}\"\n")), 1, "{name:?}");
        assert_eq!(ssns("a.md", &format!("your {name} is {SSN}\n")), 1, "{name:?}");
        assert_eq!(ssns("a.xml", &format!("<a><b>your {name} is {SSN}</b></a>")), 1, "{name:?}");
        let html = name.replace('\n', "<br>");
        let html = format!("<table><tr><th>note<th>{html}</tr><tr><td>{far}<td>609764218</tr></table>");
        assert_eq!(ssns("a.html", &html), 1, "{name:?}");
    }
    // Two cells, two fields and two elements are no name.
    for (name, text) in [
        ("a.csv", format!("a,b,c\nsocial,security,{SSN}\n")),
        ("a.csv", format!("a,b,c\nsocial,\"security\",{SSN}\n")),
        ("a.json", format!("{{\"a\": \"social\", \"b\": \"security\", \"c\": \"{SSN}\"}}\n").repeat(3)),
        ("a.ndjson", format!("{{\"a\": \"social\", \"b\": \"security\", \"c\": \"{SSN}\"}}\n").repeat(9)),
        ("a.xml", format!("<a><c>social</c><c>security</c><c>{SSN}</c></a>")),
    ] {
        assert_eq!(ssns(name, &text), 0, "{text}");
    }
}

/// Programs write line ends, blanks and colours in ways that touch what follows.
#[test]
fn escapes_touch_what_follows() {
    for (name, text) in [
        ("a.sql", format!("INSERT INTO t VALUES (1,'your ssn:\\r\\n{SSN}');")),
        ("a.log", format!("{{\"msg\":\"your ssn\\n{SSN}\"}}\n")),
        ("a.log", format!("{{\"msg\":\"a guest\\nssn {SSN}\"}}\n")),
        ("a.json", format!("{{\"a\":\"{{\\\"m\\\":\\\"your ssn\\\\n{SSN}\\\"}}\"}}")),
        ("a.json", format!("[\"\\u001b[32mssn\\u001b[0m=\\u001b[36m{SSN}\\u001b[0m\"]")),
        ("a.log", format!("\u{1b}[32mssn\u{1b}[0m=\u{1b}[36m{SSN}\u{1b}[0m\n")),
        ("a.tsv", format!("a\tb\n1\tssn:\\n{SSN}\n")),
        ("a.yaml", format!("a: \"ssn:\\n{SSN}\"\n")),
        ("a.vcf", format!("BEGIN:VCARD\nNOTE:ssn\\n{SSN}\nEND:VCARD\n")),
        ("a.log", format!("GET /find?q=ssn%20{SSN} HTTP/1.1\n")),
        ("a.log", format!("GET /find?q=my%20ssn%3d{SSN}&a=b HTTP/1.1\n")),
        ("a.log", format!("GET /login?next=%2Fpay%3fssn%3D{SSN} HTTP/1.1\n")),
        ("a.log", format!("GET /find?q=ssn+{SSN} HTTP/1.1\n")),
    ] {
        assert_eq!(ssns(name, &text), 1, "{text}");
    }
    for (name, text) in [
        ("a.edi", "FII+OR+x+DE89370400440532013000'\n"),
        ("a.patch", "--- a\n+++ b\n@@ -1 +1 @@\n+DE89370400440532013000\n"),
        ("a.log", "GET /find?q=iban+DE89370400440532013000\n"),
        ("a.log", "GET /find?q=my%20iban%20DE89370400440532013000\n"),
        ("a.ics", "BEGIN:VEVENT\nDESCRIPTION:IBAN\\NDE89370400440532013000\nEND:VEVENT\n"),
    ] {
        assert_eq!(found(name, text), [("GERMANY_BANK_ACCOUNT_NUMBER".to_owned(), 1)], "{text}");
    }
}

/// An accent may be a character of its own.
#[test]
fn accents_behind_their_letters() {
    for (name, text, identifier) in [
        ("a.txt", "se\u{301}curite\u{301} sociale 255081416802538", "FRANCE_NATIONAL_IDENTIFICATION_NUMBER"),
        ("a.csv", "n,Cadastro de Pessoa Fi\u{301}sica\n1,11144477735\n", "BRAZIL_CPF_NUMBER"),
        ("a.json", "{\"Nume\u{301}ro d'assurance sociale\": \"046 454 286\"}", "CANADA_SOCIAL_INSURANCE_NUMBER"),
    ] {
        assert_eq!(found(name, text), [(identifier.to_owned(), 1)], "{text}");
    }
}

#[test]
fn fields_have_paths() {
    let table = [
        (1, format!("{{\"ssn\": \"{SSN}\"}}")),
        (1, "{\"ssn\": 609764218}".to_owned()),
        (1, format!("{{\"person\": {{\"socialSecurity\": {{\"value\": [[\"{SSN}\"]]}}}}}}")),
        (1, format!("{{\"SSN\": {{\"a\": {{\"b\": \"{SSN}\"}}}}, \"c\": \"{SSN}\"}}")),
        (1, format!("{{\"a\": \"ssn {SSN}\"}}")),
        (0, format!("{{\"lesson\": \"{SSN}\"}}")),
        (0, format!("{{\"ssn\": \"x\", \"p\": \"{SSN}\"}}")),
        (1, format!("{{\"s\\u0073n\": \"\\u0036{}\"}}", &SSN[1..])),
    ];
    for (expected, text) in table {
        assert_eq!(ssns("a.json", &text), expected, "{text}");
        assert_eq!(ssns("a.ndjson", &format!("{text}\n{text}\n")), 2 * expected, "{text}");
    }
    let table = [
        (1, format!("<a><ssn>{SSN}</ssn></a>")),
        (1, format!("<a ssn='{SSN}'/>")),
        (1, format!("<a><socialSecurity><value>{SSN}</value></socialSecurity><b>{SSN}</b></a>")),
        (1, format!("<p:ssn xmlns:p='u'><![CDATA[{SSN}]]></p:ssn>")),
        (1, "<ssn>609-76&#45;4218</ssn>".to_owned()),
        (0, format!("<a><lesson>{SSN}</lesson></a>")),
        (0, format!("<a><ssn/><b>{SSN}</b></a>")),
    ];
    for (expected, text) in table {
        assert_eq!(ssns("a.xml", &text), expected, "{text}");
    }
}

#[test]
fn inner_names_decide() {
    let json = "{\"bank_account\": {\"credit_card\": \"4000004427083831\", \"number\": \"482910375\"}}";
    assert_eq!(found("a.json", json), [("CREDIT_CARD_NUMBER".to_owned(), 1), ("BANK_ACCOUNT_NUMBER".to_owned(), 1)]);
    let csv = "bank_account_number\n4000004427083831\n";
    assert_eq!(found("a.csv", csv), [("BANK_ACCOUNT_NUMBER".to_owned(), 1)]);
    let csv = "social_insurance_number,insurance_number\n518723404,AB123456C\n";
    assert!(found("a.csv", csv).contains(&("UK_NATIONAL_INSURANCE_NUMBER".to_owned(), 1)));
}

#[test]
fn headers_of_fixed_width() {
    let rows = "basin     609-76-4218   12.5\nharbour   056-31-7047   13.5\n";
    assert_eq!(ssns("a.txt", &format!("STATION   SSN           LEVEL\n{rows}{rows}")), 4);
    assert_eq!(ssns("a.txt", &format!("STATION   LABEL         LEVEL\n{rows}")), 0);
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA0Z3VS5JJcds3xfn4ygWyf8ypkTIAiMHbO4pXQ\n";
    assert_eq!(found("a.pem", key), [("PKCS".to_owned(), 1)]);
    assert_eq!(found("a.json", serde_json::json!({ "key": key }).to_string()), [("PKCS".to_owned(), 1)]);
    assert_eq!(found("a.csv", format!("id,key\n1,\"{key}\"\n")), [("PKCS".to_owned(), 1)]);
    assert_eq!(found("a.csv", key), [("PKCS".to_owned(), 1)]);
    assert_eq!(
        found("a.json", serde_json::json!(key.lines().collect::<Vec<_>>()).to_string()),
        [("PKCS".to_owned(), 1)]
    );
}

#[test]
fn bulk_in_tables() {
    let rows = |count: usize| {
        (0..count).map(|n| format!("{n},1990-02-{:02},(212) 555-0{n:03}\n", n % 28 + 1)).collect::<Vec<_>>().concat()
    };
    assert_eq!(found("a.csv", format!("id,date_of_birth,phone\n{}", rows(99))), []);
    let expected = [("PHONE_NUMBER".to_owned(), 100), ("DATE_OF_BIRTH".to_owned(), 100)];
    assert_eq!(found("a.csv", format!("id,date_of_birth,phone\n{}", rows(100))), expected);
    assert_eq!(found("a.csv", format!("id,created,order\n{}", rows(200))), []);
}

/// Values of several identifiers, with what they need.
const VALUES: &[(&str, &str)] = &[
    ("card 4000 0044 2708 3831", "CREDIT_CARD_NUMBER"),
    ("ssn 609-76-4218", "USA_SOCIAL_SECURITY_NUMBER"),
    ("DE37 9993 7040 4355 8267 52", "GERMANY_BANK_ACCOUNT_NUMBER"),
    ("nino AB123456C", "UK_NATIONAL_INSURANCE_NUMBER"),
    ("cpf 390.533.447-05", "BRAZIL_CPF_NUMBER"),
    ("secret key g8OhHZlj9Nn7ep52YLX/UVZSidxZrMBMosgHAPSH", "AWS_CREDENTIALS"),
    ("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "HTTP_BASIC_AUTH_HEADER"),
    ("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY/PuoAoGCCqGSM49\n", "PKCS"),
];

/// What no answer may show: long enough that no position, count or hash has one of them by chance.
const SECRETS: &[&str] = &[
    "4000 0044 2708 3831",
    "4000004427083831",
    "0044 2708",
    "609-76-4218",
    "DE37 9993",
    "7040 4355",
    "AB123456C",
    "390.533.447",
    "g8OhHZlj9Nn7",
    "QWxhZGRpbjpv",
    "MHcCAQEEIIrY",
];

/// The answer for a text in pieces, as UTF-8 and as UTF-16.
fn in_pieces(text: &str, length: usize) -> [Inspection; 2] {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = [b"\xff\xfe", &wide[..]].concat();
    [text.as_bytes(), &wide]
        .map(|bytes| inspect("a.txt", Pieces { bytes, length, fails: false }, &Limits::default()).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_are_found_wherever_they_lie(
        gaps in prop::collection::vec((0_usize..40_000, select(VALUES.to_vec()), select(vec!["x ", ". ", "\u{e9} ", "word\n"])), 1..5),
        length in 1_usize..5000,
    ) {
        let mut text = String::new();
        for (gap, (value, _), pad) in &gaps {
            text.push_str(&pad.repeat(gap / pad.len() + 40));
            text.push_str(value);
            text.push('\n');
        }
        let whole = inspect("a.txt", text.as_bytes(), &Limits::default()).unwrap();
        for (_, (_, identifier), _) in &gaps {
            let expected = gaps.iter().filter(|gap| gap.1.1 == *identifier).count() as u64;
            let count = whole.findings.iter().find(|found| found.identifier == *identifier).map(|found| found.count);
            prop_assert_eq!(count, Some(expected), "{}", identifier);
        }
        for answer in in_pieces(&text, length) {
            prop_assert_eq!(&answer.findings, &whole.findings);
        }
        let findings: String = whole.findings.iter().map(ToString::to_string).collect();
        let shown = format!("{:?}{findings}{}", whole.findings, serde_json::to_string(&whole).unwrap());
        for secret in SECRETS {
            prop_assert!(!shown.contains(secret), "{} in {}", secret, shown);
        }
    }

    #[test]
    fn tables_in_pieces_are_the_same(rows in 1_usize..3000, length in 1_usize..3000) {
        let text: String = std::iter::once("id,card,ssn,note\n".to_owned())
            .chain((0..rows).map(|n| format!("{n},4000004427083831,609-76-4218,\"the {n}th, of \"\"many\"\"\"\n")))
            .collect();
        let whole = inspect("a.csv", text.as_bytes(), &Limits::default()).unwrap();
        let pieces = Pieces { bytes: text.as_bytes(), length, fails: false };
        prop_assert_eq!(&inspect("a.csv", pieces, &Limits::default()).unwrap(), &whole);
        prop_assert_eq!(whole.findings.len(), 2);
        prop_assert!(whole.findings.iter().all(|found| found.count == rows as u64));
    }
}
