//! What the user wants: flags, `CVAULT_*` variables, `cvault.toml` and defaults in one value,
//! checked before anything else happens.

mod judgement;

pub use judgement::{CustomSettings, IntegritySettings, LevelSettings, MacieSettings, Selector, SensitiveSettings};

use crate::cli::{Cli, Command, Macie, Up};
use crate::explain::Failure;
use crate::resources::s3_settings::ObjectLock;
use anyhow::{Result, bail};
use rules::Rules;
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
mod tests {
    use super::*;
    use crate::explain::Exit;
    use clap::Parser;

    fn settings(line: &[&str], file: Option<&str>) -> Result<Settings> {
        let path =
            std::env::temp_dir().join(format!("cvault-{}-{:?}.toml", std::process::id(), std::thread::current().id()));
        let mut line: Vec<_> = ["cvault"].iter().chain(line).map(ToString::to_string).collect();
        if let Some(text) = file {
            std::fs::write(&path, text).unwrap();
            line.extend(["--config".into(), path.display().to_string()]);
        }
        let settings = Settings::for_command_line(&Cli::try_parse_from(line).unwrap());
        let _ = std::fs::remove_file(path);
        settings
    }

    fn failure(line: &[&str], file: Option<&str>) -> Failure {
        let failure = Failure::of(&settings(line, file).unwrap_err());
        assert_eq!(failure.exit, Exit::Usage);
        failure
    }

