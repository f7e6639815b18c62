//! Who is asked before `down` removes anything or `judge` stops anything, and on which account a run works.

use crate::support::{Ended, Pipeline, Stack, on_a_terminal, step, without_a_terminal};
use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::{Value, json as value};

const DELETE: &[&str] = &["down", "--delete-data"];

#[tokio::test]
async fn data_go_only_where_somebody_said_so() {
    let stack = Stack::new();
    stack.up();
    let bucket = stack.names.bucket(cvault::vault::names::Zone::Ingress);
    stack.aws.s3.put_object().bucket(&bucket).key("a.csv").body(b"a,b\n".to_vec().into()).send().await.unwrap();
    stack.proxy.forget();
    for yes in [None, Some("1")] {
        let refused = without_a_terminal(&stack, DELETE, yes).expect(64);
        assert!(refused.stderr.contains("there is no terminal to ask on"), "{refused:?}");
    }
    assert_eq!(stack.proxy.log().len(), 0, "nothing is asked of AWS");
    let wrong = on_a_terminal(&stack, DELETE, "y").expect(4);
    assert!(wrong.stderr.contains("it was not confirmed"), "{wrong:?}");
    stack.run(&["status"]).expect(0);
    let right = on_a_terminal(&stack, DELETE, &stack.names.stack).expect(0);
    for fact in [&stack.names.stack, &stack.names.account, "1 version in", "type the stack's name"] {
        assert!(right.stdout.contains(fact), "{fact}: {right:?}");
    }
    stack.run(&["status"]).expect(3);
}

#[tokio::test]
async fn an_empty_stack_goes_on_a_yes_or_where_nobody_can_be_asked() {
    let stack = Stack::new();
    stack.up();
    on_a_terminal(&stack, &["down"], "").expect(4);
    stack.run(&["status"]).expect(0);
    without_a_terminal(&stack, &["down"], None).expect(0);
    stack.up();
    on_a_terminal(&stack, &["down"], "y").expect(0);
    // There is nothing to remove, and nothing to ask.
    on_a_terminal(&stack, &["down"], "").expect(0);
    let nothing = stack.run(&["down"]).expect(0).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(nothing.starts_with("there is no stack ") && nothing.contains(": nothing to remove"), "{nothing}");
    let wrong = without_a_terminal(&stack, &["down"], Some("perhaps")).expect(64);
    assert!(wrong.stderr.contains("CVAULT_YES"), "{wrong:?}");
}

/// The environment's credentials are another account's: they would win in the SDK's own chain.
#[tokio::test]
async fn a_named_profile_wins() {
    let stack = Stack::new();
    let home = std::env::temp_dir().join(format!("profile-{}", stack.names.id));
    std::fs::create_dir_all(home.join(".aws")).unwrap();
    let profile = "[default]\nregion = eu-west-1\n[profile prod]\nregion = eu-west-1\naws_access_key_id = 111122223333\n\
        aws_secret_access_key = test\n";
    std::fs::write(home.join(".aws/config"), profile).unwrap();
    let run = |arguments: &[&str]| {
        let mut run = stack.command(arguments);
        run.env("HOME", &home).env("AWS_ACCESS_KEY_ID", "444455556666");
        Ended::from(run.output().unwrap())
    };
    let status = run(&["status", "--profile", "prod", "--output", "json"]).expect(3);
    assert_eq!(status.document()["account"], "111122223333");
    assert_eq!(run(&["status", "--output", "json"]).expect(3).document()["account"], "444455556666");
    let file = home.join("cvault.toml");
    std::fs::write(&file, "profile = 'prod'\n").unwrap();
    for (variable, value) in [("CVAULT_PROFILE", "prod"), ("CVAULT_CONFIG", file.to_str().unwrap())] {
        let mut run = stack.command(&["status", "--output", "json"]);
        run.env("HOME", &home).env("AWS_ACCESS_KEY_ID", "444455556666").env(variable, value);
        let named = Ended::from(run.output().unwrap()).expect(3);
        assert_eq!(named.document()["account"], "111122223333", "{variable}");
    }
    let mut beaten = stack.command(&["status"]);
    beaten.env("HOME", &home).env("AWS_PROFILE", "default").env("CVAULT_CONFIG", &file);
    let beaten = Ended::from(beaten.output().unwrap()).expect(3);
    assert!(beaten.stderr.contains("not those of AWS_PROFILE (default)"), "{beaten:?}");
    let told = run(&["status", "--profile", "prod"]).expect(3);
    assert!(told.stderr.contains("not those of AWS_ACCESS_KEY_ID"), "{told:?}");
    assert!(told.stdout.contains(&format!("`cvault up --stack {} --profile prod`", stack.names.stack)), "{told:?}");
    stack.proxy.forget();
    let unknown = run(&["status", "--profile", "production"]).expect(64);
    assert!(unknown.stderr.contains("no profile has this name") && unknown.stderr.contains("prod"), "{unknown:?}");
    assert_eq!(stack.proxy.log().len(), 0, "nothing is asked of AWS");
    std::fs::remove_dir_all(home).unwrap();
}

