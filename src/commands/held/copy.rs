//! What is known of a version: from the list, its tags, and the execution that judged it.

use crate::aws::{Answer, Aws, Refusal, explained};
use crate::commands::clock::rfc3339;
use crate::outcome::failure::{AGAIN, Exit, Failure};
use crate::outcome::row::{Held, Place};
use crate::outcome::verdict::Verdict;
use crate::vault::names::{Names, Zone};
use crate::vault::requests;
use anyhow::Result;
use classifier::copies;
use classifier::messages::{Cause, Failure as Refused, FailureKind};
use classifier::objects::{self, EXECUTION, Listed, Objects, REASON, RELEASED, STATUS, Tag};
use serde_json::Value;

/// The verdict of what has no room for it.
const UNKNOWN: &str = "UNKNOWN";

/// The way to the objects of a stack, and to the executions that judged them.
#[derive(Debug)]
pub(super) struct Copies<'a> {
    pub(super) aws: &'a Aws,
    pub(super) names: &'a Names,
    pub(super) objects: Objects,
}

/// What an execution has come to.
#[derive(Clone, Debug, Default)]
pub(super) struct Judgement {
    pub(super) key: Option<String>,
    pub(super) version: Option<String>,
    pub(super) status: Option<String>,
    pub(super) reasons: Option<Vec<String>>,
}

impl<'a> Copies<'a> {
    pub(super) fn new(aws: &'a Aws, names: &'a Names) -> Self {
        Self { aws, names, objects: Objects::new(aws.s3.clone()) }
    }

    /// A listed version as a row, with its tags: what only its verdict says is not in it. `None` when it has gone
    /// meanwhile.
    pub(super) async fn row(&self, zone: Zone, listed: &Listed) -> Result<Option<Held>> {
        let bucket = self.names.bucket(zone);
        let place = objects::Place { bucket: &bucket, key: &listed.key, version_id: Some(&listed.version_id) };
        let Some(tags) = self.objects.tags(place).await.map_err(failed)? else { return Ok(None) };
        let tag = |name: &str| tags.iter().find(|tag| tag.key == name).map(|tag| tag.value.clone());
        let uploaded = if zone == Zone::Analytics { copies::own_key(&listed.key) } else { &listed.key };
        Ok(Some(Held {
            key: uploaded.to_owned(),
            version: (zone == Zone::Ingress).then(|| listed.version_id.clone()),
            zone: zone_name(zone),
            status: tag(STATUS).or_else(|| full(zone, &tags)),
            reasons: None,
            since: rfc3339(listed.stored_at),
            size: listed.size,
            place: Place { key: listed.key.clone(), version: listed.version_id.clone(), bucket },
            execution: tag(EXECUTION),
            released: tag(RELEASED),
            release_reason: tag(REASON),
            request: requests::of(&tags),
        }))
    }

    /// Whether the version that a copy was made from is in ingress, so that somebody may still judge it.
    pub(super) async fn is_waiting(&self, held: &Held) -> Result<bool> {
        let ingress = self.names.bucket(Zone::Ingress);
        let Some((id, _)) = copies::parts(&held.place.key) else { return Ok(false) };
        self.objects.is_waiting(&ingress, &held.key, id).await.map_err(failed)
    }

    /// What the version's execution has come to; nothing where Step Functions does not know it any more.
    pub(super) async fn judgement(&self, held: &Held) -> Result<Judgement> {
        match self.execution(held) {
            Some(arn) => self.judgement_of(arn).await,
            None => Ok(Judgement::default()),
        }
    }

    /// What an execution of ours has come to; nothing where Step Functions does not know it any more.
    async fn judgement_of(&self, arn: &str) -> Result<Judgement> {
        let described = self.aws.sfn.describe_execution().execution_arn(arn).send().await;
        let Some(described) = described.or_absent(format!("look at execution {arn}"))? else {
            return Ok(Judgement::default());
        };
        let output: Value = serde_json::from_str(described.output().unwrap_or_default()).unwrap_or_default();
        Ok(Judgement::of(&output["Classifier"]))
    }

