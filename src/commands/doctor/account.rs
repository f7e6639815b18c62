//! Who runs it, and what the account has and lets.

use super::check::{failed, found, good, or_unknown};
use crate::aws::{Answer, explained};
use crate::commands::Session;
use crate::outcome::failure::Exit;
use crate::outcome::row::{Check, Health};
use crate::vault::macie::Macie;
use crate::vault::resources::macie::macie_session::Status;
use crate::vault::settings::MacieMode;
use anyhow::{Error, Result};

/// What Lambda grants a new account, and how little that is for a burst of files.
const FEW: i32 = 100;

/// Why AWS cannot be asked, and what the run ends with: a wrong account and a wrong configuration are what they are in
/// every command.
pub(super) fn unopened(error: &Error, name: &str) -> (Check, Exit) {
    let exit = explained(error).exit;
    let (name, exit) = match exit {
        Exit::Refused => ("account", exit),
        Exit::Usage if name == "credentials" => ("region", exit),
        Exit::Usage => (name, exit),
        _ => (name, Exit::Differs),
    };
    (failed(Health::Bad, name, error), exit)
}

pub(super) fn identity(session: &Session) -> Vec<Check> {
    let names = &session.names;
    let where_to = format!("{} in account {}, region {}", session.caller, names.account, names.region);
    vec![good("identity", format!("{where_to}; stack {} ({})", names.stack, names.id))]
}

pub(super) async fn concurrency(session: &Session) -> Vec<Check> {
    or_unknown("concurrency", limits(session).await)
}

async fn limits(session: &Session) -> Result<Vec<Check>> {
    let settings = session.aws.lambda.get_account_settings().send().await;
    let settings = settings.or_refused("look at Lambda's quotas")?;
    let Some(limit) = settings.account_limit() else { return Ok(vec![]) };
    let (all, free) = (limit.concurrent_executions(), limit.unreserved_concurrent_executions().unwrap_or_default());
    let says = format!("{all} functions at once in the account, {free} of them not reserved");
    Ok(vec![if free.min(all) < FEW {
        let more = format!("{says}: more files than that at once wait for each other, and none is lost");
        let fix = "raise \"Concurrent executions\" of AWS Lambda in the Service Quotas console, to 1000, say";
        found(Health::Warning, "concurrency", more, fix)
    } else {
        good("concurrency", says)
    }])
}

/// Where Macie cannot be asked, `up` would stop at just that.
pub(super) fn macie(session: &Session, macie: &Result<Macie>) -> Vec<Check> {
    let macie = match macie {
        Ok(macie) => macie,
        Err(error) => return vec![failed(Health::Bad, "macie", error)],
    };
    if let Err(refused) = macie.guard(&session.names) {
        return vec![found(Health::Bad, "macie", refused.why, &refused.fix)];
    }
    let region = &session.names.region;
    let is_off = session.settings.macie.mode == MacieMode::Off;
    vec![match (macie.is_used(), macie.status == Status::Enabled) {
        (true, _) => good("macie", format!("enabled in {region}, and used")),
        (false, true) => good("macie", format!("enabled in {region}, and not used (--macie off)")),
        // Nobody has asked.
        (false, false) if is_off => good("macie", "not used (--macie off): the built-in detectors alone judge"),
        (false, false) => good("macie", format!("not enabled in {region}: the built-in detectors alone judge")),
    }]
}
