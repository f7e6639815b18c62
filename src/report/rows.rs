//! The rows of `held`, `show`, `release` and `discard` for people: a row in, lines out. No line is longer than the
//! terminal is wide, and none ends inside a word.

use super::layout::{INDENT, Layout, below, fitting};
use super::period;
use super::text::{BAD, CHANGED, GOOD, STRONG, bytes, painted, printable, time};
use crate::outcome::row::{
    Canary, Check, Decision, Expired, Failed, Health, Held, Judging, JudgingState, Place, Removed, Request, Row,
    Settled, Settling, Stack, Taken, Total, Written,
};
use anstyle::Style;
use console::measure_text_width;

/// A row as lines.
pub fn lines(row: &Row, layout: Layout) -> Vec<String> {
    match row {
        Row::Held(held) => version(held, held.status.as_deref(), layout),
        Row::Version(held) => version(held, Some(standing(held)), layout),
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
        Row::Judging(judging) => judged_again(judging, layout),
        Row::Report(report) => period::lines(report, layout),
        Row::Total(total) => vec![painted(STRONG, sum(total))],
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
        Row::Judging(judging) => counted(judging),
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
    let version = held.version.as_deref().unwrap_or("that nobody knows any more");
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
    lines.extend(below(&format!("was held as {status}, {}", bytes(decision.size)), layout));
    lines.extend(below(&format!("because: {}", decision.reason), layout));
    lines.extend(below(&format!("{} by {}", decision.at, decision.by), layout));
    // Of one that is only asked for, that was all.
    let requested = decision.requested.iter().filter(|_| decision.state != Settled::Requested);
    lines.extend(requested.flat_map(|it| {
        below(&format!("requested {} by {}: {}", it.requested_at, it.requested_by, it.request_reason), layout)
    }));
    if decision.state == Settled::NotCleared {
        let text = "it is in the vault; its held copy is still there, and goes when S3's event is handled";
        lines.extend(below(text, layout));
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

fn judged_again(judging: &Judging, layout: Layout) -> Vec<String> {
    let style = match judging.state {
        JudgingState::Done if judging.taken.as_ref().is_some_and(|taken| !taken.left.is_empty()) => BAD,
        JudgingState::Nothing | JudgingState::Done if judging.failed == 0 => GOOD,
        JudgingState::Failed | JudgingState::Done => BAD,
        _ => CHANGED,
    };
    let mut lines = vec![painted(style, counted(judging))];
    let left = judging.taken.iter().flat_map(|taken| &taken.left);
    lines.extend(left.flat_map(|(why, count)| below(&format!("{count} not taken: {why}"), layout)));
    let not_started = judging.not_started.iter();
    lines.extend(not_started.flat_map(|(why, count)| below(&format!("{count} could not be started: {why}"), layout)));
    lines.extend(judging.execution.iter().flat_map(|execution| below(execution, layout)));
    lines
}

/// The same for what was in another bucket.
fn taken_in(Taken { taken, there, left }: &Taken, state: JudgingState, waiting: u64) -> String {
    let objects = if *taken == 1 { "1 object" } else { &format!("{taken} objects") };
    let left: u64 = left.values().sum();
    let ends = match state {
        JudgingState::Done => "and judged".to_owned(),
        _ => format!("({waiting} versions that have come since wait there)"),
    };
    format!("{objects} taken into ingress {ends}, {there} had come there earlier, {left} not taken")
}

/// How far it is with judging again, in a sentence.
fn counted(Judging { state, meant, judged, running, failed, not_started, held, taken, .. }: &Judging) -> String {
    if let Some(taken) = taken {
        return taken_in(taken, *state, *running);
    }
    let versions = |count: u64| if count == 1 { "1 version".to_owned() } else { format!("{count} versions") };
    let held = held.map(|held| format!("; {held} of what was meant are held")).unwrap_or_default();
    match state {
        JudgingState::Nothing => "nothing is to be done".into(),
        JudgingState::Planned => format!("would judge {}", versions(*meant)),
        JudgingState::Running => "it is being judged".into(),
        JudgingState::Done => format!("{} judged, {failed} failed{held}", versions(*judged)),
        JudgingState::Stopped => format!("stopped: {} judged, {running} still running", versions(*judged)),
        JudgingState::Failed => {
            let not_started = match not_started.values().sum() {
                0 => String::new(),
                count => format!(", {count} not started", count = u64::to_string(&count)),
            };
            format!("not all was judged: {judged} judged, {failed} failed{not_started}{held}")
        }
    }
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
    unit.map_or_else(|| format!("{seconds} seconds"), |(unit, name)| format!("{} {name}", seconds / unit))
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
    let mut lines = titled(style, word, &format!("{outcome}: {key} has to be {expected}"), layout);
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

fn at(Place { bucket, key, version }: &Place) -> String {
    format!("s3://{bucket}/{} version {version}", printable(key))
}

fn sum(total: &Total) -> String {
    let versions = if total.count == 1 { "version" } else { "versions" };
    let more = [(total.unjudged, "more being judged"), (total.failed, "failed")];
    let more = more.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("; {count} {what}"));
    [format!("{} {versions}, {}", total.count, bytes(total.bytes))].into_iter().chain(more).collect::<Vec<_>>().concat()
}

/// The first line: a word, and the key behind it or, where both are too wide, below it.
fn titled(style: Style, word: &str, key: &str, layout: Layout) -> Vec<String> {
    let (word, key) = (printable(word), printable(key));
    if measure_text_width(&word) + 2 + measure_text_width(&key) <= layout.width {
        return vec![format!("{}  {}", painted(style, word), painted(STRONG, key))];
    }
    let key = fitting(&key, layout);
    vec![painted(style, word), format!("{:INDENT$}{}", "", painted(STRONG, key))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use anstream::adapter::strip_str;
    use insta::assert_snapshot;

    fn held(key: &str) -> Held {
        let place = Place {
            bucket: "cv-analytics-zone-626fa970".into(),
            key: format!("0123456789abcdef01234567/{key}"),
            version: "BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ".into(),
        };
        Held {
            key: key.into(),
            version: Some("3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY".into()),
            zone: "analytics",
            status: Some("HAS_FINDINGS".into()),
            reasons: Some(vec!["CREDIT_CARD_NUMBER found 6 times: row 2, column 2 (credit_card); row 3".into()]),
            since: "2026-11-28T12:00:00Z".into(),
            size: 1_234_567,
            place,
            ..Held::default()
        }
    }

    fn shown(row: &Row, layout: Layout) -> String {
        strip_str(&lines(row, layout).join("\n")).to_string()
    }

    #[test]
    fn a_held_version() {
        assert_snapshot!(shown(&Row::Held(held("in/cards.csv")), sample::LAYOUT), @r"
        HAS_FINDINGS  in/cards.csv
            CREDIT_CARD_NUMBER found 6 times: row 2, column 2 (credit_card); row 3
            since 2026-11-28T12:00:00Z, 1.2 MB, version
            3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY
            s3://cv-analytics-zone-626fa970/0123456789abcdef01234567/in/cards.csv
            version BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ
        ");
    }

    /// Whatever the key is, a line fits, and is ours: nothing turns it, breaks it or begins another one.
    #[test]
    fn no_key_breaks_a_line_or_turns_it() {
        for key in ["a\nb\u{202e}c\u{1b}[2J.csv", &"k".repeat(1024), &"wide 日本 ".repeat(30), "\u{200b}\u{e0041}"] {
            let text = shown(&Row::Held(held(key)), sample::LAYOUT);
            for line in text.lines() {
                assert!(measure_text_width(line) <= 80, "{line}");
                assert!(!line.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\u{e0041}']), "{line}");
            }
            let whole = Layout { cuts: false, ..sample::LAYOUT };
            assert!(shown(&Row::Held(held(key)), whole).contains(&printable(key)), "nothing is left out of a file");
        }
    }

    #[test]
    fn a_stack_with_its_age_and_expiry() {
        let stack = Stack {
            stack: "review-12".into(),
            id: "626fa970".into(),
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            state: "partial",
            missing: vec!["function".into()],
            created: Some("2026-11-25T12:00:00Z".into()),
            age_seconds: Some(3 * 86_400),
            expires: Some("2026-11-27T12:00:00Z".into()),
            expired: true,
        };
        assert_snapshot!(shown(&Row::Stack(stack), sample::LAYOUT), @r"
        partial  review-12 (626fa970)
            123456789012/eu-west-1, since 2026-11-25T12:00:00Z (3 days old)
            has expired, and the next gc removes it: 2026-11-27T12:00:00Z
            missing: function
        ");
        assert_eq!(
            [0, 119, 7_199, 7_200, 200_000].map(age),
            ["0 seconds", "119 seconds", "119 minutes", "2 hours", "2 days"]
        );
        let left = Expired {
            stack: "review-12".into(),
            id: "626fa970".into(),
            expires: Some("2026-11-27T12:00:00Z".into()),
            state: Removed::Kept,
            says: "holds objects: 2 versions in cv-vault-zone-626fa970".into(),
            fix: Some("`cvault gc --delete-data` deletes them too".into()),
        };
        assert_snapshot!(shown(&Row::Expired(left), sample::LAYOUT), @r"
        kept  review-12 (626fa970)
            has expired 2026-11-27T12:00:00Z
            holds objects: 2 versions in cv-vault-zone-626fa970
            fix: `cvault gc --delete-data` deletes them too
        ");
    }

    #[test]
    fn counts_of_bytes() {
        let counts = [0, 1, 999, 1000, 1_250_000, 5 << 30, u64::MAX].map(bytes);
        assert_eq!(counts, ["0 bytes", "1 byte", "999 bytes", "1.0 kB", "1.2 MB", "5.3 GB", "18446.7 PB"]);
    }

    #[test]
    fn what_was_decided() {
        let Held { place, key, .. } = held("in/cards.csv");
        let decision = Decision {
            action: Settling::Release,
            state: Settled::NotCleared,
            key,
            place,
            status: Some("HAS_FINDINGS".into()),
            size: 34,
            vault_version: Some("v".into()),
            by: "arn:aws:sts::123456789012:assumed-role/analyst/ana".into(),
            at: "2026-11-28T12:00:00Z".into(),
            reason: "test data of the bank".into(),
            requested: None,
        };
        assert_snapshot!(shown(&Row::Decision(decision), sample::LAYOUT), @r"
        released  in/cards.csv
            was held as HAS_FINDINGS, 34 bytes
            because: test data of the bank
            2026-11-28T12:00:00Z by arn:aws:sts::123456789012:assumed-role/analyst/ana
            it is in the vault; its held copy is still there, and goes when S3's event
            is handled
            s3://cv-analytics-zone-626fa970/0123456789abcdef01234567/in/cards.csv
            version BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ
        ");
    }

    /// Who asks is seen where it is held, and beside whoever has confirmed it.
    #[test]
    fn what_two_have_to_want() {
        let (by, at) = ("arn:aws:iam::123456789012:role/ana".to_owned(), "2026-11-27T12:00:00Z".to_owned());
        let request = Request { action: Settling::Release, by, at, reason: "test data".into() };
        let requested = Some((&request).into());
        let held = Held { request: Some(request), reasons: None, ..held("in/cards.csv") };
        assert_snapshot!(shown(&Row::Held(held.clone()), sample::LAYOUT), @r"
        HAS_FINDINGS  in/cards.csv
            since 2026-11-28T12:00:00Z, 1.2 MB, version
            3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY
            release requested 2026-11-27T12:00:00Z by
            arn:aws:iam::123456789012:role/ana: test data; another releaser confirms it
            s3://cv-analytics-zone-626fa970/0123456789abcdef01234567/in/cards.csv
            version BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ
        ");
        let Held { place, key, status, size, .. } = held;
        let (by, at) = ("arn:aws:iam::123456789012:user/bob".to_owned(), "2026-11-28T12:00:00Z".to_owned());
        let (action, reason) = (Settling::Release, "as ticket OPS-12 says".into());
        let state = Settled::Done;
        let done = Decision { action, state, key, place, status, size, vault_version: None, by, at, reason, requested };
        assert_snapshot!(shown(&Row::Decision(done), sample::LAYOUT), @r"
        released  in/cards.csv
            was held as HAS_FINDINGS, 1.2 MB
            because: as ticket OPS-12 says
            2026-11-28T12:00:00Z by arn:aws:iam::123456789012:user/bob
            requested 2026-11-27T12:00:00Z by arn:aws:iam::123456789012:role/ana: test
            data
            s3://cv-analytics-zone-626fa970/0123456789abcdef01234567/in/cards.csv
            version BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ
        ");
    }

    #[test]
    fn what_was_not_taken_is_said_by_its_reason() {
        let left = [("it is archived (storage class GLACIER)".to_owned(), 3)].into();
        let taken = Some(Taken { taken: 20_000, there: 2, left });
        let done = Judging { taken, execution: Some("arn".into()), ..Judging::of(JudgingState::Done, 20_005) };
        assert_snapshot!(shown(&Row::Judging(done.clone()), sample::LAYOUT), @r"
        20000 objects taken into ingress and judged, 2 had come there earlier, 3 not taken
            3 not taken: it is archived (storage class GLACIER)
            arn
        ");
        let stuck = Judging { state: JudgingState::Failed, running: 7, ..done };
        assert!(counted(&stuck).contains("(7 versions that have come since wait there)"), "{}", counted(&stuck));
    }
}
