//! Macie's session: asked for before anything is changed, enabled on request only, never disabled.
//! The strict proxy plays it; what Macie then does is in [`crate::macie`].

use crate::support::{Ended, REGION, Stack};
use aws_sdk_macie2::Client;
use aws_sdk_macie2::types::MacieStatus;
use serde_json::{Value, json};

const UP: [&str; 3] = ["up", "--email", "ops@example.com"];
const ENABLE: [&str; 4] = ["up", "--email", "ops@example.com", "--enable-macie"];

/// A stack in a region where Macie is off until it is enabled, and then fails twice (truths M1, M4).
fn stack() -> Stack {
    let stack = Stack::behind(&["--truths", "none,macie-off,macie-jobs"]);
    stack.proxy.configure(&json!({"waits": {"macie-off": "2x"}}));
    stack
}

/// Somebody else, who uses the same Macie.
fn somebody(stack: &Stack) -> Client {
    Client::new(&cvault::aws::local_config(&stack.proxy.endpoint(), REGION))
}

fn writes(stack: &Stack, wanted: &str) -> usize {
    stack.proxy.writes().iter().filter(|call| call.starts_with(wanted)).count()
}

fn notes(document: &Value) -> String {
    document["notes"].to_string()
}

async fn mark(stack: &Stack) -> Option<String> {
    let key = stack.keys().await.remove(0).0;
    let tags = stack.aws.kms.list_resource_tags().key_id(key).send().await.unwrap();
    let tag = tags.tags().iter().find(|tag| tag.tag_key() == "cvault:macie")?;
    Some(tag.tag_value().to_owned())
}

/// Without a word about Macie it is used where it is enabled; where it is not, that is said.
#[tokio::test]
async fn auto_says_what_it_does() {
    let stack = stack();
    let plan = stack.run(&["up", "--email", "ops@example.com", "--dry-run", "--output", "json"]).expect(2);
    assert!(notes(&plan.document()).contains("not enabled in eu-west-1"), "{}", plan.stdout);
    let up = stack.up();
    assert!(up.stdout.contains("note: Amazon Macie is not enabled in eu-west-1"), "{}", up.stdout);
    assert!(notes(&stack.status()).contains("not enabled in eu-west-1"));
    assert_eq!(stack.proxy.calls(|call| call["service"] == "macie2" && call["mutating"] == true), Vec::<String>::new());
    let off = stack.run(&["status", "--macie", "off", "--output", "json"]).expect(0);
    assert_eq!(notes(&off.document()), "[]");

    somebody(&stack).enable_macie().send().await.unwrap();
    let status = stack.run(&["status"]).expect(2);
    assert!(status.stdout.contains("it was not used so far"), "{}", status.stdout);
    let drifted = ["key/Policy/Statement/MacieReadsObjects", "role/classifier/Policies/cvault/Statement/MacieJobs"];
    for path in drifted.iter().chain(&["state-machine/definition/States/ReceiveObject/Parameters/Macie"]) {
        assert!(stack.drifted().iter().any(|found| found == path), "{path}: {:?}", stack.drifted());
    }
    let up = stack.up();
    assert!(up.stdout.contains("enabled in eu-west-1, analyses each clean file too"), "{}", up.stdout);
    stack.run(&["status"]).expect(0);
    let before = stack.proxy.writes();
    stack.up();
    assert_eq!(stack.proxy.writes(), before, "the second changes nothing");
    assert_eq!(mark(&stack).await, None, "it was not cvault");

    somebody(&stack).disable_macie().send().await.unwrap();
    let status = stack.run(&["status"]).expect(2);
    assert!(status.stdout.contains("it was used so far"), "{}", status.stdout);
    stack.up();
    stack.run(&["status"]).expect(0);
    let down = stack.run(&["down"]).expect(0);
    assert!(!down.stdout.contains("Macie"), "{}", down.stdout);
}

