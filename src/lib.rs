//! cvault puts a cyber vault on AWS with one command and takes it away with another.
//!
//! This is the map; each row uses only what is below it, which `tests/house` checks.
//!
//! | folder | what is in it |
//! |---|---|
//! | [`run`], [`cli`], [`configuration`] | what the user says: flags, variables and `cvault.toml` become [`vault::settings::Settings`] |
//! | [`commands`], [`report`] | a file or folder for each command, and what several of them need; of what a command says only [`report`] prints, and only it and [`cli`] know clap |
//! | [`vault`] | what is deployed: the resources, what each needs, and every document and name |
//! | [`deploy`] | a graph of resources: its plan, its walk forwards or backwards, what happens as values |
//! | [`aws`] | the way to AWS: clients, who we are, what refusals mean, waiting |
//! | [`outcome`] | what commands answer: rows, periods, verdicts, failures and exit codes; the switch that ends a run early; waits |
//!
//! [`emulator`] is the AWS on this machine for `cvault demo` and the tests; it uses [`outcome`] alone. The
//! classifier is the other package of the workspace, `lambda/`, whose way with objects `commands/held` goes, too;
//! `lambda/contract` is what both say to each other.
//!
//! Start with [`vault::stack`]. A new resource is one file in [`vault::resources`], its name in
//! [`vault::names`] and [`vault::steps`], and one line in the stack; one that goes is a line in
//! [`vault::retired`].

pub mod aws;
pub mod cli;
pub mod commands;
pub mod configuration;
pub mod deploy;
pub mod emulator;
pub mod outcome;
pub mod report;
pub mod run;
pub mod vault;
