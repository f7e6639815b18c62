//! The command line over the file: a flag, or its variable, wins.

use super::file::{self, Read};
use super::mistake::{self, Mistake};
use super::{check, tags, variables};
use crate::cli::{Cli, Command, UseMacie};
use crate::outcome::failure::Failure;
use crate::vault::settings::{MacieMode, Settings};
use anyhow::Result;
use std::ffi::OsString;
use std::path::Path;

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "cvault.toml";

/// The settings for a command line.
///
/// # Errors
/// The file cannot be read, or something in it, in a variable or on the command line is wrong: exit code 64, and all
/// mistakes at once.
pub fn for_command_line(cli: &Cli) -> Result<Settings> {
    let mut read = match &cli.options.config {
        Some(path) => file::read(path)?,
        None if Path::new(DEFAULT_FILE).exists() => file::read(Path::new(DEFAULT_FILE))?,
        None => Read::default(),
    };
    let mut mistakes = variables::unknown(text_variables());
    let of_variables = mistakes.len();
    mistakes.append(&mut read.mistakes);
    mistakes.extend(overlay(cli, &mut read));
    let Read { mut settings, places, .. } = read;
    let others = check::mistakes(&mut settings, &mistakes).into_iter();
    mistakes.extend(others.map(|mistake| {
        let place = mistake.key.as_deref().and_then(|key| places.find(key)).cloned();
        Mistake { place, ..mistake }
    }));
    mistake::failure(&mistakes, fix_of_several(of_variables == mistakes.len()))?;
    Ok(settings)
}

/// Where to look up what would do.
fn fix_of_several(are_variables: bool) -> &'static str {
    if are_variables {
        "correct them: cvault --help names every variable"
    } else {
        "correct them; the README has every key"
    }
}

/// What the command line says, and its variables, over the file.
fn overlay(cli: &Cli, Read { settings, places, .. }: &mut Read) -> Option<Mistake> {
    let options = &cli.options;
    let flags = [
        ("stack", &options.stack, &mut settings.stack),
        ("id", &options.id, &mut settings.id),
        ("region", &options.region, &mut settings.region),
        ("profile", &options.profile, &mut settings.profile),
        ("expect_account", &options.expect_account, &mut settings.expect_account),
    ];
    for (key, flag, setting) in flags {
        if flag.is_some() {
            setting.clone_from(flag);
            places.forget(key);
        }
    }
    let given = tags::given(cli.command.tags());
    for (key, value) in given.as_ref().map(Vec::as_slice).unwrap_or_default() {
        settings.tags.insert(key.clone(), value.clone());
        places.forget(&format!("tags.{key}"));
    }
    settings.macie.mode = options.macie.map_or(settings.macie.mode, MacieMode::from);
    match &cli.command {
        Command::Up(up) => {
            let addresses = up.addresses();
            if !addresses.is_empty() {
                settings.emails = addresses;
                places.forget("emails");
            }
            settings.expiry.clone_from(&up.expires);
            settings.notify.prune_emails |= up.prune_emails;
            if settings.notify.prune_emails && !settings.prunes_emails() {
                let why = "no address, endpoint or queue is declared, so that nobody would be told";
                return Some(Mistake::new(
                    "prune the e-mail addresses",
                    why,
                    "declare those that stay: --email, or emails in cvault.toml",
                ));
            }
            if up.enable_macie {
                if options.macie == Some(UseMacie::Off) {
                    let why = "--enable-macie and --macie off contradict each other";
                    return Some(Mistake::new("enable Macie", why, "leave out one of the two"));
                }
                settings.macie.mode = MacieMode::On;
                settings.enable_macie = true;
            }
        }
        Command::Down(down) => settings.delete_data = down.delete_data,
        Command::Gc(gc) => settings.delete_data = gc.delete_data,
        _ => {}
    }
    given.err().map(|mistake| *mistake)
}

/// Whether the variable `CVAULT_YES` answers the questions of `down`.
///
/// # Errors
/// It is neither yes nor no: exit code 64.
pub fn assumes_yes() -> Result<bool> {
    let value = std::env::var(variables::YES).unwrap_or_default();
    let wrong =
        || Failure::usage(format!("use {}={value:?}", variables::YES), "it is neither yes nor no", "1 or 0").into();
    variables::is_yes(&value).ok_or_else(wrong)
}

/// Whose credentials count where several are named: who meant the others would work on another account than they think.
#[must_use]
pub fn whose_credentials(cli: &Cli, settings: &Settings) -> Vec<String> {
    whose(cli.options.profile.is_some(), settings.profile.as_deref(), |name| std::env::var(name).ok())
}

fn whose(is_said: bool, profile: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let Some(profile) = profile else { return vec![] };
    let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let key = set("AWS_ACCESS_KEY_ID").map(|_| "AWS_ACCESS_KEY_ID".to_owned());
    // Who names a profile on the command line has seen it.
    let other = set("AWS_PROFILE").filter(|other| !is_said && other != profile);
    let others = key.into_iter().chain(other.map(|other| format!("AWS_PROFILE ({other})")));
    others.map(|other| format!("the credentials are those of profile {profile}, not those of {other}")).collect()
}

/// The variables whose names are text.
fn text_variables() -> impl Iterator<Item = (String, String)> {
    let text =
        |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned()));
    std::env::vars_os().filter_map(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_only_variables_are_wrong_the_help_has_them() {
        assert!(fix_of_several(true).contains("cvault --help") && fix_of_several(false).contains("README"));
    }

    #[test]
    fn who_names_several_credentials_is_told_which_count() {
        let told = |is_said, profile, set: &[(&str, &str)]| {
            let set = |name: &str| Some(set.iter().find(|(other, _)| *other == name)?.1.to_owned());
            whose(is_said, profile, set).join("; ")
        };
        let both = [("AWS_ACCESS_KEY_ID", "A"), ("AWS_PROFILE", "dev")];
        assert_eq!(told(false, None, &both), "");
        assert_eq!(
            told(false, Some("prod"), &both),
            "the credentials are those of profile prod, not those of AWS_ACCESS_KEY_ID; \
             the credentials are those of profile prod, not those of AWS_PROFILE (dev)"
        );
        assert_eq!(told(true, Some("prod"), &both[1..]), "", "the command line wins, as everybody expects");
        assert_eq!(told(false, Some("dev"), &both[1..]), "");
        assert_eq!(told(false, Some("prod"), &[("AWS_PROFILE", " ")]), "");
    }
}
