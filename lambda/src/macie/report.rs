//! What Macie reports of one object: a finding, or a record of the exported discovery results, which
//! has the same form.
//!
//! Only names, counts and places are taken out of it. A column's name is not: where a file has no
//! header it is data.

use aws_sdk_macie2::types::{CustomDataIdentifiers, Finding, Occurrences, SensitiveDataItem, SeverityDescription};
use inspect::Severity;
use serde_json::Value;
use std::fmt;

/// How many places are named for one identifier.
const LOCATIONS: usize = 5;

/// A finding or a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The object's bucket.
    pub bucket: Option<String>,
    /// Its key.
    pub key: Option<String>,
    /// Its version.
    pub version_id: Option<String>,
    /// Its entity tag.
    pub etag: Option<String>,
    /// Whether it is about a file inside of the object only.
    pub member: bool,
    /// How bad it is; a finding that does not say is bad.
    pub severity: Option<Severity>,
    /// `COMPLETE`, if all of the object was analysed.
    pub code: String,
    /// Why it was not.
    pub reason: Option<String>,
    /// What was found.
    pub detections: Vec<Detection>,
}

/// What was found by one identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// The identifier's name.
    pub identifier: String,
    /// How often.
    pub count: u64,
    /// Where, the first few times; Macie says nothing of where in an archive.
    pub locations: Vec<String>,
}

impl fmt::Display for Detection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = if self.count == 1 { "time" } else { "times" };
        write!(f, "Macie: {} found {} {times}", self.identifier, self.count)?;
        if !self.locations.is_empty() {
            write!(f, ": {}", self.locations.join("; "))?;
        }
        if self.count > self.locations.len() as u64 && !self.locations.is_empty() {
            f.write_str("; …")
        } else {
            Ok(())
        }
    }
}

impl Report {
    /// Whether it speaks of this object; what it leaves out may be anything.
    #[must_use]
    pub fn may_be_of(&self, bucket: &str, key: &str, version_id: &str) -> bool {
        let fits = |of: &Option<String>, wanted: &str| of.as_deref().is_none_or(|of| of == wanted);
        fits(&self.bucket, bucket) && fits(&self.key, key) && fits(&self.version_id, version_id)
    }

    /// Whether it is certain to speak of this object: its version, or at least its entity tag, says so.
    #[must_use]
    pub fn is_of(&self, bucket: &str, key: &str, version_id: &str, etag: &str) -> bool {
        let is = |of: &Option<String>, wanted: &str| of.as_deref() == Some(wanted);
        let tagged =
            self.version_id.is_none() && self.etag.as_deref().is_some_and(|of| crate::objects::same_etag(of, etag));
        is(&self.bucket, bucket) && is(&self.key, key) && (is(&self.version_id, version_id) || tagged)
    }

    /// Whether the whole of the object was analysed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.code == "COMPLETE"
    }

    /// Whether it must hold the object.
    #[must_use]
    pub fn blocks(&self, at: Severity) -> bool {
        !self.detections.is_empty() && self.severity.is_none_or(|severity| severity >= at)
    }
}

impl From<&Finding> for Report {
    fn from(finding: &Finding) -> Self {
        let affected = finding.resources_affected();
        let object = affected.and_then(|affected| affected.s3_object());
        let bucket = affected.and_then(|affected| affected.s3_bucket());
        let result = finding.classification_details().and_then(|details| details.result());
        let status = result.and_then(|result| result.status());
        let found = result.map(|result| result.sensitive_data().iter().flat_map(detections)).into_iter().flatten();
        let custom = result.and_then(|result| result.custom_data_identifiers());
        let custom =
            custom.map(CustomDataIdentifiers::detections).unwrap_or_default().iter().map(|detection| Detection {
                identifier: detection.name().unwrap_or("a custom identifier").to_owned(),
                count: count(detection.count()),
                locations: detection.occurrences().map(places).unwrap_or_default(),
            });
        Self {
            bucket: bucket.and_then(|bucket| bucket.name()).map(str::to_owned),
            key: object.and_then(|object| object.key()).map(str::to_owned),
            version_id: object.and_then(|object| object.version_id()).filter(|id| !id.is_empty()).map(str::to_owned),
            etag: object.and_then(|object| object.e_tag()).map(str::to_owned),
            member: false,
            severity: finding.severity().and_then(|severity| severity.description()).and_then(severity),
            code: status.and_then(|status| status.code()).unwrap_or("unknown").to_owned(),
            reason: status.and_then(|status| status.reason()).map(str::to_owned),
            detections: named(found.chain(custom).collect()),
        }
    }
}

