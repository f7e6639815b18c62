//! The laws of the contract, and the pipeline, against the embedded emulator: the real program, the
//! real function, nothing mocked. Tests run concurrently, each with a stack of its own.

#![expect(clippy::disallowed_macros, reason = "tests print what they have counted")]

// It kills the process at the other end of a connection, which it finds in /proc.
#[cfg(target_os = "linux")]
mod accounted;
mod alarms;
mod asking;
mod beside;
mod chaos;
mod cli;
mod clients;
mod credentials;
mod doctor;
mod drift;
mod duplicates;
mod emptying;
mod enabling;
mod enforced;
mod existing;
mod existing_buckets;
mod express;
// It finds the process at the other end of a connection in /proc.
#[cfg(target_os = "linux")]
mod faults;
mod gc;
mod held;
mod hostile;
mod identifiers;
mod ignored;
mod interruption;
mod judge;
mod lifecycle;
mod lost;
mod macie;
// It reads what /proc says of a process.
#[cfg(target_os = "linux")]
mod many;
mod matrix;
mod narrow;
mod notices;
mod older;
mod organisation;
mod ownership;
mod pipeline;
mod policy;
mod races;
mod reach;
mod replication;
mod report;
mod rights;
mod rules;
mod second;
mod secrets;
mod senders;
mod settings;
#[path = "../definitions/simulator.rs"]
#[expect(dead_code, reason = "the definitions' tests use all of it")]
mod simulator;
// It reads what /proc says of processes.
#[cfg(target_os = "linux")]
mod speed;
mod subscribers;
mod support;
mod sweep;
mod third;
// It leads host names elsewhere before a program starts.
#[cfg(target_os = "linux")]
mod tls;
mod together;
mod tutorial;
mod upgrade;
mod verify;
