//! What the identity needs that looks at what is held, or decides of it.

use super::audit::SOURCE;
use crate::commands::log::DECISIONS;
use crate::deploy::permission::{Permission, Phase};
use crate::vault::names::{Names, Zone};
use crate::vault::resources::key::usage::through_s3;
use crate::vault::settings::Settings;

/// The rights of `held`, `show`, `release` and `discard`, each under its own phase. Where two have to want what is decided,
/// either may be the first.
#[must_use]
pub fn permissions(names: &Names, settings: &Settings) -> Vec<Permission> {
    let (held, show) = (reading(Phase::Held, names), showing(names));
    let mut needed = [held, show, releasing(names), discarding(names)].concat();
    for phase in [Phase::Release, Phase::Discard] {
        needed.extend(looking(phase, names, settings));
    }
    needed
}

/// To know whether two have to want it, and where they have to, who is asking, and to ask.
fn looking(phase: Phase, names: &Names, settings: &Settings) -> Vec<Permission> {
    let analytics = names.bucket_arn(Zone::Analytics);
    let mut needed = vec![Permission::new(phase, &["s3:GetBucketPolicy"], [analytics.clone()])];
    if settings.vault.has_four_eyes() {
        needed.push(Permission::new(phase, &["s3:PutObjectVersionTagging"], [format!("{analytics}/*")]));
        // The path of a role that a pattern means is looked up.
        let roles = settings.vault.releasers.iter().filter(|arn| arn.contains(":role/") && arn.contains(['*', '?']));
        needed.extend(roles.map(|role| Permission::new(phase, &["iam:GetRole"], [role.clone()])));
    }
    needed
}

/// To list what is held, and to say why.
fn reading(phase: Phase, names: &Names) -> Vec<Permission> {
    let bucket = names.bucket_arn(Zone::Analytics);
    let executions = format!("{}:*", names.executions_arn());
    vec![
        // In ingress, of what has no room for its verdict's tags: what waits there has none yet.
        Permission::new(phase, &["s3:ListBucketVersions"], [bucket.clone(), names.bucket_arn(Zone::Ingress)]),
        Permission::new(phase, &["s3:GetObjectVersionTagging"], [format!("{bucket}/*")]),
        Permission::new(phase, &["states:DescribeExecution"], [executions]),
        audit(phase, names),
    ]
}

fn showing(names: &Names) -> Vec<Permission> {
    let [ingress, vault] = [Zone::Ingress, Zone::Vault].map(|zone| names.bucket_arn(zone));
    let objects = [format!("{ingress}/*"), format!("{vault}/*")];
    let mut needed = reading(Phase::Show, names);
    needed.extend([
        Permission::new(Phase::Show, &["s3:ListBucketVersions"], [vault.clone()]),
        Permission::new(Phase::Show, &["s3:GetObjectVersionTagging"], objects),
        // Its metadata say which copy a version of the vault was made from.
        Permission::new(Phase::Show, &["s3:GetObjectVersion"], [format!("{vault}/*")]),
        through_s3(Phase::Show, &["kms:Decrypt"], names),
    ]);
    needed
}

fn releasing(names: &Names) -> Vec<Permission> {
    let phase = Phase::Release;
    let [analytics, vault] = [Zone::Analytics, Zone::Vault].map(|zone| names.bucket_arn(zone));
    let mut needed = [reading(phase, names), telling(phase, names)].concat();
    needed.extend([
        Permission::new(phase, &["s3:GetObjectVersion"], [format!("{analytics}/*")]),
        // Without it S3 says of what is not there that it is forbidden.
        Permission::new(phase, &["s3:ListBucket", "s3:ListBucketVersions"], [analytics, vault.clone()]),
        Permission::new(
            phase,
            &["s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectTagging"],
            [format!("{vault}/*")],
        ),
        // Who has released what is there already.
        Permission::new(phase, &["s3:GetObjectVersionTagging"], [format!("{}/*", names.bucket_arn(Zone::Vault))]),
        through_s3(phase, &["kms:Decrypt", "kms:GenerateDataKey"], names),
    ]);
    needed
}

fn discarding(names: &Names) -> Vec<Permission> {
    let phase = Phase::Discard;
    let [analytics, vault] = [Zone::Analytics, Zone::Vault].map(|zone| names.bucket_arn(zone));
    let mut needed = [reading(phase, names), telling(phase, names)].concat();
    needed.extend([
        Permission::new(phase, &["s3:DeleteObjectVersion"], [format!("{analytics}/*")]),
        // What is in the vault by now is not discarded. Its metadata say which copy a version there was made from.
        Permission::new(phase, &["s3:ListBucket", "s3:ListBucketVersions"], [vault.clone()]),
        Permission::new(phase, &["s3:GetObject", "s3:GetObjectVersion"], [format!("{vault}/*")]),
        through_s3(phase, &["kms:Decrypt"], names),
    ]);
    needed
}

/// To say what was decided.
fn telling(phase: Phase, names: &Names) -> Vec<Permission> {
    let group = names.log_group_arn(&names.classifier_log_group());
    let bus = names.event_bus_arn();
    let streams = || format!("{group}:log-stream:{DECISIONS}/*");
    vec![
        Permission::new(phase, &["logs:PutLogEvents"], [streams()]),
        // IAM's list says that it is about the group, its refusals name the stream.
        Permission::new(phase, &["logs:CreateLogStream"], [group.clone(), streams()]),
        Permission::new(phase, &["events:PutEvents"], [bus]).when("events:source", SOURCE),
    ]
}

/// To read what was judged and decided. Which of the group and its streams the action wants, IAM's own list leaves open.
fn audit(phase: Phase, names: &Names) -> Permission {
    let group = names.log_group_arn(&names.classifier_log_group());
    Permission::new(phase, &["logs:FilterLogEvents"], [group.clone(), format!("{group}:*")])
}
