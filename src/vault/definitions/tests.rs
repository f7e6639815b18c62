use super::*;
use crate::deploy::resource::Assigned;
use crate::vault::names::Names;
use crate::vault::settings::MacieSettings;
use contract::Rules;
use serde_json::json;

fn values(releasers: &[&str]) -> Values {
    let names = Names::new("aws-cn", "123456789012", "cn-north-1", "s", Some("x"));
    let releasers: Vec<_> = releasers.iter().map(ToString::to_string).collect();
    Values::new(&names, &Assigned::default(), &releasers, &Rules::default())
}

#[test]
fn leaves_are_filled_lists_spliced_and_iam_variables_kept() {
    let mut value = json!({"a": ["x/${Region}/y", "${Releasers}"], "b": "${aws:username}", "${Region}": 1});
    fill(&mut value, &values(&["r1", "r2"])).unwrap();
    assert_eq!(value, json!({"a": ["x/cn-north-1/y", "r1", "r2"], "b": "${aws:username}", "${Region}": 1}));
}

/// An expression may hold what looks like a placeholder: what was filled in is not filled again.
#[test]
fn any_json_stands_where_its_placeholder_stood_alone() {
    let custom = json!({"Name": "${Region}", "Regex": "[$]{2}${3}"});
    let rules = Rules { custom_identifiers: vec![serde_json::from_value(custom).unwrap()], ..Rules::default() };
    let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
    let mut value = json!({"Rules": "${Rules}", "All": ["${Rules}"]});
    fill(&mut value, &Values::new(&names, &Assigned::default(), &[], &rules)).unwrap();
    let rules = serde_json::to_value(rules).unwrap();
    assert_eq!(value, json!({"Rules": rules, "All": [rules]}));
}

#[test]
fn macie_is_off_unless_there_are_rules_for_it() {
    let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
    let filled = |values: &Values| {
        let mut value = json!(["${Macie}", {"MacieRules": "${MacieRules}"}, "${ResultsBucketArn}/${ResultsPrefix}*"]);
        fill(&mut value, values).unwrap();
        value
    };
    assert_eq!(filled(&values(&[])), json!(["off", {"MacieRules": null}, "/*"]));
    let id = Assigned::default();
    let rules = crate::vault::macie::rules(&MacieSettings::default(), &Rules::default(), vec![id.clone()]);
    let results = Results { bucket: "b".into(), prefix: "p/".into(), key_arn: "k".into() };
    let values = values(&[]).with_macie(&names, rules, Some(&results));
    let of = |id: &str| {
        json!(["on", {"MacieRules": {"ManagedDataIdentifierSelector": "ALL", "ManagedDataIdentifierIds": [],
            "CustomDataIdentifierIds": [id], "MaxHours": 24, "BlockAt": "medium"}}, "arn:aws:s3:::b/p/*"])
    };
    assert_eq!(filled(&values), of(Assigned::UNKNOWN));
    id.set("3293a69d");
    assert_eq!(filled(&values), of("3293a69d"));
}

#[test]
fn statements_are_joined() {
    let values = values(&[]);
    let [key, more] = [KEY, KEY_MACIE].map(|definition| definition.with(&values).unwrap());
    let joined = key.clone().with_statements_of(&more).value();
    let [key, more] = [key, more].map(|document| document.value()["Statement"].as_array().unwrap().clone());
    assert_eq!(joined["Statement"], json!([key, more].concat()));
    assert_eq!(joined["Version"], "2012-10-17");
}

#[test]
fn mistakes_are_errors() {
    for wrong in ["${Nope}", "${Region", "x${Releasers}", "x${Rules}", "${MacieRules}x"] {
        assert!(fill(&mut json!(wrong), &values(&[])).is_err(), "{wrong}");
    }
}

#[test]
fn the_key_is_filled_when_it_is_known() {
    let key = Assigned::default();
    let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
    let document = CLASSIFIER.with(&Values::new(&names, &key, &[], &Rules::default())).unwrap();
    assert!(document.value().to_string().contains(Assigned::UNKNOWN));
    key.set("arn:aws:kms:eu-west-1:123456789012:key/k");
    assert!(document.value().to_string().contains("key/k"));
}

#[test]
fn every_document_is_filled_and_every_value_is_used() {
    let values = values(&["releaser"]);
    let mut texts = String::new();
    for definition in ALL {
        texts += definition.text;
        let filled = definition.with(&values).unwrap().value().to_string();
        // The variables of IAM are AWS's to fill.
        let filled = filled.replace("${aws:PrincipalArn}", "");
        assert!(!filled.contains("${"), "{}: {filled}", definition.path);
    }
    for name in values.0.keys() {
        assert!(texts.contains(&format!("${{{name}}}")), "nothing uses {name}");
    }
}

/// In China an `arn:aws:` or an `amazonaws.com` in the wrong place is an outage.
#[test]
fn no_document_names_a_partition() {
    for definition in ALL {
        assert!(!definition.text.contains("arn:aws"), "{}", definition.path);
        let filled = definition.with(&values(&[])).unwrap().value().to_string();
        assert!(!filled.contains("logs.cn-north-1.amazonaws.com\""), "{}", definition.path);
    }
}
