//! What a sweep lists of a bucket, counted.

use super::super::Session;
use super::super::clock::now;
use super::super::held::{Selection, versions};
use crate::outcome::row::Total;
use anyhow::Result;
use classifier::objects::Listed;
use futures::TryStreamExt;

/// When a version that is meant was stored at the latest, in seconds since 1970.
pub(super) fn youngest(selection: &Selection) -> i64 {
    now() - selection.older_than.map_or(0, |age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX))
}

/// How many versions below a prefix are meant, and their bytes.
pub(super) async fn total(
    session: &Session,
    bucket: String,
    prefix: String,
    is_meant: impl Fn(&Listed) -> bool,
) -> Result<Total> {
    let total = versions(session, bucket, prefix).try_fold(Total::default(), async |mut total, listed| {
        if is_meant(&listed) {
            total.count += 1;
            total.bytes += listed.size;
        }
        Ok(total)
    });
    total.await
}
