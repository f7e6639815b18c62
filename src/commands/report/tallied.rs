//! What the lines of the audit log add up to. However many there are, the sums take the same memory.

use super::prices;
use super::times::Histogram;
use crate::commands::log::Line;
use crate::outcome::period::{Day, Period, Tally};
use classifier::audit::{JUDGED, SCHEMA};
use contract::{Status, canary};
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

/// How many names a list may have; further ones are [`OTHER`].
const NAMES: usize = 100;
const OTHER: &str = "other";
/// Of how many verdicts it is remembered that they were counted: a step that is repeated says it again within
/// minutes.
const REMEMBERED: usize = 10_000;
/// How long a kind of reason may be.
const LONGEST: usize = 80;

/// Counts and bytes by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Tallies(BTreeMap<String, (u64, u64)>);

impl Tallies {
    pub(super) fn add(&mut self, name: &str, count: u64, bytes: u64) {
        let name = if self.0.len() >= NAMES && !self.0.contains_key(name) { OTHER } else { name };
        let sum = self.0.entry(name.to_owned()).or_default();
        sum.0 += count;
        sum.1 += bytes;
    }

    fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(name, (count, bytes))| self.add(name, *count, *bytes));
    }

    /// The most frequent first.
    pub(super) fn sorted(self) -> Vec<Tally> {
        let mut all: Vec<_> = self.0.into_iter().map(|(name, (count, bytes))| Tally { name, count, bytes }).collect();
        all.sort_by_key(|tally| Reverse(tally.count));
        all
    }
}

/// The sums of some lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Tallied {
    statuses: Tallies,
    formats: Tallies,
    reasons: Tallies,
    days: Vec<Day>,
    times: Histogram,
    released: u64,
    discarded: u64,
    canaries: u64,
    express: u64,
    standard: u64,
}

/// Adds the lines of a day up.
#[derive(Debug)]
pub(super) struct Counting {
    sums: Tallied,
    day: Day,
    /// Below which size a clean file goes by the Express workflow.
    express_below: u64,
    seen: HashSet<(String, String)>,
    order: VecDeque<(String, String)>,
}

impl Counting {
    pub(super) fn of(day: String, express_below: u64) -> Self {
        let day = Day { day, ..Day::default() };
        Self { sums: Tallied::default(), day, express_below, seen: HashSet::new(), order: VecDeque::new() }
    }

    /// Adds a line, if it is one of the audit's: verdicts are the function's, decisions those of the streams in which
    /// people write.
    pub(super) fn add(&mut self, said: &Line) {
        let Ok(line) = serde_json::from_str::<Value>(&said.text) else { return };
        let is_of_people = said.is_of_people();
        if line["schema"] != SCHEMA {
            return;
        }
        let is_done = line["state"] == "done" || line["state"] == "not_cleared";
        match line["event"].as_str() {
            Some(JUDGED) if !is_of_people => self.judged(&line),
            Some("Object Released") if is_done && is_of_people => self.sums.released += 1,
            Some("Object Discarded") if is_done && is_of_people => self.sums.discarded += 1,
            _ => {}
        }
    }

    pub(super) fn sums(self) -> Tallied {
        let cost = prices::cost(self.sums.express, self.sums.standard);
        Tallied { days: vec![Day { usd: cost.usd, ..self.day }], ..self.sums }
    }

