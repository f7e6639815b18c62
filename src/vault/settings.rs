//! What can be wanted of a vault, as plain values: where they come from is not known here.

use crate::vault::expiry::Expiry;
use crate::vault::names::{Existing, Names};
use contract::ignored::{self, Ignoring};
use contract::{IngressRules, PrefixNotices, PrefixRules, Rules, Unchanged};
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
        let of = |own: &PrefixSettings| {
            let each_up_to = self.notify.up_to(own.notify?);
            Some(PrefixNotices { prefix: own.rules.prefix.clone(), each_up_to })
        };
        self.ingress.prefixes.iter().filter_map(of).collect()
    }
}

/// Who is told of held files beside the e-mail addresses, and how.
#[derive(Clone, Debug)]
pub struct NotifySettings {
    /// Whether many files become one e-mail.
    pub mode: NotifyMode,
    /// Up to how many of one window are told of each by itself.
    pub each_up_to: u32,
    /// For how many seconds Lambda gathers notices, 1 to 300.
    pub window_seconds: i32,
    /// HTTPS endpoints.
    pub https: Vec<String>,
    /// ARNs of SQS queues.
    pub sqs: Vec<String>,
    /// Whether e-mail addresses that are not declared are removed.
    pub prune_emails: bool,
}

impl NotifySettings {
    /// Up to how many of one window are told of each by itself: none, where all are to be in a digest.
    #[must_use]
    pub fn each_up_to(&self) -> u32 {
        self.up_to(self.mode)
    }

    fn up_to(&self, mode: NotifyMode) -> u32 {
        match mode {
            NotifyMode::Each => self.each_up_to,
            NotifyMode::Digest => 0,
        }
    }
}

/// Whether each held file is told of by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum NotifyMode {
    /// It is, unless many come at once.
    #[default]
    Each,
    /// Only where it came alone.
    Digest,
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

/// What holds for the buckets.
#[derive(Clone, Debug)]
pub struct BucketSettings {
    /// What stands before their names.
    pub prefix: String,
    /// After how many days a version in analytics or the vault that is not current any more expires.
    pub noncurrent_days: i32,
}

/// What holds for the vault.
#[derive(Clone, Debug)]
pub struct VaultSettings {
    /// ARNs of roles and users that may write to the vault beside the classifier; `*` and `?` match.
    pub releasers: Vec<String>,
    /// How many of them have to want it before a held version is released or discarded: 1 or 2.
    pub approvals: u32,
    /// ARNs of those who alone may change the bucket's settings, its policy and lifecycle among them, beside the
    /// account's root; without any that is left to IAM.
    pub deployers: Vec<String>,
    /// ARNs of those who may put legal holds on versions in the vault, and take them away; `*` and `?` match.
    pub legal_holders: Vec<String>,
    /// The default retention of Object Lock; without it objects can be overwritten.
    pub object_lock: Option<ObjectLock>,
    /// After how many days an object expires, if it does.
    pub expire_days: Option<i32>,
    /// When an object moves to another storage class, if it does.
    pub transition: Option<Transition>,
}

impl VaultSettings {
    /// Whether what one identity asks for is done by another.
    #[must_use]
    pub fn has_four_eyes(&self) -> bool {
        self.approvals == 2
    }
}

/// What holds for what is held.
#[derive(Clone, Debug, Default)]
pub struct HeldSettings {
    /// After how many days a held object expires, if it does.
    pub expire_days: Option<i32>,
    /// ARNs of those who alone may read what is held, beside the classifier, Macie and the releasers; without any that is
    /// left to IAM.
    pub readers: Vec<String>,
}

/// What holds for the key.
#[derive(Clone, Debug)]
pub struct KeySettings {
    /// For how many days AWS keeps the key after `down`, 7 to 30.
    pub deletion_window_days: i32,
}

/// How often what waits is looked for.
#[derive(Clone, Debug)]
pub struct SweepSettings {
    /// Whether it is, by the clock.
    pub enabled: bool,
    /// Every so many minutes.
    pub interval_minutes: u32,
}

impl SweepSettings {
    /// As EventBridge writes the interval.
    #[must_use]
    pub fn rate(&self) -> String {
        match self.interval_minutes {
            1 => "rate(1 minute)".into(),
            minutes => format!("rate({minutes} minutes)"),
        }
    }
}

/// What lands in ingress.
#[derive(Clone, Debug)]
pub struct IngressSettings {
    /// What is no file: see [`contract::ignored`].
    pub ignore: Vec<String>,
    /// How long an object is left to its sender before it is judged, in seconds.
    pub settle_seconds: u32,
    /// What the key of a companion has behind that of its file, which is judged once one of them is there.
    pub pairs: Vec<String>,
    /// What becomes of the bytes that the vault has already.
    pub unchanged: Unchanged,
    /// What is otherwise for the keys that begin with a prefix.
    pub prefixes: Vec<PrefixSettings>,
    /// ARNs of roles and users, of other accounts too, that may put objects there; `*` and `?` match in their names.
    pub writers: Vec<String>,
    /// Other buckets of the account whose objects `judge --bucket` may take in.
    pub sources: Vec<String>,
    /// ARNs of keys under which files come, or are in the other buckets, beside the stack's own.
    pub kms_keys: Vec<String>,
}

