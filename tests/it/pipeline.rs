//! Contract §2: every outcome, with the objects where they belong, byte for byte, and the message
//! that tells of it, received through the topic.

use crate::support::Pipeline;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_sfn::types::ExecutionStatus;
use classifier::objects::{Copying, Marks, Objects, Place};
use contract::ignored::Ignoring;
use cvault::vault::names::Zone;
use cvault::vault::resources::bucket::s3_contents::Contents;
use futures::StreamExt;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";
const RAGGED: &[u8] = b"seq,city\n1,Kingsford,extra\n";
const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";

fn no_objects() -> BTreeMap<String, Vec<Vec<u8>>> {
    BTreeMap::new()
}

#[tokio::test]
async fn clean_files_reach_the_vault() {
    let vault = Pipeline::start().await;
    let files: &[(&str, &[u8])] = &[
        ("plain.csv", CLEAN),
        ("a/b c/d+e%2F.csv", CLEAN),
        ("Ünïcödé/文件 \"quoted\" 'n\\n.json", b"{\"a\": [1, 2]}"),
        ("line\nbreak.txt", b"text\n"),
        ("${Key} $.x {} .ndjson", b"{}\n{}\n"),
        ("page.xml", b"<a><b c='d'/></a>"),
        // Its index is at the end: parts of it are fetched before it is read.
        ("two files.zip", include_bytes!("../../src/commands/demo/samples/tides.zip")),
        ("table.parquet", include_bytes!("../../src/commands/demo/samples/tides.parquet")),
    ];
    for (key, body) in files {
        vault.put(key, body).await;
    }
    let longest = format!("{}.csv", "k".repeat(1020));
    vault.put(&longest, CLEAN).await;
    let keys = files.iter().map(|(key, _)| *key).chain([longest.as_str()]);
    for key in keys.clone() {
        let execution = vault.judged(key).await;
        assert_eq!(
            (&execution.status, execution.verdict("Status")),
            (&ExecutionStatus::Succeeded, "VAULT_COPY"),
            "{execution:#?}"
        );
        let cleared = vault.executions(Zone::Vault, key, 1).await.remove(0);
        assert_eq!(cleared.verdict("Status"), "CLEARED", "{cleared:#?}");
    }
    let mut expected: BTreeMap<_, _> =
        files.iter().map(|(key, body)| ((*key).to_owned(), vec![body.to_vec()])).collect();
    expected.insert(longest.clone(), vec![CLEAN.to_vec()]);
    assert_eq!(vault.objects(Zone::Vault).await, expected);
    assert_eq!(vault.objects(Zone::Ingress).await, no_objects());
    assert_eq!(vault.objects(Zone::Analytics).await, no_objects());
    assert_eq!(vault.messages().await.len(), 0, "no e-mail about what is well");
}

#[tokio::test]
async fn broken_and_sensitive_files_are_held_with_a_message() {
    let vault = Pipeline::start().await;
    for (key, body, status, reason) in [
        ("in/ragged.csv", RAGGED, "INTEGRITY_FAIL", "csv: row 2 has 3 fields, expected 2"),
        ("in/cards.csv", CARDS, "HAS_FINDINGS", "CREDIT_CARD_NUMBER found 1 time"),
        ("empty.txt", b"", "INTEGRITY_FAIL", "empty"),
    ] {
        vault.put(key, body).await;
        let execution = vault.judged(key).await;
        assert_eq!((&execution.status, execution.verdict("Status")), (&ExecutionStatus::Succeeded, status));
        let held = vault.objects(Zone::Analytics).await;
        assert_eq!(held[execution.verdict("AnalyticsKey")], [body.to_vec()]);
        assert_eq!(execution.verdict("AnalyticsBucket"), vault.stack.names.bucket(Zone::Analytics));
        let messages = vault.messages().await;
        assert_eq!(messages.len(), 1, "{messages:#?}");
        let name = key.rsplit('/').next().unwrap();
        assert!(messages[0].subject.contains(name), "{:?}", messages[0].subject);
        for part in [key, status, reason, execution.verdict("AnalyticsKey"), "What to do next"] {
            assert!(messages[0].text.contains(part), "{part:?} is not in {}", messages[0].text);
        }
        let everything = format!("{}{messages:?}", execution.output);
        assert!(!everything.contains("4000004427083831"), "the value itself is nowhere");
    }
    assert_eq!(vault.objects(Zone::Ingress).await, no_objects());
    assert_eq!(vault.objects(Zone::Vault).await, no_objects());
}

