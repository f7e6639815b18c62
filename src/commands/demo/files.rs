//! The files of the demo: samples that cvault brings, or the user's own.

use crate::outcome::failure::Failure;
use anyhow::{Result, bail};
use std::path::PathBuf;

/// A file to send through.
pub struct File {
    /// Its key in ingress.
    pub key: String,
    /// Where its bytes are.
    pub content: Content,
    /// How it must end; `None` for the user's own.
    pub expected: Option<&'static str>,
}

/// Where a file's bytes are.
pub enum Content {
    /// In this program.
    Sample(&'static [u8]),
    /// On this machine.
    Path(PathBuf),
}

macro_rules! samples {
    ($($key:literal = $file:literal => $expected:literal;)*) => {
        vec![$(File {
            key: $key.into(),
            content: Content::Sample(include_bytes!(concat!("samples/", $file))),
            expected: Some($expected),
        }),*]
    };
}

/// Good files of most formats, one under an odd key, two broken ones and two with secrets.
fn samples() -> Vec<File> {
    samples! {
        "tides.txt" = "tides.txt" => "VAULT_COPY";
        "2026/11/tides.csv" = "tides.csv" => "VAULT_COPY";
        "readings.tsv" = "readings.tsv" => "VAULT_COPY";
        "stations.json" = "stations.json" => "VAULT_COPY";
        "readings.ndjson" = "readings.ndjson" => "VAULT_COPY";
        "harbour.xml" = "harbour.xml" => "VAULT_COPY";
        "harbour.log" = "harbour.log" => "VAULT_COPY";
        "Häfen & Gezeiten/50% + \"mehr\".json" = "stations.json" => "VAULT_COPY";
        "tides.csv.gz" = "tides.csv.gz" => "VAULT_COPY";
        "tides.zip" = "tides.zip" => "VAULT_COPY";
        "tides.avro" = "tides.avro" => "VAULT_COPY";
        "tides.parquet" = "tides.parquet" => "VAULT_COPY";
        "stock.xlsx" = "stock.xlsx" => "VAULT_COPY";
        "notes.docx" = "notes.docx" => "VAULT_COPY";
        "letter.pdf" = "letter.pdf" => "VAULT_COPY";
        "tides-ragged.csv" = "tides-ragged.csv" => "INTEGRITY_FAIL";
        "tides-cut.csv.gz" = "tides-cut.csv.gz" => "INTEGRITY_FAIL";
        "bookings.csv" = "bookings.csv" => "HAS_FINDINGS";
        "staff.json" = "staff.json" => "HAS_FINDINGS";
    }
}

/// The user's files under their own names, or the samples.
///
/// # Errors
/// A file that is none, or two of the same name: exit code 64.
pub fn files(paths: &[PathBuf]) -> Result<Vec<File>> {
    if paths.is_empty() {
        return Ok(samples());
    }
    let mut files: Vec<File> = vec![];
    for path in paths {
        let wrong = |why: &str| Failure::usage(format!("send {}", path.display()), why, "name files that can be read");
        match std::fs::metadata(path) {
            Err(error) => bail!(wrong(&error.to_string())),
            Ok(found) if !found.is_file() => bail!(wrong("it is not a file")),
            Ok(_) => {}
        }
        let Some(key) = path.file_name().and_then(|name| name.to_str()) else { bail!(wrong("its name is not UTF-8")) };
        if files.iter().any(|other| other.key == key) {
            bail!(wrong("another file has the same name"));
        }
        files.push(File { key: key.into(), content: Content::Path(path.clone()), expected: None });
    }
    Ok(files)
}
