//! What a vault has done in a period, and how it stands: the answer of `cvault report`.

use serde::Serialize;

/// A period of a vault. Counts are of verdicts, as the audit log has them, but where it says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Period {
    /// The stack's name.
    pub stack: String,
    /// The suffix of its names.
    pub id: String,
    /// The account, 12 digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// When it begins, as RFC 3339 writes it.
    pub since: String,
    /// When it ends, itself not in it.
    pub until: String,
    /// All verdicts.
    pub judged: Tally,
    /// Those of each status, the most frequent first.
    pub statuses: Vec<Tally>,
    /// Those of each format, the most frequent first; `unknown` for what has none.
    pub formats: Vec<Tally>,
    /// Why files were held, the most frequent first: what was found, or what is broken, without places and numbers.
    pub reasons: Vec<Tally>,
    /// Each day of the period in UTC, also those without a verdict.
    pub days: Vec<Day>,
    /// From the upload to the verdict, in seconds; `None` where nothing was judged.
    pub time_to_verdict: Option<Times>,
    /// How many were released.
    pub released: u64,
    /// How many were discarded.
    pub discarded: u64,
    /// How many files of `cvault verify` were judged: no other number has them.
    pub canaries: u64,
    /// What is held now, whenever it was judged.
    pub held: Holding,
    /// What went wrong, and what waits now.
    pub failures: Failures,
    /// What the files of the period cost.
    pub cost: Cost,
}

/// How many of something, and their bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// What they have in common.
    pub name: String,
    /// How many.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A day, in UTC.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Day {
    /// `2026-11-29`.
    pub day: String,
    /// How many went to the vault.
    pub stored: u64,
    /// How many were held.
    pub held: u64,
    /// How many were left where they were, or were gone.
    pub left: u64,
    /// The bytes of all.
    pub bytes: u64,
    /// What they cost, in US dollars: see [`Cost`].
    pub usd: f64,
}

/// How long verdicts took, in seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    /// Half of them took no longer, to a twentieth.
    pub median: u64,
    /// 95 of 100 took no longer, to a twentieth.
    pub p95: u64,
    /// The longest.
    pub worst: u64,
    /// How many took how long.
    pub spread: Vec<Span>,
}

/// How many took up to so long, and longer than the span before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Seconds; `None` for all that took longer.
    pub up_to: Option<u64>,
    /// How many.
    pub count: u64,
}

/// What is held at the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Holding {
    /// All of it.
    pub all: Tally,
    /// By status, the most frequent first.
    pub statuses: Vec<Tally>,
    /// By reason, the most frequent first: without places and numbers; of what the log does not know, `not in the log`.
    pub reasons: Vec<Tally>,
    /// By age, the youngest first.
    pub ages: Vec<Tally>,
    /// Copies that are being judged.
    pub unjudged: u64,
}

/// What went wrong in the period, and what waits now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Failures {
    /// Executions of the period that failed, were aborted or timed out.
    pub executions: u64,
    /// Events that could not be delivered and wait in the dead-letter queue now.
    pub dead_letters: u64,
    /// Of those in ingress, versions that nobody judges.
    pub stuck: u64,
    /// Versions that are in ingress now and are to be judged, whether somebody judges them or not.
    pub waiting: u64,
    /// Files that wait now for the next job of Macie's.
    pub macie_files: u64,
}

/// What files cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cost {
    /// US dollars.
    pub usd: f64,
    /// How many went by the cheaper way.
    pub express: u64,
    /// How many went by the other one.
    pub standard: u64,
    /// Of when the price list is.
    pub prices_of: &'static str,
}
