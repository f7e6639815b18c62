//! Sends the files into the vault's ingress bucket.

use super::files::{Content, File};
use crate::aws;
use crate::commands::session::Session;
use crate::deploy::event::Event;
use crate::vault::names::Zone;
use anyhow::{Context, Result};
use aws_sdk_s3::primitives::ByteStream;
use futures::TryStreamExt;
use futures::stream::{self, StreamExt};
use std::time::SystemTime;

/// How many files are uploaded at once.
const UPLOADS: usize = 8;

/// A file under way.
pub(super) struct Upload {
    pub key: String,
    pub version_id: String,
    pub at: SystemTime,
}

/// Sends all files to ingress, some at once.
pub(super) async fn all(session: &Session, files: &[File]) -> Result<Vec<Upload>> {
    let bucket = session.names.bucket(Zone::Ingress);
    let uploads = stream::iter(files).map(|file| {
        let bucket = bucket.clone();
        async move {
            let body = match &file.content {
                Content::Sample(bytes) => ByteStream::from_static(bytes),
                Content::Path(path) => {
                    ByteStream::from_path(path).await.with_context(|| format!("read {}", path.display()))?
                }
            };
            let at = SystemTime::now();
            let put = session.aws.s3.put_object().bucket(bucket).key(&file.key).body(body).send().await;
            let put = aws::Answer::or_refused(put, format!("upload {:?}", file.key))?;
            session.events.send(Event::Progress { name: file.key.clone(), text: "sent to ingress".into() });
            Ok(Upload { key: file.key.clone(), version_id: put.version_id.unwrap_or_default(), at })
        }
    });
    uploads.buffered(UPLOADS).try_collect().await
}
