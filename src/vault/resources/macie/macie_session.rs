//! Amazon Macie itself, of which an account has one in a region. The stack shares it: it is enabled
//! on request only, and never disabled again, since that deletes the whole account's findings, jobs
//! and settings there (truths M8).

use crate::aws::{Answer, Aws, Kind, PROPAGATION, Refusal};
use crate::deploy::permission::Permission;
use crate::deploy::plan::{Change, Standing};
use crate::deploy::resource::{Assigned, Observed, Resource};
use crate::vault::names::{MACIE_ROLE, Names};
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::Result;
use aws_config::retry::RetryConfig;
use aws_sdk_macie2::config::Builder;
use aws_sdk_macie2::types::{AutomatedDiscoveryStatus, MacieStatus};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::Serialize;
use std::time::SystemTime;

/// A region without Macie has no such host name, which is tried no longer than this.
const ATTEMPTS: u32 = 3;

/// Whether Macie can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It can.
    Enabled,
    /// Somebody has suspended it: it makes no jobs.
    Paused,
    /// It is not enabled.
    Off,
    /// The region, or the endpoint, has no Macie.
    NotOffered,
}

/// Asks Macie whether it is enabled.
///
/// # Errors
/// It cannot be told: no permission to ask, say.
pub async fn status(aws: &Aws) -> Result<Status> {
    let configured = aws.macie.config().retry_config().map_or(ATTEMPTS, RetryConfig::max_attempts);
    let few = RetryConfig::standard().with_max_attempts(configured.min(ATTEMPTS));
    // Where there is a Macie it is asked as long as all else is.
    let answer = aws.eventually_if("AWS to answer", PROPAGATION, is_there_and_busy, async || {
        let few = Builder::new().retry_config(few.clone());
        let asked = aws.macie.get_macie_session().customize().config_override(few).send().await;
        asked.or_refused("ask whether Macie is enabled")
    });
    match answer.await {
        Ok(session) if session.status() == Some(&MacieStatus::Paused) => Ok(Status::Paused),
        Ok(_) => Ok(Status::Enabled),
        Err(error) => match error.downcast_ref::<Refusal>() {
            // The same code means a missing permission (truths M1).
            Some(refusal) if refusal.says("not enabled") => Ok(Status::Off),
            Some(refusal) if is_elsewhere(refusal) && !is_unreachable(refusal) => Ok(Status::NotOffered),
            _ => Err(error),
        },
    }
}

/// Whether somebody answered who had no time, or broke off. Who cannot be connected to, or trusted, is not waited for.
fn is_there_and_busy(refusal: &Refusal) -> bool {
    let answered = refusal.status > 0 || ["reset", "closed", "broken pipe"].iter().any(|text| refusal.says(text));
    answered && matches!(refusal.kind(), Kind::Throttled | Kind::Unanswered)
}

/// Whether there is no such host, or nobody there answers: in a region without Macie, and in an outage.
#[must_use]
pub fn is_unreachable(refusal: &Refusal) -> bool {
    refusal.status == 0 && ["dns error", "connection refused"].iter().any(|text| refusal.says(text))
}

/// True when it is not Macie that refuses: there is no such host, or another service answers in its
/// place, as an emulator's S3 does (truths M12).
#[must_use]
pub fn is_elsewhere(refusal: &Refusal) -> bool {
    let unknown = ["UnknownOperation", "UnknownService", "InvalidAction", "NotImplemented", "MethodNotAllowed"];
    match refusal.status {
        0 => is_unreachable(refusal),
        404 | 405 | 501 => true,
        // Macie names its errors; what answers without a name is something else.
        200..=499 if refusal.code.is_empty() => true,
        _ => refusal.is(&unknown) || refusal.code.starts_with("NoSuch"),
    }
}

/// Makes sure that Macie's service-linked role exists: `EnableMacie` makes it, but the key's policy,
/// which comes first, names it already (truths M2).
///
/// # Errors
/// IAM refuses.
pub async fn ensure_service_role(aws: &Aws) -> Result<()> {
    let found = aws.iam.get_role().role_name(MACIE_ROLE).send().await;
    if found.or_absent(format!("read role {MACIE_ROLE}"))?.is_some() {
        return Ok(());
    }
    let created = aws.iam.create_service_linked_role().aws_service_name("macie.amazonaws.com").send().await;
    // Somebody has enabled Macie meanwhile.
    created.or_exists(format!("create role {MACIE_ROLE}")).map(drop)
}

/// Whether it was cvault that enabled Macie: a tag of the key, since the session has none (truths
/// M3). It is written before and after, so that a run that is killed in between is gone on with.
#[derive(Clone, Debug, Default)]
pub struct Mark {
    /// What the tag is to say of a run that begins to enable it.
    begins: Option<String>,
    /// When Macie was seen not to be enabled.
    off_at: Option<DateTime>,
    found: Assigned,
}

