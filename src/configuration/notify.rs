//! Who is told beside e-mail addresses, and how: what SNS would not take, or not reach.

use super::mistake::Mistake;
use crate::vault::names::is_account;
use crate::vault::settings::{self, NotifySettings};
use serde::Deserialize;

/// Up to how many may be told of each by itself: a burst is no burst of e-mails.
const MOST_EACH: u32 = 100;
/// The seconds for which Lambda gathers messages (truths L17); 0 would gather none.
const WINDOWS: std::ops::RangeInclusive<i32> = 1..=300;

/// How `cvault.toml` writes a mode.
#[derive(Deserialize)]
#[serde(remote = "settings::NotifyMode", rename_all = "lowercase")]
pub(super) enum NotifyMode {
    Each,
    Digest,
}

/// What is wrong with the endpoints, which are put in order, and each once, and with the numbers.
pub(super) fn mistakes(notify: &mut NotifySettings) -> Vec<Mistake> {
    let mut mistakes = endpoints(notify);
    if !(1..=MOST_EACH).contains(&notify.each_up_to) {
        let (why, fix) = match notify.each_up_to {
            0 => ("no file would be told of by itself", "1 to 100; or mode = \"digest\"".to_owned()),
            _ => ("SNS delivers ten e-mails a second to an address", format!("1 to {MOST_EACH}")),
        };
        mistakes.push(Mistake::of("notify.each_up_to", notify.each_up_to, why, fix));
    }
    if !WINDOWS.contains(&notify.window_seconds) {
        let why = "Lambda gathers messages for no other time";
        mistakes.push(Mistake::of("notify.window_seconds", notify.window_seconds, why, "1 to 300"));
    }
    mistakes
}

fn endpoints(notify: &mut NotifySettings) -> Vec<Mistake> {
    let NotifySettings { https, sqs, .. } = notify;
    for endpoints in [&mut *https, &mut *sqs] {
        endpoints.sort();
        endpoints.dedup();
    }
    let https = https.iter().filter_map(|url| Some(of("notify.https", url, wrong_url(url)?)));
    https.chain(sqs.iter().filter_map(|arn| Some(of("notify.sqs", arn, wrong_queue(arn)?)))).collect()
}

fn of(key: &str, value: &str, (why, fix): (&str, &str)) -> Mistake {
    Mistake::of(key, format!("{value:?}"), why, fix)
}

fn wrong_url(url: &str) -> Option<(&'static str, &'static str)> {
    let address = "an address such as https://example.com/held";
    if url.starts_with("http://") {
        return Some(("notices go to HTTPS alone", address));
    }
    let Some(rest) = url.strip_prefix("https://") else { return Some(("it is not an HTTPS address", address)) };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        // SNS lists it with `****` in place of the password: it could not be found again.
        let fix = "without it: the endpoint proves by SNS's signature who has sent a notice";
        return Some(("a password in an address is shown to whoever may read the topic", fix));
    }
    let is_host = host.split(':').next().is_some_and(|name| name.contains('.') && !name.starts_with('.'));
    let is_taken = url.len() <= 2048 && url.chars().all(|c| c.is_ascii_graphic() && !"<>\"\\".contains(c));
    (!is_host || !is_taken).then_some(("SNS takes no such address", address))
}

fn wrong_queue(arn: &str) -> Option<(&'static str, &'static str)> {
    let name = "a queue's ARN, such as arn:aws:sqs:eu-west-1:123456789012:held";
    let parts: Vec<_> = arn.split(':').collect();
    let ["arn", partition, "sqs", region, account, queue] = parts[..] else {
        return Some(("it is not the ARN of a queue", name));
    };
    if queue.strip_suffix(".fifo").is_some() {
        return Some(("SNS sends to no FIFO queue from the vault's topic", "a standard queue"));
    }
    let is_queue =
        (1..=80).contains(&queue.len()) && queue.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let is_arn = partition.starts_with("aws") && !region.is_empty() && is_account(account) && is_queue;
    (!is_arn).then_some(("it is not the ARN of a queue", name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(https: &str, sqs: &str) -> Vec<String> {
        let list = |one: &str| if one.is_empty() { vec![] } else { vec![one.to_owned(), one.to_owned()] };
        let mut notify = NotifySettings { https: list(https), sqs: list(sqs), ..NotifySettings::default() };
        mistakes(&mut notify).into_iter().filter_map(|mistake| mistake.key).collect()
    }

    #[test]
    fn what_sns_reaches_is_taken_once() {
        let queue = "arn:aws-cn:sqs:cn-north-1:123456789012:held_1-x";
        assert!(wrong("https://example.com:8443/a?b=c", queue).is_empty());
        let twice = vec![queue.to_owned(); 2];
        let mut notify = NotifySettings { sqs: twice, ..NotifySettings::default() };
        assert!(mistakes(&mut notify).is_empty());
        assert_eq!(notify.sqs, [queue]);
    }

    #[test]
    fn what_sns_does_not_take_is_said() {
        for url in [
            "http://example.com",
            "example.com",
            "https://",
            "https://me:pw@example.com/",
            "https://a b.c",
            "https://x",
        ] {
            assert_eq!(wrong(url, ""), ["notify.https"], "{url}");
        }
        let of = |rest: &str| format!("arn:aws:sqs:{rest}");
        for arn in ["held", "https://sqs.eu-west-1.amazonaws.com/1/held", "arn:aws:sns:eu-west-1:123456789012:held"] {
            assert_eq!(wrong("", arn), ["notify.sqs"], "{arn}");
        }
        for rest in ["eu-west-1:123456789012:held.fifo", "eu-west-1:1:held", ":123456789012:held", "x:123456789012:a*"]
        {
            assert_eq!(wrong("", &of(rest)), ["notify.sqs"], "{rest}");
        }
    }

    #[test]
    fn numbers_that_lambda_or_a_person_takes() {
        let of = |each_up_to, window_seconds| {
            let mut notify = NotifySettings { each_up_to, window_seconds, ..NotifySettings::default() };
            mistakes(&mut notify).into_iter().filter_map(|mistake| mistake.key).collect::<Vec<_>>()
        };
        assert!(of(1, 1).is_empty() && of(100, 300).is_empty());
        for (each_up_to, window) in [(0, 0), (101, 301), (0, -1)] {
            assert_eq!(of(each_up_to, window), ["notify.each_up_to", "notify.window_seconds"]);
        }
    }
}
