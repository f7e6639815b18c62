//! A key that was there before the stack, and is used as it is: its policy, its rotation and its tags are its owner's.
//! What it has to be and to allow is looked at, and refused where it is not so.

use super::kms_key::{Key, POLICY_NAME};
use super::search::by_alias;
use super::usage::on_key;
use crate::aws::{Answer, Aws};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::{Change, Standing};
use crate::deploy::policy::Policy;
use crate::deploy::resource::{Assigned, Observed, Resource};
use crate::vault::names::Names;
use crate::vault::steps;
use anyhow::{Result, bail};
use aws_sdk_kms::types::{KeyManagerType, KeyState, KeyUsageType};
use serde::Serialize;
use std::collections::BTreeMap;

/// The key that the configuration names.
pub struct ExistingKey {
    names: Names,
    /// Its alias or ARN.
    key: String,
    arn: Assigned,
    users: Vec<User>,
}

/// Who uses the key by its policy.
#[derive(Clone, Debug)]
pub struct User {
    /// What it is called in a plan.
    called: String,
    /// `AWS` or `Service`, as in a policy.
    kind: &'static str,
    /// By which names a policy may allow it.
    principals: Vec<String>,
    actions: &'static [&'static str],
}

/// What is needed of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    key_manager: String,
    key_spec: String,
    #[serde(rename = "KeyState")]
    condition: String,
    key_usage: String,
    /// Of a key of another account nobody here can read the policy.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    policy_allows: BTreeMap<String, bool>,
    /// One of the stack's own: what is encrypted with it needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<String>,
}

impl User {
    /// The account, whose IAM then decides.
    #[must_use]
    pub fn account(account: &str) -> Self {
        let actions = &["kms:Decrypt", "kms:GenerateDataKey"];
        Self { called: format!("account {account}"), kind: "AWS", principals: vec![account.to_owned()], actions }
    }

    /// A role or a user that is allowed by its own name, or by its account.
    #[must_use]
    pub fn principal(arn: &str, actions: &'static [&'static str]) -> Self {
        let account = arn.split(':').nth(4).unwrap_or_default().to_owned();
        Self { called: arn.to_owned(), kind: "AWS", principals: vec![account, arn.to_owned()], actions }
    }

    /// A service's role, which its account's IAM gives no right to keys.
    #[must_use]
    pub fn service_role(arn: &str) -> Self {
        Self { called: arn.to_owned(), kind: "AWS", principals: vec![arn.to_owned()], actions: &["kms:Decrypt"] }
    }

    /// CloudWatch Logs of the region.
    #[must_use]
    pub fn logs(names: &Names) -> Self {
        let service = format!("logs.{}.{}", names.region, names.url_suffix());
        let actions = &["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"];
        Self { called: service.clone(), kind: "Service", principals: vec![service], actions }
    }

    /// CloudWatch, whose alarms tell a topic that is encrypted with the key.
    #[must_use]
    pub fn alarms() -> Self {
        let service = "cloudwatch.amazonaws.com".to_owned();
        let actions = &["kms:Decrypt", "kms:GenerateDataKey"];
        Self { called: service.clone(), kind: "Service", principals: vec![service], actions }
    }

    fn is_allowed_by(&self, policy: &Policy) -> bool {
        self.actions.iter().all(|action| policy.names(self.kind, &self.principals, action))
    }
}

impl ExistingKey {
    /// The key of this alias or ARN; `arn` becomes known once it is observed. `users` need its policy.
    #[must_use]
    pub fn new(names: &Names, key: &str, arn: Assigned, users: Vec<User>) -> Self {
        Self { names: names.clone(), key: key.to_owned(), arn, users }
    }

    fn is_of_another_account(&self) -> bool {
        self.key.split(':').nth(4).is_some_and(|account| account != self.names.account)
    }

    /// Whom its policy lets use it, where that can be read.
    async fn policy_allows(&self, aws: &Aws, id: &str) -> Result<BTreeMap<String, bool>> {
        if self.is_of_another_account() {
            return Ok(BTreeMap::new());
        }
        let read = aws.kms.get_key_policy().key_id(id).policy_name(POLICY_NAME).send().await;
        let policy = read.or_refused(format!("read the policy of key {id}"))?;
        let policy = Policy::parse(policy.policy().unwrap_or_default());
        Ok(self.users.iter().map(|user| (user.called.clone(), user.is_allowed_by(&policy))).collect())
    }
}

impl Resource for ExistingKey {
    type State = State;
    const TYPE: &'static str = Key::TYPE;

    fn name(&self) -> String {
        steps::KEY.into()
    }

