//! Custom data identifiers in Macie: the same that the function's own detectors use.
//!
//! Macie cannot change one, so its name carries a hash of what it is and the stack's id. A change is
//! a new identifier, and the old one goes once no state machine uses it. A name need not be unique
//! there; the stack's tags decide whose it is.

use crate::aws::{Answer, Aws, PROPAGATION, Refusal};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::resource::{Assigned, Observed, Resource};
use crate::outcome::failure::{AGAIN, Failure};
use crate::vault::names::{Names, hash_of};
use crate::vault::resources::macie::macie_session::is_elsewhere;
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::{Result, bail};
use aws_sdk_macie2::operation::get_custom_data_identifier::GetCustomDataIdentifierOutput;
use aws_sdk_macie2::types::{DataIdentifierSeverity, SeverityLevel};
use contract::{CustomIdentifier as Rule, Severity};
use serde::Serialize;
use std::collections::BTreeMap;

/// Macie's longest name, in characters.
const LONGEST_NAME: usize = 128;
/// How many tokens are tried: Macie answers one that it has seen with the identifier of then, which
/// may be deleted by now.
const TOKENS: usize = 32;

/// An identifier that Macie lists under a name of a stack.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Macie's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// All identifiers that Macie has, whoever made them.
///
/// # Errors
/// Macie refuses.
pub async fn list(aws: &Aws) -> Result<Vec<Listed>> {
    let pages = aws.macie.list_custom_data_identifiers().into_paginator().items().send();
    let all = pages.collect::<Result<Vec<_>, _>>().await;
    let all = all.or_none_if(is_elsewhere, "list Macie's custom data identifiers")?;
    Ok(all.into_iter().flatten().filter_map(|found| Some(Listed { id: found.id?, name: found.name? })).collect())
}

/// Those of the listed ones that are of this stack by name, and not among the declared ones.
#[must_use]
pub fn outdated<'a>(names: &Names, listed: &'a [Listed], declared: &[Assigned]) -> Vec<&'a Listed> {
    let mark = mark(names);
    let is_declared = |found: &Listed| declared.iter().any(|id| id.get() == Some(&found.id));
    listed.iter().filter(|found| found.name.contains(&mark) && !is_declared(found)).collect()
}

/// What is in the name of each of the stack's.
fn mark(names: &Names) -> String {
    format!(" (cvault-{}-", names.id)
}

/// The name in Macie: `Badge (cvault-626fa970-0a1b2c3d)`.
#[must_use]
pub fn macie_name(names: &Names, rule: &Rule) -> String {
    let hash = hash_of(&serde_json::to_string(rule).unwrap_or_default(), 8);
    let end = format!("{}{hash})", mark(names));
    let room = LONGEST_NAME.saturating_sub(end.chars().count());
    rule.name.chars().take(room).chain(end.chars()).collect()
}

/// One identifier of a stack.
pub struct CustomIdentifier {
    names: Names,
    /// Its name in Macie.
    macie_name: String,
    /// What it is; `None` for one that is not declared any more.
    rule: Option<Rule>,
    id: Assigned,
}

/// What is declared of it: all else is in the hash.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    name: String,
    tags: BTreeMap<String, String>,
}

impl CustomIdentifier {
    /// A declared one; `id` becomes known once it is observed or made.
    #[must_use]
    pub fn new(names: &Names, rule: &Rule, listed: &[Listed], id: Assigned) -> Self {
        let macie_name = macie_name(names, rule);
        if let Some(found) = listed.iter().find(|found| found.name == macie_name) {
            id.set(&found.id);
        }
        Self { names: names.clone(), macie_name, rule: Some(rule.clone()), id }
    }

    /// One that is listed and not declared.
    #[must_use]
    pub fn outdated(names: &Names, found: &Listed) -> Self {
        let id = Assigned::default();
        id.set(&found.id);
        Self { names: names.clone(), macie_name: found.name.clone(), rule: None, id }
    }

    async fn get(&self, aws: &Aws, id: &str) -> Result<Option<GetCustomDataIdentifierOutput>> {
        let found = aws.macie.get_custom_data_identifier().id(id).send().await;
        let found = found.or_absent(format!("read custom data identifier {}", self.macie_name))?;
        Ok(found.filter(|found| found.deleted() != Some(true)))
    }

    /// Makes it; `None` when the token is one of a deleted identifier.
    async fn make(&self, aws: &Aws, rule: &Rule, token: usize) -> Result<Option<String>> {
        let what = format!("create custom data identifier {}", self.macie_name);
        let create = aws.macie.create_custom_data_identifier().name(&self.macie_name).regex(&rule.regex);
        let create = create
            .client_token(format!("{}-{token}", hash_of(&self.macie_name, 32)))
            .description(format!("Of cvault stack {}", self.names.stack))
            .set_keywords(some(&rule.keywords))
            .set_ignore_words(some(&rule.ignore_words))
            .maximum_match_distance(i32::try_from(rule.maximum_match_distance)?)
            .set_severity_levels(some(&levels(rule)))
            .set_tags(Some(tagged(self.names.all_tags())));
        let seen = |refusal: &Refusal| refusal.is(&["ConflictException"]);
        let Some(created) = create.send().await.or_none_if(seen, &what)? else { return Ok(None) };
        let Some(id) = created.custom_data_identifier_id else { bail!("{what}: the answer names none") };
        let found = aws
            .eventually("the new identifier to be known", PROPAGATION, async || {
                aws.macie.get_custom_data_identifier().id(&id).send().await.or_refused(&what)
            })
            .await?;
        Ok((found.deleted() != Some(true)).then_some(id))
    }
}

