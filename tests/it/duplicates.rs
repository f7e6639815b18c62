//! Events come twice, and twenty times at once. S3 takes conditions on copies, which the proxy obeys and counts: so
//! exactly one execution judges, and one e-mail tells of it.

use crate::support::{Pipeline, Stack};
use cvault::vault::names::Zone;
use futures::future::join_all;
use serde_json::json;

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";
const RAGGED: &[u8] = b"seq,city\n1,Kingsford,extra\n";
/// How many events come for one version.
const EVENTS: usize = 20;

#[tokio::test]
async fn twenty_events_are_one_verdict() {
    let stack = Stack::behind(&["--truths", "s3-copy-conditions"]);
    stack.up();
    let vault = Pipeline::observed(stack).await;
    vault.stack.watch_function().await;
    let names = &vault.stack.names;
    vault.stack.aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    for (key, body, mails) in [("bad.csv", RAGGED, 1), ("good.csv", CLEAN, 0)] {
        let version = vault.put(key, body).await;
        let event = json!({"source": "aws.s3", "detail": {"bucket": {"name": names.bucket(Zone::Ingress)},
            "object": {"key": key, "version-id": version}}});
        let ended = join_all((0..EVENTS).map(|_| vault.start_execution(&event))).await;
        let of = |status: &str| ended.iter().filter(|it| it.verdict("Status") == status).count();
        assert_eq!(of("ALREADY_SETTLED"), EVENTS - 1, "{ended:#?}");
        assert_eq!(vault.messages().await.len(), mails, "{key}");
    }
    vault.executions(Zone::Vault, "good.csv", 1).await;
    assert_eq!(vault.objects(Zone::Vault).await["good.csv"], [CLEAN.to_vec()], "one version");
    assert_eq!(vault.objects(Zone::Analytics).await.len(), 1, "the held one");
    assert_eq!(vault.objects(Zone::Ingress).await.len(), 0);
    let stats = vault.stack.proxy.stats();
    assert!(stats["truths"]["s3-copy-conditions"].as_u64().is_some_and(|count| count > 0), "{stats:#}");
}