/// What is otherwise for the keys that begin with a prefix.
#[derive(Clone, Debug)]
pub struct PrefixSettings {
    /// By what they are judged.
    pub rules: PrefixRules,
    /// What is no file there, beside what is none anywhere.
    pub ignore: Vec<String>,
    /// Whether many files become one e-mail there; `None`: as elsewhere.
    pub notify: Option<NotifyMode>,
}

impl IngressSettings {
    /// What is no file, in each part of ingress: see [`contract::ignored`].
    #[must_use]
    pub fn ignored(&self) -> Vec<String> {
        let below = self.prefixes.iter().flat_map(|own| ignored::below(&own.rules.prefix, &own.ignore));
        self.ignore.iter().cloned().chain(below).collect()
    }

    /// What of a listing of ingress nobody judges.
    #[must_use]
    pub fn ignoring(&self) -> Ignoring {
        Ignoring { patterns: self.ignored(), rules: self.rules() }
    }

    /// The part of it that the function has to know.
    #[must_use]
    pub fn rules(&self) -> IngressRules {
        let Self { settle_seconds, pairs, unchanged, .. } = self;
        IngressRules { settle_seconds: *settle_seconds, pairs: pairs.clone(), unchanged: *unchanged }
    }
}

/// Which files the Express workflow judges.
#[derive(Clone, Debug)]
pub struct ExpressSettings {
    /// Those of at most so many bytes; none with 0.
    pub max_bytes: u64,
}

impl ExpressSettings {
    /// What a file has to be smaller than.
    #[must_use]
    pub fn below(&self) -> u64 {
        if self.max_bytes == 0 { 0 } else { self.max_bytes + 1 }
    }
}

/// A move to another storage class.
#[derive(Clone, Debug)]
pub struct Transition {
    /// How many days after the object was made.
    pub days: i32,
    /// To which one, in S3's words.
    pub storage_class: String,
}

/// The default retention of Object Lock.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectLock {
    /// `GOVERNANCE` or `COMPLIANCE`.
    pub mode: String,
    /// For how many days.
    pub days: i32,
}

/// How Macie is used.
#[derive(Clone, Debug)]
pub struct MacieSettings {
    /// When.
    pub mode: MacieMode,
    /// Which managed data identifiers its jobs use.
    pub managed_identifiers: Selector,
    /// Those that `include` or `exclude` means.
    pub managed_identifier_ids: Vec<String>,
    /// How long a job may take.
    pub max_hours: u32,
}

/// When Macie is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MacieMode {
    /// Where it is enabled in the region.
    #[default]
    Auto,
    /// Always; refused where it is not enabled.
    On,
    /// Never.
    Off,
}

/// Macie's `managedDataIdentifierSelector`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Macie's own words")]
pub enum Selector {
    All,
    Recommended,
    None,
    Include,
    Exclude,
}

impl Selector {
    /// As Macie writes it.
    #[must_use]
    pub fn macie(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Recommended => "RECOMMENDED",
            Self::None => "NONE",
            Self::Include => "INCLUDE",
            Self::Exclude => "EXCLUDE",
        }
    }
}

impl Default for NotifySettings {
    fn default() -> Self {
        let (mode, https, sqs) = (NotifyMode::default(), vec![], vec![]);
        Self { mode, each_up_to: 10, window_seconds: 30, https, sqs, prune_emails: false }
    }
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

impl Default for BucketSettings {
    fn default() -> Self {
        Self { prefix: String::new(), noncurrent_days: 90 }
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

impl Default for VaultSettings {
    fn default() -> Self {
        let (releasers, deployers, legal_holders) = (vec![], vec![], vec![]);
        Self {
            releasers,
            approvals: 1,
            deployers,
            legal_holders,
            object_lock: None,
            expire_days: None,
            transition: None,
        }
    }
}

impl Default for KeySettings {
    fn default() -> Self {
        Self { deletion_window_days: 30 }
    }
}

impl Default for SweepSettings {
    fn default() -> Self {
        Self { enabled: true, interval_minutes: 60 }
    }
}

impl Default for IngressSettings {
    fn default() -> Self {
        let ignore = contract::ignored::USUAL.map(str::to_owned).into();
        Self {
            ignore,
            settle_seconds: 2,
            pairs: vec![],
            unchanged: Unchanged::default(),
            prefixes: vec![],
            writers: vec![],
            sources: vec![],
            kms_keys: vec![],
        }
    }
}

impl Default for ExpressSettings {
    fn default() -> Self {
        Self { max_bytes: 32 << 20 }
    }
}

impl Default for MacieSettings {
    fn default() -> Self {
        Self {
            mode: MacieMode::default(),
            managed_identifiers: Selector::All,
            managed_identifier_ids: vec![],
            max_hours: 24,
        }
    }
}
