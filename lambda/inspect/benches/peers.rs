//! The pass beside `pandas.read_fwf` and ripgrep with the same keywords, each on one core, as a table:
//! `cargo bench -p inspect --profile classifier --bench peers`.
//!
//! The three take turns, and each number is the median. A peer that is not on this machine has no column's number:
//! `pip install pandas`, `apt-get install ripgrep`; `PYTHON` names the Python that has pandas.

#![expect(clippy::disallowed_macros, reason = "it prints a table")]

mod inputs;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use inputs::Input;
use inspect::{Detectors, Limits, inspect};

/// Tables that the others read, too: without keywords, with one in each row, and with a number as long as a card's.
const TABLES: &[&str] = &["csv", "fixed.txt", "keyword.csv", "number.csv"];

/// How often each is measured.
const TURNS: usize = 5;

/// Reads a file as the lab did that cvault replaces, and says how many microseconds that took.
const READ_FWF: &str = "import sys, time, pandas\n\
    begun = time.perf_counter()\n\
    pandas.read_fwf(sys.argv[1])\n\
    print(int(1e6 * (time.perf_counter() - begun)))";

fn main() {
    let folder = std::env::temp_dir().join(format!("cvault-peers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let keywords = folder.join("keywords");
    let words: Vec<&str> = Detectors::managed_keywords().collect();
    std::fs::write(&keywords, words.join("\n")).unwrap();
    println!("| MB/s | cvault | `pandas.read_fwf` | | ripgrep | |\n|---|---|---|---|---|---|");
    for table in TABLES {
        let input = inputs::make(table);
        let file = folder.join(&input.name);
        std::fs::write(&file, &input.bytes).unwrap();
        println!("| {table} | {}", row(&input, &file, &keywords));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// The speeds of one table, with how many times as fast cvault is.
fn row(input: &Input, file: &Path, keywords: &Path) -> String {
    let turns: Vec<_> = (0..TURNS).map(|_| [Some(pass(input)), read_fwf(file), ripgrep(file, keywords)]).collect();
    // Bytes in a microsecond are MB in a second; in tenths.
    let speed = |who: usize| {
        let mut all: Vec<Duration> = turns.iter().filter_map(|turn| turn[who]).collect();
        all.sort();
        all.get(all.len() / 2).map(|median| 10 * input.content as u128 / median.as_micros())
    };
    let tenths = |number: u128| format!("{}.{}", number / 10, number % 10);
    let own = speed(0).unwrap_or_default();
    let beside = |peer: Option<u128>| {
        peer.map_or_else(|| "| |".to_owned(), |peer| format!("{} | {} × |", tenths(peer), tenths(10 * own / peer)))
    };
    format!("{} | {} {}", tenths(own), beside(speed(1)), beside(speed(2)))
}

fn pass(input: &Input) -> Duration {
    let begun = Instant::now();
    let answer = inspect(&input.name, &input.bytes[..], &Limits::default()).unwrap();
    let took = begun.elapsed();
    assert!(answer.broken.is_none() && answer.findings.is_empty(), "{answer:?}");
    took
}

fn read_fwf(file: &Path) -> Option<Duration> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
    let output = Command::new(python).args(["-c", READ_FWF]).arg(file).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().map(Duration::from_micros).ok()
}

/// Counts the lines with a keyword in any case; from its start to its end, which is a few milliseconds of each.
fn ripgrep(file: &Path, keywords: &Path) -> Option<Duration> {
    let mut command = Command::new("rg");
    command.args(["--no-config", "--threads=1", "--fixed-strings", "--word-regexp", "--ignore-case", "--count", "-f"]);
    let begun = Instant::now();
    let ended = command.arg(keywords).arg(file).stdout(Stdio::null()).status().ok()?;
    let took = begun.elapsed();
    // 1: no line has one.
    ended.code().is_some_and(|code| code < 2).then_some(took)
}
