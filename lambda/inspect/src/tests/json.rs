//! JSON and NDJSON.

use super::*;

#[test]
fn json() {
    assert_kinds(
        "a.json",
        &[
            ("{}", OK),
            ("[]", OK),
            ("\u{feff} [1, -0.5e+10, 123456789012345678901234567890, true, false, null, \"\"]\r\n", OK),
            ("\"\\u00e9\\ud83c\\udf0a\\ud800 \\\" \\\\ \\/ \\b\\f\\n\\r\\t\"", OK),
            ("{\"a\": {\"b\": [[], {}]}, \"a\": 0}", OK),
            ("0", OK),
            ("1.5e-3", OK),
            ("null\n", OK),
            ("{\"tide\": [1, 2, 3}", SYNTAX),
            ("[1,]", SYNTAX),
            ("{\"a\":1,}", SYNTAX),
            ("{a:1}", SYNTAX),
            ("{'a':1}", SYNTAX),
            ("[01]", SYNTAX),
            ("[1.]", SYNTAX),
            ("[.5]", SYNTAX),
            ("[+1]", SYNTAX),
            ("[- 1]", SYNTAX),
            ("[1e]", SYNTAX),
            ("[NaN]", SYNTAX),
            ("[nul]", SYNTAX),
            ("[truefalse]", SYNTAX),
            ("[\"\t\"]", SYNTAX),
            ("[\"\\x\"]", SYNTAX),
            ("[\"\\u12g4\"]", SYNTAX),
            ("[1 2]", SYNTAX),
            ("{\"a\" 1}", SYNTAX),
            ("{} {}", SYNTAX),
            ("{}\n{}\n", OK),
            ("1\r\n\r\n[2]\r\"3\"", OK),
            ("{}{}{\"a\": {}}{}", OK),
            ("{}{}\n{}\n", OK),
            ("{\n}\n", OK),
            ("{\n}\n{}\n", SYNTAX),
            ("{}\n{\n}\n", SYNTAX),
            ("{\n}{}", SYNTAX),
            ("[][]", SYNTAX),
            ("{}[]", SYNTAX),
            ("{}1", SYNTAX),
            ("{},{}", SYNTAX),
            ("{}\n{", CUT),
            ("]", SYNTAX),
            ("hello", SYNTAX),
            ("// a\n1", SYNTAX),
            ("[1, 2", CUT),
            ("[\"abc", CUT),
            ("[\"abc\\", CUT),
            ("{\"a\"", CUT),
            ("{\"a\":", CUT),
            ("tru", CUT),
            ("1e", CUT),
            ("-", CUT),
            ("<a/>", Some(Kind::Mismatch)),
        ],
    );
    assert_kinds(
        "a.ndjson",
        &[
            ("{}\n[]\n1\n", OK),
            ("{}\r\n\r\n  \n{}\r1", OK),
            ("{}", OK),
            // A line end was lost: only what is named .json may have them back to back.
            ("{}{}\n{}", SYNTAX),
            ("{\"id\":1}{\"id\":2}\n{\"id\":3}\n", SYNTAX),
            ("{} {}\n", SYNTAX),
            ("{\n}\n", SYNTAX),
            ("{}\n{\"a\": \n", SYNTAX),
            ("{}\n{\"a\": ", CUT),
            ("{},\n{}", SYNTAX),
        ],
    );
    assert_kinds("a.jsonl", &[("{}{}", SYNTAX), ("{}\n{}\n", OK)]);
    assert_kinds("a", &[("{}{}\n{}", OK)]);
    assert_kinds("a", &[("{\"a\": 1}\n{\"a\": 2}\n", OK), ("{\"a\":\n 1}", OK), ("{\"a\": 1", CUT)]);
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(kind("a.json", nested(50)), OK);
    assert_eq!(kind("a.json", nested(51)), Some(Kind::Limit));
    assert_eq!(kind("a.json", "[".repeat(1_000_000)), Some(Kind::Limit));
    let reason = judge_all("a.json", b"{\"a\":\n [1, 2}").broken.unwrap();
    let text = "json: line 2: neither a comma nor the right bracket after a value (byte 12)";
    assert_eq!(reason.text, text);
}

#[test]
fn cards_in_json() {
    let table = [
        ("{\"a\": [{\"cardNumber\": \"4000004427083831\"}]}", &["/a/0/cardNumber"][..]),
        ("{\"card\": [{\"x\": 1, \"n\": 4000004427083831}]}", &["/card/0/n"]),
        ("{\"visa\": {}, \"n\": 4000004427083831}", &[]),
        ("{\"type\": \"visa\", \"n\": 4000004427083831}", &["/n"]),
        ("[{\"type\": \"visa\"}, {\"n\": 4000004427083831}]", &[]),
        ("{\"card\": \"\\u0034000004427083831\"}", &["/card"]),
        ("{\"card\": \"\\uff14000004427083831\"}", &["/card"]),
        ("{\"c\\u0061rd\": \"4000004427083831\"}", &["/card"]),
        ("{\"card\": {\"4000004427083831\": 1}}", &["/card"]),
        ("{\"4000004427083831\": \"paid by card 4000000953693159\"}", &["/", "/*"]),
        ("\"card 4000 0044 2708 3831\"", &["/"]),
        ("{\"card\": [40000, 4427083831]}", &[]),
        ("{\"card\": 0.4000004427083831}", &[]),
        ("{\"card\": -4000004427083831}", &["/card"]),
    ];
    for (text, places) in table {
        assert_eq!(cards("a.json", text).1, places, "{text}");
    }
    let lines = "{\"pan\": 4000004427083831}\n{\"pan\": 4000004427083831}\n";
    assert_eq!(cards("a.json", lines).1, ["/pan", "line 2, /pan"]);
    assert_eq!(cards("a.json", lines.replace('\n', "")).0, 2);
    assert_eq!(cards("a.ndjson", "{}\n{\"pan\": 4000004427083831}\n").1, ["line 2, /pan"]);
}
