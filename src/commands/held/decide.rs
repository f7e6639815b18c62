//! `cvault release` and `cvault discard`: what a person decides of held versions.
//!
//! Each is told in the audit log before anything is done, done, and told again, with an event. A run that is killed
//! in between is run again: what is in the vault is not copied twice, what is gone stays gone, and what was begun is
//! said to be done.

use super::audit::Audit;
use super::copy::{failed, is_denied};
use super::list::{Found, found};
use super::selection::Selection;
use crate::aws::{PROPAGATION, explained};
use crate::commands::Session;
use crate::commands::clock::{now, rfc3339};
use crate::commands::interruption::{exit_or, reading};
use crate::deploy::event::{Event, Question};
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::row::{Decision, Failed, Held, Row, Settled, Settling, Total};
use crate::vault::names::Zone;
use anyhow::{Error, Result, bail};
use classifier::macie::Macie;
use classifier::objects::{self, Objects};
use classifier::steps::{Compiled, PATIENCE, Released, Vault};
use futures::{StreamExt, TryStreamExt};
use std::cell::RefCell;
use std::future::ready;
use std::time::Duration;

/// How many versions are released or discarded at once.
const TOGETHER: usize = 8;
/// The longest pause before the audit is looked at for the last time.
const LATEST_LINE: Duration = Duration::from_secs(4);
/// The longest reason that S3 takes as a tag.
const LONGEST_REASON: usize = 256;

/// What is to be done, to which versions, and why.
#[derive(Clone, Debug)]
pub struct Deciding {
    /// What.
    pub action: Settling,
    /// Which versions.
    pub selection: Selection,
    /// Why.
    pub reason: String,
    /// Whether everything that is held may be meant.
    pub all: bool,
    /// Whether nothing is to be changed.
    pub dry_run: bool,
}

/// How one version went.
enum Went {
    Decided(Box<Decision>),
    Failed(Box<Failed>),
    Nothing,
}

impl Deciding {
    /// Refuses what is too vague to be done, or could not be recorded as it is.
    ///
    /// # Errors
    /// It is wrong usage.
    pub fn check(&self) -> Result<()> {
        let what = format!("{} held versions", self.action.word());
        if !self.selection.is_narrow() && !self.all {
            bail!(Failure::usage(
                what,
                "nothing says which",
                "name a key, select by --status, --prefix, --older-than or --with-reason, or pass --all"
            ));
        }
        // S3's tags take letters, digits, blanks and these (truths S20); the audit and the vault say the same.
        let fits = |c: char| c.is_alphanumeric() || c == ' ' || "+-=._:/@".contains(c);
        let length = self.reason.chars().count();
        if self.reason.trim().is_empty() || length > LONGEST_REASON || !self.reason.chars().all(fits) {
            bail!(Failure::usage(
                what,
                format!("the reason cannot be recorded as {:?}", self.reason),
                "say it in at most 256 letters, digits, blanks and + - = . _ : / @"
            ));
        }
        Ok(())
    }

    /// What a person is asked before anything is done; `None` where nothing is meant.
    ///
    /// # Errors
    /// Something cannot be read, or a key has several held versions and none was named.
    pub async fn question(&self, session: &Session, moment: i64) -> Result<Option<Question>> {
        let (mut total, mut some) = (Total::default(), vec![]);
        let mut meant = Box::pin(found(session, &self.selection, moment));
        let count = async {
            while let Some(found) = meant.try_next().await? {
                let Found::Held(held) = found else { continue };
                total.count += 1;
                total.bytes += held.size;
                if some.len() < 5 {
                    some.push(held);
                }
            }
            Ok(())
        };
        reading(&session.aws, "what is held", count).await?;
        self.one_of_a_key(&some)?;
        if total.count == 0 {
            return Ok(None);
        }
        let mut facts = vec![format!("{} held versions, {} bytes", total.count, total.bytes)];
        facts.extend(some.iter().map(|held| format!("{:?}: {}", held.key, held.status.as_deref().unwrap_or_default())));
        if total.count > 5 {
            facts.push(format!("and {} more", total.count - 5));
        }
        facts.push(match self.action {
            Settling::Release => "they go to the vault, where nobody can delete them".into(),
            Settling::Discard => "they are deleted for good: there is no other copy".into(),
        });
        Ok(Some(Question { what: format!("{} what is held", self.action.word()), facts, typed: None }))
    }

