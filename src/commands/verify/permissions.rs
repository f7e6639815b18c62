//! What the identity needs that runs `verify`.

use crate::deploy::permission::{Permission, Phase};
use crate::vault::names::{Names, Zone};
use crate::vault::resources::key::usage::through_s3;
use classifier::copies;
use contract::canary::FOLDER;

/// The rights of `verify` beside those of `status`, and what `down` needs to take away what a `verify` has left.
#[must_use]
pub fn permissions(names: &Names) -> Vec<Permission> {
    let phase = Phase::Verify;
    let buckets = Zone::ALL.map(|zone| names.bucket_arn(zone));
    let [ingress, analytics, vault] = files(names);
    let (topic, queues) = (names.topic_arn(), names.verify_queues_arn());
    let mut needed = taking_away(phase, names);
    needed.extend(taking_away(Phase::Delete, names));
    // One of the stack's own takes its subscriptions with it.
    needed.extend(names.existing.topic.as_ref().map(|_| {
        Permission::new(Phase::Delete, &["sns:ListSubscriptionsByTopic", "sns:Unsubscribe"], [topic.clone()])
    }));
    needed.extend([
        Permission::new(phase, &["s3:PutObject"], [ingress]),
        Permission::new(phase, &["s3:GetObjectVersion", "s3:GetObjectVersionTagging"], [analytics, vault]),
        Permission::new(phase, &["s3:ListBucketVersions"], buckets),
        through_s3(phase, &["kms:Decrypt", "kms:GenerateDataKey"], names),
        Permission::new(
            phase,
            &["sqs:CreateQueue", "sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:TagQueue"],
            [queues],
        ),
        Permission::new(phase, &["sns:ListSubscriptionsByTopic", "sns:Subscribe", "sns:Unsubscribe"], [topic]),
        Permission::new(phase, &["states:ListExecutions"], [names.state_machine_arn()]),
        Permission::new(phase, &["states:DescribeExecution"], [format!("{}:*", names.executions_arn())]),
    ]);
    needed
}

fn taking_away(phase: Phase, names: &Names) -> Vec<Permission> {
    vec![
        Permission::new(phase, &["s3:DeleteObjectVersion"], files(names)),
        Permission::new(phase, &["sqs:DeleteQueue"], [names.verify_queues_arn()]),
        // IAM knows nothing narrower for a list.
        Permission::new(phase, &["sqs:ListQueues"], ["*".to_owned()]),
    ]
}

/// The files of `verify`, zone by zone; in analytics each is in a folder of its own.
fn files(names: &Names) -> [String; 3] {
    Zone::ALL.map(|zone| match zone {
        // A `*` would cross slashes: a sender's key that only ends alike would be one of them.
        Zone::Analytics => format!("{}/{}", names.bucket_arn(zone), copies::pattern(&format!("{FOLDER}*"))),
        Zone::Ingress | Zone::Vault => format!("{}/{FOLDER}*", names.bucket_arn(zone)),
    })
}
