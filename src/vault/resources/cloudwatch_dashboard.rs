//! The dashboard: the vault at a glance.
//!
//! Whose it is stands in its body, too. It is given its tags, but who stands in for CloudWatch knows of none
//! (truths W7), and what nobody can tell to be ours is nobody's to change.

use crate::aws::{Answer, Aws, Kind, PROPAGATION, Refusal};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::resource::{Observed, Resource};
use crate::vault::definitions::Document;
use crate::vault::names::Names;
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::Result;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The text of the first widget, which has the tags between two fences.
const TEXT: &str = "/widgets/0/properties/markdown";
const FENCE: &str = "\n```\n";

/// The dashboard of a stack.
pub struct Dashboard {
    names: Names,
    body: Document,
}

/// What is declared of it, under the names of `GetDashboard`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    dashboard_body: Value,
    tags: BTreeMap<String, String>,
}

impl Dashboard {
    /// The dashboard that shows this.
    #[must_use]
    pub fn new(names: &Names, body: Document) -> Self {
        Self { names: names.clone(), body }
    }

    /// The body with the tags.
    fn whole(&self) -> Value {
        let mut body = self.body.value();
        let tags: Vec<_> = self.names.all_tags().iter().map(|(key, value)| format!("{key}={value}")).collect();
        if let Some(Value::String(text)) = body.pointer_mut(TEXT) {
            text.push_str(&[FENCE, &tags.join("\n"), FENCE].concat());
        }
        body
    }

    /// The state of what has this body.
    fn state(&self, body: Value) -> State {
        let tags = tags_in(&body).into_iter().flat_map(str::lines).filter_map(|line| line.split_once('='));
        State { tags: self.names.seen_tags(tags), dashboard_body: body }
    }

    async fn put(&self, aws: &Aws) -> Result<()> {
        let name = self.names.dashboard();
        // Tags count for a new one only (truths W2).
        let put = aws.cloudwatch.put_dashboard().dashboard_name(&name).dashboard_body(self.whole().to_string());
        let put = put.set_tags(Some(tagged(self.names.all_tags()))).send().await;
        put.or_refused(format!("put dashboard {name}")).map(drop)
    }
}

/// The tags as a body has them: in whichever widget, since a person may have moved the first one or put another before it, and
/// whatever was written around the fences.
fn tags_in(body: &Value) -> Option<&str> {
    let widgets = body["widgets"].as_array().into_iter().flatten();
    let texts = widgets.filter_map(|widget| widget["properties"]["markdown"].as_str());
    let mut parts = texts.flat_map(|text| text.split(FENCE.trim()));
    parts.find(|tags| tags.lines().any(|line| line.starts_with("cvault:stack=")))
}

impl Resource for Dashboard {
    type State = State;
    const TYPE: &'static str = "AWS::CloudWatch::Dashboard";

    fn name(&self) -> String {
        steps::DASHBOARD.into()
    }

    fn id(&self) -> Option<String> {
        Some(self.names.dashboard())
    }

    fn arn(&self) -> Option<String> {
        Some(self.names.dashboard_arn())
    }

    fn desired(&self) -> State {
        self.state(self.whole())
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let name = self.names.dashboard();
        let found = aws.cloudwatch.get_dashboard().dashboard_name(&name).send().await;
        // The model has another code for it, ResourceNotFound; LocalStack answers InvalidParameterValue with these words.
        let absent = |it: &Refusal| it.kind() == Kind::Absent || it.says("does not exist");
        let found = found.or_none_if(absent, format!("read dashboard {name}"))?;
        let Some(body) = found.and_then(|found| found.dashboard_body) else { return Ok(Observed::absent()) };
        let body = serde_json::from_str(&body).unwrap_or(Value::String(body));
        Ok(Observed::present(self.state(body)))
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        let (name, arn) = (self.names.dashboard(), self.names.dashboard_arn());
        aws.eventually("CloudWatch's other changes to end", PROPAGATION, async || self.put(aws).await).await?;
        if change.touches("/Tags") && !change.creates() {
            let tag = aws.cloudwatch.tag_resource().resource_arn(&arn).set_tags(Some(tagged(self.names.all_tags())));
            tag.send().await.or_absent(format!("tag dashboard {name}"))?;
        }
        if let Some(keys) = change.tags_that_go() {
            let untag = aws.cloudwatch.untag_resource().resource_arn(&arn).set_tag_keys(Some(keys));
            untag.send().await.or_absent(format!("untag dashboard {name}"))?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let name = self.names.dashboard();
        aws.eventually("CloudWatch's other changes to end", PROPAGATION, async || {
            let deleted = aws.cloudwatch.delete_dashboards().dashboard_names(&name).send().await;
            deleted.or_gone(format!("delete dashboard {name}"))
        })
        .await
    }

    fn permissions(&self) -> Vec<Permission> {
        let on = |phase, actions| Permission::new(phase, actions, [self.names.dashboard_arn()]);
        vec![
            on(Phase::Observe, &["cloudwatch:GetDashboard"]),
            on(Phase::Apply, &["cloudwatch:PutDashboard", "cloudwatch:TagResource", "cloudwatch:UntagResource"]),
            // Where it is switched off it goes.
            on(Phase::Apply, &["cloudwatch:DeleteDashboards"]),
            on(Phase::Delete, &["cloudwatch:DeleteDashboards"]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_person_who_edits_it_does_not_make_it_somebody_else_s() {
        let tags = |texts: &[&str]| {
            let widgets: Vec<_> = texts.iter().map(|text| json!({"properties": {"markdown": text}})).collect();
            tags_in(&json!({"widgets": widgets})).map(|tags| tags.trim().to_owned())
        };
        let ours = "# Vault\n```\ncvault:id=x\ncvault:stack=s\n```\n";
        let found = Some("cvault:id=x\ncvault:stack=s".to_owned());
        assert_eq!(tags(&[ours]), found);
        assert_eq!(tags(&["# On call: ops", ours]), found, "a widget before it");
        assert_eq!(tags(&[&format!("```\nsome code\n```\n{ours}more")]), found, "texts around it");
        assert_eq!(tags(&[&ours.replace("```\n", "```\r\n")]).map(|it| it.contains("cvault:stack=s")), Some(true));
        assert_eq!((tags(&[]), tags(&["```\nsome code\n```", "text"])), (None, None));
        assert_eq!(tags_in(&json!("no JSON")), None);
    }
}
