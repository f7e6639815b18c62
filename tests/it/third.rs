//! A third emulator, by others: `LocalStack`, whose S3 and Step Functions its authors hold against AWS. It runs the deployed
//! function natively, so that the whole pipeline runs there. Python 3.13, some minutes for the first run, and 500 MB:
//!
//! ```sh
//! cargo test --test it localstack -- --ignored --nocapture
//! ```
//!
//! It has no Macie, encodes the keys of events by percent, as AWS does not, and lists no executions of Express workflows, as
//! AWS does not either: what is seen here is seen in buckets and notices.

use crate::support::{Other, Pipeline};
use cvault::vault::names::Zone;
use std::time::{Duration, Instant};

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";
const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";

#[tokio::test]
#[ignore = "installs LocalStack, 500 MB, and needs Python 3.13"]
async fn the_pipeline_on_localstack() {
    let localstack = Other::localstack();
    // Without alarms: it forgets the tags that one is made with.
    let stack = localstack.stack(&["--truths", "none"]);
    stack.up();
    stack.proxy.forget();
    stack.up();
    stack.run(&["status"]).expect(0);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "law 1");
    stack.run(&["verify"]).expect(0);

    let vault = Pipeline::observed(stack).await;
    let clean = ["plain.csv", "a b/ü+%25.csv", "line\nbreak.csv"];
    for key in clean {
        vault.put(key, CLEAN).await;
    }
    vault.put("cards.csv", CARDS).await;
    vault.put("empty.csv", b"").await;
    let begun = Instant::now();
    while !vault.objects(Zone::Ingress).await.is_empty() || vault.objects(Zone::Analytics).await.len() != 2 {
        assert!(begun.elapsed() < Duration::from_mins(5), "files are left in ingress, or copies in analytics");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let vaulted = vault.objects(Zone::Vault).await;
    assert_eq!(vaulted.len(), clean.len());
    assert!(clean.iter().all(|key| vaulted[*key] == [CLEAN.to_vec()]), "{vaulted:?}");
    let told: Vec<_> = vault.messages().await.into_iter().map(|message| message.subject).collect();
    assert_eq!(told.len(), 2, "{told:#?}");

    vault.stack.run(&["down"]).expect(4);
    vault.stack.run(&["down", "--delete-data", "--yes"]).expect(0);
    let mut left = vault.stack.leftovers().await;
    left.retain(|name| !name.contains("observer-"));
    assert_eq!(left, Vec::<String>::new());
}
