//! `cvault.toml`: its sections, and what each key may be. An unknown key is an error.
//!
//! What a section says in the words of the settings themselves is described here and no type of its own.

use super::document::{self, Places};
use super::judgement::{IntegritySettings, SensitiveSettings};
use super::mistake::Mistake;
use super::notify::NotifyMode;
use crate::outcome::failure::Failure;
use crate::vault::names;
use crate::vault::settings::{self, Settings};
use anyhow::Result;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::path::Path;

/// The whole file.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    stack: Option<String>,
    id: Option<String>,
    region: Option<String>,
    profile: Option<String>,
    expect_account: Option<String>,
    emails: Vec<String>,
    tags: BTreeMap<String, String>,
    #[serde(with = "NotifySettings")]
    notify: settings::NotifySettings,
    #[serde(with = "Existing")]
    existing: names::Existing,
    integrity: IntegritySettings,
    sensitive: SensitiveSettings,
    #[serde(with = "IamSettings")]
    iam: settings::IamSettings,
    #[serde(with = "FunctionSettings")]
    function: settings::FunctionSettings,
    #[serde(with = "MacieSettings")]
    macie: settings::MacieSettings,
    #[serde(with = "LogSettings")]
    logs: settings::LogSettings,
    #[serde(with = "AlarmSettings")]
    alarms: settings::AlarmSettings,
    #[serde(with = "BucketSettings")]
    buckets: settings::BucketSettings,
    #[serde(with = "VaultSettings")]
    vault: settings::VaultSettings,
    #[serde(with = "KeySettings")]
    key: settings::KeySettings,
    #[serde(with = "SweepSettings")]
    sweep: settings::SweepSettings,
    #[serde(with = "IngressSettings")]
    ingress: settings::IngressSettings,
    #[serde(with = "HeldSettings")]
    held: settings::HeldSettings,
    #[serde(with = "ExpressSettings")]
    express: settings::ExpressSettings,
}

#[derive(Deserialize)]
#[serde(remote = "settings::MacieSettings", default = "settings::MacieSettings::default", deny_unknown_fields)]
struct MacieSettings {
    #[serde(with = "MacieMode")]
    mode: settings::MacieMode,
    #[serde(with = "Selector")]
    managed_identifiers: settings::Selector,
    managed_identifier_ids: Vec<String>,
    max_hours: u32,
}

#[derive(Deserialize)]
#[serde(remote = "settings::MacieMode", rename_all = "lowercase")]
enum MacieMode {
    Auto,
    On,
    Off,
}

#[derive(Deserialize)]
#[serde(remote = "settings::Selector", rename_all = "lowercase")]
enum Selector {
    All,
    Recommended,
    None,
    Include,
    Exclude,
}

#[derive(Deserialize)]
#[serde(remote = "settings::NotifySettings", default = "settings::NotifySettings::default", deny_unknown_fields)]
struct NotifySettings {
    #[serde(with = "NotifyMode")]
    mode: settings::NotifyMode,
    each_up_to: u32,
    window_seconds: i32,
    https: Vec<String>,
    sqs: Vec<String>,
    prune_emails: bool,
}

#[derive(Deserialize)]
#[serde(remote = "names::Existing", default = "names::Existing::default", deny_unknown_fields)]
struct Existing {
    topic: Option<String>,
    key: Option<String>,
    #[serde(with = "LogGroups")]
    log_groups: names::LogGroups,
    #[serde(with = "Buckets")]
    buckets: names::Buckets,
}

#[derive(Deserialize)]
#[serde(remote = "names::Buckets", default = "names::Buckets::default", deny_unknown_fields)]
struct Buckets {
    ingress: Option<String>,
    analytics: Option<String>,
    vault: Option<String>,
}

#[derive(Deserialize)]
#[serde(remote = "names::LogGroups", default = "names::LogGroups::default", deny_unknown_fields)]
struct LogGroups {
    classifier: Option<String>,
    orchestrator: Option<String>,
    sweep: Option<String>,
}

#[derive(Deserialize)]
#[serde(remote = "settings::IamSettings", default = "settings::IamSettings::default", deny_unknown_fields)]
struct IamSettings {
    permissions_boundary: Option<String>,
    path: String,
    role_prefix: String,
}

#[derive(Deserialize)]
#[serde(remote = "settings::FunctionSettings", default = "settings::FunctionSettings::default", deny_unknown_fields)]
struct FunctionSettings {
    memory_mb: i32,
    reserved_concurrency: Option<i32>,
    subnet_ids: Vec<String>,
    security_group_ids: Vec<String>,
    code_signing_config_arn: Option<String>,
    keep_layers: Vec<String>,
    keep_variables: Vec<String>,
}

#[derive(Deserialize)]
#[serde(remote = "settings::LogSettings", default = "settings::LogSettings::default", deny_unknown_fields)]
struct LogSettings {
    retention_days: i32,
    #[serde(with = "LogClass")]
    class: settings::LogClass,
}

#[derive(Deserialize)]
#[serde(remote = "settings::LogClass", rename_all = "SCREAMING_SNAKE_CASE")]
enum LogClass {
    Standard,
    InfrequentAccess,
}

