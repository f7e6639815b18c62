//! One file per kind of AWS resource, each the same four verbs: desired, observe, apply, delete.

pub mod event_rule;
pub mod iam_role;
pub mod kms_key;
pub mod lambda_function;
pub mod log_group;
pub mod macie_identifier;
pub mod macie_jobs;
pub mod macie_session;
pub mod s3_bucket;
pub mod s3_contents;
pub mod s3_settings;
pub mod sns_subscription;
pub mod sns_topic;
pub mod sqs_queue;
pub mod state_machine;