    /// What the execution has come to that has made a copy, which its metadata name where its tags have no room for it;
    /// nothing where it cannot be read. Whoever has uploaded it may have written others there, so that it is looked at
    /// whether it is about this copy.
    pub(super) async fn judgement_by_marks(&self, held: &Held) -> Result<Judgement> {
        let Place { bucket, key, version } = &held.place;
        let copy = match self.objects.head(objects::Place { bucket, key, version_id: Some(version) }).await {
            Err(refused) if !is_denied(&refused) => return Err(failed(refused)),
            copy => copy.ok().flatten(),
        };
        let Some(copy) = copy else { return Ok(Judgement::default()) };
        let judgement = match copy.metadata(copies::EXECUTION) {
            Some(name) => self.judgement_of(&format!("{}:{name}", self.names.executions_arn())).await?,
            None => Judgement::default(),
        };
        if judgement.is_of(&self.names.bucket(Zone::Ingress), held) {
            return Ok(judgement);
        }
        let key = copies::whole(&held.key, copy.metadata(copies::KEY_END));
        let version = copy.metadata(copies::SOURCE_VERSION).map(str::to_owned);
        let said = Judgement { key: Some(key), version, ..Judgement::default() };
        Ok(if said.is_of(&self.names.bucket(Zone::Ingress), held) { said } else { Judgement::default() })
    }

    /// The execution that a version's tags name. Whoever may write tags writes any; only executions of ours are asked for.
    pub(super) fn execution<'h>(&self, held: &'h Held) -> Option<&'h str> {
        let ours = self.names.executions_arn();
        held.execution.as_deref().filter(|arn| arn.starts_with(&ours))
    }
}

impl From<Verdict> for Judgement {
    fn from(Verdict { key, version, status, reasons, .. }: Verdict) -> Self {
        Self { key: Some(key), version, status: Some(status), reasons: Some(reasons) }
    }
}

impl Judgement {
    fn of(classifier: &Value) -> Self {
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let reasons = classifier["Verdict"]["Reasons"].as_array();
        let reasons = reasons.map(|all| all.iter().filter_map(text).collect());
        let [key, version] = ["Key", "VersionId"].map(|member| text(&classifier["Source"][member]));
        Self { key, version, status: text(&classifier["Verdict"]["Status"]), reasons }
    }

    /// Whether it is about the version that a copy was made from, by the copy's own folder.
    fn is_of(&self, ingress: &str, held: &Held) -> bool {
        let version = self.key.as_ref().zip(self.version.as_ref());
        version.is_some_and(|(key, version)| {
            held.place.key == copies::analytics_key(&copies::copy_id(ingress, key, version), key)
        })
    }

    /// The row with what is known by it.
    pub(super) fn explain(self, held: Held) -> Held {
        // Tags say it, where there was room.
        let status = self.status.filter(|_| is_unknown(&held)).or_else(|| held.status.clone());
        let key = self.key.filter(|_| held.zone == zone_name(Zone::Analytics)).unwrap_or(held.key);
        Held { key, status, version: self.version.or(held.version), reasons: self.reasons, ..held }
    }
}

/// Whether its own tags have left no room for the verdict.
pub(super) fn is_unknown(held: &Held) -> bool {
    held.status.as_deref() == Some(UNKNOWN)
}

/// What S3 said, for people.
pub(in crate::commands) fn failed(refused: Refused) -> anyhow::Error {
    let Refused { kind, message, cause, .. } = refused;
    let Some(cause) = cause else {
        let fix = match kind {
            FailureKind::InvalidInput => "copy it by hand, or discard it",
            FailureKind::Missing => "look at its story with `cvault show`",
            FailureKind::Archived => RESTORE,
            _ => AGAIN,
        };
        let (what, why) = message.split_once(": ").map_or((message.as_str(), ""), |(what, why)| (what, why));
        // Nothing is stored on top of that.
        let exit = if kind == FailureKind::Archived { Exit::Refused } else { Exit::Failed };
        return Failure { exit, ..Failure::new(what, why, fix) }.into();
    };
    let Cause { what, status, code, message, error } = &*cause;
    let mut failure = explained(&Refusal::told(what, *status, (code.as_deref(), message.as_deref()), &**error).into());
    match cause.code.as_deref().unwrap_or_default() {
        "NoSuchBucket" => NOT_THERE.clone_into(&mut failure.fix),
        // A HEAD has no words: the held copy's own bucket may have refused it.
        "" if cause.status == 403 => failure.fix.push_str(RELEASERS),
        "AccessDenied" if !BEYOND.iter().any(|policy| failure.why.contains(policy)) => {
            failure.fix.push_str(RELEASERS);
        }
        _ => {}
    }
    failure.into()
}

const RESTORE: &str =
    "restore that version (`aws s3api restore-object`), and run the same command again once it is restored";
