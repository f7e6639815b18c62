//! Small objects of other people's buckets: which there are, and all of one.

use super::{Objects, Place, broken_off, there};
use crate::messages::{Failure, FailureKind, Result};

impl Objects {
    /// The current keys that begin with `prefix`.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn keys(&self, bucket: &str, prefix: &str) -> Result<Vec<String>> {
        let (mut keys, mut token) = (vec![], None);
        loop {
            let list = self.s3.list_objects_v2().bucket(bucket).prefix(prefix).set_continuation_token(token);
            let Some(page) = there(list.send().await, || format!("list {bucket}"))? else { return Ok(keys) };
            keys.extend(page.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
            token = page.next_continuation_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(keys);
            }
        }
    }

    /// All bytes of a version; `None` when it is gone.
    ///
    /// # Errors
    /// As [`Self::get`], or the answer breaks off, or there are more than `most`.
    pub async fn read(&self, place: Place<'_>, most: usize) -> Result<Option<Vec<u8>>> {
        let Some(object) = self.get(place).await? else { return Ok(None) };
        let (mut body, mut bytes) = (object.body, Vec::new());
        while let Some(chunk) = body.next().await {
            bytes.extend_from_slice(&chunk.map_err(|error| broken_off(place, &error))?);
            if bytes.len() > most {
                let message = format!("read {place}: more than {most} bytes");
                return Err(Failure::new(FailureKind::Refused, message));
            }
        }
        Ok(Some(bytes))
    }
}
