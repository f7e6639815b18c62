//! What AWS would refuse is refused here, before anything else happens.

use super::judgement;
use crate::outcome::failure::Failure;
use crate::vault::settings::Settings;
use anyhow::{Result, bail};

/// The days that CloudWatch Logs takes (truths G3).
const RETENTIONS: &[i32] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// The settings, if AWS takes them: addresses in order, and each once.
///
/// # Errors
/// Something is wrong: exit code 64.
pub(super) fn checked(mut settings: Settings) -> Result<Settings> {
    let wrong = |what: &str, value: &str, fix: &str| {
        Failure::usage(format!("use {what} {value:?}"), "AWS does not take it".to_owned(), fix)
    };
    if !is_stack(settings.stack()) {
        bail!(wrong("the stack", settings.stack(), "1 to 64 letters, digits, blanks and . : / = + - @ _"));
    }
    if let Some(id) = settings.id.as_deref().filter(|id| !is_id(id)) {
        bail!(wrong("the id", id, "1 to 32 lower-case letters, digits and dashes, no dash at either end"));
    }
    let twelve_digits = |account: &str| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    if let Some(account) = settings.expect_account.as_deref().filter(|account| !twelve_digits(account)) {
        bail!(wrong("the account", account, "the account's 12 digits"));
    }
    if let Some(address) = settings.emails.iter().find(|address| !is_email(address)) {
        bail!(wrong("the e-mail address", address, "an address such as ops@example.com"));
    }
    settings.emails.sort_by_key(|address| address.to_lowercase());
    settings.emails.dedup_by_key(|address| address.to_lowercase());
    if let Some(arn) = settings.vault.releasers.iter().find(|arn| !is_principal(arn)) {
        bail!(wrong("the releaser", arn, "the ARN of a role or user, such as arn:aws:iam::123456789012:role/analyst"));
    }
    check_days(&settings)?;
    judgement::check(&settings.rules, &settings.macie)?;
    Ok(settings)
}

fn check_days(settings: &Settings) -> Result<()> {
    let wrong = |what: &str, days: i32, fix: String| {
        Failure::usage(format!("use {what} = {days}"), "AWS does not take it", fix)
    };
    if !RETENTIONS.contains(&settings.logs.retention_days) {
        bail!(wrong("logs.retention_days", settings.logs.retention_days, format!("one of {RETENTIONS:?}")));
    }
    if settings.buckets.noncurrent_days < 1 {
        bail!(wrong("buckets.noncurrent_days", settings.buckets.noncurrent_days, "1 or more".into()));
    }
    if !(7..=30).contains(&settings.key.deletion_window_days) {
        bail!(wrong("key.deletion_window_days", settings.key.deletion_window_days, "7 to 30".into()));
    }
    if let Some(lock) = &settings.vault.object_lock {
        if !["GOVERNANCE", "COMPLIANCE"].contains(&lock.mode.as_str()) {
            let what = format!("use vault.object_lock.mode = {:?}", lock.mode);
            bail!(Failure::usage(what, "AWS does not take it", "GOVERNANCE or COMPLIANCE"));
        }
        if !(1..=36_500).contains(&lock.days) {
            bail!(wrong("vault.object_lock.days", lock.days, "1 to 36500".into()));
        }
    }
    Ok(())
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
