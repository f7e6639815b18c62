//! One file per kind of AWS resource, each the same five verbs: desired, observe, apply, delete, permissions. A kind
//! that takes several files is a folder.

pub mod bucket;
pub mod cloudwatch_alarm;
pub mod cloudwatch_dashboard;
pub mod event_rule;
pub mod iam_role;
pub mod key;
pub mod lambda_event_source_mapping;
pub mod lambda_function;
pub mod lambda_options;
mod lambda_signing;
pub mod lambda_state;
pub mod lambda_stop;
pub mod log_existing;
pub mod log_group;
pub mod macie;
pub mod sns_existing;
pub mod sns_subscription;
pub mod sns_topic;
pub mod sqs_queue;
pub mod state_machine;
