//! `cvault release` and `cvault discard`: what a person decides of held versions.
//!
//! Each is told in the audit log before anything is done, done, and told again, with an event. A run that is killed
//! in between is run again: what is in the vault is not copied twice, what is gone stays gone, and what was begun is
//! said to be done.

use super::audit::Audit;
use super::copy::{failed, is_denied};
use super::deciding::Deciding;
use super::eyes::Eyes;
use super::list::found;
use super::released::tag_of;
use super::selection::Found;
use crate::aws::{PROPAGATION, explained};
use crate::commands::Session;
use crate::commands::clock::{now, rfc3339};
use crate::commands::interruption::exit_or;
use crate::deploy::event::Event;
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::row::{Decision, Failed, Held, Place, Requested, Row, Settled, Settling, Total};
use crate::vault::names::Zone;
use anyhow::{Error, Result};
use classifier::copies;
use classifier::macie::Macie;
use classifier::messages::{Failure as Refused, FailureKind};
use classifier::objects::{self, Objects};
use classifier::steps::{Compiled, PATIENCE, Released, Vault};
use futures::StreamExt;
use std::cell::RefCell;
use std::future::ready;
use std::time::Duration;
use tokio::sync::OnceCell;

/// How many versions are released or discarded at once.
const TOGETHER: usize = 8;

/// How one version went, and what stops the whole run: it would happen to the others too.
pub(super) type Ended = (Went, Option<Error>);

/// How one version went.
pub(super) enum Went {
    Decided(Box<Decision>),
    /// It waits for another identity than this one.
    Waits(Box<Decision>),
    Failed(Box<Failed>),
    Nothing,
}

/// How many went how, beside what the total says.
#[derive(Default)]
struct Counts {
    total: Total,
    /// Who has asked for what waits, once of all.
    waits: Option<Requested>,
    requested: u64,
    /// Of what has failed, how much was refused before anything was done.
    refused: u64,
}

/// Runs `release` or `discard`, on what was there at a moment.
///
/// # Errors
/// Nothing could be begun, or all that is meant waits for somebody else. A failure of one version is a row and an exit
/// code.
pub async fn decide(session: &Session, deciding: &Deciding, eyes: Option<&Eyes>, moment: i64) -> Result<Exit> {
    let (audit, at) = (Audit { aws: &session.aws, names: &session.names }, rfc3339(now()));
    let mut counts = Counts::default();
    let run = Run { session, deciding, audit, eyes, at, opened: OnceCell::new() };
    // What fails for one version and would for each ends the run: no other is begun, and those in flight end.
    let failure = RefCell::new(None);
    let goes_on = || session.interrupt.cause().is_none() && failure.borrow().is_none();
    let found = found(session, &deciding.selection, moment).take_while(|_| ready(goes_on()));
    let meant = found.map(async |found| match found {
        // One may have been taken up before the failure of another, and not have begun yet.
        Ok(Found::Held(held)) if goes_on() => Box::pin(run.one(&held)).await,
        Ok(_) => (Went::Nothing, None),
        Err(error) => (Went::Nothing, Some(error)),
    });
    let mut meant = Box::pin(meant.buffer_unordered(TOGETHER));
    while let Some((went, error)) = meant.next().await {
        counts.tell(session, went);
        let Some(error) = error else { continue };
        if failure.borrow().is_some() {
            let Failure { what, why, fix, .. } = explained(&error);
            session.events.send(Event::Note { text: format!("failed, too, to {what}: {why}; {fix}") });
        } else {
            failure.replace(Some(error));
        }
    }
    drop(meant);
    // What was decided before is none of what this run would do.
    let would = deciding.dry_run && counts.total.count > 0;
    if counts.total == Total::default() && counts.waits.is_none() && !deciding.withdraw && goes_on() {
        let (count, bytes) = run.finished_before().await?;
        counts.total.count += count;
        counts.total.bytes += bytes;
    }
    session.events.send(Event::Row(Row::Total(counts.total)));
    if counts.requested > 0 {
        session.events.send(Event::Note { text: run.confirmed_by(counts.requested) });
    }
    if let Some(error) = failure.take() {
        return Err(error);
    }
    let exit = match (counts.total.failed, would) {
        (1.., _) if counts.total.count == 0 && counts.refused == counts.total.failed => Exit::Refused,
        (1.., _) => Exit::Failed,
        (0, true) => Exit::Differs,
        (0, false) => Exit::Done,
    };
    match (counts.waits, counts.total.count) {
        (Some(requested), 0) if exit == Exit::Done && goes_on() => Err(run.waits(&requested).into()),
        _ => Ok(exit_or(&session.interrupt, exit)),
    }
}

impl Counts {
    /// Counts it, and tells of it.
    fn tell(&mut self, session: &Session, went: Went) {
        let row = match went {
            Went::Decided(decision) => {
                self.total.count += 1;
                self.total.bytes += decision.size;
                self.requested += u64::from(decision.state == Settled::Requested);
                Row::Decision(*decision)
            }
            Went::Waits(decision) => {
                self.waits = self.waits.take().or_else(|| decision.requested.clone());
                Row::Decision(*decision)
            }
            Went::Failed(failed) => {
                self.total.failed += 1;
                self.refused += u64::from(failed.error.exit == Exit::Refused);
                Row::Failed(*failed)
            }
            Went::Nothing => return,
        };
        session.events.send(Event::Row(row));
    }
}

