//! cvault puts a cyber vault on AWS with one command and takes it away with another.
//!
//! Who uses whom goes one way, from the top of this table down, and this is the map:
//!
//! | folder | what is in it |
//! |---|---|
//! | [`run`], [`cli`], [`configuration`] | what the user says: flags, variables and `cvault.toml` become [`configuration::Settings`] |
//! | [`commands`], [`report`] | one file a command; only [`report`] prints |
//! | [`vault`] | what is deployed: the resources of the vault, and what each needs |
//! | [`deploy`] | a graph of resources: the plan, the walk forwards or backwards, and what happens as values |
//! | [`aws`] | the way to AWS: clients, refusals, waiting |
//! | [`outcome`] | failures and exit codes, and the switch that ends a run early |
//!
//! [`emulator`] is the AWS on this machine for `cvault demo` and the tests. The classifier is the other
//! package of the workspace, `lambda/`.
//!
//! Start with [`vault::stack`]. A new resource is one file in [`vault::resources`] and one line there.

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
