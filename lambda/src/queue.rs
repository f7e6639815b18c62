//! A batch of messages as Lambda takes them out of a queue, and what it is to leave there.
//!
//! Lambda deletes what this function does not name, so that a message comes twice rather than never.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The service that such a call comes from.
const SOURCE: &str = "aws:sqs";

/// A batch of SQS's.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Batch {
    /// The messages.
    pub records: Vec<Record>,
}

/// A message of the queue.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// SQS's name of it, the same each time it comes.
    pub message_id: String,
    body: String,
    event_source: String,
}

/// What SQS is to keep.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    pub(crate) batch_item_failures: Vec<LeftItem>,
    /// Why: for the log.
    #[serde(skip)]
    pub failures: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeftItem {
    pub(crate) item_identifier: String,
}

impl Record {
    /// What it says.
    ///
    /// # Errors
    /// It is of another service, or says something else.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, String> {
        if self.event_source != SOURCE {
            return Err(format!("it is of {:?}", self.event_source));
        }
        serde_json::from_str(&self.body).map_err(|error| error.to_string())
    }
}

impl Left {
    /// Leaves these where they are.
    pub(crate) fn keeps<'a>(&mut self, ids: impl IntoIterator<Item = &'a str>, why: String) {
        self.batch_item_failures.extend(ids.into_iter().map(|id| LeftItem { item_identifier: id.into() }));
        self.failures.push(why);
    }
}
