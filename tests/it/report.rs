//! What is on record of a vault: every verdict, as an event and as a line.

use crate::support::{Ear, Pipeline, Stack};
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use cvault::vault::names::Zone;
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";
const RAGGED: &[u8] = b"seq,city\n1,Kingsford,extra\n";
/// How many lines are written in a call.
const LINES: usize = 500;

/// The lines of the function's log about verdicts, once there are so many: a log is read some time after it is written.
pub async fn lines(vault: &Pipeline, count: usize) -> Vec<Value> {
    let group = vault.stack.names.classifier_log_group();
    let begun = Instant::now();
    loop {
        let found = vault.stack.aws.logs.filter_log_events().log_group_name(&group).send().await.unwrap();
        let lines = found.events().iter().filter_map(|event| serde_json::from_str::<Value>(event.message()?).ok());
        let lines: Vec<_> = lines.filter(|line| line["event"] == "Object Judged").collect();
        if lines.len() >= count {
            return lines;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{lines:#?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Writes lines as the function does, in a stream of this name.
pub async fn write(vault: &Pipeline, stream: &str, lines: &[Value]) {
    let (logs, group) = (&vault.stack.aws.logs, vault.stack.names.classifier_log_group());
    // It may be there.
    let _ = logs.create_log_stream().log_group_name(&group).log_stream_name(stream).send().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let event = |line: &Value| {
        let event = InputLogEvent::builder().message(line.to_string());
        event.timestamp(i64::try_from(now).unwrap()).build().unwrap()
    };
    for lines in lines.chunks(LINES) {
        let put = logs.put_log_events().log_group_name(&group).log_stream_name(stream);
        put.set_log_events(Some(lines.iter().map(event).collect())).send().await.unwrap();
    }
}

/// By the Express workflow, by the Standard one, and for what is left where it is.
#[tokio::test]
async fn every_verdict_is_one_event_and_one_line() {
    let vault = Pipeline::start().await;
    let ear = Ear::open(&vault).await;
    vault.put("in/clean.csv", CLEAN).await;
    vault.put("in/bad.csv", RAGGED).await;
    for key in ["in/clean.csv", "in/bad.csv"] {
        vault.judged(key).await;
    }
    let gone = json!({"detail": {"bucket": {"name": vault.stack.names.bucket(Zone::Ingress)},
        "object": {"key": "gone.csv", "size": 1, "etag": "0123"}}});
    vault.start_execution(&gone).await;
    vault.settled(3).await;

    let (events, lines) = (ear.heard_all(3).await, lines(&vault, 3).await);
    ear.close().await;
    let names = &vault.stack.names;
    for (key, status, format) in [
        ("in/clean.csv", "VAULT_COPY", Some("csv")),
        ("in/bad.csv", "INTEGRITY_FAIL", Some("csv")),
        ("gone.csv", "GONE", None),
    ] {
        let events: Vec<_> = events.iter().filter(|event| event["detail"]["key"] == key).collect();
        let lines: Vec<_> = lines.iter().filter(|line| line["key"] == key).collect();
        let ([event], [line]) = (&events[..], &lines[..]) else { panic!("{key}: {events:#?} {lines:#?}") };
        assert_eq!((&event["source"], &event["detail-type"]), (&json!("cvault"), &json!("Object Judged")));
        let detail = &event["detail"];
        assert_eq!((&detail["id"], &detail["stack"]), (&json!(names.id), &json!(names.stack)));
        assert_eq!((&detail["status"], &detail["format"]), (&json!(status), &json!(format)));
        for member in ["schema", "event", "version", "size", "status", "reasons", "place", "vault_version", "execution"]
        {
            assert_eq!(detail[member], line[member], "{member} of {key}");
        }
        assert!(detail["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{detail}");
        let stored = detail["vault_version"].is_string();
        assert_eq!(stored, status == "VAULT_COPY", "{detail}");
        assert_eq!(line["TimeToVerdict"].is_u64(), status != "GONE", "{line}");
    }
    assert_eq!((events.len(), lines.len()), (3, 3));
}

/// What the program sums up is what has happened: in JSON, in a terminal's lines, and on a page.
#[tokio::test]
async fn a_period_is_what_has_happened() {
    let vault = Pipeline::start().await;
    for (key, body) in [("in/clean.csv", CLEAN), ("in/bad.csv", RAGGED), ("in/worse.csv", RAGGED)] {
        vault.put(key, body).await;
    }
    for key in ["in/clean.csv", "in/bad.csv", "in/worse.csv"] {
        vault.judged(key).await;
    }
    vault.executions(Zone::Vault, "in/clean.csv", 1).await;
    lines(&vault, 3).await;
    let discard = ["discard", "in/worse.csv", "--reason", "no longer wanted", "--yes"];
    vault.stack.run(&discard).expect(0);

    let none =
        |waiting: u64| json!({"executions": 0, "dead_letters": 0, "stuck": 0, "waiting": waiting, "macie_files": 0});
    vault.stack.proxy.forget();
    let page = std::env::temp_dir().join(format!("cvault-report-{}.html", vault.stack.names.id));
    let page = page.to_str().unwrap();
    let lines = vault.stack.run(&["report", "--since", "1h", "--html", page, "--output", "json"]).expect(0).lines();
    assert_eq!(vault.stack.proxy.writes(), Vec::<String>::new());
    let [period] = &lines[..] else { panic!("{lines:#?}") };
    assert_eq!((&period["type"], &period["judged"]["count"]), (&json!("report"), &json!(3)), "{period:#}");
    let bytes = CLEAN.len() + 2 * RAGGED.len();
    assert_eq!(period["judged"]["bytes"], bytes);
    let status = |name: &str, of: &Value| of.as_array().unwrap().iter().find(|it| it["name"] == name).cloned();
    assert_eq!(status("INTEGRITY_FAIL", &period["statuses"]).unwrap()["count"], 2);
    assert_eq!(status("csv", &period["formats"]).unwrap()["bytes"], bytes);
    assert_eq!(status("INTEGRITY_FAIL", &period["held"]["statuses"]).unwrap()["count"], 1);
    assert_eq!(status("less than a day", &period["held"]["ages"]).unwrap()["count"], 1);
    let reason = period["reasons"][0]["name"].as_str().unwrap();
    assert_eq!(status(reason, &period["held"]["reasons"]).unwrap()["count"], 1, "{period:#}");
    assert_eq!((&period["discarded"], &period["released"]), (&json!(1), &json!(0)));
    assert_eq!(period["failures"], none(0));
    assert_eq!((&period["cost"]["express"], &period["cost"]["standard"]), (&json!(1), &json!(2)));

    let shown = vault.stack.run(&["report"]).expect(0).stdout;
    assert!(shown.contains("3 files were judged") && shown.contains("1 stored, 2 held"), "{shown}");
    let html = std::fs::read_to_string(page).unwrap();
    assert!(html.contains("3 files were judged") && html.ends_with("</html>\n"), "{html}");
    std::fs::remove_file(page).unwrap();

    let nothing = vault.stack.run(&["report", "--since", "2h", "--until", "1h"]).expect(0).stdout;
    assert!(nothing.contains("0 files were judged"), "{nothing}");
    // How old it is what is held now, no period changes that ended long ago.
    let analytics = vault.stack.names.bucket(Zone::Analytics);
    let listed = vault.stack.aws.s3.list_object_versions().bucket(&analytics).send().await.unwrap();
    let (key, version) = (listed.versions()[0].key().unwrap(), listed.versions()[0].version_id().unwrap());
    let body = format!(
        "<ListVersionsResult><IsTruncated>false</IsTruncated><Version><Key>{key}</Key><VersionId>{version}</VersionId>\
         <IsLatest>true</IsLatest><LastModified>2020-05-31T00:00:00.000Z</LastModified><Size>27</Size></Version>\
         </ListVersionsResult>"
    );
    let first = format!("prefix={}", &key[..1]);
    let old = json!({"op": "ListObjectVersions", "resource": analytics, "target": first, "status": 200, "body": body});
    vault.stack.proxy.configure(&json!({"faults": [old]}));
    let past = ["report", "--since", "2020-05-01", "--until", "2020-06-01", "--output", "json"];
    let past = vault.stack.run(&past).expect(0).lines().into_iter().find(|line| line["type"] == "report").unwrap();
    assert_eq!(status("more than 30 days", &past["held"]["ages"]).unwrap()["count"], 1, "{past:#}");
    vault.stack.proxy.configure(&json!({"faults": []}));
    // What nobody has begun to judge has not failed, and is not passed over.
    let rule = vault.stack.names.rule(Zone::Ingress);
    vault.stack.aws.eventbridge.disable_rule().name(rule).send().await.unwrap();
    vault.put("in/waits.csv", CLEAN).await;
    let waits = vault.stack.run(&["report", "--output", "json"]).expect(0).lines().remove(0);
    assert_eq!(waits["failures"], none(1));
    let waits = vault.stack.run(&["report"]).expect(0).stdout;
    assert!(waits.contains("waiting to be judged now: 1 file in ingress"), "{waits}");
    vault.stack.run(&["report", "--since", "1h", "--until", "2h"]).expect(64);
    for command in ["report", "held"] {
        let absent = Stack::new().run(&[command]).expect(1).stderr;
        assert!(absent.contains("the stack is not there") && absent.contains("`cvault list"), "{absent}");
    }
    let denied = vault.stack.run(&["report", "--html", "no/such/folder.html"]).expect(64).stderr;
    assert!(denied.contains("folder that is there"), "{denied}");
}

/// Nothing goes by the Express workflow where senders have long to think; whoever reports need not know the settings.
#[tokio::test]
async fn what_a_file_costs_goes_by_what_is_deployed() {
    let vault = Pipeline::configured("[ingress]\nsettle_seconds = 61\n").await;
    let line = json!({"schema": "cvault-audit/1", "event": "Object Judged", "key": "a.csv", "version": "v", "size": 10,
        "status": "VAULT_COPY", "reasons": [], "format": "csv", "execution": "arn:a"});
    write(&vault, "function", &[line]).await;
    let report = || vault.stack.run(&["report", "--since", "1h", "--output", "json"]).expect(0).lines().remove(0);
    let cost = report()["cost"].clone();
    assert_eq!((&cost["express"], &cost["standard"]), (&json!(0), &json!(1)), "{cost}");
    vault.stack.up();
    let cost = report()["cost"].clone();
    assert_eq!((&cost["express"], &cost["standard"]), (&json!(1), &json!(0)), "{cost}");
}
