//! Which format a file has: what its name claims, and what its content shows.
//!
//! Content that contradicts the claim is refused here; whether it keeps it, its
//! reader tells.

use contract::Format;

use super::claim::Claim;
use super::magic;
use crate::pass::{Content, Known, Shape};
use crate::verdict::{Kind, Reason};

/// By what format a file is refused, if by any, and why.
pub(super) type Refusal = (Option<Format>, Reason);

/// Decides which format to judge a file by, from its claim and its first bytes.
pub(super) fn decide(known: &[Known], claim: &Claim, head: &[u8]) -> Result<(Format, Content), Refusal> {
    let refuse = |format, kind, text| Err((format, Reason { kind, text }));
    let content = magic::sniff(known, head);
    match claim {
        Claim::Unknown(extension) => {
            let text =
                format!("files named .{extension} are not accepted (send it in an accepted format, under that name)");
            refuse(None, Kind::Unsupported, text)
        }
        _ if head.is_empty() => refuse(None, Kind::Empty, "the file is empty".to_owned()),
        Claim::Nothing => match content {
            magic::Content::Known(format) => Ok((format, Content::Sniffed)),
            magic::Content::Text | magic::Content::Html => Ok((Format::Text, Content::Sniffed)),
            magic::Content::Foreign(what) => {
                refuse(None, Kind::Unsupported, format!("the content is {what}, which is not accepted"))
            }
        },
        Claim::Known(claimed) => {
            let found = match content {
                magic::Content::Foreign(what) => what.to_owned(),
                // What is text may be any text format; only the structured ones exclude each other.
                magic::Content::Known(found) if contradicts(known, *claimed, found) => format!("{found}"),
                magic::Content::Html if !matches!(claimed, Format::Text | Format::Xml) => "HTML".to_owned(),
                magic::Content::Text if shape(known, *claimed) != Shape::Text => "something else".to_owned(),
                _ => return Ok((*claimed, Content::Claimed)),
            };
            refuse(Some(*claimed), Kind::Mismatch, format!("{claimed}: the content is {found} (name it by what it is)"))
        }
    }
}

fn contradicts(known: &[Known], claimed: Format, found: Format) -> bool {
    let related = match (claimed, found) {
        (Format::Text, found) => shape(known, found) == Shape::Text,
        (Format::Ndjson, Format::Json) => true,
        (claimed, found) => claimed == found || shape(known, claimed) == Shape::In(found),
    };
    !related
}

fn shape(known: &[Known], format: Format) -> Shape {
    known.iter().find(|row| row.format == format).map_or(Shape::Binary, |row| row.shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::FORMATS;

    #[test]
    fn contradictions() {
        let kind =
            |name, head: &[u8]| decide(FORMATS, &Claim::of(FORMATS, name), head).map_err(|refusal| refusal.1.kind);
        let claimed = |format| Ok((format, Content::Claimed));
        let sniffed = |format| Ok((format, Content::Sniffed));
        assert_eq!(kind("a.csv", b"\x89PNG\r\n\x1a\n"), Err(Kind::Mismatch));
        assert_eq!(kind("a.csv", b"\x1f\x8b\x08"), Err(Kind::Mismatch));
        assert_eq!(kind("a.csv", b"<Error><Code>AccessDenied</Code></Error>"), Err(Kind::Mismatch));
        assert_eq!(kind("a.json", b"<!DOCTYPE html><html></html>"), Err(Kind::Mismatch));
        assert_eq!(kind("a.pdf", b"<!DOCTYPE html><html></html>"), Err(Kind::Mismatch));
        assert_eq!(kind("a.xml", b"{\"a\": 1}"), Err(Kind::Mismatch));
        assert_eq!(kind("a.gz", b"a,b\n1,2\n"), Err(Kind::Mismatch));
        assert_eq!(kind("a.xlsx", b"PK\x03\x04\x14\x00"), claimed(Format::Xlsx));
        assert_eq!(kind("a.txt", b"{\"a\": 1}"), claimed(Format::Text));
        assert_eq!(kind("a.ndjson", b"{\"a\": 1}"), claimed(Format::Ndjson));
        assert_eq!(kind("a.png", b"text"), Err(Kind::Unsupported));
        assert_eq!(kind("a", b"\x7fELF\x02"), Err(Kind::Unsupported));
        assert_eq!(kind("a", b"[default]\nkey = 1"), sniffed(Format::Text));
        assert_eq!(kind("a", b"\xff\xfe{\0\"\0a\0\"\0:\0"), sniffed(Format::Json));
        assert_eq!(kind("LICENSE", b"<!-- see below -->\n# Text"), sniffed(Format::Text));
        assert_eq!(kind("a", b"<!-- see below -->\n<a/>"), sniffed(Format::Xml));
        assert_eq!(kind("a", b""), Err(Kind::Empty));
    }
}
