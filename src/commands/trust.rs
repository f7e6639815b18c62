//! The trust policy of a role that runs of a CI system may assume, by `OpenID` Connect.

use crate::outcome::failure::Failure;
use crate::vault::names::Names;
use anyhow::{Result, bail};
use serde_json::{Value, json};

/// Whose runs are trusted.
#[derive(Debug)]
pub struct Trusted {
    /// The system.
    pub system: System,
    /// Where it is, if it is not the public one.
    pub issuer: Option<String>,
    /// `OWNER/NAME`; GitLab's projects may be in groups of groups.
    pub repository: String,
    /// Which runs.
    pub runs: Runs,
}

/// A CI system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the system of that name")]
pub enum System {
    GitHub,
    GitLab,
}

/// Which runs of a repository.
#[derive(Debug)]
pub enum Runs {
    /// Of a branch, or of all that a pattern matches.
    Branch(String),
    /// Of a tag, likewise.
    Tag(String),
    /// In an environment, likewise.
    Environment(String),
    /// Of pull requests.
    PullRequest,
}

impl Trusted {
    /// How wide it is, where it is wider than one branch, tag or environment.
    #[must_use]
    pub fn width(&self) -> Option<String> {
        let (what, pattern) = match &self.runs {
            Runs::Branch(pattern) => ("branch", pattern),
            Runs::Tag(pattern) => ("tag", pattern),
            Runs::Environment(pattern) => ("environment", pattern),
            Runs::PullRequest => {
                return Some(format!(
                    "every pull request of {} may assume this role, before anybody has looked at its changes",
                    self.repository
                ));
            }
        };
        let all = if pattern.bytes().all(|byte| byte == b'*') { String::new() } else { format!(" like {pattern}") };
        is_pattern(pattern).then(|| {
            format!(
                "every {what}{all} of {} may assume this role: anyone who can make one gets all of its rights",
                self.repository
            )
        })
    }

    /// The trust policy, for the account's own provider of `OpenID` Connect.
    ///
    /// # Errors
    /// The repository or the issuer is none, or the system says no such thing of its runs.
    pub fn document(&self, names: &Names) -> Result<Value> {
        let (issuer, audience) = match (self.system, &self.issuer) {
            (System::GitHub, None) => {
                ("token.actions.githubusercontent.com".to_owned(), "sts.amazonaws.com".to_owned())
            }
            (System::GitHub, Some(issuer)) => (host(issuer)?, "sts.amazonaws.com".to_owned()),
            (System::GitLab, issuer) => {
                let issuer = host(issuer.as_deref().unwrap_or("gitlab.com"))?;
                let audience = format!("https://{issuer}");
                (issuer, audience)
            }
        };
        let subject = self.subject()?;
        let (aud, sub) = (format!("{issuer}:aud"), format!("{issuer}:sub"));
        let condition = if is_pattern(&subject) {
            json!({"StringEquals": {aud: audience}, "StringLike": {sub: subject}})
        } else {
            json!({"StringEquals": {aud: audience, sub: subject}})
        };
        let provider = format!("arn:{}:iam::{}:oidc-provider/{issuer}", names.partition, names.account);
        Ok(json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": provider},
            "Condition": condition,
        }]}))
    }

    /// What the system says of such a run.
    fn subject(&self) -> Result<String> {
        let repository = &self.repository;
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        let parts: Vec<_> = repository.split('/').collect();
        let fits = parts.len() == 2 || parts.len() > 2 && self.system == System::GitLab;
        if !fits || !parts.iter().all(|part| is_name(part)) {
            // A wildcard here would let in whoever makes a repository of a fitting name.
            bail!(Failure::usage(
                format!("trust repository {repository:?}"),
                "it is not of the form OWNER/NAME",
                "name one repository, such as --repo example/vault"
            ));
        }
        if let Runs::Branch(name) | Runs::Tag(name) | Runs::Environment(name) = &self.runs
            && (name.is_empty() || name.contains(char::is_whitespace) && !matches!(self.runs, Runs::Environment(_)))
        {
            bail!(Failure::usage(
                format!("trust {name:?}"),
                "nothing is called that",
                "name a branch, a tag or an environment"
            ));
        }
        Ok(match (self.system, &self.runs) {
            (System::GitHub, Runs::Branch(branch)) => format!("repo:{repository}:ref:refs/heads/{branch}"),
            (System::GitHub, Runs::Tag(tag)) => format!("repo:{repository}:ref:refs/tags/{tag}"),
            // GitHub writes a colon in its name like this.
            (System::GitHub, Runs::Environment(name)) => {
                format!("repo:{repository}:environment:{}", name.replace(':', "%3A"))
            }
            (System::GitHub, Runs::PullRequest) => format!("repo:{repository}:pull_request"),
            (System::GitLab, Runs::Branch(branch)) => format!("project_path:{repository}:ref_type:branch:ref:{branch}"),
            (System::GitLab, Runs::Tag(tag)) => format!("project_path:{repository}:ref_type:tag:ref:{tag}"),
            (System::GitLab, Runs::Environment(_) | Runs::PullRequest) => bail!(Failure::usage(
                "trust such runs of GitLab",
                "GitLab's subject says project and branch or tag, and neither environment nor merge request",
                "pass --branch or --tag, and protect it in GitLab"
            )),
        })
    }
}