    fn id(&self) -> Option<String> {
        Some(self.key.clone())
    }

    fn arn(&self) -> Option<String> {
        self.arn.get().map(str::to_owned)
    }

    fn standing(&self) -> Standing {
        Standing::Shared
    }

    fn desired(&self) -> State {
        let users = self.users.iter().filter(|_| !self.is_of_another_account());
        State {
            key_manager: KeyManagerType::Customer.to_string(),
            key_spec: "SYMMETRIC_DEFAULT".into(),
            condition: KeyState::Enabled.to_string(),
            key_usage: KeyUsageType::EncryptDecrypt.to_string(),
            policy_allows: users.map(|user| (user.called.clone(), true)).collect(),
            own: None,
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let (read, own) = futures::join!(aws.kms.describe_key().key_id(&self.key).send(), by_alias(aws, &self.names));
        let found = read.or_absent(format!("read key {}", self.key))?.and_then(|found| found.key_metadata);
        let Some(key) = found else { return Ok(Observed::absent().noted("not there, and not cvault's to make")) };
        self.arn.set(key.arn.as_deref().unwrap_or_default());
        let observed = Observed::present(State {
            key_manager: key.key_manager.as_ref().map(ToString::to_string).unwrap_or_default(),
            key_spec: key.key_spec().map(ToString::to_string).unwrap_or_default(),
            condition: key.key_state().map(ToString::to_string).unwrap_or_default(),
            key_usage: key.key_usage().map(ToString::to_string).unwrap_or_default(),
            policy_allows: self.policy_allows(aws, &key.key_id).await?,
            own: own?.and_then(|own| own.arn),
        });
        let unseen = "of another account, so that cvault cannot see whether its policy lets the vault use it";
        Ok(if self.is_of_another_account() { observed.noted(unseen) } else { observed })
    }

    async fn apply(&self, _: &Aws, _: &Change) -> Result<()> {
        // Before a plan is carried out it is refused where something differs: it was changed meanwhile.
        bail!("use key {}: it is gone, or not as it was any more", self.key)
    }

    async fn delete(&self, _: &Aws) -> Result<()> {
        // Never reached: what is shared stays.
        Ok(())
    }

    fn permissions(&self) -> Vec<Permission> {
        let any = self.names.all_keys_arn();
        // The stack's own is looked for, too.
        let mut needed = vec![Permission::new(Phase::Observe, &["kms:DescribeKey"], [any])];
        needed.push(if self.is_of_another_account() {
            on_key(Phase::Observe, &["kms:DescribeKey"], &self.names)
        } else {
            on_key(Phase::Observe, &["kms:GetKeyPolicy"], &self.names)
        });
        needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_users_of_a_key_are_those_that_its_policy_names() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let macie = names.macie_role_arn();
        let policy = Policy::from(json!({"Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
            {"Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
             "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*"], "Resource": "*"},
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:role/partner"},
             "Action": "kms:GenerateDataKey", "Resource": "*"},
        ]}));
        let partner =
            |name: &str| User::principal(&format!("arn:aws:iam::210987654321:role/{name}"), &["kms:GenerateDataKey"]);
        assert!(
            User::account("123456789012").is_allowed_by(&policy)
                && !User::account("210987654321").is_allowed_by(&policy)
        );
        assert!(User::logs(&names).is_allowed_by(&policy));
        assert!(partner("partner").is_allowed_by(&policy) && !partner("other").is_allowed_by(&policy));
        assert!(!User::service_role(&macie).is_allowed_by(&policy), "an account's IAM does not give it the right");
    }

    #[test]
    fn of_another_account_s_key_the_policy_is_not_asked_for() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let of = |key: &str| {
            let names = Names {
                existing: crate::vault::names::Existing { key: Some(key.into()), ..names.existing.clone() },
                ..names.clone()
            };
            let key = ExistingKey::new(&names, key, Assigned::default(), vec![User::account("123456789012")]);
            let actions: Vec<_> = key.permissions().iter().flat_map(|needed| needed.actions).copied().collect();
            (key.desired().policy_allows.len(), actions)
        };
        assert_eq!(of("alias/data"), (1, vec!["kms:DescribeKey", "kms:GetKeyPolicy"]));
        assert_eq!(of("arn:aws:kms:eu-west-1:123456789012:key/0a1b"), (1, vec!["kms:DescribeKey", "kms:GetKeyPolicy"]));
        assert_eq!(of("arn:aws:kms:eu-west-1:999999999999:key/0a1b"), (0, vec!["kms:DescribeKey"; 2]));
    }
}
