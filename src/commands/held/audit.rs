//! The audit of decisions: one line before and one behind each in the function's log group, which has the retention of
//! `[logs]` and the stack's key, and one event on the default bus once it is done.
//!
//! A held copy's own tags cannot say it: the bucket's policy keeps the verdict's, and a discarded copy is gone with
//! them. The line before comes first, so that nothing is deleted that no line tells of, whenever a run is killed.

use crate::aws::{Answer, Aws, Refusal};
use crate::commands::log::{self, DECISIONS, Line, Wanted};
use crate::outcome::failure::Failure;
use crate::outcome::row::{Decision, Requested, Settled, Settling};
use crate::outcome::verdict::Verdict;
use crate::vault::names::{Names, Zone};
use anyhow::{Result, bail};
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use classifier::audit::SCHEMA;
use futures::TryStreamExt;
use serde_json::{Value, json};
use std::pin::pin;
use std::time::{SystemTime, UNIX_EPOCH};

/// The `source` of the events.
pub(super) const SOURCE: &str = "cvault";

/// The audit of one stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Audit<'a> {
    pub(super) aws: &'a Aws,
    pub(super) names: &'a Names,
}

impl Audit<'_> {
    /// Sees to it that today's stream is there.
    pub(super) async fn open(&self, day: &str) -> Result<()> {
        let (group, stream) = (self.names.classifier_log_group(), stream(day));
        let created = self.aws.logs.create_log_stream().log_group_name(group).log_stream_name(&stream).send().await;
        match created.or_refused(format!("create log stream {stream}")) {
            Err(error) if error.downcast_ref::<Refusal>().is_some_and(|it| it.is(&["ResourceAlreadyExists"])) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Writes a line: that a decision begins, or that it is done.
    pub(super) async fn write(&self, decision: &Decision) -> Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let line = InputLogEvent::builder().message(self.line(decision).to_string());
        let line = line.timestamp(i64::try_from(now.as_millis()).unwrap_or(i64::MAX)).build()?;
        let put = self.aws.logs.put_log_events().log_group_name(self.names.classifier_log_group());
        let put = put.log_stream_name(stream(&decision.at[..10])).log_events(line).send().await;
        put.or_refused("write to the audit log").map(drop)
    }

    /// Puts the event of a decision that is done.
    pub(super) async fn publish(&self, decision: &Decision) -> Result<()> {
        let entry = PutEventsRequestEntry::builder()
            .source(SOURCE)
            .detail_type(detail_type(decision.action, decision.state))
            .resources(self.names.bucket_arn(Zone::Analytics))
            .resources(self.names.bucket_arn(Zone::Vault))
            .detail(self.line(decision).to_string());
        let put = self.aws.eventbridge.put_events().entries(entry.build()).send().await;
        let put = put.or_refused("put an event on the default bus")?;
        if let Some(failed) = put.entries().iter().find(|entry| entry.error_code().is_some()) {
            let why =
                format!("{}: {}", failed.error_code().unwrap_or_default(), failed.error_message().unwrap_or_default());
            bail!(Failure::new("put an event on the default bus", why, crate::outcome::failure::AGAIN));
        }
        Ok(())
    }

    /// The decisions about the copies of a key, the oldest first; of each the last that was said of it.
    pub(super) async fn of_key(&self, key: &str) -> Result<Vec<Decision>> {
        Ok(self.said(key, Some(DECISIONS)).await?.decisions)
    }

    /// All that is known of a key, by whomever: each verdict of its versions once, and the decisions.
    pub(super) async fn story(&self, key: &str) -> Result<Story> {
        self.said(key, None).await
    }

    async fn said(&self, key: &str, streams: Option<&'static str>) -> Result<Story> {
        // All of a key's copies have this part in their folder's name, and its lines say it.
        let part = classifier::copies::key_part(&self.names.bucket(Zone::Ingress), key);
        let wanted = Wanted { pattern: log::of_key(&part), streams, between: None };
        let mut lines = pin!(log::lines(self.aws, self.names, wanted));
        let mut story = Story::default();
        while let Some(line) = lines.try_next().await? {
            story.add(&line, key);
        }
        Ok(story)
    }

    fn line(&self, decision: &Decision) -> Value {
        let Names { stack, id, account, region, .. } = self.names;
        let Decision { action, state, key, place, status, size, vault_version, by, at, reason, requested } = decision;
        let mut line = json!({
            "schema": SCHEMA, "event": detail_type(*action, *state), "state": state,
            "stack": stack, "id": id, "account": account, "region": region,
            "key": key, "copies": classifier::copies::key_part(&self.names.bucket(Zone::Ingress), key),
            "place": place, "status": status, "size": size, "vault_version": vault_version,
            "by": by, "at": at, "reason": reason,
        });
        if let (Some(requested), Some(members)) = (requested, line.as_object_mut()) {
            let Requested { requested_by, requested_at, request_reason } = requested.clone();
            members.insert("requested_by".into(), requested_by.into());
            members.insert("requested_at".into(), requested_at.into());
            members.insert("request_reason".into(), request_reason.into());
        }
        line
    }
}

