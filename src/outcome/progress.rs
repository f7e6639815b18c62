//! What is being waited for, told to whoever listens.

use std::fmt::Debug;

/// Somebody who wants to know what takes time.
pub trait Progress: Debug + Send + Sync {
    /// The work on `resource` waits, as in "waiting for …".
    fn waits(&self, resource: &str, on: &str);

    /// To read `resource` takes long.
    fn reads(&self, resource: &str);

    /// `resource` is read by now, or is not any more.
    fn has_read(&self, resource: &str);
}
