//! What proves a copy: as many bytes, with the same checksum, as S3 itself measures them.

use super::Place;
use crate::messages::{Failure, FailureKind, Measures, Result};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{ChecksumType, CopyObjectResult};
use std::collections::BTreeMap;

/// The checksums of 2026: they prove what they can, and a copy without them is none the worse.
const NEWER: [&str; 5] = ["SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"];

/// The checksums of the whole object in an answer of S3: several answers have them, and no type in common.
macro_rules! checksums {
    ($answer:expr) => {{
        // The checksum of checksums of a multipart upload says nothing about a copy.
        let whole = $answer.checksum_type() != Some(&ChecksumType::Composite);
        let checksums = [
            ("SHA256", $answer.checksum_sha256()),
            ("SHA1", $answer.checksum_sha1()),
            ("CRC64NVME", $answer.checksum_crc64_nvme()),
            ("CRC32C", $answer.checksum_crc32_c()),
            ("CRC32", $answer.checksum_crc32()),
            ("SHA512", $answer.checksum_sha512()),
            ("MD5", $answer.checksum_md5()),
            ("XXHASH64", $answer.checksum_xxhash64()),
            ("XXHASH3", $answer.checksum_xxhash3()),
            ("XXHASH128", $answer.checksum_xxhash128()),
        ];
        let checksums = checksums.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        checksums.filter(|(_, value)| whole && !value.contains('-')).collect()
    }};
}

impl From<&HeadObjectOutput> for Measures {
    fn from(head: &HeadObjectOutput) -> Self {
        Self { size: size(head.content_length()), checksums: checksums!(head), are_withheld: false }
    }
}

/// Of an answer with all of the object.
impl From<&GetObjectOutput> for Measures {
    fn from(object: &GetObjectOutput) -> Self {
        Self { size: size(object.content_length()), checksums: checksums!(object), are_withheld: false }
    }
}

fn size(length: Option<i64>) -> u64 {
    length.and_then(|length| length.try_into().ok()).unwrap_or_default()
}

/// What the answer to a copy says of it; S3 does not have to say it.
pub(super) fn said_of_copy(copy: &CopyObjectResult) -> BTreeMap<String, String> {
    checksums!(copy)
}

impl Measures {
    /// Fails unless `copy` has the same bytes, as far as S3's own measures say. S3 keeps the algorithm
    /// of the checksum from copy to copy, so the two can be compared; only an upload in parts may have
    /// none of the whole object, and of the newer algorithms it is not documented that they are kept. Entity
    /// tags of encrypted objects are no digests and say nothing.
    ///
    /// # Errors
    /// [`FailureKind::CopyMismatch`]; [`FailureKind::Denied`] where S3 does not say the checksums.
    pub fn prove(&self, copy: &Self, what: &Place<'_>) -> Result<()> {
        if self.are_withheld || copy.are_withheld {
            let why = "S3 does not let its checksum be read, which needs kms:Decrypt";
            return Err(Failure::new(FailureKind::Denied, format!("look at {what}: {why}")));
        }
        if self.size != copy.size {
            return Err(mismatch(what, &format!("{} bytes instead of {}", copy.size, self.size)));
        }
        let has_none = |of: &Self| of.checksums.keys().all(|name| NEWER.contains(&name.as_str()));
        let compared = self.compare(&copy.checksums, what)? || has_none(self) || has_none(copy);
        if compared { Ok(()) } else { Err(mismatch(what, "their checksums are of different kinds")) }
    }

    /// Whether a copy's checksums say anything that can be compared.
    ///
    /// # Errors
    /// [`FailureKind::CopyMismatch`] where it differs.
    pub fn compare(&self, copied: &BTreeMap<String, String>, what: &Place<'_>) -> Result<bool> {
        let both = self.checksums.iter().filter_map(|(name, value)| Some((name, value, copied.get(name)?)));
        let mut compared = false;
        for (name, value, copied) in both {
            if value != copied {
                return Err(mismatch(what, name));
            }
            compared = true;
        }
        Ok(compared)
    }
}

fn mismatch(what: &Place<'_>, measure: &str) -> Failure {
    Failure::new(FailureKind::CopyMismatch, format!("{what} differs from its source: {measure}"))
}

#[cfg(test)]
mod tests {
    use super::super::Head;
    use super::*;
    use aws_sdk_s3::operation::head_object::HeadObjectOutput;

    fn head(size: i64, sha256: Option<&str>, crc32: Option<&str>) -> Head {
        let head = HeadObjectOutput::builder().content_length(size);
        head.set_checksum_sha256(sha256.map(Into::into)).set_checksum_crc32(crc32.map(Into::into)).build().into()
    }

    #[test]
    fn a_copy_is_proven_by_size_and_by_what_checksums_both_have() {
        let place = Place { bucket: "b", key: "k", version_id: None };
        let proves = |source: Head, copy: Head| source.prove(&copy, &place).is_ok();
        assert!(proves(head(1, None, Some("a")), head(1, None, Some("a"))));
        assert!(!proves(head(1, None, Some("a")), head(1, None, Some("b"))));
        assert!(!proves(head(1, None, None), head(2, None, None)));
        assert!(!proves(head(1, Some("a"), None), head(1, None, Some("b"))), "of different kinds");
        assert!(proves(head(1, None, None), head(1, None, Some("b"))), "an upload in parts");
        assert!(proves(head(1, None, Some("a-2")), head(1, None, Some("b"))), "composite: not comparable");
    }

    /// Not even where there is no other checksum to compare it with.
    #[test]
    fn what_is_withheld_proves_nothing() {
        let place = Place { bucket: "b", key: "k", version_id: None };
        let (known, mut withheld) = (head(1, None, None), head(1, None, None));
        withheld.measures.are_withheld = true;
        for (source, copy) in [(&known, &withheld), (&withheld, &known)] {
            assert_eq!(source.prove(copy, &place).unwrap_err().kind, FailureKind::Denied);
        }
    }

    #[test]
    fn the_newer_checksums_prove_what_both_have() {
        type Builder = aws_sdk_s3::operation::head_object::builders::HeadObjectOutputBuilder;
        let place = Place { bucket: "b", key: "k", version_id: None };
        let build = HeadObjectOutput::builder;
        let of: [fn(&str) -> Builder; 5] = [
            |value| HeadObjectOutput::builder().checksum_sha512(value),
            |value| HeadObjectOutput::builder().checksum_md5(value),
            |value| HeadObjectOutput::builder().checksum_xxhash64(value),
            |value| HeadObjectOutput::builder().checksum_xxhash3(value),
            |value| HeadObjectOutput::builder().checksum_xxhash128(value),
        ];
        for with in of {
            let source = Head::from(with("a").build());
            assert!(source.prove(&with("a").build().into(), &place).is_ok());
            let kind = source.prove(&with("b").build().into(), &place).unwrap_err().kind;
            assert_eq!(kind, FailureKind::CopyMismatch);
            // S3 has made another one instead.
            assert!(source.prove(&build().checksum_crc64_nvme("c").build().into(), &place).is_ok());
            assert!(Head::from(with("a").checksum_crc32("x").build()).prove(&with("a").build().into(), &place).is_ok());
        }
    }
}
