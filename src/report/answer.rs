//! The answer for people, on standard output: the plan of `status` and `--dry-run`, how `up` and
//! `down` ended, the files of `demo`. What happens on the way there is not its business.

use super::contract::{Report, Run};
use super::layout::{Layout, wrapped};
use super::out::Out;
use super::rows;
use super::table;
use super::text::{BAD, GOOD, note, painted, printable, told};
use crate::deploy::event::{Event, Summary};
use crate::deploy::plan::Plan;
use crate::outcome::invocation::Invocation;
use serde_json::Value;
use std::io::{self, Write};

/// Prints the answer.
pub struct Answer<W> {
    out: Out<W>,
    run: Run,
    layout: Layout,
    invocation: Invocation,
}

impl<W: Write> Answer<W> {
    /// Prints to there.
    pub fn new(to: W, run: Run, layout: Layout, invocation: Invocation) -> Self {
        Self { out: Out::new(to), run, layout, invocation }
    }

    /// Lines that a terminal does not break inside a word.
    fn lines(&mut self, lines: &[String]) {
        let width = if self.layout.breaks { self.layout.width } else { usize::MAX };
        let lines = lines.iter().flat_map(|text| text.lines()).flat_map(|line| wrapped(line, width));
        self.out.lines(lines);
    }
}

impl<W: Write> Report for Answer<W> {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Summary(summary) if matches!(self.run, Run::Walk(_)) => self.lines(&lines(summary)),
            Event::Row(row) => self.lines(&rows::lines(row, self.layout)),
            Event::Judged { files } => self.lines(&table::judged(files, self.layout)),
            Event::Kept { environment, stop } => self.out.lines(exports(environment, stop)),
            _ => {}
        }
    }

    fn answer(&mut self, plan: &Plan) {
        let lines = match self.run {
            Run::DryRun(command) => table::dry_run(command, plan, self.layout),
            Run::Status | Run::Walk(_) | Run::Demo | Run::Rows | Run::Policy => table::status(plan, self.layout),
        };
        let lines: Vec<_> = lines.iter().map(|line| self.invocation.complete(line)).collect();
        self.lines(&lines);
    }

    fn policy(&mut self, policy: &Value) {
        self.out.json(&format!("{policy:#}"));
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.end()
    }
}

/// How a run ended, where, and what to do next.
fn lines(summary: &Summary) -> Vec<String> {
    let style = if summary.exit_code == 0 { GOOD } else { BAD };
    let mut lines = told(summary).into_iter();
    let ending = lines.next().map(|ending| painted(style.bold(), printable(&ending)));
    let place = lines.map(|line| format!("  {line}"));
    ending.into_iter().chain(place).chain(summary.notes.iter().map(|text| note(text))).collect()
}

