//! What was decided of a held version before: by a run that was killed, by one that was refused, or by somebody else.
//!
//! A line that a decision begins is no proof that it was done. It is told to be done only where the held copy is gone and
//! what is left says the same: of a release the tags of the version in the vault that was made from it, which say who has
//! released it; of a discard that nobody is known to have released it, no verdict to have stored it, and nothing in the vault to
//! have been made from it. That last is looked at before a held copy is deleted, too.

use super::copy::failed;
use super::decide::{Run, place, unfinished};
use super::deciding::Deciding;
use super::released::said_by;
use super::selection::Selection;
use crate::deploy::event::Event;
use crate::outcome::failure::Failure;
use crate::outcome::row::{Decision, Row, Settled, Settling};
use crate::outcome::verdict::Verdict;
use crate::vault::names::Zone;
use anyhow::{Result, bail};
use classifier::copies;
use classifier::messages::{Failure as Refused, FailureKind};
use classifier::objects::{Head, Place};
use std::time::Duration;

/// The longest pause before the audit is looked at for the last time.
const LATEST_LINE: Duration = Duration::from_secs(4);

impl Run<'_> {
    /// What was decided of a key before, when nothing of it that is meant is held any more: says it again and, where a run
    /// was killed before it had said that it was done, says that. How many versions that are, and of how many bytes.
    pub(super) async fn finished_before(&self) -> Result<(u64, u64)> {
        let Some(key) = &self.deciding.selection.key else { return Ok((0, 0)) };
        let ingress = self.session.names.bucket(Zone::Ingress);
        let Deciding { action, selection, .. } = self.deciding;
        let is_own = |said: &Decision| said.action == *action && !said.is_request();
        let is_meant = |said: &Decision| is_own(said) && selection.meant_before(said, &ingress);
        let done = self.done_before(key, is_meant).await?;
        if done.is_empty() {
            bail!(nothing(*action, selection, key));
        }
        if !self.deciding.dry_run {
            self.finish(&done).await?;
        }
        for decision in &done {
            let decision = Decision { state: Settled::Already, ..decision.clone() };
            self.session.events.send(Event::Row(Row::Decision(decision)));
        }
        Ok((done.len() as u64, done.iter().map(|decision| decision.size).sum()))
    }

    /// Of what was said of a held version that has gone, what was done; a run that was killed before it had said so is
    /// completed.
    pub(super) async fn finished(&self, gone: &Decision) -> Result<Option<Decision>> {
        let done = self.done_before(&gone.key, |said| said.is_of(gone) && !said.is_request()).await?;
        self.finish(&done).await?;
        Ok(done.into_iter().next())
    }

    /// Tells what nobody has told yet, once what belongs to it is done.
    async fn finish(&self, done: &[Decision]) -> Result<()> {
        for decision in done.iter().filter(|decision| decision.state == Settled::Begun) {
            if decision.action == Settling::Release
                && let Some(stored) = self.stored(decision).await.map_err(failed)?
            {
                let kept = self.vault().keep_newest_current(&decision.key, &stored).await;
                kept.map_err(|refused| unfinished(decision, refused))?;
            }
            let done = Decision { state: Settled::Done, ..decision.clone() };
            self.open(&done).await?;
            self.tell(&done).await?;
        }
        Ok(())
    }

    /// What the audit has of a key, looked at some times until something is there that is meant: CloudWatch Logs finds a
    /// line only seconds after it was written, and the run that wrote it may have been killed just now.
    pub(super) async fn said_before(&self, key: &str, is_meant: impl Fn(&Decision) -> bool) -> Result<Vec<Decision>> {
        let mut pause = Duration::from_secs(1);
        loop {
            let said = self.audit.of_key(key).await?;
            if said.iter().any(&is_meant) || pause > LATEST_LINE {
                return Ok(said);
            }
            self.session.aws.pause("the audit log to show what was written", pause).await?;
            pause *= 2;
        }
    }

    /// Of what was said of a key and is meant, what was done.
    async fn done_before(&self, key: &str, is_meant: impl Fn(&Decision) -> bool) -> Result<Vec<Decision>> {
        let (said, mut done) = (self.said_before(key, &is_meant).await?, vec![]);
        for decision in said.iter().filter(|decision| is_meant(decision)) {
            done.extend(match decision.state {
                Settled::Begun => self.proven(decision, &said).await?,
                Settled::Refused => None,
                _ => Some(decision.clone()),
            });
        }
        Ok(done)
    }

    /// What was begun, if it was done.
    async fn proven(&self, begun: &Decision, said: &[Decision]) -> Result<Option<Decision>> {
        match self.objects().tags(place(begun)).await {
            Ok(Some(_)) => return Ok(None),
            Ok(None) => {}
            Err(refused) => return Err(failed(refused)),
        }
        match begun.action {
            Settling::Release => match self.stored(begun).await.map_err(failed)? {
                Some(stored) => self.as_stored(begun, &stored).await.map_err(failed),
                None => Ok(None),
            },
            Settling::Discard => {
                let is_release = |other: &Decision| other.place == begun.place && other.action == Settling::Release;
                let is_over = |other: &Decision| !other.is_request() && other.state != Settled::Refused;
                let is_released = said.iter().any(|other| is_release(other) && is_over(other));
                let is_stored = |verdict: &Verdict| verdict.place == begun.place && verdict.vault_version.is_some();
                let is_gone = !is_released
                    && !self.audit.story(&begun.key).await?.verdicts.iter().any(is_stored)
                    && self.stored_from(begun).await.map_err(failed)?.is_none();
                Ok(is_gone.then(|| begun.clone()))
            }
        }
    }

    /// The version in the vault that was made from the held copy.
    pub(super) async fn stored(&self, decision: &Decision) -> classifier::messages::Result<Option<Head>> {
        let Some((id, _)) = copies::parts(&decision.place.key) else { return Ok(None) };
        self.vault().vaulted(&decision.key, id, Some(decision.size), 0).await
    }

    /// The same by the copy alone, whoever has made it and whatever its key lost.
    async fn stored_from(&self, decision: &Decision) -> classifier::messages::Result<Option<Head>> {
        let made = self.vault().made_from(&decision.place.key, decision.size, 0).await?;
        Ok(made.map(|(_, stored)| stored))
    }

    /// Whether it is released, whatever has failed then.
    pub(super) async fn is_stored(&self, decision: &Decision) -> classifier::messages::Result<bool> {
        Ok(decision.action == Settling::Release && self.stored(decision).await?.is_some())
    }

    /// Refuses what would end badly, before anything is done: to discard what is in the vault, and to store what would hide a
    /// newer version there that is archived, so that nobody could put that on top again.
    pub(super) async fn unless_refused(&self, decision: &Decision) -> classifier::messages::Result<()> {
        match decision.action {
            Settling::Release => self.vault().hides_nothing(place(decision), &decision.key).await,
            Settling::Discard => self.unless_stored(decision).await,
        }
    }

    /// Refuses to discard what is in the vault, so that its held copy only waits to be cleared: whoever deleted that would
    /// have discarded nothing.
    pub(super) async fn unless_stored(&self, decision: &Decision) -> classifier::messages::Result<()> {
        let Some(stored) = self.stored_from(decision).await? else { return Ok(()) };
        let (key, version) = (&decision.key, &stored.version_id);
        let why = format!("it is in the vault, as version {version}, and its held copy only waits to be cleared");
        Err(Refused::new(FailureKind::Missing, format!("discard {key:?}: {why}")))
    }

    /// The decision by which this version came to the vault before, as its tags say it; `None` where a verdict has stored it.
    pub(super) async fn as_stored(
        &self,
        decision: &Decision,
        stored: &Head,
    ) -> classifier::messages::Result<Option<Decision>> {
        let bucket = self.session.names.bucket(Zone::Vault);
        let place = Place { bucket: &bucket, key: &decision.key, version_id: Some(&stored.version_id) };
        let tags = self.objects().tags(place).await?.unwrap_or_default();
        let said = said_by(&tags, decision);
        Ok(said.map(|said| Decision { vault_version: Some(stored.version_id.clone()), ..said }))
    }

    /// Whether the audit says already that it is in the vault. Of what this run has stored itself, whatever answer was lost,
    /// it does not.
    pub(super) async fn is_told(&self, decision: &Decision) -> Result<bool> {
        if self.is_of_now(decision) {
            return Ok(false);
        }
        let is_told = |said: &Decision| said.is_of(decision) && said.is_done();
        Ok(self.said_before(&decision.key, is_told).await?.iter().any(is_told))
    }
}

/// Nothing that is meant is held, nor was it decided of before.
fn nothing(action: Settling, selection: &Selection, key: &str) -> Failure {
    let only_key =
        Selection { key: selection.key.clone(), with_reasons: selection.with_reasons, ..Selection::default() };
    let why = match &selection.version {
        Some(version) => format!("no version {version} of this key is held, and none was {} before", action.done()),
        None if *selection != only_key => "nothing that is selected is held under this key".into(),
        None => "nothing is held under this key".into(),
    };
    let fix = "look at what is held with `cvault held`, and at the key's story with `cvault show`";
    Failure::new(format!("{} {key:?}", action.word()), why, fix)
}
