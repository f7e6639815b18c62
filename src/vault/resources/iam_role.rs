//! The four roles, each with one inline policy and nothing else: whatever is attached besides
//! widens what the role may do, and is drift.

use crate::aws::{Answer, Aws, PROPAGATION};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::policy::Policy;
use crate::deploy::resource::{Assigned, Fixed, Observed, Resource};
use crate::vault::definitions::Document;
use crate::vault::names::Names;
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::{Result, bail};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::Value;
use std::cell::Cell;
use std::collections::BTreeMap;

/// The one inline policy's name.
pub const POLICY_NAME: &str = "cvault";

/// One role of a stack.
pub struct Role {
    names: Names,
    name: &'static str,
    trust: Document,
    policy: Document,
    boundary: Option<String>,
    unique_id: Assigned,
    /// What it may do besides as long as its function is in a VPC.
    in_vpc: Option<(Assigned, Document)>,
}

/// What is declared of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    assume_role_policy_document: Policy,
    /// By name: ours, and that there is no other.
    policies: BTreeMap<String, Policy>,
    managed_policy_arns: Vec<String>,
    path: String,
    /// Only where one is declared: without, it is the organization's to set.
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary: Option<String>,
    tags: BTreeMap<String, String>,
}

impl Role {
    /// The role with its trust policy and its permissions.
    #[must_use]
    pub fn new(names: &Names, name: &'static str, trust: Document, policy: Document) -> Self {
        let (names, unique_id) = (names.clone(), Assigned::default());
        Self { names, name, trust, policy, boundary: None, unique_id, in_vpc: None }
    }

    /// The same under a permissions boundary.
    #[must_use]
    pub fn bounded(self, boundary: Option<String>) -> Self {
        Self { boundary, ..self }
    }

    /// The same, which says what IAM knows the role by: one that is made again under the same name has another.
    #[must_use]
    pub fn known_by(self, unique_id: Assigned) -> Self {
        Self { unique_id, ..self }
    }

    /// The same, which may do this besides once its function was seen in a VPC that nobody declares: there the function stays, and
    /// AWS needs these rights. What is seen is the id of the role that the function was made with, if it says that: with another
    /// role it is made again, and where it is declared to be.
    #[must_use]
    pub fn in_vpc(self, made_with: Assigned, rights: Document) -> Self {
        Self { in_vpc: Some((made_with, rights)), ..self }
    }

    /// Its one policy.
    fn policy(&self) -> Value {
        let stays = |made_with: &str| made_with.is_empty() || self.unique_id.get() == Some(made_with);
        match &self.in_vpc {
            Some((made_with, rights)) if made_with.get().is_some_and(stays) => {
                self.policy.clone().with_statements_of(rights).value()
            }
            _ => self.policy.value(),
        }
    }

    fn role_name(&self) -> String {
        self.names.role(self.name)
    }

    async fn inline_names(&self, aws: &Aws) -> Result<Vec<String>> {
        let role = self.role_name();
        let pages = aws.iam.list_role_policies().role_name(&role).into_paginator().items().send();
        let names = pages.collect::<Result<Vec<_>, _>>().await;
        Ok(names.or_absent(format!("list the policies of role {role}"))?.unwrap_or_default())
    }

    async fn attached_arns(&self, aws: &Aws) -> Result<Vec<String>> {
        let role = self.role_name();
        let pages = aws.iam.list_attached_role_policies().role_name(&role).into_paginator().items().send();
        let attached = pages.collect::<Result<Vec<_>, _>>().await;
        let attached = attached.or_absent(format!("list the attached policies of role {role}"))?;
        Ok(attached.into_iter().flatten().filter_map(|policy| policy.policy_arn).collect())
    }

    async fn inline_policy(&self, aws: &Aws, name: &str) -> Result<Option<Policy>> {
        let role = self.role_name();
        let found = aws.iam.get_role_policy().role_name(&role).policy_name(name).send().await;
        let found = found.or_absent(format!("read policy {name} of role {role}"))?;
        Ok(found.map(|found| decoded(&found.policy_document)))
    }

