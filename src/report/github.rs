//! GitHub Actions: failures as annotations of the run, and a Markdown table for the page of the
//! step. What comes from AWS is escaped, so that no file name can forge a command or a link.
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>

use super::contract::{Report, Run};
use super::differences::differences;
use super::layout::Layout;
use super::out::Out;
use super::period as words;
use super::table::{intention, remarks, state, verdict};
use super::text::{ASCII, bytes, command, printable, time, told, words as doing};
use crate::deploy::event::Judged;
use crate::deploy::event::{Command, Event, Summary};
use crate::deploy::plan::{Action, Plan, StackState};
use crate::outcome::failure::Failure;
use crate::outcome::invocation::Invocation;
use crate::outcome::period::{Period, Tally};
use crate::outcome::row::{Canary, Check, Expired, Failed, Health, Removed, Row};
use anstream::adapter::strip_str;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;

/// Differences in cells need no more than this.
const LAYOUT: Layout = Layout { width: 100, glyphs: &ASCII, breaks: false, verbose: false };

/// How many rows of an answer a summary has: GitHub takes a megabyte.
const MOST_ANSWERS: usize = 100;

/// Annotates, and summarises the step.
pub struct GitHub<W> {
    out: Out<W>,
    file: Option<PathBuf>,
    run: Run,
    plan: Option<Plan>,
    title: String,
    header: &'static [&'static str],
    rows: String,
    below: String,
    invocation: Invocation,
    /// How many rows of an answer there have been.
    answers: usize,
}

impl<W: Write> GitHub<W> {
    /// Annotates there, and appends the table to the file.
    pub fn new(to: W, file: Option<PathBuf>, run: Run, invocation: Invocation) -> Self {
        let (title, rows, below) = ("cvault".to_owned(), String::new(), String::new());
        Self { out: Out::new(to), file, run, plan: None, title, header: &[], rows, below, invocation, answers: 0 }
    }

    fn row(&mut self, cells: &[&str]) {
        let cells: Vec<_> = cells.iter().map(|cell| escaped(cell)).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(self.rows, "| {} |", cells.join(" | "));
    }

    /// The row of a step; those of the demo and of `gc` are not what their readers look for.
    fn step(&mut self, name: &str, action: Option<Action>, result: &str, time: &str) {
        if !matches!(self.run, Run::Walk(_)) {
            return;
        }
        let planned = self.plan.as_ref().and_then(|plan| plan.step(name)).map(|step| step.action);
        let action = action.or(planned).map_or("", |action| doing(action)[0]);
        self.row(&[name, action, result, time]);
    }

    fn planned(&mut self, run: Command, plan: &Plan) {
        if matches!(self.run, Run::Walk(_)) {
            self.title = format!("cvault {} {}", command(run), plan.stack);
            self.header = &["Resource", "Action", "Result", "Time"];
        }
        self.plan = Some(plan.clone());
    }

    fn summary(&mut self, summary: &Summary) {
        if self.run == Run::Demo {
            return;
        }
        self.say(&told(summary).join("\n"));
        self.notes(&summary.notes);
    }

    /// A paragraph below the table.
    fn say(&mut self, text: &str) {
        let text = escaped(&strip_str(text).to_string());
        let _ = writeln!(self.below, "\n{text}");
    }

    fn notes(&mut self, notes: &[String]) {
        for note in notes {
            self.say(&format!("note: {note}"));
        }
    }

    fn markdown(&self) -> String {
        let mut page = format!("### {}\n", escaped(&self.title));
        if !self.rows.is_empty() {
            let rule = "|---".repeat(self.header.len());
            let _ = writeln!(page, "\n| {} |\n{rule}|\n{}", self.header.join(" | "), self.rows.trim_end());
        }
        if let Some(more @ 1..) = self.answers.checked_sub(MOST_ANSWERS) {
            let _ = writeln!(page, "\nand {more} more, which are in the log");
        }
        page + &self.below + "\n"
    }