#[tokio::test]
async fn a_person_releases_a_held_file() {
    let vault = Pipeline::start().await;
    vault.put("cards.csv", CARDS).await;
    vault.put("cards.csv", RAGGED).await;
    let held = vault.executions(Zone::Ingress, "cards.csv", 2).await;
    let of = |status: &str| held.iter().find(|it| it.verdict("Status") == status).unwrap();
    let (released, other) = (of("HAS_FINDINGS"), of("INTEGRITY_FAIL"));
    let source = format!("{}/{}", released.verdict("AnalyticsBucket"), released.verdict("AnalyticsKey"));
    let copy = vault.stack.aws.s3.copy_object().bucket(vault.stack.names.bucket(Zone::Vault)).key("released/cards.csv");
    copy.copy_source(source).send().await.unwrap();
    let cleared = vault.executions(Zone::Vault, "released/cards.csv", 1).await.remove(0);
    assert_eq!(cleared.verdict("AnalyticsKey"), released.verdict("AnalyticsKey"));
    let left = vault.objects(Zone::Analytics).await;
    assert_eq!(left.keys().collect::<Vec<_>>(), [other.verdict("AnalyticsKey")], "another version's copy stays");
    assert_eq!(vault.objects(Zone::Vault).await["released/cards.csv"], [CARDS.to_vec()]);
}

#[tokio::test]
async fn what_was_released_by_hand_is_cleared_and_what_only_looks_so_is_told_of() {
    let vault = Pipeline::start().await;
    vault.put("cards.csv", CARDS).await;
    let held = vault.judged("cards.csv").await;
    let id = held.verdict("AnalyticsKey").split('/').next().unwrap().to_owned();
    let bucket = vault.stack.names.bucket(Zone::Vault);
    let put =
        |key: &str, body: &[u8]| vault.stack.aws.s3.put_object().bucket(&bucket).key(key).body(body.to_vec().into());
    // Other bytes than those of the copy that it names.
    put("other.csv", CLEAN).metadata("cvault-copy", id).send().await.unwrap();
    let execution = vault.executions(Zone::Vault, "other.csv", 1).await.remove(0);
    assert_eq!(execution.error.as_deref(), Some("CopyMismatch"), "{execution:#?}");
    // Its own bytes, without the mark: a tool that copies in parts drops it.
    put("cards.csv", RAGGED).send().await.unwrap();
    put("cards.csv", CARDS).send().await.unwrap();
    let executions = vault.executions(Zone::Vault, "cards.csv", 2).await;
    let mut cleared: Vec<_> = executions.iter().map(|it| it.verdict("AnalyticsKey")).collect();
    cleared.sort_unstable();
    assert_eq!(cleared, ["", held.verdict("AnalyticsKey")], "{executions:#?}");
    assert_eq!(vault.objects(Zone::Analytics).await.len(), 0);
    let messages = vault.messages().await;
    let about = |what: &str| messages.iter().filter(|it| it.subject.contains(what)).count();
    assert_eq!([about("still in analytics"), about("holds sensitive data")], [1, 1], "{messages:#?}");
}

#[tokio::test]
async fn a_duplicate_event_changes_nothing() {
    let vault = Pipeline::start().await;
    for (key, body) in [("clean.csv", CLEAN), ("held.csv", RAGGED)] {
        vault.put(key, body).await;
        let first = vault.judged(key).await;
        if body == CLEAN {
            vault.executions(Zone::Vault, key, 1).await;
        }
        let (vaulted, held) = (vault.objects(Zone::Vault).await, vault.objects(Zone::Analytics).await);
        let again = vault.start_execution(&first.input).await;
        assert_eq!(again.status, ExecutionStatus::Succeeded, "{again:#?}");
        assert_eq!(again.verdict("Status"), "ALREADY_SETTLED");
        assert_eq!(vault.objects(Zone::Vault).await, vaulted);
        assert_eq!(vault.objects(Zone::Analytics).await, held);
    }
    assert_eq!(vault.messages().await.len(), 1, "the held one's, once");
}

