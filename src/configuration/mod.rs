//! What the user wants: flags, `CVAULT_*` variables, `cvault.toml` and defaults in one value,
//! checked before anything else happens.

mod check;
mod command_line;
mod document;
mod existing;
mod file;
mod ingress;
mod judgement;
mod keys;
mod mistake;
mod notify;
mod organisation;
mod replication;
mod tags;
mod variables;

pub use command_line::{assumes_yes, for_command_line, whose_credentials};

#[cfg(test)]
mod tests;
