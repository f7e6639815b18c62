//! The classifier of cvault: the function that the state machine calls once for each step.
//!
//! | module | what it has |
//! |---|---|
//! | [`messages`] | what the state machine sends and gets back |
//! | [`queue`] | what Lambda takes out of a queue |
//! | [`batch`] | files that wait for Macie, many at once |
//! | [`steps`] | the steps: copy, inspect, ask Macie, store, delete, clear |
//! | [`objects`] | S3, by version |
//! | [`macie`] | Macie: jobs, findings, exported records, and what it can analyse |
//! | [`copies`] | which copy belongs to which version |
//! | [`notice`] | the e-mail about a held file, or one that could not be handled |
//! | [`digest`] | the e-mail about many |
//! | [`notices`] | which of the two is sent |
//! | [`audit`] | the line about a verdict |
//! | [`reasons`] | how much a verdict says |
//! | `refusal` | what AWS's refusals mean |
//! | [`sweep`] | which versions wait |
//! | [`take`] | what was in another bucket before, taken into ingress |
//!
//! Fail closed, lose nothing: a step that is in doubt fails, and what it should have deleted stays.

pub mod audit;
pub mod batch;
pub mod copies;
pub mod digest;
pub mod macie;
pub mod messages;
pub mod notice;
pub mod notices;
pub mod objects;
pub mod queue;
pub mod reasons;
mod refusal;
pub mod steps;
pub mod sweep;
pub mod take;

#[cfg(test)]
mod stand_in;
