//! What fails for good: every copy stays where it is, and somebody is told.

use super::{CARDS, CLEAN, Ends, Kind, proxied, rule};
use crate::support::Pipeline;
use aws_sdk_sfn::types::ExecutionStatus;
use cvault::vault::names::Zone;
use serde_json::{Value, json};

/// A call that fails whenever it is made, and what becomes of the file.
struct Failing {
    key: &'static str,
    kind: Kind,
    call: (&'static str, Zone),
    fault: Fault,
    error: &'static str,
    /// How often it is in ingress, in analytics and in the vault.
    places: [usize; 3],
    told: usize,
}

#[derive(Clone, Copy)]
enum Fault {
    Refused,
    Busy,
    Broken,
    Killed,
}

impl Fault {
    fn rule(self) -> Value {
        match self {
            Self::Refused => json!({"code": "AccessDenied", "status": 403}),
            // The client does not try this again by itself, so that the state machine's tries come fast.
            Self::Busy => json!({"code": "OperationAborted", "status": 409}),
            Self::Broken => json!({"cut": true}),
            Self::Killed => json!({"die": "before", "caller": true}),
        }
    }
}

#[rustfmt::skip]
const FAILING: [Failing; 12] = [
    Failing { key: "look.csv", kind: CLEAN, call: ("HeadObject", Zone::Ingress), fault: Fault::Refused, error: "Denied", places: [1, 0, 0], told: 1 },
    Failing { key: "copy.csv", kind: CLEAN, call: ("CopyObject", Zone::Analytics), fault: Fault::Refused, error: "Denied", places: [1, 0, 0], told: 1 },
    Failing { key: "copy-killed.csv", kind: CLEAN, call: ("CopyObject", Zone::Analytics), fault: Fault::Killed, error: "Runtime.ExitError", places: [1, 0, 0], told: 1 },
    Failing { key: "read.csv", kind: CARDS, call: ("GetObject", Zone::Analytics), fault: Fault::Broken, error: "Busy", places: [1, 1, 0], told: 1 },
    Failing { key: "read-killed.csv", kind: CARDS, call: ("GetObject", Zone::Analytics), fault: Fault::Killed, error: "Runtime.ExitError", places: [1, 1, 0], told: 1 },
    Failing { key: "store.csv", kind: CLEAN, call: ("CopyObject", Zone::Vault), fault: Fault::Refused, error: "Denied", places: [1, 1, 0], told: 1 },
    Failing { key: "store-busy.csv", kind: CLEAN, call: ("CopyObject", Zone::Vault), fault: Fault::Busy, error: "Busy", places: [1, 1, 0], told: 1 },
    Failing { key: "tag.csv", kind: CARDS, call: ("PutObjectTagging", Zone::Analytics), fault: Fault::Refused, error: "Denied", places: [1, 1, 0], told: 2 },
    Failing { key: "delete.csv", kind: CLEAN, call: ("DeleteObject", Zone::Ingress), fault: Fault::Refused, error: "Denied", places: [1, 0, 1], told: 1 },
    Failing { key: "delete-killed.csv", kind: CARDS, call: ("DeleteObject", Zone::Ingress), fault: Fault::Killed, error: "Runtime.ExitError", places: [1, 1, 0], told: 2 },
    Failing { key: "clear.csv", kind: CLEAN, call: ("DeleteObject", Zone::Analytics), fault: Fault::Refused, error: "Denied", places: [0, 1, 1], told: 1 },
    Failing { key: "clear-killed.csv", kind: CLEAN, call: ("DeleteObject", Zone::Analytics), fault: Fault::Killed, error: "Runtime.ExitError", places: [0, 1, 1], told: 1 },
];

/// Uploads the files, whose calls fail, and waits for their ends.
async fn failed(vault: &Pipeline) -> Ends {
    let rules: Vec<_> = FAILING.iter().map(|it| rule(vault, it.key, it.call, &it.fault.rule())).collect();
    vault.stack.proxy.configure(&json!({"faults": rules}));
    for failing in &FAILING {
        vault.put(failing.key, failing.kind.body).await;
    }
    Ends::after(vault, FAILING.len()).await
}

/// As the e-mail says: what is wrong is mended, and the same executions are started again.
#[tokio::test]
async fn what_fails_for_good_is_told_and_can_be_mended() {
    let vault = proxied().await;
    let ends = failed(&vault).await;
    for Failing { key, kind, error, places, told, .. } in &FAILING {
        assert_eq!((ends.places(key, kind.body), ends.errors(key)), (*places, vec![*error]), "{key}");
        assert_eq!(ends.told(key), *told, "{key}: {:#?}", ends.messages);
    }
    vault.stack.proxy.configure(&json!({"faults": []}));
    for execution in ends.executions.iter().filter(|it| it.status == ExecutionStatus::Failed) {
        let again = vault.start_execution(&execution.input).await;
        assert_eq!(again.status, ExecutionStatus::Succeeded, "{again:#?}");
    }
    let ends = Ends::after(&vault, FAILING.len()).await;
    for Failing { key, kind, .. } in &FAILING {
        assert!(ends.is_placed(key, kind), "{key}: {:?}", ends.places(key, kind.body));
    }
    println!("{} calls failed for good, mended, and repeated", FAILING.len());
}

/// Nobody can be told, which is no reason to do anything else with a file: its notice waits in the queue. What is not told
/// by the queue fails.
#[tokio::test]
async fn without_a_topic_everything_stays_the_same() {
    let vault = proxied().await;
    vault.stack.aws.sns.delete_topic().topic_arn(vault.stack.names.topic_arn()).send().await.unwrap();
    vault.put("held.csv", CARDS.body).await;
    let ends = failed(&vault).await;
    for Failing { key, kind, error, places, .. } in &FAILING {
        assert_eq!((ends.places(key, kind.body), ends.errors(key)), (*places, vec![*error]), "{key}");
    }
    assert!(ends.is_placed("held.csv", &CARDS));
    assert!(ends.errors("held.csv").is_empty());
    let waiting = vault.notices().await;
    assert!(waiting >= 1, "what was held waits to be told of");
    let gone = json!({"key": "never.csv", "version-id": "v"});
    let gone = json!({"detail": {"bucket": {"name": vault.stack.names.bucket(Zone::Ingress)}, "object": gone}});
    for (input, error) in [(json!({}), "UnknownEvent"), (gone, "GONE")] {
        assert_eq!(vault.start_execution(&input).await.error.as_deref(), Some(error));
    }
    assert_eq!(vault.notices().await, waiting + 1);
}
