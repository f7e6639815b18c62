//! The table of formats.

use contract::Format;

use crate::formats::{avro, delimited, gzip, json, package, parquet, pdf, plain, tar, xml};
use crate::pass::{Known, Mark, Shape};
use crate::recognise::{is_json, is_markup};

/// What is known: a format is a row, and the first row whose marks fit is what a file without a name is.
pub(crate) const FORMATS: &[Known] = &[
    Known {
        format: Format::Gzip,
        shape: Shape::Binary,
        extensions: &["gz", "gzip", "tgz"],
        marks: &[Mark::Bytes(0, b"\x1F\x8B")],
        reader: gzip::check,
    },
    Known {
        format: Format::Zip,
        shape: Shape::Binary,
        extensions: &["zip"],
        marks: &[Mark::Bytes(0, b"PK\x03\x04"), Mark::Bytes(0, b"PK\x05\x06")],
        reader: package::check,
    },
    Known {
        format: Format::Pdf,
        shape: Shape::Binary,
        extensions: &["pdf"],
        marks: &[Mark::Bytes(0, b"%PDF-")],
        reader: pdf::check,
    },
    Known {
        format: Format::Avro,
        shape: Shape::Binary,
        extensions: &["avro"],
        marks: &[Mark::Bytes(0, b"Obj\x01")],
        reader: avro::check,
    },
    Known {
        format: Format::Parquet,
        shape: Shape::Binary,
        extensions: &["parquet"],
        marks: &[Mark::Printable(0, b"PAR1")],
        reader: parquet::check,
    },
    Known {
        format: Format::Tar,
        shape: Shape::Binary,
        extensions: &["tar"],
        // The tar of old has no mark but its checksum.
        marks: &[Mark::Head(tar::is_header), Mark::Printable(257, b"ustar")],
        reader: tar::check,
    },
    Known {
        format: Format::Xlsx,
        shape: Shape::In(Format::Zip),
        extensions: &["xlsx"],
        marks: &[],
        reader: package::check,
    },
    Known {
        format: Format::Docx,
        shape: Shape::In(Format::Zip),
        extensions: &["docx"],
        marks: &[],
        reader: package::check,
    },
    Known {
        format: Format::Json,
        shape: Shape::Text,
        extensions: &["json", "geojson"],
        marks: &[Mark::Opening(is_json)],
        reader: json::check,
    },
    Known {
        format: Format::Ndjson,
        shape: Shape::Text,
        extensions: &["ndjson", "jsonl"],
        marks: &[],
        reader: json::check,
    },
    Known {
        format: Format::Xml,
        shape: Shape::Text,
        extensions: &["xml", "xsd", "xsl", "xslt", "svg"],
        marks: &[Mark::Opening(is_markup)],
        reader: xml::check,
    },
    Known { format: Format::Csv, shape: Shape::Text, extensions: &["csv"], marks: &[], reader: delimited::check },
    Known {
        format: Format::Tsv,
        shape: Shape::Text,
        extensions: &["tsv", "tab"],
        marks: &[],
        reader: delimited::check,
    },
    Known { format: Format::Psv, shape: Shape::Text, extensions: &["psv"], marks: &[], reader: delimited::check },
    Known { format: Format::Text, shape: Shape::Text, extensions: plain::EXTENSIONS, marks: &[], reader: plain::check },
];

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::{FORMATS, Mark};
    use crate::pass::Shape;
    use crate::{Limits, inspect};

    /// Nobody reads a file in another notation, so that each format that is no text has to be known there, too.
    #[test]
    fn files_of_all_formats_are_refused_in_a_mail() {
        for row in FORMATS.iter().filter(|row| row.shape == Shape::Binary) {
            for mark in row.marks {
                // The tar of old has none but its checksum, and packs nothing.
                let (Mark::Bytes(offset, bytes) | Mark::Printable(offset, bytes)) = mark else { continue };
                let file = STANDARD.encode([&vec![8; *offset][..], bytes, &[8; 2000]].concat());
                let header = "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64";
                for (name, text) in [
                    ("a.eml", format!("{header}\n\n{file}\n")),
                    ("a.txt", format!("see data:;base64,{file} there")),
                    ("a.vcf", format!("ATTACH;ENCODING=b:{file}\n")),
                ] {
                    let broken = inspect(name, text.as_bytes(), &Limits::default()).unwrap().broken;
                    assert!(broken.is_some_and(|why| why.text.contains("by itself")), "{} in {name}", row.format);
                }
            }
        }
    }
}