#[tokio::test]
async fn every_version_is_judged_for_itself() {
    let vault = Pipeline::start().await;
    let bodies: Vec<_> = (0..10).map(|n| format!("seq,city\n{n},Kingsford\n").into_bytes()).collect();
    let mut versions = vec![];
    for body in &bodies {
        versions.push(vault.put("same.csv", body).await);
    }
    vault.put("same.csv", RAGGED).await;
    let executions = vault.executions(Zone::Ingress, "same.csv", 11).await;
    assert!(executions.iter().all(|it| it.status == ExecutionStatus::Succeeded), "{executions:#?}");
    vault.executions(Zone::Vault, "same.csv", 10).await;
    let mut stored = vault.objects(Zone::Vault).await.remove("same.csv").unwrap();
    assert_eq!(stored[0], bodies[9], "the newest good one is current");
    stored.sort();
    stored.dedup();
    assert_eq!(stored, bodies, "none is lost");
    assert_eq!(vault.objects(Zone::Ingress).await, no_objects());
    assert_eq!(vault.objects(Zone::Analytics).await.into_values().flatten().collect::<Vec<_>>(), [RAGGED.to_vec()]);
    assert_eq!(versions.len(), 10);
}

#[tokio::test]
async fn what_is_gone_or_no_event_is_told_and_fails() {
    let vault = Pipeline::start().await;
    let ingress = vault.stack.names.bucket(Zone::Ingress);
    let event = |object: serde_json::Value| json!({"detail": {"bucket": {"name": ingress}, "object": object}});
    let gone = vault.start_execution(&event(json!({"key": "never.csv", "version-id": "abc", "etag": "e"}))).await;
    assert_eq!((gone.status, gone.error.as_deref()), (ExecutionStatus::Failed, Some("GONE")));
    for input in [json!({}), json!({"detail": {"bucket": {"name": "other"}, "object": {"key": "k"}}}), event(json!({}))]
    {
        let unknown = vault.start_execution(&input).await;
        assert_eq!((unknown.status, unknown.error.as_deref()), (ExecutionStatus::Failed, Some("UnknownEvent")));
    }
    let messages = vault.messages().await;
    assert_eq!(messages.len(), 4, "{messages:#?}");
    assert!(messages.iter().all(|message| !message.subject.is_empty()));
}

/// The copy cannot be made: everything stays where it was, and somebody is told.
#[tokio::test]
async fn a_failure_leaves_everything_where_it_was() {
    let vault = Pipeline::start().await;
    vault.set_variables(&[("analytics_bucket", "no-such-bucket")]).await;
    vault.put("clean.csv", CLEAN).await;
    let execution = vault.judged("clean.csv").await;
    assert_eq!(execution.status, ExecutionStatus::Failed, "{execution:#?}");
    assert_eq!(vault.objects(Zone::Ingress).await["clean.csv"], [CLEAN.to_vec()]);
    assert_eq!(vault.objects(Zone::Vault).await, no_objects());
    let messages = vault.messages().await;
    assert_eq!(messages.len(), 1);
    assert!(messages[0].text.contains("Nothing was deleted") && messages[0].text.contains("clean.csv"), "{messages:?}");
}

/// What a file has beside its bytes comes along; how it was judged, and by which execution, is in its tags.
#[tokio::test]
async fn metadata_and_tags_survive_and_the_verdict_comes_to_them() {
    let vault = Pipeline::start().await;
    let put = |key: &str, body: &[u8]| {
        let put = vault.stack.aws.s3.put_object().bucket(vault.stack.names.bucket(Zone::Ingress)).key(key);
        put.body(body.to_vec().into())
            .content_type("text/csv")
            .metadata("note", "of the harbour")
            .tagging("team=sea%20side")
    };
    put("clean.csv", CLEAN).send().await.unwrap();
    put("held.csv", RAGGED).send().await.unwrap();
    for (key, zone) in [("clean.csv", Zone::Vault), ("held.csv", Zone::Analytics)] {
        let execution = vault.judged(key).await;
        let place = if zone == Zone::Vault { key } else { execution.verdict("AnalyticsKey") };
        let (s3, bucket) = (&vault.stack.aws.s3, vault.stack.names.bucket(zone));
        let head = s3.head_object().bucket(&bucket).key(place).send().await.unwrap();
        assert_eq!(head.metadata().unwrap()["note"], "of the harbour");
        assert_eq!(head.content_type(), Some("text/csv"));
        let tags = s3.get_object_tagging().bucket(&bucket).key(place).send().await.unwrap();
        let tags: BTreeMap<_, _> = tags.tag_set().iter().map(|tag| (tag.key(), tag.value())).collect();
        let arn = execution.output["Execution"].as_str().unwrap();
        let expected =
            [("cvault:execution", arn), ("cvault:status", execution.verdict("Status")), ("team", "sea side")];
        assert_eq!(tags, expected.into());
    }
}

