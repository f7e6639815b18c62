//! What can be wanted of a vault, as plain values: where they come from is not known here.

mod ingress;
mod kept;
mod macie;
mod notify;

use crate::vault::expiry::Expiry;
use crate::vault::names::{Existing, Names};
use contract::{PrefixNotices, Rules};
pub use ingress::{ExpressSettings, IngressSettings, PrefixSettings, SweepSettings};
pub use kept::{BucketSettings, HeldSettings, KeySettings, ObjectLock, Replication, Transition, VaultSettings};
pub use macie::{MacieMode, MacieSettings, Selector};
pub use notify::{NotifyMode, NotifySettings};
use std::collections::BTreeMap;

/// For how many seconds an Express workflow may leave an object to its sender: it ends after five minutes, and may have to
/// wait for most of them until it can hand over.
pub const LONGEST_EXPRESS_WAIT: u32 = 30;

/// All that can be wanted of a stack, and of the way to it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The stack's name.
    pub stack: Option<String>,
    /// The suffix of every name.
    pub id: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The AWS profile.
    pub profile: Option<String>,
    /// The only account to work in.
    pub expect_account: Option<String>,
    /// Who is told of held files.
    pub emails: Vec<String>,
    /// Who else is told, and who is no more.
    pub notify: NotifySettings,
    /// What is there already and is used.
    pub existing: Existing,
    /// The tags that everything gets beside ours.
    pub tags: BTreeMap<String, String>,
    /// What files are judged by.
    pub rules: Rules,
    /// What holds for the roles.
    pub iam: IamSettings,
    /// What holds for the function.
    pub function: FunctionSettings,
    /// How Macie is used.
    pub macie: MacieSettings,
    /// What is logged.
    pub logs: LogSettings,
    /// Which alarms there are.
    pub alarms: AlarmSettings,
    /// What holds for all buckets.
    pub buckets: BucketSettings,
    /// What holds for the vault.
    pub vault: VaultSettings,
    /// What holds for the key.
    pub key: KeySettings,
    /// How often what waits is looked for.
    pub sweep: SweepSettings,
    /// `[ingress]`: what lands there.
    pub ingress: IngressSettings,
    /// `[held]`: what becomes of what is held.
    pub held: HeldSettings,
    /// `[express]`: which files take the cheaper way.
    pub express: ExpressSettings,
    /// Whether `down` empties the buckets: a flag only, never a setting that lies in wait.
    pub delete_data: bool,
    /// When the stack expires: likewise.
    pub expiry: Option<Expiry>,
    /// Whether `up` may enable Macie: likewise.
    pub enable_macie: bool,
}

impl Settings {
    /// The stack's name.
    #[must_use]
    pub fn stack(&self) -> &str {
        self.stack.as_deref().unwrap_or("cyber-vault")
    }

    /// The names of the stack in this account and region.
    #[must_use]
    pub fn names(&self, partition: &str, account: &str, region: &str) -> Names {
        let names = Names::new(partition, account, region, self.stack(), self.id.as_deref());
        Names {
            declared_tags: self.tags.clone(),
            role_prefix: self.iam.role_prefix.clone(),
            role_path: self.iam.path.clone(),
            bucket_prefix: self.buckets.prefix.clone(),
            existing: self.existing.clone(),
            ..names
        }
    }

    /// Who is told, by SNS's name of the protocol.
    #[must_use]
    pub fn subscribers(&self) -> [(&'static str, &[String]); 3] {
        let NotifySettings { https, sqs, .. } = &self.notify;
        [("email", &self.emails), ("https", https), ("sqs", sqs)]
    }

    /// Whether addresses that are subscribed and not declared go: never all, for want of anybody declared.
    #[must_use]
    pub fn prunes_emails(&self) -> bool {
        self.notify.prune_emails && self.subscribers().iter().any(|(_, declared)| !declared.is_empty())
    }

    /// What a file has to be smaller than to be judged by the Express workflow, which has no time to wait for long.
    #[must_use]
    pub fn express_below(&self) -> u64 {
        if self.ingress.settle_seconds > LONGEST_EXPRESS_WAIT { 0 } else { self.express.below() }
    }

    /// What files are judged by, in each part of ingress.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let prefixes = self.ingress.prefixes.iter().map(|own| own.rules.clone()).collect();
        Rules { prefixes, ..self.rules.clone() }
    }