/// One run over versions.
pub(super) struct Run<'a> {
    pub(super) session: &'a Session,
    pub(super) deciding: &'a Deciding,
    pub(super) audit: Audit<'a>,
    /// Who looks, where two have to.
    pub(super) eyes: Option<&'a Eyes>,
    /// When it began.
    at: String,
    /// Whether today's stream is there: nothing is written where nothing is done.
    opened: OnceCell<()>,
}

impl Run<'_> {
    async fn one(&self, held: &Held) -> Ended {
        let key = match self.key(held).await {
            Ok(key) => key,
            Err(refused) => return (Went::Nothing, Some(failed(refused))),
        };
        let decision = Decision {
            action: self.deciding.action,
            state: Settled::Planned,
            key,
            place: held.place.clone(),
            status: held.status.clone(),
            size: held.size,
            vault_version: None,
            by: self.session.caller.clone(),
            at: self.at.clone(),
            reason: self.deciding.reason.clone(),
            requested: None,
        };
        match self.eyes {
            Some(eyes) => Box::pin(self.with_four_eyes(eyes, held, decision)).await,
            None if self.deciding.dry_run => match self.unless_refused(&decision).await {
                Ok(()) => (Went::Decided(decision.into()), None),
                Err(refused) => undone(&decision, refused),
            },
            None => Box::pin(self.carry_out(decision)).await,
        }
    }

    /// The key that is stored: of one that does not stand whole behind its folder, and of whose verdict nothing is known any
    /// more, the copy has the end.
    async fn key(&self, held: &Held) -> classifier::messages::Result<String> {
        let is_whole = !copies::may_be_shortened(&held.key) || held.key != copies::own_key(&held.place.key);
        if is_whole || self.deciding.action == Settling::Discard {
            return Ok(held.key.clone());
        }
        let Place { bucket, key, version } = &held.place;
        let copy = match self.objects().head(objects::Place { bucket, key, version_id: Some(version) }).await {
            // Where two have to want it, nobody may read it before another one has requested it, nor store it.
            Err(failure) if failure.kind == FailureKind::Denied && self.eyes.is_some() => return Ok(held.key.clone()),
            copy => copy?,
        };
        Ok(copies::whole(&held.key, copy.as_ref().and_then(|copy| copy.metadata(copies::KEY_END))))
    }

    /// Does what was decided.
    pub(super) async fn carry_out(&self, decision: Decision) -> Ended {
        // Of what is discarded it is looked at right before.
        if decision.action == Settling::Release
            && let Err(refused) = self.unless_refused(&decision).await
        {
            return undone(&decision, refused);
        }
        let begun = Decision { state: Settled::Begun, ..decision.clone() };
        let begins = async {
            self.open(&begun).await?;
            self.audit.write(&begun).await
        };
        if let Err(error) = begins.await {
            return (Went::Nothing, Some(error));
        }
        let done = match decision.action {
            Settling::Release => self.release(decision.clone()).await,
            Settling::Discard => self.discard(decision.clone()).await,
        };
        match done {
            Ok(Some((decision, is_new))) => {
                let told = async {
                    if is_new || !self.is_told(&decision).await? {
                        self.open(&decision).await?;
                        self.tell(&decision).await?;
                    }
                    Ok(())
                };
                let told = told.await.map_err(|error: Error| untold(&decision, &error));
                (Went::Decided(decision.into()), told.err())
            }
            Ok(None) => {
                let text = format!("{:?} is in the vault already: a verdict has stored it meanwhile", decision.key);
                self.session.events.send(Event::Note { text });
                (Went::Nothing, None)
            }
            Err(refused) => match self.is_stored(&decision).await {
                Ok(true) => (left(&decision, unfinished(&decision, refused)), None),
                // Nobody knows: the next run looks what has become of what was begun.
                Err(error) if !is_denied(&error) => undone(&decision, refused),
                _ => {
                    // So that nobody takes it for done. Where this fails too, what is left is looked at.
                    let _ = self.audit.write(&Decision { state: Settled::Refused, ..decision.clone() }).await;
                    undone(&decision, refused)
                }
            },
        }
    }

    /// The event first: without the line the next run sends it again, and with it nobody would.
    pub(super) async fn tell(&self, decision: &Decision) -> Result<()> {
        self.audit.publish(decision).await?;
        self.audit.write(decision).await
    }

    /// Sees to it that the stream of a decision's day is there.
    pub(super) async fn open(&self, decision: &Decision) -> Result<()> {
        match &decision.at[..10] {
            today if *today == self.at[..10] => self.opened.get_or_try_init(|| self.audit.open(today)).await.map(drop),
            earlier => self.audit.open(earlier).await,
        }
    }

    /// Stores it. The decision as it is to be told, and whether this run has stored it; `None` where a verdict has.
    async fn release(&self, decision: Decision) -> classifier::messages::Result<Option<(Decision, bool)>> {
        let by = tag_of(&decision);
        let said = classifier::steps::Decision { by: &by, reason: &decision.reason };
        let vault = self.vault();
        let released = match vault.release(place(&decision), &decision.key, said).await {
            // Where two have to want it, a version that has gone meanwhile has no tags by which it may be looked at.
            Err(refused) if self.eyes.is_some() && is_denied(&refused) => {
                match vault.objects.tags(place(&decision)).await? {
                    Some(_) => return Err(refused),
                    None => Released::Gone,
                }
            }
            released => released?,
        };
        let (stored, is_new) = match released {
            Released::Stored(stored) => (*stored, true),
            Released::There(stored) => (*stored, false),
            Released::Gone => (self.stored(&decision).await?.ok_or_else(|| gone(&decision))?, false),
        };
        let decision = if is_new { Some(decision) } else { self.as_stored(&decision, &stored).await? };
        let Some(decision) = decision else { return Ok(None) };
        // It is in the vault, whatever cannot be looked at now.
        let state = match self.is_cleared(&vault.objects, &decision).await.unwrap_or(false) {
            false => Settled::NotCleared,
            true if is_new || self.is_of_now(&decision) => Settled::Done,
            true => Settled::Already,
        };
        Ok(Some((Decision { state, vault_version: Some(stored.version_id), ..decision }, is_new)))
    }

    /// Whether a decision is this run's own.
    pub(super) fn is_of_now(&self, decision: &Decision) -> bool {
        decision.at == self.at && self.session.caller.ends_with(&decision.by)
    }

    /// Waits for S3's event to have the held copy cleared.
    async fn is_cleared(&self, objects: &Objects, decision: &Decision) -> classifier::messages::Result<bool> {
        let mut pause = Duration::from_millis(200);
        let mut waited = Duration::ZERO;
        loop {
            // Its tags, which whoever may not read it may see.
            if objects.tags(place(decision)).await?.is_none() {
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

    async fn discard(&self, decision: Decision) -> classifier::messages::Result<Option<(Decision, bool)>> {
        let objects = self.objects();
        // S3 says of what is gone that it is deleted: somebody may have released it since it was listed. Where two decide, it
        // was looked at just now.
        let is_there = async {
            match self.eyes {
                Some(_) => Ok(true),
                None => objects.tags(place(&decision)).await.map(|tags| tags.is_some()),
            }
        };
        let (is_there, ()) = futures::try_join!(is_there, self.unless_stored(&decision))?;
        if !is_there {
            return Err(gone(&decision));
        }
        let objects::Place { bucket, key, .. } = place(&decision);
        objects.delete(bucket, key, &decision.place.version).await?;
        Ok(Some((Decision { state: Settled::Done, ..decision }, true)))
    }

    pub(super) fn objects(&self) -> Objects {
        Objects::new(self.session.aws.s3.clone())
    }

    pub(super) fn vault(&self) -> Vault {
        let names = &self.session.names;
        Vault {
            objects: self.objects(),
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
pub(super) fn untold(decision: &Decision, error: &Error) -> Error {
    let Failure { why, fix, exit, .. } = explained(error);
    let what = match decision.state {
        Settled::Requested => format!("record the request to {} {:?}", decision.action.word(), decision.key),
        Settled::Withdrawn => format!("record that nobody requests to {} {:?}", decision.action.word(), decision.key),
        _ => format!("record that {:?} is {}", decision.key, decision.action.done()),
    };
    let fix = format!("{fix}; it is done, and the same command for this key records it");
    Failure { what, why, fix, exit }.into()
}

/// It is in the vault, and something that belongs to it could not be done.
pub(super) fn unfinished(decision: &Decision, refused: Refused) -> Failure {
    let Failure { what, why, fix, .. } = explained(&failed(refused));
    let fix = format!("{fix}; it is in the vault, and the same command for this key goes on");
    Failure::new(format!("finish the release of {:?}", decision.key), format!("{what}: {why}"), fix)
}

/// It could not be done.
pub(super) fn undone(decision: &Decision, refused: Refused) -> Ended {
    // What this identity may not do with one, it may not do with any.
    if is_denied(&refused) {
        return (Went::Nothing, Some(failed(refused)));
    }
    (left(decision, explained(&failed(refused))), None)
}

/// It has gone, and nothing in the vault was made from it.
pub(super) fn gone(decision: &Decision) -> Refused {
    let what = format!("{} {:?}", decision.action.word(), decision.key);
    Refused::new(FailureKind::Missing, format!("{what}: its held version has gone meanwhile"))
}

/// It stays, and why.
pub(super) fn left(decision: &Decision, error: Failure) -> Went {
    let (key, place) = (decision.key.clone(), decision.place.clone());
    Went::Failed(Failed { key, place, error }.into())
}

/// The held copy.
pub(super) fn place(decision: &Decision) -> objects::Place<'_> {
    let Place { bucket, key, version } = &decision.place;
    objects::Place { bucket, key, version_id: Some(version) }
}