/// For how long Macie may say that it is not enabled after somebody has enabled it, in seconds: far longer than it does (truths M4).
const COMING_UP: i64 = 600;

impl Mark {
    /// The tag.
    pub const TAG: &str = "cvault:macie";
    /// What its value begins with while Macie is being enabled; behind it stands since when.
    pub const BEGUN: &str = "enabling";
    /// Its value afterwards.
    pub const DONE: &str = "enabled";

    /// The mark of a run that found Macie so, and which `begins` to enable it or does not.
    #[must_use]
    pub fn new(begins: bool, status: Status) -> Self {
        Self::at(SystemTime::now().into(), begins, status)
    }

    fn at(now: DateTime, begins: bool, status: Status) -> Self {
        let moment = now.fmt(Format::DateTime).unwrap_or_default();
        let begins = begins.then(|| format!("{} {moment}", Self::BEGUN));
        Self { begins, off_at: (status == Status::Off).then_some(now), found: Assigned::default() }
    }

    /// Takes what the key's tag says.
    pub fn read(&self, value: Option<&str>) {
        if let Some(value) = value {
            self.found.set(value);
        }
    }

    /// What the key's tag is to be before Macie is enabled. What an earlier run has begun in vain is no mark any more: whoever
    /// enables Macie later has it as they want it. But what was begun just now may still come up.
    #[must_use]
    pub fn wanted(&self) -> Option<&str> {
        let is_in_vain = |found: &&str| self.off_at.is_some_and(|now| Self::has_begun(found) && !is_new(found, now));
        self.begins.as_deref().or_else(|| self.found.get().filter(|found| !is_in_vain(found)))
    }

    /// Whether a tag says that Macie is being enabled.
    fn has_begun(value: &str) -> bool {
        value.split(' ').next() == Some(Self::BEGUN)
    }
}

/// Whether a tag says that it was begun just now. Those of an earlier release do not say when.
fn is_new(value: &str, now: DateTime) -> bool {
    let begun = value.split_once(' ').and_then(|(_, text)| DateTime::from_str(text, Format::DateTime).ok());
    begun.is_some_and(|begun| now.secs() - begun.secs() < COMING_UP)
}

/// Macie in the stack's region.
pub struct Session {
    names: Names,
    status: Status,
    key_arn: Assigned,
    mark: Mark,
}

/// What is declared of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    status: String,
    /// Of a Macie that cvault has enabled, once: it costs money for each bucket of the account (truths M5).
    #[serde(skip_serializing_if = "Option::is_none")]
    automated_discovery: Option<&'static str>,
}

impl Session {
    /// Macie, whose status is known; the key of this ARN carries the mark.
    #[must_use]
    pub fn new(names: &Names, status: Status, key_arn: Assigned, mark: Mark) -> Self {
        Self { names: names.clone(), status, key_arn, mark }
    }

    /// Enables it, or goes on where it was suspended.
    async fn enable(&self, aws: &Aws) -> Result<()> {
        let what = format!("enable Macie in {}", self.names.region);
        if self.status == Status::Paused {
            let resumed = aws.macie.update_macie_session().status(MacieStatus::Enabled).send().await;
            resumed.or_refused(&what)?;
        } else {
            let token = format!("cvault-{}", self.names.id);
            let enabled = aws.macie.enable_macie().client_token(token).status(MacieStatus::Enabled).send().await;
            // By an earlier call whose answer was lost, or by somebody at the same time (truths M3).
            enabled.or_exists(&what)?;
        }
        // It says so, or fails, for a while (truths M4).
        aws.eventually("Macie to be enabled", PROPAGATION, async || {
            aws.macie.get_macie_session().send().await.or_refused(&what)
        })
        .await
        .map(drop)
    }

    async fn stop_discovery(&self, aws: &Aws) -> Result<()> {
        let what = "turn Macie's automated discovery off";
        aws.eventually("Macie to be enabled", PROPAGATION, async || {
            let update = aws.macie.update_automated_discovery_configuration();
            let updated = update.status(AutomatedDiscoveryStatus::Disabled).send().await;
            // What does not know of it does not do it either.
            updated.or_none_if(is_elsewhere, what)
        })
        .await?;
        // All of the key's tags: only with the stack's own is tagging allowed.
        let tags = self.names.tags().into_iter().chain([(Mark::TAG, Mark::DONE)]);
        let key = self.key_arn.or_unknown();
        let tagged = aws.kms.tag_resource().key_id(key).set_tags(Some(tagged(tags))).send().await;
        tagged.or_refused(format!("tag key {key}")).map(drop)
    }
}

impl Resource for Session {
    type State = State;
    const TYPE: &'static str = "AWS::Macie::Session";

    fn name(&self) -> String {
        steps::MACIE.into()
    }

    fn id(&self) -> Option<String> {
        Some(self.names.account.clone())
    }

    fn arn(&self) -> Option<String> {
        None
    }

    fn standing(&self) -> Standing {
        Standing::Shared
    }

