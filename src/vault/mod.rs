//! The vault: what is deployed. Start with [`stack`]: every resource, and what it needs.
//!
//! [`settings`] are what can be wanted of it, as plain values: neither the command line nor the file is known
//! here.

pub mod alarms;
pub mod definitions;
pub mod demand;
pub mod deployers;
pub mod existing;
pub mod existing_buckets;
pub mod expiry;
pub mod macie;
pub mod names;
pub mod outputs;
pub mod package;
pub mod policies;
pub mod replication;
pub mod requests;
pub mod resources;
pub mod retired;
pub mod settings;
pub mod stack;
pub mod steps;
mod sweeps;
pub mod tags;
pub mod waiting;
