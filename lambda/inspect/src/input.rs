//! How a file is read: as a stream with its place, whole in memory, as text, or out of a container.

pub(crate) mod checker;
pub(crate) mod held;
pub(crate) mod macos;
pub(crate) mod meter;
pub(crate) mod nested;
pub(crate) mod tape;
pub(crate) mod text;