    async fn create(&self, aws: &Aws) -> Result<()> {
        let role = self.role_name();
        // Refused for a while after a role of the same name was deleted (truths I9).
        let made = aws.eventually("IAM to free the role's name", PROPAGATION, async || {
            let create = aws.iam.create_role().role_name(&role).set_tags(Some(tagged(self.names.all_tags())));
            let create = create
                .description(format!("The {} of cvault stack {}", self.name, self.names.stack))
                .path(&self.names.role_path)
                .set_permissions_boundary(self.boundary.clone())
                .assume_role_policy_document(self.trust.value().to_string());
            create.send().await.or_exists(format!("create role {role}"))
        });
        if let Some(made) = made.await?.and_then(|made| made.role) {
            self.unique_id.set(made.role_id);
            return Ok(());
        }
        // Another run has made it, and it is not seen at once (truths X2).
        let found = aws.eventually("the new role to be known", PROPAGATION, async || {
            aws.iam.get_role().role_name(&role).send().await.or_refused(format!("read role {role}"))
        });
        if let Some(found) = found.await?.role {
            self.unique_id.set(found.role_id);
        }
        Ok(())
    }

    async fn put_policy(&self, aws: &Aws, policy: &Value) -> Result<()> {
        let role = self.role_name();
        self.write(aws, async || {
            let put = aws.iam.put_role_policy().role_name(&role).policy_name(POLICY_NAME);
            let put = put.policy_document(policy.to_string()).send().await;
            put.or_refused(format!("set the policy of role {role}")).map(drop)
        })
        .await
    }

    async fn put_boundary(&self, aws: &Aws, boundary: &str) -> Result<()> {
        let role = self.role_name();
        self.write(aws, async || {
            let put = aws.iam.put_role_permissions_boundary().role_name(&role).permissions_boundary(boundary);
            put.send().await.or_refused(format!("set the permissions boundary of role {role}")).map(drop)
        })
        .await
    }

    /// A write on the role, which may be unknown for a while, or be changed by another run (truths X2, I9).
    async fn write(&self, aws: &Aws, call: impl AsyncFn() -> Result<()>) -> Result<()> {
        aws.eventually("IAM to take the next write on the role", PROPAGATION, call).await
    }

    async fn remove_policy(&self, aws: &Aws, name: &str) -> Result<()> {
        let role = self.role_name();
        self.write(aws, async || {
            let deleted = aws.iam.delete_role_policy().role_name(&role).policy_name(name).send().await;
            deleted.or_gone(format!("delete policy {name} of role {role}"))
        })
        .await
    }

    /// Takes from the role what IAM refuses to delete it with.
    async fn free(&self, aws: &Aws) -> Result<()> {
        let role = self.role_name();
        let profiles = aws.iam.list_instance_profiles_for_role().role_name(&role).send().await;
        let profiles = profiles.or_absent(format!("list the instance profiles of role {role}"))?;
        if let Some(profile) = profiles.into_iter().flat_map(|found| found.instance_profiles).next() {
            bail!(crate::outcome::failure::Failure::new(
                format!("delete role {role}"),
                format!(
                    "instance profile {} uses it, which cvault did not make. What runs under the role has lost its rights \
                     meanwhile: cvault removes its own policy first",
                    profile.instance_profile_name
                ),
                "take the role out of the instance profile, then run `cvault down` again"
            ));
        }
        self.remove_policies(aws, None).await
    }

    async fn remove_policies(&self, aws: &Aws, keep: Option<&str>) -> Result<()> {
        let role = self.role_name();
        let (inline, attached) = futures::join!(self.inline_names(aws), self.attached_arns(aws));
        for name in inline?.into_iter().filter(|name| Some(name.as_str()) != keep) {
            self.remove_policy(aws, &name).await?;
        }
        for arn in attached? {
            self.write(aws, async || {
                let detached = aws.iam.detach_role_policy().role_name(&role).policy_arn(&arn).send().await;
                detached.or_gone(format!("detach {arn} from role {role}"))
            })
            .await?;
        }
        Ok(())
    }
}

/// IAM gives documents back percent-encoded, where a plus is a plus (truths I3).
fn decoded(document: &str) -> Policy {
    Policy::parse(&percent_decode_str(document).decode_utf8_lossy())
}