/// What a run says it did is what it did, one by one.
#[tokio::test]
async fn counts_are_what_happened() {
    let stack = Stack::new();
    for (arguments, kind) in [(&["up", "--email", "ops@example.com"][..], "created"), (&["down"][..], "deleted")] {
        let json = [arguments, &["--output", "json"]].concat();
        let lines = stack.run(&json).expect(0).lines();
        let finished = lines.iter().filter(|line| line["type"] == "finished").count();
        // A look that is slow says so before there is a plan.
        let plan = lines.iter().find(|line| line["type"] == "planned").unwrap();
        let planned = plan["plan"]["resources"].as_array().unwrap();
        assert_eq!(planned.iter().filter(|step| step["action"] != "keep").count(), finished);
        let summary = lines.last().unwrap();
        assert_eq!(summary[kind], finished, "{summary}");
        assert!(finished > 10, "{summary}");
        let again = stack.run(&json).expect(0).lines().pop().unwrap();
        assert_eq!((&again["created"], &again["updated"], &again["deleted"]), (&0.into(), &0.into(), &0.into()));
    }
}

/// A last look that fails comes after the work: the summary has both.
#[tokio::test]
async fn a_run_that_is_cut_short_says_what_it_did() {
    let stack = Stack::new();
    let planned = stack.run(&["up", "--email", "ops@example.com", "--dry-run", "--output", "json"]).expect(2);
    let planned = planned.document();
    let steps = planned["resources"].as_array().unwrap().iter();
    let to_create = steps.filter(|step| step["action"] == "create").count();
    // Looks at the three buckets are denied for good; the one before the walk asks that of no bucket that is not there.
    let denied = serde_json::json!({"faults": [{"service": "s3", "op": "GetBucketLifecycleConfiguration",
        "code": "AccessDenied", "message": "Access Denied", "status": 403}]});
    stack.proxy.configure(&denied);
    let ended = stack.run(&["up", "--email", "ops@example.com", "--output", "json", "--timeout", "60s"]);
    stack.proxy.configure(&serde_json::json!({"faults": []}));
    let summary = ended.lines().pop().unwrap();
    assert_eq!(summary["type"], "summary", "{ended:?}");
    assert_eq!(summary["created"], to_create, "{ended:?}");
    assert_eq!((ended.code, &summary["exit_code"]), (1, &1.into()), "{ended:?}");
    assert!(!ended.stdout.contains("nothing was changed") && !ended.stdout.contains("not begun\""), "{ended:?}");
    stack.run(&["down", "--yes"]).expect(0);
}

