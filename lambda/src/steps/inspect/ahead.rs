//! The chunks of an object, in order: those of one answer or, where it is large, those of parts of which some are
//! fetched while the parser is busy with the one before.
//!
//! One connection to S3 gives 85 to 90 MB/s
//! ([AWS](https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-guidelines.html)), and most formats are
//! parsed faster. The SDK compares a checksum of the whole with the body of one answer; what comes in parts is compared here.

use crate::messages::{Failure, FailureKind, Result};
use crate::objects::{Objects, Place, broken_off};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_checksums::ChecksumAlgorithm;
use aws_smithy_checksums::http::HttpChecksum;
use aws_smithy_types::base64;
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};

/// How large objects are read: with what the parser has not taken yet, it is 40 MiB of memory.
pub(super) const READING: Reading = Reading { large: 64 << 20, part: 8 << 20, at_once: 3 };

/// How much of a part the parser is given at a time, in bytes: what waits for it is counted in chunks.
const CHUNK: usize = 64 << 10;

/// How objects are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// From how many bytes on an object comes in parts.
    pub(super) large: u64,
    /// How long a part is, in bytes.
    pub(super) part: u32,
    /// How many are fetched at a time.
    pub(super) at_once: usize,
}

impl Reading {
    /// All chunks of an object of this size, of which this is S3's answer: a failure is the last one.
    pub(super) fn chunks<'a>(
        self,
        objects: &'a Objects,
        place: Place<'a>,
        size: u64,
        object: GetObjectOutput,
    ) -> impl Stream<Item = Result<Bytes>> + 'a {
        if size < self.large {
            return body(place, object.body, u64::MAX).left_stream();
        }
        let part = u64::from(self.part);
        let sum = Sum::of(&object);
        // What has begun is the first part, and its connection is given up behind it.
        let first = body(place, object.body, part);
        let rest = stream::iter((part..size).step_by(self.part as usize)).map(move |offset| async move {
            let length = usize::try_from(part.min(size - offset)).unwrap_or(usize::MAX);
            let bytes = objects.get_range(place, offset, length).await?;
            bytes.map(pieces).ok_or_else(|| Failure::new(FailureKind::Busy, format!("read {place}: it is gone")))
        });
        checked(place, first.chain(rest.buffered(self.at_once).try_flatten()), sum).right_stream()
    }
}

/// The beginning of one answer's body: so many bytes, or all.
fn body(place: Place<'_>, body: ByteStream, length: u64) -> impl Stream<Item = Result<Bytes>> {
    stream::try_unfold((body, length), move |(mut body, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let Some(mut chunk) = body.next().await.transpose().map_err(|error| broken_off(place, &error))? else {
            return Ok(None);
        };
        chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        let left = left - chunk.len() as u64;
        Ok(Some((chunk, (body, left))))
    })
}

/// The chunks of a part.
fn pieces(part: Vec<u8>) -> impl Stream<Item = Result<Bytes>> {
    let part = Bytes::from(part);
    let starts = (0..part.len()).step_by(CHUNK);
    stream::iter(starts.map(move |start| Ok(part.slice(start..part.len().min(start + CHUNK)))))
}

/// The same chunks, and a failure behind them where their checksum is another one than S3's.
fn checked<'a>(
    place: Place<'a>,
    chunks: impl Stream<Item = Result<Bytes>> + 'a,
    sum: Option<Sum>,
) -> impl Stream<Item = Result<Bytes>> + 'a {
    stream::unfold((Box::pin(chunks), sum), move |(mut chunks, mut sum)| async move {
        if let Some(chunk) = chunks.next().await {
            match (&chunk, &mut sum) {
                (Ok(bytes), Some(sum)) => sum.hasher.update(bytes),
                // Nothing is concluded from what came before.
                _ => sum = None,
            }
            return Some((chunk, (chunks, sum)));
        }
        let differs = sum?.differs();
        let failure =
            || Failure::new(FailureKind::Busy, format!("read {place}: its checksum is not that of what came"));
        differs.then(|| (Err(failure()), (chunks, None)))
    })
}

