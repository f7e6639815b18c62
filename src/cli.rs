//! The command line as clap reads it, and what its words are further down. What a flag means is in
//! [`crate::configuration`].

use crate::commands::gc::Collecting;
use crate::commands::held::{Deciding, Selection};
use crate::commands::init::Chosen;
use crate::commands::policy::Request;
use crate::commands::trust::{Runs, System, Trusted};
use crate::commands::up::{Adoption, Allowed};
use crate::deploy::permission::Phase;
use crate::outcome::invocation::Invocation;
use crate::outcome::row::Settling;
use crate::report::{Color, Output};
use crate::vault::expiry::Expiry;
use crate::vault::settings::MacieMode;
use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

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

/// What `--adopt` without a name means.
const EVERYTHING: &str = "*";

/// What other programs call our commands.
const ELSEWHERE: &[(&str, &str)] = &[
    ("apply", "up"),
    ("bootstrap", "up"),
    ("check", "status"),
    ("create", "up"),
    ("delete", "down"),
    ("deploy", "up"),
    ("destroy", "down"),
    ("diff", "up --dry-run"),
    ("install", "up"),
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

    /// What the commands that are named to run next have to repeat of this one.
    #[must_use]
    pub fn invocation(&self) -> Invocation {
        let mut invocation = Invocation::default();
        let Options { stack, id, region, profile, expect_account, config, macie, .. } = &self.options;
        let config = config.as_ref().map(|path| path.display().to_string());
        let macie = macie.and_then(|macie| macie.to_possible_value()).map(|value| value.get_name().to_owned());
        let given = [
            ("--stack", stack.clone()),
            ("--id", id.clone()),
            ("--region", region.clone()),
            ("--profile", profile.clone()),
            ("--expect-account", expect_account.clone()),
            ("--config", config),
            ("--macie", macie),
        ];
        given.into_iter().filter(|given| given.1.is_some()).for_each(|(option, value)| invocation.every(option, value));
        for tag in self.command.tags() {
            invocation.wanted("--tag", Some(tag.clone()));
        }
        match &self.command {
            Command::Up(up) => {
                up.addresses().into_iter().for_each(|address| invocation.up("--email", Some(address)));
                let flags = [
                    ("--enable-macie", up.enable_macie),
                    ("--prune-emails", up.prune_emails),
                    ("--downgrade", up.downgrade),
                ];
                flags.iter().filter(|flag| flag.1).for_each(|flag| invocation.up(flag.0, None));
                let named = up.adopt.iter().map(|name| Some(name.clone()).filter(|name| name != EVERYTHING));
                named.for_each(|name| invocation.up("--adopt", name));
            }
            Command::Down(down) => {
                let yes = self.options.yes && down.delete_data;
                let flags = [("--delete-data", down.delete_data), ("--keep-vault", down.keep_vault), ("--yes", yes)];
                flags.iter().filter(|flag| flag.1).for_each(|flag| invocation.down(flag.0, None));
            }
            _ => {}
        }
        invocation
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

impl Up {
    /// Which guards it passes.
    #[must_use]
    pub fn allowed(&self) -> Allowed {
        let adopt = match &self.adopt[..] {
            [] => Adoption::Nothing,
            names if names.iter().any(|name| name == EVERYTHING) => Adoption::Everything,
            names => Adoption::These(names.to_vec()),
        };
        Allowed { adopt, downgrade: self.downgrade }
    }

    /// The addresses, as people write lists: with commas, blanks and lines between, and maybe one comma too many.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        listed(&self.emails)
    }
}

/// The words of lists.
fn listed(texts: &[String]) -> Vec<String> {
    let words = texts.iter().flat_map(|text| text.split(|c: char| ",;".contains(c) || c.is_whitespace()));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
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
    Doctor(Wanted),
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
    /// Run the whole thing on this machine, without an AWS account
    Demo(Demo),
    /// List every stack of the account in the region
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
            | Self::Status(wanted)
            | Self::Doctor(wanted) => &wanted.tags,
            _ => &[],
        }
    }
}

