//! What AWS refuses, for people: why in its own words, and what to do by [`super::advice`].

use super::advice::{ANSWERED, Row, UNANSWERED, UNKNOWN_AT_ONCE, UNKNOWN_KEY, UNKNOWN_LATER, by_status};
use super::caller::WHO;
use super::refusal::{Kind, Refusal};
use super::reworded::reworded;
use crate::outcome::failure::{AGAIN, Failure};

/// The failure for any error: ours as it is, AWS's through the table.
#[must_use]
pub fn explained(error: &anyhow::Error) -> Failure {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.clone();
    }
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        let (why, fix) = why_and_fix(refusal);
        Failure::new(refusal.what.clone(), why, fix)
    } else {
        let why = error.chain().skip(1).map(ToString::to_string).collect::<Vec<_>>().join(": ");
        let why = if why.is_empty() { "the lines above say more".to_owned() } else { why };
        Failure::new(error.to_string(), why, AGAIN)
    }
}

fn why_and_fix(refusal: &Refusal) -> (String, String) {
    let why = match (refusal.code.as_str(), refusal.status) {
        ("", 0) => reworded(&refusal.message),
        ("", status @ 200..=299) => {
            let why = if refusal.message.is_empty() { "nothing says why" } else { &refusal.message };
            format!("the answer (HTTP {status}) could not be read: {why}")
        }
        ("", status) => format!("HTTP {status} {}", refusal.message).trim().to_owned(),
        ("NotFound", 404) if refusal.message.is_empty() => "it is not there".to_owned(),
        (code, _) if code.starts_with("cvault.") => refusal.message.clone(),
        (code, _) if refusal.message.is_empty() => code.to_owned(),
        (code, _) => format!("{code}: {}", refusal.message),
    };
    let mut fix = fix(refusal).to_owned();
    if refusal.kind() == Kind::Denied && refusal.says("macie2:") {
        fix.push_str("; or choose --macie off to go without Macie");
    }
    (why, fix)
}

fn fix(refusal: &Refusal) -> &'static str {
    if refusal.is(UNKNOWN_KEY) {
        return if refusal.what == WHO { UNKNOWN_AT_ONCE } else { UNKNOWN_LATER };
    }
    match row(refusal) {
        Some((.., fix)) => fix,
        None if refusal.code.is_empty() => by_status(refusal.status),
        None => AGAIN,
    }
}

/// The row of the tables that is about it.
pub(super) fn row(refusal: &Refusal) -> Option<&'static Row> {
    let rows = if refusal.code.is_empty() && refusal.status == 0 { UNANSWERED } else { ANSWERED };
    let fits = |(code, words, _): &&Row| {
        let code = match code.strip_prefix('*') {
            Some(end) => refusal.ends(end),
            None => code.is_empty() || refusal.is(&[code]),
        };
        code && words.iter().all(|word| refusal.says(word))
    };
    rows.iter().find(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::failure::Exit;

    fn refusal(code: &str, message: &str, status: u16) -> anyhow::Error {
        Refusal { what: "create function x".into(), code: code.into(), message: message.into(), status }.into()
    }

    #[test]
    fn a_refusal_keeps_what_and_why_and_gains_a_fix() {
        let failure = explained(&refusal("AccessDeniedException", "not authorized to perform: iam:PassRole", 403));
        assert_eq!(failure.what, "create function x");
        assert_eq!(failure.why, "AccessDeniedException: not authorized to perform: iam:PassRole");
        assert!(failure.fix.contains("iam:PassRole"), "{}", failure.fix);
    }

    #[test]
    fn no_answer_says_so() {
        let failure = explained(&refusal("", "dispatch failure: io error: Connection refused (os error 111)", 0));
        assert!(failure.fix.contains("AWS_ENDPOINT_URL"), "{}", failure.fix);
    }

    #[test]
    fn our_own_failures_pass_through_context() {
        let error = anyhow::Error::from(Failure::refused("a", "b", "c")).context("while doing d");
        assert_eq!(explained(&error).exit, Exit::Refused);
    }
}
