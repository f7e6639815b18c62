//! A run of a program: how long it took, what it needed of the machine and what it asked of AWS.

use crate::many::memory;
use crate::support::Stack;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A call: when it came to the proxy, and when its answer left.
pub struct Call {
    /// `service:Operation`.
    pub name: String,
    /// What it is about.
    resource: String,
    /// Seconds since some moment.
    pub begun: f64,
    /// The same.
    pub ended: f64,
    /// Whether it changes something.
    pub writes: bool,
}

/// A run that ended.
pub struct Run {
    /// Its wall time.
    pub seconds: f64,
    /// The processor's time, of its children too.
    processor: f64,
    /// The most memory that it and its children had, each at its own moment, in kB.
    memory: u64,
    /// What it asked of AWS.
    pub calls: Vec<Call>,
}

impl Run {
    /// Runs it; fails the test unless it ends with this code.
    pub fn of(stack: &Stack, mut command: Command, code: i32) -> Self {
        stack.proxy.forget();
        let (begun, before) = (Instant::now(), processor());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("speed-{}.log", stack.names.id));
        let log = fs::File::create(&path).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).process_group(0);
        let mut child = command.spawn().unwrap();
        let mut memory = BTreeMap::new();
        let status = loop {
            memory.extend(most(child.id()));
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            sleep(Duration::from_millis(5));
        };
        let seconds = begun.elapsed().as_secs_f64();
        assert_eq!(status.code(), Some(code), "{command:?}: {}", fs::read_to_string(&path).unwrap());
        fs::remove_file(path).unwrap();
        let calls = stack.proxy.log().iter().map(Call::from).collect();
        Self { seconds, processor: processor() - before, memory: memory.values().sum(), calls }
    }

    /// How many of the calls can have waited for one another at most: the longest series of which each began after the
    /// one before had its answer.
    pub fn in_a_row(&self) -> usize {
        let mut spans: Vec<_> = self.calls.iter().map(|call| (call.ended, call.begun)).collect();
        spans.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let mut last = f64::NEG_INFINITY;
        let mut count = 0;
        for (ended, begun) in spans {
            if begun >= last {
                (last, count) = (ended, count + 1);
            }
        }
        count
    }

    /// How many different calls it made: what waits asks the same more or less often.
    pub fn different(&self) -> usize {
        self.calls.iter().map(|call| (&call.name, &call.resource)).collect::<BTreeSet<_>>().len()
    }

    /// How many calls of each kind it made, most first.
    pub fn counted(&self) -> String {
        let mut counts = BTreeMap::<_, usize>::new();
        self.calls.iter().for_each(|call| *counts.entry(call.name.as_str()).or_default() += 1);
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
    }

    /// What it took, and what it asked.
    pub fn cells(&self) -> [String; 2] {
        let writes = self.calls.iter().filter(|call| call.writes).count();
        [
            format!("{:.1} s, {:.1} s of CPU, {} MB", self.seconds, self.processor, self.memory / 1000),
            format!("{}, {} of them writing, {}", self.calls.len(), writes, self.in_a_row()),
        ]
    }
}

impl From<&Value> for Call {
    fn from(line: &Value) -> Self {
        let text = |name: &str| line[name].as_str().unwrap();
        let begun = line["t"].as_f64().unwrap();
        Self {
            name: format!("{}:{}", text("service"), text("op")),
            resource: line["resource"].as_str().unwrap_or_default().to_owned(),
            begun,
            ended: begun + line["ms"].as_f64().unwrap() / 1000.0,
            writes: line["mutating"] == true,
        }
    }
}

/// The processor's time of all children that have ended, in seconds: two numbers of `/proc/self/stat`, in hundredths.
fn processor() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit(')').next().unwrap().split_whitespace();
    fields.skip(13).take(2).map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}

/// The processes of a group with the most memory that each has had so far, in kB.
fn most(group: u32) -> Vec<(u32, u64)> {
    let of = |entry: fs::DirEntry| {
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let its_group = stat.rsplit(')').next()?.split_whitespace().nth(2)?;
        (its_group == group.to_string()).then_some(())?;
        let process = entry.file_name().to_str()?.parse().ok()?;
        Some((process, memory(process)?))
    };
    fs::read_dir("/proc").unwrap().filter_map(|entry| of(entry.ok()?)).collect()
}
