//! What is there already and is to be used: what of it cannot be meant.

use super::mistake::Mistake;
use crate::vault::names::is_account;
use crate::vault::settings::Settings;

/// What is wrong with it.
pub(super) fn mistakes(settings: &Settings) -> Vec<Mistake> {
    let mut mistakes = vec![];
    if let Some(key) = settings.existing.key.as_ref().filter(|key| !is_key(key)) {
        let why = "it is neither the alias of a key that somebody made nor a key's ARN";
        let fix = "alias/NAME of this account and region, or an ARN such as \
                   arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-0123456789ab";
        mistakes.push(Mistake::of("existing.key", format!("{key:?}"), why, fix));
    }
    for (role, name) in settings.existing.log_groups.named().filter(|(_, name)| !is_log_group(name)) {
        let key = format!("existing.log_groups.{role}");
        let fix = "the name of a log group of this account and region, without what stands before it in its ARN";
        mistakes.push(Mistake::of(&key, format!("{name:?}"), "CloudWatch Logs takes no such name", fix));
    }
    if let Some(topic) = &settings.existing.topic {
        if !is_topic(topic) {
            let why = "no standard topic is called so";
            let fix = "the name of a standard topic of this account and region: the last part of its ARN";
            mistakes.push(Mistake::of("existing.topic", format!("{topic:?}"), why, fix));
        }
        if settings.notify.prune_emails {
            let why = "its other subscribers may be there for what others send to it";
            let fix =
                "leave --prune-emails and notify.prune_emails out; `aws sns unsubscribe` removes who is not to be told";
            let what = "prune the e-mail addresses of an existing topic";
            mistakes.push(Mistake { key: Some("notify.prune_emails".into()), ..Mistake::new(what, why, fix) });
        }
    }
    mistakes
}

/// AWS's own keys, `alias/aws/…`, let nobody change their policies.
fn is_key(key: &str) -> bool {
    if let Some(alias) = key.strip_prefix("alias/") {
        let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_".contains(&byte);
        return (1..=250).contains(&alias.len()) && alias.bytes().all(is_taken) && !alias.starts_with("aws/");
    }
    let parts: Vec<_> = key.splitn(6, ':').collect();
    let ["arn", partition, "kms", region, account, id] = parts[..] else { return false };
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_id = id.strip_prefix("key/").is_some_and(|id| !id.is_empty() && id.bytes().all(is_taken));
    !partition.is_empty() && !region.is_empty() && is_account(account) && is_id
}

/// CloudWatch Logs keeps `aws/` for itself; what AWS's services make begins with a slash.
fn is_log_group(name: &str) -> bool {
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/#".contains(&byte);
    (1..=512).contains(&name.len()) && name.bytes().all(is_taken) && !name.starts_with("aws/")
}

/// One that is first in, first out has a point in its name, and sends no e-mails.
fn is_topic(name: &str) -> bool {
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=256).contains(&name.len()) && name.bytes().all(is_taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(change: impl FnOnce(&mut Settings)) -> Vec<String> {
        let mut settings = Settings::default();
        change(&mut settings);
        mistakes(&settings).into_iter().filter_map(|mistake| mistake.key).collect()
    }

    #[test]
    fn a_key_is_an_alias_or_an_arn() {
        let of = |key: &str| keys(|it| it.existing.key = Some(key.into()));
        for key in ["alias/data", "alias/team/data_1", "arn:aws-cn:kms:cn-north-1:123456789012:key/mrk-0a1b"] {
            assert!(of(key).is_empty(), "{key}");
        }
        for wrong in [
            "",
            "data",
            "alias/",
            "alias/aws/s3",
            "0a1b2c3d-0000-4000-8000-0123456789ab",
            "arn:aws:kms:eu-west-1:123456789012:alias/data",
            "arn:aws:kms:eu-west-1:123456789012:key/*",
            "arn:aws:kms:eu-west-1:1:key/0a1b",
        ] {
            assert_eq!(of(wrong), ["existing.key"], "{wrong}");
        }
    }

    #[test]
    fn a_log_group_is_a_name() {
        let of = |name: &str| keys(|it| it.existing.log_groups.sweep = Some(name.into()));
        assert!(of("/corp/vault_1.a#b").is_empty());
        for wrong in ["", "a b", "aws/x", "arn:aws:logs:eu-west-1:123456789012:log-group:x", "a*"] {
            assert_eq!(of(wrong), ["existing.log_groups.sweep"], "{wrong}");
        }
    }

    #[test]
    fn a_topic_is_a_name_and_nobody_is_pruned_there() {
        let of =
            |topic: &str, prunes| keys(|it| (it.existing.topic, it.notify.prune_emails) = (Some(topic.into()), prunes));
        assert!(of("ops-alerts_1", false).is_empty());
        for wrong in ["", "a.fifo", "arn:aws:sns:eu-west-1:123456789012:held", "a b", &"x".repeat(257)] {
            assert_eq!(of(wrong, false), ["existing.topic"], "{wrong}");
        }
        assert_eq!(of("held", true), ["notify.prune_emails"]);
        assert!(keys(|it| it.notify.prune_emails = true).is_empty());
    }
}
