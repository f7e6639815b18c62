//! The answer of an inspection.
//!
//! Nothing here ever holds a value from the file: reasons say what is wrong and
//! where, findings say what was found, how often and where.

use std::fmt;

mod extent;
mod fault;

use contract::{Format, Severity};
use serde::{Serialize, Serializer};

pub use extent::Extent;
pub(crate) use fault::{Fault, Stop};

/// What is known of a file after one pass over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// The format the file was judged by; `None` when it is none of the known ones.
    pub format: Option<Format>,
    /// Why the file is not valid; `None` when it is.
    pub broken: Option<Reason>,
    /// The sensitive data of a valid file, one entry for each identifier.
    pub findings: Vec<Finding>,
    /// What was met inside.
    pub extent: Extent,
    /// The length of the file.
    pub bytes: u64,
    /// The SHA-256 digest of the file; hexadecimal when serialised.
    #[serde(serialize_with = "hexadecimal")]
    pub sha256: [u8; 32],
}

impl Inspection {
    /// The severity of the worst finding.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// Whether the file must not pass: it is broken, or has a finding of this severity or worse.
    #[must_use]
    pub fn blocked(&self, at: Severity) -> bool {
        self.broken.is_some() || self.severity().is_some_and(|severity| severity >= at)
    }
}

/// Why a file is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The cause in one word.
    pub kind: Kind,
    /// What is wrong and where, for people.
    pub text: String,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The causes for which a file is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// No bytes, or only white space.
    Empty,
    /// Neither UTF-8 nor UTF-16 with a byte order mark.
    Encoding,
    /// A NUL character in a text.
    Nul,
    /// The content is of another format than the name claims.
    Mismatch,
    /// A format that is not accepted.
    Unsupported,
    /// Rows of different numbers of fields.
    Ragged,
    /// The end is missing.
    Truncated,
    /// The rules of the format are broken.
    Syntax,
    /// A checksum or a length differs from what it is of.
    Checksum,
    /// There are bytes after the end.
    Trailing,
    /// The file is encrypted.
    Encrypted,
    /// The file would expand out of proportion.
    Bomb,
    /// The file demands more than [`crate::Limits`] grant.
    Limit,
}

/// Sensitive data of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The name of Amazon Macie's managed data identifier, or of the custom one.
    pub identifier: String,
    /// How bad it is, by identifier and count.
    pub severity: Severity,
    /// How many occurrences there are.
    pub count: u64,
    /// Where the first few are: `row 3, column 2 (credit_card)`, `line 12, character 18`.
    pub locations: Vec<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = if self.count == 1 { "time" } else { "times" };
        write!(f, "{} found {} {times}: {}", self.identifier, self.count, self.locations.join("; "))?;
        if self.count > self.locations.len() as u64 { f.write_str("; …") } else { Ok(()) }
    }
}

/// Serialises a digest the way `sha256sum` prints it.
fn hexadecimal<S: Serializer>(digest: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    struct Hex<'a>(&'a [u8; 32]);
    impl fmt::Display for Hex<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
    }
    serializer.collect_str(&Hex(digest))
}
