//! Delimited text.

use super::*;

#[test]
fn delimited() {
    assert_kinds(
        "a.csv",
        &[
            ("a,b\n1,2\n", OK),
            ("a,b\r1,2\r\r\r", OK),
            ("a,b\r\n1,2\r\n\r\n  \r\n", OK),
            ("a,b\r\n1,2\r\n\x1a", OK),
            ("a,b\n1,2\n\x1a\x1a\r\n", OK),
            ("a\n1\n\x1a", OK),
            ("a,b\n1,2\n\x1ax", CUT),
            ("a,b\n1,2\n\x1a\n3,4\n", RAGGED),
            ("a,b\n1,2\n3\x1a", CUT),
            ("\x1a", Some(Kind::Empty)),
            ("\u{feff}\u{feff}", Some(Kind::Empty)),
            ("a;b\n1,5;2\n", OK),
            ("a|b|c\n1|2|3", OK),
            ("a\tb\n1\t2", OK),
            ("card_number\n4000004427083831\n", OK),
            ("\"a,x\",b\n\"1\n\n1\",\"2 \"\"two\"\"\"\n", OK),
            ("\"a;x;y\",b\n1,2\n", OK),
            ("a,b\n\"\",\n,\n", OK),
            ("a,b\n1 \"x\" y,2\n", OK),
            ("a\n\"\"\n1\n", OK),
            ("a\n \n1\n", OK),
            (" \na\n", RAGGED),
            ("a,b\n1,2,3\n", RAGGED),
            ("a,b\n1\n2,3\n", RAGGED),
            ("a,b\n1,2\n3", CUT),
            ("a,b\n1,2\n3,4,5", RAGGED),
            ("a,b\n\n1,2\n", RAGGED),
            ("\na,b\n1,2\n", RAGGED),
            ("a\n\n1\n", RAGGED),
            ("a,b\n1,\"2\n", CUT),
            ("\"a,b\n1,2\n", CUT),
            ("a,b\n1,\"2\"x\n", SYNTAX),
            ("a,b\n\"1\" ,2\n", SYNTAX),
            ("\"a\"x,b\n1,2\n", SYNTAX),
            ("[id],name\n1,2\n", OK),
            ("52,37;4,89\n1;2\n", OK),
            ("size 5\";name\n1;2\n", OK),
            ("sep=;\r\na,b;c\r\n1;2\r\n", OK),
            ("\u{feff}sep=|\na,b|c\n1|2\n", OK),
            ("sep=;\na,b\n1;2\n", RAGGED),
            ("sep=;\n", Some(Kind::Empty)),
            ("sep=;\n\n", Some(Kind::Empty)),
            ("{\"error\": \"denied\", \"code\": 3}", Some(Kind::Mismatch)),
            ("<Error><Code>AccessDenied</Code></Error>", Some(Kind::Mismatch)),
        ],
    );
    assert_kinds(
        "a.tsv",
        &[("a\tb\n1\t2\n\x1a", OK), ("a\tb\n1,2,3\t2\n", OK), ("a,b\n1\n2,3,4\n", OK), ("a\tb\n1\n2\t3\n", RAGGED)],
    );
    assert_kinds("a.psv", &[("a|b\n1,2,3|2\n", OK), ("a|b\n1\n2|3", RAGGED)]);
    let reason = judge_all("a.csv", b"a,b\n1,2\n1,2,3\n1,2\n").broken.unwrap();
    assert_eq!(reason.text, "csv: row 3 has 3 fields, expected 2 (byte 13)");
}

/// A title may stand above the names, and more of them below; no row of data takes a name away.
#[test]
fn names_of_columns_stand_where_people_write_them() {
    let rows = "a long word that keeps all others away,4000004427083831,1\n".repeat(3);
    let count = |head: &str| cards("a.csv", format!("{head}{rows}")).0;
    assert_eq!(count("label,card,c\n"), 3);
    assert_eq!(count("Report of 2026,,\n,,\nAs of 30 November 2026,,\nlabel,card,c\n"), 3);
    assert_eq!(count("label,number,c\n,card,\n"), 3, "a second row of names");
    assert_eq!(count(",card,\n"), 3, "the other columns have none");
    assert_eq!(count(",card,\n0,n/a,1\n1,,2\n"), 3);
    assert_eq!(count("label,card,c\nA17,phone only,x\nB18,date of birth only,x\n"), 3);
    assert_eq!(count("label,number,c\nA17,n/a,x\nB18,card later,x\n"), 0, "a word of the data");
    assert_eq!(count("label,number,c\nA,b,c\nA,b,c\nA,card,c\n"), 0, "too far down");
}

#[test]
fn cards_in_tables() {
    let (count, places) = cards("a.csv", "id,card_number\n1,4000004427083831\n2,x\n3,4000000953693159\n");
    assert_eq!((count, places[0].as_str()), (2, "row 2, column 2 (card_number)"));
    assert_eq!(cards("a.tsv", "card\tid\n4000004427083831\t2\n").1, ["row 2, column 1 (card)"]);
    assert_eq!(cards("a.csv", "kind,value\nvisa,4000004427083831\n").1, ["row 2, column 2"]);
    assert_eq!(cards("a.csv", "card,order\nx,4000004427083831\nvisa,1\n1,4000004427083831\n").0, 0);
    assert_eq!(cards("a.csv", "a,note\n1,\"card \n 4000 0044 2708 3831\"\n").1, ["row 2, column 2"]);
    assert_eq!(cards("a.csv", "card 4000004427083831\n1\n").1, ["row 1, column 1"]);
    assert_eq!(cards("a.csv", "sep=;\nid;card, number\n1;4000004427083831\n").1, ["row 2, column 2 (*)"]);
    let wide = format!("{}card\n{}4000004427083831\n", "a,".repeat(70_000), "1,".repeat(70_000));
    assert_eq!(cards("a.csv", wide).1, ["row 2, column 70001 (card)"]);
}
