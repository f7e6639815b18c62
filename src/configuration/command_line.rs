//! The command line over the file: a flag, or its variable, wins.

use super::{check, file};
use crate::cli::{Cli, Command, Up, UseMacie};
use crate::outcome::failure::Failure;
use crate::vault::settings::{MacieMode, Settings};
use anyhow::{Result, bail};
use std::path::Path;

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "cvault.toml";

/// The settings for a command line.
///
/// # Errors
/// The file cannot be read, or something in it or on the command line is wrong: exit code 64.
pub fn for_command_line(cli: &Cli) -> Result<Settings> {
    let mut settings = match &cli.options.config {
        Some(path) => file::read(path)?,
        None if Path::new(DEFAULT_FILE).exists() => file::read(Path::new(DEFAULT_FILE))?,
        None => Settings::default(),
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
    settings.macie.mode = options.macie.map_or(settings.macie.mode, MacieMode::from);
    match &cli.command {
        Command::Up(up) => take_up(&mut settings, up, options.macie)?,
        Command::Down(down) => settings.delete_data = down.delete_data,
        _ => {}
    }
    check::checked(settings)
}

fn take_up(settings: &mut Settings, up: &Up, macie: Option<UseMacie>) -> Result<()> {
    if !up.emails.is_empty() {
        settings.emails.clone_from(&up.emails);
    }
    if up.enable_macie {
        if macie == Some(UseMacie::Off) {
            let fix = "leave out one of the two";
            bail!(Failure::usage("enable Macie", "--enable-macie and --macie off contradict each other", fix));
        }
        settings.macie.mode = MacieMode::On;
        settings.enable_macie = true;
    }
    Ok(())
}

/// Whether the variable `CVAULT_YES` answers the questions of `down`.
///
/// # Errors
/// It is neither yes nor no: exit code 64.
pub fn assumes_yes() -> Result<bool> {
    let value = std::env::var("CVAULT_YES").unwrap_or_default();
    match value.to_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "" | "0" | "false" | "no" | "off" => Ok(false),
        _ => bail!(Failure::usage(format!("use CVAULT_YES={value:?}"), "it is neither yes nor no", "1 or 0")),
    }
}
