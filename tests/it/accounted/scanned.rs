//! Files that Macie looks at, and what goes wrong with Macie: calls that fail and jobs that somebody cancels, with all of
//! their files.

use super::files::{Expected, JUDGED, Sender};
use crate::support::Macie;
use serde_json::json;

/// What keys begin with whose jobs are cancelled.
const CANCELLED: &str = "cancelled/";

/// What goes wrong with Macie for as long as it lasts.
pub(super) fn script(macie: &Macie) {
    for operation in ["CreateClassificationJob", "DescribeClassificationJob", "ListFindings"] {
        for error in ["ThrottlingException", "InternalServerException"] {
            macie.script(&json!({"operation": operation, "error": error, "times": 3}));
        }
        macie.script(&json!({"operation": operation, "lost": true, "times": 2}));
    }
    macie.script(&json!({"key": CANCELLED, "status": "CANCELLED"}));
}

impl Sender<'_> {
    pub(super) async fn act_before_macie(&mut self) {
        match self.chance.below(10) {
            0..=4 => self.scanned("scanned", 0, JUDGED[0]).await,
            5 => self.scanned("scanned", 1, JUDGED[1]).await,
            6 => self.scanned("scanned", 2, JUDGED[2]).await,
            7 => self.found_by_macie().await,
            8 => {
                self.scanned(CANCELLED.trim_end_matches('/'), 0, ("in a job that is cancelled", Expected::Stored))
                    .await;
            }
            _ => self.ignored().await,
        }
    }

    async fn scanned(&mut self, folder: &str, kind: usize, (name, expected): (&'static str, Expected)) {
        let key = self.plain_key(folder);
        self.put(&key, self.body(kind), name, expected).await;
    }

    /// What cvault itself does not look for.
    async fn found_by_macie(&mut self) {
        let key = self.plain_key("scanned");
        let body = [b"seq,npi\n".to_vec(), format!("{key},1234567893\n").into_bytes()].concat();
        self.put(&key, body, "with what Macie alone finds", Expected::Held).await;
    }
}
