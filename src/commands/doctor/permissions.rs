//! What `doctor` needs beside what `status` reads.

use crate::deploy::permission::{Permission, Phase};
use crate::vault::names::{Names, Zone};

/// The rights of `doctor`, under its own phase.
#[must_use]
pub fn permissions(names: &Names) -> Vec<Permission> {
    let Names { partition, account, .. } = names;
    let phase = Phase::Doctor;
    let any = || ["*".to_owned()];
    vec![
        Permission::new(phase, &["iam:SimulatePrincipalPolicy", "lambda:GetAccountSettings"], any()),
        // Of whoever runs it, and nobody knows yet who that is: the path of a session's role is looked up.
        Permission::new(phase, &["iam:GetRole"], [format!("arn:{partition}:iam::{account}:role/*")]),
        Permission::new(phase, &["states:ListExecutions"], [names.state_machine_arn()]),
        Permission::new(
            phase,
            &["sqs:GetQueueAttributes"],
            [names.dead_letters_arn(), names.notices_arn(), names.macie_queue_arn()],
        ),
        Permission::new(phase, &["s3:ListBucketVersions"], [names.bucket_arn(Zone::Ingress)]),
    ]
}