/// An issuer as IAM writes it: host and path, without the scheme.
fn host(issuer: &str) -> Result<String> {
    let host = issuer.strip_prefix("https://").unwrap_or(issuer).trim_end_matches('/');
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    if !host.contains('.') || !host.bytes().all(is_taken) {
        bail!(Failure::usage(
            format!("trust the issuer {issuer:?}"),
            "it is not the name of a host",
            "the host of the provider in IAM, such as --issuer gitlab.example.com"
        ));
    }
    Ok(host.to_owned())
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted(system: System, runs: Runs) -> Trusted {
        Trusted { system, issuer: None, repository: "example/vault".into(), runs }
    }

    fn condition(trusted: &Trusted) -> Value {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        trusted.document(&names).unwrap()["Statement"][0]["Condition"].clone()
    }

    #[test]
    fn the_subject_is_what_the_system_says() {
        for (system, runs, subject) in [
            (System::GitHub, Runs::Branch("main".into()), "repo:example/vault:ref:refs/heads/main"),
            (System::GitHub, Runs::Tag("v1".into()), "repo:example/vault:ref:refs/tags/v1"),
            (System::GitHub, Runs::Environment("prod: eu".into()), "repo:example/vault:environment:prod%3A eu"),
            (System::GitHub, Runs::PullRequest, "repo:example/vault:pull_request"),
            (System::GitLab, Runs::Branch("main".into()), "project_path:example/vault:ref_type:branch:ref:main"),
            (System::GitLab, Runs::Tag("v1".into()), "project_path:example/vault:ref_type:tag:ref:v1"),
        ] {
            let (issuer, audience) = match system {
                System::GitHub => ("token.actions.githubusercontent.com", "sts.amazonaws.com"),
                System::GitLab => ("gitlab.com", "https://gitlab.com"),
            };
            let (aud, sub) = (format!("{issuer}:aud"), format!("{issuer}:sub"));
            assert_eq!(condition(&trusted(system, runs)), json!({"StringEquals": {aud: audience, sub: subject}}));
        }
    }

    #[test]
    fn a_pattern_is_like_and_says_how_wide_it_is() {
        let wide = trusted(System::GitHub, Runs::Branch("release/*".into()));
        let condition = condition(&wide);
        let subject = &condition["StringLike"]["token.actions.githubusercontent.com:sub"];
        assert_eq!(subject, "repo:example/vault:ref:refs/heads/release/*");
        assert_eq!(condition["StringEquals"].as_object().unwrap().len(), 1, "the audience stays as it is");
        assert!(wide.width().unwrap().starts_with("every branch like release/* of example/vault"));
        assert!(trusted(System::GitLab, Runs::Tag("*".into())).width().unwrap().starts_with("every tag of"));
        assert!(trusted(System::GitHub, Runs::PullRequest).width().unwrap().contains("every pull request"));
        assert_eq!(trusted(System::GitHub, Runs::Environment("prod".into())).width(), None);
    }

    #[test]
    fn what_no_run_is_called_is_refused() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let of = |trusted: Trusted| trusted.document(&names);
        for repository in ["example", "example/*", "*/vault", "/", "a/b/c", "a/ b"] {
            let repository = repository.into();
            assert!(of(Trusted { repository, ..trusted(System::GitHub, Runs::PullRequest) }).is_err());
        }
        let grouped = Trusted { repository: "a/b/c".into(), ..trusted(System::GitLab, Runs::Tag("v1".into())) };
        assert!(of(grouped).is_ok());
        assert!(of(trusted(System::GitHub, Runs::Branch(String::new()))).is_err());
        assert!(of(trusted(System::GitLab, Runs::PullRequest)).is_err());
        assert!(of(trusted(System::GitLab, Runs::Environment("prod".into()))).is_err());
        for (issuer, good) in
            [("https://gitlab.example.com/", true), ("gitlab", false), ("a.b c", false), ("*.com", false)]
        {
            let issuer = Some(issuer.to_owned());
            assert_eq!(of(Trusted { issuer, ..trusted(System::GitLab, Runs::Tag("v1".into())) }).is_ok(), good);
        }
    }
}
