//! `cvault init`: a commented `cvault.toml` for this repository and, if wanted, its workflows. It asks AWS nothing.
//!
//! The file is the README's own, with every line that is not the user's choice behind a `#`: what the README
//! explains, which tests hold against the real keys, is what the user gets.

use crate::deploy::event::{Event, Events};
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::row::{Row, Written};
use crate::vault::settings::MacieMode;
use anyhow::{Result, bail};
use std::fs::{OpenOptions, create_dir_all, read_to_string};
use std::io::{ErrorKind, Write};
use std::path::Path;

const README: &str = include_str!("../../../README.md");
const DEPLOY: &str = include_str!("vault.yml");
const CHECK: &str = include_str!("vault-check.yml");

/// What the user has chosen already.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    /// Who is told.
    pub emails: Vec<String>,
    /// The stack's name.
    pub stack: Option<String>,
    /// The suffix of every name.
    pub id: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The only account to work in.
    pub expect_account: Option<String>,
    /// When Macie is used.
    pub macie: Option<MacieMode>,
    /// Whether workflows for GitHub Actions are written too.
    pub github: bool,
    /// Whether nothing is to be written.
    pub dry_run: bool,
}

/// A file to be written, and what is to be in it.
type File = (&'static str, String);

/// Writes the files below a folder. What is there stays: one that says something else is refused before any is
/// written.
///
/// # Errors
/// Another file of the name is there, or one cannot be written.
pub fn run(root: &Path, chosen: &Chosen, events: &Events) -> Result<Exit> {
    let mut missing = vec![];
    for (name, text) in files(chosen) {
        match read_to_string(root.join(name)) {
            Ok(there) if there == text => events.send(Event::Row(Row::File(Written { path: name, state: "there" }))),
            Ok(_) => bail!(Failure::refused(
                format!("write {name}"),
                "a file of this name is there, and says something else",
                "move it away, or run it in another folder: nothing is ever written over"
            )),
            Err(error) if error.kind() == ErrorKind::NotFound => missing.push((name, text)),
            Err(error) => bail!(Failure::refused(format!("write {name}"), error.to_string(), "move it away")),
        }
    }
    let state = if chosen.dry_run { "planned" } else { "written" };
    for (path, text) in &missing {
        if !chosen.dry_run {
            write(&root.join(path), text).map_err(|error| {
                Failure::new(format!("write {path}"), error.to_string(), "look at the folder and its rights")
            })?;
        }
        events.send(Event::Row(Row::File(Written { path, state })));
    }
    Ok(if chosen.dry_run && !missing.is_empty() { Exit::Differs } else { Exit::Done })
}

/// The whole file or none of it, and never over another one: it gets its name once all of it is written. A run that is
/// killed before leaves what nothing reads.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let unnamed = folder.join(format!(".{name}.{}", std::process::id()));
    // One of a run that was killed, in a container with the same number.
    let _ = std::fs::remove_file(&unnamed);
    let made = OpenOptions::new().write(true).create_new(true).open(&unnamed);
    let filled = made.and_then(|mut file| file.write_all(text.as_bytes()));
    let written = filled.and_then(|()| match std::fs::hard_link(&unnamed, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => in_place(path, text),
        linked => linked,
    });
    // What could not be written need not be there.
    let _ = std::fs::remove_file(&unnamed);
    written
}

/// The same where the file system has no second names.
fn in_place(path: &Path, text: &str) -> std::io::Result<()> {
    let written = OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes());
    written.inspect_err(|_| drop(std::fs::remove_file(path)))
}

fn files(chosen: &Chosen) -> Vec<File> {
    let mut files = vec![("cvault.toml", configuration(chosen))];
    if chosen.github {
        let filled = |text: &str| text.replace("${Repository}", env!("CARGO_PKG_REPOSITORY"));
        files.push((".github/workflows/vault.yml", filled(DEPLOY)));
        files.push((".github/workflows/vault-check.yml", filled(CHECK)));
    }
    files
}

