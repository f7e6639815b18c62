//! The rows of `held`, `show`, `release` and `discard` for people: a row in, lines out. No line is longer than the
//! terminal is wide, and none ends inside a word.

use super::layout::{Layout, at, below, titled, wrapped};
use super::text::{BAD, CHANGED, GOOD, STRONG, bytes, painted, time};
use super::{judging, period, verdict};
use crate::outcome::row::{
    Canary, Check, Decision, Expired, Failed, Health, Held, Removed, Request, Row, Settled, Settling, Stack, Total,
    Written,
};
use anstyle::Style;

/// A row as lines.
pub fn lines(row: &Row, layout: Layout) -> Vec<String> {
    match row {
        Row::Held(held) => version(held, held.status.as_deref(), layout),
        Row::Version(held) => version(held, Some(standing(held)), layout),
        Row::Verdict(verdict) => verdict::lines(verdict, layout),
        Row::Decision(decision) => decided(decision, layout),
        Row::Failed(Failed { key, place, error }) => {
            let mut lines = titled(BAD, "failed", key, layout);
            lines.extend(below(&error.what, layout));
            lines.extend(below(&format!("why: {}", error.why), layout));
            lines.extend(below(&format!("fix: {}", error.fix), layout));
            lines.extend(below(&at(place), layout));
            lines
        }
        Row::Stack(stack) => listed(stack, layout),
        Row::Expired(expired) => collected(expired, layout),
        Row::Check(check) => checked(check, layout),
        Row::Canary(canary) => proven(canary, layout),
        Row::File(Written { path, state }) => titled(GOOD, state, path, layout),
        Row::Judging(judging) => judging::lines(judging, layout),
        Row::Report(report) => period::lines(report, layout),
        Row::Total(total) => wrapped(&painted(STRONG, sum(total)), layout.width),
    }
}

/// A row as a sentence.
pub fn sentence(row: &Row) -> String {
    match row {
        Row::Held(held) | Row::Version(held) => {
            let reasons = held.reasons.iter().flatten().cloned().collect::<Vec<_>>().join("; ");
            let colon = if reasons.is_empty() { "" } else { ": " };
            format!("{} is {} in {}{colon}{reasons}", held.key, standing(held), held.zone)
        }
        Row::Verdict(verdict) => verdict::sentence(verdict),
        Row::Decision(decision) => format!("{} {}: {}", word(decision), decision.key, decision.reason),
        Row::Failed(failed) => format!("{} stays: {}", failed.key, failed.error.why),
        Row::Stack(stack) => {
            format!(
                "{} ({}) is {}{}",
                stack.stack,
                stack.id,
                stack.state,
                if stack.expired { ", and has expired" } else { "" }
            )
        }
        Row::Expired(Expired { stack, id, says, .. }) => format!("{stack} ({id}) {says}"),
        Row::Check(check) => format!("{}: {}", check.name, check.says),
        Row::Canary(canary) => format!("{}: {}", canary.outcome, canary.says),
        Row::File(Written { path, state }) => format!("{path} is {state}"),
        Row::Judging(judging) => judging::counted(judging),
        Row::Report(report) => period::judged(report),
        Row::Total(total) => sum(total),
    }
}

/// How a version stands, in a word.
fn standing(held: &Held) -> &str {
    match (&held.status, held.zone) {
        (Some(_), "vault") if held.released.is_some() => "released",
        (Some(status), _) => status,
        (None, "ingress") => "not judged yet",
        (None, "analytics") => "being judged",
        (None, _) => "stored",
    }
}

fn version(held: &Held, status: Option<&str>, layout: Layout) -> Vec<String> {
    let style = if held.zone == "vault" { GOOD } else { CHANGED };
    let mut lines = titled(style, status.unwrap_or("no verdict"), &held.key, layout);
    for reason in held.reasons.iter().flatten() {
        lines.extend(below(reason, layout));
    }
    let version = held.version.as_deref().unwrap_or("(unknown)");
    lines.extend(below(&format!("since {}, {}, version {version}", held.since, bytes(held.size)), layout));
    if let Some(by) = &held.released {
        lines.extend(below(&format!("released {by}"), layout));
    }
    if let Some(reason) = &held.release_reason {
        lines.extend(below(&format!("because: {reason}"), layout));
    }
    if let Some(Request { action, by, at, reason }) = &held.request {
        let text = format!("{} requested {at} by {by}: {reason}; another releaser confirms it", action.word());
        lines.extend(below(&text, layout));
    }
    lines.extend(below(&at(&held.place), layout));
    if let (Some(execution), true) = (&held.execution, layout.verbose || status.is_some_and(|it| it == "FAILED")) {
        lines.extend(below(execution, layout));
    }
    lines
}

fn decided(decision: &Decision, layout: Layout) -> Vec<String> {
    let style = if decision.state == Settled::Done || decision.state == Settled::Already { GOOD } else { CHANGED };
    let mut lines = titled(style, word(decision), &decision.key, layout);
    let status = decision.status.as_deref().unwrap_or("no verdict");
    let is_over = matches!(decision.state, Settled::Done | Settled::Already | Settled::NotCleared | Settled::Begun);
    let held = if is_over { "was held" } else { "is held" };
    lines.extend(below(&format!("{held} as {status}, {}", bytes(decision.size)), layout));
    lines.extend(below(&format!("because: {}", decision.reason), layout));
    lines.extend(below(&format!("{} by {}", decision.at, decision.by), layout));
    // Of one that is only asked for, that was all.
    let requested = decision.requested.iter().filter(|_| decision.state != Settled::Requested);
    lines.extend(requested.flat_map(|it| {
        below(&format!("requested {} by {}: {}", it.requested_at, it.requested_by, it.request_reason), layout)
    }));
    if decision.state == Settled::NotCleared {
        let text =
            "it is in the vault; its held copy is still there, and goes when S3's event is handled, or by a sweep";
        lines.extend(below(text, layout));
    }
    if let Some(version) = &decision.vault_version {
        lines.extend(below(&format!("in the vault as version {version}"), layout));
    }
    lines.extend(below(&at(&decision.place), layout));
    lines
}

