//! The command line as clap reads it, each group of commands in a file. What a flag means is in
//! [`crate::configuration`].

mod held;
mod judge;
mod policy;
mod repeated;
mod report;
mod stack;
mod time;
mod words;

use crate::commands::gc::Collecting;
use crate::commands::init::Chosen;
use crate::report::{Color, Output};
use crate::vault::settings::MacieMode;
use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;
use time::duration;
use words::listed;

pub use held::{Decide, Held, Select, Show, Verdict};
pub use judge::Judge;
pub use policy::{Doctor, Oidc, Policy, Purpose};
pub use report::Report;
pub use stack::{Down, Gc, Up, Verify, Wanted};

/// Puts a cyber vault on AWS with one command and takes it away with another.
///
/// Files that land in the ingress bucket are checked for integrity and for sensitive data; what is
/// clean goes to the vault bucket, the rest is held in the analytics bucket with an e-mail.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub command: Command,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub options: Options,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done; for status and --dry-run: nothing to change
  1    failed; finished work is kept and the next run goes on from it
  2    status, --dry-run: something differs or is missing
  3    status: there is no such stack at all
  4    refused by a guard, before anything was changed
  64   wrong usage or wrong configuration
  130  interrupted (143: terminated); what was in flight was finished

Region, credentials, endpoints and retries come from the AWS SDK's own chain; HTTPS_PROXY,
NO_PROXY, AWS_CA_BUNDLE and SSL_CERT_FILE count, too.
Precedence: flag, CVAULT_* variable, configuration file, default.";

/// What other programs call our commands.
const ELSEWHERE: &[(&str, &str)] = &[
    ("apply", "up"),
    ("bootstrap", "up"),
    ("check", "status"),
    ("create", "up"),
    ("delete", "down"),
    ("describe", "status --output json"),
    ("deploy", "up"),
    ("destroy", "down"),
    ("diff", "up --dry-run"),
    ("info", "status --output json"),
    ("install", "up"),
    ("output", "status --output json"),
    ("outputs", "status --output json"),
    ("plan", "up --dry-run"),
    ("preview", "up --dry-run"),
    ("remove", "down"),
    ("rm", "down"),
    ("start", "up"),
    ("stop", "down"),
    ("sync", "up"),
    ("teardown", "down"),
    ("undeploy", "down"),
    ("uninstall", "down"),
    ("update", "up"),
];

impl Cli {
    /// Reads a command line, and the variables that stand for its options: an empty one is none.
    ///
    /// # Errors
    /// It is wrong, or asks for help.
    pub fn read(line: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let command =
            Self::command().mut_args(without_blank).mut_subcommands(|command| command.mut_args(without_blank));
        let matches = command.try_get_matches_from(line).map_err(with_our_name)?;
        Self::from_arg_matches(&matches)
    }

    /// The variables that stand for options.
    #[must_use]
    pub fn variables() -> Vec<String> {
        let command = Self::command();
        let commands = std::iter::once(&command).chain(command.get_subcommands());
        let names = commands.flat_map(clap::Command::get_arguments).filter_map(Arg::get_env);
        names.map(|name| name.to_string_lossy().into_owned()).collect()
    }

    /// Whether there is an option of this name.
    #[must_use]
    pub fn has_option(name: &str) -> bool {
        let command = Self::command();
        let mut commands = std::iter::once(&command).chain(command.get_subcommands());
        commands.any(|command| command.get_arguments().any(|argument| argument.get_long() == Some(name)))
    }
}

/// An empty variable is as good as none.
fn without_blank(argument: Arg) -> Arg {
    let value = argument.get_env().and_then(std::env::var_os);
    let is_blank = value.is_some_and(|value| value.to_string_lossy().trim().is_empty());
    if is_blank { argument.env(Resettable::Reset) } else { argument }
}

