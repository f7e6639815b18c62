use super::*;
use aws_sdk_macie2::types::{
    Cell, ClassificationDetails, ClassificationResult, ClassificationResultStatus, CustomDetection, DefaultDetection,
    Page, Range, Record, ResourcesAffected, S3Bucket, S3Object,
};
use serde_json::json;

/// Macie's own example of a finding, as a record has it too.
fn record() -> Value {
    json!({
        "category": "CLASSIFICATION",
        "classificationDetails": {
            "jobId": "j",
            "result": {
                "status": {"code": "COMPLETE", "reason": null},
                "sizeClassified": 80,
                "mimeType": "text/csv",
                "sensitiveData": [{"category": "FINANCIAL_INFORMATION", "totalCount": 7, "detections": [{
                    "type": "CREDIT_CARD_NUMBER", "count": 7, "occurrences": {"cells": [
                        {"row": 2, "column": 3, "columnName": "4111 1111", "cellReference": null},
                        {"row": 3, "column": 3, "columnName": "4111 1111"}
                    ], "lineRanges": null, "records": null, "pages": null, "offsetRanges": null}
                }]}],
                "customDataIdentifiers": {"totalCount": 1, "detections": [{"arn": "a", "name": "berth", "count": 1,
                    "occurrences": {"lineRanges": [{"start": 4, "end": 4, "startColumn": 9}, {"start": 6, "end": 6}]}}]}
            }
        },
        "resourcesAffected": {
            "s3Bucket": {"name": "b"},
            "s3Object": {"key": "0a/k.csv", "versionId": "v", "eTag": "e", "path": "b/0a/k.csv"}
        },
        "severity": {"description": "High", "score": 3}
    })
}

fn finding() -> Finding {
    let cell = |row| Cell::builder().row(row).column(3).column_name("4111 1111").build();
    let lines = [Range::builder().start(4).end(4).start_column(9).build(), Range::builder().start(6).end(6).build()];
    let cells = Occurrences::builder().cells(cell(2)).cells(cell(3)).build();
    let cards = DefaultDetection::builder().r#type("CREDIT_CARD_NUMBER").count(7).occurrences(cells).build();
    let item = SensitiveDataItem::builder().detections(cards).total_count(7).build();
    let lines = Occurrences::builder().set_line_ranges(Some(lines.into())).build();
    let berth = CustomDetection::builder().name("berth").count(1).occurrences(lines).build();
    let status = ClassificationResultStatus::builder().code("COMPLETE").build();
    let result = ClassificationResult::builder().sensitive_data(item).status(status);
    let result = result.custom_data_identifiers(CustomDataIdentifiers::builder().detections(berth).build()).build();
    let object = S3Object::builder().key("0a/k.csv").version_id("v").e_tag("e").build();
    let affected = ResourcesAffected::builder().s3_bucket(S3Bucket::builder().name("b").build()).s3_object(object);
    let severity = aws_sdk_macie2::types::Severity::builder().description(SeverityDescription::High).build();
    let details = ClassificationDetails::builder().job_id("j").result(result).build();
    Finding::builder().classification_details(details).resources_affected(affected.build()).severity(severity).build()
}

#[test]
fn a_finding_and_its_record_say_the_same() {
    let report = Report::from(&finding());
    assert_eq!(report, Report::from(&record()));
    let shown: Vec<_> = report.detections.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "Macie: CREDIT_CARD_NUMBER found 7 times: row 2, column 3; row 3, column 3; …",
            "Macie: berth found 1 time: line 4, character 9; line 6"
        ],
        "and never a column's name, which may be data"
    );
    assert!(report.is_complete() && report.blocks(Severity::High));
}

#[test]
fn places_in_other_formats() {
    let pages = Occurrences::builder().pages(Page::builder().page_number(3).build());
    let path = Record::builder().record_index(2).json_path("$.a[1]\n").build();
    let sheet = Cell::builder().cell_reference("Sheet2!C5").row(5).column(3).build();
    let all = pages.records(path).records(Record::builder().build()).cells(sheet).build();
    assert_eq!(places(&all), ["cell Sheet2!C5", "page 3", "record 2, $.a[1]\\n", "record 0"]);
    let value = json!({"pages": [{"pageNumber": 3}], "cells": [{"cellReference": "Sheet2!C5", "row": 5, "column": 3}],
        "records": [{"recordIndex": 2, "jsonPath": "$.a[1]\n"}, {"recordIndex": 0}]});
    assert_eq!(record_places(&value), places(&all));
    let many = json!({"cells": (0..15).map(|row| json!({"row": row, "column": 1})).collect::<Vec<_>>()});
    assert_eq!(record_places(&many).len(), LOCATIONS);
}

#[test]
fn a_finding_speaks_of_this_object_unless_it_says_of_another() {
    let report = Report::from(&finding());
    assert!(report.may_be_of("b", "0a/k.csv", "v"));
    for (bucket, key, version) in [("c", "0a/k.csv", "v"), ("b", "0a/k.csv.bak", "v"), ("b", "0a/k.csv", "w")] {
        assert!(!report.may_be_of(bucket, key, version));
        assert!(!report.is_of(bucket, key, version, "e"));
    }
    let without_version = Report { version_id: None, ..report.clone() };
    assert!(without_version.may_be_of("b", "0a/k.csv", "v"));
    let without_anything = Report::from(&Finding::builder().build());
    assert!(without_anything.may_be_of("b", "k", "v") && without_anything.blocks(Severity::High));
    assert!(!without_anything.is_complete() && !without_anything.is_of("b", "k", "v", "e"));
}

/// Where a version is missing, the entity tag is enough; where both are, nothing is proven.
#[test]
fn a_record_is_a_proof_only_of_what_it_names() {
    let report = Report::from(&record());
    assert!(report.is_of("b", "0a/k.csv", "v", "another"));
    let tagged = Report { version_id: None, ..report.clone() };
    assert!(tagged.is_of("b", "0a/k.csv", "v", "\"e\"") && !tagged.is_of("b", "0a/k.csv", "v", "f"));
    assert!(!Report { etag: None, ..tagged }.is_of("b", "0a/k.csv", "v", "e"));
    assert!(!Report { key: None, ..report }.is_of("b", "0a/k.csv", "v", "e"));
}

#[test]
fn severity_holds_from_the_threshold_on_and_where_it_is_not_said() {
    let of = |severity| Report { severity, ..Report::from(&record()) };
    assert!(!of(Some(Severity::Low)).blocks(Severity::Medium));
    assert!(of(Some(Severity::Medium)).blocks(Severity::Medium) && of(Some(Severity::High)).blocks(Severity::Low));
    assert!(of(None).blocks(Severity::High));
    assert!(!Report { detections: vec![], ..of(None) }.blocks(Severity::Low), "a record of what is clean");
}

#[test]
fn a_record_of_a_file_inside() {
    let mut inside = record();
    inside["resourcesAffected"]["s3Object"]["embeddedFileDetails"] = json!({"filePath": "a.csv"});
    assert!(Report::from(&inside).member && !Report::from(&record()).member);
}
