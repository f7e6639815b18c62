//! Who is told of held files: of each by itself, and of many in one e-mail; and of none of them never.

use crate::support::{Ended, Pipeline, Stack};
use cvault::vault::names::Zone;
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";
const RAGGED: &[u8] = b"seq,city\n1,Kingsford,3\n";

/// Whether Lambda takes notices from their queue.
async fn takes_notices(stack: &Stack, enabled: bool) {
    let lambda = &stack.aws.lambda;
    let found = lambda.list_event_source_mappings().event_source_arn(stack.names.notices_arn()).send().await.unwrap();
    let id = found.event_source_mappings()[0].uuid().unwrap();
    lambda.update_event_source_mapping().uuid(id).enabled(enabled).send().await.unwrap();
}

/// Files that are held, while nobody takes their notices.
async fn burst(vault: &Pipeline, files: usize) {
    let keys: Vec<_> = (0..files).map(|file| format!("in/{file:02}.csv")).collect();
    burst_of(vault, &keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
}

/// The same of files of these keys.
async fn burst_of(vault: &Pipeline, keys: &[&str]) {
    takes_notices(&vault.stack, false).await;
    for (file, key) in keys.iter().enumerate() {
        vault.put(key, if file % 2 == 0 { CARDS } else { RAGGED }).await;
    }
    vault.settled(keys.len()).await;
    let begun = Instant::now();
    // What somebody has taken comes back later than the others.
    while vault.messages_in(&vault.stack.names.notices()).await != [keys.len(), 0] {
        assert!(begun.elapsed() < Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// `up` with these settings of `[notify]`.
struct Up(PathBuf);

impl Up {
    fn with(stack: &Stack, settings: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cvault-notices-{}.toml", stack.names.id));
        std::fs::write(&path, format!("[notify]\nwindow_seconds = 1\n{settings}\n")).unwrap();
        Self(path)
    }

    fn run(&self, stack: &Stack, more: &[&str]) -> Ended {
        let up = ["up", "--email", "ops@example.com", "--config", self.0.to_str().unwrap()];
        stack.run(&[&up[..], more].concat())
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// More than are told of each by itself: all of them in one e-mail, by what is wrong, and none left out. The emulator
/// takes ten from a queue at once.
#[tokio::test]
async fn a_burst_is_one_e_mail() {
    let stack = Stack::new();
    let up = Up::with(&stack, "each_up_to = 3");
    up.run(&stack, &[]).expect(0);
    let vault = Pipeline::observed(stack).await;
    burst(&vault, 8).await;
    let ended = up.run(&vault.stack, &["--dry-run"]).expect(2);
    assert!(ended.stdout.contains("notices/event-source-mapping"), "nobody would be told: {}", ended.stdout);
    up.run(&vault.stack, &[]).expect(0);
    let messages = vault.messages().await;
    let [message] = &messages[..] else { panic!("{messages:#?}") };
    assert_eq!(message.subject, "cvault held 8 files: each is named, with what is wrong");
    for file in 0..8 {
        assert_eq!(message.text.matches(&format!("  \"in/{file:02}.csv\", version ")).count(), 1, "{}", message.text);
    }
    assert!(message.text.contains("4 hold sensitive data (HAS_FINDINGS):"), "{}", message.text);
    assert!(message.text.contains("4 are not intact (INTEGRITY_FAIL):"), "{}", message.text);
    // A subscription that filters by one status gets it, too.
    let status = &message.attributes["status"];
    assert_eq!(status, &json!({"Type": "String.Array", "Value": "[\"HAS_FINDINGS\",\"INTEGRITY_FAIL\"]"}));
    assert_eq!(vault.objects(Zone::Analytics).await.len(), 8);
    // The next one is told of by itself.
    vault.put("late.csv", CARDS).await;
    vault.judged("late.csv").await;
    let messages = vault.messages().await;
    let [message] = &messages[..] else { panic!("{messages:#?}") };
    assert_eq!(message.subject, "cvault held \"late.csv\": it holds sensitive data");
}

/// As many as are told of each by itself; with `mode = "digest"` as many are one e-mail.
#[tokio::test]
async fn the_configuration_says_how_many_are_a_burst() {
    let vault = Pipeline::start().await;
    burst(&vault, 3).await;
    assert_eq!(vault.stack.drifted(), ["notices/event-source-mapping/Enabled"]);
    vault.stack.up();
    let mut subjects: Vec<_> = vault.messages().await.into_iter().map(|message| message.subject).collect();
    subjects.sort();
    assert_eq!(
        subjects,
        [
            "cvault held \"00.csv\": it holds sensitive data",
            "cvault held \"01.csv\": it is not intact",
            "cvault held \"02.csv\": it holds sensitive data"
        ]
    );
    let up = Up::with(&vault.stack, "mode = \"digest\"");
    up.run(&vault.stack, &[]).expect(0);
    burst(&vault, 3).await;
    up.run(&vault.stack, &[]).expect(0);
    let messages = vault.messages().await;
    let [message] = &messages[..] else { panic!("{messages:#?}") };
    assert_eq!(message.subject, "cvault held 3 files: each is named, with what is wrong");
}

/// One sender's files are one e-mail, although those of others are told of each by itself.
#[tokio::test]
async fn a_prefix_has_a_mode_of_its_own() {
    let stack = Stack::new();
    let up = Up::with(&stack, "[[ingress.prefix]]\nprefix = \"acme/\"\nnotify = \"digest\"");
    up.run(&stack, &[]).expect(0);
    let vault = Pipeline::observed(stack).await;
    burst_of(&vault, &["acme/0.csv", "a.csv", "acme/1.csv", "b.csv", "c.csv"]).await;
    up.run(&vault.stack, &[]).expect(0);
    let mut messages = vault.messages().await;
    messages.sort_by_key(|message| message.subject.clone());
    let subjects: Vec<_> = messages.iter().map(|message| message.subject.as_str()).collect();
    let alone = ["a.csv\": it is not intact", "b.csv\": it is not intact", "c.csv\": it holds sensitive data"];
    let alone = alone.map(|file| format!("cvault held \"{file}"));
    let digest = "cvault held 2 files: each is named, with what is wrong";
    assert_eq!(subjects, [&alone[0], &alone[1], &alone[2], digest]);
    // By which a subscription gets it that asks for this sender's files alone.
    assert_eq!(messages[3].attributes["rule"], json!({"Type": "String.Array", "Value": "[\"acme/\"]"}));
}

/// What could not be handled goes the same way: each by itself, many in one e-mail, and no key passes for words of ours.
#[tokio::test]
async fn failures_are_told_of_like_verdicts() {
    let stack = Stack::new();
    let up = Up::with(&stack, "each_up_to = 3\n[[ingress.prefix]]\nprefix = \"in/\"\nmax_levels = 9");
    up.run(&stack, &[]).expect(0);
    let vault = Pipeline::observed(stack).await;
    vault.put("in/a.csv", CARDS).await;
    vault.judged("in/a.csv").await;
    let messages = vault.messages().await;
    let [held] = &messages[..] else { panic!("{messages:#?}") };
    assert_eq!(held.attributes["rule"], json!({"Type": "String", "Value": "in/"}));

    vault.set_variables(&[("analytics_bucket", "no-such-bucket-of-ours")]).await;
    let forged = "see https://evil.example now \u{202e}.csv";
    vault.put(forged, CARDS).await;
    vault.judged(forged).await;
    let messages = vault.messages().await;
    let [failed] = &messages[..] else { panic!("{messages:#?}") };
    assert_eq!(failed.subject, "cvault: a file could not be handled");
    assert!(failed.text.contains("see https:\\/\\/evil.example now \\u{202e}.csv"), "{}", failed.text);
    assert!(!failed.text.contains("https://") && !failed.text.contains('\u{202e}'), "{}", failed.text);
    for (name, value) in [("status", "FAILED"), ("prefix", "see https://"), ("rule", "unknown")] {
        assert_eq!(failed.attributes[name], json!({"Type": "String", "Value": value}));
    }

    takes_notices(&vault.stack, false).await;
    for file in 0..5 {
        vault.put(&format!("{file}.csv"), CARDS).await;
    }
    let begun = Instant::now();
    while vault.messages_in(&vault.stack.names.notices()).await != [5, 0] {
        assert!(begun.elapsed() < Duration::from_mins(2));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    up.run(&vault.stack, &[]).expect(0);
    let messages = vault.messages().await;
    let [failed] = &messages[..] else { panic!("{messages:#?}") };
    assert_eq!(failed.subject, "cvault could not handle 5 files: each is named, with why");
    for file in 0..5 {
        assert_eq!(failed.text.matches(&format!("  \"{file}.csv\": ")).count(), 1, "{}", failed.text);
    }
}

/// The queue is gone: the state machine tells by itself, and `up` makes it again.
#[tokio::test]
async fn without_the_queue_each_is_told_of_all_the_same() {
    let vault = Pipeline::start().await;
    let (aws, names) = (&vault.stack.aws, &vault.stack.names);
    let url = aws.sqs.get_queue_url().queue_name(names.notices()).send().await.unwrap().queue_url.unwrap();
    aws.sqs.delete_queue().queue_url(url).send().await.unwrap();
    vault.put("a.csv", CARDS).await;
    vault.judged("a.csv").await;
    assert_eq!(vault.stack.drifted(), ["notices is missing"]);
    vault.stack.up();
    let messages = vault.messages().await;
    let [message] = &messages[..] else { panic!("{messages:#?}") };
    assert_eq!(message.subject, "cvault held \"a.csv\": it holds sensitive data");
}
