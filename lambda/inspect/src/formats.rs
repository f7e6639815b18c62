//! The readers, a file or a folder for each format. Their rows are in [`mod@crate::judge`].

pub(crate) mod avro;
pub(crate) mod delimited;
pub(crate) mod gzip;
mod hidden;
pub(crate) mod json;
mod office;
pub(crate) mod package;
pub(crate) mod parquet;
pub(crate) mod pdf;
pub(crate) mod plain;
pub(crate) mod tar;
pub(crate) mod xml;
mod zip;