    fn judged(&mut self, line: &Value) {
        let text = |name: &str| line[name].as_str().unwrap_or_default();
        if self.is_repeated((text("execution").to_owned(), text("version").to_owned())) {
            return;
        }
        if canary::is_reserved(text("key")) {
            self.sums.canaries += 1;
            return;
        }
        let size = line["size"].as_u64().unwrap_or_default();
        let Ok(status) = serde_json::from_value::<Status>(line["status"].clone()) else { return };
        let is_stored = status == Status::VaultCopy;
        self.day.bytes += size;
        match status {
            Status::VaultCopy => self.day.stored += 1,
            Status::Gone | Status::NotCopied => self.day.left += 1,
            _ => {
                self.day.held += 1;
                let reasons = line["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str);
                for kind in kinds(reasons) {
                    self.sums.reasons.add(&kind, 1, size);
                }
            }
        }
        let sums = &mut self.sums;
        sums.statuses.add(&status.to_string(), 1, size);
        sums.formats.add(line["format"].as_str().unwrap_or("unknown"), 1, size);
        *if is_stored && size < self.express_below { &mut sums.express } else { &mut sums.standard } += 1;
        if let Some(seconds) = line["TimeToVerdict"].as_u64() {
            sums.times.add(seconds);
        }
    }

    /// Whether the verdict was counted, as far as that is remembered.
    fn is_repeated(&mut self, verdict: (String, String)) -> bool {
        if !self.seen.insert(verdict.clone()) {
            return true;
        }
        self.order.push_back(verdict);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        false
    }
}

impl Tallied {
    pub(super) fn merge(mut self, other: &Self) -> Self {
        self.statuses.merge(&other.statuses);
        self.formats.merge(&other.formats);
        self.reasons.merge(&other.reasons);
        self.days.extend(other.days.iter().cloned());
        self.times.merge(&other.times);
        self.released += other.released;
        self.discarded += other.discarded;
        self.canaries += other.canaries;
        self.express += other.express;
        self.standard += other.standard;
        self
    }

    /// The part of the answer that these sums are.
    pub(super) fn period(mut self) -> Period {
        self.days.sort_by(|one, other| one.day.cmp(&other.day));
        let statuses = self.statuses.sorted();
        let judged = Tally {
            name: "judged".into(),
            count: statuses.iter().map(|tally| tally.count).sum(),
            bytes: statuses.iter().map(|tally| tally.bytes).sum(),
        };
        Period {
            judged,
            statuses,
            formats: self.formats.sorted(),
            reasons: self.reasons.sorted(),
            days: self.days,
            time_to_verdict: self.times.times(),
            released: self.released,
            discarded: self.discarded,
            canaries: self.canaries,
            cost: prices::cost(self.express, self.standard),
            ..Period::default()
        }
    }
}

/// What kinds of reasons these are, each once.
pub(super) fn kinds<'a>(reasons: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    reasons.into_iter().map(kind).collect()
}

