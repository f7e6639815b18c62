//! Every name, ARN and tag of a stack, derived from partition, account, region and stack.
//!
//! Nothing here asks AWS: that all names can be computed is what lets cvault do without a state
//! file. The one exception is the key, whose ARN AWS assigns.

mod existing;
mod zone;

use crate::aws::region;
pub use crate::deploy::identity::is_account;
use crate::deploy::identity::{self, Identity, Tags};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;

pub use existing::{Buckets, Existing, LogGroups};
pub use zone::Zone;

/// How no bucket may be called: S3 keeps these ends for aliases of access points, for directories, tables and
/// buckets of an account's own namespace (truths S31).
const RESERVED_ENDS: &[&str] = &["-an", "-s3alias", "--ol-s3", "--table-s3", "--x-s3", ".mrap"];

/// The name of the role by which Macie reads objects: Macie's own in each account.
pub const MACIE_ROLE: &str = "AWSServiceRoleForAmazonMacie";

/// Where a stack lives and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// `aws`, `aws-cn`, `aws-us-gov`, …, as in the caller's own ARN.
    pub partition: String,
    /// The account, 12 digits.
    pub account: String,
    /// The region, such as `eu-west-1`.
    pub region: String,
    /// The stack, as given by the user.
    pub stack: String,
    /// The suffix of every name.
    pub id: String,
    /// The tags that the user wants on everything, beside ours.
    pub declared_tags: BTreeMap<String, String>,
    /// What stands before the names of the roles.
    pub role_prefix: String,
    /// IAM's path of the roles, with a slash at both ends.
    pub role_path: String,
    /// What stands before the names of the buckets.
    pub bucket_prefix: String,
    /// What is used instead of something of the stack's own.
    pub existing: Existing,
}

impl Names {
    /// The names of `stack`; the id is the configured one, or the first 8 hex digits of the
    /// SHA-256 of `{account}/{region}/{stack}`.
    #[must_use]
    pub fn new(partition: &str, account: &str, region: &str, stack: &str, id: Option<&str>) -> Self {
        let derived = || hash_of(&format!("{account}/{region}/{stack}"), 8);
        Self {
            partition: partition.into(),
            account: account.into(),
            region: region.into(),
            stack: stack.into(),
            id: id.map_or_else(derived, Into::into),
            declared_tags: BTreeMap::new(),
            role_prefix: String::new(),
            role_path: "/".into(),
            bucket_prefix: String::new(),
            existing: Existing::default(),
        }
    }

