//! Accepted formats: of files, of what is in archives, of what has no name.

use super::*;

const ZIP: &[u8] = include_bytes!("../../tests/samples/integrity/tides.zip");
const TGZ: &[u8] = include_bytes!("../../tests/samples/formats/card.tgz");
const GZIP: &[u8] = include_bytes!("../../tests/samples/formats/card.csv.gz");
const XLSX: &[u8] = include_bytes!("../../tests/samples/formats/xlsxwriter.xlsx");

/// Why a file is refused where these formats are accepted.
fn refusal(accepted: &[Format], name: &str, bytes: &[u8]) -> Option<Reason> {
    let limits = Limits { accepted: Some(accepted.to_vec()), ..Limits::default() };
    inspect(name, bytes, &limits).unwrap().broken
}

#[test]
fn a_format_that_is_not_accepted_is_unsupported() {
    let reason = refusal(&[Format::Csv, Format::Json], "a.xml", b"<a/>").unwrap();
    assert_eq!(reason.kind, Kind::Unsupported);
    assert_eq!(reason.text, "unsupported: xml is not among the accepted formats (csv, json)");
    assert_eq!(refusal(&[Format::Csv], "a.csv", b"a,b\n1,2\n"), None);
    // Without a claim the content decides.
    assert_eq!(refusal(&[Format::Json], "a", b"{\"a\": 1}"), None);
    assert!(refusal(&[Format::Json], "a", b"some text").unwrap().text.contains("text is not among"));
}

#[test]
fn members_of_archives_are_files_too() {
    use Format::{Csv, Gzip, Json, Tar, Zip};
    let all = refusal(&[Zip, Csv, Json, Format::Text], "a.zip", ZIP);
    assert_eq!(all, None);
    let member = refusal(&[Zip, Json], "a.zip", ZIP).unwrap();
    assert_eq!(member.kind, Kind::Unsupported);
    assert!(member.text.starts_with("zip: member \"") && member.text.contains("csv is not among"), "{member}");
    assert!(refusal(&[Csv], "a.zip", ZIP).unwrap().text.contains("zip is not among"));
    assert_eq!(refusal(&[Gzip, Csv], "a.csv.gz", GZIP), None);
    assert!(refusal(&[Gzip], "a.csv.gz", GZIP).unwrap().text.starts_with("gzip: unsupported: csv"));
    assert!(refusal(&[Gzip, Csv], "a.tgz", TGZ).unwrap().text.contains("tar is not among"));
    assert_eq!(refusal(&[Gzip, Tar, Csv], "a.tgz", TGZ), None);
}

/// The parts of an Office document are no files; one without a name is what it is, not an archive.
#[test]
fn a_document_is_one_file() {
    assert_eq!(refusal(&[Format::Xlsx], "a.xlsx", XLSX), None);
    assert_eq!(refusal(&[Format::Xlsx], "a", XLSX), None);
    let text = refusal(&[Format::Zip], "a", XLSX).unwrap().text;
    assert_eq!(text, "unsupported: xlsx is not among the accepted formats (zip)");
    assert!(refusal(&[Format::Xlsx], "a", ZIP).unwrap().text.contains("zip is not among"));
}