/// Ten tags are S3's bound, and they are somebody's data.
#[tokio::test]
async fn tags_without_room_stay_as_they_are() {
    let vault = Pipeline::start().await;
    let tags: Vec<_> = (0..10).map(|n| format!("t{n}={n}")).collect();
    let put = vault.stack.aws.s3.put_object().bucket(vault.stack.names.bucket(Zone::Ingress)).key("a.csv");
    put.body(CLEAN.to_vec().into()).tagging(tags.join("&")).send().await.unwrap();
    let execution = vault.judged("a.csv").await;
    assert_eq!(execution.verdict("Status"), "VAULT_COPY");
    let reason = execution.output["Classifier"]["Verdict"]["Reasons"][0].as_str().unwrap();
    assert!(reason.contains("leave no room for cvault:status"), "{reason}");
    let get = vault.stack.aws.s3.get_object_tagging().bucket(vault.stack.names.bucket(Zone::Vault)).key("a.csv");
    assert_eq!(get.send().await.unwrap().tag_set().len(), 10);
}

/// Of an archived object, or one without room for our mark, there can be no copy: it stays, and somebody is told.
#[tokio::test]
async fn what_cannot_be_copied_is_left_and_told_of() {
    let vault = Pipeline::start().await;
    let ingress = vault.stack.names.bucket(Zone::Ingress);
    let put = |key: &str| vault.stack.aws.s3.put_object().bucket(&ingress).key(key).body(CLEAN.to_vec().into());
    let glacier = aws_sdk_s3::types::StorageClass::Glacier;
    for (key, reason, put) in [
        ("cold.csv", "archived (storage class GLACIER)", put("cold.csv").storage_class(glacier)),
        ("full.csv", "limit of 2,048 bytes", put("full.csv").metadata("note", "x".repeat(2040))),
    ] {
        put.send().await.unwrap();
        let execution = vault.judged(key).await;
        assert_eq!((execution.status, execution.error.as_deref()), (ExecutionStatus::Failed, Some("NOT_COPIED")));
        let messages = vault.messages().await;
        assert_eq!(messages.len(), 1, "{messages:#?}");
        assert!(messages[0].subject.contains("left") && messages[0].subject.contains(key), "{:?}", messages[0]);
        assert!(messages[0].text.contains(reason) && messages[0].text.contains("nothing was deleted"));
    }
    // Not even its own uploader could read the archived one.
    let left = vault.stack.aws.s3.list_object_versions().bucket(&ingress).send().await.unwrap();
    assert_eq!(left.versions().len(), 2);
    assert_eq!(vault.objects(Zone::Analytics).await, no_objects());
    assert_eq!(vault.objects(Zone::Vault).await, no_objects());
}

/// Somewhat full metadata: the copy is known by its mark, which is all that is needed.
#[tokio::test]
async fn metadata_with_little_room_is_kept() {
    let vault = Pipeline::start().await;
    let put = vault.stack.aws.s3.put_object().bucket(vault.stack.names.bucket(Zone::Ingress)).key("a.csv");
    put.body(CLEAN.to_vec().into()).metadata("note", "x".repeat(2000)).send().await.unwrap();
    assert_eq!(vault.judged("a.csv").await.verdict("Status"), "VAULT_COPY");
    vault.executions(Zone::Vault, "a.csv", 1).await;
    assert_eq!(vault.objects(Zone::Analytics).await, no_objects());
}

