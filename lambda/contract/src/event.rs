//! What the rules pass on of an event of S3.

use serde::Deserialize;

/// `detail.object` of an `Object Created` event. All but the key may be missing (truths D10).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct EventObject {
    /// The key as it is, not URL-encoded (truths D9).
    pub key: String,
    /// The version, where the event names it.
    pub version_id: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
    /// The entity tag.
    pub etag: Option<String>,
    /// Where the version stands among those of its key.
    pub sequencer: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The event's object with and without what S3 and its emulators leave out.
    #[test]
    fn events_with_and_without_their_optional_members() {
        let whole = json!({"key": "a b+c%d", "size": 1, "etag": "e", "version-id": "v", "sequencer": "s"});
        for missing in [&[] as &[&str], &["version-id"], &["etag"], &["sequencer"], &["size", "etag", "version-id"]] {
            let mut object = whole.clone();
            for name in missing {
                object.as_object_mut().unwrap().remove(*name);
            }
            let object: EventObject = serde_json::from_value(object).unwrap();
            assert_eq!(object.key, "a b+c%d");
            assert_eq!(object.version_id.is_none(), missing.contains(&"version-id"));
        }
    }
}
