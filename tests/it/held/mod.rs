//! What is held, and what is decided of it: `held`, `show`, `release`, `discard`, by the real program on a real vault.

mod approvals;
mod deciding;
mod hindered;
mod listing;
mod rights;

use crate::support::{Ended, Pipeline};
use cvault::vault::names::Zone;
use serde_json::Value;

const RAGGED: &[u8] = b"seq,city\n1,Kingsford,extra\n";
const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";

/// The rows of a type.
fn rows<'a>(lines: &'a [Value], of: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == of).collect()
}

/// A vault that holds these.
async fn holding(files: &[(&str, &[u8])]) -> Pipeline {
    let vault = Pipeline::start().await;
    for (key, body) in files {
        vault.put(key, body).await;
    }
    for (key, _) in files {
        vault.judged(key).await;
    }
    vault
}

/// A command with JSON for its answer.
#[track_caller]
fn json(vault: &Pipeline, arguments: &[&str], code: i32) -> Vec<Value> {
    run(vault, &[arguments, &["--output", "json"]].concat(), code).lines()
}

#[track_caller]
fn run(vault: &Pipeline, arguments: &[&str], code: i32) -> Ended {
    vault.stack.run(arguments).expect(code)
}

/// The keys in a zone.
async fn keys(vault: &Pipeline, zone: Zone) -> Vec<String> {
    vault.objects(zone).await.into_keys().collect()
}
