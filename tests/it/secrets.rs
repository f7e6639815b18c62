//! What nobody is to read: credentials in the output of `cvault`, and what a file holds in anything
//! but its copies.

use crate::support::{Ended, Pipeline, Stack};
use cvault::vault::names::Zone;
use serde_json::json;
use std::fmt::Write;

/// AWS's own examples, and a token.
const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLETOKEN";

/// As loud as it can be: with the SDK's own log, and with all that there is of it.
const LOUD: [(&str, &str); 2] = [("CVAULT_LOG", "trace"), ("GITHUB_ACTIONS", "true")];

/// Created, looked at, refused, removed: in every form of the output, and with the log that `-vv` gives.
#[tokio::test]
async fn credentials_are_in_no_output() {
    let stack = Stack::new();
    let summary = std::env::temp_dir().join(format!("cvault-secrets-{}.md", stack.names.id));
    let run = |arguments: &[&str], variables: &[(&str, &str)]| -> Ended {
        let mut command = stack.command(arguments);
        command.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET).env("AWS_SESSION_TOKEN", TOKEN);
        command.env("GITHUB_STEP_SUMMARY", &summary).envs(variables.iter().copied()).output().unwrap().into()
    };
    let denied =
        json!([{"service": "lambda", "code": "AccessDeniedException", "message": "not authorized", "status": 403}]);
    let up = ["up", "--email", "ops@example.com"];
    let mut said = vec![run(&[&up[..], &["-vv", "--output", "json"]].concat(), &[]).expect(0)];
    stack.proxy.configure(&json!({"faults": denied}));
    said.push(run(&["status", "-vv"], &LOUD[1..]).expect(1));
    stack.proxy.configure(&json!({"faults": []}));
    said.push(run(&["status", "--output", "json"], &LOUD).expect(0));
    said.push(run(&[&up[..], &["-vv", "--dry-run"]].concat(), &LOUD[1..]).expect(0));
    said.push(run(&["down", "-vv", "--yes"], &[]).expect(0));
    for ended in &said {
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(said.contains(KEY_ID), "the log says who signs");
        assert!(!said.contains(SECRET) && !said.contains(TOKEN), "{said}");
        assert!(!ended.stdout.contains(KEY_ID), "{}", ended.stdout);
    }
    let summary = std::fs::read_to_string(&summary).and_then(|text| std::fs::remove_file(&summary).map(|()| text));
    let quiet = run(&up, &[]).expect(0);
    for said in [summary.unwrap(), quiet.stdout, quiet.stderr] {
        assert!([KEY_ID, SECRET, TOKEN].iter().all(|credential| !said.contains(credential)), "{said}");
    }
}

/// Files whose every part would be a pity, if it were told: whole ones and broken ones, with values
/// where names are expected too.
const FILES: [(&str, &str); 9] = [
    ("cards.csv", "seq,credit_card\n0,4000004427083831\n"),
    ("bare.csv", "4000004427083831,card\n4000004427083831,card\n"),
    ("paid.json", r#"{"card": {"4000004427083831": "4000004427083831"}}"#),
    ("deploy.txt", "aws_secret_access_key = g8OhHZlj9Nn7ep52YLX/UVZSidxZrMBMosgHAPSH\n"),
    ("ragged.csv", "seq,quillfish\n1,quillfish,quillfish\n"),
    ("quotes.csv", "seq,quillfish\n1,\"quillfish\"quillfish\n"),
    ("cut.json", "{\"quillfish\": \"quillfish\", \"quillfish\": quillfish"),
    ("tags.xml", "<quillfish a='quillfish'><b>&quillfish;</quillfish></b>"),
    ("lines.ndjson", "{\"a\": 1}\n{\"quillfish\": \"\\quillfish\"}\n"),
];
const NOWHERE: [&str; 3] = ["4000004427083831", "g8OhHZlj9Nn7ep52YLX", "quillfish"];

/// Neither in the e-mails nor in the verdicts, the function's log, the histories that are logged with
/// their data, the tags of the copy, and what `cvault` says.
#[tokio::test]
async fn what_a_file_holds_is_told_to_nobody() {
    let vault = Pipeline::start().await;
    for (key, body) in FILES {
        vault.put(key, body.as_bytes()).await;
    }
    let executions = vault.settled(FILES.len()).await;
    let (aws, names) = (&vault.stack.aws, &vault.stack.names);
    let mut said = format!("{executions:?}");
    let kept = executions.iter().filter(|it| ["HAS_FINDINGS", "INTEGRITY_FAIL"].contains(&it.verdict("Status")));
    assert_eq!(kept.count(), FILES.len(), "{said}");
    let messages = vault.messages().await;
    assert_eq!(messages.len(), FILES.len(), "{messages:#?}");
    write!(said, "{messages:?}").unwrap();

    let mut all = vec![];
    for machine in [names.state_machine_arn(), names.express_arn()] {
        all.extend(aws.sfn.list_executions().state_machine_arn(machine).send().await.unwrap().executions);
    }
    for execution in all {
        let history =
            aws.sfn.get_execution_history().execution_arn(execution.execution_arn).include_execution_data(true);
        write!(said, "{:?}", history.send().await.unwrap().events).unwrap();
    }
    let log = aws.logs.filter_log_events().log_group_name(names.classifier_log_group()).send().await.unwrap();
    let log = log.events();
    let of_step = |step: &str| log.iter().filter(|line| line.message().unwrap().contains(step)).count();
    assert!(of_step("InspectContent") >= FILES.len(), "{log:#?}");
    write!(said, "{log:?}").unwrap();

    let (s3, bucket) = (&aws.s3, names.bucket(Zone::Analytics));
    for key in vault.objects(Zone::Analytics).await.keys() {
        let tags = s3.get_object_tagging().bucket(&bucket).key(key).send().await.unwrap();
        let head = s3.head_object().bucket(&bucket).key(key).send().await.unwrap();
        write!(said, "{:?}{:?}", tags.tag_set(), head.metadata()).unwrap();
    }
    let refused = vault.stack.run(&["down"]).expect(4);
    write!(said, "{}{refused:?}", vault.stack.status()).unwrap();
    for value in NOWHERE {
        assert!(!said.contains(value), "{value} is in {said}");
    }
}