/// What was said of a key.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub(super) verdicts: Vec<Verdict>,
    pub(super) decisions: Vec<Decision>,
}

impl Story {
    fn add(&mut self, line: &Line, key: &str) {
        if let Some(verdict) = log::verdict(line).filter(|verdict| verdict.key == key) {
            let is_same = |it: &Verdict| it.execution == verdict.execution && it.version == verdict.version;
            // A step that is repeated says it again, and the last of them counts.
            match self.verdicts.iter_mut().find(|it| is_same(it)) {
                Some(earlier) if earlier.at <= verdict.at => *earlier = verdict,
                Some(_) => {}
                None => self.verdicts.push(verdict),
            }
        } else if let Some(decision) = read(&line.text, key).filter(|_| line.is_of_people()) {
            match self.decisions.iter_mut().find(|earlier| earlier.is_of(&decision)) {
                Some(earlier) if is_overtaken(&decision, earlier) => {}
                Some(earlier) => *earlier = decision,
                None => self.decisions.push(decision),
            }
        }
    }
}

fn stream(day: &str) -> String {
    format!("{DECISIONS}/{day}")
}

fn detail_type(action: Settling, state: Settled) -> &'static str {
    match (action, state) {
        (Settling::Release, Settled::Requested) => "Object Release Requested",
        (Settling::Release, Settled::Withdrawn) => "Object Release Withdrawn",
        (Settling::Release, _) => "Object Released",
        (Settling::Discard, Settled::Requested) => "Object Discard Requested",
        (Settling::Discard, Settled::Withdrawn) => "Object Discard Withdrawn",
        (Settling::Discard, _) => "Object Discarded",
    }
}

/// Whether a line says nothing that is not known better already. Lines of the same moment come in any order, what
/// was asked for is over once it is done, and what is done cannot begin again.
fn is_overtaken(line: &Decision, earlier: &Decision) -> bool {
    let is_earlier = line.at < earlier.at;
    match line.state {
        Settled::Requested | Settled::Withdrawn | Settled::Begun => {
            earlier.is_done() || is_earlier || (line.at == earlier.at && !earlier.is_request())
        }
        Settled::Refused => earlier.is_done() || is_earlier,
        _ => false,
    }
}

/// Whether a time begins with a day, which names a stream: whoever may write lines and tags writes any.
pub(super) fn has_day(at: &str) -> bool {
    let digits = |sign: char| if sign.is_ascii_digit() { '0' } else { sign };
    at.get(..10).is_some_and(|day| day.chars().map(digits).eq("0000-00-00".chars()))
}

/// A line of ours about this key.
fn read(line: &str, key: &str) -> Option<Decision> {
    let line: Value = serde_json::from_str(line).ok()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if line["schema"] != SCHEMA || line["key"] != key {
        return None;
    }
    let state = match line["state"].as_str()? {
        "begun" => Settled::Begun,
        "not_cleared" => Settled::NotCleared,
        "refused" => Settled::Refused,
        "requested" => Settled::Requested,
        "withdrawn" => Settled::Withdrawn,
        _ => Settled::Done,
    };
    let actions = [Settling::Release, Settling::Discard];
    let action = actions.into_iter().find(|action| line["event"] == detail_type(*action, state))?;
    let place = &line["place"];
    let requested = text(&line["requested_by"]).map(|requested_by| Requested {
        requested_by,
        requested_at: text(&line["requested_at"]).unwrap_or_default(),
        request_reason: text(&line["request_reason"]).unwrap_or_default(),
    });
    Some(Decision {
        action,
        state,
        key: key.into(),
        place: crate::outcome::row::Place {
            bucket: text(&place["bucket"])?,
            key: text(&place["key"])?,
            version: text(&place["version"])?,
        },
        status: text(&line["status"]),
        size: line["size"].as_u64().unwrap_or_default(),
        vault_version: text(&line["vault_version"]),
        by: text(&line["by"])?,
        at: text(&line["at"]).filter(|at| has_day(at))?,
        reason: text(&line["reason"])?,
        requested,
    })
}