    /// A key alone means one version.
    fn one_of_a_key(&self, held: &[Box<Held>]) -> Result<()> {
        let (Some(key), None, [_, _, ..], false) = (&self.selection.key, &self.selection.version, held, self.all)
        else {
            return Ok(());
        };
        let versions = held.iter().map(|held| held.version.clone().unwrap_or_else(|| held.place.version.clone()));
        bail!(Failure::refused(
            format!("{} {key:?}", self.action.word()),
            format!("several versions of it are held: {}", versions.collect::<Vec<_>>().join(", ")),
            "name one by --version-id, or pass --all for each of them"
        ))
    }
}

/// Runs `release` or `discard`, on what was there at a moment.
///
/// # Errors
/// Nothing could be begun. A failure of one version is a row and an exit code.
pub async fn decide(session: &Session, deciding: &Deciding, moment: i64) -> Result<Exit> {
    let (audit, at) = (Audit { aws: &session.aws, names: &session.names }, rfc3339(now()));
    if !deciding.dry_run {
        audit.open(&at[..10]).await?;
    }
    let mut total = Total::default();
    let run = Run { session, deciding, audit, at };
    // What fails for one version and would for each ends the run: no other is begun, and those in flight end.
    let failure = RefCell::new(None);
    let goes_on = || session.interrupt.cause().is_none() && failure.borrow().is_none();
    let found = found(session, &deciding.selection, moment).take_while(|_| ready(goes_on()));
    let meant = found.map(async |found| match found {
        // One may have been taken up before the failure of another, and not have begun yet.
        Ok(Found::Held(held)) if goes_on() => run.one(&held).await,
        Ok(_) => (Went::Nothing, None),
        Err(error) => (Went::Nothing, Some(error)),
    });
    let mut meant = Box::pin(meant.buffer_unordered(TOGETHER));
    while let Some((went, error)) = meant.next().await {
        match went {
            Went::Decided(decision) => {
                total.count += 1;
                total.bytes += decision.size;
                session.events.send(Event::Row(Row::Decision(*decision)));
            }
            Went::Failed(failed) => {
                total.failed += 1;
                session.events.send(Event::Row(Row::Failed(*failed)));
            }
            Went::Nothing => {}
        }
        let Some(error) = error else { continue };
        if failure.borrow().is_some() {
            let Failure { what, why, fix, .. } = explained(&error);
            session.events.send(Event::Note { text: format!("failed, too, to {what}: {why}; {fix}") });
        } else {
            failure.replace(Some(error));
        }
    }
    if total == Total::default() && goes_on() {
        total.count += run.finished_before().await?;
    }
    session.events.send(Event::Row(Row::Total(total)));
    if let Some(error) = failure.take() {
        return Err(error);
    }
    let exit = match (total.failed, deciding.dry_run && total.count > 0) {
        (1.., _) => Exit::Failed,
        (0, true) => Exit::Differs,
        (0, false) => Exit::Done,
    };
    Ok(exit_or(&session.interrupt, exit))
}

/// One run over versions.
struct Run<'a> {
    session: &'a Session,
    deciding: &'a Deciding,
    audit: Audit<'a>,
    /// When it began.
    at: String,
}

