//! What AWS would refuse, or cvault itself, is refused here, before anything else happens.

use super::mistake::Mistake;
use super::{existing, ingress, judgement, notify, organisation, replication, tags};
use crate::vault::names::{is_account, is_reserved};
use crate::vault::requests;
use crate::vault::settings::{Settings, Transition, VaultSettings};
use std::collections::BTreeSet;

/// Of what an Express workflow judges, in bytes: the slowest reader takes a minute for it.
const MOST_EXPRESS: u64 = 128 << 20;
/// Where objects of the vault may move; one zone alone is no vault.
const CLASSES: [&str; 5] = ["STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"];
/// After how many days what is held may expire.
const SHORTEST_HOLD: i32 = 7;
/// The days that CloudWatch Logs takes (truths G3).
const RETENTIONS: &[i32] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// What is wrong with the settings, whose addresses are put in order, and each once. What the file has wrong is
/// `known` already: what hangs on it is not looked at.
pub(super) fn mistakes(settings: &mut Settings, known: &[Mistake]) -> Vec<Mistake> {
    settings.emails.sort_by_key(|address| address.to_lowercase());
    settings.emails.dedup_by_key(|address| address.to_lowercase());
    let sound = |section: &str| {
        let of = |key: &str| key.split('.').next() == Some(section);
        !known.iter().any(|mistake| mistake.key.as_deref().is_some_and(of))
    };
    let mut mistakes = names(settings);
    mistakes.extend(notify::mistakes(&mut settings.notify));
    mistakes.extend(tags::mistakes(&settings.tags));
    mistakes.extend(organisation::mistakes(settings));
    mistakes.extend(existing::mistakes(settings));
    mistakes.extend(ingress::mistakes(settings));
    mistakes.extend(replication::mistakes(settings.vault.replication.as_ref()));
    mistakes.extend(values(settings));
    if sound("integrity") && sound("sensitive") {
        mistakes.extend(judgement::rules_mistakes(&settings.rules()));
        if sound("macie") {
            mistakes.extend(judgement::macie_mistakes(&settings.macie, settings.rules.custom_identifiers.len()));
        }
    }
    mistakes
}

/// Names, accounts and addresses.
fn names(settings: &Settings) -> Vec<Mistake> {
    let wrong = |key: &str, what: &str, value: &str, why: &str, fix: &str| Mistake {
        key: Some(key.to_owned()),
        ..Mistake::new(format!("use {what} {value:?}"), why, fix)
    };
    let mut mistakes = vec![];
    if !is_stack(settings.stack()) {
        let (why, fix) = ("cvault takes no such name", "1 to 64 of a-z, A-Z, 0-9, blank and . : / = + - @ _");
        mistakes.push(wrong("stack", "the stack", settings.stack(), why, fix));
    }
    if let Some(id) = settings.id.as_deref().filter(|id| !is_id(id)) {
        let why = "it becomes a part of the buckets' names, which S3 would not take";
        let fix = "1 to 32 lower-case letters, digits and dashes, no dash at either end";
        mistakes.push(wrong("id", "the id", id, why, fix));
    }
    if let Some(id) = settings.id.as_deref().filter(|id| is_reserved(id)) {
        let why = format!("S3 keeps bucket names that end like cv-vault-zone-{id} for itself");
        mistakes.push(wrong("id", "the id", id, &why, "another end, such as a digit behind it"));
    }
    if let Some(account) = settings.expect_account.as_deref().filter(|account| !is_account(account)) {
        let why = "no account has such a number";
        mistakes.push(wrong("expect_account", "the account", account, why, "the account's 12 digits"));
    }
    for address in settings.emails.iter().filter(|address| !is_email(address)) {
        let why = "nothing can be sent to it";
        mistakes.push(wrong("emails", "the e-mail address", address, why, "an address such as ops@example.com"));
    }
    let (vault, held) = (&settings.vault, &settings.held);
    for (key, what, arns, name) in [
        ("vault.releasers", "the releaser", &vault.releasers, "analyst"),
        ("vault.deployers", "the deployer", &vault.deployers, "deploy"),
        ("vault.legal_holders", "the legal holder", &vault.legal_holders, "counsel"),
        ("held.readers", "the reader", &held.readers, "auditor"),
    ] {
        for arn in arns.iter().filter(|arn| !is_principal(arn)) {
            let why = "S3 never sees such a name: a session counts as its role";
            let fix = format!("the ARN of a role or user, such as arn:aws:iam::123456789012:role/{name}");
            mistakes.push(wrong(key, what, arn, why, &fix));
        }
    }
    let is_of_account = |arn: &str| arn.split(':').nth(4).is_some_and(is_account);
    for arn in settings.ingress.writers.iter().filter(|arn| !(is_principal(arn) && is_of_account(arn))) {
        let why = "S3 never sees such a name: a session counts as its role, and the name needs its account";
        let fix = "the ARN of a role or user, such as arn:aws:iam::210987654321:role/partner";
        mistakes.push(wrong("ingress.writers", "the writer", arn, why, fix));
    }
    mistakes
}

