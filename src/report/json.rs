//! Output for programs, on standard output and nothing but JSON: `status` and `--dry-run` are one
//! document, everything else is one object a line.
//!
//! Each line carries its facts in fields and again as a sentence, `message`, so that a program and
//! the person who debugs it read the same.

use super::contract::{Report, Run};
use super::out::Out;
use super::rows;
use super::text::{command, counts, ending, time, words};
use crate::deploy::event::{Command, Event, Judged};
use crate::deploy::plan::{Action, Plan};
use crate::outcome::failure::Failure;
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};

/// Prints JSON.
pub struct Json<W> {
    out: Out<W>,
    run: Run,
}

/// A line; `type` is within its fields.
#[derive(Serialize)]
struct Line<'a, T> {
    #[serde(flatten)]
    fields: &'a T,
    message: String,
}

/// The lines that are no events.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Other<'a> {
    Error(&'a Failure),
    Judged(&'a Judged),
    Summary { command: Command, exit_code: u8 },
}

impl<W: Write> Json<W> {
    /// Prints to there: a stream of lines, or one document.
    pub fn new(to: W, run: Run) -> Self {
        Self { out: Out::new(to), run }
    }

    fn streams(&self) -> bool {
        matches!(self.run, Run::Walk(_) | Run::Demo | Run::Rows)
    }

    fn line(&mut self, fields: &impl Serialize, message: String) {
        match serde_json::to_string(&Line { fields, message }) {
            Ok(line) => self.out.json(&line),
            Err(error) => self.out.result = Err(error.into()),
        }
    }

    fn judged(&mut self, rows: &[Judged]) {
        for row in rows {
            let reasons = if row.reasons.is_empty() { String::new() } else { format!(": {}", row.reasons.join("; ")) };
            self.line(&Other::Judged(row), format!("{} is {}, in {}{reasons}", row.file, row.status, row.place));
        }
    }
}

impl<W: Write> Report for Json<W> {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Judged { files } => self.judged(files),
            Event::Row(row) => self.line(row, rows::sentence(row)),
            // A list is its rows, however long they take.
            Event::Reading { .. } | Event::Read { .. } if self.run == Run::Rows => {}
            _ if self.streams() => self.line(event, sentence(event)),
            _ => {}
        }
    }

    fn answer(&mut self, plan: &Plan) {
        match serde_json::to_string_pretty(plan) {
            Ok(document) => self.out.json(&document),
            Err(error) => self.out.result = Err(error.into()),
        }
    }

    fn failure(&mut self, failure: &Failure) {
        if self.streams() {
            self.line(&Other::Error(failure), told(failure));
        }
        // A stream ends with a summary, also when nothing was begun.
        if let Run::Walk(command) = self.run {
            let refused = Other::Summary { command, exit_code: failure.exit as u8 };
            self.line(&refused, format!("{} was not begun", super::text::command(command)));
        }
    }

    fn policy(&mut self, policy: &Value) {
        self.out.json(&format!("{policy:#}"));
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.end()
    }
}

fn told(Failure { what, why, fix, .. }: &Failure) -> String {
    format!("could not {what}: {why}; to fix it: {fix}")
}

