//! The options of `policy`, and of `doctor`, which asks IAM about the same rights.

use super::stack::Wanted;
use crate::commands::doctor::Asked;
use crate::commands::policy::{Deeds, Request};
use crate::commands::trust::{Runs, System, Trusted};
use crate::deploy::permission::Phase;
use clap::{Args, ValueEnum};

/// Options of `policy`.
#[derive(Debug, Args)]
pub struct Policy {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub rights: Rights,
    /// Only this part of it, where it is too large for one managed policy: 1, 2, …
    #[arg(long, value_name = "NUMBER", conflicts_with = "oidc")]
    pub part: Option<usize>,
    /// Print the trust policy instead, for a role that this CI system's runs may assume
    #[arg(long, value_name = "SYSTEM", requires = "repository", conflicts_with = "existing_key")]
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

/// Options of `doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub wanted: Wanted,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would print it")]
    pub rights: Rights,
}

/// Which rights are meant.
#[derive(Debug, Args)]
pub struct Rights {
    /// For which command, or for whom; several with commas, or repeated [default: up and down]
    #[arg(long = "for", value_name = "COMMAND|WHO", value_delimiter = ',')]
    pub purposes: Vec<Purpose>,
    /// For `down --delete-data`, or `gc --delete-data`, too
    #[arg(long)]
    pub delete_data: bool,
    /// Without the rights to create and to tag keys, for a stack that has its key
    #[arg(long)]
    pub existing_key: bool,
}

/// What a policy is for: a command, or all that a person of a role runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "each of the others is the command of that name")]
pub enum Purpose {
    /// Whoever looks: status, doctor, list, held, show and report
    Reader,
    /// A reader who decides what is held: release and discard, too
    Analyst,
    /// A reader who keeps the files going: judge and verify, too
    Operator,
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
    Judge,
    Report,
}

/// What whoever looks needs; each other person looks, too.
const READER: [Phase; 6] = [Phase::Observe, Phase::Doctor, Phase::List, Phase::Held, Phase::Show, Phase::Report];

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

impl Rights {
    fn purposes(&self) -> Vec<Purpose> {
        if self.purposes.is_empty() { vec![Purpose::Up, Purpose::Down] } else { self.purposes.clone() }
    }

    fn deeds(&self) -> Deeds {
        let mut phases: Vec<_> = self.purposes().into_iter().flat_map(Purpose::phases).collect();
        phases.extend(self.delete_data.then_some(Phase::DeleteData));
        Deeds { phases, existing_key: self.existing_key }
    }

    /// The options that mean the same.
    fn written(&self) -> String {
        let purposes = self.purposes().into_iter().filter_map(|purpose| purpose.to_possible_value());
        let purposes: Vec<_> = purposes.map(|purpose| purpose.get_name().to_owned()).collect();
        let flags = [(" --delete-data", self.delete_data), (" --existing-key", self.existing_key)];
        let flags: String = flags.iter().filter(|flag| flag.1).map(|flag| flag.0).collect();
        format!("--for {}{flags}", purposes.join(","))
    }
}

impl From<&Doctor> for Asked {
    fn from(options: &Doctor) -> Self {
        let Doctor { rights, .. } = options;
        let is_named = !rights.purposes.is_empty() || rights.delete_data || rights.existing_key;
        Self { deeds: rights.deeds(), written: rights.written(), is_named }
    }
}

impl From<&Policy> for Request {
    fn from(options: &Policy) -> Self {
        let system = if options.oidc == Some(Oidc::GitLab) { System::GitLab } else { System::GitHub };
        let trusted = options.repository.clone().map(|repository| Trusted {
            system,
            issuer: options.issuer.clone(),
            repository,
            runs: options.runs(),
        });
        Self { deeds: options.rights.deeds(), part: options.part, trusted }
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
    fn phases(self) -> Vec<Phase> {
        let looks = matches!(self, Self::Reader | Self::Analyst | Self::Operator);
        let own: &[Phase] = match self {
            Self::Reader => &[],
            Self::Analyst => &[Phase::Release, Phase::Discard],
            Self::Operator => &[Phase::Judge, Phase::Verify],
            Self::Up => &[Phase::Observe, Phase::Apply],
            Self::Down => &[Phase::Observe, Phase::Delete],
            Self::Status => &[Phase::Observe],
            Self::Doctor => &[Phase::Observe, Phase::Doctor],
            Self::Verify => &[Phase::Observe, Phase::Verify],
            Self::List => &[Phase::List],
            Self::Judge => &[Phase::Judge],
            Self::Report => &[Phase::Report],
            Self::Gc => &[Phase::Gc],
            Self::Held => &[Phase::Held],
            Self::Show => &[Phase::Show],
            Self::Release => &[Phase::Release],
            Self::Discard => &[Phase::Discard],
        };
        [if looks { &READER[..] } else { &[] }, own].concat()
    }
}
