//! `cvault judge`: what is held is judged again by other rules, and what waits in ingress, or is in another bucket, is.

use crate::matrix;
use crate::support::{Configuration, Ear, Pipeline, REGION, Stack, step};
use aws_sdk_s3::types::CreateBucketConfiguration;
use cvault::vault::names::Zone;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

const JSON: &[u8] = b"{\"seq\": 1}\n";
const RAGGED: &[u8] = b"seq,city\n1,Kingsford,extra\n";
const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";
const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";

/// The one row of the answer.
fn judging(vault: &Pipeline, arguments: &[&str], code: i32) -> Value {
    let lines = vault.stack.run(&[&["judge", "--output", "json"], arguments].concat()).expect(code).lines();
    let rows: Vec<_> = lines.into_iter().filter(|line| line["type"] == "judging").collect();
    let [row] = &rows[..] else { panic!("{rows:#?}") };
    row.clone()
}

/// Rules that let less pass or more: what is clean by them is stored, what is held as before is told of no more.
#[tokio::test]
async fn what_is_held_is_judged_by_the_new_rules() {
    let vault = Pipeline::start().await;
    let config = std::env::temp_dir().join(format!("cvault-judge-{}.toml", vault.stack.names.id));
    std::fs::write(&config, "[integrity]\naccepted_formats = [\"csv\"]\n").unwrap();
    vault.stack.run(&["up", "--config", config.to_str().unwrap()]).expect(0);
    std::fs::remove_file(config).unwrap();
    for (key, body) in [("in/a.json", JSON), ("in/ragged.csv", RAGGED), ("out/a.json", JSON)] {
        vault.put(key, body).await;
    }
    for key in ["in/a.json", "in/ragged.csv", "out/a.json"] {
        assert_eq!(vault.judged(key).await.verdict("Status"), "INTEGRITY_FAIL");
    }
    assert_eq!(vault.messages().await.len(), 3);
    let same = judging(&vault, &["--prefix", "in/", "--yes"], 0);
    assert_eq!((&same["state"], &same["judged"], &same["held"]), (&json!("done"), &json!(2), &json!(2)), "{same}");
    assert_eq!(vault.messages().await.len(), 0, "whoever was told is not told again");
    // Under which verdict what was meant by another one is held now is not looked for.
    let selected = judging(&vault, &["--prefix", "out/", "--status", "INTEGRITY_FAIL", "--yes"], 0);
    assert_eq!((&selected["judged"], &selected["held"]), (&json!(1), &Value::Null), "{selected}");

    vault.stack.up();
    vault.stack.proxy.forget();
    let planned = judging(&vault, &["--prefix", "in/", "--status", "INTEGRITY_FAIL", "--dry-run"], 2);
    assert_eq!((&planned["state"], &planned["meant"]), (&json!("planned"), &json!(2)));
    assert_eq!(vault.stack.proxy.writes(), Vec::<String>::new());
    vault.stack.run(&["judge", "--prefix", "in/"]).expect(64);
    let ear = Ear::open(&vault).await;
    let done = judging(&vault, &["--prefix", "in/", "--yes"], 0);
    assert_eq!((&done["judged"], &done["failed"], &done["held"]), (&json!(2), &json!(0), &json!(1)), "{done}");
    vault.executions(Zone::Vault, "in/a.json", 1).await;
    assert_eq!(vault.objects(Zone::Vault).await["in/a.json"], [JSON.to_vec()]);
    let heard = ear.heard_all(1).await;
    ear.close().await;
    let [event] = &heard[..] else { panic!("{heard:#?}") };
    assert_eq!((&event["detail"]["key"], &event["detail"]["status"]), (&json!("in/a.json"), &json!("VAULT_COPY")));
    let held = vault.objects(Zone::Analytics).await;
    assert_eq!(held.len(), 2, "the copy of what is stored is cleared: {:?}", held.keys());

    // The reasons are those of the last look.
    let lines = vault.stack.run(&["held", "--status", "INTEGRITY_FAIL", "--output", "json"]).expect(0).lines();
    let ragged = lines.iter().find(|line| line["key"] == "in/ragged.csv").unwrap();
    let reason = ragged["reasons"][0].as_str().unwrap();
    assert!(reason.contains("row 2 has 3 fields"), "{reason}");
    let nothing = judging(&vault, &["--prefix", "no/such", "--yes"], 0);
    assert_eq!(nothing["state"], "nothing");

    // The copy of what was stored goes a moment after the run has ended, as S3's events take their time.
    let (aws, names) = (&vault.stack.aws, &vault.stack.names);
    aws.eventbridge.disable_rule().name(names.rule(Zone::Vault)).send().await.unwrap();
    let late = vault.stack.command(&["judge", "--output", "json", "--prefix", "out/", "--yes"]);
    let run = { late }.stdout(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while !vault.objects(Zone::Vault).await.contains_key("out/a.json") {
        assert!(begun.elapsed() < Duration::from_mins(1), "it is not stored");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let analytics = names.bucket(Zone::Analytics);
    let listed = aws.s3.list_object_versions().bucket(&analytics).send().await.unwrap();
    let copy = listed.versions().iter().find(|it| it.key().unwrap().ends_with("/out/a.json")).unwrap();
    let delete = aws.s3.delete_object().bucket(&analytics).set_key(copy.key.clone());
    delete.set_version_id(copy.version_id.clone()).send().await.unwrap();
    let text = String::from_utf8(run.wait_with_output().unwrap().stdout).unwrap();
    let row: Value = serde_json::from_str(text.lines().find(|line| line.contains("\"judging\"")).unwrap()).unwrap();
    assert_eq!((&row["judged"], &row["held"]), (&json!(1), &json!(0)), "{row}");
}

/// A rule was off for a while: nobody reported what came then.
#[tokio::test]
async fn what_waits_in_ingress_is_judged() {
    let vault = Pipeline::start().await;
    let rule = vault.stack.names.rule(Zone::Ingress);
    vault.stack.aws.eventbridge.disable_rule().name(&rule).send().await.unwrap();
    for key in ["a.csv", "b.csv"] {
        vault.put(key, CLEAN).await;
    }
    let some = judging(&vault, &["--ingress", "--prefix", "a", "--dry-run"], 2);
    assert_eq!(some["meant"], 1, "what would be judged, and nothing else: {some}");
    assert_eq!(judging(&vault, &["--ingress", "--older-than", "1h", "--dry-run"], 0)["state"], "nothing");
    let begun = judging(&vault, &["--ingress", "--detach", "--yes"], 0);
    assert_eq!((&begun["state"], &begun["meant"]), (&json!("running"), &json!(2)), "{begun}");
    vault.settled(2).await;
    assert_eq!(vault.objects(Zone::Vault).await.into_keys().collect::<Vec<_>>(), ["a.csv", "b.csv"]);
    let nothing = judging(&vault, &["--stop", "--yes"], 0);
    assert_eq!(nothing["state"], "nothing", "it has ended");
    vault.stack.run(&["judge", "--ingress", "--status", "HAS_FINDINGS", "--yes"]).expect(64);

    // A sweep of an older release would not know what is meant.
    let (sfn, sweep) = (&vault.stack.aws.sfn, vault.stack.names.sweep_arn());
    let deployed = sfn.describe_state_machine().state_machine_arn(&sweep).send().await.unwrap().definition;
    let older = deployed.replace("\"Meant\"", "\"Other\"");
    sfn.update_state_machine().state_machine_arn(&sweep).definition(older).send().await.unwrap();
    let refused = vault.stack.run(&["judge", "--yes"]).expect(4).stderr;
    assert!(refused.contains("older cvault") && refused.contains("`cvault up"), "{refused}");
}

/// What could not be started is nothing that was judged: who may not start executions, or finds none to start, says so.
#[tokio::test]
async fn what_could_not_be_started_is_said() {
    let vault = Pipeline::start().await;
    let (aws, names) = (&vault.stack.aws, &vault.stack.names);
    aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    for key in ["a.csv", "b.csv"] {
        vault.put(key, CLEAN).await;
    }
    let described = aws.sfn.describe_state_machine().state_machine_arn(names.sweep_arn()).send().await.unwrap();
    let judges = json!(names.state_machine_arn()).to_string();
    let nobody = json!(format!("{}-gone", names.state_machine_arn())).to_string();
    let definition = described.definition.replace(&judges, &nobody);
    aws.sfn.update_state_machine().state_machine_arn(names.sweep_arn()).definition(definition).send().await.unwrap();
    let failed = judging(&vault, &["--ingress", "--yes"], 1);
    assert_eq!((&failed["state"], &failed["judged"], &failed["meant"]), (&json!("failed"), &json!(0), &json!(2)));
    let not_started = failed["not_started"].as_object().unwrap();
    assert_eq!(not_started.values().filter_map(Value::as_u64).sum::<u64>(), 2, "{failed}");
    let text = vault.stack.run(&["judge", "--ingress", "--yes"]).expect(1).stdout;
    assert!(text.contains("2 not started") && text.contains("could not be started: "), "{text}");
    let update = aws.sfn.update_state_machine().state_machine_arn(names.sweep_arn());
    update.definition(described.definition).send().await.unwrap();
    let done = judging(&vault, &["--ingress", "--yes"], 0);
    assert_eq!((&done["state"], &done["judged"], &done["not_started"]), (&json!("done"), &json!(2), &json!({})));
}

/// What others have begun meanwhile is theirs; of a folder only what is in it is judged.
#[tokio::test]
async fn only_what_the_run_has_begun_is_counted() {
    let vault = Pipeline::start().await;
    let (aws, names, proxy) = (&vault.stack.aws, &vault.stack.names, &vault.stack.proxy);
    aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    for key in ["in/a.csv", "in/b.csv", "out/c.csv"] {
        vault.put(key, CLEAN).await;
    }
    let event = json!({"source": "aws.s3", "detail": {"bucket": {"name": names.bucket(Zone::Ingress)},
        "object": {"key": "out/c.csv"}}});
    let url = aws.sqs.get_queue_url().queue_name(names.dead_letters()).send().await.unwrap().queue_url.unwrap();
    aws.sqs.send_message().queue_url(&url).message_body(event.to_string()).send().await.unwrap();
    // The run has begun and has not looked yet, while a sweep of the clock's begins and ends.
    proxy.configure(&json!({"faults": [{"op": "DescribeExecution", "hold": true}]}));
    let part = ["judge", "--output", "json", "--ingress", "--prefix", "in/", "--yes"];
    let run = vault.stack.command(&part).stdout(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while proxy.held().is_empty() {
        assert!(begun.elapsed() < Duration::from_mins(1), "it does not look");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The run's own sweep is first, and finds both.
    let list = || aws.sfn.list_executions().state_machine_arn(names.state_machine_arn()).send();
    while list().await.unwrap().executions.iter().filter(|it| it.name.starts_with("again-")).count() < 2 {
        assert!(begun.elapsed() < Duration::from_mins(1), "it does not begin");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    aws.sfn
        .start_execution()
        .state_machine_arn(names.sweep_arn())
        .input("{\"OlderThanSeconds\": 0}")
        .send()
        .await
        .unwrap();
    vault.settled(3).await;
    proxy.configure(&json!({"faults": []}));
    let ended = run.wait_with_output().unwrap();
    let text = String::from_utf8(ended.stdout).unwrap();
    let row: Value = serde_json::from_str(text.lines().find(|line| line.contains("\"judging\"")).unwrap()).unwrap();
    assert_eq!((&row["state"], &row["judged"], &row["meant"]), (&json!("done"), &json!(2), &json!(2)), "{row}");
    let described =
        aws.sfn.describe_execution().execution_arn(row["execution"].as_str().unwrap()).send().await.unwrap();
    let input: Value = serde_json::from_str(&described.input.unwrap()).unwrap();
    assert_eq!(
        (&input["Meant"], &input["DeadLetters"], &input["Leftovers"]),
        (&json!(2), &json!(false), &json!(false))
    );
    assert!(
        !described.name.unwrap().starts_with("judge-all-"),
        "it is a part, after which `status` does not take all for swept"
    );
    vault.put("in/d.csv", CLEAN).await;
    let done = judging(&vault, &["--ingress", "--yes"], 0);
    assert_eq!((&done["judged"], &done["meant"]), (&json!(1), &json!(1)), "{done}");
    assert!(done["execution"].as_str().unwrap().contains(":judge-all-"), "{done}");
}

/// A sweep with more pages than an execution has room for is followed to its end, and one that somebody else begins
/// meanwhile is not taken for it.
#[tokio::test]
async fn a_run_that_goes_on_is_followed_and_no_other_one() {
    let vault = Pipeline::start().await;
    let (sfn, names) = (&vault.stack.aws.sfn, &vault.stack.names);
    vault.stack.aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    for key in ["a.csv", "b.csv"] {
        vault.put(key, CLEAN).await;
    }
    // It has no room for a second page, which what is in analytics is here, and each execution begins late.
    let described = sfn.describe_state_machine().state_machine_arn(names.sweep_arn()).send().await.unwrap();
    let mut definition: Value = serde_json::from_str(&described.definition).unwrap();
    definition["States"]["HasMore"]["Choices"][1]["NumericLessThan"] = json!(0);
    definition["States"]["Late"] = json!({"Type": "Wait", "Seconds": 800, "Next": "Defaults"});
    definition["StartAt"] = json!("Late");
    let update = sfn.update_state_machine().state_machine_arn(names.sweep_arn());
    update.definition(definition.to_string()).send().await.unwrap();
    let start = async |name: &str, mut input: Value| {
        for (key, value) in [("Bucket", json!(names.bucket(Zone::Ingress))), ("Again", json!(true))] {
            input[key] = value;
        }
        input["OlderThanSeconds"] = json!(0);
        input["DeadLetters"] = json!(false);
        let asked = sfn.start_execution().state_machine_arn(names.sweep_arn()).name(name);
        asked.input(input.to_string()).send().await.unwrap().execution_arn
    };
    let own = start("judge-all-1764370800000", json!({"Meant": 2, "Leftovers": true})).await;
    let follow = ["judge", "--output", "json", "--ingress", "--yes"];
    let mut run = vault.stack.command(&follow).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("judges already")), "it begins another one");
    // Its second execution has begun, and then somebody else's, which ends after it.
    let list = async || {
        let listed = sfn.list_executions().state_machine_arn(names.sweep_arn()).send().await.unwrap().executions;
        listed.iter().filter(|it| it.name.starts_with("judge-all-rest-")).count()
    };
    let begun = Instant::now();
    while list().await != 1 {
        assert!(begun.elapsed() < Duration::from_mins(1), "it does not go on");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let counts = json!({"Started": 7, "Taken": 0, "There": 0, "Left": {"no": 1}});
    start("judge-1764370800001", json!({"Prefix": "none/", "Leftovers": false, "Counts": counts})).await;
    let row: Value = serde_json::from_str(&lines.find(|line| line.contains("\"judging\"")).unwrap()).unwrap();
    assert_eq!((&row["state"], &row["judged"], &row["meant"]), (&json!("done"), &json!(2), &json!(2)), "{row}");
    assert_eq!((&row["execution"], run.wait().unwrap().code()), (&json!(own), Some(0)));
    assert_eq!(list().await, 1);
}

/// Of two that judge at once each is told of its own: another selection is refused, and who has looked before the other began
/// follows what runs.
#[tokio::test]
async fn what_somebody_else_judges_is_not_taken_for_one_s_own() {
    let vault = Pipeline::start().await;
    let (aws, names, proxy) = (&vault.stack.aws, &vault.stack.names, &vault.stack.proxy);
    aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress)).send().await.unwrap();
    for key in ["in/a.csv", "out/b.csv"] {
        vault.put(key, CLEAN).await;
    }
    let described = aws.sfn.describe_state_machine().state_machine_arn(names.sweep_arn()).send().await.unwrap();
    let mut definition: Value = serde_json::from_str(&described.definition).unwrap();
    definition["States"]["Late"] = json!({"Type": "Wait", "Seconds": 800, "Next": "Defaults"});
    definition["StartAt"] = json!("Late");
    let update = aws.sfn.update_state_machine().state_machine_arn(names.sweep_arn());
    update.definition(definition.to_string()).send().await.unwrap();

    let part = ["--ingress", "--prefix", "in/", "--yes"];
    let begun = judging(&vault, &[&part[..], &["--detach"]].concat(), 0);
    assert_eq!((&begun["state"], &begun["meant"]), (&json!("running"), &json!(1)));
    for other in
        [&["--prefix", "out/"][..], &[], &["--prefix", "in/", "--older-than", "1h"], &["--stop"], &["--dry-run"]]
    {
        let refused = vault.stack.run(&[&["judge", "--ingress", "--yes"], other].concat()).expect(4).stderr;
        assert!(refused.contains("judges something else: what is in cv-ingress-zone-"), "{refused}");
        assert!(refused.contains("by --prefix in/"), "{refused}");
    }
    // By two who began in the same moment: each finds its own.
    let input = json!({"Bucket": names.bucket(Zone::Ingress), "Prefix": "out/", "DeadLetters": false}).to_string();
    let beside = aws.sfn.start_execution().state_machine_arn(names.sweep_arn()).name("judge-1764370800001");
    beside.input(input).send().await.unwrap();
    // And by two who began the same: no list of it goes on.
    let same = aws.sfn.describe_execution().execution_arn(begun["execution"].as_str().unwrap()).send().await.unwrap();
    let twin = aws.sfn.start_execution().state_machine_arn(names.sweep_arn()).name("judge-1764370800002");
    let twin = twin.set_input(same.input).send().await.unwrap().execution_arn;
    let stopped = vault.stack.run(&[&["judge", "--output", "json", "--stop"], &part[..]].concat()).expect(0).lines();
    let stopped = stopped.iter().filter(|line| line["type"] == "judging");
    let stopped: BTreeSet<_> =
        stopped.map(|row| (row["state"].as_str().unwrap(), row["execution"].as_str().unwrap())).collect();
    let both = [begun["execution"].as_str().unwrap(), &twin].map(|execution| ("stopped", execution));
    assert_eq!(stopped, BTreeSet::from(both));
    judging(&vault, &["--ingress", "--prefix", "out/", "--stop", "--yes"], 0);

    proxy.configure(&json!({"faults": [{"op": "ListObjectVersions", "hold": true}]}));
    let run = vault.stack.command(&["judge", "--output", "json", "--ingress", "--yes"]);
    let run = { run }.stdout(Stdio::piped()).spawn().unwrap();
    let looks = Instant::now();
    while proxy.held().is_empty() {
        assert!(looks.elapsed() < Duration::from_mins(1), "it does not look");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let input = json!({"Bucket": names.bucket(Zone::Ingress), "Again": true, "OlderThanSeconds": 0, "DeadLetters": false,
        "Leftovers": false, "Meant": 7});
    let start = aws.sfn.start_execution().state_machine_arn(names.sweep_arn()).name("judge-all-1764370800000");
    let theirs = start.input(input.to_string()).send().await.unwrap().execution_arn;
    proxy.configure(&json!({"faults": []}));
    let ended = run.wait_with_output().unwrap();
    let text = String::from_utf8(ended.stdout).unwrap();
    let row: Value = serde_json::from_str(text.lines().find(|line| line.contains("\"judging\"")).unwrap()).unwrap();
    assert_eq!((&row["execution"], &row["judged"], &row["meant"]), (&json!(theirs), &json!(2), &json!(7)), "{row}");
    let listed = aws.sfn.list_executions().state_machine_arn(names.sweep_arn()).send().await.unwrap().executions;
    assert_eq!(listed.iter().filter(|it| it.name.starts_with("judge-all-")).count(), 1, "{listed:#?}");
}

/// Laws 3 and 4: killed at any kind of call, or with each call failing once in any way, what waits is judged once, and what
/// is held is told of once.
#[tokio::test]
async fn a_run_that_is_killed_or_hindered_is_gone_on_with() {
    let vault = Pipeline::start().await;
    vault.put("held.csv", CARDS).await;
    vault.judged("held.csv").await;
    assert_eq!(vault.messages().await.len(), 1);
    let rule = vault.stack.names.rule(Zone::Ingress);
    vault.stack.aws.eventbridge.disable_rule().name(&rule).send().await.unwrap();
    let commands = [&["judge", "--ingress", "--yes"][..], &["judge", "--yes"]];
    let mut waiting = 0;
    let mut wait = async || {
        waiting += 1;
        vault.put_owned(format!("{waiting}.csv"), CLEAN).await;
    };
    for command in commands {
        wait().await;
        let mut kinds = std::collections::BTreeSet::new();
        let moments = matrix::moments(&vault.stack, command).into_iter().filter(|moment| kinds.insert(moment.kind()));
        for moment in moments.collect::<Vec<_>>().into_iter().step_by(step(3)) {
            wait().await;
            assert!(vault.stack.killed(command, &moment.rule()), "{moment:?}");
            vault.stack.run(command).expect(0);
        }
        for fault in matrix::faults() {
            wait().await;
            matrix::faulty_run(&vault.stack, &fault, command);
        }
    }
    vault.stack.run(commands[0]).expect(0);
    let stored = vault.objects(Zone::Vault).await;
    assert!(stored.len() == waiting && stored.values().all(|versions| versions.len() == 1), "each once: {stored:?}");
    assert_eq!(vault.objects(Zone::Analytics).await.len(), 1);
    assert_eq!(vault.messages().await.len(), 0, "whoever was told is not told again");
}

/// A bucket that was there before the vault, with these objects; unversioned, as most are.
pub async fn old_bucket(stack: &Stack, objects: &[(&str, &[u8])]) -> String {
    let (s3, name) = (&stack.aws.s3, format!("old-{}", stack.names.id));
    let region = CreateBucketConfiguration::builder().location_constraint(REGION.into()).build();
    s3.create_bucket().bucket(&name).create_bucket_configuration(region).send().await.unwrap();
    for (key, body) in objects {
        let put = s3.put_object().bucket(&name).key(*key).body(body.to_vec().into()).metadata("team", "sea");
        put.tagging("kind=tide").send().await.unwrap();
    }
    name
}

/// What was in a bucket before the vault was: each is judged once, and stays where it was.
#[tokio::test]
async fn what_was_in_another_bucket_is_judged() {
    let vault = Pipeline::start().await;
    let (s3, names) = (&vault.stack.aws.s3, &vault.stack.names);
    let objects = [("in/a b+ü.csv", CLEAN), ("in/cards.csv", CARDS), ("in/no.tmp", CLEAN), ("out/c.csv", CLEAN)];
    let old = old_bucket(&vault.stack, &objects).await;
    let refused = vault.stack.run(&["judge", "--bucket", &old, "--yes"]).expect(4).stderr;
    assert!(refused.contains("`sources` below `[ingress]`"), "{refused}");
    let own = names.bucket(Zone::Vault);
    vault.stack.run(&["judge", "--bucket", &own, "--yes"]).expect(64);
    vault.stack.run(&["judge", "--bucket", &old, "--status", "HAS_FINDINGS", "--yes"]).expect(64);
    let config = std::env::temp_dir().join(format!("cvault-judge-bucket-{}.toml", names.id));
    std::fs::write(&config, format!("[notify]\nwindow_seconds = 1\n[ingress]\nsources = [{old:?}]\n")).unwrap();
    let of = |arguments: &[&str], code: i32| {
        let from = ["--bucket", &old, "--config", config.to_str().unwrap()];
        judging(&vault, &[&from, arguments].concat(), code)
    };
    let early = ["judge", "--bucket", &old, "--config", config.to_str().unwrap(), "--yes"];
    let refused = vault.stack.run(&early).expect(4).stderr;
    assert!(refused.contains("not as the configuration says") && refused.contains("cvault up"), "{refused}");
    vault.stack.run(&["up", "--config", config.to_str().unwrap()]).expect(0);

    vault.stack.proxy.forget();
    let planned = of(&["--prefix", "in/", "--dry-run"], 2);
    assert_eq!((&planned["state"], &planned["meant"]), (&json!("planned"), &json!(2)), "{planned}");
    assert_eq!(vault.stack.proxy.writes(), Vec::<String>::new());
    let done = of(&["--prefix", "in/", "--yes"], 0);
    assert_eq!(done["taken"], json!({"taken": 2, "there": 0, "left": {}}), "{done}");
    assert_eq!(vault.judged("in/cards.csv").await.verdict("Status"), "HAS_FINDINGS");
    let messages = vault.messages().await;
    let [message] = &messages[..] else { panic!("{messages:#?}") };
    assert_eq!(message.subject, "cvault held \"cards.csv\": it holds sensitive data");
    vault.executions(Zone::Vault, "in/a b+ü.csv", 1).await;
    let head = s3.head_object().bucket(&own).key("in/a b+ü.csv").send().await.unwrap();
    assert_eq!(head.metadata().unwrap()["team"], "sea");
    let tags = s3.get_object_tagging().bucket(&own).key("in/a b+ü.csv").send().await.unwrap();
    assert!(tags.tag_set().iter().any(|tag| tag.key() == "kind"), "{tags:?}");

    // Again: what is stored or held is there; the rest comes, but for what somebody has sent meanwhile.
    s3.put_object().bucket(&old).key("out/late.csv").body(CLEAN.to_vec().into()).send().await.unwrap();
    vault.put("out/c.csv", JSON).await;
    vault.put("out/c.csv", CLEAN).await;
    vault.executions(Zone::Vault, "out/c.csv", 1).await;
    let again = of(&["--yes"], 1);
    let left = json!({"another object with its key is in the vault": 1});
    assert_eq!(again["taken"], json!({"taken": 1, "there": 2, "left": left}), "{again}");
    let beside = of(&["--prefix", "out/c", "--into", "archive/", "--yes"], 0);
    assert_eq!(beside["taken"], json!({"taken": 1, "there": 0, "left": {}}), "{beside}");
    vault.executions(Zone::Vault, "archive/out/c.csv", 1).await;
    let stored = vault.objects(Zone::Vault).await;
    let keys = ["archive/out/c.csv", "in/a b+ü.csv", "out/c.csv", "out/late.csv"];
    assert_eq!(stored.keys().collect::<Vec<_>>(), keys);
    assert!(stored.values().all(|versions| versions.len() == 1), "nothing twice");
    assert_eq!(
        s3.list_objects_v2().bucket(&old).send().await.unwrap().key_count(),
        Some(5),
        "all stay where they were"
    );
    std::fs::remove_file(&config).unwrap();
}

/// Laws 3 and 4 for another bucket: killed at any kind of call, or with each call failing once in any way, each object is taken
/// in once, and what is held of it is told of once.
#[tokio::test]
async fn another_bucket_is_gone_on_with_whatever_happens() {
    let stack = Stack::new();
    let old = old_bucket(&stack, &[("held.csv", CARDS)]).await;
    let config = Configuration::of(
        &stack,
        &format!("emails = [\"ops@example.com\"]\n[notify]\nwindow_seconds = 1\n[ingress]\nsources = [{old:?}]\n"),
    );
    stack.run(&["up", "--config", config.path()]).expect(0);
    let vault = Pipeline::observed(stack).await;
    let command = ["judge", "--bucket", &old, "--config", config.path(), "--yes"];
    let mut more = 0;
    let mut come = async || {
        more += 1;
        let put = vault.stack.aws.s3.put_object().bucket(&old).key(format!("{more}.csv")).body(CLEAN.to_vec().into());
        put.send().await.unwrap();
    };
    let mut kinds = std::collections::BTreeSet::new();
    let moments = matrix::moments(&vault.stack, &command).into_iter().filter(|moment| kinds.insert(moment.kind()));
    for moment in moments.collect::<Vec<_>>().into_iter().step_by(step(6)) {
        come().await;
        assert!(vault.stack.killed(&command, &moment.rule()), "{moment:?}");
        vault.stack.run(&command).expect(0);
    }
    for fault in matrix::faults().into_iter().step_by(step(2)) {
        come().await;
        matrix::faulty_run(&vault.stack, &fault, &command);
    }
    let done = judging(&vault, &command[1..], 0);
    assert_eq!((&done["state"], &done["taken"]["left"]), (&json!("done"), &json!({})), "{done}");
    let stored = vault.objects(Zone::Vault).await;
    assert!(stored.len() == more && stored.values().all(|versions| versions.len() == 1), "each once: {stored:?}");
    assert_eq!((vault.objects(Zone::Analytics).await.len(), vault.messages().await.len()), (1, 1));
    assert_eq!(vault.stack.aws.s3.list_objects_v2().bucket(&old).send().await.unwrap().contents().len(), more + 1);
}
