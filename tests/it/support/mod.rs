//! What the tests stand on: one emulator for all, a counting proxy and a stack for each.

mod configuration;
mod ear;
pub mod emulator;
mod loopback;
mod macie;
mod other;
mod pipeline;
pub mod program;
mod proxy;
#[cfg(target_os = "linux")]
pub mod runtime;
pub mod schema;
mod stack;
mod terminal;
mod trials;

pub use configuration::Configuration;
pub use ear::Ear;
pub use macie::Macie;
pub use other::Other;
pub use pipeline::{Execution, Message, Pipeline};
pub use program::Ended;
pub use proxy::{Proxy, unique};
pub use stack::Stack;
pub use terminal::{on_a_small_terminal, on_a_terminal, without_a_terminal};
pub use trials::{Chance, Trial, step, trials};

/// The region of all tests.
pub const REGION: &str = "eu-west-1";

/// An event of the proxy's log, a value in a document: what is not there is `null`.
pub fn names(values: &serde_json::Value) -> Vec<&str> {
    values.as_array().into_iter().flatten().filter_map(|value| value["name"].as_str()).collect()
}