/// Whatever is looked at after the work and fails, for whoever it is told: the counts are what was done, and the code is 1.
#[tokio::test]
async fn what_fails_after_the_work_takes_none_of_it_back() {
    let stack = Stack::new();
    let up = &["up", "--email", "ops@example.com"][..];
    let down = &["down", "--yes"][..];
    let forms = [&["--output", "human"][..], &["--color", "never"], &["--output", "json"]];
    // Who has made a second key; whether everything is as declared; whether all is gone. Each is told in one form, and as a
    // whole in all.
    for (n, (arguments, before, (service, operation), done)) in [
        (up, down, ("kms", "ListKeys"), "created"),
        (up, down, ("iam", "GetRole"), "created"),
        (down, up, ("iam", "GetRole"), "deleted"),
    ]
    .into_iter()
    .enumerate()
    {
        stack.run(before).expect(0);
        stack.proxy.forget();
        stack.run(arguments).expect(0);
        let last = stack.proxy.calls(|call| call["op"] == operation).len();
        let denied = value!({"service": service, "op": operation, "nth": [last], "code": "AccessDeniedException",
            "message": "not authorized", "status": 403});
        for form in forms.iter().cycle().skip(n).take(forms.len()).step_by(step(3)) {
            stack.run(before).expect(0);
            stack.proxy.forget();
            stack.proxy.configure(&value!({"faults": [denied]}));
            let mut run = stack.command(&[arguments, *form].concat());
            if form[0] == "--color" {
                run.env("GITHUB_ACTIONS", "true");
            }
            let ended = Ended::from(run.output().unwrap()).expect(1);
            stack.proxy.configure(&value!({"faults": []}));
            let text = format!("{}{}", ended.stdout, ended.stderr);
            assert!(!text.contains("nothing was changed") && text.contains("not authorized"), "{text}");
            if form[1] == "json" {
                let lines = ended.lines();
                let finished = lines.iter().filter(|line| line["type"] == "finished").count();
                assert_eq!(lines.last().unwrap()[done], finished, "{lines:#?}");
                assert!(finished > 10, "{lines:#?}");
            } else {
                assert!(text.contains(&format!(" {done}")), "{text}");
            }
        }
    }
    stack.run(down).expect(0);
}

/// What judges is stopped only where somebody said so.
#[tokio::test]
async fn what_judges_is_stopped_on_a_yes() {
    let vault = Pipeline::start().await;
    vault.put("a.csv", b"seq,city\n1,Kingsford,extra\n").await;
    vault.judged("a.csv").await;
    let (sfn, sweep) = (&vault.stack.aws.sfn, vault.stack.names.sweep_arn());
    let deployed = sfn.describe_state_machine().state_machine_arn(&sweep).send().await.unwrap().definition;
    let mut long: Value = serde_json::from_str(&deployed).unwrap();
    let first = std::mem::replace(&mut long["StartAt"], "Hold".into());
    long["States"]["Hold"] = value!({"Type": "Wait", "Seconds": 3600, "Next": first});
    sfn.update_state_machine().state_machine_arn(&sweep).definition(long.to_string()).send().await.unwrap();

    let says = |arguments: &[&str], code: i32| {
        let lines = vault.stack.run(&[&["judge", "--output", "json"], arguments].concat()).expect(code).lines();
        lines.into_iter().find(|line| line["type"] == "judging").unwrap()["state"].clone()
    };
    assert_eq!(says(&["--stop", "--dry-run"], 0), "nothing");
    assert_eq!(says(&["--detach", "--yes"], 0), "running");
    vault.stack.proxy.forget();
    assert_eq!(says(&["--stop", "--dry-run"], 2), "running");
    without_a_terminal(&vault.stack, &["judge", "--stop"], Some("1")).expect(64);
    let asked = on_a_terminal(&vault.stack, &["judge", "--stop"], "n").expect(4);
    assert!(asked.stdout.contains("about to stop what judges"), "{asked:?}");
    assert_eq!(vault.stack.proxy.writes(), Vec::<String>::new());
    on_a_terminal(&vault.stack, &["judge", "--stop"], "y").expect(0);
    let list = sfn.list_executions().state_machine_arn(&sweep).send().await.unwrap().executions;
    assert!(list.iter().all(|it| it.status != ExecutionStatus::Running), "{list:?}");
    assert_eq!(says(&["--stop", "--yes"], 0), "nothing");
}