    /// A row of what was looked at or done. Lists of objects have no end, and stay what they are.
    fn answered(&mut self, row: &Row) {
        let (name, state, is_bad, says, fix) = match row {
            Row::Check(Check { name, state, says, fix }) => (name, state.word(), *state == Health::Bad, says, fix),
            Row::Canary(Canary { outcome, state, says, fix, .. }) => {
                (&format!("the {outcome} file"), state.word(), *state == Health::Bad, says, fix)
            }
            Row::Expired(Expired { stack, id, state, says, fix, .. }) => {
                (&format!("{stack} ({id})"), removed(*state), *state == Removed::Failed, says, fix)
            }
            Row::Report(period) => return self.period(period),
            Row::Failed(Failed { key, error, .. }) => {
                let Failure { what, why, fix, .. } = error;
                (key, "failed", true, &format!("{what}: {why}"), &Some(fix.clone()))
            }
            _ => return,
        };
        self.answers += 1;
        if self.answers > MOST_ANSWERS {
            return;
        }
        let text = fix.iter().fold(says.clone(), |says, fix| format!("{says}\nfix: {fix}"));
        self.header = &["What", "State", "What was seen"];
        self.row(&[name, state, &text]);
        if is_bad {
            self.annotate(name, &text);
        }
    }

    /// A period in short: the page of `--html` has all of it.
    fn period(&mut self, period: &Period) {
        self.title = format!("cvault report {}", period.stack);
        self.header = &["Verdict", "Files", "Size"];
        for Tally { name, count, bytes: size } in &period.statuses {
            self.row(&[name, &count.to_string(), &bytes(*size)]);
        }
        let failures = words::wrong(&period.failures).unwrap_or_else(|| "none".into());
        let waits = words::waits(&period.failures).unwrap_or_else(|| "nothing".into());
        let lines = [
            format!("{} to {}: {}", period.since, period.until, words::judged(period)),
            words::decided(period),
            format!("held now: {}; waiting to be judged now: {waits}; failures: {failures}", period.held.all.count),
        ];
        self.say(&lines.join("\n"));
    }

    /// A command line that is wrong.
    pub fn wrong_usage(&mut self, text: &str) {
        self.annotate("wrong usage", text.trim_end());
        self.say(text.trim_end());
    }

    fn annotate(&mut self, what: &str, text: &str) {
        self.out.command(format_args!("::error title={}::{}", property(what), data(text)));
    }

    fn judged(&mut self, rows: &[Judged]) {
        "cvault demo".clone_into(&mut self.title);
        self.header = &["File", "Verdict", "Where", "Why"];
        for row in rows {
            self.row(&[&row.file, &row.status, &row.place, &row.reasons.join("\n")]);
        }
    }
}

impl<W: Write> Report for GitHub<W> {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Finished { action: Action::Keep, .. }
            | Event::Started { .. }
            | Event::Waiting { .. }
            | Event::Reading { .. }
            | Event::Read { .. }
            | Event::Progress { .. }
            | Event::Note { .. }
            | Event::Kept { .. } => {}
            Event::Row(row) => self.answered(row),
            Event::Planned { command, plan } => self.planned(*command, plan),
            Event::Finished { name, action, seconds } => {
                self.step(name, Some(*action), doing(*action)[2], &time(*seconds));
            }
            Event::Failed { name, action, error } => {
                self.step(name, Some(*action), "failed", "");
                self.failure(error);
            }
            Event::Blocked { name, by } => {
                self.step(name, None, &format!("not begun, needs {by}"), "");
            }
            Event::Skipped { name } => self.step(name, None, "not begun, interrupted", ""),
            Event::Judged { files } => self.judged(files),
            Event::Summary(summary) => self.summary(summary),
        }
    }

    fn answer(&mut self, plan: &Plan) {
        let (title, sentence) = match self.run {
            Run::DryRun(run) => (format!("cvault {} --dry-run {}", command(run), plan.stack), intention(run, plan)),
            _ => (format!("cvault status {}", plan.stack), verdict(plan)),
        };
        self.title = title;
        self.header = &["Resource", "State", "Action", "What differs"];
        for step in &plan.resources {
            let (_, state) = state(step.state);
            let mut remarks: Vec<_> = remarks(step).iter().map(|text| self.invocation.complete(text)).collect();
            remarks.extend(differences(step, LAYOUT, 0).iter().map(|line| strip_str(line).to_string()));
            self.row(&[&step.name, state, doing(step.action)[0], &remarks.join("\n")]);
        }
        let sentence = self.invocation.complete(&sentence);
        if self.run == Run::Status && plan.state != StackState::InSync {
            self.annotate(&self.title.clone(), &strip_str(&sentence).to_string());
        }
        self.say(&sentence);
        self.notes(&plan.notes);
    }

    fn failure(&mut self, Failure { what, why, fix, .. }: &Failure) {
        let text = format!("{why}\nfix: {fix}");
        self.annotate(what, &text);
        self.say(&format!("error: {what}\nwhy: {text}"));
    }

    fn end(&mut self) -> io::Result<()> {
        let Some(path) = self.file.take().filter(|_| !self.rows.is_empty() || !self.below.is_empty()) else {
            return Ok(());
        };
        let file = OpenOptions::new().append(true).create(true).open(&path);
        if let Err(error) = file.and_then(|mut file| file.write_all(self.markdown().as_bytes())) {
            // The run itself went well or not without it.
            self.out.command(format_args!("::warning title=no step summary::{}", data(&error.to_string())));
        }
        Ok(())
    }
}

