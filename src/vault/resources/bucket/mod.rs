//! A bucket of the vault: the resource, how it is made, its settings one by one, and how it is emptied; and one
//! that somebody else has made.

pub mod s3_bucket;
pub mod s3_contents;
pub mod s3_creation;
pub mod s3_existing;
pub mod s3_lifecycle;
pub mod s3_permissions;
pub mod s3_replication;
pub mod s3_settings;
