//! A verdict of the log, for people.

use super::layout::{Layout, at, below, titled};
use super::text::{CHANGED, GOOD, bytes};
use crate::outcome::verdict::Verdict;

/// The verdict as lines.
pub fn lines(verdict: &Verdict, layout: Layout) -> Vec<String> {
    let Verdict { key, version, reasons, format, size, at: when, place, vault_version, execution, .. } = verdict;
    let style = if vault_version.is_some() { GOOD } else { CHANGED };
    let mut lines = titled(style, &judged(verdict), key, layout);
    lines.extend(reasons.iter().flat_map(|reason| below(reason, layout)));
    let format = format.as_deref().map(|format| format!(", {format}")).unwrap_or_default();
    let version = version.as_deref().unwrap_or("that was not there any more");
    lines.extend(below(&format!("{when}{format}, {}, version {version}", bytes(*size)), layout));
    match vault_version {
        Some(stored) => lines.extend(below(&format!("stored as version {stored}"), layout)),
        None if place.key.is_empty() => {}
        None => lines.extend(below(&at(place), layout)),
    }
    lines.extend(below(execution, layout));
    lines
}

/// The verdict as a sentence.
pub fn sentence(verdict: &Verdict) -> String {
    let Verdict { key, reasons, at, .. } = verdict;
    let colon = if reasons.is_empty() { "" } else { ": " };
    format!("{key} was {} at {at}{colon}{}", judged(verdict), reasons.join("; "))
}

fn judged(Verdict { status, again, .. }: &Verdict) -> String {
    format!("judged {}{status}", if *again { "again " } else { "" })
}
