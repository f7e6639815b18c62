//! Copies that are the first at their key, in one call: neither is looked before, since S3 makes them only where nothing
//! lies, nor after. What the answer says of the bytes is compared; whoever reads the copy, or deletes what it was made
//! of, proves the rest. Where S3 does not do it so, nothing is made, and the long way is left.

use super::super::proof::said_of_copy;
use super::super::{Head, Objects, Place, Tag, UNVERSIONED, code_of, there};
use super::{Condition, Copied, Over, send};
use crate::messages::{Measures, Result};
use aws_sdk_s3::types::MetadataDirective;

/// Where a copy has its metadata and headers from.
#[derive(Clone, Copy, Debug)]
pub enum Like<'a> {
    /// From the source as it was looked at, and these marks in addition.
    Seen(&'a Head, &'a [(&'a str, &'a str)]),
    /// From the source with this entity tag, as S3 takes them over.
    Same(&'a str),
}

impl Objects {
    /// Copies a version to where nothing lies, with these tags, if one call can do it and S3 knows the condition; gives
    /// the copy's version.
    ///
    /// # Errors
    /// S3 does not answer or refuses, or says of the copy that it is not what was copied.
    pub async fn copy_first(
        &self,
        (from, measures): (Place<'_>, &Measures),
        like: Like<'_>,
        to: Place<'_>,
        tags: &[Tag],
    ) -> Result<Copied<String>> {
        if measures.size > self.copying.whole {
            return Ok(Copied::Overtaken);
        }
        let (copy, expires) = match like {
            Like::Seen(head, marks) => {
                (self.copy_said_again(from, head, to, marks, Some(tags)), head.output.expires_string())
            }
            Like::Same(etag) => {
                (self.copy_call(from, etag, to, Some(tags)).metadata_directive(MetadataDirective::Copy), None)
            }
        };
        let copied = send(&copy, expires, Over::Nothing).await;
        match Condition::of(Over::Nothing, code_of(&copied)) {
            Condition::Met => {}
            Condition::NotMet | Condition::Unknown => return Ok(Copied::Overtaken),
        }
        let Some(copied) = there(copied, || format!("copy {from} to {to}"))? else { return Ok(Copied::SourceGone) };
        if let Some(result) = &copied.copy_object_result {
            measures.compare(&said_of_copy(result), &to)?;
        }
        Ok(Copied::Made(copied.version_id.unwrap_or_else(|| UNVERSIONED.into())))
    }
}
