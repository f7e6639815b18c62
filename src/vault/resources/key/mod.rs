//! The key that encrypts everything.

pub mod kms_key;
pub mod removal;
mod search;