fn listed(listed: &Stack, layout: Layout) -> Vec<String> {
    let Stack { stack, id, account, region, state, missing, created, age_seconds, expires, expired } = listed;
    let style = if missing.is_empty() { GOOD } else { CHANGED };
    let mut lines = titled(style, state, &format!("{stack} ({id})"), layout);
    let old = age_seconds.map(|seconds| format!(" ({} old)", age(seconds))).unwrap_or_default();
    let since = created.as_ref().map(|created| format!(", since {created}{old}")).unwrap_or_default();
    lines.extend(below(&format!("{account}/{region}{since}"), layout));
    if let Some(expires) = expires {
        let says = if *expired { "has expired, and the next gc removes it:" } else { "expires" };
        lines.extend(below(&format!("{says} {expires}"), layout));
    }
    if !missing.is_empty() {
        lines.extend(below(&format!("missing: {}", missing.join(", ")), layout));
    }
    lines
}

fn collected(Expired { stack, id, expires, state, says, fix }: &Expired, layout: Layout) -> Vec<String> {
    let (style, word) = match state {
        Removed::Removed => (GOOD, "removed"),
        Removed::Planned => (CHANGED, "would remove"),
        Removed::Kept => (CHANGED, "kept"),
        Removed::Failed => (BAD, "failed"),
    };
    let mut lines = titled(style, word, &format!("{stack} ({id})"), layout);
    let expired = expires.iter().map(|expires| format!("has expired {expires}"));
    lines.extend(expired.flat_map(|text| below(&text, layout)));
    lines.extend(below(says, layout));
    lines.extend(fix.iter().flat_map(|fix| below(&format!("fix: {fix}"), layout)));
    lines
}

/// `3 days`, in the largest unit of which there are two.
fn age(seconds: u64) -> String {
    let units = [(86_400, "days"), (3_600, "hours"), (60, "minutes")];
    let unit = units.into_iter().find(|(unit, _)| seconds >= 2 * unit);
    let few = || if seconds == 1 { "1 second".to_owned() } else { format!("{seconds} seconds") };
    unit.map_or_else(few, |(unit, name)| format!("{} {name}", seconds / unit))
}

fn health(state: Health) -> (Style, &'static str) {
    let style = match state {
        Health::Good => GOOD,
        Health::Warning | Health::Unknown => CHANGED,
        Health::Bad => BAD,
    };
    (style, state.word())
}

fn proven(canary: &Canary, layout: Layout) -> Vec<String> {
    let Canary { outcome, state, key, expected, says, link, fix, execution, seconds, .. } = canary;
    let (style, word) = health(*state);
    let word = if *state == Health::Unknown { "planned" } else { word };
    let (file, has_to_be) = (format!("{outcome}: {key}"), format!("has to be {expected}"));
    let mut lines = titled(style, word, &format!("{file} {has_to_be}"), layout);
    if lines.len() > 1 {
        lines = [titled(style, word, &file, layout), below(&has_to_be, layout)].concat();
    }
    let took = if *state == Health::Good { format!(" ({})", time(*seconds)) } else { String::new() };
    lines.extend(below(&format!("{says}{took}"), layout));
    lines.extend(link.iter().flat_map(|link| below(&format!("link: {link}"), layout)));
    lines.extend(fix.iter().flat_map(|fix| below(&format!("fix: {fix}"), layout)));
    let shows = layout.verbose || *state == Health::Bad;
    lines.extend(execution.iter().filter(|_| shows).flat_map(|execution| below(execution, layout)));
    lines
}

fn checked(Check { name, state, says, fix }: &Check, layout: Layout) -> Vec<String> {
    let (style, word) = health(*state);
    let mut lines = titled(style, word, name, layout);
    lines.extend(below(says, layout));
    lines.extend(fix.iter().flat_map(|fix| below(&format!("fix: {fix}"), layout)));
    lines
}

fn word(decision: &Decision) -> &'static str {
    match (decision.action, decision.state) {
        (Settling::Release, Settled::Planned) => "would release",
        (Settling::Discard, Settled::Planned) => "would discard",
        (Settling::Release, Settled::Already) => "released before",
        (Settling::Discard, Settled::Already) => "discarded before",
        (Settling::Release, Settled::Begun) => "release begun",
        (Settling::Discard, Settled::Begun) => "discard begun",
        (Settling::Release, Settled::Refused) => "release refused",
        (Settling::Discard, Settled::Refused) => "discard refused",
        (Settling::Release, Settled::NotCleared | Settled::Done) => "released",
        (Settling::Discard, Settled::NotCleared | Settled::Done) => "discarded",
        (Settling::Release, Settled::WouldRequest) => "would request release",
        (Settling::Discard, Settled::WouldRequest) => "would request discard",
        (Settling::Release, Settled::Requested) => "release requested",
        (Settling::Discard, Settled::Requested) => "discard requested",
        (_, Settled::Waiting) => "waits for another",
        (_, Settled::WouldWithdraw) => "would withdraw request",
        (_, Settled::Withdrawn) => "request withdrawn",
    }
}

fn sum(total: &Total) -> String {
    let versions = if total.count == 1 { "version" } else { "versions" };
    let more = [(total.unjudged, "more being judged"), (total.failed, "failed")];
    let more = more.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("; {count} {what}"));
    [format!("{} {versions}, {}", total.count, bytes(total.bytes))].into_iter().chain(more).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests;
