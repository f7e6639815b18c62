//! Law 7 under load: overlapping uploads of one key, of which each is judged for itself, none is lost,
//! none is vaulted unjudged, and the newest good one ends current.

use crate::support::Pipeline;
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};

/// How many versions, and how many of them are uploaded at once.
const VERSIONS: usize = 120;
const AT_ONCE: usize = 16;

/// Every fifth is broken, every seventh sensitive: what each holds says which it is.
fn body(number: usize) -> Vec<u8> {
    match number {
        _ if number % 5 == 4 => format!("seq,city\n{number},Kingsford,extra\n"),
        _ if number % 7 == 6 => format!("seq,credit_card\n{number},4000004427083831\n"),
        _ => format!("seq,city\n{number},Kingsford\n"),
    }
    .into_bytes()
}

fn expected(number: usize) -> &'static str {
    match number {
        _ if number % 5 == 4 => "INTEGRITY_FAIL",
        _ if number % 7 == 6 => "HAS_FINDINGS",
        _ => "VAULT_COPY",
    }
}

fn is_good(number: usize) -> bool {
    expected(number) == "VAULT_COPY"
}

#[tokio::test]
async fn more_than_a_hundred_overlapping_uploads_of_one_key() {
    let vault = Pipeline::start().await;
    let uploads = stream::iter(0..VERSIONS).map(async |number| (vault.put("same.csv", &body(number)).await, number));
    let uploads: Vec<(String, usize)> = uploads.buffer_unordered(AT_ONCE).collect().await;
    let number_of = |version: &str| uploads.iter().find(|(uploaded, _)| uploaded == version).map(|(_, number)| *number);
    let executions = vault.settled(VERSIONS).await;

    // S3 says in which order the versions came.
    let mut judged = vec![];
    for execution in &executions {
        let object = &execution.input["detail"]["object"];
        let sequencer = object["sequencer"].as_str().unwrap().to_owned();
        let source = &execution.output["Classifier"]["Source"];
        if let Some(number) = source["VersionId"].as_str().and_then(number_of) {
            assert_eq!(execution.verdict("Status"), expected(number), "{execution:#?}");
            judged.push((sequencer, number));
        }
    }
    judged.sort();
    assert_eq!(judged.len(), VERSIONS, "each is judged once");

    let mut stored = vault.objects(Zone::Vault).await.remove("same.csv").unwrap();
    let newest = judged.iter().rev().find(|(_, number)| is_good(*number)).unwrap().1;
    assert_eq!(stored[0], body(newest), "the newest good one is current");
    let sorted = |mut bodies: Vec<Vec<u8>>| {
        bodies.sort();
        bodies
    };
    stored.sort();
    stored.dedup();
    assert_eq!(stored, sorted((0..VERSIONS).filter(|number| is_good(*number)).map(body).collect()));
    let held = vault.objects(Zone::Analytics).await.into_values().flatten().collect();
    assert_eq!(sorted(held), sorted((0..VERSIONS).filter(|number| !is_good(*number)).map(body).collect()));
    assert_eq!(vault.objects(Zone::Ingress).await.len(), 0);
}
