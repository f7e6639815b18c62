//! What was decided of a held version before: by a run that was killed, by one that was refused, or by somebody else.
//!
//! A line that a decision begins is no proof that it was done. It is told to be done only where the held copy is gone and
//! what is left says the same: of a release the tags of the version in the vault that was made from it, which say who has
//! released it; of a discard that nobody is known to have released it, and no verdict to have stored it.

use super::audit::has_day;
use super::copy::failed;
use super::decide::{FOR, Run, place};
use super::selection::Selection;
use crate::deploy::event::Event;
use crate::outcome::failure::Failure;
use crate::outcome::row::{Decision, Row, Settled, Settling};
use crate::outcome::verdict::Verdict;
use crate::vault::names::Zone;
use anyhow::{Result, bail};
use classifier::objects::{Head, Place, REASON, RELEASED, STATUS, Tag};
use std::time::Duration;

/// How many tags an object has at most, and the verdict of what no person has released.
const MOST: usize = 10;
const STORED: &str = "VAULT_COPY";

/// The longest pause before the audit is looked at for the last time.
const LATEST_LINE: Duration = Duration::from_secs(4);

impl Run<'_> {
    /// What was decided of a key before, when nothing of it that is meant is held any more: says it again and, where a run
    /// was killed before it had said that it was done, says that. How many versions that are, and of how many bytes.
    pub(super) async fn finished_before(&self) -> Result<(u64, u64)> {
        let Some(key) = &self.deciding.selection.key else { return Ok((0, 0)) };
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
        Ok((done.len() as u64, done.iter().map(|decision| decision.size).sum()))
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
                let is_gone = !is_released && !self.audit.story(&begun.key).await?.verdicts.iter().any(is_stored);
                Ok(is_gone.then(|| begun.clone()))
            }
        }
    }

    /// The version in the vault that was made from the held copy.
    pub(super) async fn stored(&self, decision: &Decision) -> classifier::messages::Result<Option<Head>> {
        let id = decision.place.key.split('/').next().unwrap_or_default();
        self.vault().vaulted(&decision.key, id, Some(decision.size)).await
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
        let is_same = |said: &Decision| {
            let is_told = matches!(said.state, Settled::Done | Settled::NotCleared);
            is_told && said.place == decision.place && said.action == decision.action
        };
        Ok(self.said_before(&decision.key, is_same).await?.iter().any(is_same))
    }
}

/// The decision as the tags of a released version have it. Where its own have left no room for ours, it is the one that is
/// known, unless they say that a verdict has stored it.
fn said_by(tags: &[Tag], decision: &Decision) -> Option<Decision> {
    let tag = |name: &str| tags.iter().find(|tag| tag.key == name).map(|tag| tag.value.as_str());
    let Some(released) = tag(RELEASED) else {
        let has_no_room = tags.len() >= MOST && tag(STATUS) != Some(STORED);
        return has_no_room.then(|| decision.clone());
    };
    let (at, by) = released.split_once(' ').filter(|(at, _)| has_day(at))?;
    let (by, requested_by) = by.split_once(FOR).map_or((by, None), |(by, requested_by)| (by, Some(requested_by)));
    // Of an ARN that is too long the tag has the end; and of what was asked for it has no more than who did.
    let by = if decision.by.ends_with(by) { &decision.by } else { by };
    let requested =
        decision.requested.clone().filter(|it| requested_by.is_some_and(|by| it.requested_by.ends_with(by)));
    let reason = tag(REASON).unwrap_or(&decision.reason);
    Some(Decision { at: at.into(), by: by.into(), reason: reason.into(), requested, ..decision.clone() })
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
        let full = |status: &str| {
            let own = (0..9).map(|number| Tag { key: number.to_string(), value: String::new() });
            own.chain([Tag { key: STATUS.into(), value: status.into() }]).collect::<Vec<_>>()
        };
        assert_eq!(said_by(&full("HAS_FINDINGS"), &decision).as_ref(), Some(&decision), "no room for more");
        assert_eq!((said_by(&full(STORED), &decision), said_by(&[], &decision)), (None, None));
        for forged in ["", "x", "today ana", "2026-11é28 ana", "2026:11:28x y"] {
            assert_eq!(said_by(&tags(forged), &decision), None, "{forged}");
        }
    }
}
