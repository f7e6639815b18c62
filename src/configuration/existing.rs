//! What is there already and is to be used: what of it cannot be meant.

use super::mistake::Mistake;
use crate::vault::settings::Settings;

/// What is wrong with it.
pub(super) fn mistakes(settings: &Settings) -> Vec<Mistake> {
    let mut mistakes = vec![];
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
