//! How much a verdict says. A file decides how long its reasons are (the way to a field, the name of a member, the
//! number of kinds that were found), and a state of Step Functions has 256 KiB, an e-mail of SNS as much, in which
//! they stand more than once (truths F12, N11): what is too large ends an execution without anybody being told.

/// The most that one reason takes, and all together, in bytes of JSON.
const EACH: usize = 512;
const ALL: usize = 4096;
/// How many are named.
const MOST: usize = 20;
/// The most that a failure says: Step Functions hands it on, and an e-mail has it.
const FAILURE: usize = 4096;

/// The reasons that are named, and how many are not: those that do not fit are counted, also the uncounted ones of
/// an earlier call.
#[must_use]
pub fn bounded(reasons: Vec<String>) -> Vec<String> {
    let (mut named, mut room, mut left) = (vec![], ALL, 0);
    for reason in reasons {
        if let Some(count) = count(&reason) {
            left += count;
            continue;
        }
        let reason = cut(reason, EACH);
        let length = length(&reason);
        if named.len() < MOST && length <= room {
            room -= length;
            named.push(reason);
        } else {
            // What is counted once is not followed by what is named: they come in order of their weight.
            room = 0;
            left += 1;
        }
    }
    named.extend((left > 0).then(|| format!("and {left} more")));
    named
}

/// A failure's message, cut where it is too long.
#[must_use]
pub fn message(text: String) -> String {
    cut(text, FAILURE)
}

/// How many were left out, if that is what it says.
fn count(reason: &str) -> Option<usize> {
    reason.strip_prefix("and ")?.strip_suffix(" more")?.parse().ok()
}

/// A text of so many bytes of JSON, on the border of a character.
fn cut(text: String, most: usize) -> String {
    if length(&text) <= most {
        return text;
    }
    let mut room = most - '…'.len_utf8();
    let fits = |c: &char| {
        let length = length(c.encode_utf8(&mut [0; 4]));
        room.checked_sub(length).map(|left| room = left).is_some()
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// What a text takes in JSON, without its quotes.
fn length(text: &str) -> usize {
    serde_json::to_string(text).map_or(text.len(), |json| json.len() - 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(count: usize, text: &str) -> Vec<String> {
        (0..count).map(|n| format!("{n} {text}")).collect()
    }

    #[test]
    fn few_and_short_ones_stay_as_they_are() {
        let reasons = many(20, "IBAN found 1 time: line 1");
        assert_eq!(bounded(reasons.clone()), reasons);
        assert_eq!(bounded(vec![]), Vec::<String>::new());
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        for text in ["x", "\u{1}", "\"", "é", "\u{1f600}"] {
            let reasons = bounded(many(57, &text.repeat(3000)));
            let all: usize = reasons.iter().map(|reason| length(reason)).sum();
            assert!(all <= ALL + "and 50 more".len(), "{all}");
            assert!(reasons.iter().all(|reason| length(reason) <= EACH));
            assert_eq!(reasons.last().unwrap(), &format!("and {} more", 57 - (reasons.len() - 1)));
        }
        assert_eq!(bounded(many(23, "x")).last().unwrap(), "and 3 more");
    }

    /// Each step hands its reasons through it once more.
    #[test]
    fn it_counts_on() {
        let once = bounded(many(57, &"x".repeat(3000)));
        assert_eq!(bounded(once.clone()), once);
        let mut again = vec!["one more".to_owned()];
        again.extend(once.clone());
        let again = bounded(again);
        assert_eq!((again[0].as_str(), &again[1], again.len()), ("one more", &once[0], once.len()));
        assert_eq!(again.last().unwrap(), &format!("and {} more", 58 - (again.len() - 1)));
    }

    #[test]
    fn a_failure_is_cut() {
        assert_eq!(message("short".into()), "short");
        assert_eq!(message("é".repeat(3000)).len(), FAILURE - 1);
    }
}
