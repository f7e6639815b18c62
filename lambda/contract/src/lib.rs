//! What the deployer and the function say to each other.
//!
//! The deployer reads the [`Rules`] from `cvault.toml`, checks them and writes them into the state
//! machine's definition; the function gets them with each call. So both compile this crate, and an
//! execution shows by what rules it judged. It uses no other crate of cvault.
//!
//! | module | what it has |
//! |---|---|
//! | [`rules`] | what is accepted, up to which size, and what counts as sensitive |
//! | [`prefix`] | the same for the keys that begin with a prefix |
//! | [`custom`] | custom identifiers: what is looked for beside the managed ones |
//! | [`format`](mod@format) | the formats that can be judged |
//! | [`severity`] | how bad a finding is |
//! | [`macie`] | how Amazon Macie is to analyse |
//! | [`encoding`] | the encodings that texts may have beside UTF-8 |
//! | [`ignored`] | what in ingress is no file |
//! | [`ingress`] | when what lands is complete, and what becomes of what is there already |
//! | [`event`] | what the rules pass on of an event of S3 |
//! | [`metrics`] | the metrics that the function writes and the alarms watch |
//! | [`status`] | where an object stands |
//! | [`text`] | text from elsewhere, where people read it |
//! | [`canary`] | the files by which a vault is proven to work |

mod backtracking;
pub mod canary;
pub mod custom;
pub mod encoding;
pub mod event;
pub mod format;
pub mod ignored;
pub mod ingress;
pub mod macie;
pub mod metrics;
pub mod prefix;
pub mod rules;
pub mod severity;
pub mod status;
pub mod text;

pub use custom::{CustomError, CustomIdentifier, FARTHEST, LONGEST_KEYWORD};
pub use encoding::Encoding;
pub use event::EventObject;
pub use format::Format;
pub use ingress::{IngressRules, Unchanged};
pub use macie::MacieRules;
pub use prefix::{PrefixNotices, PrefixRules, PrefixSeverity};
pub use rules::{RuleError, Rules};
pub use severity::{Severity, SeverityLevel};
pub use status::Status;