impl Run<'_> {
    /// What became of a version, and what stops the whole run: it would happen to the others too.
    async fn one(&self, held: &Held) -> (Went, Option<Error>) {
        let decision = Decision {
            action: self.deciding.action,
            state: Settled::Planned,
            key: held.key.clone(),
            place: held.place.clone(),
            status: held.status.clone(),
            size: held.size,
            vault_version: None,
            by: self.session.caller.clone(),
            at: self.at.clone(),
            reason: self.deciding.reason.clone(),
        };
        if self.deciding.dry_run {
            return (Went::Decided(decision.into()), None);
        }
        if let Err(error) = self.audit.write(&Decision { state: Settled::Begun, ..decision.clone() }).await {
            return (Went::Nothing, Some(error));
        }
        let done = match decision.action {
            Settling::Release => self.release(decision.clone()).await,
            Settling::Discard => self.discard(decision.clone()).await,
        };
        match done {
            Ok(decision) => {
                let told = self.tell(&decision).await.map_err(|error| untold(&decision, &error));
                (Went::Decided(decision.into()), told.err())
            }
            // What this identity may not do with one, it may not do with any.
            Err(refused) if is_denied(&refused) => (Went::Nothing, Some(failed(refused))),
            Err(refused) => {
                let (key, place) = (decision.key, decision.place);
                (Went::Failed(Failed { key, place, error: explained(&failed(refused)) }.into()), None)
            }
        }
    }

    /// The event first: without the line the next run sends it again, and with it nobody would.
    async fn tell(&self, decision: &Decision) -> Result<()> {
        self.audit.publish(decision).await?;
        self.audit.write(decision).await
    }

    async fn release(&self, decision: Decision) -> classifier::messages::Result<Decision> {
        let by = tag_of(&decision.at, &decision.by);
        let said = classifier::steps::Decision { by: &by, reason: &decision.reason };
        let vault = self.vault();
        let released = vault.release(place(&decision), &decision.key, said).await?;
        let (stored, state) = match released {
            Released::Stored(stored) => (Some(stored), Settled::Done),
            Released::There(stored) => (Some(stored), Settled::Already),
            Released::Gone => (None, Settled::Already),
        };
        let is_cleared = self.is_cleared(&vault.objects, &decision).await?;
        let state = if is_cleared { state } else { Settled::NotCleared };
        Ok(Decision { state, vault_version: stored.map(|stored| stored.version_id), ..decision })
    }

    /// Waits for S3's event to have the held copy cleared.
    async fn is_cleared(&self, objects: &Objects, decision: &Decision) -> classifier::messages::Result<bool> {
        let mut pause = Duration::from_millis(200);
        let mut waited = Duration::ZERO;
        loop {
            if objects.head(place(decision)).await?.is_none() {
                return Ok(true);
            }
            let on = "S3's event to have the held copy cleared";
            if waited > PROPAGATION || self.session.aws.pause(on, pause).await.is_err() {
                return Ok(false);
            }
            waited += pause;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    async fn discard(&self, decision: Decision) -> classifier::messages::Result<Decision> {
        let objects = Objects::new(self.session.aws.s3.clone());
        let objects::Place { bucket, key, .. } = place(&decision);
        objects.delete(bucket, key, &decision.place.version).await?;
        Ok(Decision { state: Settled::Done, ..decision })
    }

    /// What was decided of a key before, when nothing of it is held any more: says it again and, where a run was killed
    /// before it had said that it was done, says that.
    async fn finished_before(&self) -> Result<u64> {
        let Some(key) = &self.deciding.selection.key else { return Ok(0) };
        let ours = self.said_before(key).await?;
        if ours.is_empty() {
            bail!(Failure::new(
                format!("{} {key:?}", self.deciding.action.word()),
                "nothing is held under this key",
                "look at what is held with `cvault held`, and at the key's story with `cvault show`"
            ));
        }
        for decision in ours.iter().filter(|decision| decision.state == Settled::Begun && !self.deciding.dry_run) {
            let done = Decision { state: Settled::Done, ..decision.clone() };
            self.audit.open(&done.at[..10]).await?;
            self.tell(&done).await?;
        }
        let count = ours.len() as u64;
        for decision in ours {
            let decision = Decision { state: Settled::Already, ..decision };
            self.session.events.send(Event::Row(Row::Decision(decision)));
        }
        Ok(count)
    }

    /// What the audit has of a key, looked at some times: CloudWatch Logs finds a line only seconds after it was
    /// written, and the run that wrote it may have been killed just now.
    async fn said_before(&self, key: &str) -> Result<Vec<Decision>> {
        let mut pause = Duration::from_secs(1);
        loop {
            let earlier = self.audit.of_key(key).await?.into_iter();
            let ours: Vec<_> = earlier.filter(|decision| decision.action == self.deciding.action).collect();
            if !ours.is_empty() || pause > LATEST_LINE {
                return Ok(ours);
            }
            self.session.aws.pause("the audit log to show what was written", pause).await?;
            pause *= 2;
        }
    }

    fn vault(&self) -> Vault {
        let names = &self.session.names;
        Vault {
            objects: Objects::new(self.session.aws.s3.clone()),
            macie: Macie::new(self.session.aws.macie.clone()),
            ingress: names.bucket(Zone::Ingress),
            analytics: names.bucket(Zone::Analytics),
            vault: names.bucket(Zone::Vault),
            detectors: Compiled::default(),
            patience: PATIENCE,
        }
    }
}

/// It is done, and its record is not whole.
fn untold(decision: &Decision, error: &Error) -> Error {
    let Failure { why, fix, exit, .. } = explained(error);
    let what = format!("record that {:?} is {}", decision.key, decision.action.done());
    let fix = format!("{fix}; it is done, and the same command for this key records it");
    Failure { what, why, fix, exit }.into()
}

/// The held copy.
fn place(decision: &Decision) -> objects::Place<'_> {
    let crate::outcome::row::Place { bucket, key, version } = &decision.place;
    objects::Place { bucket, key, version_id: Some(version) }
}