/// The error, with our name for a command that other programs have.
fn with_our_name(mut error: clap::Error) -> clap::Error {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return error;
    }
    let name = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(name)) => name.to_lowercase(),
        _ => return error,
    };
    if let Some((_, ours)) = ELSEWHERE.iter().find(|(theirs, _)| *theirs == name) {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![format!("cvault {ours}")]));
    }
    error
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create what is missing and repair what has drifted, nothing else
    Up(Up),
    /// Remove the stack and check that nothing of it is left
    Down(Down),
    /// Show every resource: ok, drifted, missing or pending
    Status(Wanted),
    /// Look for what would stop `up`, or stops the vault, and say what to do
    Doctor(Doctor),
    /// Prove that the vault works, by small files of its own through the real thing
    Verify(Verify),
    /// List what is held in analytics, and why
    Held(Held),
    /// Show one object's whole story: every version, its verdict, where it is, who decided what
    Show(Show),
    /// Store a held version in the vault all the same, as a declared releaser
    Release(Decide),
    /// Delete a held version for good
    Discard(Decide),
    /// Judge again what is held, by the stack's rules of today, or what waits in ingress
    Judge(Judge),
    /// Sum up a period: verdicts, times, what is held and why, failures, cost
    Report(Report),
    /// Run the whole thing on this machine, without an AWS account
    Demo(Demo),
    /// List every stack of the account in the region
    ///
    /// A stack is `whole` where its buckets, function, state machines, topic and rules are there. Nothing else is
    /// looked for, and not how they are: `cvault status` says that.
    List,
    /// Remove the stacks of account and region whose expiry (`up --expires`) has passed
    Gc(Gc),
    /// Write a commented cvault.toml and, with --github, workflows for this repository
    Init(Init),
    /// Print the least-privilege IAM policy for the identity that runs cvault
    Policy(Policy),
}

impl Command {
    /// The tags that it is given, as they are written.
    #[must_use]
    pub fn tags(&self) -> &[String] {
        match self {
            Self::Up(Up { wanted, .. })
            | Self::Verify(Verify { wanted, .. })
            | Self::Doctor(Doctor { wanted, .. })
            | Self::Status(wanted) => &wanted.tags,
            _ => &[],
        }
    }
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Leave it running and print what to export
    #[arg(long)]
    pub keep: bool,
    /// Send these files through instead of the samples that cvault brings
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Options of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Tell this address of every held file; repeatable
    #[arg(long = "email", value_name = "ADDRESS", env = "CVAULT_EMAIL")]
    pub emails: Vec<String>,
    /// Write workflows for GitHub Actions too
    #[arg(long)]
    pub github: bool,
    /// Say what would be written and write nothing; exit code 2 if something would be
    #[arg(long)]
    pub dry_run: bool,
}

impl Cli {
    /// What `init` writes down of the command line.
    #[must_use]
    pub fn chosen(&self, init: &Init) -> Chosen {
        let Options { stack, id, region, expect_account, macie, .. } = &self.options;
        Chosen {
            emails: listed(&init.emails),
            stack: stack.clone(),
            id: id.clone(),
            macie: macie.map(Into::into),
            region: region.clone(),
            expect_account: expect_account.clone(),
            github: init.github,
            dry_run: init.dry_run,
        }
    }

    /// What `gc` is to remove. A file's stack is the one of `up`, and narrows nothing.
    #[must_use]
    pub fn collecting(&self, gc: &Gc) -> Collecting {
        let Options { stack, id, .. } = &self.options;
        Collecting { stack: stack.clone(), id: id.clone(), dry_run: gc.dry_run }
    }
}

/// Options of every command.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Options {
    /// The stack's name [default: cyber-vault]
    #[arg(long, global = true, env = "CVAULT_STACK", value_name = "NAME")]
    pub stack: Option<String>,
    /// The suffix of every name [default: from account, region and stack]
    #[arg(long, global = true, env = "CVAULT_ID", value_name = "ID")]
    pub id: Option<String>,
    /// The region [default: the SDK's chain]
    #[arg(long, global = true, env = "CVAULT_REGION", value_name = "REGION")]
    pub region: Option<String>,
    /// The AWS profile [default: the SDK's chain]
    #[arg(long, global = true, env = "CVAULT_PROFILE", value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Refuse to work in any other account
    #[arg(long, global = true, env = "CVAULT_EXPECT_ACCOUNT", value_name = "ACCOUNT")]
    pub expect_account: Option<String>,
    /// The configuration file [default: cvault.toml, if present]
    #[arg(long, global = true, env = "CVAULT_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Whether Amazon Macie looks at the files too [default: auto]
    #[arg(long, global = true, env = "CVAULT_MACIE", value_name = "WHEN", ignore_case = true)]
    pub macie: Option<UseMacie>,
    /// What to print: for people, or JSON for programs
    #[arg(
        long,
        global = true,
        env = "CVAULT_OUTPUT",
        default_value = "human",
        value_name = "FORM",
        ignore_case = true
    )]
    pub output: Output,
    /// Write the stack's names and ARNs to this file too, as variables CV_… of GitLab's dotenv reports
    #[arg(long, global = true, env = "CVAULT_DOTENV", value_name = "FILE")]
    pub dotenv: Option<PathBuf>,
    /// When to use colours
    #[arg(long, global = true, env = "CVAULT_COLOR", default_value = "auto", value_name = "WHEN", ignore_case = true)]
    pub color: Color,
    /// Say more; twice: what is asked of AWS
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say only the answer and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Stop starting new work after this long, such as 90s, 30m or 2h
    #[arg(long, global = true, env = "CVAULT_TIMEOUT", value_parser = duration, value_name = "TIME")]
    pub timeout: Option<Duration>,
    /// Do not ask before removing anything; needed for --delete-data where no terminal is
    ///
    /// The variable `CVAULT_YES=1` does the same, but not for --delete-data.
    #[arg(short, long, global = true)]
    pub yes: bool,
}