const NOT_THERE: &str = "the stack is not there, or not whole: pass the --stack, --id or --region that is meant; `cvault list` shows what there is";
const RELEASERS: &str = "; only the vault's declared releasers read what is held to store it (`releasers` in cvault.toml, then `cvault up`)";
/// The policies that deny whatever a bucket's own says.
const BEYOND: [&str; 4] =
    ["service control policy", "resource control policy", "permissions boundary", "session policy"];

/// Whether a failure means that this identity may not.
pub(super) fn is_denied(refused: &Refused) -> bool {
    refused.kind == FailureKind::Denied
}

/// A judged version whose own ten tags have left no room for the verdict.
fn full(zone: Zone, tags: &[Tag]) -> Option<String> {
    (zone == Zone::Analytics && Tag::are_judged(tags)).then(|| UNKNOWN.to_owned())
}

pub(super) fn zone_name(zone: Zone) -> &'static str {
    match zone {
        Zone::Ingress => "ingress",
        Zone::Analytics => "analytics",
        Zone::Vault => "vault",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_judgement_is_read_from_the_output() {
        let output = json!({"Source": {"Key": "k", "VersionId": "v"}, "Verdict": {"Reasons": ["a", "b"]}});
        let judgement = Judgement::of(&output);
        assert_eq!((judgement.key.as_deref(), judgement.version.as_deref()), (Some("k"), Some("v")));
        assert_eq!(judgement.reasons.unwrap(), ["a", "b"]);
        let nothing = Judgement::of(&Value::Null);
        assert_eq!((nothing.key, nothing.version, nothing.reasons), (None, None, None));
    }

    /// Whoever uploads may name any execution in the metadata.
    #[test]
    fn a_judgement_is_of_the_copy_that_it_was_made_of() {
        let key = copies::analytics_key(&copies::copy_id("in", "a.csv", "v1"), "a.csv");
        let place = Place { bucket: "an".into(), key, version: "h".into() };
        let held = Held { key: "a.csv".into(), place, status: full(Zone::Analytics, &TEN.map(tag)), ..Held::default() };
        let of = |version: &str| {
            let source = json!({"Key": "a.csv", "VersionId": version});
            Judgement::of(&json!({"Source": source, "Verdict": {"Status": "HAS_FINDINGS", "Reasons": ["r"]}}))
        };
        assert!(
            of("v1").is_of("in", &held) && !of("v2").is_of("in", &held) && !Judgement::default().is_of("in", &held)
        );
        assert_eq!(of("v1").explain(held.clone()).status.as_deref(), Some("HAS_FINDINGS"));
        let tagged = Held { status: Some("NOT_ANALYSED".into()), ..held.clone() };
        assert_eq!(of("v1").explain(tagged).status.as_deref(), Some("NOT_ANALYSED"));
        assert_eq!(Judgement::default().explain(held).status.as_deref(), Some(UNKNOWN));
    }

    const TEN: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    fn tag(key: &str) -> Tag {
        Tag { key: key.into(), value: String::new() }
    }

    #[test]
    fn what_is_archived_is_refused_before_anything_is_stored() {
        let why = "store an older version than s3://va/a.csv (version v): that one is newer";
        let error = failed(Refused::new(FailureKind::Archived, why)).downcast::<Failure>().unwrap();
        assert_eq!((error.exit, error.why.as_str()), (Exit::Refused, "that one is newer"));
        assert!(error.fix.contains("restore-object"), "{error}");
    }

    #[test]
    fn a_denial_says_what_to_grant() {
        let cause = Cause {
            what: "copy a to b".into(),
            status: 403,
            code: Some("AccessDenied".into()),
            message: Some("no".into()),
            error: "service error".into(),
        };
        let denied = Refused::new(FailureKind::Denied, "copy a to b: HTTP 403 AccessDenied no").because(cause);
        let error = failed(denied).downcast::<Failure>().unwrap();
        assert_eq!((error.what.as_str(), error.why.as_str()), ("copy a to b", "AccessDenied: no"));
        assert!(error.fix.contains("`cvault policy`"), "{error}");
        let cause =
            Cause { what: "look at a".into(), status: 403, code: None, message: None, error: "service error".into() };
        let denied = Refused::new(FailureKind::Denied, "look at a: HTTP 403").because(cause);
        let error = failed(denied).downcast::<Failure>().unwrap();
        assert!(error.fix.contains("declared releasers"), "{error}");
    }
}
