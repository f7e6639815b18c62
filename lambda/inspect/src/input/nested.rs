//! Containers: streams that may break while what is in them is judged.
//!
//! A container's own fault reaches the checker of a member as an error of its
//! source. [`Stream`] keeps the reason meanwhile, and it outranks what that checker
//! makes of the error; so each reason is given once, by the level it belongs to.

use std::collections::VecDeque;
use std::io::{self, Read};

use super::macos;
use crate::pass::Input;
use crate::pass::Pass;
use crate::recognise::judge;
use crate::scan::loose;
use crate::verdict::Reason;
use crate::verdict::Stop;

/// The longest name of a member that is shown, in characters.
const SHOWN: usize = 80;

/// What yields bytes until it ends or breaks.
pub(crate) trait Breakable {
    /// Reads on; 0 at the end.
    fn advance(&mut self, buffer: &mut [u8]) -> Result<usize, Stop>;
}

/// A breakable source as a reader.
pub(crate) struct Stream<B> {
    source: B,
    /// What was looked at before it was read.
    ahead: VecDeque<u8>,
    reason: Option<Reason>,
    bytes: u64,
}

impl<B: Breakable> Stream<B> {
    pub(crate) fn new(source: B) -> Self {
        Self { source, ahead: VecDeque::new(), reason: None, bytes: 0 }
    }

    /// The source, whose bytes were read.
    pub(crate) fn into_source(self) -> B {
        self.source
    }
}

impl<B: Breakable> Stream<B> {
    /// The next bytes, which are still to be read: fewer than `most` before the end or a break only, and
    /// the break shows again when it is read.
    pub(crate) fn peek(&mut self, most: usize) -> &[u8] {
        let mut buffer = vec![0; most];
        while self.ahead.len() < most {
            match self.more(&mut buffer[..most - self.ahead.len()]) {
                Ok(0) | Err(_) => break,
                Ok(read) => self.ahead.extend(&buffer[..read]),
            }
        }
        self.ahead.make_contiguous()
    }

    /// Reads the source on.
    fn more(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.reason.is_none() {
            match self.source.advance(buffer) {
                Ok(read) => {
                    self.bytes += read as u64;
                    return Ok(read);
                }
                Err(Stop::Io(error)) => return Err(error),
                Err(Stop::Broken(reason)) => self.reason = Some(reason),
            }
        }
        Err(io::Error::other("the container is broken"))
    }
}

impl<B: Breakable> Read for Stream<B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ahead.is_empty() { self.more(buffer) } else { self.ahead.read(buffer) }
    }
}

/// Judges what a stream yields as a file of this name; `prefix` says whose content it is.
pub(crate) fn judge_inside<B: Breakable>(
    name: &str,
    prefix: &str,
    stream: &mut Stream<B>,
    pass: &mut Pass,
) -> Result<(), Stop> {
    let verdict = within(prefix, stream, |stream| judge(name, Input::stream(stream), pass).1);
    note(stream, pass);
    verdict
}

/// Counts a member.
fn note<B>(stream: &Stream<B>, pass: &Pass) {
    pass.budget.note(|extent| {
        extent.members += 1;
        extent.largest = extent.largest.max(stream.bytes);
    });
}

/// Checks what a stream yields, and that all of it is whole.
pub(crate) fn within<B: Breakable>(
    prefix: &str,
    stream: &mut Stream<B>,
    check: impl FnOnce(&mut Stream<B>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let verdict = check(stream).and_then(|()| drain(stream));
    match (stream.reason.take(), verdict) {
        (Some(reason), _) => Err(reason.into()),
        (None, Err(Stop::Broken(reason))) => {
            Err(Reason { kind: reason.kind, text: format!("{prefix}{}", reason.text) }.into())
        }
        (None, verdict) => verdict,
    }
}

/// Judges a member of an archive by its own name, and says whether there is anything in it.
///
/// An empty one is nothing to judge. What macOS keeps beside the files is metadata, and scanned as text.
pub(crate) fn judge_member<B: Breakable>(
    name: &str,
    prefix: &str,
    stream: &mut Stream<B>,
    pass: &mut Pass,
) -> Result<bool, Stop> {
    let shown = shown(name);
    let prefix = format!("{prefix}member \"{shown}\": ");
    let head = stream.peek(macos::MARK);
    let (empty, beside) = (head.is_empty(), macos::is_metadata(name, head));
    pass.scanner.enter(&shown);
    let verdict = within(&prefix, stream, |stream| match (empty, beside) {
        (true, _) => Ok(()),
        (_, true) => Ok(loose::scan_stream(&mut pass.scanner, stream)?),
        _ => judge(name, Input::stream(stream), pass).1,
    });
    note(stream, pass);
    pass.scanner.leave();
    verdict.map(|()| !empty)
}

/// Judges a member that lies in memory, whose source cannot break.
pub(crate) fn judge_plain(name: &str, prefix: &str, stream: &mut dyn Read, pass: &mut Pass) -> Result<(), Stop> {
    pass.budget.note(|extent| extent.members += 1);
    pass.scanner.enter(&shown(name));
    let verdict = judge(name, Input::stream(stream), pass).1;
    pass.scanner.leave();
    verdict.map_err(|stop| match stop {
        Stop::Broken(reason) => Reason { kind: reason.kind, text: format!("{prefix}{}", reason.text) }.into(),
        stop @ Stop::Io(_) => stop,
    })
}

/// Reads the rest of a stream, for its checks.
pub(crate) fn drain(stream: &mut dyn Read) -> Result<(), Stop> {
    io::copy(stream, &mut io::sink())?;
    Ok(())
}

/// A member's name as far as it may be shown: it may itself be a number or a key.
pub(crate) fn shown(name: &str) -> String {
    let digits = name.chars().filter(|c| c.is_numeric()).count();
    let mut words = name.split(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '='));
    if words.any(|word| word.len() > 30) {
        return "*".to_owned();
    }
    let plain = |c: char| match c {
        c if c.is_control() || c == '"' => '?',
        c if digits > 8 && c.is_numeric() => '*',
        c => c,
    };
    let all = name.chars().count();
    let tail = name.chars().skip(all.saturating_sub(SHOWN)).map(plain);
    if all > SHOWN { std::iter::once('…').chain(tail).collect() } else { tail.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_members_that_are_data_are_not_shown() {
        assert_eq!(shown("a/tides-2026-11-24.csv"), "a/tides-2026-11-24.csv");
        assert_eq!(shown("4000 0044 2708 3831.csv"), "**** **** **** ****.csv");
        assert_eq!(shown("wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"), "*");
        assert_eq!(shown("a\nb"), "a?b");
        assert_eq!(shown(&"ab/".repeat(40)).chars().count(), 81);
    }
}