#[derive(Deserialize)]
#[serde(remote = "settings::AlarmSettings", default = "settings::AlarmSettings::default", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
struct AlarmSettings {
    executions: bool,
    dead_letters: bool,
    notices: bool,
    macie_queue: bool,
    unjudged: bool,
    sweeps: bool,
    errors: bool,
    throttles: bool,
    dashboard: bool,
}

#[derive(Deserialize)]
#[serde(remote = "settings::BucketSettings", default = "settings::BucketSettings::default", deny_unknown_fields)]
struct BucketSettings {
    prefix: String,
    noncurrent_days: i32,
}

#[derive(Deserialize)]
#[serde(remote = "settings::VaultSettings", default = "settings::VaultSettings::default", deny_unknown_fields)]
struct VaultSettings {
    releasers: Vec<String>,
    approvals: u32,
    deployers: Vec<String>,
    legal_holders: Vec<String>,
    #[serde(deserialize_with = "object_lock")]
    object_lock: Option<settings::ObjectLock>,
    expire_days: Option<i32>,
    #[serde(deserialize_with = "transition")]
    transition: Option<settings::Transition>,
    #[serde(deserialize_with = "replication")]
    replication: Option<settings::Replication>,
}

#[derive(Deserialize)]
#[serde(remote = "settings::Transition", deny_unknown_fields)]
struct Transition {
    days: i32,
    storage_class: String,
}

#[derive(Deserialize)]
#[serde(remote = "settings::Replication", deny_unknown_fields)]
struct Replication {
    bucket: String,
    role: String,
    kms_key: String,
    account: Option<String>,
    storage_class: Option<String>,
}

#[derive(Deserialize)]
#[serde(remote = "settings::HeldSettings", default = "settings::HeldSettings::default", deny_unknown_fields)]
struct HeldSettings {
    expire_days: Option<i32>,
    readers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(remote = "settings::ObjectLock", deny_unknown_fields)]
struct ObjectLock {
    mode: String,
    days: i32,
}

#[derive(Deserialize)]
#[serde(remote = "settings::KeySettings", default = "settings::KeySettings::default", deny_unknown_fields)]
struct KeySettings {
    deletion_window_days: i32,
}

#[derive(Deserialize)]
#[serde(remote = "settings::SweepSettings", default = "settings::SweepSettings::default", deny_unknown_fields)]
struct SweepSettings {
    enabled: bool,
    interval_minutes: u32,
}

#[derive(Deserialize)]
#[serde(remote = "settings::IngressSettings", default = "settings::IngressSettings::default", deny_unknown_fields)]
struct IngressSettings {
    ignore: Vec<String>,
    settle_seconds: u32,
    pairs: Vec<String>,
    unchanged: contract::Unchanged,
    #[serde(rename = "prefix", deserialize_with = "super::judgement::prefixes")]
    prefixes: Vec<settings::PrefixSettings>,
    writers: Vec<String>,
    sources: Vec<String>,
    kms_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(remote = "settings::ExpressSettings", default = "settings::ExpressSettings::default", deny_unknown_fields)]
struct ExpressSettings {
    #[serde(deserialize_with = "super::judgement::size")]
    max_bytes: u64,
}

fn object_lock<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<settings::ObjectLock>, D::Error> {
    #[derive(Deserialize)]
    struct One(#[serde(with = "ObjectLock")] settings::ObjectLock);
    Ok(Option::<One>::deserialize(deserializer)?.map(|One(lock)| lock))
}

fn transition<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<settings::Transition>, D::Error> {
    #[derive(Deserialize)]
    struct One(#[serde(with = "Transition")] settings::Transition);
    Ok(Option::<One>::deserialize(deserializer)?.map(|One(transition)| transition))
}

fn replication<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<settings::Replication>, D::Error> {
    #[derive(Deserialize)]
    struct One(#[serde(with = "Replication")] settings::Replication);
    Ok(Option::<One>::deserialize(deserializer)?.map(|One(replication)| replication))
}

impl From<File> for Settings {
    fn from(file: File) -> Self {
        let File {
            stack,
            id,
            region,
            profile,
            expect_account,
            emails,
            tags,
            notify,
            existing,
            iam,
            function,
            macie,
            logs,
            alarms,
            buckets,
            vault,
            key,
            sweep,
            held,
            ingress,
            express,
            ..
        } = file;
        let rules = super::judgement::rules(file.integrity, file.sensitive);
        let identity =
            Self { stack, id, region, profile, expect_account, emails, notify, existing, tags, ..Self::default() };
        Self {
            rules,
            iam,
            function,
            macie,
            logs,
            alarms,
            buckets,
            vault,
            key,
            sweep,
            ingress,
            held,
            express,
            ..identity
        }
    }
}

/// What a file says: the settings, where each stands, and what is wrong.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub settings: Settings,
    pub places: Places,
    pub mistakes: Vec<Mistake>,
}

/// Reads a file.
///
/// # Errors
/// It cannot be read at all.
pub(super) fn read(path: &Path) -> Result<Read> {
    let name = path.display().to_string();
    let what = format!("read {name}");
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::usage(&what, error.to_string(), "name a file that can be read with --config"))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        let line = before.matches('\n').count() + 1;
        Failure::usage(&what, format!("line {line} is not in UTF-8"), "save the file in UTF-8")
    })?;
    let (file, places, mistakes) = document::read::<File>(&name, text.strip_prefix('\u{feff}').unwrap_or(&text));
    Ok(Read { settings: file.into(), places, mistakes })
}