/// The same machine code as for objects of more than 5 GiB, with parts that fit into a test.
#[tokio::test]
async fn large_objects_are_copied_in_parts() {
    const PART: u64 = 5 << 20;
    let vault = Pipeline::start().await;
    let (s3, bucket) = (&vault.stack.aws.s3, vault.stack.names.bucket(Zone::Analytics));
    let body: Vec<u8> = (0..PART * 2 + 7).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let put = s3.put_object().bucket(&bucket).key("large.bin").body(body.clone().into());
    put.content_type("application/x-sea").metadata("note", "kept").send().await.unwrap();
    let objects = Objects::with(s3.clone(), Copying { whole: PART, part: PART, parts: 100, at_once: 2 });
    let place = |key| Place { bucket: &bucket, key, version_id: None };
    let head = objects.head(place("large.bin")).await.unwrap().unwrap();
    let from = Place { version_id: Some(&head.version_id), ..place("large.bin") };
    let marks = || Marks { metadata: &[("mark", "m")], tags: None };
    let copy = objects.copy(from, &head, place("copy.bin"), marks()).await.unwrap().unwrap();
    assert_eq!((copy.metadata("note"), copy.metadata("mark")), (Some("kept"), Some("m")));
    assert_eq!(vault.objects(Zone::Analytics).await["copy.bin"], [body]);

    // A source that is gone is told from a failure, and leaves no parts behind.
    s3.delete_object().bucket(&bucket).key("large.bin").version_id(&head.version_id).send().await.unwrap();
    assert!(objects.copy(from, &head, place("late.bin"), marks()).await.unwrap().is_none());
    let uploads = s3.list_multipart_uploads().bucket(&bucket).send().await.unwrap();
    assert_eq!(uploads.uploads().len(), 0);
}

/// What S3 never reported is in ingress, unjudged, on whichever page: it is counted, and never expires.
#[tokio::test]
async fn what_nobody_judged_is_counted_and_stays() {
    let vault = Pipeline::start().await;
    let (aws, names) = (&vault.stack.aws, &vault.stack.names);
    let before = DateTime::from(SystemTime::now() - Duration::from_hours(1));
    aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    let uploads = futures::stream::iter(0..1005).map(|n| vault.put_owned(format!("{}.csv", n % 900), CLEAN));
    uploads.buffer_unordered(8).collect::<Vec<_>>().await;
    let ingress = Contents::new(aws, names.bucket(Zone::Ingress), &names.account);
    let ages = ingress.ages(before, &Ignoring::default()).await.unwrap();
    assert_eq!((ages.all, ages.old), (1005, 0));
    let ages =
        ingress.ages(DateTime::from(SystemTime::now() + Duration::from_hours(1)), &Ignoring::default()).await.unwrap();
    assert_eq!((ages.all, ages.old), (1005, 1005), "more than a page has");
    assert!(ages.oldest.is_some_and(|oldest| before < oldest), "{ages:?}");
    vault.stack.up();
    // They are too young to be stuck.
    let status = vault.stack.run(&["status", "--output", "json"]).expect(0).document();
    assert_eq!((&status["state"], &status["waiting"]["versions"]), (&json!("in-sync"), &json!(1005)));

    let lifecycle = |zone| aws.s3.get_bucket_lifecycle_configuration().bucket(names.bucket(zone)).send();
    for zone in Zone::ALL {
        let rules = lifecycle(zone).await.unwrap().rules.unwrap();
        let expires = rules.iter().any(|rule| rule.noncurrent_version_expiration.is_some());
        assert_eq!(expires, zone != Zone::Ingress, "{zone}");
        assert!(rules.iter().all(|rule| rule.abort_incomplete_multipart_upload.is_some()), "{zone}");
    }
}

/// Whoever asks is told of what nobody works on, and never that there is nothing to do.
#[tokio::test]
async fn what_is_stuck_is_no_peace() {
    let vault = Pipeline::start().await;
    let (aws, names) = (&vault.stack.aws, &vault.stack.names);
    vault.stack.run(&["status"]).expect(0);
    let url = aws.sqs.get_queue_url().queue_name(names.dead_letters()).send().await.unwrap().queue_url.unwrap();
    aws.sqs.send_message().queue_url(&url).message_body("{}").send().await.unwrap();
    let ended = vault.stack.run(&["status"]).expect(2);
    assert!(ended.stdout.contains("holds 1 event that could not be delivered"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("nothing to do") && !ended.stdout.contains("in-sync"), "{}", ended.stdout);
    aws.sqs.purge_queue().queue_url(&url).send().await.unwrap();

    vault.start_execution(&json!({"nonsense": true})).await;
    let ended = vault.stack.run(&["status"]).expect(2);
    assert!(ended.stdout.contains("1 execution has failed"), "{}", ended.stdout);
    let status = vault.stack.run(&["status", "--output", "json"]).expect(2).document();
    assert_eq!(status["state"], "stuck");
    assert_eq!((&status["waiting"]["failed"], &status["waiting"]["dead_letters"]), (&json!(1), &json!(0)));
    // It is as declared all the same.
    vault.stack.run(&["up", "--dry-run"]).expect(0);
}
