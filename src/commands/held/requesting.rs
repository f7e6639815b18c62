//! The turns of four eyes with one version: it is asked for, confirmed, waited for, or taken back.
//!
//! A request is one call, so that a killed run has made it or has not; then it is told, with an event and a line. Where the
//! line is missing, the same command for the key tells it again. What a confirming run goes by is read again right before.

use super::decide::{Ended, Run, Went, gone, left, place, undone, untold};
use super::deciding::Deciding;
use super::eyes::{Eyes, Turn};
use super::selection::Selection;
use crate::outcome::failure::{AGAIN, Failure};
use crate::outcome::row::{Decision, Held, Request, Requested, Settled, Settling};
use crate::vault::names::Zone;
use crate::vault::requests;
use anyhow::Result;
use classifier::copies;
use classifier::objects::{Copying, EXECUTION, Tag};

impl Run<'_> {
    /// What becomes of a version where two have to want it.
    pub(super) async fn with_four_eyes(&self, eyes: &Eyes, held: &Held, decision: Decision) -> Ended {
        let Deciding { action, withdraw, dry_run, .. } = *self.deciding;
        if dry_run {
            let turn = eyes.turn(action, withdraw, held.request.as_ref());
            let refused = match turn {
                Turn::Ask | Turn::Confirm(_) => self.unless_refused(&decision).await.err(),
                _ => None,
            };
            return match refused {
                Some(refused) => undone(&decision, refused),
                None => (planned(turn, decision), None),
            };
        }
        let tags = match self.objects().tags(place(&decision)).await {
            Ok(Some(tags)) => tags,
            Ok(None) => return self.gone(decision).await,
            Err(refused) => return undone(&decision, refused),
        };
        match eyes.turn(action, withdraw, requests::of(&tags).as_ref()) {
            Turn::Ask => self.ask(eyes, decision, &tags).await,
            Turn::Withdraw(request) => {
                let withdrawn = Decision { state: Settled::Withdrawn, ..asked(decision, &request) };
                self.tag(withdrawn, &requests::without(&tags)).await
            }
            Turn::Confirm(request) => match self.is_as_shown(held, &tags) {
                Ok(()) => Box::pin(self.carry_out(asked(decision, &request))).await,
                Err(failure) => (left(&decision, failure), None),
            },
            Turn::Wait(request) => self.wait(decision, request).await,
            Turn::Nothing => self.taken_back(decision).await,
            turn @ Turn::Other(_) => (planned(turn, decision), None),
        }
    }

    /// It has gone since it was listed. What a killed run has begun and done is told, as where nothing is listed.
    async fn gone(&self, decision: Decision) -> Ended {
        match self.finished(&decision).await {
            Ok(Some(done)) => (Went::Decided(Decision { state: Settled::Already, ..done }.into()), None),
            Ok(None) => undone(&decision, gone(&decision)),
            Err(error) => (Went::Nothing, Some(error)),
        }
    }

    /// This identity has asked already. Of a key, that is told where a killed run has not.
    async fn wait(&self, decision: Decision, request: Request) -> Ended {
        let is_told = |said: &Decision| said.is_of(&decision) && said.requested == Some((&request).into());
        match self.tells_of(&asked(decision.clone(), &request), is_told).await {
            Ok(true) => (planned(Turn::Wait(request), decision), None),
            Ok(false) => {
                let (at, reason) = (request.at.clone(), request.reason.clone());
                let asked = Decision { state: Settled::Requested, at, reason, ..asked(decision, &request) };
                self.told(asked).await
            }
            Err(error) => (Went::Nothing, Some(error)),
        }
    }

    /// Whether the audit has such a line of a key; of many nobody looks.
    async fn tells_of(&self, decision: &Decision, is_meant: impl Fn(&Decision) -> bool) -> Result<bool> {
        // Nor of what was written by hand.
        let by_hand = decision.requested.as_ref().is_none_or(|it| it.requested_at.is_empty());
        if self.deciding.selection.key.is_none() || by_hand {
            return Ok(true);
        }
        let said = self.said_before(&decision.key, &is_meant).await?;
        Ok(said.iter().any(is_meant))
    }

    /// Nobody asks any more. Of a key, that is told where the audit says that somebody does.
    async fn taken_back(&self, decision: Decision) -> Ended {
        if self.deciding.selection.key.is_none() {
            return (Went::Nothing, None);
        }
        let said = match self.audit.of_key(&decision.key).await {
            Ok(said) => said.into_iter().find(|said| said.is_of(&decision)),
            Err(error) => return (Went::Nothing, Some(error)),
        };
        match said.filter(|said| said.state == Settled::Requested) {
            Some(said) => {
                self.told(Decision { state: Settled::Withdrawn, requested: said.requested, ..decision }).await
            }
            None => (Went::Nothing, None),
        }
    }

    /// What was done of it, told.
    async fn told(&self, decision: Decision) -> Ended {
        let told = async {
            self.open(&decision).await?;
            self.tell(&decision).await
        };
        let told = told.await.map_err(|error| untold(&decision, &error));
        (Went::Decided(decision.into()), told.err())
    }

    async fn ask(&self, eyes: &Eyes, decision: Decision, tags: &[Tag]) -> Ended {
        if let Err(refused) = self.unless_refused(&decision).await {
            return undone(&decision, refused);
        }
        let what = format!("request to {} {:?}", decision.action.word(), decision.key);
        if decision.action == Settling::Release && decision.size > Copying::default().whole {
            let why = "it is larger than 5 GiB, so that it is copied in parts, of which no policy can say where they come from";
            let fix = "discard it, or let it be sent in smaller files";
            return (left(&decision, Failure::refused(what, why, fix)), None);
        }
        let Decision { action, at, reason, .. } = decision.clone();
        let request = Request { action, by: eyes.me.clone(), at, reason };
        let Some(with) = requests::with(tags, &request) else {
            let why = format!("it has {} of the ten tags that S3 takes, and a request needs two", tags.len());
            let fix =
                "send the file again with six tags of its own at most; a deployer can set vault.approvals = 1 for it";
            return (left(&decision, Failure::refused(what, why, fix)), None);
        };
        self.tag(Decision { state: Settled::Requested, ..asked(decision, &request) }, &with).await
    }

    async fn tag(&self, decision: Decision, tags: &[Tag]) -> Ended {
        match self.objects().put_tags(place(&decision), tags).await {
            Ok(Some(())) => self.told(decision).await,
            Ok(None) => self.gone(decision).await,
            Err(refused) => undone(&decision, refused),
        }
    }

    /// Whoever asks writes the version's tags anew, and no condition of S3's compares them with what they were. So the
    /// execution that they name has to be one that has judged this version: by its words a person decides, and by its
    /// key it is stored.
    fn is_as_shown(&self, held: &Held, tags: &[Tag]) -> std::result::Result<(), Failure> {
        let what = format!("{} {:?}", self.deciding.action.word(), held.key);
        let execution = tags.iter().find(|tag| tag.key == EXECUTION).map(|tag| &tag.value);
        if execution != held.execution.as_ref() {
            return Err(Failure::new(what, "its tags have changed just now", AGAIN));
        }
        if is_of(&self.session.names.bucket(Zone::Ingress), held) {
            return Ok(());
        }
        let why = "its tag cvault:execution names an execution that has judged another version";
        let fix = "ask who has requested it; `cvault judge` writes the tags anew, without the request";
        Err(Failure::refused(what, why, fix))
    }

    /// Who can do what was asked for, and how.
    pub(super) fn confirmed_by(&self, count: u64) -> String {
        let (versions, done) =
            (if count == 1 { "1 version".into() } else { format!("{count} versions") }, self.deciding.action.done());
        format!("{versions} requested to be {done}; {}", self.others())
    }

    /// All that is meant was asked for by this identity.
    pub(super) fn waits(&self, Requested { requested_by, requested_at, .. }: &Requested) -> Failure {
        let what = format!("{} what is held", self.deciding.action.word());
        let why = format!("{requested_by} has requested it itself ({requested_at}); nothing was changed");
        Failure::refused(what, why, format!("{}; --withdraw takes it back", self.others()))
    }

    fn others(&self) -> String {
        let me = self.eyes.map(|eyes| eyes.me.as_str()).unwrap_or_default();
        let releasers = self.session.settings.vault.releasers.iter().filter(|arn| *arn != me);
        let releasers = releasers.map(String::as_str).collect::<Vec<_>>().join(", ");
        let named = if releasers.is_empty() { String::new() } else { format!(" ({releasers})") };
        let command = self.deciding.command(self.session.settings.profile.is_some());
        format!("another releaser{named} confirms it with `{command}`")
    }
}