/// The event as a sentence.
fn sentence(event: &Event) -> String {
    match event {
        Event::Planned { command: run, plan } => {
            let count = |action, what| (plan.count(action), what);
            let counts = counts(&[
                count(Action::Create, "to create"),
                count(Action::Update, "to update"),
                count(Action::Delete, "to delete"),
                count(Action::Keep, "to keep"),
            ]);
            format!("{} of {}: {counts}", command(*run), plan.stack)
        }
        Event::Started { name, action } => format!("{} {name}", words(*action)[1]),
        Event::Waiting { name, on } => format!("{name} waits for {on}"),
        Event::Reading { name } => format!("still checking {name}"),
        Event::Read { name } => format!("checked {name}"),
        Event::Progress { name, text } => format!("{name}: {text}"),
        Event::Finished { name, action, seconds } => {
            format!("{} {name} in {}", words(*action)[2], time(*seconds))
        }
        Event::Failed { error, .. } => told(error),
        Event::Blocked { name, by } => format!("{name} was not begun: it needs {by}"),
        Event::Skipped { name } => format!("{name} was not begun: the run was interrupted"),
        Event::Note { text } => text.clone(),
        Event::Row(row) => rows::sentence(row),
        Event::Judged { files } => format!("{} files were judged", files.len()),
        Event::Kept { stop, .. } => format!("the emulator runs on; {stop} stops it"),
        Event::Summary(summary) => ending(summary),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use insta::assert_snapshot;
    use serde_json::Value;

    fn printed(run: Run, tell: impl FnOnce(&mut dyn Report)) -> String {
        let mut json = Json::new(vec![], run);
        tell(&mut json);
        String::from_utf8(json.out.to).unwrap()
    }

    #[test]
    fn events_are_lines() {
        let text = printed(Run::Walk(Command::Up), |report| {
            sample::play(report, &sample::failing_run()[1..]);
        });
        assert_snapshot!(text, @r#"
        {"type":"started","name":"bucket/vault","action":"update","message":"updating bucket/vault"}
        {"type":"started","name":"function","action":"create","message":"creating function"}
        {"type":"failed","name":"function","action":"create","error":{"what":"create function cyber_vault-626fa970","why":"AccessDenied: not authorized to perform: iam:PassRole\non role | <b>","fix":"grant iam:PassRole, then run the same command again"},"message":"could not create function cyber_vault-626fa970: AccessDenied: not authorized to perform: iam:PassRole\non role | <b>; to fix it: grant iam:PassRole, then run the same command again"}
        {"type":"blocked","name":"rule/vault","by":"function","message":"rule/vault was not begun: it needs function"}
        {"type":"finished","name":"bucket/vault","action":"update","seconds":2.14,"message":"updated bucket/vault in 2.1s"}
        {"type":"summary","command":"up","stack":"cyber-vault","id":"626fa970","account":"123456789012","region":"eu-west-1","exit_code":1,"created":0,"updated":1,"deleted":0,"unchanged":3,"failed":1,"not_begun":1,"seconds":62.3,"notes":["ops@example.com must confirm the subscription:\nthe link is in the e-mail"],"message":"up of cyber-vault failed: 1 updated, 3 unchanged, 1 failed, 1 not begun (1m 02s)"}
        "#);
    }

    #[test]
    fn every_line_has_a_type_and_a_message() {
        let text = printed(Run::Walk(Command::Up), |report| {
            for run in [sample::good_run(), sample::interrupted_run()] {
                sample::play(report, &run);
            }
            report.failure(&sample::failure());
            report.event(&Event::Judged { files: sample::judged() });
        });
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.iter().all(|line| line["type"].is_string() && line["message"].is_string()));
        assert_eq!(lines[0]["plan"]["schema"], "cvault/1");
        assert_snapshot!(text.lines().rev().take(5).collect::<Vec<_>>().join("\n"), @r#"
        {"type":"judged","file":"broken.json","status":"INTEGRITY_FAIL","reasons":["not JSON:\nline 3"],"place":"analytics: s3://cv-analytics-zone-626fa970/broken.json","seconds":3.1,"message":"broken.json is INTEGRITY_FAIL, in analytics: s3://cv-analytics-zone-626fa970/broken.json: not JSON:\nline 3"}
        {"type":"judged","file":"顧客|<b>.csv","status":"HAS_FINDINGS","reasons":["2 card numbers","1 IBAN"],"place":"analytics: s3://cv-analytics-zone-626fa970/顧客.csv","seconds":3.1,"message":"顧客|<b>.csv is HAS_FINDINGS, in analytics: s3://cv-analytics-zone-626fa970/顧客.csv: 2 card numbers; 1 IBAN"}
        {"type":"judged","file":"orders.csv","status":"VAULT_COPY","reasons":[],"place":"vault: s3://cv-vault-zone-626fa970/orders.csv","seconds":3.1,"message":"orders.csv is VAULT_COPY, in vault: s3://cv-vault-zone-626fa970/orders.csv"}
        {"type":"summary","command":"up","exit_code":1,"message":"up was not begun"}
        {"type":"error","what":"create function cyber_vault-626fa970","why":"AccessDenied: not authorized to perform: iam:PassRole\non role | <b>","fix":"grant iam:PassRole, then run the same command again","message":"could not create function cyber_vault-626fa970: AccessDenied: not authorized to perform: iam:PassRole\non role | <b>; to fix it: grant iam:PassRole, then run the same command again"}
        "#);
    }

    #[test]
    fn a_document_stays_alone() {
        let text = printed(Run::Status, |report| {
            report.event(&Event::Note { text: "n".into() });
            report.answer(&sample::plan());
            report.failure(&sample::failure());
        });
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["state"], "partial");
        assert!(text.ends_with("}\n"));
    }
}
