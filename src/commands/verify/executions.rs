//! The executions that handle the files of a run: found by what they were started with.

use super::super::Session;
use crate::aws::Answer;
use anyhow::Result;
use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::{ExecutionListItem, ExecutionStatus};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// How many executions of others are looked through in a run.
const MOST: usize = 500;
/// How far the clocks of this machine and of AWS may be apart, in milliseconds.
const CLOCKS: i64 = 60_000;
/// How much of a cause is told.
const CAUSE: usize = 300;

/// An execution, and what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Execution {
    pub(super) arn: String,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) version: String,
    /// When it began, in milliseconds since 1970.
    pub(super) started: i64,
    /// Whether it has come to its end without a failure.
    pub(super) has_succeeded: bool,
    /// What it failed with, once it has.
    pub(super) failure: Option<String>,
}

/// What has begun since the files of a run were sent.
pub(super) struct Executions<'a> {
    session: &'a Session,
    since: i64,
    found: BTreeMap<String, Execution>,
}

impl<'a> Executions<'a> {
    /// To be made before the first file is sent.
    pub(super) fn new(session: &'a Session) -> Self {
        Self { session, since: millis(&SystemTime::now().into()), found: BTreeMap::new() }
    }

    /// The one for a version in a bucket, if it has begun.
    pub(super) fn of(&self, bucket: &str, key: &str, version: &str) -> Option<&Execution> {
        let is_of_version = |it: &&Execution| match it.version.as_str() {
            // Not every emulator says it: then it is one of this run, by the clock of this machine.
            "" => it.started >= self.since,
            named => named == version,
        };
        self.found.values().filter(|it| it.bucket == bucket && it.key == key).find(is_of_version)
    }

    /// Looks at what is new, and at what has failed meanwhile.
    pub(super) async fn look(&mut self) -> Result<()> {
        let sfn = &self.session.aws.sfn;
        let list = sfn.list_executions().state_machine_arn(self.session.names.state_machine_arn());
        let mut pages = list.into_paginator().page_size(100).send();
        while let Some(page) = pages.next().await {
            let Some(page) = page.or_absent("list the executions")? else { return Ok(()) };
            let is_new = |listed: &&ExecutionListItem| millis(&listed.start_date) >= self.since - CLOCKS;
            let new: Vec<_> = page.executions().iter().filter(is_new).collect();
            // The newest come first.
            if new.is_empty() || self.found.len() >= MOST {
                return Ok(());
            }
            for listed in new {
                let has_succeeded = listed.status == ExecutionStatus::Succeeded;
                let has_failed = !has_succeeded && listed.status != ExecutionStatus::Running;
                if let Some(known) = self.found.get_mut(&listed.execution_arn) {
                    known.has_succeeded = has_succeeded;
                    if known.failure.is_some() || !has_failed {
                        continue;
                    }
                }
                let described = sfn.describe_execution().execution_arn(&listed.execution_arn).send().await;
                let Some(described) = described.or_absent(format!("look at execution {}", listed.name))? else {
                    continue;
                };
                let texts = [described.input, described.error, described.cause].map(Option::unwrap_or_default);
                let execution = Execution {
                    has_succeeded,
                    started: millis(&listed.start_date),
                    ..execution(&listed.execution_arn, has_failed, &texts)
                };
                self.found.insert(listed.execution_arn.clone(), execution);
            }
        }
        Ok(())
    }
}

fn millis(at: &DateTime) -> i64 {
    at.to_millis().unwrap_or_default()
}

fn execution(arn: &str, has_failed: bool, [input, error, cause]: &[String; 3]) -> Execution {
    let input: Value = serde_json::from_str(input).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (bucket, object) = (&input["detail"]["bucket"], &input["detail"]["object"]);
    let failure = has_failed.then(|| {
        let cause: String = cause.chars().take(CAUSE).collect();
        if error.is_empty() { "it was stopped, or ran out of time".into() } else { format!("{error}: {cause}") }
    });
    Execution {
        arn: arn.into(),
        bucket: text(&bucket["name"]),
        key: text(&object["key"]),
        version: text(&object["version-id"]),
        started: 0,
        has_succeeded: false,
        failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_is_known_by_its_input() {
        let input = r#"{"detail": {"bucket": {"name": "b"}, "object": {"key": "k", "version-id": "v"}}}"#;
        let of = |has_failed, error: &str| execution("arn", has_failed, &[input, error, "why"].map(str::to_owned));
        let running = of(false, "");
        assert_eq!([&running.bucket, &running.key, &running.version], ["b", "k", "v"]);
        assert_eq!(running.failure, None);
        assert_eq!(of(true, "Denied").failure.as_deref(), Some("Denied: why"));
        assert!(of(true, "").failure.unwrap().contains("stopped"));
        assert_eq!(execution("arn", false, &<[String; 3]>::default()).key, "");
    }
}
