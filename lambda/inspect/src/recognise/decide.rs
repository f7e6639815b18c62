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
            magic::Content::Html => Ok((Format::Text, Content::Page)),
            // What browsers take for a page need not be whole tags.
            magic::Content::Text if magic::is_tagged(head) => Ok((Format::Text, Content::Page)),
            magic::Content::Text => Ok((Format::Text, Content::Sniffed)),
            magic::Content::Foreign(what) => {
                refuse(None, Kind::Unsupported, format!("the content is {what}, which is not accepted"))
            }
        },
        Claim::Known(claimed) => {
            let found = match content {
                magic::Content::Foreign(what) => what.to_owned(),
                // A column of a table may begin with what looks like a tag.
                magic::Content::Known(Format::Xml) if *claimed == Format::Tsv && magic::is_row(head) => {
                    return Ok((*claimed, Content::Claimed));
                }
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
        assert_eq!(kind("LICENSE", b"<!-- see below -->\n# Text"), Ok((Format::Text, Content::Page)));
        assert_eq!(kind("a", b"<!-- see below -->\n<a/>"), sniffed(Format::Xml));
        assert_eq!(kind("a", b""), Err(Kind::Empty));
    }

    #[test]
    fn foreign_texts() {
        let kind =
            |name, head: &str| decide(FORMATS, &Claim::of(FORMATS, name), head.as_bytes()).map_err(|no| no.1.kind);
        let pdf = "%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\n";
        for text in [
            "{\\rtf1\\ansi card {\\b 4539}5787\\par}",
            "\u{feff} \n{\\rtf1}",
            "%!PS-Adobe-3.0\n(card) show\n",
            &format!("\n{pdf}"),
            &format!("\u{feff}{pdf}"),
            &format!("\u{feff}\u{feff}{pdf}"),
            &format!("HTTP/1.1 200 OK\r\n\r\n{pdf}"),
        ] {
            assert_eq!(kind("a", text), Err(Kind::Unsupported), "{text}");
            for name in ["a.txt", "a.log.1", "a.csv", "a.pdf", "a.json"] {
                assert_eq!(kind(name, text), Err(Kind::Mismatch), "{name}: {text}");
            }
        }
        for note in ["Our PDFs start so:\n%PDF-1.4\n", "1 0 obj and %PDF-1.4", &format!("{}\n{pdf}", "x\n".repeat(600))]
        {
            assert_eq!(kind("a.txt", note), Ok((Format::Text, Content::Claimed)), "{note}");
            assert_eq!(kind("a", note), Ok((Format::Text, Content::Sniffed)), "{note}");
        }
    }

    #[test]
    fn texts_that_look_like_others() {
        let sniffed = |head: &str| decide(FORMATS, &Claim::Nothing, head.as_bytes()).map_err(|no| no.1.kind);
        let page = Ok((Format::Text, Content::Page));
        for toml in ["[[source]]\nurl = \"x\"\n", "[[nulls]]\n", "[[ -f x ]] && echo\n"] {
            assert_eq!(sniffed(toml), Ok((Format::Text, Content::Sniffed)), "{toml}");
        }
        for json in ["[[", "[ [1, 2]]", "[[-1]]", "[[true]]", "[[null, 1]]", "[[]]", "[[\"a\"]]", "[[[1]]]", "[[{}]]"] {
            assert_eq!(sniffed(json), Ok((Format::Json, Content::Sniffed)), "{json}");
        }
        for text in [
            "<VirtualHost *:80>\nServerName x\n</VirtualHost>\n",
            "<Directory \"/var/www\">\n</Directory>\n",
            "<IfModule mod_ssl.c>\n</IfModule>\n",
            "<code_set_name> X\n<escape_char> /\n<//>  /x2f  SOLIDUS\n</>'>  /x23\n<D//>  /x44\n",
            // Browsers show it, and nobody takes it for XML.
            "<p hidden>card <b>4539</b>578763621486</p>",
            "<!DOCTYPE html>\n<p>card",
        ] {
            assert_eq!(sniffed(text), page, "{text}");
        }
        for xml in ["<a></a>", "< a/>", "<a:b c = 'd'>e</a:b>", "<x.y-z\nb='c'/>", "<_a><b/>"] {
            assert_eq!(sniffed(xml), Ok((Format::Xml, Content::Sniffed)), "{xml}");
        }
        let tsv = |head: &str| decide(FORMATS, &Claim::of(FORMATS, "a.tsv"), head.as_bytes()).map_err(|no| no.1.kind);
        assert_eq!(tsv("<s>\t0\n</s>\t1\n"), Ok((Format::Tsv, Content::Claimed)));
        assert_eq!(tsv("<s>\t<a>0</a></s>\n"), Err(Kind::Mismatch));
        assert_eq!(tsv("<s a='b\t'>0</s>\n"), Err(Kind::Mismatch));
    }
}