/// A finding is one even where it says of what it does not.
fn named(detections: Vec<Detection>) -> Vec<Detection> {
    if !detections.is_empty() {
        return detections;
    }
    vec![Detection { identifier: "sensitive data".into(), count: 1, locations: vec![] }]
}

fn severity(description: &SeverityDescription) -> Option<Severity> {
    word(description.as_str())
}

fn word(severity: &str) -> Option<Severity> {
    match severity {
        "Low" => Some(Severity::Low),
        "Medium" => Some(Severity::Medium),
        "High" => Some(Severity::High),
        _ => None,
    }
}

fn count(count: Option<i64>) -> u64 {
    count.and_then(|count| count.try_into().ok()).unwrap_or(1)
}

fn detections(item: &SensitiveDataItem) -> impl Iterator<Item = Detection> {
    item.detections().iter().map(|detection| Detection {
        identifier: detection.r#type().unwrap_or("sensitive data").to_owned(),
        count: count(detection.count()),
        locations: detection.occurrences().map(places).unwrap_or_default(),
    })
}

/// Where, in people's words.
fn places(occurrences: &Occurrences) -> Vec<String> {
    let cells = occurrences.cells().iter().map(|cell| cell_place(cell.cell_reference(), cell.row(), cell.column()));
    let lines = occurrences.line_ranges().iter().map(|range| line_place(range.start(), range.start_column()));
    let pages = occurrences.pages().iter().map(|page| format!("page {}", count(page.page_number())));
    let records = occurrences.records().iter().map(|record| record_place(record.record_index(), record.json_path()));
    cells.chain(lines).chain(pages).chain(records).take(LOCATIONS).collect()
}

fn cell_place(reference: Option<&str>, row: Option<i64>, column: Option<i64>) -> String {
    match reference {
        Some(reference) => format!("cell {}", reference.escape_debug()),
        None => format!("row {}, column {}", count(row), count(column)),
    }
}

fn line_place(start: Option<i64>, column: Option<i64>) -> String {
    match column {
        Some(column) => format!("line {}, character {column}", count(start)),
        None => format!("line {}", count(start)),
    }
}

fn record_place(index: Option<i64>, path: Option<&str>) -> String {
    let path = path.map(|path| format!(", {}", path.escape_debug())).unwrap_or_default();
    format!("record {}{path}", index.unwrap_or_default())
}

/// A line of the exported results.
impl From<&Value> for Report {
    fn from(record: &Value) -> Self {
        let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let result = &record["classificationDetails"]["result"];
        let of = |value: &Value, name: &str| Detection {
            identifier: value[name].as_str().unwrap_or("sensitive data").to_owned(),
            count: count(value["count"].as_i64()),
            locations: record_places(&value["occurrences"]),
        };
        let custom = items(&result["customDataIdentifiers"]["detections"]).iter().map(|value| of(value, "name"));
        let found = items(&result["sensitiveData"]).iter().flat_map(|item| items(&item["detections"]));
        Self {
            bucket: text("/resourcesAffected/s3Bucket/name"),
            key: text("/resourcesAffected/s3Object/key"),
            version_id: text("/resourcesAffected/s3Object/versionId").filter(|id| !id.is_empty()),
            etag: text("/resourcesAffected/s3Object/eTag"),
            member: record.pointer("/resourcesAffected/s3Object/embeddedFileDetails").is_some_and(|it| !it.is_null()),
            severity: text("/severity/description").as_deref().and_then(word),
            code: result["status"]["code"].as_str().unwrap_or("unknown").to_owned(),
            reason: result["status"]["reason"].as_str().map(str::to_owned),
            detections: found.map(|value| of(value, "type")).chain(custom).collect(),
        }
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn record_places(occurrences: &Value) -> Vec<String> {
    let cells = items(&occurrences["cells"]).iter();
    let cells =
        cells.map(|cell| cell_place(cell["cellReference"].as_str(), cell["row"].as_i64(), cell["column"].as_i64()));
    let lines = items(&occurrences["lineRanges"]).iter();
    let lines = lines.map(|range| line_place(range["start"].as_i64(), range["startColumn"].as_i64()));
    let pages = items(&occurrences["pages"]).iter();
    let pages = pages.map(|page| format!("page {}", count(page["pageNumber"].as_i64())));
    let records = items(&occurrences["records"]).iter();
    let records = records.map(|record| record_place(record["recordIndex"].as_i64(), record["jsonPath"].as_str()));
    cells.chain(lines).chain(pages).chain(records).take(LOCATIONS).collect()
}

#[cfg(test)]
mod tests;