/// The checksum of a whole object, as S3 has it and as it becomes.
struct Sum {
    expected: String,
    hasher: Box<dyn HttpChecksum>,
}

impl Sum {
    /// Of the object that is answered, unless S3 has none, or has it of the object's parts only.
    fn of(object: &GetObjectOutput) -> Option<Self> {
        let known = [
            (ChecksumAlgorithm::Crc64Nvme, object.checksum_crc64_nvme()),
            (ChecksumAlgorithm::Crc32c, object.checksum_crc32_c()),
            (ChecksumAlgorithm::Crc32, object.checksum_crc32()),
            (ChecksumAlgorithm::Sha256, object.checksum_sha256()),
            (ChecksumAlgorithm::Sha1, object.checksum_sha1()),
        ];
        // That of parts has their number behind it.
        let whole = |sum: &&str| !sum.contains('-');
        known.into_iter().find_map(|(algorithm, sum)| {
            Some(Self { expected: sum.filter(whole)?.to_owned(), hasher: algorithm.into_impl() })
        })
    }

    fn differs(self) -> bool {
        base64::encode(self.hasher.finalize()) != self.expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::buckets::{Buckets, Version};
    use std::collections::BTreeMap;

    const SMALL: Reading = Reading { large: 100_000, part: 70_000, at_once: 3 };

    /// 300,007 bytes, no two parts alike.
    fn bytes() -> Vec<u8> {
        (0..300_007_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
    }

    /// All that is read of an object with these headers, whose size is taken for this one, and how often S3 was asked.
    async fn read(body: Vec<u8>, headers: &[(&str, &str)], size: u64) -> (Result<Vec<u8>>, usize) {
        let buckets = Buckets::default();
        let metadata: BTreeMap<_, _> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let version = buckets.put("an/a.csv", Version { body, metadata, ..Version::default() });
        let s3 = buckets.stand_in();
        let place = Place { bucket: "an", key: "a.csv", version_id: Some(&version) };
        let objects = s3.objects();
        let object = objects.get(place).await.unwrap().unwrap();
        let chunks = SMALL.chunks(&objects, place, size, object);
        let read = chunks.try_fold(vec![], |all, chunk| async move { Ok([&all[..], &chunk].concat()) }).await;
        (read, s3.asked().len())
    }

    /// The checksum as S3 sends it.
    fn sum(bytes: &[u8]) -> String {
        let mut hasher = ChecksumAlgorithm::Crc64Nvme.into_impl();
        hasher.update(bytes);
        base64::encode(hasher.finalize())
    }

    #[tokio::test]
    async fn what_is_large_comes_in_parts_and_is_whole() {
        let crc = sum(&bytes());
        let (all, asked) = read(bytes(), &[("x-amz-checksum-crc64nvme", &crc)], 300_007).await;
        assert!(all.unwrap() == bytes());
        // The first part is that of the first answer.
        assert_eq!(asked, 5);
        let small = bytes()[..99_999].to_vec();
        let (all, asked) = read(small.clone(), &[], 99_999).await;
        assert!(all.unwrap() == small);
        assert_eq!(asked, 1);
    }

    /// Parts of a whole number, and a checksum that cannot be compared.
    #[tokio::test]
    async fn each_byte_comes_once_at_every_length() {
        for length in [100_000, 139_999, 140_000, 140_001, 210_000] {
            let body = bytes()[..length].to_vec();
            let (all, _) = read(body.clone(), &[("x-amz-checksum-crc32", "AAAAAA==-3")], length as u64).await;
            assert!(all.unwrap() == body, "{length}");
        }
    }

    #[tokio::test]
    async fn what_is_not_what_s3_has_fails_in_the_end() {
        let crc = sum(b"something else");
        let (read, _) = read(bytes(), &[("x-amz-checksum-crc64nvme", &crc)], 300_007).await;
        let failure = read.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Busy);
        assert!(failure.message.contains("its checksum is not"), "{}", failure.message);
    }

    #[tokio::test]
    async fn what_is_shorter_than_it_was_fails() {
        let (read, _) = read(bytes(), &[], 400_000).await;
        assert_eq!(read.unwrap_err().kind, FailureKind::Busy);
    }
}