/// What kind of reason it is: `CREDIT_CARD_NUMBER`, or `csv: row N has N fields, expected N`, without the places, the
/// numbers and what stands in quotes, which are the file's own.
fn kind(reason: &str) -> String {
    if let Some((identifier, _)) = reason.split_once(" found ") {
        return cut(identifier);
    }
    let (mut kind, mut quoted) = (String::new(), false);
    for c in reason.split(" (").next().unwrap_or(reason).chars() {
        match c {
            '"' => {
                quoted = !quoted;
                kind.push_str(if quoted { "\"…" } else { "\"" });
            }
            _ if quoted => {}
            _ if c.is_ascii_digit() => {
                if !kind.ends_with('N') {
                    kind.push('N');
                }
            }
            _ => kind.push(c),
        }
    }
    cut(kind.trim())
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(execution: &str, status: &str, size: u64) -> String {
        json!({"schema": SCHEMA, "event": JUDGED, "execution": execution, "version": "v", "key": "a.csv", "size": size,
            "status": status, "format": "csv", "TimeToVerdict": 2, "reasons": [],})
        .to_string()
    }

    /// What lines add up to that are in the function's own stream, and in that of decisions.
    fn period(lines: &[String], decisions: &[String]) -> Period {
        let mut counting = Counting::of("2026-11-29".into(), 1000);
        for (stream, lines) in [("2026/11/29/[$LATEST]0123", lines), ("cvault-audit/2026-11-29", decisions)] {
            for text in lines {
                counting.add(&Line { stream: stream.into(), text: text.clone() });
            }
        }
        counting.sums().period()
    }

    #[test]
    fn verdicts_are_counted_once_and_by_what_they_are() {
        let lines = [
            line("a", "VAULT_COPY", 10),
            line("a", "VAULT_COPY", 10),
            line("b", "VAULT_COPY", 5_000),
            line("c", "HAS_FINDINGS", 7),
            line("d", "GONE", 0),
            line("e", "NO_SUCH_STATUS", 1),
            "no JSON".into(),
            json!({"step": "InspectContent"}).to_string(),
            json!({"schema": SCHEMA, "event": "Object Released", "state": "done"}).to_string(),
        ];
        let decisions = [
            json!({"schema": SCHEMA, "event": "Object Released", "state": "begun"}).to_string(),
            json!({"schema": SCHEMA, "event": "Object Released", "state": "done"}).to_string(),
            json!({"schema": SCHEMA, "event": "Object Discarded", "state": "done"}).to_string(),
            // People write here.
            line("f", "VAULT_COPY", 10),
        ];
        let period = period(&lines, &decisions);
        assert_eq!((period.judged.count, period.judged.bytes), (4, 5_017));
        assert_eq!(period.statuses[0], Tally { name: "VAULT_COPY".into(), count: 2, bytes: 5_010 });
        let day = &period.days[0];
        assert_eq!((day.stored, day.held, day.left, day.bytes), (2, 1, 1, 5_017));
        assert_eq!((period.released, period.discarded), (1, 1));
        assert_eq!((period.cost.express, period.cost.standard), (1, 3));
        assert!(day.usd > 0.0 && (day.usd - period.cost.usd).abs() < 1e-12, "{day:?}");
        assert_eq!(period.time_to_verdict.unwrap().worst, 2);
    }

    #[test]
    fn canaries_are_in_no_other_number() {
        let canary = json!({"schema": SCHEMA, "event": JUDGED, "execution": "a", "version": "v", "size": 9,
            "key": format!("{}sensitive.csv", canary::FOLDER), "status": "HAS_FINDINGS"});
        let period = period(&[canary.to_string()], &[]);
        assert_eq!((period.canaries, period.judged.count), (1, 0));
        assert_eq!(period.days[0].held, 0);
    }

    #[test]
    fn a_kind_of_reason_has_nothing_of_the_file() {
        for (reason, expected) in [
            ("CREDIT_CARD_NUMBER found 6 times: row 2, column 2 (credit_card); row 3", "CREDIT_CARD_NUMBER"),
            ("csv: row 31 has 2 fields, expected 13 (byte 40)", "csv: row N has N fields, expected N"),
            ("zip: member \"a/b 7.csv\" is encrypted", "zip: member \"…\" is encrypted"),
        ] {
            assert_eq!(kind(reason), expected);
        }
        assert!(kind(&"é".repeat(1000)).len() <= 2 * LONGEST);
        let rows = kinds(["csv: row 3 is cut (byte 7)", "csv: row 44 is cut (byte 99)"]);
        assert_eq!(rows.into_iter().collect::<Vec<_>>(), ["csv: row N is cut"], "a file is counted once");
    }

    /// Whatever a sender makes the reasons say, the list has an end.
    #[test]
    fn lists_have_an_end() {
        let mut tallies = Tallies::default();
        for at in 0..1_000 {
            tallies.add(&format!("reason {}", char::from_u32(0x4e00 + at).unwrap()), 1, 2);
        }
        let sorted = tallies.sorted();
        assert_eq!(sorted.len(), NAMES + 1);
        assert_eq!(sorted.iter().map(|tally| tally.count).sum::<u64>(), 1_000);
        assert_eq!((sorted[0].name.as_str(), sorted[0].count), (OTHER, 900));
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let mut counting = Counting::of("2026-11-29".into(), 0);
        for at in 0..2 * REMEMBERED {
            assert!(!counting.is_repeated((at.to_string(), String::new())));
        }
        assert_eq!((counting.seen.len(), counting.order.len()), (REMEMBERED, REMEMBERED));
        assert!(counting.is_repeated(((2 * REMEMBERED - 1).to_string(), String::new())));
    }
}
