//! Who is told of held files: e-mail addresses, HTTPS endpoints and queues, those that are declared and others.

use crate::policy::unused;
use crate::support::{Ended, Stack};
use serde_json::Value;
use std::path::PathBuf;

const HTTPS: &str = "https://hooks.example.com/held";

/// A configuration of one test.
struct Configured {
    stack: Stack,
    file: PathBuf,
}

impl Configured {
    fn new(stack: Stack) -> Self {
        let file = std::env::temp_dir().join(format!("cvault-subscribers-{}.toml", stack.names.id));
        Self { stack, file }
    }

    fn write(&self, text: &str) {
        std::fs::write(&self.file, text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        self.stack.run(&[arguments, &["--config", self.file.to_str().unwrap()]].concat())
    }

    /// What `status` says of each subscription: its endpoint, its state, and what is to be done.
    fn subscriptions(&self) -> Vec<[String; 3]> {
        let status = self.run(&["status", "--output", "json"]).document();
        let text = |step: &Value, member: &str| step[member].as_str().unwrap_or_default().to_owned();
        let all =
            status["resources"].as_array().unwrap().iter().filter(|step| step["type"] == "AWS::SNS::Subscription");
        let mut all: Vec<_> = all.map(|step| ["id", "state", "action"].map(|member| text(step, member))).collect();
        all.sort();
        all
    }

    /// Somebody else subscribes somebody.
    async fn subscribes(&self, protocol: &str, endpoint: &str) {
        let subscribe = self.stack.aws.sns.subscribe().topic_arn(self.stack.names.topic_arn());
        subscribe.protocol(protocol).endpoint(endpoint).send().await.unwrap();
    }
}

impl Drop for Configured {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

fn is(one: [&str; 3]) -> [String; 3] {
    one.map(str::to_owned)
}

#[tokio::test]
async fn whoever_is_declared_is_told_and_whoever_is_not_is_told_of() {
    let it = Configured::new(Stack::behind(&["--truths", "sns-pending"]));
    let names = &it.stack.names;
    let queue = format!("arn:aws:sqs:{}:{}:held-{}", names.region, names.account, names.id);
    let notify = format!("[notify]\nhttps = ['{HTTPS}']\nsqs = ['{queue}']\n");
    it.write(&notify);
    // No address, and somebody all the same.
    let made = it.run(&["up"]).expect(0).stdout;
    assert!(made.contains(&format!("SubscribeURL to {HTTPS}")) && made.contains("lets the topic send"), "{made}");
    let queued = is([&queue, "ok", "keep"]);
    assert_eq!(it.subscriptions(), [queued.clone(), is([HTTPS, "pending", "keep"])]);
    it.run(&["status"]).expect(0);
    it.stack.proxy.forget();
    it.stack.proxy.confirm(HTTPS);
    it.run(&["up"]).expect(0);
    assert_eq!(it.stack.proxy.writes(), Vec::<String>::new(), "law 1");

    // Drift: it alone is made again.
    let listed = it.stack.aws.sns.list_subscriptions_by_topic().topic_arn(names.topic_arn()).send().await.unwrap();
    let found = listed.subscriptions().iter().find(|one| one.protocol() == Some("sqs")).unwrap();
    it.stack.aws.sns.unsubscribe().subscription_arn(found.subscription_arn().unwrap()).send().await.unwrap();
    assert_eq!(it.subscriptions(), [is([&queue, "missing", "create"]), is([HTTPS, "ok", "keep"])]);
    it.run(&["up"]).expect(0);
    assert_eq!(it.stack.proxy.writes(), [format!("sns:Subscribe {}", names.topic_arn())]);

    // Others: shown, told of, and left, but for addresses that are to go and can.
    it.write(&format!("emails = ['ops@example.com']\n{notify}"));
    it.run(&["up"]).expect(0);
    for (protocol, endpoint) in
        [("email", "old@example.com"), ("email", "new@example.com"), ("https", "https://x.example.com/")]
    {
        it.subscribes(protocol, endpoint).await;
    }
    it.stack.proxy.forget();
    for endpoint in ["ops@example.com", "old@example.com", "https://x.example.com/", HTTPS] {
        it.stack.proxy.confirm(endpoint);
    }
    let told = it.run(&["up"]).expect(0).stdout;
    assert!(told.contains("not declared: old@example.com;") && told.contains("--prune-emails"), "{told}");
    assert!(told.contains("not declared: https://x.example.com/;"), "{told}");
    assert_eq!(it.stack.proxy.writes(), Vec::<String>::new(), "law 8");
    it.run(&["up", "--prune-emails", "--dry-run"]).expect(2);
    it.write(&format!("emails = ['OPS@example.com']\n{notify}prune_emails = true\n"));
    let waits = is(["new@example.com", "pending", "keep"]);
    let [hook, ops] = [is([HTTPS, "ok", "keep"]), is(["OPS@example.com", "ok", "keep"])];
    let theirs = is(["https://x.example.com/", "ok", "keep"]);
    let old = is(["old@example.com", "drifted", "delete"]);
    let all = [ops.clone(), queued.clone(), hook.clone(), theirs.clone(), waits.clone(), old];
    assert_eq!(it.subscriptions(), all);
    it.run(&["up"]).expect(0);
    assert_eq!(it.subscriptions(), [ops, queued, hook, theirs, waits]);
    let writes = it.stack.proxy.writes();
    assert!(writes.len() == 1 && writes[0].starts_with("sns:Unsubscribe"), "{writes:?}");

    // The right to it comes with the wish.
    let file = it.file.to_str().unwrap();
    let left = unused(&it.stack, &["--for", "up", "--config", file]);
    assert!(!left.contains("sns:Unsubscribe"), "{left:?}");
    it.write(&format!("emails = ['OPS@example.com']\n{notify}"));
    let policy = it.run(&["policy", "--for", "up", "--expect-account", &names.account]).expect(0);
    assert!(policy.stdout.contains("sns:Subscribe") && !policy.stdout.contains("sns:Unsubscribe"));

    // Nobody is declared: whoever is subscribed, by whatever protocol, is somebody, and nobody is removed.
    it.write("[notify]\nprune_emails = true\n");
    assert!(it.run(&["up"]).expect(64).stderr.contains("nobody would be told"));
    it.run(&["status"]).expect(0);
    it.write("");
    it.run(&["up"]).expect(0);
    let down = it.run(&["down", "--output", "json"]).expect(0);
    assert!(down.stdout.contains("subscription/https://x.example.com/"), "{}", down.stdout);
    assert_eq!(it.stack.leftovers().await, Vec::<String>::new());
}
