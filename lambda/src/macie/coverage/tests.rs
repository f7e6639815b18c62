use super::*;
use inspect::Extent;

fn analysis(format: Format, extent: Extent) -> Analysis {
    Analysis { format, extent, job_made: None, waited: 0, findings_awaited: false }
}

fn coverage(key: &str, size: u64, format: Format, extent: Extent) -> Coverage {
    let analysis = analysis(format, extent);
    of(&Subject { key, size, analysis: &analysis, storage_class: None, kms_key: None, our_key: None })
}

fn is_impossible(coverage: &Coverage, part: &str) -> bool {
    matches!(coverage, Coverage::Impossible(why) if why.contains(part))
}

/// The sizes of Macie's quotas page, and one byte more.
#[test]
fn sizes_by_format() {
    let sizes = [
        ("a.pdf", Format::Pdf, 1_024_000_000),
        ("a.xlsx", Format::Xlsx, 512_000_000),
        ("a.docx", Format::Docx, 512_000_000),
        ("a.avro", Format::Avro, 8_000_000_000),
        ("a.parquet", Format::Parquet, 8_000_000_000),
        ("a.csv.gz", Format::Gzip, 8_000_000_000),
        ("a.zip", Format::Zip, 8_000_000_000),
        ("a.csv", Format::Csv, 20_000_000_000),
        ("a.json", Format::Json, 20_000_000_000),
    ];
    for (key, format, most) in sizes {
        assert_eq!(coverage(key, most, format, Extent::default()), Coverage::Documented, "{key}");
        assert!(is_impossible(&coverage(key, most + 1, format, Extent::default()), "at most"), "{key}");
    }
}

#[test]
fn what_is_in_an_archive() {
    let full = Extent {
        levels: 10,
        members: 1_000_000,
        largest: 3_000_000_000,
        expanded: 10_000_000_000,
        ..Extent::default()
    };
    assert_eq!(coverage("a.zip", 1, Format::Zip, full), Coverage::Documented);
    for (more, part) in [
        (Extent { levels: 11, ..full }, "11 archives are in each other"),
        (Extent { members: 1_000_001, ..full }, "1000001 files"),
        (Extent { largest: 3_000_000_001, ..full }, "in one file inside"),
        (Extent { expanded: 10_000_000_001, ..full }, "10000000001 bytes are inside"),
    ] {
        for (key, format) in [("a.zip", Format::Zip), ("a.tar", Format::Tar), ("a.gz", Format::Gzip)] {
            assert!(is_impossible(&coverage(key, 1, format, more), part), "{key} {part}");
        }
        assert_eq!(coverage("a.parquet", 1, Format::Parquet, more), Coverage::Documented, "no archive");
    }
    assert!(is_impossible(&coverage("a.tar", 10_000_000_001, Format::Tar, Extent::default()), "bytes are inside"));
    let deep = |depth| Extent { depth, ..Extent::default() };
    assert_eq!(coverage("a.json", 1, Format::Json, deep(256)), Coverage::Documented);
    assert!(is_impossible(&coverage("a.json", 1, Format::Json, deep(257)), "257 levels deep"));
}

#[test]
fn storage_classes_and_keys() {
    let analysis = analysis(Format::Csv, Extent::default());
    let of = |storage_class, kms_key, our_key| {
        of(&Subject { key: "a.csv", size: 1, analysis: &analysis, storage_class, kms_key, our_key })
    };
    for class in [None, Some("STANDARD"), Some("GLACIER_IR"), Some("INTELLIGENT_TIERING")] {
        assert_eq!(of(class, None, None), Coverage::Documented);
    }
    for class in ["GLACIER", "DEEP_ARCHIVE", "EXPRESS_ONEZONE", "SNOW"] {
        assert!(is_impossible(&of(Some(class), None, None), class));
    }
    let (ours, other) = ("arn:aws:kms:eu-west-1:1:key/a", "arn:aws:kms:eu-west-1:1:key/b");
    assert_eq!(of(None, Some(ours), Some(ours)), Coverage::Documented);
    assert_eq!(of(None, Some("arn:aws:kms:eu-west-1:1:alias/x"), Some(ours)), Coverage::Documented);
    assert!(is_impossible(&of(None, Some(other), Some(ours)), other));
}

#[test]
fn names_that_macie_may_not_choose() {
    for key in ["x/a.csv", "x/a.LOG", "x/a.b.txt", "x/a.psv"] {
        assert_eq!(coverage(key, 1, Format::Text, Extent::default()), Coverage::Documented, "{key}");
    }
    for key in ["x/a", "x.csv/a", "x/a.", "x/app.log.1", "x/picture.svg", "x/a.csv "] {
        assert!(matches!(coverage(key, 1, Format::Text, Extent::default()), Coverage::Doubtful(_)), "{key}");
    }
    for (key, format) in [("x/a.tgz", Format::Gzip), ("x/a", Format::Parquet), ("x/a.csv", Format::Zip)] {
        assert!(matches!(coverage(key, 1, format, Extent::default()), Coverage::Doubtful(_)), "{key}");
    }
    let unnamed = Extent { unnamed: 2, ..Extent::default() };
    assert!(
        matches!(coverage("a.zip", 1, Format::Zip, unnamed), Coverage::Doubtful(why) if why.contains("2 of those"))
    );
}
