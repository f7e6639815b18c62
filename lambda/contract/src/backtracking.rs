//! What an expression costs an engine that backtracks, as Macie's may: counted, not timed.
//!
//! The `regex` crate takes linear time whatever the expression. Macie tries one way after the
//! other, so that `(?:a+)+b` on a row of `a` takes twice as long with each more of them. Here each
//! repetition is given a row of what it repeats with an end that fails, and the tries are counted.
//! Branches of one character each are a class here, whatever another engine makes of them.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// How often what is repeated stands in a row.
const ROW: usize = 30;
/// A row costs some thousand tries, if their number grows with a low power of its length; a
/// catastrophe costs 2 to the power of it.
const TRIES: usize = 200_000;
/// How many rows are made of one repetition.
const ROWS: usize = 6;
/// How many there may be of a text that is only an example.
const LONGEST: usize = 64;
/// Few expressions match it, so that rows end in a failure.
const END: char = '\u{1}';

/// Whether some short text costs the expression too many tries.
pub(crate) fn is_catastrophic(expression: &Hir) -> bool {
    let mut rows = vec![];
    collect(expression, &mut String::new(), &mut rows);
    rows.iter().any(|row| {
        let text: Vec<_> = row.chars().collect();
        let mut tries = TRIES;
        run(expression, &text, 0, &mut tries, &mut |_, _| false);
        tries == 0
    })
}

/// Rows for each repetition, behind what has to precede it.
fn collect(expression: &Hir, before: &mut String, rows: &mut Vec<String>) {
    match expression.kind() {
        HirKind::Concat(parts) => {
            let length = before.len();
            for part in parts {
                collect(part, before, rows);
                before.push_str(&example(part, 0));
            }
            before.truncate(length);
        }
        HirKind::Repetition(Repetition { max, sub, .. }) => {
            if max.is_none_or(|max| max > 1) {
                let row = |variant| format!("{before}{}{END}", example(sub, variant).repeat(ROW));
                rows.extend((0..ROWS).map(row));
            }
            collect(sub, before, rows);
        }
        kind => kind.subs().iter().for_each(|sub| collect(sub, before, rows)),
    }
}

/// A text that the expression matches; each variant takes other branches and characters.
fn example(expression: &Hir, variant: usize) -> String {
    let mut text = match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => String::new(),
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).into_owned(),
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges();
            // Those of ASCII come first, and are what others have in common.
            ranges.get(variant % ranges.len().clamp(1, 4)).map(|range| range.start().to_string()).unwrap_or_default()
        }
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().first().map(|range| char::from(range.start()).to_string()).unwrap_or_default()
        }
        HirKind::Repetition(Repetition { min, sub, .. }) => example(sub, variant).repeat((*min as usize).clamp(1, 8)),
        HirKind::Capture(capture) => example(&capture.sub, variant),
        HirKind::Concat(parts) => parts.iter().map(|part| example(part, variant)).collect(),
        HirKind::Alternation(branches) => {
            example(&branches[variant % branches.len()], variant / branches.len().min(ROWS))
        }
    };
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}

/// Where to go on, and how many tries are left.
type Next<'a> = &'a mut dyn FnMut(usize, &mut usize) -> bool;

/// Matches the expression from here, and then what is next; every way is tried until one succeeds.
fn run(expression: &Hir, text: &[char], at: usize, tries: &mut usize, next: Next<'_>) -> bool {
    *tries = tries.saturating_sub(1);
    // Out of tries everything succeeds, which ends the search.
    if *tries == 0 {
        return true;
    }
    match expression.kind() {
        // Where lines and words begin would only save tries.
        HirKind::Empty | HirKind::Look(_) => next(at, tries),
        HirKind::Literal(literal) => {
            let literal: Vec<_> = String::from_utf8_lossy(&literal.0).chars().collect();
            text[at..].starts_with(&literal) && next(at + literal.len(), tries)
        }
        HirKind::Class(class) => {
            let matches = text.get(at).is_some_and(|character| match class {
                Class::Unicode(class) => {
                    class.ranges().iter().any(|range| (range.start()..=range.end()).contains(character))
                }
                Class::Bytes(class) => class
                    .ranges()
                    .iter()
                    .any(|range| (char::from(range.start())..=char::from(range.end())).contains(character)),
            });
            matches && next(at + 1, tries)
        }
        HirKind::Repetition(repetition) => repeat(repetition, 0, text, at, tries, next),
        HirKind::Capture(capture) => run(&capture.sub, text, at, tries, next),
        HirKind::Concat(parts) => chain(parts, text, at, tries, next),
        HirKind::Alternation(branches) => branches.iter().any(|branch| run(branch, text, at, tries, next)),
    }
}

fn chain(parts: &[Hir], text: &[char], at: usize, tries: &mut usize, next: Next<'_>) -> bool {
    match parts.split_first() {
        None => next(at, tries),
        Some((first, rest)) => run(first, text, at, tries, &mut |at, tries| chain(rest, text, at, tries, next)),
    }
}

fn repeat(repetition: &Repetition, done: u32, text: &[char], at: usize, tries: &mut usize, next: Next<'_>) -> bool {
    let more = repetition.max.is_none_or(|max| done < max)
        && run(&repetition.sub, text, at, tries, &mut |after, tries| {
            // What matched nothing would do so for ever.
            (after > at || done < repetition.min) && repeat(repetition, done + 1, text, after, tries, next)
        });
    more || (done >= repetition.min && next(at, tries))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catastrophic(expression: &str) -> bool {
        is_catastrophic(&regex_syntax::parse(expression).unwrap())
    }

    #[test]
    fn catastrophes() {
        for expression in [
            r"(?:a+)+b",
            r"^(?:a+)+$",
            r"(?:a*)*b",
            r"(?:a|aa)+$",
            r"(?:\w+\s?)*$",
            r"ID-(?:\d+)+x",
            r"(?:x+x+)+y",
            r"(?:\d+,?)+;",
            r"(?:(?:ab)*)*c",
            r"(?i)(?:a+)+b",
            r"\b(?:[A-Z]{1,9}){1,20}-",
        ] {
            assert!(catastrophic(expression), "{expression}");
        }
    }

    #[test]
    fn what_is_fit_for_files() {
        for expression in [
            r"HB-\d{4}",
            r"\bHB-\d{6}\b",
            r"(?i)hb-\d{4}\b",
            r"^\d{4}$",
            r"\d{4}(?:\s\d{4})?",
            r"a{100,}",
            r"[A-Z]+\d+[A-Z]+",
            r"(?:[A-Z]+-)+\d+",
            r"(?:\d{3},)*\d{3}",
            r"\w+@\w+\.com",
            r"[\w.+-]+@[\w-]+\.[\w.-]+",
            r"(?:19|20)\d\d-[01]\d-[0-3]\d",
            r".*secret.*",
            r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}",
            r"\b\d{1,3}(?:\.\d{1,3}){3}\b",
            r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}",
            r"(?:\d[ -]*?){13,16}",
            r"\d{1,500}x",
        ] {
            assert!(!catastrophic(expression), "{expression}");
        }
    }
}
