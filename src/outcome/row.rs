//! The rows of an answer that comes piece by piece: what is held, an object's versions, what was decided of them.
//!
//! A row is on its way to its reader before the next one is known, so that a list needs no more memory than one of
//! them, however long it is.

use super::failure::Failure;
use super::period::Period;
pub use super::place::Place;
use super::verdict::Verdict;
use serde::Serialize;
use std::collections::BTreeMap;

/// A row; its fields are what `--output json` has.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Row {
    /// A held version.
    Held(Held),
    /// A version of the object that was asked for, wherever it is.
    Version(Held),
    /// How a version was judged.
    Verdict(Verdict),
    /// What became of a held version.
    Decision(Decision),
    /// A held version that stays, since it could not be released or discarded.
    Failed(Failed),
    /// A stack of the account.
    Stack(Stack),
    /// What became of a stack whose expiry has passed.
    Expired(Expired),
    /// What `doctor` has looked at.
    Check(Check),
    /// What became of a file of `verify`.
    Canary(Canary),
    /// A file of `init`.
    File(Written),
    /// How far it is with judging again.
    Judging(Judging),
    /// What has come of a period.
    Report(Box<Period>),
    /// The end: how much was found.
    Total(Total),
}

/// A version, where it is, and how it was judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The key that it was uploaded under.
    pub key: String,
    /// The version that it was uploaded as; `None` where nobody knows any more.
    pub version: Option<String>,
    /// `ingress`, `analytics` or `vault`.
    pub zone: &'static str,
    /// The verdict, such as `HAS_FINDINGS`; `None` where its tags do not say it.
    pub status: Option<String>,
    /// Why, in the verdict's words; `None` where nobody knows any more, or was not asked.
    pub reasons: Option<Vec<String>>,
    /// Since when it is there, as RFC 3339 writes it.
    pub since: String,
    /// Bytes.
    pub size: u64,
    /// Where it is.
    pub place: Place,
    /// The ARN of the execution that judged it.
    pub execution: Option<String>,
    /// When and by whom it was released: a time and an ARN.
    pub released: Option<String>,
    /// Why it was released.
    pub release_reason: Option<String>,
    /// What an identity asks for, and another one has to confirm.
    pub request: Option<Request>,
}

/// What an identity asks for, and another one has to confirm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// What is to be done.
    pub action: Settling,
    /// Who asks, as an ARN: of a session of a role it is the role.
    pub by: String,
    /// When, as RFC 3339 writes it.
    pub at: String,
    /// Why.
    pub reason: String,
}

/// Who has asked for what was decided, beside whoever did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Requested {
    /// Who, as an ARN: of a session of a role it is the role.
    pub requested_by: String,
    /// When, as RFC 3339 writes it.
    pub requested_at: String,
    /// Why.
    pub request_reason: String,
}

impl From<&Request> for Requested {
    fn from(Request { action: _, by, at, reason }: &Request) -> Self {
        Self { requested_by: by.clone(), requested_at: at.clone(), request_reason: reason.clone() }
    }
}

/// What was decided of a held version, by whom and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What was decided.
    pub action: Settling,
    /// How far it has come.
    pub state: Settled,
    /// The key that it was uploaded under.
    pub key: String,
    /// The held copy.
    pub place: Place,
    /// The verdict that held it.
    pub status: Option<String>,
    /// Bytes.
    pub size: u64,
    /// The version in the vault, once it is there.
    pub vault_version: Option<String>,
    /// The identity that decided it, as an ARN.
    pub by: String,
    /// When, as RFC 3339 writes it.
    pub at: String,
    /// Why.
    pub reason: String,
    /// Who has asked for it, where two have to want it.
    #[serde(flatten)]
    pub requested: Option<Requested>,
}

impl Decision {
    /// Whether another one is of the same held version, and of the same thing to be done.
    #[must_use]
    pub fn is_of(&self, other: &Self) -> bool {
        self.place == other.place && self.action == other.action
    }

    /// Whether it is told to be done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.state, Settled::Done | Settled::NotCleared)
    }

    /// Whether it only asks, or takes back what was asked.
    #[must_use]
    pub fn is_request(&self) -> bool {
        matches!(self.state, Settled::Requested | Settled::Withdrawn)
    }
}

/// What can be decided of a held version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Settling {
    /// It is stored in the vault.
    Release,
    /// It is deleted for good.
    Discard,
}

/// How far a decision has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// It is done, and the held copy is gone.
    Done,
    /// It is in the vault, and its held copy is still there.
    NotCleared,
    /// It was done before this run.
    Already,
    /// `--dry-run`: it would be done.
    Planned,
    /// It was begun, and nobody has said that it came to its end.
    Begun,
    /// It was begun, and AWS refused it.
    Refused,
    /// This identity asks for it, and another one has to confirm it.
    Requested,
    /// It has asked for it before, and still waits for another one.
    Waiting,
    /// What was asked for is not asked for any more.
    Withdrawn,
    /// `--dry-run`: this identity would ask for it.
    WouldRequest,
    /// `--dry-run`: it would not be asked for any more.
    WouldWithdraw,
}

