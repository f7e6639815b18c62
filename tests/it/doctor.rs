//! `cvault doctor` and `list`: they find what is planted or there, and change nothing.

use crate::policy::unused;
use crate::support::{Ended, Macie, Stack};
use aws_sdk_sfn::types::ExecutionStatus;
use cvault::vault::names::Zone;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// The checks, and the exit code.
#[track_caller]
fn doctor(stack: &Stack, code: i32) -> Vec<Value> {
    doctor_for(stack, &[], code)
}

/// The same with options.
#[track_caller]
fn doctor_for(stack: &Stack, options: &[&str], code: i32) -> Vec<Value> {
    checks(stack, |stack| stack.run(&[&["doctor", "--output", "json"], options].concat()), code)
}

#[track_caller]
fn checks(stack: &Stack, run: impl FnOnce(&Stack) -> Ended, code: i32) -> Vec<Value> {
    stack.proxy.forget();
    let mut checks = run(stack).expect(code).lines();
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    // A look that is slow says so before.
    checks.retain(|line| line["type"] != "reading" && line["type"] != "read");
    assert!(checks.iter().all(|check| check["type"] == "check" && check["message"].is_string()));
    checks
}

#[track_caller]
fn check<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    let of_name = checks.iter().find(|check| check["name"] == name && check["state"] != "good");
    of_name
        .or_else(|| checks.iter().find(|check| check["name"] == name))
        .unwrap_or_else(|| panic!("{name}: {checks:#?}"))
}

#[tokio::test]
async fn before_the_first_up_and_after_it() {
    let stack = Stack::new();
    let checks = doctor(&stack, 0);
    assert!(check(&checks, "stack")["says"].as_str().unwrap().contains("it does not exist yet"), "{checks:#?}");
    for name in ["identity", "rights", "concurrency", "macie"] {
        assert!(check(&checks, name)["says"].is_string());
    }
    // Of what is not there nothing is good.
    assert_eq!(checks.len(), 5, "{checks:#?}");
    stack.up();
    let checks = doctor(&stack, 0);
    for name in ["stack", "dead-letters", "notices", "executions", "ingress"] {
        assert_eq!(check(&checks, name)["state"], "good", "{name}");
    }
    let unused = unused(&stack, &["--for", "doctor"]);
    for own in ["lambda:GetAccountSettings", "states:ListExecutions", "sqs:GetQueueAttributes", "s3:ListBucketVersions"]
    {
        assert!(!unused.contains(own), "{own}");
    }
    let human = stack.run(&["doctor"]).expect(0).stdout;
    assert!(human.lines().all(|line| line.chars().count() <= 100), "{human}");
}

