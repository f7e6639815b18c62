//! What the steps share.

mod cleared;
mod few;
mod gone;
mod kept;
mod marks;
mod newest;
mod overtaken;
mod pairs;
mod senders;

use super::*;
use crate::stand_in::{Reply, StandIn};
use contract::IngressRules;
use senders::{BROKEN, World};
use serde_json::json;

fn vault(s3: &StandIn) -> Vault {
    Vault {
        objects: s3.objects(),
        macie: s3.macie(),
        ingress: "in".into(),
        analytics: "an".into(),
        vault: "va".into(),
        detectors: Compiled::default(),
        patience: PATIENCE,
    }
}

/// One emulator writes keys percent-encoded into its events. The same version under the key that this means is
/// the one, and no other is: a version that the event does not name may be anybody's.
#[tokio::test]
async fn a_key_that_is_encoded_in_the_event_is_found_by_its_version() {
    let s3 = StandIn::new(|call| match call.what.as_str() {
        // The client encodes what it asks for.
        "HEAD /in/a%20b.csv?versionId=v" | "HEAD /in/a%20b.csv?versionId=null" | "HEAD /in/a%20b.csv" => {
            Reply::Head(vec![("content-length", "5".into()), ("etag", "\"e\"".into())])
        }
        what if what.starts_with("HEAD") => Reply::Status(404),
        _ => Reply::Bytes("<ListVersionsResult></ListVersionsResult>".into()),
    });
    for (object, key) in [
        (json!({"key": "a%20b.csv", "version-id": "v"}), Some("a b.csv")),
        (json!({"key": "a b.csv", "version-id": "v"}), Some("a b.csv")),
        (json!({"key": "a%20b.csv", "version-id": "w"}), None),
        (json!({"key": "a%20b.csv", "version-id": "null"}), None),
        (json!({"key": "a%20b.csv", "etag": "e"}), None),
        (json!({"key": "a%ffb.csv", "version-id": "v"}), None),
    ] {
        let object: EventObject = serde_json::from_value(object).unwrap();
        let found = vault(&s3).event_version("in", &object).await.unwrap();
        assert_eq!(found.as_ref().map(|(key, _)| key.as_str()), key, "{object:?}");
    }
}

/// However long its key is: a held copy says all of it.
#[tokio::test]
async fn a_held_copy_of_a_long_key_is_judged_again() {
    let world = World::of(IngressRules::default());
    for key in [format!("{}a.csv", "y/".repeat(509)), "a.csv".to_owned()] {
        let version = world.put(&key, BROKEN);
        assert_eq!(world.status(&key, &version).await, Status::IntegrityFail);
        let (path, copy) = world.buckets.all("an/").into_iter().find(|(_, copy)| copy.body == BROKEN).unwrap();
        let held = path.strip_prefix("an/").unwrap();
        let again = world.request("CopyToAnalytics", (held, &copy.id));
        let again = world.vault.take(Request { bucket: "an".into(), ..again }).await.unwrap();
        assert_eq!(again.verdict.status, Status::Copied, "{again:#?}");
        assert_eq!(again.source.map(|source| (source.key, source.version_id)), Some((key, version)));
        world.buckets.remove(&path);
    }
}
