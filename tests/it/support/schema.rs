//! What is printed for programs and what is published, held against `definitions/schemas`: each member has to be there, and none
//! that the schema does not know.

use jsonschema::Validator;
use serde_json::{Value, json};
use std::sync::LazyLock;

static OUTPUT: LazyLock<Validator> = LazyLock::new(|| strict(include_str!("../../../definitions/schemas/output.json")));
static EVENT: LazyLock<Validator> = LazyLock::new(|| strict(include_str!("../../../definitions/schemas/event.json")));

/// A line or a document of `--output json`.
pub fn check_output(value: &Value) {
    assert!(OUTPUT.is_valid(value), "definitions/schemas/output.json does not know {value:#}");
}

/// The detail of an event of cvault's.
pub fn check_event(detail: &Value) {
    assert!(EVENT.is_valid(detail), "definitions/schemas/event.json does not know {detail:#}");
}

/// The schema, for which a member more than it has is a mistake.
fn strict(schema: &str) -> Validator {
    let mut schema = serde_json::from_str(schema).unwrap();
    close(&mut schema);
    jsonschema::validator_for(&schema).unwrap()
}

fn close(schema: &mut Value) {
    match schema {
        Value::Array(all) => all.iter_mut().for_each(close),
        Value::Object(members) => {
            members.values_mut().for_each(close);
            if members.get("properties").is_some_and(Value::is_object) && members["type"] == "object" {
                members.insert("additionalProperties".into(), json!(false));
            }
        }
        _ => {}
    }
}

#[test]
fn a_member_more_or_less_is_noticed() {
    let total = json!({"type": "total", "count": 1, "bytes": 2, "unjudged": 0, "failed": 0, "message": "1 version"});
    check_output(&total);
    let with = |member: &str, value: Value| {
        let mut line = total.clone();
        line[member] = value;
        OUTPUT.is_valid(&line)
    };
    assert!(!with("more", json!(1)) && !with("count", json!("one")) && !with("count", json!(-1)));
    let mut less = total.clone();
    less.as_object_mut().unwrap().remove("bytes");
    assert!(!OUTPUT.is_valid(&less));
}