/// What is wanted of the stack, of all commands that compare it with what is there.
#[derive(Debug, Args)]
pub struct Wanted {
    /// Tag everything with this too, beside the `[tags]` of the file; repeatable
    #[arg(long = "tag", value_name = "KEY=VALUE", env = "CVAULT_TAG")]
    pub tags: Vec<String>,
}

/// Options of `up`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Up {
    /// Tell this address of every held file; repeatable, needed on first creation
    #[arg(long = "email", value_name = "ADDRESS", env = "CVAULT_EMAIL")]
    pub emails: Vec<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub wanted: Wanted,
    /// Enable Amazon Macie in the region if it is not, which costs money; implies --macie on
    #[arg(long)]
    pub enable_macie: bool,
    /// When `gc` may remove the stack: 12h or 3d from now, a moment such as 2026-12-24T18:00:00Z, or never
    #[arg(long, env = "CVAULT_EXPIRES", value_parser = expiry, value_name = "WHEN")]
    pub expires: Option<Expiry>,
    /// Take over what exists and does not carry the stack's tags: the resource of this name, such as bucket/vault
    /// (repeatable), or without a name all
    #[arg(long, num_args = 0..=1, default_missing_value = EVERYTHING, value_name = "NAME")]
    pub adopt: Vec<String>,
    /// Remove e-mail addresses that are subscribed and not declared
    #[arg(long)]
    pub prune_emails: bool,
    /// Repair a stack that a newer cvault has made, too
    #[arg(long)]
    pub downgrade: bool,
    /// Print the plan and change nothing; exit code 2 if something would change
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `down`.
#[derive(Debug, Args)]
pub struct Down {
    /// Delete what is in the buckets too, old versions included
    #[arg(long)]
    pub delete_data: bool,
    /// Leave the vault bucket and its key standing
    #[arg(long)]
    pub keep_vault: bool,
    /// Print the plan and change nothing; exit code 2 if something would be removed
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `gc`.
#[derive(Debug, Args)]
pub struct Gc {
    /// Remove those too that hold objects, old versions included
    #[arg(long)]
    pub delete_data: bool,
    /// Say what would be removed and change nothing; exit code 2 if something would be
    #[arg(long)]
    pub dry_run: bool,
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

/// Options of `policy`.
#[derive(Debug, Args)]
pub struct Policy {
    /// For which command; repeatable [default: up and down]
    #[arg(long = "for", value_name = "COMMAND")]
    pub purposes: Vec<Purpose>,
    /// For `down --delete-data`, or `gc --delete-data`, too
    #[arg(long)]
    pub delete_data: bool,
    /// Without the rights to create and to tag keys, for a stack that has its key
    #[arg(long, conflicts_with = "oidc")]
    pub existing_key: bool,
    /// Only this part of it, where it is too large for one managed policy: 1, 2, …
    #[arg(long, value_name = "NUMBER", conflicts_with = "oidc")]
    pub part: Option<usize>,
    /// Print the trust policy instead, for a role that this CI system's runs may assume
    #[arg(long, value_name = "SYSTEM", requires = "repository")]
    pub oidc: Option<Oidc>,
    /// The repository whose runs may assume it
    #[arg(long = "repo", value_name = "OWNER/NAME", requires = "oidc")]
    pub repository: Option<String>,
    /// Where that system is, if it is not the public one
    #[arg(long, value_name = "HOST", requires = "oidc")]
    pub issuer: Option<String>,
    /// Runs of this branch, or of all that a pattern with * matches [default: main]
    #[arg(long, value_name = "BRANCH", requires = "oidc", group = "runs")]
    pub branch: Option<String>,
    /// Runs of this tag, likewise
    #[arg(long, value_name = "TAG", requires = "oidc", group = "runs")]
    pub tag: Option<String>,
    /// Runs in this environment, likewise
    #[arg(long, value_name = "NAME", requires = "oidc", group = "runs")]
    pub environment: Option<String>,
    /// Runs of pull requests
    #[arg(long, requires = "oidc", group = "runs")]
    pub pull_request: bool,
}

/// Options of `held`.
#[derive(Debug, Args)]
pub struct Held {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub selection: Select,
    /// Only what is held for a reason with this text in it
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Do not look why each is held: one call less a version, which Step Functions counts
    #[arg(long, conflicts_with = "reason")]
    pub no_reasons: bool,
}

/// Options of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub wanted: Wanted,
    /// Say what would be sent and send nothing; exit code 2
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The object's key in ingress or the vault
    #[arg(value_name = "KEY")]
    pub key: String,
}

/// Options of `release` and `discard`.
#[derive(Debug, Args)]
pub struct Decide {
    /// The object's key, as it was uploaded
    #[arg(value_name = "KEY")]
    pub key: Option<String>,
    /// Which of its held versions, as it was uploaded or as it is held
    #[arg(long, value_name = "VERSION", requires = "key")]
    pub version_id: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub selection: Select,
    /// Only what is held for a reason with this text in it
    #[arg(long, value_name = "TEXT")]
    pub with_reason: Option<String>,
    /// Everything that is held and selected, also where nothing selects, or of a key every version
    #[arg(long)]
    pub all: bool,
    /// Why: recorded with who and when, in the vault's tags and in the audit log
    #[arg(long, value_name = "WHY")]
    pub reason: String,
    /// Say what would be done and change nothing; exit code 2 if something would be
    #[arg(long)]
    pub dry_run: bool,
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

/// Which held versions are meant.
#[derive(Clone, Debug, Default, Args)]
pub struct Select {
    /// Only what has this verdict; repeatable
    #[arg(long = "status", value_name = "VERDICT")]
    pub statuses: Vec<Verdict>,
    /// Only keys that begin so
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Option<String>,
    /// Only what has been held for longer than this, such as 12h or 30d
    #[arg(long, value_parser = age, value_name = "TIME")]
    pub older_than: Option<Duration>,
}

/// A verdict that holds a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the contract's own words")]
pub enum Verdict {
    IntegrityFail,
    HasFindings,
    JobCancelled,
    NotAnalysed,
    /// Its own tags leave no room to say it
    Unknown,
}

impl From<&Select> for Selection {
    fn from(select: &Select) -> Self {
        let name = |verdict: &Verdict| verdict.to_possible_value().map(|value| value.get_name().to_owned());
        Self {
            statuses: select.statuses.iter().filter_map(name).collect(),
            prefix: select.prefix.clone(),
            older_than: select.older_than,
            ..Self::default()
        }
    }
}

impl From<&Held> for Selection {
    fn from(options: &Held) -> Self {
        let with_reasons = !options.no_reasons;
        Self { reason: options.reason.clone(), with_reasons, ..(&options.selection).into() }
    }
}

impl Cli {
    /// What `init` writes down of the command line.
    #[must_use]
    pub fn chosen(&self, init: &Init) -> Chosen {
        let Options { stack, region, expect_account, .. } = &self.options;
        Chosen {
            emails: listed(&init.emails),
            stack: stack.clone(),
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
        Collecting { stack: stack.clone(), id: id.clone(), delete_data: gc.delete_data, dry_run: gc.dry_run }
    }
}

impl Decide {
    /// What is to be decided.
    #[must_use]
    pub fn deciding(&self, action: Settling) -> Deciding {
        let selection = Selection {
            key: self.key.clone(),
            version: self.version_id.clone(),
            reason: self.with_reason.clone(),
            // The key of a version stands whole in its execution only.
            with_reasons: true,
            ..(&self.selection).into()
        };
        let (reason, all, dry_run) = (self.reason.clone(), self.all, self.dry_run);
        Deciding { action, selection, reason, all, dry_run }
    }
}

/// What a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "each is the command of that name")]
pub enum Purpose {
    Up,
    Down,
    Status,
    Doctor,
    Verify,
    List,
    Gc,
    Held,
    Show,
    Release,
    Discard,
}

/// A CI system that says by OIDC whose run it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Oidc {
    /// GitHub Actions
    #[value(name = "github")]
    GitHub,
    /// GitLab CI/CD
    #[value(name = "gitlab")]
    GitLab,
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

impl From<&Policy> for Request {
    fn from(options: &Policy) -> Self {
        let purposes =
            if options.purposes.is_empty() { vec![Purpose::Up, Purpose::Down] } else { options.purposes.clone() };
        let mut phases: Vec<_> = purposes.iter().flat_map(|purpose| purpose.phases()).copied().collect();
        phases.extend(options.delete_data.then_some(Phase::DeleteData));
        let system = if options.oidc == Some(Oidc::GitLab) { System::GitLab } else { System::GitHub };
        let trusted = options.repository.clone().map(|repository| Trusted {
            system,
            issuer: options.issuer.clone(),
            repository,
            runs: options.runs(),
        });
        Self { phases, part: options.part, existing_key: options.existing_key, trusted }
    }
}

impl Policy {
    fn runs(&self) -> Runs {
        let Self { branch, tag, environment, pull_request, .. } = self;
        match (tag, environment, pull_request) {
            (Some(tag), ..) => Runs::Tag(tag.clone()),
            (_, Some(environment), _) => Runs::Environment(environment.clone()),
            (.., true) => Runs::PullRequest,
            _ => Runs::Branch(branch.clone().unwrap_or_else(|| "main".into())),
        }
    }
}

impl Purpose {
    /// When permissions are needed for it.
    fn phases(self) -> &'static [Phase] {
        match self {
            Self::Up => &[Phase::Observe, Phase::Apply],
            Self::Down => &[Phase::Observe, Phase::Delete],
            Self::Status => &[Phase::Observe],
            Self::Doctor => &[Phase::Observe, Phase::Doctor],
            Self::Verify => &[Phase::Observe, Phase::Verify],
            Self::List => &[Phase::List],
            Self::Gc => &[Phase::Gc],
            Self::Held => &[Phase::Held],
            Self::Show => &[Phase::Show],
            Self::Release => &[Phase::Release],
            Self::Discard => &[Phase::Discard],
        }
    }
}

/// When a stack expires, from now on.
fn expiry(text: &str) -> Result<Expiry, String> {
    Expiry::read(text, SystemTime::now().into())
}

/// `12h`, `30d`: as a duration, with days.
fn age(text: &str) -> Result<Duration, String> {
    let wrong = || "a number above 0 with m, h or d behind it, such as 30d".to_owned();
    match text.strip_suffix('d') {
        Some(days) => {
            let seconds = days.parse::<u64>().ok().and_then(|days| days.checked_mul(86_400));
            seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs).ok_or_else(wrong)
        }
        None => duration(text).map_err(|_| wrong()),
    }
}

/// `90s`, `30m`, `2h`; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("a number with s, m or h behind it, such as 30m".into()),
    };
    let seconds =
        number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).filter(|seconds| *seconds > 0);
    seconds.map(Duration::from_secs).ok_or_else(|| "a number above 0 with s, m or h behind it, such as 30m".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("30m"), Ok(Duration::from_mins(30)));
        for wrong in ["", "0", "m", "1d", "-1s", "99999999999999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
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

    #[test]
    fn ages_have_days() {
        assert_eq!(age("30d"), Ok(Duration::from_hours(720)));
        assert_eq!(age("12h"), Ok(Duration::from_hours(12)));
        for wrong in ["", "0d", "d", "1w", "99999999999999999d"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }

    /// What the workflows of `init` run is a command line of ours.
    #[test]
    fn the_workflows_run_what_there_is() {
        let workflows = [include_str!("commands/init/vault.yml"), include_str!("commands/init/vault-check.yml")];
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
