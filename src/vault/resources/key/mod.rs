//! The key that encrypts everything.

pub mod kms_key;
