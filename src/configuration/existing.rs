//! What is there already and is to be used: what of it cannot be meant.

use super::mistake::Mistake;
use crate::vault::names::{Zone, is_account};
use crate::vault::settings::Settings;

/// Of other buckets and their keys together: the inline policies of a role have 10,240 characters.
const MOST_SOURCES: usize = 20;

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
    mistakes.extend(buckets(settings));
    mistakes.extend(sources(settings));
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

/// What is wrong with the buckets.
fn buckets(settings: &Settings) -> Vec<Mistake> {
    let buckets = &settings.existing.buckets;
    let mut mistakes = vec![];
    for (zone, name) in buckets.named() {
        let key = format!("existing.buckets.{zone}");
        let of = |why, fix| Mistake::of(&key, format!("{name:?}"), why, fix);
        if zone == Zone::Vault {
            let why =
                "what keeps vaulted files is the bucket's policy, so that the vault bucket has to be cvault's own";
            mistakes.push(of(why, "take it away: the vault gets one of its own; `cvault up --adopt bucket/vault` takes over one of that name"));
        } else if !is_bucket(name) {
            let why = "S3 takes no such name";
            mistakes.push(of(why, "the name of a bucket of this account and region: the last part of its ARN"));
        } else if zone == Zone::Analytics && buckets.ingress.as_deref() == Some(name) {
            let why = "what is copied for judgement would land where files land, and be judged again";
            mistakes.push(of(why, "another bucket than that of existing.buckets.ingress"));
        }
    }
    if let (Some(_), Some(days)) = (&buckets.analytics, settings.held.expire_days) {
        let why = "the lifecycle of existing.buckets.analytics is its owner's";
        let fix = "take it away, and let the bucket's owner set a lifecycle that expires what is held";
        mistakes.push(Mistake::of("held.expire_days", days, why, fix));
    }
    mistakes
}

/// What is wrong with the buckets that may be taken in, and the keys of their objects.
fn sources(settings: &Settings) -> Vec<Mistake> {
    let own: Vec<_> = settings.existing.buckets.named().map(|(_, name)| name).collect();
    let wrong = |name: &String| match name.as_str() {
        name if !is_bucket(name) => {
            Some(("S3 takes no such name", "the name of a bucket of this account: the last part of its ARN"))
        }
        name if own.contains(&name) => {
            Some(("it is one of the vault's own", "take it away: `cvault judge --ingress` judges what waits there"))
        }
        _ => None,
    };
    let of_bucket =
        |name: &String| wrong(name).map(|(why, fix)| Mistake::of("ingress.sources", format!("{name:?}"), why, fix));
    let of_key = |key: &String| {
        let (why, fix) = (
            "it is not the ARN of a key",
            "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-0123456789ab",
        );
        (key.starts_with("alias/") || !is_key(key))
            .then(|| Mistake::of("ingress.kms_keys", format!("{key:?}"), why, fix))
    };
    let ingress = &settings.ingress;
    let count = ingress.sources.len() + ingress.kms_keys.len();
    let many = (count > MOST_SOURCES).then(|| {
        let why = format!("a role's policies have room for {MOST_SOURCES} buckets and keys beside the rest");
        let fix = "a part of them now, and the others when they have been judged";
        Mistake::of("ingress.sources", format!("{count} buckets and keys"), why, fix)
    });
    let of_each = ingress.sources.iter().filter_map(of_bucket).chain(ingress.kms_keys.iter().filter_map(of_key));
    of_each.chain(many).collect()
}

/// As S3 has named buckets since 2018; older ones of us-east-1 are no use, since no TLS certificate covers them.
pub(super) fn is_bucket(name: &str) -> bool {
    let is_taken = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    (3..=63).contains(&name.len()) && name.bytes().all(is_taken) && ends(bytes.first()) && ends(bytes.last())
}

/// AWS's own keys, `alias/aws/…`, let nobody change their policies.
pub(super) fn is_key(key: &str) -> bool {
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
    fn other_buckets_are_not_the_vault_s_own_and_their_keys_are_arns() {
        let of = |source: &str, key: &str| {
            keys(|it| {
                it.existing.buckets.ingress = Some("landing".into());
                (it.ingress.sources, it.ingress.kms_keys) = (vec![source.into()], vec![key.into()]);
            })
        };
        let key = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d";
        assert!(of("old-data", key).is_empty());
        for source in ["landing", "s3://old-data", "a"] {
            assert_eq!(of(source, key), ["ingress.sources"], "{source}");
        }
        for key in ["alias/data", "arn:aws:kms:eu-west-1:1:key/0", "0a1b2c3d"] {
            assert_eq!(of("old-data", key), ["ingress.kms_keys"], "{key}");
        }
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
    fn a_bucket_is_a_name_and_never_the_vault_s() {
        let ingress = |name: &str| keys(|it| it.existing.buckets.ingress = Some(name.into()));
        for name in ["acme-landing", "acme.landing.1", "0ab"] {
            assert!(ingress(name).is_empty(), "{name}");
        }
        for wrong in ["", "ab", "Landing", "a_b", "-ab", "ab-", "arn:aws:s3:::landing", "a/b/c", &"x".repeat(64)] {
            assert_eq!(ingress(wrong), ["existing.buckets.ingress"], "{wrong}");
        }
        assert_eq!(keys(|it| it.existing.buckets.vault = Some("acme-vault".into())), ["existing.buckets.vault"]);
        let both = |ingress: &str, days| {
            keys(|it| {
                it.existing.buckets.ingress = Some(ingress.into());
                it.existing.buckets.analytics = Some("acme-held".into());
                it.held.expire_days = days;
            })
        };
        assert!(both("acme-landing", None).is_empty());
        assert_eq!(both("acme-held", None), ["existing.buckets.analytics"]);
        assert_eq!(both("acme-landing", Some(30)), ["held.expire_days"]);
        assert!(keys(|it| it.held.expire_days = Some(30)).is_empty());
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
