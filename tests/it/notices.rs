//! Who is told of held files: of each by itself, and of many in one e-mail; and of none of them never.

use crate::support::{Pipeline, Stack};
use cvault::vault::names::Zone;
use serde_json::json;
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
    takes_notices(&vault.stack, false).await;
    for file in 0..files {
        vault.put(&format!("in/{file:02}.csv"), if file % 2 == 0 { CARDS } else { RAGGED }).await;
    }
    vault.settled(files).await;
    let begun = Instant::now();
    while vault.notices().await < files {
        assert!(begun.elapsed() < Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// One more than are told of each by itself: all of them in one e-mail, by what is wrong, and none left out.
#[tokio::test]
async fn a_burst_is_one_e_mail() {
    let vault = Pipeline::start().await;
    burst(&vault, 11).await;
    let drifted = vault.stack.drifted();
    assert_eq!(drifted, ["notices/event-source-mapping/Enabled"], "nobody would be told");
    vault.stack.up();
    let [message] = &vault.messages().await[..] else { panic!("one e-mail") };
    assert_eq!(message.subject, "cvault held 11 files: each is named, with what is wrong");
    for file in 0..11 {
        assert_eq!(message.text.matches(&format!("  \"in/{file:02}.csv\", version ")).count(), 1, "{}", message.text);
    }
    assert!(message.text.contains("6 hold sensitive data (HAS_FINDINGS):"), "{}", message.text);
    assert!(message.text.contains("5 are not intact (INTEGRITY_FAIL):"), "{}", message.text);
    // A subscription that filters by one status gets it, too.
    let status = &message.attributes["status"];
    assert_eq!(
        (&status["Type"], &status["Value"]),
        (&json!("String.Array"), &json!("[\"HAS_FINDINGS\",\"INTEGRITY_FAIL\"]"))
    );
    assert_eq!(vault.objects(Zone::Analytics).await.len(), 11);
    // The next one is told of by itself.
    vault.put("late.csv", CARDS).await;
    vault.judged("late.csv").await;
    let [message] = &vault.messages().await[..] else { panic!("one e-mail") };
    assert_eq!(message.subject, "cvault held \"late.csv\": it holds sensitive data");
}

/// As many as are told of each by itself; with `mode = "digest"` as many are one e-mail.
#[tokio::test]
async fn the_configuration_says_how_many_are_a_burst() {
    let vault = Pipeline::start().await;
    burst(&vault, 3).await;
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
    let file = std::env::temp_dir().join(format!("cvault-{}.toml", vault.stack.names.id));
    std::fs::write(&file, "[notify]\nmode = \"digest\"\nwindow_seconds = 7\n").unwrap();
    let up = ["up", "--email", "ops@example.com", "--config", file.to_str().unwrap()];
    vault.stack.run(&up).expect(0);
    burst(&vault, 3).await;
    let dry = vault.stack.run(&[&up[..], &["--dry-run"]].concat()).expect(2);
    assert!(dry.stdout.contains("notices/event-source-mapping"), "{}", dry.stdout);
    vault.stack.run(&up).expect(0);
    let [message] = &vault.messages().await[..] else { panic!("one e-mail") };
    assert_eq!(message.subject, "cvault held 3 files: each is named, with what is wrong");
    std::fs::remove_file(file).unwrap();
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
    let [message] = &vault.messages().await[..] else { panic!("one e-mail") };
    assert_eq!(message.subject, "cvault held \"a.csv\": it holds sensitive data");
}
