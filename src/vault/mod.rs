//! The vault: what is deployed. Start with [`stack`]: every resource, and what it needs.

pub mod definitions;
pub mod macie;
pub mod names;
pub mod package;
pub mod resources;
pub mod retired;
pub mod settings;
pub mod stack;
pub mod steps;
pub mod tags;
