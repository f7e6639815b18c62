//! Tables and paragraphs of PDFs: what stands under the name of its column is found, and what goes on in the next line;
//! what stands under a sentence is not.

#[expect(dead_code, reason = "others write more of it")]
#[path = "pdf/build.rs"]
mod build;

use build::Document;
use inspect::{Limits, inspect};

const CARD: &str = "4539148803436467";

/// Far more than 30 characters.
const LONG: &str = "some words that are farther than that";

/// How many cards are found on a page of texts with their places; letters are 10 points high and about 5 wide.
fn found(texts: &[(f64, f64, &str)]) -> u64 {
    let shown = |&(x, y, text): &(f64, f64, &str)| format!("1 0 0 1 {x} {y} Tm ({text}) Tj ");
    let content: String = texts.iter().map(shown).collect();
    let font = "/Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>>>";
    let document = Document::new().resource(font).stream(4, "", format!("BT /F1 10 Tf {content} ET"));
    let answer = inspect("a.pdf", &document.build()[..], &Limits::default()).unwrap();
    assert!(answer.broken.is_none(), "{:?}", answer.broken);
    answer.findings.iter().map(|found| found.count).sum()
}

/// Rows of texts, at these places.
fn rows<'t, const N: usize>(xs: [f64; N], rows: &[[&'t str; N]]) -> Vec<(f64, f64, &'t str)> {
    let row = |(at, row): (u16, &[&'t str; N])| {
        let y = 14.0_f64.mul_add(-f64::from(at), 700.0);
        (0..N).map(|cell| (xs[cell], y, row[cell])).collect::<Vec<_>>()
    };
    (0..).zip(rows).flat_map(row).filter(|text| !text.2.is_empty()).collect()
}

#[test]
fn the_name_of_a_column_holds_for_what_is_under_it() {
    let head = ["Name", "Note", "Card"];
    let row = [LONG, LONG, CARD];
    let xs = [10.0, 200.0, 400.0];
    assert_eq!(found(&rows(xs, &[head, row])), 1);
    assert_eq!(found(&rows(xs, &[head, row, row, row])), 3);
    assert_eq!(found(&rows(xs, &[head, [LONG, LONG, "-"], [LONG, "and more", ""], row])), 1, "cells of several lines");
    assert_eq!(found(&rows(xs, &[["Card", "Note", "Name"], [CARD, LONG, LONG], [CARD, LONG, LONG]])), 2);
    assert_eq!(found(&rows(xs, &[head, [LONG, LONG, "4539 1488 0343 6467"]])), 1);
    // Between cells may be no more than between words.
    assert_eq!(found(&[(10.0, 700.0, "Name"), (195.0, 700.0, "Card"), (10.0, 686.0, LONG), (195.0, 686.0, CARD)]), 1);
    // In the middle, and at the right.
    assert_eq!(found(&[(10.0, 700.0, "Name"), (430.0, 700.0, "Card"), (10.0, 686.0, LONG), (400.0, 686.0, CARD)]), 1);
    assert_eq!(found(&[(10.0, 700.0, "Name"), (250.0, 700.0, "Card"), (10.0, 686.0, LONG), (400.0, 686.0, CARD)]), 1);
    // A name in two lines.
    let names = [["Name", "Note", "Credit"], ["", "of it", "number"]];
    assert_eq!(found(&rows(xs, &[names[0], names[1], row])), 1);
    // A name alone in its line, and a row that is one text with blanks.
    assert_eq!(found(&[(400.0, 700.0, "Card"), (10.0, 686.0, LONG), (400.0, 686.0, CARD)]), 1);
    let (name, value) = (format!("Name{}Card", " ".repeat(60)), format!("{LONG:60}    {CARD}"));
    assert_eq!(found(&[(10.0, 700.0, &name), (10.0, 686.0, &value)]), 1);
}

#[test]
fn what_a_name_has_said_stays() {
    let head = ["Name", "Note", "Card"];
    let row = [LONG, LONG, CARD];
    let xs = [10.0, 200.0, 400.0];
    for between in [
        ["pending", "none", "passport missing"],
        ["passport missing", "none", "none"],
        ["", "", "passport missing"],
        ["passport", "", ""],
    ] {
        assert_eq!(found(&rows(xs, &[head, between, row, row])), 2, "{between:?}");
    }
}

#[test]
fn a_value_counts_once() {
    let xs = [10.0, 100.0];
    assert_eq!(found(&rows(xs, &[["Name", "Card"], ["a", CARD], ["a", CARD]])), 2);
    let below = (10.0, 600.0, "my card is 4539148803436467");
    assert_eq!(found(&[&rows([10.0, 300.0], &[["Name", "Card"], [LONG, CARD]])[..], &[below]].concat()), 2);
}

#[test]
fn a_number_goes_on_in_the_next_line() {
    let lines = |lines: [&'static str; 3]| rows([10.0], &lines.map(|line| [line]));
    for (before, behind) in [("4539 1488", "0343 6467"), ("45391488-", "03436467"), ("4539-1488-", "0343-6467")] {
        let (before, behind) = (format!("you pay with your card {before}"), format!("{behind} and so on."));
        assert_eq!(found(&[(10.0, 700.0, &before), (10.0, 686.0, &behind)]), 1);
    }
    assert_eq!(found(&lines(["your credit and debit", "card 4539148803436467", "and no other one"])), 1);
    assert_eq!(found(&lines(["card 4539148803436467", "card 4539148803436467", "and 2024"])), 2);
    // Columns of numbers.
    assert_eq!(found(&lines(["card", "4539 1488", "0343 6467"])), 0);
    assert_eq!(found(&rows([10.0, 200.0], &[["card 4539 1488", "1"], ["0343 6467", "1"]])), 0);
    assert_eq!(found(&rows([10.0, 40.0], &[["card", "4539"], ["", "1488"], ["", "0343"], ["", "6467"]])), 0);
}

#[test]
fn texts_are_no_tables() {
    let xs = [10.0, 200.0, 400.0];
    let order = "4539148803436467";
    let sentence = "pay with your credit card";
    // The number of another column.
    assert_eq!(found(&rows(xs, &[["Card", "Note", "Order"], ["Visa", LONG, order]])), 0);
    // A sentence, and a number below it.
    assert_eq!(
        found(&[
            (10.0, 700.0, "You may pay with your credit card or by transfer"),
            (10.0, 660.0, LONG),
            (10.0, 646.0, order)
        ]),
        0
    );
    assert_eq!(
        found(&[(10.0, 700.0, "Credit cards"), (10.0, 660.0, LONG), (10.0, 646.0, LONG), (10.0, 632.0, order)]),
        0
    );
    // The end of a paragraph in one of two columns.
    let long = "You may pay for all that you have bought here, and";
    let columns = [[long, long], [sentence, long], ["", LONG], [order, LONG]];
    assert_eq!(found(&rows([10.0, 300.0], &columns)), 0);
    // A number in a sentence.
    assert_eq!(found(&rows([10.0, 300.0], &[["Name", "Card"], [LONG, "as you said in order 4539148803436467"]])), 0);
    // A title over a table, and a table over another one.
    assert_eq!(found(&rows([10.0, 300.0], &[["Credit cards", ""], ["Order", "Note"], [LONG, LONG], [order, LONG]])), 0);
    let mut tables = rows([10.0, 300.0], &[["Name", "Card"], [LONG, "none"], [LONG, "none"]]);
    tables.extend([(10.0, 640.0, "Name"), (300.0, 640.0, "Order"), (10.0, 626.0, LONG), (300.0, 626.0, order)]);
    assert_eq!(found(&tables), 0);
    // Words that are set apart alike are a text.
    let words = [
        [(10.0, 700.0, "bought"), (47.58, 700.0, "by"), (65.14, 700.0, "card"), (91.59, 700.0, "and")],
        [(35.36, 672.0, "since"), (65.14, 672.0, order), (161.1, 672.0, "and"), (184.78, 672.0, "much")],
    ];
    let between = (10.0, 686.0, LONG);
    assert_eq!(found(&[&words[0][..], &[between], &words[1][..]].concat()), 0);
    assert_eq!(found(&[&words[0][..], &[between, words[1][1]]].concat()), 0);
}
