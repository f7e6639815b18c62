//! The pass in MB/s, format by format: `cargo bench -p inspect --profile classifier --bench pass -- --bytes-format decimal`.
//!
//! The profile is that of the function in Lambda. The rate is that of the content: of
//! what is inside where the format compresses. The inputs are made here, and the same
//! each time.

mod inputs;

use divan::Bencher;
use divan::counter::BytesCount;
use inputs::Input;
use inspect::{Detectors, Limits, Ranges, inspect_object};

/// The formats, as the files' names have them.
const FORMATS: &[&str] =
    &["txt", "csv", "json", "ndjson", "xml", "csv.gz", "zip", "tar", "parquet", "avro", "pdf", "xlsx", "docx"];

fn main() {
    divan::main();
}

/// A file in memory, of which any part can be had as of an object in S3.
struct Object<'a>(&'a [u8]);

impl Ranges for Object<'_> {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> std::io::Result<Vec<u8>> {
        let start = usize::try_from(offset).map_err(std::io::Error::other)?;
        Ok(self.0[start..start + length].to_vec())
    }
}

#[divan::bench(args = FORMATS, sample_count = 5, sample_size = 1)]
fn pass(bencher: Bencher, format: &str) {
    let Input { name, bytes, content } = inputs::make(format);
    let (detectors, limits) = (Detectors::default(), Limits::default());
    bencher.counter(BytesCount::new(content)).bench_local(|| {
        let answer = inspect_object(&detectors, &name, &bytes[..], &Object(&bytes), &limits).unwrap();
        assert!(answer.broken.is_none() && answer.findings.is_empty(), "{answer:?}");
    });
}
