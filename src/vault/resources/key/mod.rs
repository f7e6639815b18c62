//! The key that encrypts everything.

pub mod existing_key;
pub mod kms_key;
pub mod removal;
mod search;
pub mod usage;