/// What could not be done with a held version.
#[derive(Clone, Debug, Serialize)]
pub struct Failed {
    /// The key that it was uploaded under.
    pub key: String,
    /// The held copy.
    pub place: Place,
    /// What, why, and how to fix it.
    pub error: Failure,
}

/// A stack of the account in the region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stack {
    /// Its name.
    pub stack: String,
    /// The suffix of its names.
    pub id: String,
    /// The account, 12 digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// `whole` or `partial`: whether all is there that was looked for, which is not all that a stack has.
    pub state: &'static str,
    /// What was looked for and is not there.
    pub missing: Vec<String>,
    /// When the oldest of it was made, as RFC 3339 writes it.
    pub created: Option<String>,
    /// How long ago that was.
    pub age_seconds: Option<u64>,
    /// When it expires, as its tag says it.
    pub expires: Option<String>,
    /// Whether that has passed.
    pub expired: bool,
}

/// What became of a stack whose expiry has passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expired {
    /// Its name.
    pub stack: String,
    /// The suffix of its names.
    pub id: String,
    /// When it has expired.
    pub expires: Option<String>,
    /// How far its removal has come.
    pub state: Removed,
    /// What was seen.
    pub says: String,
    /// What to do, where something is to be done.
    pub fix: Option<String>,
}

/// How far the removal of a stack has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Removed {
    /// Nothing of it is left.
    Removed,
    /// `--dry-run`: it would be removed.
    Planned,
    /// It is left as it is.
    Kept,
    /// Not all of it could be removed.
    Failed,
}

/// What was looked at, how it is, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What, such as `rights` or a resource's name.
    pub name: String,
    /// How it is.
    pub state: Health,
    /// What was seen.
    pub says: String,
    /// What to do, where something is to be done.
    pub fix: Option<String>,
}

/// A file that `verify` has sent, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Canary {
    /// What it is to prove: `clean`, `sensitive`, `broken`, `unproven`.
    pub outcome: &'static str,
    /// How it went: good, bad, or unknown where it was not sent.
    pub state: Health,
    /// Its key in ingress.
    pub key: &'static str,
    /// The version that it was uploaded as.
    pub version: Option<String>,
    /// The verdict that it has to get.
    pub expected: String,
    /// The verdict that it got.
    pub status: Option<String>,
    /// What was seen.
    pub says: String,
    /// Which link broke, by the name that `status` has for it.
    pub link: Option<String>,
    /// What to do, where something is to be done.
    pub fix: Option<String>,
    /// The execution that judged it.
    pub execution: Option<String>,
    /// How long it took from its upload on.
    pub seconds: f64,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, and something should be known.
    Warning,
    /// It does not work, or would not.
    Bad,
    /// It could not be looked at.
    Unknown,
}

impl Health {
    /// Its word, in every form of the answer.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
        }
    }
}

/// A file, and whether it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Its path below the folder.
    pub path: &'static str,
    /// `written`, `there` or `planned`.
    pub state: &'static str,
}

/// How far it is with judging again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judging {
    /// The ARN of the sweep's execution; `None` where none runs.
    pub execution: Option<String>,
    /// How it is.
    pub state: JudgingState,
    /// How many versions were meant when it began.
    pub meant: u64,
    /// How many executions have ended well.
    pub judged: u64,
    /// How many run.
    pub running: u64,
    /// How many have failed.
    pub failed: u64,
    /// How many could not be started, by the reason.
    pub not_started: BTreeMap<String, u64>,
    /// How many of what was meant are held at the end.
    pub held: Option<u64>,
    /// What became of the objects of another bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taken>,
}

/// What became of the objects of another bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// How many were copied into ingress.
    pub taken: u64,
    /// How many had come there earlier.
    pub there: u64,
    /// How many were not copied, by the reason.
    pub left: BTreeMap<String, u64>,
}

/// How judging again is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgingState {
    /// There is nothing to judge, or nothing to stop.
    Nothing,
    /// `--dry-run`: it would begin.
    Planned,
    /// It goes on.
    Running,
    /// Everything was judged.
    Done,
    /// It was stopped.
    Stopped,
    /// The list could not be read to its end, somebody has stopped it, or executions could not be started.
    Failed,
}

impl Judging {
    /// Nothing is counted yet.
    #[must_use]
    pub fn of(state: JudgingState, meant: u64) -> Self {
        let not_started = BTreeMap::new();
        Self { execution: None, state, meant, judged: 0, running: 0, failed: 0, not_started, held: None, taken: None }
    }
}

/// How much was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    /// Versions that were listed, or decided on.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Copies that are being judged: nobody has come to a verdict yet.
    pub unjudged: u64,
    /// What could not be done.
    pub failed: u64,
}

impl Settling {
    /// `release` or `discard`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Discard => "discard",
        }
    }

    /// `released` or `discarded`.
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            Self::Release => "released",
            Self::Discard => "discarded",
        }
    }
}
