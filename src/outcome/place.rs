//! Where an object's version is.

use serde::Serialize;

/// An object's version in a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The bucket.
    pub bucket: String,
    /// The key in it.
    pub key: String,
    /// The version in it.
    pub version: String,
}