/// The decision at this request.
fn asked(decision: Decision, request: &Request) -> Decision {
    Decision { requested: Some(request.into()), ..decision }
}

/// What is not done, or not yet.
fn planned(turn: Turn, decision: Decision) -> Went {
    let with = |state, request: &Request| Decision { state, ..asked(decision.clone(), request) }.into();
    match turn {
        Turn::Ask => Went::Decided(Decision { state: Settled::WouldRequest, ..decision }.into()),
        Turn::Confirm(request) => Went::Decided(with(Settled::Planned, &request)),
        Turn::Withdraw(request) => Went::Decided(with(Settled::WouldWithdraw, &request)),
        Turn::Wait(request) => Went::Waits(with(Settled::Waiting, &request)),
        Turn::Nothing => Went::Nothing,
        Turn::Other(Request { action, by, at, .. }) => {
            let what = format!("{} {:?}", decision.action.word(), decision.key);
            let why = format!("{by} has requested to {} it ({at})", action.word());
            let fix = format!("confirm that, or take it back with `{}` first", taking_back(action, &decision));
            left(&decision, Failure::refused(what, why, fix))
        }
    }
}

/// The command that takes back what is requested of exactly this version.
fn taking_back(action: Settling, Decision { key, place, .. }: &Decision) -> String {
    let (key, version) = (Some(key.clone()), Some(place.version.clone()));
    let selection = Selection { key, version, ..Selection::default() };
    let back = Deciding { action, selection, reason: String::new(), all: false, withdraw: true, dry_run: false };
    back.command(false)
}

/// Whether what is shown of a held copy is of the version that it was made from. Of what no execution tells any more
/// nothing is shown but what the place says.
fn is_of(ingress: &str, held: &Held) -> bool {
    let id = held.version.as_ref().map(|version| copies::copy_id(ingress, &held.key, version));
    match id {
        Some(id) => copies::analytics_key(&id, &held.key) == held.place.key,
        None => copies::shortened(&held.key) == copies::own_key(&held.place.key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::row::Place;

    #[test]
    fn what_is_shown_is_of_the_version_that_was_judged() {
        let of = |key: &str, version: Option<&str>| {
            let place = copies::analytics_key(&copies::copy_id("in", "a.csv", "v1"), "a.csv");
            let place = Place { key: place, ..Place::default() };
            is_of("in", &Held { key: key.into(), version: version.map(str::to_owned), place, ..Held::default() })
        };
        assert!(of("a.csv", Some("v1")) && of("a.csv", None));
        assert!(!of("a.csv", Some("v2")) && !of("b.csv", Some("v1")) && !of("b.csv", None));
    }
}
