//! The documents of `definitions/`, tested without AWS.
//!
//! | module | what it has |
//! |---|---|
//! | [`asl`] | a strict interpreter of the Amazon States Language, as far as it is in use |
//! | [`machine`] | the state machine: its form, and every way through it |
//! | [`simulator`] | which requests IAM allows under given policies |
//! | [`access`] | every policy: what is called is allowed, the rest is denied |
//! | [`rules`] | which events start the state machine |
//!
//! Emulators are lenient where AWS is not: a path that is not there, a right that is missing. Here
//! both fail. Where AWS's documentation and AWS differ, the stricter of the two is taken.

mod access;
mod asl;
mod filled;
mod machine;
mod rules;
mod simulator;
mod simulator_tests;
mod stack;