#[tokio::test]
async fn on_is_refused_where_it_is_not_enabled() {
    let stack = stack();
    for command in [&UP[..], &["up", "--email", "ops@example.com", "--dry-run"]] {
        let refused = stack.run(&[command, &["--macie", "on"]].concat()).expect(4);
        assert!(refused.stderr.contains("not enabled in eu-west-1"), "{}", refused.stderr);
        assert!(refused.stderr.contains("fix: pass --enable-macie"), "{}", refused.stderr);
    }
    stack.run(&["status", "--macie", "on"]).expect(3);
    somebody(&stack).enable_macie().status(MacieStatus::Paused).send().await.unwrap();
    // A suspended Macie makes no jobs.
    let refused = stack.run(&[&UP[..], &["--macie", "on"]].concat()).expect(4);
    assert!(refused.stderr.contains("suspended"), "{}", refused.stderr);
    stack.run(&["status", "--macie", "on"]).expect(3);
    assert_eq!(stack.proxy.writes().len(), 1, "somebody's: {:?}", stack.proxy.writes());
    let up = stack.up();
    assert!(up.stdout.contains("Amazon Macie is suspended in eu-west-1"), "{}", up.stdout);

    stack.run(&[&ENABLE[..], &["--macie", "on"]].concat()).expect(0);
    let session = somebody(&stack).get_macie_session().send().await.unwrap();
    assert_eq!(session.status(), Some(&MacieStatus::Enabled));
    stack.run(&["status"]).expect(0);
    assert_eq!(writes(&stack, "macie2:UpdateAutomatedDiscoveryConfiguration"), 0, "that is as its owner wants it");
    assert_eq!(mark(&stack).await, None, "resumed, not enabled");
}

