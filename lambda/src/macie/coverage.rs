//! Whether Macie can analyse an object: what its documentation says of formats, sizes, storage
//! classes and keys.
//!
//! Macie says nothing of an object that it skips, and the job looks as if the object were clean. So
//! this is judged before, and what Macie cannot analyse costs no job. A limit that the documentation
//! states in GB is taken as powers of ten, the smaller reading.

use crate::messages::Analysis;
use inspect::Format;

const MB: u64 = 1_000_000;
const GB: u64 = 1_000 * MB;
/// The storage classes that Macie reads; S3 leaves `STANDARD` out.
const CLASSES: [&str; 6] =
    ["STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "REDUCED_REDUNDANCY"];
/// What may be in an archive, in bytes and in files.
const EXPANDED: u64 = 10 * GB;
const MEMBER: u64 = 3 * GB;
const MEMBERS: u64 = 1_000_000;
const LEVELS: usize = 10;
/// How deep JSON may nest.
const DEPTH: usize = 256;

/// What is to be analysed.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its key in analytics.
    pub key: &'a str,
    /// Bytes.
    pub size: u64,
    /// What the inspection has found out.
    pub analysis: &'a Analysis,
    /// Its storage class, where S3 names one.
    pub storage_class: Option<&'a str>,
    /// The key that it is encrypted with, where S3 names one.
    pub kms_key: Option<&'a str>,
    /// The stack's key, which Macie may use.
    pub our_key: Option<&'a str>,
}

/// What the documentation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Macie analyses it.
    Documented,
    /// Macie may analyse it or not: only an exported record would tell.
    Doubtful(String),
    /// Macie skips it.
    Impossible(String),
}

/// What the documentation says of this object.
#[must_use]
pub fn of(subject: &Subject<'_>) -> Coverage {
    let Subject { size, analysis, storage_class, .. } = *subject;
    if let Some(class) = storage_class.filter(|class| !CLASSES.contains(class)) {
        return Coverage::Impossible(format!("Macie does not read the storage class {class}"));
    }
    if let Some(key) = foreign_key(subject) {
        let what = format!("the copy is encrypted with {key}, which Macie may not use; run `cvault up`");
        return Coverage::Impossible(what);
    }
    let largest = largest(analysis.format);
    if size > largest {
        let what = format!("the file has {size} bytes; of {} Macie analyses {largest} at most", analysis.format);
        return Coverage::Impossible(what);
    }
    if let Some(what) = too_much_inside(analysis, size) {
        return Coverage::Impossible(what);
    }
    doubt(subject).map_or(Coverage::Documented, Coverage::Doubtful)
}

/// "Size of an individual file to analyze" in Macie's quotas; that of TAR is the one of text.
fn largest(format: Format) -> u64 {
    match format {
        Format::Pdf => 1024 * MB,
        Format::Xlsx | Format::Docx => 512 * MB,
        Format::Avro | Format::Parquet | Format::Gzip | Format::Zip => 8 * GB,
        Format::Tar
        | Format::Text
        | Format::Csv
        | Format::Tsv
        | Format::Psv
        | Format::Json
        | Format::Ndjson
        | Format::Xml => 20 * GB,
    }
}

/// "Extraction and analysis of data in a compressed or archive file", and JSON's nesting.
fn too_much_inside(analysis: &Analysis, size: u64) -> Option<String> {
    let extent = &analysis.extent;
    if extent.depth > DEPTH {
        return Some(format!("JSON is nested {} levels deep; Macie analyses {DEPTH} at most", extent.depth));
    }
    if !matches!(analysis.format, Format::Gzip | Format::Tar | Format::Zip) {
        return None;
    }
    // A tar archive's files are stored as they are.
    let inside = if analysis.format == Format::Tar { extent.expanded.max(size) } else { extent.expanded };
    let bounds = [
        (inside, EXPANDED, "bytes are inside"),
        (extent.largest, MEMBER, "bytes are in one file inside"),
        (extent.members, MEMBERS, "files are inside"),
        (extent.levels as u64, LEVELS as u64, "archives are in each other"),
    ];
    let over = bounds.into_iter().find(|(count, most, _)| count > most);
    over.map(|(count, most, what)| format!("{count} {what}; Macie analyses {most} at most"))
}

/// The key, where it is another than the stack's. An alias or a bare id cannot be told from it.
fn foreign_key<'a>(subject: &Subject<'a>) -> Option<&'a str> {
    let id = |key: &'a str| key.rsplit_once(":key/").map(|(_, id)| id);
    let (theirs, ours) = (subject.kms_key?, subject.our_key?);
    (id(theirs)? != id(ours)?).then_some(theirs)
}

/// Macie chooses objects by the extension of their names. Of text it documents examples "and others",
/// so any word will do that is not the name of something else.
fn doubt(subject: &Subject<'_>) -> Option<String> {
    let Subject { key, analysis, .. } = *subject;
    let name = key.rsplit('/').next().unwrap_or(key);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    let expected: &[&str] = match analysis.format {
        Format::Avro => &["avro"],
        Format::Parquet => &["parquet"],
        Format::Gzip => &["gz", "gzip"],
        Format::Tar => &["tar"],
        Format::Zip => &["zip"],
        Format::Pdf => &["pdf"],
        Format::Xlsx => &["xlsx"],
        Format::Docx => &["docx"],
        Format::Text | Format::Csv | Format::Tsv | Format::Psv | Format::Json | Format::Ndjson | Format::Xml => &[],
    };
    let is_text = expected.is_empty();
    // An image by name is none for Macie, though SVG is text.
    let word = extension.bytes().all(|byte| byte.is_ascii_alphanumeric()) && extension != "svg";
    let word = word && extension.len() <= 12 && extension.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_text && !word || !is_text && !expected.contains(&extension.as_str()) {
        let wanted = expected.first().map_or("an extension such as .txt".into(), |extension| format!(".{extension}"));
        return Some(format!("Macie chooses files by their names, and this one does not end in {wanted}"));
    }
    (analysis.extent.unnamed > 0).then(|| {
        let count = analysis.extent.unnamed;
        format!("Macie chooses files by their names, and {count} of those inside have no known extension")
    })
}

#[cfg(test)]
mod tests;
