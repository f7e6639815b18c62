//! What an inspection holds in memory: never more than [`BEYOND`] beside the file's bytes that it has to hold ([`window()`]).
//!
//! An allocator counts. All cases run one after the other, each as the function reads it: in pieces, and
//! whatever has its index at its end by ranges, too. No clock is asked: what takes more than its share
//! of work has to be refused for it, and the sizes of [`AMPLIFIERS`] are such that
//! work of another order than the file's does not end.

#[path = "support/amplifiers.rs"]
mod amplifiers;
#[path = "support/bombs.rs"]
mod bombs;
#[path = "support/damage.rs"]
mod damage;
#[path = "archives/gzip.rs"]
mod gzip;
#[path = "archives/parquet_pages.rs"]
mod parquet;
#[path = "archives/pdf.rs"]
mod pdf;
#[path = "support/say.rs"]
mod say;
mod support;
#[path = "support/window.rs"]
mod window;
#[path = "archives/zip.rs"]
mod zip;
#[path = "archives/zlib.rs"]
mod zlib;

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};

use amplifiers::AMPLIFIERS;
use bombs::BOMBS;
use damage::{damaged_format, damaged_text};
use inspect::{Detectors, Inspection, Limits, inspect, inspect_object};
use peak_alloc::PeakAlloc;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use say::say;
use support::{Object, Pieces, folder, samples};
use window::{BEYOND, By, window};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// How much is read at a time, in bytes.
const PIECE: usize = 64 << 10;

/// How many damaged files are tried of each kind.
const DAMAGED: usize = 1000;

/// Amplifiers and bombs that the readers do not withstand yet: empty when all is well.
const FIXED_ELSEWHERE: &[&str] = &[];

fn skipped(what: &str) -> bool {
    let skipped = FIXED_ELSEWHERE.contains(&what);
    if skipped {
        say(&format!("skipped, it is mended elsewhere: {what}"));
    }
    skipped
}

/// Cases run alone, since the allocator counts what all do.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Judges a file, and says how many bytes that took at most.
fn measure(name: &str, bytes: &[u8], limits: &Limits, by: By) -> (Inspection, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let stream = Pieces(bytes, PIECE);
    let answer = match by {
        By::Stream => inspect(name, stream, limits),
        By::Ranges => inspect_object(&Detectors::default(), name, stream, &Object(bytes), limits),
    };
    (answer.unwrap(), MEMORY.peak_usage().saturating_sub(before))
}

/// Holds a file to what it may take, both ways, and gives the answer.
fn hold(what: &str, name: &str, bytes: &[u8], limits: &Limits) -> Inspection {
    hold_with(what, name, bytes, limits, 0)
}

/// The same for a container with a member of `held` bytes that has to be held.
fn hold_with(what: &str, name: &str, bytes: &[u8], limits: &Limits, held: usize) -> Inspection {
    let both = [By::Stream, By::Ranges].map(|by| {
        let (answer, peak) = measure(name, bytes, limits, by);
        let most = BEYOND + window(answer.format, bytes.len(), by) + held;
        assert!(
            peak <= most,
            "{what}: {peak} bytes held of {name}, {} bytes by {by:?}: {:?}",
            bytes.len(),
            answer.broken
        );
        answer
    });
    let [_, answer] = both;
    answer
}

#[test]
fn samples_fit() {
    let _alone = alone();
    let mut folders = vec![folder("")];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.file_name().unwrap().to_str().unwrap();
            hold("a sample", name, &fs::read(&path).unwrap(), &Limits::default());
            count += 1;
        }
    }
    assert!(count > samples("formats").len(), "{count}");
}

#[test]
fn bombs_fit() {
    let _alone = alone();
    for bomb in BOMBS {
        if skipped(bomb.what) {
            continue;
        }
        let answer = hold(bomb.what, bomb.name, &(bomb.bytes)(), &(bomb.limits)());
        assert_eq!(answer.broken.is_some(), bomb.refused.is_some(), "{}", bomb.what);
    }
}

#[test]
fn damaged_files_fit() {
    let _alone = alone();
    let mut random = TestRunner::deterministic();
    let (texts, formats) = (damaged_text(), damaged_format());
    for number in 0..DAMAGED {
        let text = texts.new_tree(&mut random).unwrap().current();
        for name in ["a.txt", "a.csv", "a.json", "a.xml"] {
            hold(&format!("damaged text {number}"), name, &text, &Limits::default());
        }
        let (name, bytes) = formats.new_tree(&mut random).unwrap().current();
        hold(&format!("damaged file {number}"), &name, &bytes, &Limits::default());
    }
}

#[test]
fn amplifiers_fit() {
    let _alone = alone();
    for row in AMPLIFIERS {
        for &(one, two, refused) in row.sizes {
            let what = format!("{}: {one}, {two}", row.what);
            if skipped(&what) {
                continue;
            }
            let held = if row.name == "a.pdf.gz" { one } else { 0 };
            let answer = hold_with(&what, row.name, &(row.make)(one, two), &Limits::default(), held);
            assert!(!refused || answer.broken.is_some(), "{what}: {:?}", answer.broken);
        }
    }
}