/// When Macie is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UseMacie {
    /// Where it is enabled in the region
    Auto,
    /// Always; refused where it is not enabled
    On,
    /// Never
    Off,
}

impl From<UseMacie> for MacieMode {
    fn from(when: UseMacie) -> Self {
        match when {
            UseMacie::Auto => Self::Auto,
            UseMacie::On => Self::On,
            UseMacie::Off => Self::Off,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::up::Adoption;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn commands_of_other_programs_are_told_ours() {
        let told = |line: &[&str]| Cli::read(line.iter().map(OsString::from)).unwrap_err().to_string();
        for (theirs, ours) in ELSEWHERE {
            let told = told(&["cvault", theirs]);
            assert!(told.contains(&format!("'cvault {ours}'")) && !told.contains("demo"), "{told}");
            assert!(Cli::command().find_subcommand(theirs).is_none(), "{theirs} is a command by now");
            let ours: Vec<_> = std::iter::once("cvault").chain(ours.split(' ')).collect();
            assert!(Cli::read(ours.iter().map(OsString::from)).is_ok(), "{ours:?}");
        }
        assert!(told(&["cvault", "stauts"]).contains("'status'"));
    }

    #[test]
    fn lists_are_read_as_people_write_them() {
        let line = ["cvault", "up", "--email", "a@b.de, c@d.de,\n", "--email", "e@f.de;", "--email", " "];
        let Command::Up(up) = Cli::read(line.map(OsString::from)).unwrap().command else { panic!("up") };
        assert_eq!(up.addresses(), ["a@b.de", "c@d.de", "e@f.de"]);
    }

    #[test]
    fn a_flag_without_a_name_adopts_all_and_an_empty_name_nothing() {
        let adopts = |line: &[&str]| {
            let line = ["cvault", "up"].iter().chain(line).map(OsString::from);
            let Command::Up(up) = Cli::read(line).unwrap().command else { panic!("up") };
            up.allowed().adopt
        };
        let these = |names: &[&str]| Adoption::These(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(adopts(&[]), Adoption::Nothing);
        assert_eq!(adopts(&["--adopt"]), Adoption::Everything);
        assert_eq!(adopts(&["--adopt", "--dry-run"]), Adoption::Everything);
        assert_eq!(adopts(&["--adopt", "key", "--adopt=bucket/vault"]), these(&["key", "bucket/vault"]));
        assert_eq!(adopts(&["--adopt", ""]), these(&[""]), "of a variable that is unset");
    }

    /// What the workflows of `init` run is a command line of ours.
    #[test]
    fn the_workflows_run_what_there_is() {
        let workflows = [include_str!("../commands/init/vault.yml"), include_str!("../commands/init/vault-check.yml")];
        let runs =
            workflows.iter().flat_map(|text| text.lines()).filter_map(|line| line.trim().strip_prefix("- run: "));
        let ours: Vec<_> = runs.filter(|run| run.starts_with("cvault ")).collect();
        assert_eq!(ours.len(), 5);
        for run in ours {
            let line = run.replace("${{ vars.CVAULT_ACCOUNT }}", "123456789012");
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
    }

    #[test]
    fn options_stand_before_or_behind_the_command() {
        for line in [["cvault", "--stack", "a", "status"], ["cvault", "status", "--stack", "a"]] {
            assert_eq!(Cli::try_parse_from(line).unwrap().options.stack.as_deref(), Some("a"));
        }
    }
}
