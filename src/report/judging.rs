//! How far it is with judging again, for people.

use super::layout::{Layout, below, wrapped};
use super::text::{BAD, CHANGED, GOOD, painted};
use crate::outcome::row::{Judging, JudgingState, Taken};

/// How far it is, as lines.
pub fn lines(judging: &Judging, layout: Layout) -> Vec<String> {
    let style = match judging.state {
        JudgingState::Done if judging.taken.as_ref().is_some_and(|taken| !taken.left.is_empty()) => BAD,
        JudgingState::Nothing | JudgingState::Done if judging.failed == 0 => GOOD,
        JudgingState::Failed | JudgingState::Done => BAD,
        _ => CHANGED,
    };
    let mut lines = wrapped(&painted(style, counted(judging)), layout.width);
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
        JudgingState::Stopped => "before it was stopped".to_owned(),
        _ => format!("({waiting} versions that have come since wait there)"),
    };
    format!("{objects} taken into ingress {ends}, {there} had come there earlier, {left} not taken")
}

/// How far it is, in a sentence.
pub fn counted(Judging { state, meant, judged, running, failed, not_started, held, taken, .. }: &Judging) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use anstream::adapter::strip_str;
    use insta::assert_snapshot;

    #[test]
    fn what_was_not_taken_is_said_by_its_reason() {
        let left = [("it is archived (storage class GLACIER)".to_owned(), 3)].into();
        let taken = Some(Taken { taken: 20_000, there: 2, left });
        let done = Judging { taken, execution: Some("arn".into()), ..Judging::of(JudgingState::Done, 20_005) };
        assert_snapshot!(strip_str(&lines(&done, sample::LAYOUT).join("\n")).to_string(), @r"
        20000 objects taken into ingress and judged, 2 had come there earlier, 3 not
          taken
            3 not taken: it is archived (storage class GLACIER)
            arn
        ");
        let stuck = Judging { state: JudgingState::Failed, running: 7, ..done };
        assert!(counted(&stuck).contains("(7 versions that have come since wait there)"), "{}", counted(&stuck));
    }
}