/// What to paste into a shell, and how to end it.
fn exports(environment: &[(&str, String)], stop: &str) -> Vec<String> {
    let exports = environment.iter().map(|(name, value)| format!("export {name}={value}"));
    let comments = ["# then: cvault status, the AWS CLI, Terraform; to stop it:".to_owned(), stop.to_owned()];
    exports.chain(comments).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::event::Command;
    use crate::deploy::plan::{Action, State};
    use crate::report::sample;
    use anstream::AutoStream;
    use insta::assert_snapshot;

    fn printed(run: Run, layout: Layout, tell: impl FnOnce(&mut dyn Report)) -> String {
        let mut answer = Answer::new(AutoStream::never(vec![]), run, layout, Invocation::default());
        tell(&mut answer);
        answer.end().unwrap();
        String::from_utf8(answer.out.to.into_inner()).unwrap()
    }

    #[test]
    fn status() {
        let text = printed(Run::Status, sample::LAYOUT, |report| report.answer(&sample::plan()));
        assert_snapshot!(text, @r#"
        ok       key
        drifted  bucket/vault
                 /Encryption/KMSMasterKeyID: …key/11111…000000000 → …key/22222…000000000
                 /Policy/Statement/0/Condition/Bool/aws:SecureTransport: true → false
                 /Tags/evil: \u{1b}[31mred → (none)
                 /Versioning/Days: "30" → 30
        ok       topic
        pending  subscription/ops@example.com  waits for the e-mail to be confirmed
        missing  function
        missing  rule/vault
        note: Macie is not enabled in eu-west-1: the built-in detectors alone judge
        partial: cyber-vault (626fa970) in 123456789012/eu-west-1
          2 ok, 1 pending, 1 drifted, 2 missing; run `cvault up` to complete it
        "#);
    }

    #[test]
    fn verbose_status_cuts_nothing() {
        let layout = Layout { verbose: true, breaks: false, ..sample::LAYOUT };
        let text = printed(Run::Status, layout, |report| report.answer(&sample::plan()));
        assert_snapshot!(text, @r#"
        ok       key                           cv-key
        drifted  bucket/vault                  cv-bucket/vault
                 /Encryption/KMSMasterKeyID: arn:aws:kms:eu-west-1:123456789012:key/11111111-0a1b-4c2d-8e3f-000000000000 → arn:aws:kms:eu-west-1:123456789012:key/22222222-0a1b-4c2d-8e3f-000000000000
                 /Policy/Statement/0/Condition/Bool/aws:SecureTransport: true → false
                 /Tags/evil: \u{1b}[31mred → (none)
                 /Versioning/Days: "30" → 30
        ok       topic                         cv-topic
        pending  subscription/ops@example.com  cv-subscription/ops@example.com  waits for the e-mail to be confirmed
        missing  function                      cv-function
        missing  rule/vault                    cv-rule/vault
        note: Macie is not enabled in eu-west-1: the built-in detectors alone judge
        partial: cyber-vault (626fa970) in 123456789012/eu-west-1
          2 ok, 1 pending, 1 drifted, 2 missing; run `cvault up` to complete it
        "#);
    }

    #[test]
    fn dry_run() {
        let run = Run::DryRun(Command::Up);
        assert_snapshot!(printed(run, sample::LAYOUT, |report| report.answer(&sample::plan())), @r#"
        ~ update  bucket/vault
            /Encryption/KMSMasterKeyID: …key/111111…0000000000 → …key/222222…0000000000
            /Policy/Statement/0/Condition/Bool/aws:SecureTransport: true → false
            /Tags/evil: \u{1b}[31mred → (none)
            /Versioning/Days: "30" → 30
        + create  function
        + create  rule/vault
        = 3 others as declared
        note: subscription/ops@example.com: waits for the e-mail to be confirmed
        note: Macie is not enabled in eu-west-1: the built-in detectors alone judge
        plan: 2 to create, 1 to update, 0 to delete; run `cvault up` to do it
        "#);
    }

    #[test]
    fn dry_run_of_down() {
        let mut plan = sample::plan();
        plan.notes.clear();
        plan.resources = vec![
            sample::step("key", State::Ok, Action::Keep),
            sample::step("bucket/vault", State::Drifted, Action::Delete),
        ];
        plan.resources[1].owner = Some("it has no cvault tags".into());
        plan.resources[1].note = Some("exists and is not this stack's: it has no cvault tags".into());
        plan.resources[1].observed = Some(serde_json::json!({}));
        assert_snapshot!(printed(Run::DryRun(Command::Down), sample::LAYOUT, |report| report.answer(&plan)), @"
        - delete  bucket/vault  exists and is not this stack's: it has no cvault tags;
          `cvault up --adopt bucket/vault` takes it over
        = 1 other left alone
        plan: 0 to create, 0 to update, 1 to delete; run `cvault down` to do it
        ");
    }

    #[test]
    fn how_runs_ended() {
        let text = printed(Run::Walk(Command::Up), sample::LAYOUT, |report| {
            for run in [sample::good_run(), sample::failing_run(), sample::interrupted_run()] {
                sample::play(report, &run);
            }
            report.event(&sample::summary(0, [0, 0, 6, 0, 0]));
        });
        assert_snapshot!(text, @"
        cyber-vault is up: 2 created, 1 updated, 3 unchanged (1m 02s)
          cyber-vault (626fa970) in 123456789012/eu-west-1
        note: ops@example.com must confirm the subscription:
              the link is in the e-mail
        up of cyber-vault failed: 1 updated, 3 unchanged, 1 failed, 1 not begun (1m 02s)
          cyber-vault (626fa970) in 123456789012/eu-west-1
        note: ops@example.com must confirm the subscription:
              the link is in the e-mail
        up of cyber-vault was interrupted: 1 updated, 3 unchanged, 2 not begun (1m 02s)
          cyber-vault (626fa970) in 123456789012/eu-west-1
        note: ops@example.com must confirm the subscription:
              the link is in the e-mail
        cyber-vault was up already: 6 unchanged (1m 02s)
          cyber-vault (626fa970) in 123456789012/eu-west-1
        note: ops@example.com must confirm the subscription:
              the link is in the e-mail
        ");
    }

    #[test]
    fn demo() {
        assert_snapshot!(printed(Run::Demo, sample::LAYOUT, |report| report.event(&Event::Judged { files: sample::judged() })), @"
        FILE          VERDICT         TIME
        orders.csv    VAULT_COPY      3.1s
            vault: s3://cv-vault-zone-626fa970/orders.csv
        顧客|<b>.csv  HAS_FINDINGS    3.1s
            analytics: s3://cv-analytics-zone-626fa970/顧客.csv
            2 card numbers
            1 IBAN
        broken.json   INTEGRITY_FAIL  3.1s
            analytics: s3://cv-analytics-zone-626fa970/broken.json
            not JSON:
            line 3
        3 files: 1 in the vault, 2 held back
        ");
    }
}