fn removed(state: Removed) -> &'static str {
    match state {
        Removed::Removed => "removed",
        Removed::Planned => "would be removed",
        Removed::Kept => "kept",
        Removed::Failed => "failed",
    }
}

/// The message of a workflow command.
fn data(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| printable(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// A property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text in which nothing is Markdown or HTML any more; a character written as an entity never is.
fn escaped(text: &str) -> String {
    let lines = text.lines().map(|line| {
        printable(line.trim()).chars().fold(String::new(), |mut safe, character| {
            match character {
                '&' | '<' | '>' | '|' | '`' | '*' | '~' | '[' | ']' | '\\' | '#' => {
                    let _ = write!(safe, "&#{};", u32::from(character));
                }
                _ => safe.push(character),
            }
            safe
        })
    });
    lines.collect::<Vec<_>>().join("<br>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use insta::assert_snapshot;

    fn told(run: Run, tell: impl FnOnce(&mut dyn Report)) -> GitHub<Vec<u8>> {
        let mut github = GitHub::new(vec![], None, run, Invocation::default());
        tell(&mut github);
        github
    }

    #[test]
    fn a_failing_run() {
        let github = told(Run::Walk(Command::Up), |report| {
            sample::play(report, &sample::failing_run());
        });
        assert_snapshot!(github.markdown(), @"
        ### cvault up cyber-vault

        | Resource | Action | Result | Time |
        |---|---|---|---|
        | function | create | failed |  |
        | rule/vault | create | not begun, needs function |  |
        | bucket/vault | update | updated | 2.1s |

        error: create function cyber_vault-626fa970<br>why: AccessDenied: not authorized to perform: iam:PassRole<br>on role &#124; &#60;b&#62;<br>fix: grant iam:PassRole, then run the same command again

        up of cyber-vault failed: 1 updated, 3 unchanged, 1 failed, 1 not begun (1m 02s)<br>cyber-vault (626fa970) in 123456789012/eu-west-1

        note: ops@example.com must confirm the subscription:<br>the link is in the e-mail
        ");
        assert_snapshot!(String::from_utf8(github.out.to).unwrap(), @"::error title=create function cyber_vault-626fa970::AccessDenied: not authorized to perform: iam:PassRole%0Aon role | <b>%0Afix: grant iam:PassRole, then run the same command again");
    }

    #[test]
    fn a_plan() {
        assert_snapshot!(told(Run::Status, |report| report.answer(&sample::plan())).markdown(), @r#"
        ### cvault status cyber-vault

        | Resource | State | Action | What differs |
        |---|---|---|---|
        | key | ok | keep |  |
        | bucket/vault | drifted | update | /Encryption/KMSMasterKeyID: ...key/11111111-...3f-000000000000 -&#62; ...key/22222222-...3f-000000000000<br>/Policy/Statement/0/Condition/Bool/aws:SecureTransport: true -&#62; false<br>/Tags/evil: &#92;u{1b}&#91;31mred -&#62; (none)<br>/Versioning/Days: "30" -&#62; 30 |
        | topic | ok | keep |  |
        | subscription/ops@example.com | pending | keep | waits for the e-mail to be confirmed |
        | function | missing | create |  |
        | rule/vault | missing | create |  |

        partial: cyber-vault (626fa970) in 123456789012/eu-west-1<br>2 ok, 1 pending, 1 drifted, 2 missing; run &#96;cvault up&#96; to complete it

        note: Macie is not enabled in eu-west-1: the built-in detectors alone judge
        "#);
    }

    /// What a nightly `cvault status` fails with; what is only planned is none.
    #[test]
    fn what_status_finds_is_annotated() {
        let said = |run| String::from_utf8(told(run, |report| report.answer(&sample::plan())).out.to).unwrap();
        let status = said(Run::Status);
        assert!(status.starts_with("::error title=cvault status cyber-vault::partial: cyber-vault"), "{status}");
        assert_eq!(said(Run::DryRun(Command::Up)), "");
    }

    #[test]
    fn what_is_bad_among_rows_is_annotated() {
        let check = |name: &str, state| {
            let fix = (state == Health::Bad).then(|| "enable it".into());
            Event::Row(Row::Check(Check { name: name.into(), state, says: "is seen".into(), fix }))
        };
        let github = told(Run::Rows, |report| {
            sample::play(report, &[check("account", Health::Good), check("rule/ingress", Health::Bad)]);
        });
        assert_snapshot!(github.markdown(), @"
        ### cvault

        | What | State | What was seen |
        |---|---|---|
        | account | good | is seen |
        | rule/ingress | bad | is seen<br>fix: enable it |
        ");
        let annotated = String::from_utf8(github.out.to).unwrap();
        assert_eq!(annotated, "::error title=rule/ingress::is seen%0Afix: enable it\n");
    }

    #[test]
    fn a_period() {
        let github = told(Run::Rows, |report| report.event(&Event::Row(Row::Report(sample::period().into()))));
        assert_snapshot!(github.markdown(), @"
        ### cvault report cyber-vault

        | Verdict | Files | Size |
        |---|---|---|
        | VAULT_COPY | 576 | 2.5 GB |
        | HAS_FINDINGS | 30 | 90.0 MB |
        | INTEGRITY_FAIL | 3 | 5.0 MB |
        | GONE | 1 | 0 bytes |

        2026-11-23T00:00:00Z to 2026-11-27T00:00:00Z: 610 files were judged, 2.5 GB: 576 stored, 33 held, 1 left or gone<br>decided: 4 released, 1 discarded; 9 files of &#96;cvault verify&#96; are not counted<br>held now: 28; waiting to be judged now: 3 files in ingress, 2 files for the next job of Macie's; failures: 2 executions failed, 1 file in ingress is not being judged
        ");
    }

    #[test]
    fn the_demo() {
        assert_snapshot!(told(Run::Demo, |report| report.event(&Event::Judged { files: sample::judged() })).markdown(), @"
        ### cvault demo

        | File | Verdict | Where | Why |
        |---|---|---|---|
        | orders.csv | VAULT_COPY | vault: s3://cv-vault-zone-626fa970/orders.csv |  |
        | 顧客&#124;&#60;b&#62;.csv | HAS_FINDINGS | analytics: s3://cv-analytics-zone-626fa970/顧客.csv | 2 card numbers<br>1 IBAN |
        | broken.json | INTEGRITY_FAIL | analytics: s3://cv-analytics-zone-626fa970/broken.json | not JSON:<br>line 3 |
        ");
    }

    #[test]
    fn commands_cannot_be_forged() {
        assert_eq!(data("100%\r\n::error::x\ry"), "100%25%0A::error::x\\ry");
        assert_eq!(property("a: b,\nc"), "a%3A b%2C%0Ac");
    }
}
