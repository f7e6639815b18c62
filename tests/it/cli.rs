//! Exit codes, messages and documents, as users and pipelines see them.

use crate::support::{Stack, unique};
use insta::assert_snapshot;
use std::process::Command;

#[tokio::test]
async fn wrong_usage_is_64() {
    let stack = Stack::new();
    for arguments in [
        &["sideways"] as &[&str],
        &["up", "--email", "nobody"],
        &["up", "--retries", "3"],
        &["status", "--output", "yaml"],
        &["status", "--timeout", "soon"],
        &["status", "--config", "/nonexistent.toml"],
        &["demo", "/nonexistent.csv"],
        &["up"],
        &["up", "--dry-run"],
    ] {
        let ended = stack.run(arguments).expect(64);
        assert!(!ended.stderr.is_empty() && ended.stdout.is_empty(), "{arguments:?}: {ended:?}");
    }
    // A program gets what it gets of any other mistake: a line of a stream, beside a document nothing.
    let words: [&[&str]; 3] = [&["held", "--bogus"], &["up", "--emial", "a@example.com"], &["status", "--bogus"]];
    let told = words.map(|words| stack.run(&[words, &["--output", "json"]].concat()).expect(64));
    assert!(told.iter().all(|ended| ended.stderr.contains("error: unexpected argument")), "{told:#?}");
    let types = told.map(|ended| ended.lines().into_iter().map(|line| line["type"].clone()).collect::<Vec<_>>());
    assert_eq!(types, [vec!["error"], vec!["error", "summary"], vec![]]);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn help_is_an_answer() {
    let stack = Stack::new();
    for arguments in [&["--help"] as &[&str], &["up", "--help"], &["--version"]] {
        let ended = stack.command(&[]).env_remove("X").args(arguments).output().unwrap();
        assert_eq!(ended.status.code(), Some(0));
        assert!(!ended.stdout.is_empty() && ended.stderr.is_empty());
    }
}

#[tokio::test]
async fn guards_are_4() {
    let stack = Stack::new();
    let other = stack.run(&["up", "--email", "a@example.com", "--expect-account", "123456789012"]).expect(4);
    assert_snapshot!(other.told(), @r"
    error: work in account 000000000000
      why: only account 123456789012 is expected (--expect-account)
      fix: choose the profile or role of that account
    ");
    stack.run(&["up", "--email", "a@example.com", "--macie", "on"]).expect(4);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn nobody_to_tell_is_said_with_its_fix() {
    let stack = Stack::new();
    assert_snapshot!(stack.run(&["up"]).expect(64).told(), @r"
    error: create the vault
      why: nobody would be told of held files: no e-mail address, HTTPS endpoint or queue is declared or subscribed
      fix: pass --email you@example.com (repeatable), or set emails in cvault.toml
    ");
}

#[tokio::test]
async fn no_endpoint_is_1() {
    let stack = Stack::new();
    let mut command = stack.command(&["status"]);
    let ended: crate::support::Ended = command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").output().unwrap().into();
    let ended = ended.expect(1);
    assert!(ended.stderr.contains("fix: nothing listens there: check AWS_ENDPOINT_URL"), "{}", ended.stderr);
}

/// The plan of a whole stack from nothing: the most useful thing to look at in a review.
#[tokio::test]
async fn dry_run_writes_nothing_and_says_everything() {
    let stack = Stack::new().whole();
    let ended = stack.run(&["up", "--email", "ops@example.com", "--dry-run", "--output", "json"]).expect(2);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    insta::assert_snapshot!("up_dry_run", stack.redacted(&ended.stdout));
    let human = stack.run(&["up", "--email", "ops@example.com", "--dry-run"]).expect(2);
    insta::assert_snapshot!("up_dry_run_human", stack.redacted(&human.stdout));
}

#[tokio::test]
async fn documents_of_a_stack_that_is_up() {
    let stack = Stack::new().whole();
    let up = stack.run(&["up", "--email", "ops@example.com", "--output", "json"]).expect(0);
    let lines = up.lines();
    // A look that takes long says so before.
    let first = lines.iter().find(|line| line["type"] != "reading" && line["type"] != "read").unwrap();
    assert_eq!(first["type"], "planned");
    let summary = lines.last().unwrap();
    assert_eq!((summary["type"].as_str(), summary["created"].as_u64()), (Some("summary"), Some(34)));
    assert!(lines.iter().all(|line| line["message"].is_string()));
    assert_eq!(up.stderr, "");

    let status = stack.run(&["status", "--output", "json"]).expect(0);
    insta::assert_snapshot!("status", stack.redacted(&status.stdout));
    insta::assert_snapshot!("status_human", stack.redacted(&stack.run(&["status"]).expect(0).stdout));
    let down = stack.run(&["down", "--dry-run", "--output", "json"]).expect(2);
    assert_eq!(down.document()["resources"][0]["action"], "delete");
}

#[tokio::test]
async fn variables_and_a_file_count_too() {
    let stack = Stack::new();
    let path = std::env::temp_dir().join(format!("cvault-{}.toml", stack.names.id));
    std::fs::write(&path, "emails = [\"file@example.com\"]\n[logs]\nretention_days = 7\n").unwrap();
    let mut command = stack.command(&["up", "--dry-run", "--output", "json"]);
    let ended: crate::support::Ended = command.env("CVAULT_CONFIG", &path).output().unwrap().into();
    assert!(ended.stdout.contains("subscription/file@example.com"), "{}", ended.stdout);
    let mut command = stack.command(&["up", "--dry-run", "--output", "json"]);
    let command = command.env("CVAULT_CONFIG", &path).env("CVAULT_EMAIL", "one@example.com,two@example.com");
    let ended: crate::support::Ended = command.output().unwrap().into();
    assert!(ended.stdout.contains("two@example.com") && !ended.stdout.contains("file@example.com"));
    let mut command = stack.command(&["up", "--dry-run", "--output", "json"]);
    let command = command.env("CVAULT_CONFIG", &path).env("CVAULT_EMAIL", "").env("CVAULT_ID", " ");
    let ended: crate::support::Ended = command.output().unwrap().into();
    assert!(ended.stdout.contains("subscription/file@example.com"), "an empty one is none: {}", ended.stdout);
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn github_actions_get_annotations_and_a_summary() {
    let stack = Stack::new();
    let path = std::env::temp_dir().join(format!("cvault-summary-{}.md", stack.names.id));
    let mut command = stack.command(&["up"]);
    let github = command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &path);
    let failed: crate::support::Ended = github.output().unwrap().into();
    assert!(failed.stderr.contains("::error title=create the vault::"), "{}", failed.stderr);
    let mut command = stack.command(&["up", "--email", "ops@example.com"]);
    let outputs = path.with_extension("outputs");
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &path).env("GITHUB_OUTPUT", &outputs);
    command.output().unwrap();
    let output = std::fs::read_to_string(&outputs).unwrap();
    let vault = format!("vault_bucket={}", stack.names.bucket(cvault::vault::names::Zone::Vault));
    assert!(output.contains(&vault) && output.contains("changed=true"), "{output}");
    std::fs::remove_file(outputs).unwrap();
    let summary = std::fs::read_to_string(&path).unwrap();
    assert!(summary.contains("| bucket/vault | create | created |"), "{summary}");
    let mut command = stack.command(&["up", "--emial", "ops@example.com"]);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &path);
    let wrong = crate::support::Ended::from(command.output().unwrap()).expect(64).stderr;
    assert!(wrong.contains("::error title=wrong usage::error: unexpected argument '--emial' found%0A"), "{wrong}");
    assert!(std::fs::read_to_string(&path).unwrap().contains("unexpected argument '--emial' found"));
    std::fs::remove_file(path).unwrap();
}

/// A file of `init` is there whole or not at all: this run is killed by the system when it has written a part of one.
#[test]
fn what_a_killed_init_leaves_is_no_hindrance() {
    let folder = std::env::temp_dir().join(format!("cvault-init-{}", unique()));
    std::fs::create_dir(&folder).unwrap();
    let init = |limit: &str| {
        let mut run = Command::new("sh");
        run.args(["-c", &format!("{limit} exec \"$0\" init --stack demo"), env!("CARGO_BIN_EXE_cvault")]);
        run.current_dir(&folder).output().unwrap()
    };
    let killed = init("ulimit -f 1;");
    assert_eq!(killed.status.code(), None, "{killed:?}");
    assert!(!folder.join("cvault.toml").exists());
    let written = init("");
    assert!(written.status.success(), "{written:?}");
    let text = std::fs::read_to_string(folder.join("cvault.toml")).unwrap();
    assert!(text.contains("stack = \"demo\"") && text.contains("# [vault]"), "{text}");
    assert!(String::from_utf8(init("").stdout).unwrap().contains("there"));
    std::fs::remove_dir_all(folder).unwrap();
}
