//! Custom data identifiers in Macie: made, changed, removed, and nobody else's touched.

use crate::support::{Macie, Stack};
use serde_json::{Value, json};
use std::path::PathBuf;

/// A configuration file that is gone with the test.
struct File(PathBuf);

impl File {
    fn of(stack: &Stack) -> Self {
        Self(std::env::temp_dir().join(format!("cvault-identifiers-{}.toml", stack.names.id)))
    }

    fn write(&self, identifiers: &[(&str, &str)]) {
        let one = |(name, regex): &(&str, &str)| {
            format!(
                "[[sensitive.custom_identifiers]]\nname = '{name}'\nregex = '{regex}'\nkeywords = ['badge']\n\
                severity_levels = [{{ occurrences_threshold = 2, severity = \"high\" }}]\n"
            )
        };
        let all: String = identifiers.iter().map(one).collect();
        std::fs::write(&self.0, format!("emails = ['ops@example.com']\n{all}")).unwrap();
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What Macie lists, by name without the mark of the stack, and by id.
fn listed(macie: &Macie) -> Vec<(String, String)> {
    let listed = macie.call("ListCustomDataIdentifiers", &json!({}));
    let text = |item: &Value, member: &str| item[member].as_str().unwrap().to_owned();
    let plain = |name: String| name.split(" (").next().unwrap_or_default().to_owned();
    let mut all: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|item| (plain(text(item, "name")), text(item, "id"))).collect();
    all.sort();
    all
}

fn names(macie: &Macie) -> Vec<String> {
    listed(macie).into_iter().map(|(name, _)| name).collect()
}

#[tokio::test]
async fn made_changed_and_removed() {
    let macie = Macie::new();
    macie.enable();
    let theirs = json!({"name": "theirs", "regex": "T-[0-9]{4}", "clientToken": "theirs"});
    macie.call("CreateCustomDataIdentifier", &theirs);
    let stack = Stack::with(&macie);
    let file = File::of(&stack);
    let config = ["--config", file.0.to_str().unwrap()];
    let run = |command: &str| stack.run(&[&[command], &config[..]].concat());

    file.write(&[("Badge", "B-[0-9]{4}"), ("Locker", "L-[0-9]{4}")]);
    run("up").expect(0);
    assert_eq!(names(&macie), ["Badge", "Locker", "theirs"]);
    let badge = listed(&macie)[0].1.clone();
    let made = macie.call("GetCustomDataIdentifier", &json!({"id": badge}));
    assert_eq!((&made["regex"], &made["keywords"]), (&json!("B-[0-9]{4}"), &json!(["badge"])));
    assert_eq!(made["severityLevels"], json!([{"occurrencesThreshold": 2, "severity": "HIGH"}]));
    assert_eq!(made["tags"], json!({"cvault:id": stack.names.id, "cvault:stack": stack.names.stack}));
    run("status").expect(0);
    let writes = macie.writes();
    run("up").expect(0);
    assert_eq!(macie.writes(), writes, "the second changes nothing");

    // A tag that is taken away comes back.
    macie.call("UntagResource", &json!({"resourceArn": made["arn"], "tagKeys": ["cvault:stack"]}));
    run("status").expect(2);
    run("up").expect(0);
    run("status").expect(0);

    // A change is a new one, and the old one goes; one that is not declared any more goes too.
    file.write(&[("Badge", "B-[0-9]{5}")]);
    let status = run("status").expect(2);
    assert!(status.stdout.contains("custom-identifier/Badge"), "{}", status.stdout);
    let plan = stack.run(&[&["up", "--dry-run"], &config[..]].concat()).expect(2);
    assert!(plan.stdout.contains("- delete  custom-identifier/Locker ("), "{}", plan.stdout);
    run("up").expect(0);
    assert_eq!(names(&macie), ["Badge", "theirs"]);
    assert_ne!(listed(&macie)[0].1, badge);
    run("status").expect(0);

    // Back again: Macie answers the token of then with the identifier of then, which is deleted.
    file.write(&[("Badge", "B-[0-9]{4}")]);
    run("up").expect(0);
    assert_eq!(names(&macie), ["Badge", "theirs"]);
    run("status").expect(0);

    // Deleted behind our back.
    macie.call("DeleteCustomDataIdentifier", &json!({"id": listed(&macie)[0].1}));
    let status = run("status").expect(2);
    assert!(status.stdout.contains("missing  custom-identifier/Badge"), "{}", status.stdout);
    run("up").expect(0);
    run("status").expect(0);

    // Without Macie they have no use.
    stack.run(&[&["up", "--macie", "off"], &config[..]].concat()).expect(0);
    assert_eq!(names(&macie), ["theirs"]);
    run("up").expect(0);
    run("down").expect(0);
    assert_eq!(names(&macie), ["theirs"], "what is not ours stays");
    run("status").expect(3);
}

/// Of two stacks in one account each has its own.
#[tokio::test]
async fn another_stack_s_stay() {
    let macie = Macie::new();
    macie.enable();
    let (one, other) = (Stack::with(&macie), Stack::with(&macie));
    let files = [&one, &other].map(|stack| {
        let file = File::of(stack);
        file.write(&[("Badge", "B-[0-9]{4}")]);
        stack.run(&["up", "--config", file.0.to_str().unwrap()]).expect(0);
        file
    });
    assert_eq!(names(&macie), ["Badge", "Badge"]);
    one.run(&["down"]).expect(0);
    assert_eq!(names(&macie), ["Badge"]);
    other.run(&["status", "--config", files[1].0.to_str().unwrap()]).expect(0);
}

/// A job that runs when the stack goes is cancelled, and no other.
#[tokio::test]
async fn down_cancels_the_stack_s_jobs() {
    let macie = Macie::new();
    macie.enable();
    let stack = Stack::with(&macie);
    stack.up();
    macie.settings(&json!({"job_seconds": 600}));
    let job = |name: &str, bucket: &str| {
        let definition = json!({"bucketDefinitions": [{"accountId": macie.account, "buckets": [bucket]}]});
        let job = json!({"name": name, "clientToken": name, "jobType": "ONE_TIME", "s3JobDefinition": definition});
        macie.call("CreateClassificationJob", &job)["jobId"].as_str().unwrap().to_owned()
    };
    let analytics = stack.names.bucket(cvault::vault::names::Zone::Analytics);
    let ours = job("cvault-0a1b", &analytics);
    let others =
        [job("weekly", &analytics), job("cvault-0a1c", &stack.names.bucket(cvault::vault::names::Zone::Vault))];
    let down = stack.run(&["down"]).expect(0);
    assert!(down.stdout.contains("1 cancelled"), "{}", down.stdout);
    let status = |id: &str| macie.call("DescribeClassificationJob", &json!({"jobId": id}))["jobStatus"].clone();
    assert_eq!(status(&ours), "CANCELLED");
    assert_eq!(others.map(|other| status(&other)), ["RUNNING", "RUNNING"]);
    stack.run(&["down"]).expect(0);
}

/// Killed after the identifier was made, before anything knew of it: it is found by its name.
#[tokio::test]
async fn a_lost_identifier_is_found() {
    let macie = Macie::new();
    macie.enable();
    let stack = Stack::with(&macie);
    let file = File::of(&stack);
    let config = ["--config", file.0.to_str().unwrap()];
    file.write(&[("Badge", "B-[0-9]{4}")]);
    let up = [&["up"], &config[..]].concat();
    let dies = json!({"faults": [{"service": "states", "op": "CreateStateMachine", "nth": [1], "die": "before"}]});
    assert!(stack.killed(&up, &dies));
    let lost = listed(&macie);
    assert_eq!(lost.len(), 1);
    stack.run(&up).expect(0);
    assert_eq!(listed(&macie), lost, "no second one");
    stack.run(&[&["status"], &config[..]].concat()).expect(0);
}

/// Where the account exports discovery results, the classifier may read them, and there only.
#[tokio::test]
async fn exported_results_may_be_read() {
    let macie = Macie::new();
    macie.enable();
    let stack = Stack::with(&macie);
    stack.up();
    let place =
        json!({"bucketName": "security-results", "keyPrefix": "macie", "kmsKeyArn": "arn:aws:kms:eu-west-1:0:key/k"});
    macie.call("PutClassificationExportConfiguration", &json!({"configuration": {"s3Destination": place}}));
    let added = ["FindMacieResults", "KeyOfMacieResultsThroughS3", "ReadMacieResults"];
    let added = added.map(|sid| format!("role/classifier/Policies/cvault/Statement/{sid}"));
    assert_eq!(stack.drifted(), added);
    stack.up();
    stack.run(&["status"]).expect(0);
    let get = stack.aws.iam.get_role_policy().role_name(stack.names.role("classifier")).policy_name("cvault");
    let policy = get.send().await.unwrap().policy_document;
    let folder = format!("security-results/macie/AWSLogs/{}/Macie/eu-west-1/", macie.account);
    assert!(policy.replace("%2F", "/").contains(&folder), "{policy}");
    stack.run(&["down"]).expect(0);
}

/// Law 3: a run that takes the stack away from Macie and is killed leaves nothing there that the next one would not see, whose state
/// machine does not use it any more.
#[tokio::test]
async fn a_killed_run_without_macie_is_gone_on_with() {
    for next in ["up", "down"] {
        let macie = Macie::new();
        macie.enable();
        let stack = Stack::with(&macie);
        let file = File::of(&stack);
        file.write(&[("Badge", "B-[0-9]{4}")]);
        stack.run(&["up", "--config", file.0.to_str().unwrap()]).expect(0);
        assert_eq!(names(&macie), ["Badge"]);
        let updated = format!("{}$", stack.names.state_machine_arn());
        let killed = json!({"faults": [{"op": "UpdateStateMachine", "resource": updated, "die": true}]});
        assert!(stack.killed(&["up", "--macie", "off"], &killed));
        assert_eq!(names(&macie), ["Badge"]);
        stack.run(&["status", "--macie", "off"]).expect(2);
        stack.run(&[next, "--macie", "off"]).expect(0);
        assert_eq!(names(&macie), Vec::<String>::new(), "{next}");
        let asked = macie.operations().iter().any(|it| it == "ListClassificationJobs");
        assert_eq!(asked, next == "down", "what still runs there is cancelled");
    }
}
