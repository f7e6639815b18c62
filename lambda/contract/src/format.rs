//! The formats that can be judged.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The formats that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Format {
    Text,
    Csv,
    Tsv,
    Psv,
    Json,
    Ndjson,
    Xml,
    Gzip,
    Tar,
    Zip,
    Parquet,
    Avro,
    Pdf,
    Xlsx,
    Docx,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Psv => "psv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Xml => "xml",
            Self::Gzip => "gzip",
            Self::Tar => "tar",
            Self::Zip => "zip",
            Self::Parquet => "parquet",
            Self::Avro => "avro",
            Self::Pdf => "pdf",
            Self::Xlsx => "xlsx",
            Self::Docx => "docx",
        })
    }
}
