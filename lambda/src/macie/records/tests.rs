use super::*;
use crate::stand_in::{Reply, StandIn};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::sync::Arc;

const OWNER: Owner<'_> = Owner { account: "123456789012", region: "eu-west-1", job_id: "j" };
const FOLDER: &str = "results/AWSLogs/123456789012/Macie/eu-west-1/j/";

fn destination() -> S3Destination {
    S3Destination::builder().bucket_name("logs").key_prefix("/results/").build()
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A bucket with these objects, which lists one object a page.
fn bucket(objects: Vec<(String, Vec<u8>)>) -> StandIn {
    let objects = Arc::new(objects);
    StandIn::new(move |call| {
        if let Some(query) = call.what.strip_prefix("GET /logs/?") {
            assert!(query.contains("prefix=results%2FAWSLogs%2F123456789012%2FMacie%2Feu-west-1%2Fj%2F"), "{query}");
            let at = query
                .split("continuation-token=")
                .nth(1)
                .map_or(0, |token| token.split('&').next().unwrap().parse::<usize>().unwrap());
            let content = objects.get(at).map(|(key, _)| format!("<Contents><Key>{key}</Key></Contents>"));
            let next = (at + 1 < objects.len()).then(|| {
                format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{}</NextContinuationToken>", at + 1)
            });
            let page = format!(
                "<ListBucketResult>{}{}</ListBucketResult>",
                content.unwrap_or_default(),
                next.unwrap_or_default()
            );
            return Reply::Bytes(page.into_bytes());
        }
        let path = call.what.strip_prefix("GET /logs/").unwrap().split('?').next().unwrap().to_owned();
        Reply::Bytes(objects.iter().find(|(key, _)| *key == path).unwrap().1.clone())
    })
}

async fn records(objects: Vec<(String, Vec<u8>)>) -> Records {
    read(&bucket(objects).objects(), &destination(), OWNER).await.unwrap()
}

fn line(key: &str) -> String {
    format!("{{\"resourcesAffected\": {{\"s3Object\": {{\"key\": \"{key}\"}}}}}}\n")
}

#[tokio::test]
async fn every_line_of_every_file_is_a_record() {
    let objects = vec![
        (format!("{FOLDER}123456789012/1.jsonl.gz"), gzipped(&(line("a") + &line("b")))),
        (format!("{FOLDER}123456789012/readme.txt"), b"no record".to_vec()),
        (format!("{FOLDER}2.jsonl.gz"), gzipped(&line("c"))),
    ];
    let Ok(reports) = records(objects).await else { panic!("they can be read") };
    let keys: Vec<_> = reports.iter().filter_map(|report| report.key.as_deref()).collect();
    assert_eq!(keys, ["a", "b", "c"]);
    assert!(matches!(records(vec![]).await, Ok(none) if none.is_empty()), "not there yet");
}

#[tokio::test]
async fn what_is_broken_proves_nothing() {
    let key = format!("{FOLDER}1.jsonl.gz");
    let cut = gzipped(&line("a"))[..20].to_vec();
    for (content, part) in [
        (b"{}".to_vec(), "no gzip"),
        (cut, "no gzip"),
        (gzipped("{\"a\": 1"), "no JSON"),
        (gzipped("not JSON"), "no JSON"),
        (vec![0; LARGEST + 1], "more than"),
        (gzipped(&" ".repeat(LARGEST_UNPACKED + 1)), "too large"),
    ] {
        let Err(why) = records(vec![(key.clone(), content)]).await else { panic!("{part}") };
        assert!(why.contains(part) && why.contains("s3://logs"), "{why}");
    }
}

#[tokio::test]
async fn what_may_not_be_read_says_what_is_missing() {
    let of = |reply: Reply| async move {
        read(&StandIn::new(move |_| reply.clone()).objects(), &destination(), OWNER).await
    };
    let Ok(Err(why)) = of(Reply::Status(403)).await else { panic!("it may not be read") };
    assert!(why.contains("s3:GetObject") && why.contains("kms:Decrypt"), "{why}");
    assert_eq!(of(Reply::Lost).await.unwrap_err().kind, FailureKind::Busy);
    assert_eq!(of(Reply::Status(503)).await.unwrap_err().kind, FailureKind::Busy);
}

#[test]
fn folders() {
    let of = |prefix| folder(prefix, OWNER);
    assert_eq!(of(None), "AWSLogs/123456789012/Macie/eu-west-1/j/");
    assert_eq!(of(Some("")), of(None));
    assert_eq!(of(Some("results")), FOLDER);
    assert_eq!(of(Some("results/")), FOLDER);
}
