//! What other jobs of a pipeline want to know of a stack: its names and ARNs, under names of their own.

use super::names::{Names, Zone};
use super::steps;
use std::collections::BTreeMap;

/// The stack, and what of it `is_there`, by the name of its step. AWS assigns the key's ARN.
#[must_use]
pub fn outputs(
    names: &Names,
    key_arn: Option<String>,
    is_there: impl Fn(&str) -> bool,
) -> BTreeMap<&'static str, String> {
    let [ingress, analytics, vault] = Zone::ALL;
    let bucket = |name, zone| (name, steps::bucket(zone), Some(names.bucket(zone)));
    let arn = |name, step: &str, arn| (name, step.to_owned(), Some(arn));
    let all = [
        bucket("ingress_bucket", ingress),
        bucket("analytics_bucket", analytics),
        bucket("vault_bucket", vault),
        ("key_arn", steps::KEY.to_owned(), key_arn),
        arn("topic_arn", steps::TOPIC, names.topic_arn()),
        arn("dead_letters_arn", steps::DEAD_LETTERS, names.dead_letters_arn()),
        arn("function_arn", steps::FUNCTION, names.function_arn()),
        arn("state_machine_arn", steps::STATE_MACHINE, names.state_machine_arn()),
    ];
    let there = all.into_iter().filter(|(_, step, _)| is_there(step));
    let mut outputs: BTreeMap<_, _> = there.filter_map(|(name, _, value)| Some((name, value?))).collect();
    let Names { stack, id, account, region, .. } = names;
    outputs.extend(
        [("stack", stack), ("id", id), ("account", account), ("region", region)]
            .map(|(name, value)| (name, value.clone())),
    );
    outputs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_not_named() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let of = |there: &[&str]| outputs(&names, Some("arn:key".into()), |step| there.contains(&step));
        assert_eq!(of(&[]).into_keys().collect::<Vec<_>>(), ["account", "id", "region", "stack"]);
        let some = of(&["bucket/vault", "key"]);
        assert_eq!((some["vault_bucket"].as_str(), some["key_arn"].as_str()), ("cv-vault-zone-x", "arn:key"));
        assert!(!some.contains_key("ingress_bucket") && !some.contains_key("topic_arn"));
        let all = outputs(&names, None, |_| true);
        assert!(!all.contains_key("key_arn") && all.len() == 11, "{all:?}");
    }
}
