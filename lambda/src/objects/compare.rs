//! Whether two versions have the same bytes, where S3's checksums do not say it: both are read, a piece at a time.

use super::{Objects, Place};
use crate::messages::Result;

/// How many bytes are compared at once.
const PIECE: u64 = 4 << 20;

impl Objects {
    /// Whether a version begins with the `size` bytes of another one, which has no more; `None` where one of them is gone.
    ///
    /// # Errors
    /// S3 does not answer or refuses.
    pub async fn begins_with(&self, this: Place<'_>, other: Place<'_>, size: u64) -> Result<Option<bool>> {
        let mut offset = 0;
        while offset < size {
            let length = usize::try_from(PIECE.min(size - offset)).unwrap_or_default();
            let pieces = (self.get_range(this, offset, length), self.get_range(other, offset, length));
            let (one, other) = futures::try_join!(pieces.0, pieces.1)?;
            match (one, other) {
                (Some(one), Some(other)) if one == other => {}
                (Some(_), Some(_)) => return Ok(Some(false)),
                _ => return Ok(None),
            }
            offset += PIECE;
        }
        Ok(Some(true))
    }
}
