//! Tables of documents and sheets: the name of a column holds for its cells, however far away they are, and for no others.

#[path = "archives/office.rs"]
mod office;
#[path = "archives/zip.rs"]
mod zip;

use inspect::{Limits, inspect};
use office::relations;
use zip::zip;

const W: &str = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'";

const NUMBER: &str = "4539148803436467";

/// Longer than a keyword may be away.
const FAR: &str = "a note that keeps all keywords far away from what is behind it";

fn cell(text: &str) -> String {
    format!("<w:tc><w:tcPr><w:tcW w:w='9'/></w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
}

fn row(cells: &[&str]) -> String {
    format!("<w:tr>{}</w:tr>", cells.iter().map(|text| cell(text)).collect::<String>())
}

fn table(rows: &[&[&str]]) -> String {
    format!("<w:tbl><w:tblPr/>{}</w:tbl>", rows.iter().map(|cells| row(cells)).collect::<String>())
}

/// How many card numbers are found in a document, and where.
fn found(body: &str) -> (u64, Vec<String>) {
    let document = format!("<w:document {W}><w:body>{body}</w:body></w:document>");
    found_in("a.docx", &[("word/document.xml", &document)])
}

/// How many card numbers are found in a sheet: what is all digits is a number, as Excel stores it.
fn found_in_sheet(rows: &[&[&str]]) -> u64 {
    let cell = |text: &&str| match text.parse::<u64>() {
        Ok(number) => format!("<c><v>{number}</v></c>"),
        Err(_) => format!("<c t='inlineStr'><is><t>{text}</t></is></c>"),
    };
    let row = |cells: &&[&str]| format!("<row>{}</row>", cells.iter().map(cell).collect::<String>());
    let rows: String = rows.iter().map(row).collect();
    let space = "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'";
    let sheet = format!("<worksheet {space}><sheetData>{rows}</sheetData></worksheet>");
    let book = format!("<workbook {space}/>");
    found_in("a.xlsx", &[("xl/workbook.xml", &book), ("xl/worksheets/sheet1.xml", &sheet)]).0
}

fn found_in(file: &str, own: &[(&str, &str)]) -> (u64, Vec<String>) {
    let relations = relations(own[0].0);
    let mut parts: Vec<(&str, &[u8])> =
        vec![("[Content_Types].xml", b"<Types/>"), ("_rels/.rels", relations.as_bytes())];
    parts.extend(own.iter().map(|part| (part.0, part.1.as_bytes())));
    let answer = inspect(file, &zip(&parts)[..], &Limits::default()).unwrap();
    assert_eq!(answer.broken, None, "{own:?}");
    let found = answer.findings.into_iter().find(|found| found.identifier == "CREDIT_CARD_NUMBER");
    found.map_or((0, Vec::new()), |found| (found.count, found.locations))
}

#[test]
fn a_name_holds_for_its_column() {
    let rows: &[&[&str]] =
        &[&["Name", "Credit card", "Note"], &["A", NUMBER, FAR], &[FAR, NUMBER, FAR], &[FAR, "", FAR]];
    let (count, places) = found(&table(rows));
    assert_eq!(count, 2);
    assert_eq!(places[1], "word/document.xml: row 3, column 2 (Credit card)");
    let spanned = "<w:tbl><w:tr>".to_owned()
        + &cell("Name").replace("<w:tcW w:w='9'/>", "<w:gridSpan w:val='2'/>")
        + &cell("Card")
        + "</w:tr>"
        + &row(&["A", FAR, NUMBER])
        + &row(&[FAR, NUMBER, FAR])
        + "</w:tbl>";
    assert_eq!(found(&spanned).0, 1);
    let before = format!(
        "<w:tbl>{}<w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr>{}</w:tr></w:tbl>",
        row(&["Name", "Card", FAR]),
        cell(NUMBER)
    );
    assert_eq!(found(&before).0, 1);
}

#[test]
fn titles_and_rows_in_between() {
    for rows in [
        &[&["Cards of this year"][..], &["Name", "Card"], &[FAR, "x"], &[FAR, NUMBER]][..],
        &[&["Name", "Number"], &["", "of the card"], &[FAR, FAR], &[FAR, NUMBER]],
        &[&["Card"], &[FAR], &[NUMBER]],
    ] {
        assert_eq!(found(&table(rows)).0, 1, "{rows:?}");
        assert_eq!(found_in_sheet(rows), 1, "{rows:?}");
    }
}

/// Where cells are merged, all but the first one are empty.
#[test]
fn a_name_holds_for_the_empty_cells_behind_it() {
    for (expected, rows) in [
        (1, &[&["Name", "Card", "", ""][..], &["", "exp", "number", "z"], &[FAR, FAR, NUMBER, FAR]][..]),
        (1, &[&["Name", "Card", "", "Note"], &[FAR, FAR, NUMBER, FAR]]),
        (1, &[&["Cards"], &["Name", "Card", "", "Note"], &[FAR, FAR, NUMBER, FAR]]),
        (0, &[&["Name", "Card", "", "Note"], &[FAR, FAR, FAR, NUMBER]]),
        (0, &[&["Name", "", "Card"], &[FAR, NUMBER, FAR]]),
        (0, &[&["Card", "Name", ""], &[FAR, FAR, NUMBER]]),
        // Not there at all.
        (0, &[&["Name", "Card"], &[FAR, FAR, NUMBER]]),
        // A title.
        (0, &[&["Card", "", ""], &["Name", "Note", "x"], &[FAR, FAR, NUMBER]]),
        // A row of data.
        (0, &[&["Name", "Note", "x"], &["Ada", "card pending", ""], &[FAR, FAR, NUMBER]]),
        (0, &[&["Name", "Note", "x"], &["4711", "card", ""], &[FAR, FAR, NUMBER]]),
    ] {
        assert_eq!(found_in_sheet(rows), expected, "{rows:?}");
    }
}

#[test]
fn a_name_may_have_several_lines() {
    for name in
        ["Account\nNumber", "Account  Number", "Account_x000D_&#10;Number", "Account&#10;Number", "Account\tNumber"]
    {
        assert_eq!(found_in_sheet(&[&["Name", name], &[FAR, NUMBER]]), 1, "{name:?}");
    }
    for gap in ["</w:t><w:br/><w:t>", "</w:t><w:tab/><w:t>", "  ", "\n  "] {
        let name = format!("Account{gap}Number");
        assert_eq!(found(&table(&[&["Name", &name], &[FAR, NUMBER]])).0, 1, "{gap:?}");
        assert_eq!(found(&format!("<w:p><w:r><w:t>{name} {NUMBER}</w:t></w:r></w:p>")).0, 1, "{gap:?}");
    }
}

#[test]
fn what_a_name_has_said_stays() {
    let many: Vec<&[&str]> = std::iter::repeat_n(&["x", "no card"][..], 120).collect();
    let below_many = [&[&["Name", "Card"][..]], &many[..], &[&[FAR, NUMBER]]].concat();
    for rows in [
        // A header with one name, and the first row with several cells is data.
        &[&["", "Card"][..], &["Ada", FAR], &["Bob", NUMBER]][..],
        &[&["Card"], &["visa", "Ada"], &[NUMBER, "Bob"]],
        &[&["Card"], &["Passport"], &[FAR], &[NUMBER]],
        // Texts below the name which have keywords of other detectors.
        &[&["Card", "Note"], &["passport pending", FAR], &[NUMBER, FAR]],
        &[&["Card", "Note"], &["passport", "x"], &["phone", "x"], &[NUMBER, FAR]],
        &below_many,
    ] {
        assert_eq!(found(&table(rows)).0, 1, "{rows:?}");
        assert_eq!(found_in_sheet(rows), 1, "{rows:?}");
    }
}

#[test]
fn it_holds_for_nothing_else() {
    let names: &[&str] = &["Name", "Card", FAR];
    for body in [
        table(&[names, &[FAR, "x", FAR], &[FAR, "", NUMBER]]),
        table(&[names, &["Name", "Card"], &[FAR, FAR]]) + &format!("<w:p><w:r><w:t>{NUMBER}</w:t></w:r></w:p>"),
        table(&[names, &[FAR, FAR]]) + &table(&[&["Name", "Other"], &[FAR, NUMBER]]),
        // What has a number in it names nothing.
        table(&[&["Name", "Note"], &["4711", "card"], &[FAR, FAR], &[FAR, NUMBER]]),
    ] {
        assert_eq!(found(&body).0, 0, "{body}");
    }
    for rows in [
        [&["Name", "Card", FAR][..], &[FAR, "x", FAR], &[FAR, "x", NUMBER]],
        [&["Name", "Note"], &["4711", "card"], &[FAR, NUMBER]],
    ] {
        assert_eq!(found_in_sheet(&rows), 0, "{rows:?}");
    }
}

#[test]
fn tables_in_tables_and_in_paragraphs() {
    let own = table(&[&["Name", "Card"], &[FAR, NUMBER]]);
    let within = |inner: &str| {
        let cell = format!("<w:tc>{inner}<w:p/></w:tc>");
        format!("<w:tbl>{}<w:tr>{}{cell}</w:tr></w:tbl>", row(&["Name", "Note"]), self::cell(FAR))
    };
    assert_eq!(found(&within(&own)).0, 1);
    // The name outside holds for what is within.
    let plain = table(&[&["a", "b"], &[FAR, NUMBER]]);
    assert_eq!(found(&within(&plain)).0, 0);
    assert_eq!(found(&within(&plain).replace("Note", "Card")).0, 1);
    let mut deep = own.clone();
    for _ in 0..20 {
        deep = within(&deep);
    }
    found(&deep);
    let boxed = format!(
        "<w:p><w:r><w:txbxContent>{own}</w:txbxContent></w:r></w:p><w:p><w:r><w:t>{FAR}</w:t></w:r></w:p>{own}"
    );
    assert_eq!(found(&boxed).0, 1);
    // Hidden text is shown by some, and is in the same cell.
    let hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r>";
    let (first, second) = NUMBER.split_at(8);
    let split = own.replace(NUMBER, &format!("{first}</w:t></w:r>{hidden}<w:r><w:t>{second}"));
    assert_eq!(found(&split).0, 1);
}