#[tokio::test]
async fn what_is_wrong_is_named_with_what_to_do() {
    let stack = Stack::new();
    stack.up();
    let (aws, names) = (&stack.aws, &stack.names);
    aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    let queue = aws.sqs.get_queue_url().queue_name(names.dead_letters()).send().await.unwrap().queue_url.unwrap();
    aws.sqs.send_message().queue_url(queue).message_body("{}").send().await.unwrap();
    let start = aws.sfn.start_execution().state_machine_arn(names.state_machine_arn()).input("{}");
    let arn = start.send().await.unwrap().execution_arn;
    let begun = Instant::now();
    while aws.sfn.describe_execution().execution_arn(&arn).send().await.unwrap().status == ExecutionStatus::Running {
        assert!(begun.elapsed() < Duration::from_mins(1), "it does not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let checks = doctor(&stack, 2);
    for (name, part) in [("rule/ingress", "State"), ("dead-letters", "1 events"), ("executions", arn.as_str())] {
        let check = check(&checks, name);
        assert_eq!(check["state"], "bad", "{check}");
        assert!(check["says"].as_str().unwrap().contains(part) && check["fix"].is_string(), "{check}");
    }
    stack.up();
    assert_eq!(doctor(&stack, 2).iter().filter(|check| check["name"] == "rule/ingress").count(), 0);
}

/// Of a user with a policy of their own, IAM itself says what is missing.
#[tokio::test]
async fn rights_that_are_missing_are_named() {
    let mut stack = Stack::new();
    let name = format!("doctor-{}", stack.names.id);
    let iam = stack.aws.iam.clone();
    iam.create_user().user_name(&name).send().await.unwrap();
    let made = iam.create_access_key().user_name(&name).send().await.unwrap().access_key.unwrap();
    stack.deployer = Some([made.access_key_id, made.secret_access_key]);
    let put = |actions: &str| {
        let policy = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": {actions}, "Resource": "*"}}]}}"#
        );
        iam.put_user_policy().user_name(&name).policy_name("own").policy_document(policy)
    };
    put(r#"["s3:*", "iam:Get*"]"#).send().await.unwrap();
    let checks = doctor(&stack, 2);
    let says = check(&checks, "rights")["says"].as_str().unwrap();
    for action in ["iam:CreateRole", "states:CreateStateMachine", "kms:CreateKey"] {
        assert!(says.contains(action), "{says}");
    }
    assert!(!says.contains("s3:"), "{says}");
    put(r#"["*"]"#).send().await.unwrap();
    assert_eq!(check(&doctor(&stack, 0), "rights")["state"], "good");
}

/// Whose rights IAM is asked about: a user with this policy, who runs `cvault` from now on.
async fn become_user(stack: &mut Stack, who: &str, policy: &str) {
    let (iam, name) = (stack.aws.iam.clone(), format!("{who}-{}", stack.names.id));
    iam.create_user().user_name(&name).send().await.unwrap();
    iam.put_user_policy().user_name(&name).policy_name("own").policy_document(policy).send().await.unwrap();
    let made = iam.create_access_key().user_name(&name).send().await.unwrap().access_key.unwrap();
    stack.deployer = Some([made.access_key_id, made.secret_access_key]);
}

/// Each has what `cvault policy` prints for it, is found to have all that it needs, and is not ill for what it does not.
#[tokio::test]
async fn everybody_asks_for_their_own_rights() {
    let mut stack = Stack::behind(&["--truths", "iam-simulation"]);
    stack.up();
    let account = stack.names.account.clone();
    let people: [(&str, &[&str]); 5] = [
        ("reader", &["--for", "reader"]),
        ("analyst", &["--for", "analyst"]),
        ("operator", &["--for", "operator"]),
        ("some", &["--for", "held,release,doctor", "--for", "status"]),
        ("deployer", &["--for", "up,down,doctor", "--existing-key"]),
    ];
    for (who, options) in people {
        stack.deployer = None;
        let printed = stack.run(&[&["policy", "--expect-account", &account], options].concat()).expect(0);
        become_user(&mut stack, who, &printed.stdout).await;
        let checks = doctor_for(&stack, options, 0);
        assert_eq!(check(&checks, "rights")["state"], "good", "{who}: {checks:#?}");
        // Nobody has said what for, and the stack is there.
        let checks = doctor(&stack, 0);
        let rights = check(&checks, "rights");
        assert_eq!(rights["state"], "warning", "{who}: {rights}");
        assert!(rights["says"].as_str().unwrap().contains("kms:CreateKey"), "{who}: {rights}");
        let checks = doctor_for(&stack, &["--for", "up"], 2);
        assert_eq!(check(&checks, "rights")["state"], "bad", "{who}: {checks:#?}");
    }
    stack.deployer = None;
    stack.run(&["doctor", "--for", "nobody"]).expect(64);
}

/// A session's ARN leaves the path of its role out, which every permission set of IAM Identity Center has.
#[tokio::test]
async fn a_role_with_a_path_is_found() {
    let stack = Stack::behind(&["--truths", "iam-simulation"]);
    let (iam, names) = (&stack.aws.iam, &stack.names);
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": "sts:AssumeRole"}]}"#;
    let everything = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    let sts = aws_sdk_sts::Client::new(&cvault::aws::local_config(&stack.emulator(), &names.region));
    let denied = json!({"service": "iam", "op": "GetRole", "resource": "^(desk|plain)-", "code": "AccessDenied",
        "message": "not authorized to perform: iam:GetRole", "status": 403});
    for (name, path) in [("desk", "/aws-reserved/sso.amazonaws.com/"), ("plain", "/")] {
        let role = format!("{name}-{}", names.id);
        let create = iam.create_role().role_name(&role).path(path).assume_role_policy_document(trust);
        let arn = create.send().await.unwrap().role.unwrap().arn;
        let put = iam.put_role_policy().role_name(&role).policy_name("own").policy_document(everything);
        put.send().await.unwrap();
        let session = sts.assume_role().role_arn(&arn).role_session_name("ana").send().await.unwrap();
        let session = session.credentials.unwrap();
        let run = |stack: &Stack| {
            let mut command = stack.command(&["doctor", "--output", "json"]);
            command.env("AWS_ACCESS_KEY_ID", session.access_key_id());
            command.env("AWS_SECRET_ACCESS_KEY", session.secret_access_key());
            command.env("AWS_SESSION_TOKEN", session.session_token());
            Ended::from(command.output().unwrap())
        };
        let asked = checks(&stack, run, 0);
        let rights = check(&asked, "rights");
        assert_eq!(rights["state"], "good", "{rights}");
        assert!(rights["says"].as_str().unwrap().contains(&arn), "{rights}");
        stack.proxy.configure(&json!({"faults": [denied]}));
        let asked = checks(&stack, run, 0);
        stack.proxy.configure(&json!({"faults": []}));
        let rights = check(&asked, "rights");
        if name == "plain" {
            assert_eq!(rights["state"], "good", "{rights}");
        } else {
            assert_eq!(rights["state"], "unknown", "{rights}");
            assert!(rights["says"].as_str().unwrap().contains("it has a path"), "{rights}");
            assert!(rights["fix"].as_str().unwrap().contains("grant iam:GetRole"), "{rights}");
        }
        iam.delete_role_policy().role_name(&role).policy_name("own").send().await.unwrap();
        iam.delete_role().role_name(&role).send().await.unwrap();
    }
}

/// Each is a line with its fix, and none hides the others.
#[tokio::test]
async fn what_keeps_it_from_looking_is_a_line() {
    let stack = Stack::new();
    let fault = |service: &str, op: &str, code: &str, message: &str| {
        let fault = json!({"service": service, "op": op, "code": code, "message": message, "status": 403});
        stack.proxy.configure(&json!({"faults": [fault]}));
    };
    let only = |checks: &[Value], name: &str| {
        assert_eq!(checks.len(), 1, "{checks:#?}");
        assert_eq!((&checks[0]["name"], &checks[0]["state"]), (&name.into(), &"bad".into()));
        assert!(checks[0]["fix"].as_str().is_some_and(|fix| !fix.is_empty()), "{checks:#?}");
    };
    fault("sts", "GetCallerIdentity", "InvalidClientTokenId", "The security token included in the request is invalid.");
    only(&doctor(&stack, 2), "credentials");
    stack.proxy.configure(&json!({"faults": []}));
    only(&doctor_for(&stack, &["--expect-account", "123456789012"], 4), "account");
    only(&doctor_for(&stack, &["--profile", "nobody"], 64), "configuration");
    let without_region = |stack: &Stack| {
        let mut command = stack.command(&["doctor", "--output", "json"]);
        Ended::from(command.env_remove("AWS_REGION").output().unwrap())
    };
    only(&checks(&stack, without_region, 64), "region");

    fault("macie2", "GetMacieSession", "AccessDeniedException", "not authorized to perform: macie2:GetMacieSession");
    let checks = doctor(&stack, 2);
    let macie = check(&checks, "macie");
    assert_eq!(macie["state"], "bad", "{macie}");
    assert!(macie["fix"].as_str().unwrap().contains("--macie off"), "{macie}");
    assert_eq!(check(&checks, "stack")["state"], "unknown");
    assert!(check(&checks, "concurrency")["says"].is_string());
    let off = doctor_for(&stack, &["--macie", "off"], 0);
    assert_eq!(check(&off, "stack")["state"], "good");
    let says = check(&off, "macie")["says"].as_str().unwrap();
    assert!(says.starts_with("not used (--macie off)") && !says.contains("not enabled"), "nobody has asked: {says}");

    fault("iam", "SimulatePrincipalPolicy", "AccessDenied", "not authorized to perform: iam:SimulatePrincipalPolicy");
    let mut stack = stack;
    let nothing = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}"#;
    become_user(&mut stack, "blind", nothing).await;
    let checks = doctor(&stack, 0);
    let rights = check(&checks, "rights");
    assert_eq!(rights["state"], "unknown", "{rights}");
    assert!(rights["says"].as_str().unwrap().contains("iam:SimulatePrincipalPolicy"), "{rights}");
    stack.deployer = None;
}

#[tokio::test]
async fn names_of_others_and_whoever_has_not_confirmed_are_named() {
    let stack = Stack::behind(&["--truths", "sns-pending"]);
    let taken = stack.names.bucket(Zone::Vault);
    let s3 = &stack.aws.s3;
    let region = aws_sdk_s3::types::CreateBucketConfiguration::builder();
    let region = region.location_constraint(stack.names.region.as_str().into()).build();
    s3.create_bucket().bucket(&taken).create_bucket_configuration(region).send().await.unwrap();
    let checks = doctor(&stack, 2);
    let bucket = check(&checks, "bucket/vault");
    assert_eq!(bucket["state"], "bad", "{bucket}");
    assert!(bucket["says"].as_str().unwrap().contains(&taken), "{bucket}");
    assert!(bucket["fix"].as_str().unwrap().contains("--adopt bucket/vault"), "{bucket}");
    let whole = check(&checks, "stack");
    assert_eq!(whole["state"], "bad", "{whole}");
    assert!(whole["fix"].as_str().unwrap().contains("refuses until that is settled"), "{whole}");
    s3.delete_bucket().bucket(&taken).send().await.unwrap();

    stack.up();
    let checks = doctor(&stack, 0);
    let subscription = check(&checks, "subscription/ops@example.com");
    assert_eq!(subscription["state"], "warning", "{subscription}");
    assert!(subscription["says"].as_str().unwrap().contains("has not confirmed"), "{subscription}");
    // Without the truth the emulator's are confirmed at once.
    stack.proxy.configure(&json!({"truths": "none"}));
    assert!(doctor(&stack, 0).iter().all(|check| check["name"] != "subscription/ops@example.com"));
}

#[tokio::test]
async fn macie_that_is_wanted_and_off_is_named() {
    let macie = Macie::new();
    let stack = Stack::with(&macie);
    let checks = doctor_for(&stack, &["--macie", "on"], 2);
    let check_of_macie = check(&checks, "macie");
    assert_eq!(check_of_macie["state"], "bad", "{check_of_macie}");
    assert!(check_of_macie["fix"].as_str().unwrap().contains("--enable-macie"), "{check_of_macie}");
    assert_eq!(check(&doctor(&stack, 0), "macie")["state"], "good");
    macie.call("EnableMacie", &json!({}));
    assert_eq!(check(&doctor_for(&stack, &["--macie", "on"], 0), "macie")["state"], "good");
}

/// No emulator makes an object old: S3's answer says so.
#[tokio::test]
async fn a_file_that_nobody_judges_is_named() {
    let stack = Stack::new();
    stack.up();
    let ingress = stack.names.bucket(Zone::Ingress);
    let body = format!(
        "<ListVersionsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{ingress}</Name><IsTruncated>false\
         </IsTruncated><Version><Key>late.csv</Key><VersionId>v1</VersionId><IsLatest>true</IsLatest><LastModified>\
         2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>1</Size><StorageClass>STANDARD\
         </StorageClass></Version></ListVersionsResult>"
    );
    let late = json!({"op": "ListObjectVersions", "resource": ingress, "status": 200, "body": body});
    stack.proxy.configure(&json!({"faults": [late]}));
    let checks = doctor(&stack, 2);
    stack.proxy.configure(&json!({"faults": []}));
    let left = check(&checks, "ingress");
    assert_eq!(left["state"], "bad", "{left}");
    assert!(left["says"].as_str().unwrap().contains("since 2026-01-02T03:04:05Z"), "{left}");
    assert_eq!(check(&doctor(&stack, 0), "ingress")["state"], "good");
}

/// By tags and names, also where a part of one is gone.
#[tokio::test]
async fn stacks_are_found_by_what_is_left_of_them() {
    let stack = Stack::apart(&["--truths", "none"]);
    let list = || stack.run(&["list", "--output", "json"]).expect(0).lines();
    let none = list();
    assert_eq!((none.len(), &none[0]["type"]), (1, &json!("note")));
    let told = stack.run(&["list"]).expect(0);
    let there = format!("no stack is in {}/{}", stack.names.account, stack.names.region);
    assert!(told.stdout.is_empty() && told.stderr.contains(&there), "{told:?}");
    stack.up();
    stack.proxy.forget();
    let found = list();
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    assert_eq!(found.len(), 1, "{found:#?}");
    for (member, value) in [("stack", stack.names.stack.as_str()), ("id", &stack.names.id), ("state", "whole")] {
        assert_eq!(found[0][member], value);
    }
    assert!(found[0]["created"].is_string());
    assert_eq!(unused(&stack, &["--for", "list"]), BTreeSet::new());
    stack.aws.lambda.delete_function().function_name(stack.names.function()).send().await.unwrap();
    let found = list();
    assert_eq!((&found[0]["state"], &found[0]["missing"][0]), (&Value::from("partial"), &Value::from("function")));
    assert!(stack.run(&["list"]).expect(0).stdout.contains("missing: function"));
    stack.up();
    stack.aws.sns.delete_topic().topic_arn(stack.names.topic_arn()).send().await.unwrap();
    let missing = list()[0]["missing"].clone();
    assert_eq!(missing, json!(["topic"]), "what is found by its name counts, too");
    // Who has not the rights that this takes is told what was not looked at.
    let denied = json!({"op": "ListRules", "code": "AccessDeniedException", "message": "no", "status": 400});
    stack.proxy.configure(&json!({"faults": [denied]}));
    let found = list();
    assert!(found[0]["text"].as_str().unwrap().contains("events:ListRules"), "{found:#?}");
    assert_eq!(found[1]["state"], "whole");
}