    fn desired(&self) -> State {
        let begun = self.mark.wanted().is_some_and(Mark::has_begun);
        State { status: MacieStatus::Enabled.to_string(), automated_discovery: begun.then_some("DISABLED") }
    }

    async fn observe(&self, _: &Aws) -> Result<Observed<State>> {
        let present =
            |status: &MacieStatus| Observed::present(State { status: status.to_string(), automated_discovery: None });
        Ok(match self.status {
            Status::Enabled => present(&MacieStatus::Enabled),
            Status::Paused => present(&MacieStatus::Paused),
            Status::Off => Observed::absent().noted("not enabled; `cvault up --enable-macie` enables it"),
            Status::NotOffered => Observed::absent().noted("not offered here"),
        })
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        if change.touches("/Status") {
            self.enable(aws).await?;
        }
        if change.touches("/AutomatedDiscovery") {
            self.stop_discovery(aws).await?;
        }
        Ok(())
    }

    async fn delete(&self, _: &Aws) -> Result<()> {
        // Never reached: what is shared stays.
        Ok(())
    }

    fn permissions(&self) -> Vec<Permission> {
        // It is looked at where it is not used, too: see `Macie::permissions`.
        vec![]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: &str, message: &str, status: u16) -> Refusal {
        Refusal { what: String::new(), code: code.into(), message: message.into(), status }
    }

    /// In a network without a way to Macie each run would wait for minutes.
    #[test]
    fn only_who_is_there_is_waited_for() {
        for busy in [
            refusal("ThrottlingException", "Rate exceeded", 429),
            refusal("InternalServerException", "", 500),
            refusal("", "", 503),
            refusal("", "connection error: Connection reset by peer (os error 104)", 0),
            refusal("", "connection closed before message completed", 0),
        ] {
            assert!(is_there_and_busy(&busy), "{busy:?}");
        }
        for other in [
            refusal("", "dispatch failure: timeout: HTTP connect timeout occurred after 3.1s", 0),
            refusal("", "dns error: failed to lookup address information", 0),
            refusal("", "tcp connect error: Connection refused (os error 111)", 0),
            refusal("", "invalid peer certificate: UnknownIssuer", 0),
            refusal("AccessDeniedException", "Macie is not enabled.", 403),
        ] {
            assert!(!is_there_and_busy(&other), "{other:?}");
        }
    }

    #[test]
    fn what_was_begun_in_vain_is_forgotten() {
        let now = DateTime::from_secs(1000);
        let wanted = |begins: bool, status: Status, found: Option<&str>| {
            let mark = Mark::at(now, begins, status);
            mark.read(found);
            mark.wanted().map(str::to_owned)
        };
        let (begun, done) = (Some(Mark::BEGUN), Some(Mark::DONE));
        assert_eq!(wanted(false, Status::Off, begun), None, "it is not enabled");
        assert_eq!(wanted(false, Status::Enabled, begun).as_deref(), begun, "a run was killed behind that");
        assert_eq!(wanted(false, Status::NotOffered, begun).as_deref(), begun, "nobody has looked");
        let anew = wanted(true, Status::Off, begun);
        assert_eq!(anew.as_deref(), Some("enabling 1970-01-01T00:16:40Z"));
        assert_eq!(wanted(false, Status::Off, anew.as_deref()), anew, "it may still come up");
        let old = Some("enabling 1970-01-01T00:06:40Z");
        assert_eq!(wanted(false, Status::Off, old), None, "it would have come up by now");
        assert_eq!(wanted(false, Status::Enabled, old).as_deref(), old);
        for status in [Status::Enabled, Status::Off] {
            assert_eq!(wanted(false, status, done).as_deref(), done, "it was cvault, once");
        }
    }

    #[test]
    fn what_is_no_macie() {
        for other in [
            refusal("", "dispatch failure: dns error: failed to lookup address information", 0),
            refusal("", "dispatch failure: tcp connect error: Connection refused (os error 111)", 0),
            refusal("NoSuchBucket", "The specified bucket does not exist", 404),
            refusal("UnknownOperationException", "", 400),
            refusal("NotImplemented", "", 501),
            refusal("MethodNotAllowed", "", 405),
            refusal("", "unexpected token", 200),
            refusal("", "unhandled error", 400),
        ] {
            assert!(is_elsewhere(&other), "{other:?}");
        }
        for macie in [
            refusal("", "dispatch failure: timeout", 0),
            refusal("", "dispatch failure: tcp connect error: deadline has elapsed", 0),
            refusal("AccessDeniedException", "not authorized to perform: macie2:GetMacieSession", 403),
            refusal("InternalServerException", "", 500),
            refusal("ThrottlingException", "Rate exceeded", 429),
            refusal("ValidationException", "", 400),
            refusal("", "", 503),
            refusal("ExpiredTokenException", "", 403),
        ] {
            assert!(!is_elsewhere(&macie), "{macie:?}");
        }
    }
}
