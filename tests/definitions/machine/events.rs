//! S3's events as EventBridge delivers them, with and without what may be missing.

use serde_json::{Value, json};

/// Keys that break what quotes, encodes or formats them.
pub const ODD_KEYS: [&str; 14] = [
    "a b/c+d%20e.csv",
    "it's \"quoted\".csv",
    "line\nbreak\r\ttab.csv",
    "{} {0} \\{\\} ${x}.csv",
    "back\\slash\\n.csv",
    "$.detail.object.key",
    "$$.Execution.Id",
    "States.Format('{}', $.Bucket)",
    "é\u{1f600}\u{202e}ة.csv",
    "../..//",
    "null",
    "<>&#;,:=@?*|.csv",
    "\u{7f}\u{1}",
    " ",
];

/// An `Object Created` event of the bucket (truths D10).
pub fn created(bucket: &str, key: &str) -> Value {
    json!({
        "version": "0", "id": "0a1b", "detail-type": "Object Created", "source": "aws.s3",
        "account": "123456789012", "time": "2026-01-01T00:00:00Z", "region": "eu-west-1",
        "resources": [format!("arn:aws:s3:::{bucket}")],
        "detail": {
            "version": "0", "event-version": "2.3", "bucket": {"name": bucket},
            "object": {"key": key, "size": 5, "etag": "b1946ac92492d2347c6235b4d2611184",
                "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e", "sequencer": "00617F08299329D189"},
            "request-id": "N4N7GDK58NMKJ12R", "requester": "123456789012",
            "source-ip-address": "1.2.3.4", "reason": "PutObject"
        }
    })
}

/// Every shape of the event of an object in the bucket.
pub fn shapes(bucket: &str) -> Vec<Value> {
    let longest = "é/".repeat(341) + "x";
    let keys = ODD_KEYS.into_iter().chain([longest.as_str()]).map(|key| created(bucket, key));
    keys.chain(without_optional_members(bucket)).collect()
}

fn without_optional_members(bucket: &str) -> impl Iterator<Item = Value> {
    const OPTIONAL: [&str; 4] = ["version-id", "etag", "sequencer", "size"];
    (0..1 << OPTIONAL.len()).map(move |subset| {
        let mut event = created(bucket, "data/a.csv");
        let detail = &mut event["detail"];
        for (bit, name) in OPTIONAL.into_iter().enumerate().filter(|(bit, _)| subset >> bit & 1 == 1) {
            detail["object"].as_object_mut().expect("an object").remove(name);
            // What else may be missing, in one of the shapes.
            if bit == 0 {
                for name in ["source-ip-address", "reason", "requester", "event-version"] {
                    detail.as_object_mut().expect("an object").remove(name);
                }
            }
        }
        event
    })
}

/// What Step Functions tells of an execution that has ended without a Catch; what failed is not in every event.
pub fn ended() -> Vec<Value> {
    let of = |status: &str, more: Value| {
        let mut detail = json!({"executionArn": super::EXECUTION, "stateMachineArn": "m", "name": "0a1b",
            "status": status, "input": null, "output": null});
        detail.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!({"version": "0", "id": "0a1b", "source": "aws.states", "account": "123456789012",
            "detail-type": "Step Functions Execution Status Change", "detail": detail})
    };
    let cause = "The state/task 'Settle' returned a result with a size exceeding {}, 'it''s' \"quoted\"";
    vec![
        of("FAILED", json!({"error": "States.DataLimitExceeded", "cause": cause})),
        of("TIMED_OUT", json!({"error": null, "cause": null})),
        of("ABORTED", json!({})),
    ]
}

/// What the state machine may be started with by hand, and no event of its buckets.
pub fn unknown(bucket: &str) -> Vec<Value> {
    let without = |path: &[&str]| {
        let mut event = created(bucket, "a.csv");
        let (last, parents) = path.split_last().expect("a path");
        let parent = parents.iter().fold(&mut event, |value, name| &mut value[*name]);
        parent.as_object_mut().expect("an object").remove(*last);
        event
    };
    vec![
        json!({}),
        json!([]),
        json!("text"),
        Value::Null,
        json!({"detail": null}),
        json!({"detail": {"bucket": bucket, "object": {"key": "a"}}}),
        json!({"detail": {"bucket": {"name": 1}, "object": {"key": "a"}}}),
        without(&["detail"]),
        without(&["detail", "bucket"]),
        without(&["detail", "bucket", "name"]),
        without(&["detail", "object"]),
        without(&["detail", "object", "key"]),
        created("another-bucket", "a.csv"),
        created("", "a.csv"),
    ]
}