impl Resource for Role {
    type State = State;
    const TYPE: &'static str = "AWS::IAM::Role";
    const FIXED: &'static [Fixed] = &[Fixed {
        path: "/Path",
        why: "a role's path cannot be changed",
        fix: "set iam.path as it was; or delete the role",
    }];

    fn name(&self) -> String {
        steps::role(self.name)
    }

    fn id(&self) -> Option<String> {
        Some(self.role_name())
    }

    fn arn(&self) -> Option<String> {
        Some(self.names.role_arn(self.name))
    }

    fn desired(&self) -> State {
        State {
            assume_role_policy_document: self.trust.value().into(),
            policies: BTreeMap::from([(POLICY_NAME.into(), self.policy().into())]),
            managed_policy_arns: vec![],
            path: self.names.role_path.clone(),
            permissions_boundary: self.boundary.clone(),
            tags: self.names.all_tags(),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let name = self.role_name();
        let (role, ours, inline, attached) = futures::join!(
            aws.iam_call(aws.iam.get_role().role_name(&name).send()),
            aws.iam_call(self.inline_policy(aws, POLICY_NAME)),
            aws.iam_call(self.inline_names(aws)),
            aws.iam_call(self.attached_arns(aws)),
        );
        let Some(role) = role.or_absent(format!("read role {name}"))?.and_then(|found| found.role) else {
            return Ok(Observed::absent());
        };
        self.unique_id.set(role.role_id());
        let boundary = role.permissions_boundary().and_then(|it| it.permissions_boundary_arn()).map(str::to_owned);
        let mut policies: BTreeMap<_, _> = ours?.map(|policy| (POLICY_NAME.to_owned(), policy)).into_iter().collect();
        for other in inline? {
            policies.entry(other).or_insert_with(|| Value::from("an inline policy that is not ours").into());
        }
        Ok(Observed::present(State {
            assume_role_policy_document: decoded(role.assume_role_policy_document().unwrap_or_default()),
            policies,
            managed_policy_arns: attached?,
            path: role.path().to_owned(),
            permissions_boundary: self.boundary.as_ref().map(|_| boundary.unwrap_or_default()),
            tags: self.names.seen_tags(role.tags().iter().map(|tag| (tag.key(), tag.value()))),
        }))
    }

    /// One call after the other: IAM refuses concurrent changes of one role (truths I9).
    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        let role = self.role_name();
        if change.creates() {
            self.create(aws).await?;
            return self.put_policy(aws, &self.policy()).await;
        }
        // First: without it, the rights to all else may be missing.
        if let Some(boundary) = self.boundary.as_ref().filter(|_| change.touches("/PermissionsBoundary")) {
            self.put_boundary(aws, boundary).await?;
        }
        if change.touches("/AssumeRolePolicyDocument") {
            self.write(aws, async || {
                let update = aws.iam.update_assume_role_policy().role_name(&role);
                let updated = update.policy_document(self.trust.value().to_string()).send().await;
                updated.or_refused(format!("set the trust policy of role {role}")).map(drop)
            })
            .await?;
        }
        if change.touches(&format!("/Policies/{POLICY_NAME}")) {
            self.put_policy(aws, &self.policy()).await?;
        }
        if change.touches("/Policies") || change.touches("/ManagedPolicyArns") {
            self.remove_policies(aws, Some(POLICY_NAME)).await?;
        }
        if change.touches("/Tags") {
            self.write(aws, async || {
                let tag = aws.iam.tag_role().role_name(&role).set_tags(Some(tagged(self.names.all_tags())));
                tag.send().await.or_refused(format!("tag role {role}")).map(drop)
            })
            .await?;
        }
        if let Some(keys) = change.tags_that_go() {
            self.write(aws, async || {
                let untag = aws.iam.untag_role().role_name(&role).set_tag_keys(Some(keys.clone()));
                untag.send().await.or_refused(format!("untag role {role}")).map(drop)
            })
            .await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let role = self.role_name();
        self.remove_policy(aws, POLICY_NAME).await?;
        let is_freed = Cell::new(false);
        // Just after their removal the role may still seem to have policies (truths I8).
        aws.eventually("IAM to forget the role's policies", PROPAGATION, async || {
            let deleted = aws.iam.delete_role().role_name(&role).send().await;
            let deleted = deleted.or_gone(format!("delete role {role}"));
            // Or it has others than ours, or is in use, which is looked at until that was answered.
            if deleted.is_err() && !is_freed.get() {
                self.free(aws).await?;
                is_freed.set(true);
            }
            deleted
        })
        .await
    }

    fn permissions(&self) -> Vec<Permission> {
        let on = |phase, actions| Permission::new(phase, actions, [self.names.role_arn(self.name)]);
        // Under a boundary, whoever deploys can give no role more than the boundary allows.
        let bounded = match &self.boundary {
            Some(boundary) => {
                on(Phase::Apply, &["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"])
                    .when("iam:PermissionsBoundary", boundary)
            }
            None => on(Phase::Apply, &["iam:CreateRole", "iam:PutRolePolicy"]),
        };
        vec![
            on(
                Phase::Observe,
                &["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
            ),
            on(Phase::Apply, &["iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy"]),
            bounded,
            // Whatever is attached besides ours is drift.
            on(Phase::Apply, &["iam:DeleteRolePolicy", "iam:DetachRolePolicy"]),
            on(
                Phase::Delete,
                &["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:ListInstanceProfilesForRole"],
            ),
        ]
    }
}
