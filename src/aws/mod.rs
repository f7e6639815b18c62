//! The way to AWS: clients, and who we are there.
//!
//! Region, credentials, endpoints and retries come from the SDK's own chain. What the SDK does not
//! retry although it passes by itself (a role that cannot be assumed yet, say) goes through
//! [`Aws::eventually`]; which refusals those are, says [`refusal`].

mod advice;
mod caller;
mod causes;
mod clients;
mod config;
mod explained;
mod gate;
mod json;
mod mfa;
mod proxy;
mod reach;
pub mod refusal;
pub mod region;
mod reworded;
pub mod truths;
pub mod waiting;

pub use caller::{Caller, caller};
pub use clients::Aws;
pub use config::{local_config, sdk_config};
pub use explained::explained;
pub use refusal::{Answer, Kind, Refusal};
pub use waiting::{PROPAGATION, REMOVAL};
