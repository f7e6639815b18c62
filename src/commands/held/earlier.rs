//! What was decided of a held version before: by a run that was killed, by one that was refused, or by somebody else.
//!
//! A line that a decision begins is no proof that it was done. It is told to be done only where the held copy is gone and
//! what is left says the same: of a release the version in the vault that was made from it, of a discard that no
//! release of it is known.

use super::copy::{failed, is_denied};
use super::decide::{Run, place};
use super::selection::Selection;
use crate::deploy::event::Event;
use crate::outcome::failure::Failure;
use crate::outcome::row::{Decision, Row, Settled, Settling};
use crate::vault::names::Zone;
use anyhow::{Result, bail};
use classifier::objects::{Head, Place, REASON, RELEASED, Tag};
use std::time::Duration;

/// The longest pause before the audit is looked at for the last time.
const LATEST_LINE: Duration = Duration::from_secs(4);

impl Run<'_> {
    /// What was decided of a key before, when nothing of it that is meant is held any more: says it again and, where a run
    /// was killed before it had said that it was done, says that. How many versions that are.
    pub(super) async fn finished_before(&self) -> Result<u64> {
        let Some(key) = &self.deciding.selection.key else { return Ok(0) };
        let ingress = self.session.names.bucket(Zone::Ingress);
        let is_meant = |said: &Decision| self.is_own(said) && self.deciding.selection.meant_before(said, &ingress);
        let said = self.said_before(key, is_meant).await?;
        let done = self.done_of(said, is_meant).await?;
        if done.is_empty() {
            bail!(nothing(self.deciding.action, &self.deciding.selection, key));
        }
        if !self.deciding.dry_run {
            self.finish(&done).await?;
        }
        for decision in &done {
            let decision = Decision { state: Settled::Already, ..decision.clone() };
            self.session.events.send(Event::Row(Row::Decision(decision)));
        }
        Ok(done.len() as u64)
    }

    /// Whether a decision is of the kind that this run takes, and no request.
    fn is_own(&self, said: &Decision) -> bool {
        said.action == self.deciding.action && !said.is_request()
    }

    /// Of what was said of a held version that has gone, what was done; a run that was killed before it had said so is
    /// completed.
    pub(super) async fn finished(&self, gone: &Decision) -> Result<Option<Decision>> {
        let is_meant = |said: &Decision| said.place == gone.place && self.is_own(said);
        let said = self.said_before(&gone.key, is_meant).await?;
        let done = self.done_of(said, is_meant).await?;
        self.finish(&done).await?;
        Ok(done.into_iter().next())
    }

    /// Tells what nobody has told yet.
    async fn finish(&self, done: &[Decision]) -> Result<()> {
        for decision in done.iter().filter(|decision| decision.state == Settled::Begun) {
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
    async fn done_of(&self, said: Vec<Decision>, is_meant: impl Fn(&Decision) -> bool) -> Result<Vec<Decision>> {
        let mut done = vec![];
        for decision in said.iter().filter(|decision| is_meant(decision)) {
            done.extend(match decision.state {
                Settled::Begun => self.proven(decision, &said).await?,
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
            Settling::Release => {
                let stored = self.stored(begun).await.map_err(failed)?;
                Ok(stored.map(|stored| Decision { vault_version: Some(stored.version_id), ..begun.clone() }))
            }
            Settling::Discard => {
                let is_release = |other: &Decision| other.place == begun.place && other.action == Settling::Release;
                let is_released = said.iter().any(|other| is_release(other) && !other.is_request());
                Ok((!is_released).then(|| begun.clone()))
            }
        }
    }

    /// The version in the vault that was made from the held copy.
    pub(super) async fn stored(&self, decision: &Decision) -> classifier::messages::Result<Option<Head>> {
        let id = decision.place.key.split('/').next().unwrap_or_default();
        self.vault().vaulted(&decision.key, id, Some(decision.size)).await
    }

    /// The decision by which this version came to the vault before, as its tags say it.
    pub(super) async fn as_stored(&self, decision: Decision, stored: &Head) -> classifier::messages::Result<Decision> {
        let bucket = self.session.names.bucket(Zone::Vault);
        let place = Place { bucket: &bucket, key: &decision.key, version_id: Some(&stored.version_id) };
        let tags = match self.objects().tags(place).await {
            // Whoever may not read them says what it has done itself.
            Err(refused) if is_denied(&refused) => None,
            tags => tags?,
        };
        Ok(tags.and_then(|tags| said_by(&tags, &decision)).unwrap_or(decision))
    }

    /// Whether the audit says already that it is in the vault.
    pub(super) async fn is_told(&self, decision: &Decision) -> Result<bool> {
        let said = self.audit.of_key(&decision.key).await?;
        let is_same = |said: &Decision| said.place == decision.place && said.action == decision.action;
        Ok(said.iter().any(|said| is_same(said) && matches!(said.state, Settled::Done | Settled::NotCleared)))
    }
}

/// The decision as the tags of a released version have it.
fn said_by(tags: &[Tag], decision: &Decision) -> Option<Decision> {
    let tag = |name: &str| tags.iter().find(|tag| tag.key == name).map(|tag| tag.value.as_str());
    let (at, by) = tag(RELEASED)?.split_once(' ')?;
    let by = by.split_once(super::decide::FOR).map_or(by, |(by, _)| by);
    // Whoever may write tags writes any, and the day names a stream.
    let at = Some(at).filter(|at| at.is_ascii() && at.len() >= 10)?;
    Some(Decision { at: at.into(), by: by.into(), reason: tag(REASON)?.into(), ..decision.clone() })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_released_version_says_who_has_released_it() {
        let tags = |released: &str| {
            let tag = |key: &str, value: &str| Tag { key: key.into(), value: value.into() };
            [tag(RELEASED, released), tag(REASON, "test data")]
        };
        let decision = Decision {
            action: Settling::Release,
            state: Settled::Already,
            key: "k".into(),
            place: crate::outcome::row::Place::default(),
            status: None,
            size: 0,
            vault_version: None,
            by: "arn:aws:iam::1:user/me".into(),
            at: "2026-11-30T12:00:00Z".into(),
            reason: "r".into(),
            requested: None,
        };
        let said = said_by(&tags("2026-11-28T12:00:00Z arn:aws:iam::1:user/ana"), &decision).unwrap();
        assert_eq!(
            (&*said.at, &*said.by, &*said.reason),
            ("2026-11-28T12:00:00Z", "arn:aws:iam::1:user/ana", "test data")
        );
        let two = said_by(&tags("2026-11-28T12:00:00Z arn:aws:iam::1:user/bob for arn:x"), &decision).unwrap();
        assert_eq!(two.by, "arn:aws:iam::1:user/bob");
        for forged in ["", "x", "today ana", "2026-11é28 ana"] {
            assert_eq!(said_by(&tags(forged), &decision), None, "{forged}");
        }
    }
}
