//! cvault puts a cyber vault on AWS with one command and takes it away with another.
//!
//! Data flows one way, and this is the map:
//!
//! | step | module | what happens |
//! |---|---|---|
//! | configuration | [`cli`], [`configuration`] | flags, variables and `cvault.toml` become [`configuration::Settings`] |
//! | stack | [`stack`], [`names`], [`definitions`], [`package`], [`macie`] | the resources of the vault, and what each needs |
//! | observation | [`resource`], [`resources`], [`aws`] | every resource reads itself, all at once |
//! | plan | [`plan`], [`policy`] | what is, what should be, what is to be done: one value |
//! | walk | [`engine`], [`interrupt`] | the graph, forwards or backwards, everything independent at the same time |
//! | events | [`events`], [`explain`] | what happens, as values |
//! | report | [`report`] | the only module that prints |
//!
//! [`run`] and [`commands`] put them together; [`emulator`] is the AWS on this machine for `cvault demo` and
//! the tests. The classifier is the other package of the workspace, `lambda/`.
//!
//! Start with [`stack`]. A new resource is one file in [`resources`] and one line there.

pub mod aws;
pub mod cli;
pub mod commands;
pub mod configuration;
pub mod definitions;
pub mod emulator;
pub mod engine;
pub mod events;
pub mod explain;
pub mod interrupt;
pub mod macie;
pub mod names;
pub mod package;
pub mod permissions;
pub mod plan;
pub mod policy;
pub mod report;
pub mod resource;
pub mod resources;
pub mod run;
pub mod stack;