/// Numbers and choices that AWS would refuse.
fn values(settings: &Settings) -> Vec<Mistake> {
    let mut mistakes = vec![];
    let days = settings.logs.retention_days;
    if !RETENTIONS.contains(&days) {
        let nearest = RETENTIONS.iter().min_by_key(|known| known.abs_diff(days)).unwrap_or(&90);
        let fix = format!("{nearest} is the nearest of {RETENTIONS:?}");
        mistakes.push(Mistake::of("logs.retention_days", days, "CloudWatch Logs does not take it", fix));
    }
    let days = settings.buckets.noncurrent_days;
    if days < 1 {
        mistakes.push(Mistake::of("buckets.noncurrent_days", days, "S3 does not take it", "1 or more"));
    }
    let minutes = settings.sweep.interval_minutes;
    if !(5..=1440).contains(&minutes) {
        let why = "what waits would be looked for too often, or too late";
        mistakes.push(Mistake::of("sweep.interval_minutes", minutes, why, "5 to 1440, the minutes of a day"));
    }
    mistakes.extend(ages(settings));
    mistakes.extend(approvals(&settings.vault));
    let bytes = settings.express.max_bytes;
    if bytes > MOST_EXPRESS {
        let why = "an Express workflow ends after five minutes, and what is larger may take longer";
        mistakes.push(Mistake::of("express.max_bytes", bytes, why, "128 MiB or less; 0 for none"));
    }
    let days = settings.key.deletion_window_days;
    if !(7..=30).contains(&days) {
        mistakes.push(Mistake::of("key.deletion_window_days", days, "KMS does not take it", "7 to 30"));
    }
    if let Some(lock) = &settings.vault.object_lock {
        if !["GOVERNANCE", "COMPLIANCE"].contains(&lock.mode.as_str()) {
            let (key, mode) = ("vault.object_lock.mode", format!("{:?}", lock.mode));
            mistakes.push(Mistake::of(key, mode, "S3 has no such mode", "GOVERNANCE or COMPLIANCE"));
        }
        if !(1..=36_500).contains(&lock.days) {
            mistakes.push(Mistake::of("vault.object_lock.days", lock.days, "S3 does not take it", "1 to 36500"));
        }
    }
    let is_locked = settings.vault.object_lock.is_some();
    if let Some(arn) = settings.vault.legal_holders.first().filter(|_| !is_locked) {
        let why = "S3 takes legal holds only in a bucket with Object Lock";
        let fix = "declare vault.object_lock, which a new vault gets when it is made";
        mistakes.push(Mistake::of("vault.legal_holders", format!("{arn:?}"), why, fix));
    }
    mistakes
}

/// Ages that S3 takes and a vault bears.
fn ages(settings: &Settings) -> Vec<Mistake> {
    let (vault, mut mistakes) = (&settings.vault, vec![]);
    let moves = vault.transition.as_ref();
    if let Some(Transition { days, storage_class }) = moves {
        let (least, known) = match storage_class.as_str() {
            "STANDARD_IA" => (30, true),
            class => (1, CLASSES.contains(&class)),
        };
        if !known {
            let why = "a vault does not move there";
            let fix = format!("one of {}", CLASSES.join(", "));
            mistakes.push(Mistake::of("vault.transition", format!("{storage_class:?}"), why, fix));
        } else if *days < least {
            let fix = format!("{least} days or more for {storage_class}");
            mistakes.push(Mistake::of("vault.transition", days, "S3 does not take it", fix));
        }
    }
    let least = moves.map_or(0, |it| it.days);
    if let Some(days) = vault.expire_days.filter(|days| *days <= least) {
        let fix = format!("{} or more", least + 1);
        mistakes.push(Mistake::of("vault.expire_days", days, "nothing would be kept until then", fix));
    }
    if let Some(days) = settings.held.expire_days.filter(|days| *days < SHORTEST_HOLD) {
        let why = "a file may be judged for days, and a person has to see what is held";
        mistakes.push(Mistake::of("held.expire_days", days, why, format!("{SHORTEST_HOLD} or more")));
    }
    mistakes
}

/// Where two have to want it there have to be two, and S3 has to take their names.
fn approvals(vault: &VaultSettings) -> Vec<Mistake> {
    let (key, count) = ("vault.approvals", vault.approvals);
    if !(1..=2).contains(&count) {
        return vec![Mistake::of(key, count, "one identity decides, or a second one confirms it", "1 or 2")];
    }
    if !vault.has_four_eyes() {
        return vec![];
    }
    let mut mistakes = vec![];
    let several = vault.releasers.iter().any(|arn| arn.contains(['*', '?']));
    if !several && vault.releasers.iter().collect::<BTreeSet<_>>().len() < 2 {
        let why = "nobody could confirm what one releaser requests: all sessions of a role are one identity";
        let fix = "name two of vault.releasers, or a pattern that more than one role or user is called by";
        mistakes.push(Mistake::of(key, count, why, fix));
    }
    for arn in vault.releasers.iter().filter(|arn| !arn.contains(['*', '?']) && !requests::fits(arn)) {
        let why = "a request is a tag with who makes it, and S3 takes no such tag";
        let fix = "a role or user whose ARN has at most 256 letters, digits and + - = . _ : / @";
        mistakes.push(Mistake::of("vault.releasers", format!("{arn:?}"), why, fix));
    }
    mistakes
}

/// It becomes a tag's value.
fn is_stack(stack: &str) -> bool {
    (1..=64).contains(&stack.len())
        && stack.trim() == stack
        && stack.chars().all(|c| c.is_ascii_alphanumeric() || " .:/=+-@_".contains(c))
}

/// It becomes a part of bucket names, which have the narrowest rules.
fn is_id(id: &str) -> bool {
    (1..=32).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !id.starts_with('-')
        && !id.ends_with('-')
}

fn is_email(address: &str) -> bool {
    let parts = address.split_once('@');
    parts.is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.') && !domain.contains('@'))
        && address.len() <= 254
        && address.chars().all(|c| c.is_ascii_graphic() && !"<>,;\"".contains(c))
}

/// What `aws:PrincipalArn` may be: of a session of a role it is the role, not the session.
fn is_principal(arn: &str) -> bool {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let ["arn", _, service @ ("iam" | "sts"), "", account, name] = parts[..] else { return false };
    !account.is_empty() && if service == "iam" { name.contains('/') } else { name.starts_with("federated-user/") }
}
