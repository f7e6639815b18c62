//! What senders do with what they send, from S3's events to the end: renames, stubs, companions, and the same file again.

use crate::support::Pipeline;
use cvault::vault::names::Zone;
use serde_json::json;

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";
/// Of [`CLEAN`].
const SHA256: &str = "1fbfd011d1ee42e9d8c72b394fc68e635d0d1916e399a28d1b3535589fc4b72c";

/// How long it settles, in the emulator's hundredths.
const SETTLING: &str = "[ingress]\nsettle_seconds = 60\n";

impl Pipeline {
    async fn delete(&self, key: &str) {
        let bucket = self.stack.names.bucket(Zone::Ingress);
        self.stack.aws.s3.delete_object().bucket(bucket).key(key).send().await.unwrap();
    }

    /// The statuses of the executions of a key, in order, once there are so many.
    async fn statuses(&self, key: &str, count: usize) -> Vec<String> {
        let executions = self.executions(Zone::Ingress, key, count).await;
        let mut all: Vec<_> = executions.iter().map(|it| it.verdict("Status").to_owned()).collect();
        all.sort();
        all
    }
}

/// As gateways rename, and as file systems on top of S3 write.
#[tokio::test]
async fn what_is_taken_back_or_replaced_at_once_is_not_judged() {
    let vault = Pipeline::configured(SETTLING).await;
    vault.put("a.upload", CLEAN).await;
    vault.put("a.csv", CLEAN).await;
    vault.delete("a.upload").await;
    vault.put("b.csv", b"").await;
    vault.put("b.csv", &CLEAN[..12]).await;
    vault.put("b.csv", CLEAN).await;
    assert_eq!(vault.statuses("a.upload", 1).await, ["NOTHING_TO_JUDGE"]);
    assert_eq!(vault.statuses("a.csv", 1).await, ["VAULT_COPY"]);
    assert_eq!(vault.statuses("b.csv", 3).await, ["NOTHING_TO_JUDGE", "NOTHING_TO_JUDGE", "VAULT_COPY"]);
    for key in ["a.csv", "b.csv"] {
        vault.executions(Zone::Vault, key, 1).await;
    }
    let stored: Vec<_> = vault.objects(Zone::Vault).await.into_iter().collect();
    assert_eq!(stored, [("a.csv".to_owned(), vec![CLEAN.to_vec()]), ("b.csv".to_owned(), vec![CLEAN.to_vec()])]);
    // Neither a mail nor anything for the sweep: what is below a delete marker is counted.
    let status = vault.run(&["status", "--output", "json"]).expect(0).document();
    assert_eq!((&status["waiting"]["ignored"], &status["waiting"]["versions"]), (&json!(1), &json!(0)));
    vault.sweep(&json!({})).await;
    assert_eq!(vault.statuses("a.upload", 1).await, ["NOTHING_TO_JUDGE"]);
    assert_eq!(vault.messages().await.len(), 0);
}

/// What a sender sees that looks, or renames under a name that no pattern means, once the file was judged.
#[tokio::test]
async fn who_comes_late_finds_nothing() {
    let vault = Pipeline::configured(SETTLING).await;
    vault.put("late-part.csv", CLEAN).await;
    assert_eq!(vault.statuses("late-part.csv", 1).await, ["VAULT_COPY"]);
    let (s3, bucket) = (&vault.stack.aws.s3, vault.stack.names.bucket(Zone::Ingress));
    let head = s3.head_object().bucket(&bucket).key("late-part.csv").send().await.unwrap_err();
    assert!(head.into_service_error().is_not_found());
    let copy = s3.copy_object().bucket(&bucket).key("late.csv").copy_source(format!("{bucket}/late-part.csv"));
    let refused = copy.send().await.unwrap_err();
    assert_eq!(refused.into_service_error().meta().code(), Some("NoSuchKey"));
    vault.executions(Zone::Vault, "late-part.csv", 1).await;
    assert_eq!(vault.objects(Zone::Vault).await.into_keys().collect::<Vec<_>>(), ["late-part.csv"]);
}

#[tokio::test]
async fn a_file_waits_for_its_companion() {
    let vault = Pipeline::configured("[ingress]\npairs = [\".done\", \".sha256\"]\n").await;
    for (key, companion, body) in [
        ("a.csv", "a.csv.done", String::new()),
        ("b.csv", "b.csv.sha256", format!("{SHA256}  b.csv\n")),
        ("c.csv", "c.csv.sha256", format!("{}  c.csv\n", "0".repeat(64))),
    ] {
        vault.put(key, CLEAN).await;
        assert_eq!(vault.statuses(key, 1).await, ["NOTHING_TO_JUDGE"]);
        vault.put(companion, body.as_bytes()).await;
        let expected = if key == "c.csv" { "INTEGRITY_FAIL" } else { "VAULT_COPY" };
        assert_eq!(vault.statuses(companion, 1).await, [expected]);
    }
    let messages = vault.messages().await;
    let [message] = &messages[..] else { panic!("{messages:#?}") };
    assert!(message.text.contains("its companion (*.sha256) says 0000"), "{}", message.text);
    assert_eq!(vault.objects(Zone::Ingress).await.len(), 0);
    assert_eq!(vault.objects(Zone::Vault).await.into_keys().collect::<Vec<_>>(), ["a.csv", "b.csv"]);
}

#[tokio::test]
async fn the_same_bytes_are_not_stored_again_where_that_is_wanted() {
    let vault = Pipeline::configured("[ingress]\nunchanged = \"skip\"\n").await;
    for count in 1..=3 {
        vault.put("a.csv", CLEAN).await;
        assert_eq!(vault.statuses("a.csv", count).await, vec!["VAULT_COPY"; count]);
    }
    vault.executions(Zone::Vault, "a.csv", 1).await;
    assert_eq!(vault.objects(Zone::Vault).await["a.csv"].len(), 1);
    assert_eq!((vault.objects(Zone::Ingress).await.len(), vault.objects(Zone::Analytics).await.len()), (0, 0));
}
