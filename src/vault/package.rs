//! The classifier's package as the build has made it (see `build.rs`).

/// A zip for Lambda.
#[derive(Clone, Copy, Debug)]
pub struct Package {
    /// The zip's bytes.
    pub zip: &'static [u8],
    /// Its SHA-256 in base64, as Lambda's `CodeSha256`: equal hashes mean that nothing is uploaded.
    pub sha256: &'static str,
    /// `x86_64` or `arm64`.
    pub architecture: &'static str,
}

/// The package that this cvault carries.
pub const CLASSIFIER: Package = Package {
    zip: include_bytes!(concat!(env!("OUT_DIR"), "/classifier.zip")),
    sha256: env!("CLASSIFIER_SHA256"),
    architecture: env!("CLASSIFIER_ARCHITECTURE"),
};
