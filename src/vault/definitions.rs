//! The JSON documents of `definitions/`: embedded, parsed, then filled leaf by leaf.
//!
//! A document is parsed before it is filled, so that no value can break its syntax. `${Name}`
//! stands for one of [`Values`]; `${aws:…}` has a colon, is a variable of IAM and stays.

mod values;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;
use values::Filling;
pub use values::{Results, Values};

/// A document of `definitions/`.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Its path below `definitions/`.
    pub path: &'static str,
    text: &'static str,
}

macro_rules! definitions {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {
        $($(#[$doc])*
        pub const $name: Definition =
            Definition { path: $path, text: include_str!(concat!("../../definitions/", $path)) };)*
        /// Every document.
        pub const ALL: &[Definition] = &[$($name),*];
    };
}

definitions! {
    /// The orchestration.
    STATE_MACHINE = "state-machine.json";
    /// Which events start it for ingress.
    RULE_INGRESS = "rules/ingress.json";
    /// Which events start it for the vault.
    RULE_VAULT = "rules/vault.json";
    /// Which executions have ended without telling anybody.
    RULE_FAILURES = "rules/failures.json";
    /// The orchestration of small files.
    EXPRESS = "express.json";
    /// The orchestration of a job of Macie's.
    MACIE_JOB = "macie-job.json";
    /// What the dashboard shows.
    DASHBOARD = "dashboard.json";
    /// The sweep.
    SWEEP = "sweep.json";
    /// Who may be the sweeper.
    SWEEPER_TRUST = "policies/sweeper-trust.json";
    /// What the sweeper may do.
    SWEEPER = "policies/sweeper.json";
    /// Who may use the key.
    KEY = "policies/key.json";
    /// What is denied on the ingress bucket.
    BUCKET_INGRESS = "policies/bucket-ingress.json";
    /// Who may put objects into ingress besides, where there are writers.
    BUCKET_INGRESS_WRITERS = "policies/bucket-ingress-writers.json";
    /// What is denied on the analytics bucket: reading, too, but to whom it is declared for.
    BUCKET_ANALYTICS = "policies/bucket-analytics.json";
    /// What is denied there besides, where two have to want a release or a discard.
    BUCKET_ANALYTICS_APPROVALS = "policies/bucket-analytics-approvals.json";
    /// What is denied on the vault bucket.
    BUCKET_VAULT = "policies/bucket-vault.json";
    /// Who alone may change the vault bucket's settings, where there are deployers.
    BUCKET_VAULT_SETTINGS = "policies/bucket-vault-settings.json";
    /// What is denied to releasers there, where two have to want a release.
    BUCKET_VAULT_APPROVALS = "policies/bucket-vault-approvals.json";
    /// What is denied on a bucket that is being emptied.
    BUCKET_CLOSED = "policies/bucket-closed.json";
    /// Who may use the topic.
    TOPIC = "policies/topic.json";
    /// Who may use the key besides, with Macie.
    KEY_MACIE = "policies/key-macie.json";
    /// Who may use the key besides, for what they put into ingress.
    KEY_WRITERS = "policies/key-writers.json";
    /// Who may send to the dead-letter queue.
    DEAD_LETTERS = "policies/dead-letters.json";
    /// Who may send to the queue of notices.
    NOTICES = "policies/notices.json";
    /// Who may send to the queue of files that wait for Macie.
    MACIE_QUEUE = "policies/macie-queue.json";
    /// Who may send to a queue by which `verify` listens.
    VERIFY_QUEUE = "policies/verify-queue.json";
    /// Who may be the classifier.
    CLASSIFIER_TRUST = "policies/classifier-trust.json";
    /// What the classifier may do.
    CLASSIFIER = "policies/classifier.json";
    /// What the classifier may do besides, with Macie.
    CLASSIFIER_MACIE = "policies/classifier-macie.json";
    /// And where the account exports Macie's discovery results.
    CLASSIFIER_MACIE_RESULTS = "policies/classifier-macie-results.json";
    /// And where other buckets are taken in.
    CLASSIFIER_SOURCES = "policies/classifier-sources.json";
    /// And where files come under other keys.
    CLASSIFIER_KEYS = "policies/classifier-keys.json";
    /// And where the function is in a VPC.
    CLASSIFIER_VPC = "policies/classifier-vpc.json";
    /// Who may be the orchestrator.
    ORCHESTRATOR_TRUST = "policies/orchestrator-trust.json";
    /// What the orchestrator may do.
    ORCHESTRATOR = "policies/orchestrator.json";
    /// And with Macie.
    ORCHESTRATOR_MACIE = "policies/orchestrator-macie.json";
    /// Who may be the trigger.
    TRIGGER_TRUST = "policies/trigger-trust.json";
    /// What the trigger may do.
    TRIGGER = "policies/trigger.json";
}

/// What statements of our policies are called, in whichever configuration.
#[must_use]
pub fn statement_names() -> BTreeSet<String> {
    let policies = ALL.iter().filter(|definition| definition.path.starts_with("policies/"));
    let parsed = policies.filter_map(|definition| serde_json::from_str::<Value>(definition.text).ok());
    let names =
        |policy: Value| policy["Statement"].as_array().into_iter().flatten().filter_map(name_of).collect::<Vec<_>>();
    parsed.flat_map(names).collect()
}

fn name_of(statement: &Value) -> Option<String> {
    statement["Sid"].as_str().map(str::to_owned)
}

/// A definition with the values that it is to be filled with. What AWS assigns may become known
/// between two readings, so it is filled at each.
#[derive(Clone, Debug)]
pub struct Document {
    parsed: Value,
    values: Values,
}

impl Definition {
    /// The document for a stack.
    ///
    /// # Errors
    /// The file is no JSON, or has a placeholder that stands for nothing: a mistake of ours, which
    /// a test finds.
    pub fn with(self, values: &Values) -> Result<Document> {
        let parsed = serde_json::from_str(self.text).with_context(|| format!("parse definitions/{}", self.path))?;
        let document = Document { parsed, values: values.clone() };
        document.filled().with_context(|| format!("fill definitions/{}", self.path))?;
        Ok(document)
    }
}

impl Document {
    /// A policy with the statements of another behind its own.
    #[must_use]
    pub fn with_statements_of(mut self, other: &Self) -> Self {
        let more = other.parsed["Statement"].as_array().cloned().unwrap_or_default();
        if let Some(statements) = self.parsed["Statement"].as_array_mut() {
            statements.extend(more);
        }
        self
    }

    /// The document as AWS is to get it.
    #[must_use]
    pub fn value(&self) -> Value {
        // `Definition::with` has filled it once: what failed then is not reached.
        self.filled().unwrap_or_default()
    }

    fn filled(&self) -> Result<Value> {
        let mut value = self.parsed.clone();
        fill(&mut value, &self.values)?;
        Ok(value)
    }
}

fn fill(value: &mut Value, values: &Values) -> Result<()> {
    match value {
        Value::String(text) => {
            *value = match placeholder(text).and_then(|name| values.0.get(name)) {
                Some(Filling::Json(json)) => json.clone(),
                Some(Filling::Macie(rules)) => serde_json::to_value(rules)?,
                _ => filled_text(text, values)?.into(),
            }
        }
        Value::Array(items) => {
            splice_lists(items, values);
            for item in items {
                fill(item, values)?;
            }
        }
        Value::Object(members) => {
            for member in members.values_mut() {
                fill(member, values)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The name in a text that is one placeholder and nothing else.
fn placeholder(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}')
}

fn splice_lists(items: &mut Vec<Value>, values: &Values) {
    *items = std::mem::take(items)
        .into_iter()
        .flat_map(|item| match item.as_str().and_then(placeholder).and_then(|name| values.0.get(name)) {
            Some(Filling::List(list)) => list.iter().cloned().map(Value::String).collect(),
            _ => vec![item],
        })
        .collect();
}

fn filled_text(text: &str, values: &Values) -> Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else { bail!("a placeholder without its end in {text:?}") };
        filled.push_str(before);
        match values.0.get(name) {
            Some(Filling::Text(value)) => filled.push_str(value),
            Some(Filling::Assigned(value)) => filled.push_str(value.or_unknown()),
            Some(Filling::List(_)) => bail!("${{{name}}} is a list: it must be an item of an array"),
            Some(Filling::Json(_) | Filling::Macie(_)) => bail!("${{{name}}} is no text: it must stand alone"),
            None if name.contains(':') => filled.extend(["${", name, "}"]),
            None => bail!("unknown placeholder ${{{name}}}"),
        }
        rest = tail;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests;
