//! What the user wants: flags, `CVAULT_*` variables, `cvault.toml` and defaults in one value,
//! checked before anything else happens.

mod judgement;

pub use judgement::{CustomSettings, IntegritySettings, LevelSettings, MacieSettings, Selector, SensitiveSettings};

use crate::cli::{Cli, Command, Macie, Up};
use crate::outcome::failure::Failure;
use crate::vault::resources::bucket::s3_settings::ObjectLock;
use anyhow::{Result, bail};
use contract::Rules;
use serde::Deserialize;
use std::path::Path;

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "cvault.toml";
/// The days that CloudWatch Logs takes (truths G3).
const RETENTIONS: &[i32] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// The whole configuration, as `cvault.toml` writes it; an unknown key is an error.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The stack's name.
    pub stack: Option<String>,
    /// The suffix of every name.
    pub id: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The AWS profile.
    pub profile: Option<String>,
    /// The only account to work in.
    pub expect_account: Option<String>,
    /// Who is told of held files.
    pub emails: Vec<String>,
    /// `[integrity]`
    pub integrity: IntegritySettings,
    /// `[sensitive]`
    pub sensitive: SensitiveSettings,
    /// `[macie]`
    pub macie: MacieSettings,
    /// `[logs]`
    pub logs: LogSettings,
    /// `[buckets]`
    pub buckets: BucketSettings,
    /// `[vault]`
    pub vault: VaultSettings,
    /// `[key]`
    pub key: KeySettings,
    /// Whether `down` empties the buckets: a flag only, never a setting that lies in wait.
    #[serde(skip)]
    pub delete_data: bool,
    /// Whether `up` may enable Macie: likewise.
    #[serde(skip)]
    pub enable_macie: bool,
}

/// `[logs]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// For how many days CloudWatch Logs keeps events.
    pub retention_days: i32,
}

/// `[buckets]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BucketSettings {
    /// After how many days a version that is not current any more expires.
    pub noncurrent_days: i32,
}

/// `[vault]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VaultSettings {
    /// ARNs of roles and users that may write to the vault beside the classifier; `*` and `?` match.
    pub releasers: Vec<String>,
    /// The default retention of Object Lock; without it objects can be overwritten.
    pub object_lock: Option<ObjectLock>,
}

/// `[key]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeySettings {
    /// For how many days AWS keeps the key after `down`, 7 to 30.
    pub deletion_window_days: i32,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { retention_days: 90 }
    }
}

impl Default for BucketSettings {
    fn default() -> Self {
        Self { noncurrent_days: 90 }
    }
}

impl Default for KeySettings {
    fn default() -> Self {
        Self { deletion_window_days: 30 }
    }
}

impl Settings {
    /// The settings for a command line.
    ///
    /// # Errors
    /// The file cannot be read, or something in it or on the command line is wrong: exit code 64.
    pub fn for_command_line(cli: &Cli) -> Result<Self> {
        let mut settings = match &cli.options.config {
            Some(path) => Self::read(path)?,
            None if Path::new(DEFAULT_FILE).exists() => Self::read(Path::new(DEFAULT_FILE))?,
            None => Self::default(),
        };
        let options = &cli.options;
        let flags = [
            (&options.stack, &mut settings.stack),
            (&options.id, &mut settings.id),
            (&options.region, &mut settings.region),
            (&options.profile, &mut settings.profile),
            (&options.expect_account, &mut settings.expect_account),
        ];
        for (flag, setting) in flags {
            if flag.is_some() {
                setting.clone_from(flag);
            }
        }
        settings.macie.mode = options.macie.unwrap_or(settings.macie.mode);
        match &cli.command {
            Command::Up(up) => settings.take_up(up, options.macie)?,
            Command::Down(down) => settings.delete_data = down.delete_data,
            _ => {}
        }
        settings.checked()
    }

    fn take_up(&mut self, up: &Up, macie: Option<Macie>) -> Result<()> {
        if !up.emails.is_empty() {
            self.emails.clone_from(&up.emails);
        }
        if up.enable_macie {
            if macie == Some(Macie::Off) {
                let fix = "leave out one of the two";
                bail!(Failure::usage("enable Macie", "--enable-macie and --macie off contradict each other", fix));
            }
            self.macie.mode = Macie::On;
            self.enable_macie = true;
        }
        Ok(())
    }

    fn read(path: &Path) -> Result<Self> {
        let what = format!("read {}", path.display());
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(&what, error.to_string(), "name a file that can be read with --config"))?;
        toml::from_str(&text).map_err(|error| {
            let why = error.to_string().trim_end().to_owned();
            Failure::usage(what, why, "correct the file: the README has every key").into()
        })
    }

    /// The stack's name.
    #[must_use]
    pub fn stack(&self) -> &str {
        self.stack.as_deref().unwrap_or("cyber-vault")
    }

    /// What files are judged by.
    #[must_use]
    pub fn rules(&self) -> Rules {
        judgement::rules(&self.integrity, &self.sensitive)
    }

    fn checked(mut self) -> Result<Self> {
        let wrong = |what: &str, value: &str, fix: &str| {
            Failure::usage(format!("use {what} {value:?}"), "AWS does not take it".to_owned(), fix)
        };
        if !is_stack(self.stack()) {
            bail!(wrong("the stack", self.stack(), "1 to 64 letters, digits, blanks and . : / = + - @ _"));
        }
        if let Some(id) = self.id.as_deref().filter(|id| !is_id(id)) {
            bail!(wrong("the id", id, "1 to 32 lower-case letters, digits and dashes, no dash at either end"));
        }
        let twelve_digits = |account: &str| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        if let Some(account) = self.expect_account.as_deref().filter(|account| !twelve_digits(account)) {
            bail!(wrong("the account", account, "the account's 12 digits"));
        }
        if let Some(address) = self.emails.iter().find(|address| !is_email(address)) {
            bail!(wrong("the e-mail address", address, "an address such as ops@example.com"));
        }
        self.emails.sort_by_key(|address| address.to_lowercase());
        self.emails.dedup_by_key(|address| address.to_lowercase());
        if let Some(arn) = self.vault.releasers.iter().find(|arn| !is_principal(arn)) {
            bail!(wrong(
                "the releaser",
                arn,
                "the ARN of a role or user, such as arn:aws:iam::123456789012:role/analyst"
            ));
        }
        self.check_days()?;
        judgement::check(&self.rules(), &self.macie)?;
        Ok(self)
    }

    fn check_days(&self) -> Result<()> {
        let wrong = |what: &str, days: i32, fix: String| {
            Failure::usage(format!("use {what} = {days}"), "AWS does not take it", fix)
        };
        if !RETENTIONS.contains(&self.logs.retention_days) {
            bail!(wrong("logs.retention_days", self.logs.retention_days, format!("one of {RETENTIONS:?}")));
        }
        if self.buckets.noncurrent_days < 1 {
            bail!(wrong("buckets.noncurrent_days", self.buckets.noncurrent_days, "1 or more".into()));
        }
        if !(7..=30).contains(&self.key.deletion_window_days) {
            bail!(wrong("key.deletion_window_days", self.key.deletion_window_days, "7 to 30".into()));
        }
        if let Some(lock) = &self.vault.object_lock {
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

#[cfg(test)]
mod tests;