    /// Below which prefixes other notices become one e-mail than elsewhere.
    #[must_use]
    pub fn notices(&self) -> Vec<PrefixNotices> {
        let all = &self.ingress.prefixes;
        // One without a mode is as all others, also within one that has its own.
        let is_within = |own: &PrefixSettings| {
            all.iter().any(|outer| outer.notify.is_some() && own.rules.prefix.starts_with(&outer.rules.prefix))
        };
        let of = |own: &PrefixSettings| {
            let each_up_to = self.notify.up_to(own.notify.unwrap_or(self.notify.mode));
            PrefixNotices { prefix: own.rules.prefix.clone(), each_up_to }
        };
        all.iter().filter(|own| is_within(own)).map(of).collect()
    }
}

/// What is logged.
#[derive(Clone, Copy, Debug)]
pub struct LogSettings {
    /// For how many days CloudWatch Logs keeps events.
    pub retention_days: i32,
    /// The class of the state machines' log groups.
    pub class: LogClass,
}

/// A class of log groups, which each has from its creation on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LogClass {
    /// With all that CloudWatch Logs can do.
    #[default]
    Standard,
    /// At half the price, and without metrics, filters and single events.
    InfrequentAccess,
}

/// Which alarms there are.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct AlarmSettings {
    /// For executions that fail, are aborted or run out of time.
    pub executions: bool,
    /// For events that could not be delivered.
    pub dead_letters: bool,
    /// For notices that nobody got.
    pub notices: bool,
    /// For files that wait for Macie.
    pub macie_queue: bool,
    /// For files that nobody judges.
    pub unjudged: bool,
    /// For sweeps that do not begin.
    pub sweeps: bool,
    /// For calls of the function that fail.
    pub errors: bool,
    /// For calls of the function that find no place.
    pub throttles: bool,
    /// Whether there is a dashboard beside them.
    pub dashboard: bool,
}

/// What holds for the function.
#[derive(Clone, Debug)]
pub struct FunctionSettings {
    /// Its memory in megabytes; the CPU grows with it.
    pub memory_mb: i32,
    /// How many may run at once; without it, that is left to others.
    pub reserved_concurrency: Option<i32>,
    /// The subnets that it is in; without any, that is left to others.
    pub subnet_ids: Vec<String>,
    /// Its security groups there.
    pub security_group_ids: Vec<String>,
    /// The ARN of the code signing configuration that it has; without one, that is left to others.
    pub code_signing_config_arn: Option<String>,
    /// Layers of others that stay: ARNs, with a `*` at the end for all that begin so.
    pub keep_layers: Vec<String>,
    /// Variables of others that stay, likewise.
    pub keep_variables: Vec<String>,
}

/// What holds for the roles.
#[derive(Clone, Debug)]
pub struct IamSettings {
    /// The ARN of the policy that bounds what they may do; without one, a boundary is left to others.
    pub permissions_boundary: Option<String>,
    /// Their path, with a slash at both ends.
    pub path: String,
    /// What stands before their names.
    pub role_prefix: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { retention_days: 90, class: LogClass::default() }
    }
}

impl Default for AlarmSettings {
    fn default() -> Self {
        Self {
            executions: true,
            dead_letters: true,
            notices: true,
            macie_queue: true,
            unjudged: true,
            sweeps: true,
            errors: true,
            throttles: true,
            dashboard: true,
        }
    }
}

impl Default for FunctionSettings {
    fn default() -> Self {
        Self {
            memory_mb: 1024,
            reserved_concurrency: None,
            subnet_ids: vec![],
            security_group_ids: vec![],
            code_signing_config_arn: None,
            keep_layers: vec![],
            keep_variables: vec![],
        }
    }
}

impl Default for IamSettings {
    fn default() -> Self {
        Self { permissions_boundary: None, path: "/".into(), role_prefix: String::new() }
    }
}