    /// The README's configuration file: every key is in it.
    fn whole() -> &'static str {
        let readme = include_str!("../README.md");
        let (_, section) = readme.split_once("\n## Configuration\n").unwrap();
        section.split_once("```toml\n").unwrap().1.split_once("\n```\n").unwrap().0
    }

    #[test]
    fn the_file_in_the_readme() {
        let settings = settings(&["status"], Some(whole())).unwrap();
        assert_eq!((settings.stack(), settings.id.as_deref()), ("cyber-vault", Some("prod")));
        assert_eq!(settings.vault.object_lock.as_ref().unwrap().days, 30);
        assert_eq!((settings.macie.mode, settings.macie.managed_identifiers), (Macie::Auto, Selector::Exclude));
        let rules = settings.rules();
        assert_eq!(rules.accepted_formats.as_ref().map(Vec::len), Some(15), "all of them");
        assert_eq!(rules.custom_identifiers[0].severity_levels.len(), 2);
        assert!(!settings.delete_data);
        // Apart from what it shows for the sake of showing, it is the default.
        let defaults = Rules { accepted_formats: rules.accepted_formats.clone(), ..Rules::default() };
        assert_eq!(Rules { custom_identifiers: vec![], ..rules }, defaults);
        assert_eq!(settings.macie.max_hours, MacieSettings::default().max_hours);
    }

    /// Every key of every section is in the README: without `Default` for what is left out, nothing is left out.
    #[test]
    fn the_readme_names_every_key() {
        let keys = [
            ["stack", "id", "region", "profile", "expect_account", "emails"].as_slice(),
            &["retention_days", "noncurrent_days", "releasers", "object_lock", "deletion_window_days"],
            &["accepted_formats", "max_bytes", "max_expanded_bytes", "max_levels", "max_ratio", "block_at"],
            &["name", "regex", "keywords", "maximum_match_distance", "ignore_words", "severity_levels"],
            &["mode", "managed_identifiers", "managed_identifier_ids", "max_hours"],
        ];
        for key in keys.concat() {
            assert!(whole().lines().any(|line| line.starts_with(&format!("{key} = "))), "{key}");
        }
    }

    #[test]
    fn addresses_are_sorted_and_there_once() {
        let file = "emails = [\"b@example.com\", \"a@example.com\", \"A@example.com\"]";
        assert_eq!(settings(&["status"], Some(file)).unwrap().emails, ["a@example.com", "b@example.com"]);
    }

    #[test]
    fn a_flag_wins_over_the_file() {
        let settings =
            settings(&["up", "--stack", "other", "--email", "c@example.com", "--macie", "off"], Some(whole()));
        let settings = settings.unwrap();
        assert_eq!(settings.stack(), "other");
        assert_eq!(settings.emails, ["c@example.com"]);
        assert_eq!(settings.macie.mode, Macie::Off);
    }

    #[test]
    fn to_enable_macie_is_to_want_it() {
        let of = |line: &[&str]| {
            let settings = settings(line, Some(whole())).unwrap();
            (settings.macie.mode, settings.enable_macie)
        };
        assert_eq!(of(&["up", "--enable-macie"]), (Macie::On, true));
        assert_eq!(of(&["up", "--enable-macie", "--macie", "auto"]), (Macie::On, true));
        assert_eq!(of(&["up", "--macie", "on"]), (Macie::On, false));
        failure(&["up", "--enable-macie", "--macie", "off"], None);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let failure = failure(&["status"], Some("stack = \"a\"\nregoin = \"eu-west-1\"\n"));
        assert!(failure.why.contains("regoin") && failure.why.contains("line 2"), "{failure}");
    }

    #[test]
    fn what_aws_would_refuse_is_refused_here() {
        for line in [
            &["status", "--stack", ""] as &[_],
            &["status", "--stack", "späti"],
            &["status", "--id", "Upper"],
            &["status", "--id=-x"],
            &["status", "--expect-account", "12345"],
            &["up", "--email", "nobody"],
            &["up", "--email", "a b@example.com"],
        ] {
            failure(line, None);
        }
        for file in [
            "logs.retention_days = 31",
            "buckets.noncurrent_days = 0",
            "key.deletion_window_days = 6",
            "vault.object_lock = { mode = \"governance\", days = 1 }",
            "vault.object_lock = { mode = \"GOVERNANCE\", days = 0 }",
            "vault.releasers = [\"analyst\"]",
            "vault.releasers = [\"arn:aws:sts::123456789012:assumed-role/analyst/session\"]",
        ] {
            failure(&["status"], Some(file));
        }
    }

    const BADGE: &str = "[[sensitive.custom_identifiers]]\nname = \"Badge\"\n";

    /// Each with what the user is told: the value, why, and what would do.
    #[test]
    fn rules_that_cannot_be_are_refused() {
        let badge = |more: &str| format!("{BADGE}{more}");
        let many: String =
            (0..31).map(|n| format!("[[sensitive.custom_identifiers]]\nname = \"{n}\"\nregex = \"b\"\n")).collect();
        let long = "k".repeat(90);
        let heavy: String = (0..30)
            .map(|n| {
                format!(
                    "[[sensitive.custom_identifiers]]\nname = \"{n}\"\nregex = \"b\"\nkeywords = [{}]\n",
                    vec![format!("\"{long}\""); 50].join(", ")
                )
            })
            .collect();
        for (file, told) in [
            ("integrity.max_bytes = 0".to_owned(), "integrity.max_bytes = 0"),
            ("integrity.max_bytes = -1".into(), "-1"),
            ("integrity.max_levels = 99".into(), "1 to 32"),
            ("integrity.max_ratio = 0".into(), "integrity.max_ratio = 0"),
            ("integrity.accepted_formats = []".into(), "no file would be accepted"),
            ("integrity.accepted_formats = [\"csv\", \"csv\"]".into(), "twice"),
            ("integrity.accepted_formats = [\"cvs\"]".into(), "unknown variant `cvs`, expected one of `text`"),
            ("integrity.max_byte = 1".into(), "unknown field `max_byte`"),
            ("sensitive.block_at = \"meduim\"".into(), "expected one of `low`, `medium`, `high`"),
            ("sensitive.block_on = \"low\"".into(), "unknown field `block_on`"),
            (badge("regex = \"HB-(\""), "unclosed group"),
            (badge("regex = \"(?:a+)+b\""), "catastrophic"),
            (badge("regex = \"(a)\""), "groups that capture"),
            (badge("regex = \"a*\""), "empty text"),
            (badge("regex = \"a\"\ncolour = 1"), "unknown field `colour`"),
            (badge(""), "missing field `regex`"),
            (badge("regex = \"a\"\nkeywords = [\"ab\"]"), "3 to 90"),
            (badge("regex = \"a\"\nmaximum_match_distance = 301"), "1 to 300"),
            (
                badge("regex = \"a\"\nseverity_levels = [{ occurrences_threshold = 1, severity = \"bad\" }]"),
                "unknown variant `bad`",
            ),
            (format!("{0}regex = \"a\"\n{0}regex = \"b\"", BADGE), "two of this name"),
            (many, "takes 30 at most"),
            (heavy, "more than the 131072"),
            ("macie.mode = \"maybe\"".into(), "unknown variant `maybe`"),
            ("macie.max_hours = 0".into(), "1 to 720"),
            ("macie.max_hours = 721".into(), "1 to 720"),
            ("macie.managed_identifiers = \"some\"".into(), "unknown variant `some`"),
            ("macie.managed_identifiers = \"include\"".into(), "says of no identifier"),
            ("macie.managed_identifiers = \"none\"".into(), "look for nothing"),
            ("macie.managed_identifier_ids = [\"NAME\"]".into(), "only include and exclude"),
            (
                "macie.managed_identifiers = \"exclude\"\nmacie.managed_identifier_ids = [\"name\"]".into(),
                "CREDIT_CARD_NUMBER",
            ),
        ] {
            for command in ["status", "up", "down", "demo"] {
                let failure = failure(&[command], Some(&file));
                assert!(failure.to_string().contains(told), "{file}: {failure}");
                assert!(!failure.what.is_empty() && !failure.why.is_empty() && !failure.fix.is_empty());
            }
        }
    }

    #[test]
    fn without_macie_there_may_be_more_identifiers() {
        let many: String =
            (0..31).map(|n| format!("[[sensitive.custom_identifiers]]\nname = \"{n}\"\nregex = \"b\"\n")).collect();
        assert_eq!(settings(&["status", "--macie", "off"], Some(&many)).unwrap().rules().custom_identifiers.len(), 31);
    }

    #[test]
    fn a_file_that_is_named_must_be_there() {
        let failure = failure(&["status", "--config", "/nonexistent/cvault.toml"], None);
        assert!(failure.what.contains("/nonexistent/cvault.toml"));
    }
}
