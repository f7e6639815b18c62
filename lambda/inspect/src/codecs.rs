//! What is compressed: streams of DEFLATE and gzip, and blocks of any codec, within bounds.

pub(crate) mod block;
pub(crate) mod gzip;
pub(crate) mod inflate;