#[tokio::test]
async fn it_is_enabled_on_request_and_never_disabled() {
    let stack = stack();
    stack.run(&ENABLE).expect(0);
    let calls = stack.proxy.writes();
    let at = |call: &str| calls.iter().position(|made| made.starts_with(call)).unwrap_or_else(|| panic!("{call}"));
    assert!(at("iam:CreateServiceLinkedRole") < at("kms:CreateKey"), "the key's policy names the role: {calls:?}");
    assert!(at("kms:CreateKey") < at("macie2:EnableMacie"), "the key tells who has enabled it: {calls:?}");
    assert!(at("macie2:EnableMacie") < at("states:CreateStateMachine"), "{calls:?}");
    let discovery = somebody(&stack).get_automated_discovery_configuration().send().await.unwrap();
    assert_eq!(discovery.status().unwrap().as_str(), "DISABLED");
    assert_eq!(mark(&stack).await.as_deref(), Some("enabled"));

    for again in [&ENABLE[..], &UP] {
        stack.run(again).expect(0);
        assert_eq!(stack.proxy.writes(), calls, "{again:?} changes nothing");
    }
    stack.run(&["status"]).expect(0);

    let down = stack.run(&["down"]).expect(0);
    assert!(down.stdout.contains("stays enabled") && down.stdout.contains("disable-macie"), "{}", down.stdout);
    assert_eq!(writes(&stack, "macie2:DisableMacie"), 0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
    stack.run(&["status"]).expect(3);
    let writes = stack.proxy.writes().len();
    stack.run(&["down"]).expect(0);
    assert_eq!(stack.proxy.writes().len(), writes, "down twice is quiet");
}

/// Killed after Macie was enabled, before it was settled: the next run goes on from there.
#[tokio::test]
async fn killed_right_after_it_was_enabled() {
    let stack = stack();
    let dies = json!({"faults": [{"service": "macie2", "op": "EnableMacie", "nth": [1], "die": true}]});
    assert!(stack.killed(&ENABLE, &dies));
    assert!(mark(&stack).await.unwrap().starts_with("enabling 20"));
    // Macie says for a while that it is not: what comes up later is not somebody else's.
    stack.proxy.configure(&json!({"faults": [{"service": "macie2", "op": "GetMacieSession", "nth": "all",
        "code": "AccessDeniedException", "message": "Macie is not enabled.", "status": 403}]}));
    stack.up();
    assert!(mark(&stack).await.unwrap().starts_with("enabling 20"));
    stack.proxy.configure(&json!({"faults": []}));
    stack.up();
    let discovery = somebody(&stack).get_automated_discovery_configuration().send().await.unwrap();
    assert_eq!(discovery.status().unwrap().as_str(), "DISABLED");
    assert_eq!(mark(&stack).await.as_deref(), Some("enabled"));
    stack.run(&["status"]).expect(0);
}

/// Somebody who may not ask must not lose Macie unnoticed; who does not want it need not ask.
#[tokio::test]
async fn a_missing_permission_is_not_taken_for_off() {
    let stack = stack();
    let message = "User: arn:aws:iam::000000000000:user/ci is not authorized to perform: macie2:GetMacieSession";
    stack.proxy.configure(&json!({"faults": [{"service": "macie2", "op": "GetMacieSession", "nth": "all",
        "code": "AccessDeniedException", "message": message, "status": 403}]}));
    let failed = stack.run(&UP).expect(1);
    assert!(failed.stderr.contains("macie2:GetMacieSession"), "{}", failed.stderr);
    assert!(failed.stderr.contains("--macie off"), "{}", failed.stderr);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    stack.proxy.forget();
    stack.run(&[&UP[..], &["--macie", "off"]].concat()).expect(0);
    stack.run(&["status", "--macie", "off"]).expect(0);
    stack.run(&["down", "--macie", "off"]).expect(0);
    assert_eq!(stack.proxy.calls(|call| call["service"] == "macie2"), Vec::<String>::new(), "nothing is asked");
    stack.proxy.configure(&json!({"faults": []}));
}

/// What Macie has of a stack that used it would stay for ever if nobody saw it.
#[tokio::test]
async fn what_macie_has_of_a_stack_does_not_stay_unseen() {
    let stack = stack();
    stack.run(&ENABLE).expect(0);
    let message = "User: arn:aws:iam::000000000000:user/ci is not authorized to perform: macie2:GetMacieSession";
    stack.proxy.configure(&json!({"faults": [{"service": "macie2", "op": "GetMacieSession", "nth": "all",
        "code": "AccessDeniedException", "message": message, "status": 403}]}));
    let writes = stack.proxy.writes();
    for command in [&UP[..], &["status"], &["down"]] {
        let failed = stack.run(&[command, &["--macie", "off"]].concat()).expect(1).stderr;
        assert!(
            failed.contains("what Macie has of the stack") && failed.contains("macie2:GetMacieSession"),
            "{failed}"
        );
        assert!(!failed.contains("choose --macie off"), "{failed}");
    }
    assert_eq!(stack.proxy.writes(), writes);
    stack.proxy.configure(&json!({"faults": []}));
    stack.run(&["down", "--macie", "off"]).expect(0);
    let asked = stack.proxy.calls(|call| call["op"] == "ListClassificationJobs");
    assert!(!asked.is_empty(), "what still runs there is cancelled");
}

/// Nobody answers under Macie's name: in a region without Macie it is not used, and where it was used it is an outage.
#[tokio::test]
async fn an_outage_is_not_taken_for_a_region_without_macie() {
    let stack = stack();
    let status = |code: i32| {
        let mut run = stack.command(&["status"]);
        run.env("AWS_ENDPOINT_URL_MACIE2", "http://127.0.0.1:9").env("AWS_MAX_ATTEMPTS", "1");
        Ended::from(run.output().unwrap()).expect(code)
    };
    stack.run(&[&UP[..], &["--macie", "off"]].concat()).expect(0);
    status(0);
    stack.run(&ENABLE).expect(0);
    let outage = status(1).stderr;
    assert!(outage.contains("ask whether Macie is enabled") && outage.contains("cannot be reached"), "{outage}");
}

/// With all that AWS is known to do, and with what fails now and then.
#[tokio::test]
async fn as_aws_really_is() {
    for options in
        [&["--truths", "all"][..], &["--truths", "none,macie-off,macie-jobs", "--chaos", "0.05", "--seed", "1"]]
    {
        let stack = Stack::behind(options);
        stack.run(&ENABLE).expect(0);
        stack.proxy.configure(&json!({"chaos": 0}));
        stack.run(&["status"]).expect(0);
        let before = stack.proxy.writes();
        stack.run(&UP).expect(0);
        assert_eq!(stack.proxy.writes(), before);
        assert_eq!(mark(&stack).await.as_deref(), Some("enabled"), "{options:?}");
        let discovery = somebody(&stack).get_automated_discovery_configuration().send().await.unwrap();
        assert_eq!(discovery.status().unwrap().as_str(), "DISABLED");
        stack.run(&["down"]).expect(0);
        let session = somebody(&stack).get_macie_session().send().await.unwrap();
        assert_eq!(session.status(), Some(&MacieStatus::Enabled));
    }
}