/// When and by whom, as a tag takes it: of an ARN that is too long the end, which tells one from another.
fn tag_of(at: &str, by: &str) -> String {
    let room = LONGEST_REASON - at.len() - 1;
    let skipped = by.chars().count().saturating_sub(room);
    format!("{at} {}", by.chars().skip(skipped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deciding(reason: &str, key: Option<&str>) -> Deciding {
        let selection = Selection { key: key.map(str::to_owned), ..Selection::default() };
        Deciding { action: Settling::Release, selection, reason: reason.into(), all: false, dry_run: false }
    }

    #[test]
    fn a_reason_is_what_a_tag_can_say() {
        for good in ["test data", "ticket OPS-12: https://tickets.example/12", "Prüfung 日本", &"r".repeat(256)] {
            assert!(deciding(good, Some("k")).check().is_ok(), "{good}");
        }
        for bad in ["", "  ", "a, b", "a\nb", "100%", "\"quoted\"", &"r".repeat(257)] {
            let error = deciding(bad, Some("k")).check().unwrap_err().downcast::<Failure>().unwrap();
            assert_eq!(error.exit, Exit::Usage, "{bad}");
        }
    }

    #[test]
    fn everything_is_meant_only_where_it_is_said() {
        assert!(deciding("r", None).check().is_err());
        assert!(Deciding { all: true, ..deciding("r", None) }.check().is_ok());
    }

    #[test]
    fn a_tag_has_the_end_of_a_long_arn() {
        let at = "2026-11-28T12:00:00Z";
        assert_eq!(tag_of(at, "arn:aws:iam::1:user/ana"), format!("{at} arn:aws:iam::1:user/ana"));
        let long = tag_of(at, &format!("arn:aws:iam::1:user/{}/ana", "p".repeat(512)));
        assert!(long.chars().count() == 256 && long.ends_with("/ana"), "{long}");
    }
}
