//! What is sent for a copy, and what becomes of each answer.

use super::parts::ranges;
use super::*;
use crate::messages::{FailureKind, Measures};
use crate::stand_in::{Call, Reply, StandIn};

const FROM: Place<'_> = Place { bucket: "in", key: "a.csv", version_id: Some("v") };
const TO: Place<'_> = Place { bucket: "an", key: "i/a.csv", version_id: None };

/// S3 with an object of 25 bytes, of which each part is copied unless `instead` answers.
fn s3(instead: impl Fn(&Call) -> Option<Reply> + Send + Sync + 'static) -> StandIn {
    let xml = |text: &str| Reply::Bytes(text.into());
    let answer = move |call: &Call| match call.what.as_str() {
        what if what.contains("tagging") => {
            xml("<Tagging><TagSet><Tag><Key>team</Key><Value>sea side</Value></Tag></TagSet></Tagging>")
        }
        what if what.contains("uploads") => {
            xml("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
        }
        what if what.contains("partNumber") => {
            xml("<CopyPartResult><ETag>\"p\"</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32></CopyPartResult>")
        }
        what if what.starts_with("PUT") => xml("<CopyObjectResult><ETag>\"c\"</ETag></CopyObjectResult>"),
        what if what.starts_with("POST") => {
            xml("<CompleteMultipartUploadResult><ETag>\"c\"</ETag></CompleteMultipartUploadResult>")
        }
        what if what.starts_with("HEAD") => Reply::Head(vec![
            ("content-length", "25".into()),
            ("etag", "\"e\"".into()),
            ("x-amz-meta-note", "kept".into()),
            ("x-amz-checksum-crc32", "AAAAAA==".into()),
        ]),
        _ => Reply::Status(204),
    };
    StandIn::new(move |call| instead(call).unwrap_or_else(|| answer(call)))
}

async fn copied(s3: &StandIn) -> Result<Option<Head>> {
    copied_by(s3, Copying { whole: 10, part: 10, parts: 100, at_once: 2 }).await
}

async fn copied_by(s3: &StandIn, copying: Copying) -> Result<Option<Head>> {
    let objects = Objects { copying, ..s3.objects() };
    let head = objects.head(FROM).await?.unwrap();
    objects.copy(FROM, &head, TO, Marks { metadata: &[("mark", "m")], tags: None }).await
}

/// The emulator forgets the tags of an upload in parts, so it is looked at what is sent.
#[tokio::test]
async fn a_copy_in_parts_has_tags_metadata_and_a_checksum_of_the_whole() {
    let s3 = s3(|_| None);
    assert!(copied(&s3).await.unwrap().is_some());
    let calls = s3.calls();
    let begun = calls.iter().find(|call| call.what.contains("uploads")).unwrap();
    for (header, value) in [
        ("x-amz-tagging", "team=sea%20side"),
        ("x-amz-meta-note", "kept"),
        ("x-amz-meta-mark", "m"),
        ("x-amz-checksum-algorithm", "CRC32"),
        ("x-amz-checksum-type", "FULL_OBJECT"),
    ] {
        assert_eq!(begun.headers.get(header).map(String::as_str), Some(value), "{header}");
    }
    let mut ranges: Vec<_> = calls.iter().filter_map(|call| call.headers.get("x-amz-copy-source-range")).collect();
    ranges.sort();
    assert_eq!(ranges, ["bytes=0-9", "bytes=10-19", "bytes=20-24"]);
}

/// Every step may copy, and is tried again for this.
#[tokio::test]
async fn a_copy_that_s3_does_not_show_yet_is_worth_another_try() {
    let s3 = s3(|call| call.what.starts_with("HEAD /an/").then_some(Reply::Status(404)));
    assert_eq!(copied_by(&s3, Copying::default()).await.unwrap_err().kind, FailureKind::Busy);
}

#[tokio::test]
async fn annotations_do_not_come_along() {
    let s3 = s3(|_| None);
    assert!(copied_by(&s3, Copying::default()).await.unwrap().is_some());
    let copy = s3.calls().into_iter().find(|call| call.what.starts_with("PUT")).unwrap();
    assert_eq!(copy.headers.get(DIRECTIVE).map(String::as_str), Some("EXCLUDE"));
}

/// An S3 that does not know the directive has no annotations. One that refuses something else is not asked again.
#[tokio::test]
async fn where_s3_knows_no_annotations_nothing_is_said_of_them() {
    for over in [Over::Anything, Over::Nothing] {
        for (refusal, again) in [
            (Reply::Refusal(501, "NotImplemented"), true),
            (Reply::RefusalOf(400, "UnsupportedArgument", DIRECTIVE), true),
            (Reply::RefusalOf(400, "InvalidArgument", DIRECTIVE), true),
            (Reply::RefusalOf(400, "InvalidArgument", "x-amz-copy-source"), false),
            (Reply::Refusal(403, "AccessDenied"), false),
        ] {
            let expected = format!("{over:?} {refusal:?}");
            let s3 = s3(move |call| call.headers.contains_key(DIRECTIVE).then(|| refusal.clone()));
            let objects = s3.objects();
            let head = objects.head(FROM).await.unwrap().unwrap();
            let copied = objects.copy_over(FROM, &head, TO, Marks::default(), over).await;
            assert_eq!(matches!(copied, Ok(Copied::Made(_))), again, "{expected}: {copied:?}");
            let puts: Vec<_> = s3.calls().into_iter().filter(|call| call.what.starts_with("PUT")).collect();
            assert_eq!(puts.len(), 1 + usize::from(again), "{expected}");
            // The condition is still the caller's.
            let conditional = |call: &Call| call.headers.contains_key("if-none-match");
            assert!(puts.iter().all(|put| conditional(put) == (over == Over::Nothing)), "{expected}");
        }
    }
}

/// Where it is the condition that S3 does not know, no copy is made without a word about annotations.
#[tokio::test]
async fn annotations_stay_behind_where_conditions_are_not_known() {
    let s3 = s3(|call| call.headers.contains_key("if-none-match").then_some(Reply::Refusal(501, "NotImplemented")));
    let objects = s3.objects();
    let head = objects.head(FROM).await.unwrap().unwrap();
    let copied = objects.copy_over(FROM, &head, TO, Marks::default(), Over::Nothing).await.unwrap();
    assert!(matches!(copied, Copied::Made(_)));
    let mut puts = s3.calls().into_iter().filter(|call| call.what.starts_with("PUT"));
    assert!(puts.next_back().unwrap().headers.contains_key(DIRECTIVE));
}

/// In both ways of copying, and whatever it says: S3 takes any text.
#[tokio::test]
async fn expires_comes_along() {
    for expires in ["Sat, 28 Nov 2026 08:00:00 GMT", "0"] {
        let head = [("content-length", "25"), ("etag", "\"e\""), ("x-amz-meta-mark", "m"), ("expires", expires)];
        for copying in [Copying::default(), Copying { whole: 10, ..Copying::default() }] {
            let head = head.map(|(name, value)| (name, value.to_owned())).to_vec();
            let s3 = s3(move |call| call.what.starts_with("HEAD").then(|| Reply::Head(head.clone())));
            assert!(copied_by(&s3, copying).await.unwrap().is_some());
            let makes = |call: &Call| call.headers.contains_key("x-amz-meta-mark");
            let made = s3.calls().into_iter().find(makes).unwrap();
            assert_eq!(made.headers.get("expires").map(String::as_str), Some(expires), "{}", made.what);
        }
    }
}

/// The answer to the completion was lost and the SDK asks once more: the copy is there, or it is made again.
#[tokio::test]
async fn an_upload_that_is_gone_may_have_been_completed() {
    for (mark, made) in [("m", true), ("of another", false)] {
        let s3 = s3(move |call| match call.what.as_str() {
            what if what.contains("POST /an/i/a.csv?uploadId") => Some(Reply::Refusal(404, "NoSuchUpload")),
            what if what.starts_with("HEAD /an") => Some(Reply::Head(vec![
                ("content-length", "25".into()),
                ("x-amz-version-id", "w".into()),
                ("x-amz-meta-note", "kept".into()),
                ("x-amz-meta-mark", mark.into()),
                ("x-amz-checksum-crc32", "AAAAAA==".into()),
            ])),
            _ => None,
        });
        match copied(&s3).await {
            Ok(copy) => assert_eq!((copy.unwrap().version_id.as_str(), made), ("w", true)),
            Err(failure) => assert_eq!((failure.kind, made), (FailureKind::Busy, false), "{failure}"),
        }
    }
}

/// In both ways of copying: what is refused for the condition is no failure, and an S3 that does not know
/// conditions copies without.
#[tokio::test]
async fn a_copy_is_made_over_what_is_expected_only() {
    for copying in [Copying::default(), Copying { whole: 10, ..Copying::default() }] {
        for (over, header, refusal) in [
            (Over::Nothing, ("if-none-match", "*"), (412, "PreconditionFailed")),
            (Over::This("\"x\""), ("if-match", "\"x\""), (412, "PreconditionFailed")),
            (Over::This("\"x\""), ("if-match", "\"x\""), (404, "NoSuchKey")),
            (Over::Nothing, ("if-none-match", "*"), (501, "NotImplemented")),
        ] {
            let conditional = move |call: &Call| call.headers.get(header.0).map(String::as_str) == Some(header.1);
            let s3 = s3(move |call| conditional(call).then_some(Reply::Refusal(refusal.0, refusal.1)));
            let objects = Objects { copying, ..s3.objects() };
            let head = objects.head(FROM).await.unwrap().unwrap();
            let copied = objects.copy_over(FROM, &head, TO, Marks::default(), over).await.unwrap();
            let is_unknown = refusal.0 == 501;
            assert_eq!(matches!(copied, Copied::Made(_)), is_unknown, "{over:?} {refusal:?} {:#?}", s3.asked());
            assert_eq!(matches!(copied, Copied::Overtaken), !is_unknown, "{over:?} {refusal:?}");
            assert!(s3.calls().iter().any(conditional));
        }
    }
}

/// In one call, of which nothing is left where it cannot be sure.
#[tokio::test]
async fn the_first_copy_at_a_key_is_one_call() {
    let measures =
        |crc: &str| Measures { size: 25, checksums: [("CRC32".into(), crc.into())].into(), ..Measures::default() };
    let result = |checksum: &str| {
        let body = format!("<CopyObjectResult><ETag>\"c\"</ETag>{checksum}</CopyObjectResult>");
        Reply::Whole(vec![("x-amz-version-id", "w".into())], body.into())
    };
    let crc = "<ChecksumCRC32>AAAAAA==</ChecksumCRC32>";
    for (reply, known, expected) in [
        (result(crc), "AAAAAA==", Ok(Some("w"))),
        (result(""), "AAAAAA==", Ok(Some("w"))),
        (result(crc), "BBBBBB==", Err(FailureKind::CopyMismatch)),
        (Reply::Refusal(412, "PreconditionFailed"), "AAAAAA==", Ok(None)),
        (Reply::Refusal(501, "NotImplemented"), "AAAAAA==", Ok(None)),
        (Reply::Refusal(409, "ConditionalRequestConflict"), "AAAAAA==", Err(FailureKind::Busy)),
        (Reply::Bytes("<Error><Code>InternalError</Code></Error>".into()), "AAAAAA==", Err(FailureKind::Busy)),
        (Reply::Lost, "AAAAAA==", Err(FailureKind::Busy)),
    ] {
        let answer = reply.clone();
        let s3 = s3(move |call| call.what.starts_with("PUT").then(|| answer.clone()));
        let known = measures(known);
        let copied = s3.objects().copy_first((FROM, &known), Like::Same("\"e\""), TO, &[]).await;
        let version = copied.map(|copied| if let Copied::Made(version) = copied { Some(version) } else { None });
        assert_eq!(version.as_ref().map(Option::as_deref).map_err(|failure| failure.kind), expected, "{reply:?}");
        let calls = s3.calls();
        let [call, again @ ..] = &calls[..] else { panic!("nothing was sent") };
        // Not to know a condition, and not to know annotations, is one answer.
        assert_eq!(again.len(), usize::from(matches!(reply, Reply::Refusal(501, _))), "{reply:?} {calls:#?}");
        assert!(again.iter().all(|call| call.headers.contains_key("if-none-match")));
        let header = |name: &str| call.headers.get(name).map(String::as_str);
        assert_eq!((header("if-none-match"), header("if-match")), (Some("*"), None));
        assert_eq!(header("x-amz-copy-source-if-match"), Some("\"e\""));
        assert_eq!(
            (header("x-amz-metadata-directive"), header("x-amz-tagging-directive")),
            (Some("COPY"), Some("REPLACE"))
        );
        assert_eq!(header(DIRECTIVE), Some("EXCLUDE"));
    }
    let s3 = s3(|_| None);
    let objects = Objects { copying: Copying { whole: 10, ..Copying::default() }, ..s3.objects() };
    let copied = objects.copy_first((FROM, &measures("")), Like::Same("\"e\""), TO, &[]).await.unwrap();
    assert!(matches!(copied, Copied::Overtaken) && s3.asked().is_empty(), "too large for one call");
}

/// Half a copy is never taken for one, whichever call goes wrong in whichever way: it is worth another
/// try, nothing goes on after it, and what was begun is aborted.
#[tokio::test]
async fn a_copy_in_parts_that_goes_wrong_is_aborted() {
    let error = "<Error><Code>SlowDown</Code></Error>";
    let whole = s3(|_| None);
    copied(&whole).await.unwrap();
    let calls = whole.asked();
    assert_eq!(calls.len(), 8, "{calls:#?}");
    for (at, failing) in calls.iter().enumerate() {
        for reply in [Reply::Lost, Reply::Status(503), Reply::Bytes(error.into()), Reply::Bytes("<C".into())] {
            // The answer to a HEAD has no body.
            if failing.starts_with("HEAD") && matches!(reply, Reply::Bytes(_)) {
                continue;
            }
            let (call, answer) = (failing.clone(), reply.clone());
            let s3 = s3(move |it| (it.what == call).then(|| answer.clone()));
            assert_eq!(copied(&s3).await.unwrap_err().kind, FailureKind::Busy, "{failing} {reply:?}");
            let asked = s3.asked();
            let has = |part: &str| asked.iter().any(|what| what.contains(part));
            let (completes, aborts) = (has("POST /an/i/a.csv?uploadId=u"), has("DELETE /an/i/a.csv?"));
            let begun = calls.iter().position(|what| what.contains("uploads")).unwrap();
            let ends = calls.iter().position(|what| what.starts_with("POST") && what.contains("uploadId")).unwrap();
            assert_eq!(aborts, (begun + 1..=ends).contains(&at), "{failing} {reply:?}: {asked:#?}");
            assert_eq!(completes, at >= ends, "{failing} {reply:?}: {asked:#?}");
        }
    }
}

#[test]
fn odd_keys_are_encoded_for_the_copy_source() {
    let of = |key| copy_source(Place { bucket: "b", key, version_id: Some("v") });
    assert_eq!(of("a b+c%d/é\n?x"), "b/a%20b%2Bc%25d/%C3%A9%0A%3Fx?versionId=v");
}

#[test]
fn parts_cover_the_object_once_and_are_not_too_many() {
    let small = Copying { whole: 0, part: 10, parts: 4, at_once: 1 };
    assert_eq!(ranges(25, &small).collect::<Vec<_>>(), ["bytes=0-9", "bytes=10-19", "bytes=20-24"]);
    assert_eq!(ranges(41, &small).count(), 4);
    assert_eq!(ranges(41, &small).last().unwrap(), "bytes=33-40");
    // The largest object that S3 has.
    let largest = 50_000_000_000_000;
    assert_eq!(ranges(largest, &Copying::default()).count(), 10_000);
}

#[test]
fn metadata_has_room_for_so_much() {
    let head =
        |length: usize| -> Head { HeadObjectOutput::builder().metadata("note", "é".repeat(length)).build().into() };
    assert!(head(1000).has_room_for(&[("mark", &"x".repeat(40))]));
    assert!(!head(1000).has_room_for(&[("mark", &"x".repeat(41))]));
}

mod slow;