    /// The domain of this partition's endpoints. Most service principals keep `amazonaws.com`
    /// everywhere; those of CloudWatch Logs, and `kms:ViaService`, do not.
    #[must_use]
    pub fn url_suffix(&self) -> &'static str {
        region::url_suffix(&self.partition)
    }

    /// The tags that mean "ours".
    #[must_use]
    pub fn tags(&self) -> Tags<'_> {
        identity::tags(&self.stack, &self.id)
    }

    /// What the graph of the stack wants to know of it.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let Self { account, region, stack, id, .. } = self.clone();
        Identity { stack, id, account, region }
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        let Self { partition, region, account, .. } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// `alias/cyber-vault-{id}`
    #[must_use]
    pub fn key_alias(&self) -> String {
        format!("alias/cyber-vault-{}", self.id)
    }

    /// `cv-{zone}-zone-{id}`, behind the declared prefix; or the one that is there already.
    #[must_use]
    pub fn bucket(&self, zone: Zone) -> String {
        self.existing.buckets.of(zone).map_or_else(|| self.own_bucket(zone), str::to_owned)
    }

    /// The stack's own bucket, whether it is used or not.
    #[must_use]
    pub fn own_bucket(&self, zone: Zone) -> String {
        format!("{}cv-{zone}-zone-{}", self.bucket_prefix, self.id)
    }

    /// The ARN of the stack's own bucket, likewise.
    #[must_use]
    pub fn own_bucket_arn(&self, zone: Zone) -> String {
        format!("arn:{}:s3:::{}", self.partition, self.own_bucket(zone))
    }

    /// The bucket's ARN, which has neither region nor account.
    #[must_use]
    pub fn bucket_arn(&self, zone: Zone) -> String {
        format!("arn:{}:s3:::{}", self.partition, self.bucket(zone))
    }

    /// `cyber_vault_notification-{id}`, or the one that is there already.
    #[must_use]
    pub fn topic(&self) -> String {
        self.existing.topic.clone().unwrap_or_else(|| self.own_topic())
    }

    /// `cyber_vault_notification-{id}`, whether it is used or not.
    #[must_use]
    pub fn own_topic(&self) -> String {
        format!("cyber_vault_notification-{}", self.id)
    }

    /// The ARN of the stack's own topic, likewise.
    #[must_use]
    pub fn own_topic_arn(&self) -> String {
        self.arn("sns", &self.own_topic())
    }

    /// The ARN of every key of the region, of whatever account, as a pattern.
    #[must_use]
    pub fn any_key_arn(&self) -> String {
        format!("arn:{}:kms:{}:*:key/*", self.partition, self.region)
    }

    /// The topic's ARN.
    #[must_use]
    pub fn topic_arn(&self) -> String {
        self.arn("sns", &self.topic())
    }

    /// `cyber_vault_undelivered-{id}`
    #[must_use]
    pub fn dead_letters(&self) -> String {
        format!("cyber_vault_undelivered-{}", self.id)
    }

    /// The dead-letter queue's ARN.
    #[must_use]
    pub fn dead_letters_arn(&self) -> String {
        self.arn("sqs", &self.dead_letters())
    }

    /// `cyber_vault_notices-{id}`
    #[must_use]
    pub fn notices(&self) -> String {
        format!("cyber_vault_notices-{}", self.id)
    }

    /// The ARN of the queue of notices.
    #[must_use]
    pub fn notices_arn(&self) -> String {
        self.arn("sqs", &self.notices())
    }

    /// Where the queue of notices is asked.
    #[must_use]
    pub fn notices_url(&self) -> String {
        self.queue_url(&self.notices())
    }

    /// `cyber_vault_macie-{id}`
    #[must_use]
    pub fn macie_queue(&self) -> String {
        format!("cyber_vault_macie-{}", self.id)
    }

    /// The ARN of the queue of files that wait for Macie.
    #[must_use]
    pub fn macie_queue_arn(&self) -> String {
        self.arn("sqs", &self.macie_queue())
    }

    /// Where it is asked.
    #[must_use]
    pub fn macie_queue_url(&self) -> String {
        self.queue_url(&self.macie_queue())
    }

    /// The ARN of an event source mapping, whose id Lambda assigns.
    #[must_use]
    pub fn event_source_mapping_arn(&self, id: &str) -> String {
        self.arn("lambda", &format!("event-source-mapping:{id}"))
    }

    /// `cyber_vault_verify-{id}-{run}`: the queue by which one run of `verify` listens to the topic.
    #[must_use]
    pub fn verify_queue(&self, run: &str) -> String {
        format!("cyber_vault_verify-{}-{run}", self.id)
    }

    /// Whether a queue is one of these: a run is called by 8 hex digits. What the queues of another stack have there begins with the
    /// rest of its longer id.
    #[must_use]
    pub fn is_verify_queue(&self, queue: &str) -> bool {
        let run = queue.strip_prefix(&self.verify_queue(""));
        run.is_some_and(|run| run.len() == 8 && run.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
    }

    /// The same of a queue's ARN.
    #[must_use]
    pub fn is_verify_queue_arn(&self, arn: &str) -> bool {
        arn.rsplit(':').next().is_some_and(|queue| self.is_verify_queue(queue) && self.arn("sqs", queue) == arn)
    }

    /// The ARN of all of these queues, as a pattern.
    #[must_use]
    pub fn verify_queues_arn(&self) -> String {
        self.arn("sqs", &self.verify_queue("*"))
    }

    /// `cyber_vault-{role}-{id}`, behind the declared prefix
    #[must_use]
    pub fn role(&self, role: &str) -> String {
        format!("{}cyber_vault-{role}-{}", self.role_prefix, self.id)
    }

    /// The role's ARN, which has no region.
    #[must_use]
    pub fn role_arn(&self, role: &str) -> String {
        format!("arn:{}:iam::{}:role{}{}", self.partition, self.account, self.role_path, self.role(role))
    }

    /// `cyber_vault-{id}`
    #[must_use]
    pub fn function(&self) -> String {
        format!("cyber_vault-{}", self.id)
    }

    /// The function's ARN.
    #[must_use]
    pub fn function_arn(&self) -> String {
        self.arn("lambda", &format!("function:{}", self.function()))
    }

    /// `/aws/lambda/cyber_vault-{id}`, or the one that is there already.
    #[must_use]
    pub fn classifier_log_group(&self) -> String {
        self.existing.log_groups.classifier.clone().unwrap_or_else(|| self.own_log_group("classifier"))
    }

    /// `/aws/vendedlogs/states/CyberVaultOrquestrator-{id}`, likewise.
    #[must_use]
    pub fn orchestrator_log_group(&self) -> String {
        self.existing.log_groups.orchestrator.clone().unwrap_or_else(|| self.own_log_group("orchestrator"))
    }

    /// The log group that the stack makes for itself where no other is named. Outside of `/aws/vendedlogs` each state
    /// machine takes a part of a small account-wide policy (truths F5).
    #[must_use]
    pub fn own_log_group(&self, role: &str) -> String {
        match role {
            "classifier" => format!("/aws/lambda/{}", self.function()),
            "orchestrator" => format!("/aws/vendedlogs/states/{}", self.state_machine()),
            _ => format!("/aws/vendedlogs/states/{}", self.sweep()),
        }
    }

    /// A log group's ARN, without the `:*` that some calls want behind it.
    #[must_use]
    pub fn log_group_arn(&self, log_group: &str) -> String {
        self.arn("logs", &format!("log-group:{log_group}"))
    }

    /// The ARN of Macie's service-linked role in this account.
    #[must_use]
    pub fn macie_role_arn(&self) -> String {
        let Self { partition, account, .. } = self;
        format!("arn:{partition}:iam::{account}:role/aws-service-role/macie.amazonaws.com/{MACIE_ROLE}")
    }

    /// The ARN of a classification job of Macie's, which assigns its id.
    #[must_use]
    pub fn macie_job_arn(&self, id: &str) -> String {
        self.arn("macie2", &format!("classification-job/{id}"))
    }

    /// The ARN of a custom data identifier of Macie's, which assigns its id.
    #[must_use]
    pub fn custom_identifier_arn(&self, id: &str) -> String {
        self.arn("macie2", &format!("custom-data-identifier/{id}"))
    }

    /// `CyberVaultOrquestrator-{id}`
    #[must_use]
    pub fn state_machine(&self) -> String {
        format!("CyberVaultOrquestrator-{}", self.id)
    }

    /// The state machine's ARN.
    #[must_use]
    pub fn state_machine_arn(&self) -> String {
        self.arn("states", &format!("stateMachine:{}", self.state_machine()))
    }

    /// `CyberVaultOrquestratorExpress-{id}`
    #[must_use]
    pub fn express(&self) -> String {
        format!("CyberVaultOrquestratorExpress-{}", self.id)
    }

    /// The ARN of the state machine for small files.
    #[must_use]
    pub fn express_arn(&self) -> String {
        self.arn("states", &format!("stateMachine:{}", self.express()))
    }

    /// The ARN of the account's default event bus in the region.
    #[must_use]
    pub fn event_bus_arn(&self) -> String {
        self.arn("events", "event-bus/default")
    }

    /// The ARN of all keys of the account and region, as a pattern.
    #[must_use]
    pub fn all_keys_arn(&self) -> String {
        self.arn("kms", "key/*")
    }

    /// The ARN of the state machine's executions, without the name of one.
    #[must_use]
    pub fn executions_arn(&self) -> String {
        self.arn("states", &format!("execution:{}", self.state_machine()))
    }

    /// The ARN of the executions of all state machines of the stack, as a pattern.
    #[must_use]
    pub fn all_executions_arn(&self) -> String {
        self.arn("states", &format!("execution:CyberVault*-{}:*", self.id))
    }

    /// `CyberVaultMacieJob-{id}`
    #[must_use]
    pub fn macie_job(&self) -> String {
        format!("CyberVaultMacieJob-{}", self.id)
    }

    /// The ARN of the state machine for a job of Macie's.
    #[must_use]
    pub fn macie_job_machine_arn(&self) -> String {
        self.arn("states", &format!("stateMachine:{}", self.macie_job()))
    }

    /// `CyberVaultSweep-{id}`
    #[must_use]
    pub fn sweep(&self) -> String {
        format!("CyberVaultSweep-{}", self.id)
    }

    /// The ARN of the state machine that sweeps.
    #[must_use]
    pub fn sweep_arn(&self) -> String {
        self.arn("states", &format!("stateMachine:{}", self.sweep()))
    }

    /// The ARN of its executions, without the name of one; those of its maps have a label behind a slash.
    #[must_use]
    pub fn sweep_executions_arn(&self) -> String {
        self.arn("states", &format!("execution:{}", self.sweep()))
    }

    /// `/aws/vendedlogs/states/CyberVaultSweep-{id}`, or the one that is there already.
    #[must_use]
    pub fn sweep_log_group(&self) -> String {
        self.existing.log_groups.sweep.clone().unwrap_or_else(|| self.own_log_group("sweep"))
    }

    /// Where the dead-letter queue is asked.
    #[must_use]
    pub fn dead_letters_url(&self) -> String {
        self.queue_url(&self.dead_letters())
    }

    fn queue_url(&self, queue: &str) -> String {
        let Self { region, account, .. } = self;
        format!("https://sqs.{region}.{}/{account}/{queue}", self.url_suffix())
    }

    /// `cyber_vault_{what}-{id}`
    #[must_use]
    pub fn alarm(&self, what: &str) -> String {
        format!("cyber_vault_{what}-{}", self.id)
    }

    /// The alarm's ARN.
    #[must_use]
    pub fn alarm_arn(&self, what: &str) -> String {
        self.arn("cloudwatch", &format!("alarm:{}", self.alarm(what)))
    }

    /// `cyber_vault-{id}`
    #[must_use]
    pub fn dashboard(&self) -> String {
        format!("cyber_vault-{}", self.id)
    }

    /// The dashboard's ARN, which has no region.
    #[must_use]
    pub fn dashboard_arn(&self) -> String {
        format!("arn:{}:cloudwatch::{}:dashboard/{}", self.partition, self.account, self.dashboard())
    }

    /// `cyber_vault_{what}-{id}`, where what is a zone, or what the rule is for.
    #[must_use]
    pub fn rule(&self, what: impl fmt::Display) -> String {
        format!("cyber_vault_{what}-{}", self.id)
    }

    /// The rule's ARN, on the default bus.
    #[must_use]
    pub fn rule_arn(&self, what: impl fmt::Display) -> String {
        self.arn("events", &format!("rule/{}", self.rule(what)))
    }
}

/// Whether S3 refuses the buckets of this id, whatever else they are called.
#[must_use]
pub fn is_reserved(id: &str) -> bool {
    let buckets = Zone::ALL.map(|zone| Names::new("aws", "", "", "", Some(id)).bucket(zone));
    buckets.iter().any(|bucket| RESERVED_ENDS.iter().any(|end| bucket.ends_with(end)))
}

/// The first hex digits of the SHA-256 of a text.
#[must_use]
pub fn hash_of(text: &str, digits: usize) -> String {
    let digest = Sha256::digest(text);
    let all = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    all.take(digits).filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[cfg(test)]
mod tests;
