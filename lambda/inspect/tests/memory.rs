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
#[path = "archives/office.rs"]
mod office;
#[path = "archives/parquet_pages.rs"]
mod parquet;
#[path = "archives/pdf.rs"]
mod pdf;
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
use support::{Object, Pieces, folder, samples};
use window::{BEYOND, By, GROWING, window};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// How much is read at a time, in bytes.
const PIECE: usize = 64 << 10;

/// How many damaged files are tried of each kind.
const DAMAGED: usize = 1000;

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

/// Holds a file to what it may take, both ways, and gives the answer; what is wrong is added to `wrong`.
fn hold(wrong: &mut Vec<String>, what: &str, name: &str, bytes: &[u8], limits: &Limits) -> Inspection {
    hold_with(wrong, what, name, bytes, limits, 0)
}

/// The same for a container with a member of `held` bytes that has to be held.
fn hold_with(
    wrong: &mut Vec<String>,
    what: &str,
    name: &str,
    bytes: &[u8],
    limits: &Limits,
    held: usize,
) -> Inspection {
    let both = [By::Stream, By::Ranges].map(|by| {
        let (answer, peak) = measure(name, bytes, limits, by);
        let most = BEYOND + window(answer.format, bytes.len(), by) + held;
        if peak > most {
            let length = bytes.len();
            let broken = &answer.broken;
            wrong.push(format!("{what}: {peak} bytes held, not {most}, of {name}, {length} by {by:?}: {broken:?}"));
        }
        answer
    });
    let [_, answer] = both;
    answer
}

/// All that is wrong, at once.
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn samples_fit() {
    let _alone = alone();
    let mut wrong = Vec::new();
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
            hold(&mut wrong, "a sample", name, &fs::read(&path).unwrap(), &Limits::default());
            count += 1;
        }
    }
    assert!(count > samples("formats").len(), "{count}");
    none(&wrong);
}

#[test]
fn bombs_fit() {
    let _alone = alone();
    let mut wrong = Vec::new();
    for bomb in BOMBS {
        let answer = hold(&mut wrong, bomb.what, bomb.name, &(bomb.bytes)(), &(bomb.limits)());
        if answer.broken.is_some() != bomb.refused.is_some() {
            wrong.push(format!("{}: {:?}", bomb.what, answer.broken));
        }
    }
    none(&wrong);
}

#[test]
fn damaged_files_fit() {
    let _alone = alone();
    let mut wrong = Vec::new();
    let mut random = TestRunner::deterministic();
    let (texts, formats) = (damaged_text(), damaged_format());
    for number in 0..DAMAGED {
        let text = texts.new_tree(&mut random).unwrap().current();
        for name in ["a.txt", "a.csv", "a.json", "a.xml"] {
            hold(&mut wrong, &format!("damaged text {number}"), name, &text, &Limits::default());
        }
        let (name, bytes) = formats.new_tree(&mut random).unwrap().current();
        hold(&mut wrong, &format!("damaged file {number}"), &name, &bytes, &Limits::default());
    }
    none(&wrong);
}

#[test]
fn amplifiers_fit() {
    let _alone = alone();
    let mut wrong = Vec::new();
    for row in AMPLIFIERS {
        for &(one, two, refused) in row.sizes {
            let what = format!("{}: {one}, {two}", row.what);
            let held = if row.name == "a.pdf.gz" { GROWING * one } else { 0 };
            let answer = hold_with(&mut wrong, &what, row.name, &(row.make)(one, two), &Limits::default(), held);
            if refused && answer.broken.is_none() {
                wrong.push(format!("{what}: accepted"));
            }
        }
    }
    none(&wrong);
}