impl CustomIdentifier {
    /// Gives it the tags that are wanted. One that is made again after it could not be listed, or by the same token, is
    /// the earlier one, with the tags that were wanted then.
    async fn retag(&self, aws: &Aws, id: &str) -> Result<()> {
        let found = self.get(aws, id).await?.and_then(|found| found.tags).unwrap_or_default();
        let is = self.names.seen_tags(found.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        let wanted = self.names.all_tags();
        let gone: Vec<_> = is.keys().filter(|key| !wanted.contains_key(*key)).cloned().collect();
        if wanted.iter().any(|(key, value)| is.get(key) != Some(value)) {
            let tag = aws.macie.tag_resource().set_resource_arn(self.arn()).set_tags(Some(tagged(wanted)));
            tag.send().await.or_refused(format!("tag custom data identifier {}", self.macie_name))?;
        }
        if !gone.is_empty() {
            let untag = aws.macie.untag_resource().set_resource_arn(self.arn()).set_tag_keys(Some(gone));
            untag.send().await.or_refused(format!("untag custom data identifier {}", self.macie_name))?;
        }
        Ok(())
    }
}

fn some<T: Clone>(items: &[T]) -> Option<Vec<T>> {
    Some(items.to_vec()).filter(|items| !items.is_empty())
}

fn levels(rule: &Rule) -> Vec<SeverityLevel> {
    let level = |level: &contract::SeverityLevel| {
        let severity = match level.severity {
            Severity::Low => DataIdentifierSeverity::Low,
            Severity::Medium => DataIdentifierSeverity::Medium,
            Severity::High => DataIdentifierSeverity::High,
        };
        let threshold = i64::try_from(level.occurrences_threshold).unwrap_or(i64::MAX);
        SeverityLevel::builder().occurrences_threshold(threshold).severity(severity).build()
    };
    rule.severity_levels.iter().map(level).collect()
}

impl Resource for CustomIdentifier {
    type State = State;
    const TYPE: &'static str = "AWS::Macie::CustomDataIdentifier";

    fn name(&self) -> String {
        steps::custom_identifier(self.rule.as_ref().map_or(&self.macie_name, |rule| &rule.name))
    }

    fn id(&self) -> Option<String> {
        Some(self.macie_name.clone())
    }

    fn arn(&self) -> Option<String> {
        self.id.get().map(|id| self.names.custom_identifier_arn(id))
    }

    fn desired(&self) -> State {
        State { name: self.macie_name.clone(), tags: self.names.all_tags() }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let Some(id) = self.id.get() else { return Ok(Observed::absent()) };
        let Some(found) = self.get(aws, id).await? else { return Ok(Observed::absent()) };
        let tags = found.tags.unwrap_or_default();
        Ok(Observed::present(State {
            name: found.name.unwrap_or_default(),
            tags: self.names.seen_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))),
        }))
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        let Some(rule) = &self.rule else { return Ok(()) };
        if let Some(id) = self.id.get().filter(|_| !change.creates()) {
            return self.retag(aws, id).await;
        }
        for token in 0..TOKENS {
            if let Some(id) = self.make(aws, rule, token).await? {
                self.id.set(id.as_str());
                return self.retag(aws, &id).await;
            }
            // Or another run has made it at the same time.
            if let Some(found) = list(aws).await?.into_iter().find(|found| found.name == self.macie_name) {
                self.id.set(found.id.as_str());
                return self.retag(aws, &found.id).await;
            }
        }
        bail!(Failure::new(
            format!("create custom data identifier {}", self.macie_name),
            format!("Macie remembers {TOKENS} deleted ones like it"),
            AGAIN
        ))
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let Some(id) = self.id.get() else { return Ok(()) };
        let deleted = aws.macie.delete_custom_data_identifier().id(id).send().await;
        deleted.or_gone(format!("delete custom data identifier {}", self.macie_name))
    }

    fn permissions(&self) -> Vec<Permission> {
        // All else is needed without any declared one, too: see `Macie::permissions`.
        let any = || [self.names.custom_identifier_arn("*")];
        let create = Permission::new(Phase::Apply, &["macie2:CreateCustomDataIdentifier", "macie2:TagResource"], any());
        let untag = Permission::new(Phase::Apply, &["macie2:UntagResource"], any());
        vec![create.with_our_tags(self.names.tags()), untag.of_what_is_tagged(self.names.tags())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(name: &str, regex: &str) -> Rule {
        serde_json::from_value(json!({"Name": name, "Regex": regex})).unwrap()
    }

    #[test]
    fn a_name_tells_the_stack_and_the_content() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("626fa970"));
        let name = macie_name(&names, &rule("Badge", "a"));
        assert!(name.starts_with("Badge (cvault-626fa970-") && name.ends_with(')'), "{name}");
        assert_eq!(name, macie_name(&names, &rule("Badge", "a")));
        assert_ne!(name, macie_name(&names, &rule("Badge", "b")));
        let id = "x".repeat(32);
        let long = Names::new("aws", "123456789012", "eu-west-1", "s", Some(&id));
        for (one, other) in [("a", "b"), ("\u{20ac}", "\u{1f30a}")] {
            let [one, other] =
                [one, other].map(|end| macie_name(&long, &rule(&format!("{}{end}", "n".repeat(127)), "a")));
            assert!(one.chars().count() <= LONGEST_NAME && one != other, "what is cut off is in the hash");
        }
    }
}