/// What the user has chosen, then every key as a comment.
fn configuration(chosen: &Chosen) -> String {
    let Chosen { emails, stack, id, region, expect_account, macie, .. } = chosen;
    // A text of JSON is one of TOML.
    let quoted = |text: &String| serde_json::Value::from(text.as_str()).to_string();
    let emails = (!emails.is_empty()).then(|| emails.iter().map(quoted).collect::<Vec<_>>().join(", "));
    let own = [
        ("stack", stack.as_ref().map(quoted)),
        ("id", id.as_ref().map(quoted)),
        ("emails", emails.map(|all| format!("[{all}]"))),
        ("region", region.as_ref().map(quoted)),
        ("expect_account", expect_account.as_ref().map(quoted)),
    ];
    let mut text =
        "# cvault: a line behind a # shows a key and its meaning. `cvault up --dry-run` shows what the file changes.\n\n"
            .to_owned();
    for (key, value) in own {
        text.extend(value.map(|value| format!("{key} = {value}\n")));
    }
    text.push('\n');
    let mut section = "";
    for line in every_key().lines() {
        section = if line.starts_with('[') { line } else { section };
        let is_macie = section == "[macie]";
        let line = match macie.filter(|_| is_macie) {
            Some(_) if line == section => line.to_owned(),
            Some(mode) if line.starts_with("mode = ") => format!("mode = {:?}", mode.word()),
            _ if line.is_empty() => String::new(),
            _ => format!("# {line}"),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// The README's configuration file.
fn every_key() -> &'static str {
    let section = README.split_once("\n## Configuration\n").map_or("", |(_, rest)| rest);
    let block = section.split_once("```toml\n").map_or("", |(_, rest)| rest);
    block.split_once("\n```\n").map_or("", |(block, _)| block)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen() -> Chosen {
        let emails = vec!["ops@example.com".into(), "it's \"me\"@example.com".into()];
        Chosen { emails, stack: Some("prod".into()), github: true, ..Chosen::default() }
    }

    #[test]
    fn what_was_chosen_counts_and_the_rest_is_a_comment() {
        let text = configuration(&chosen());
        let read: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(read.keys().collect::<Vec<_>>(), ["emails", "stack"]);
        assert_eq!(read["emails"][1].as_str(), Some("it's \"me\"@example.com"));
        let uncommented: Vec<_> = text.lines().skip(2).map(|line| line.strip_prefix("# ").unwrap_or(line)).collect();
        assert!(uncommented.join("\n").contains(every_key()) && every_key().contains("[vault]"));
    }

    /// The `up` of the written workflow has no options: it is to mean the same stack.
    #[test]
    fn what_decides_which_stack_it_is_and_how_it_judges_is_written() {
        let chosen = Chosen { id: Some("prod".into()), macie: Some(MacieMode::Off), ..chosen() };
        let read: toml::Table = toml::from_str(&configuration(&chosen)).unwrap();
        assert_eq!(read.keys().collect::<Vec<_>>(), ["emails", "id", "macie", "stack"]);
        assert_eq!(
            (read["id"].as_str(), &read["macie"]),
            (Some("prod"), &toml::Value::from(toml::toml! { mode = "off" }))
        );
        let line = ["cvault", "--id", "prod", "init", "--macie", "ON"].map(Into::into);
        let cli = crate::cli::Cli::read(line).unwrap();
        let crate::cli::Command::Init(init) = &cli.command else { panic!("init") };
        let chosen = cli.chosen(init);
        assert_eq!((chosen.id.as_deref(), chosen.macie), (Some("prod"), Some(MacieMode::On)));
    }

    /// Drift ends a step with 2, and the steps behind it are asked all the same.
    #[test]
    fn the_check_goes_on_after_drift() {
        let steps: Vec<_> = CHECK.split("      - run: cvault ").skip(1).collect();
        assert!(steps[0].starts_with("status") && steps.len() == 3, "{steps:?}");
        assert!(steps[1..].iter().all(|step| step.contains("if: ")), "{steps:?}");
    }

    #[test]
    fn nothing_is_written_over() {
        let root = std::env::temp_dir().join(format!("cvault-init-{}", std::process::id()));
        let run = |chosen: &Chosen| run(&root, chosen, &Events::channel().0);
        assert_eq!(run(&Chosen { dry_run: true, ..chosen() }).unwrap(), Exit::Differs);
        assert!(!root.exists());
        for _ in 0..2 {
            assert_eq!(run(&chosen()).unwrap(), Exit::Done);
        }
        std::fs::remove_file(root.join("cvault.toml")).unwrap();
        std::fs::write(root.join(".github/workflows/vault.yml"), "mine").unwrap();
        let refused = run(&chosen()).unwrap_err().downcast::<Failure>().unwrap();
        assert_eq!(refused.exit, Exit::Refused);
        assert!(!root.join("cvault.toml").exists(), "nothing was begun");
        assert_eq!(read_to_string(root.join(".github/workflows/vault.yml")).unwrap(), "mine");
        std::fs::remove_dir_all(root).unwrap();
    }
}
