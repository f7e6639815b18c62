//! Every name, ARN and tag of a stack, derived from partition, account, region and stack.
//!
//! Nothing here asks AWS: that all names can be computed is what lets cvault do without a state
//! file. The one exception is the key, whose ARN AWS assigns.

use crate::aws::region;
use crate::deploy::identity::{self, Identity, Tags};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;

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

/// What is there already, made by somebody else, and is used as it is: it gets no tag, and no `down` removes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Existing {
    /// The name of a topic of this account and region.
    pub topic: Option<String>,
    /// The alias of a key of this account and region, or the ARN of a key of the region and of any account.
    pub key: Option<String>,
    /// Log groups of this account and region.
    pub log_groups: LogGroups,
    /// Buckets of this account and region.
    pub buckets: Buckets,
}

/// The names of buckets, by their part in the vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buckets {
    /// Where batch files land.
    pub ingress: Option<String>,
    /// Where they are judged, and held if they fail.
    pub analytics: Option<String>,
    /// Never one in the end: the configuration refuses it, since what the vault holds is kept by a policy of its own.
    pub vault: Option<String>,
}

impl Buckets {
    /// The one of a zone.
    #[must_use]
    pub fn of(&self, zone: Zone) -> Option<&str> {
        match zone {
            Zone::Ingress => self.ingress.as_deref(),
            Zone::Analytics => self.analytics.as_deref(),
            Zone::Vault => self.vault.as_deref(),
        }
    }

    /// Those that are named, and of which zones they are.
    pub fn named(&self) -> impl Iterator<Item = (Zone, &str)> {
        Zone::ALL.into_iter().filter_map(|zone| Some((zone, self.of(zone)?)))
    }
}

/// The names of log groups, by who writes to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogGroups {
    /// The function, and whoever decides of what is held.
    pub classifier: Option<String>,
    /// The state machine.
    pub orchestrator: Option<String>,
    /// The sweep.
    pub sweep: Option<String>,
}

impl LogGroups {
    /// Those that are named, and by whom they are written to.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [("classifier", &self.classifier), ("orchestrator", &self.orchestrator), ("sweep", &self.sweep)];
        all.into_iter().filter_map(|(role, name)| Some((role, name.as_deref()?)))
    }
}

/// A bucket's part in the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Where batch files land.
    Ingress,
    /// Where they are judged, and held if they fail.
    Analytics,
    /// Where clean files end.
    Vault,
}

impl Zone {
    /// The three zones, in the order in which a file passes through them.
    pub const ALL: [Self; 3] = [Self::Ingress, Self::Analytics, Self::Vault];
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ingress => "ingress",
            Self::Analytics => "analytics",
            Self::Vault => "vault",
        })
    }
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

    /// `cyber_vault_verify-{id}-{run}`: the queue by which one run of `verify` listens to the topic.
    #[must_use]
    pub fn verify_queue(&self, run: &str) -> String {
        format!("cyber_vault_verify-{}-{run}", self.id)
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

    /// The ARN of its executions, without the name of one.
    #[must_use]
    pub fn executions_arn(&self) -> String {
        self.arn("states", &format!("execution:{}", self.state_machine()))
    }

    /// The ARN of all state machines of the stack, as a pattern.
    #[must_use]
    pub fn state_machines_arn(&self) -> String {
        self.arn("states", &format!("stateMachine:CyberVault*-{}", self.id))
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
        let Self { region, account, .. } = self;
        format!("https://sqs.{region}.{}/{account}/{}", self.url_suffix(), self.dead_letters())
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

/// Whether it is the number of an account.
#[must_use]
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
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
mod tests {
    use super::*;

    #[test]
    fn the_contract_s_example() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "cyber-vault", Some("626fa970"));
        assert_eq!(names.bucket(Zone::Vault), "cv-vault-zone-626fa970");
        assert_eq!(names.bucket_arn(Zone::Vault), "arn:aws:s3:::cv-vault-zone-626fa970");
        assert_eq!(names.topic(), "cyber_vault_notification-626fa970");
        assert_eq!(names.role("trigger"), "cyber_vault-trigger-626fa970");
        assert_eq!(names.classifier_log_group(), "/aws/lambda/cyber_vault-626fa970");
        assert_eq!(
            names.state_machine_arn(),
            "arn:aws:states:eu-west-1:123456789012:stateMachine:CyberVaultOrquestrator-626fa970"
        );
        assert_eq!(
            names.rule_arn(Zone::Ingress),
            "arn:aws:events:eu-west-1:123456789012:rule/cyber_vault_ingress-626fa970"
        );
    }

    #[test]
    fn the_id_follows_from_account_region_and_stack() {
        let of = |account, region, stack| Names::new("aws", account, region, stack, None).id;
        let id = of("123456789012", "eu-west-1", "cyber-vault");
        assert_eq!(id.len(), 8);
        // printf 123456789012/eu-west-1/cyber-vault | sha256sum
        assert_eq!(id, "9e2a834c");
        assert_ne!(id, of("123456789013", "eu-west-1", "cyber-vault"));
        assert_ne!(id, of("123456789012", "eu-west-2", "cyber-vault"));
        assert_ne!(id, of("123456789012", "eu-west-1", "cyber-vault2"));
    }

    #[test]
    fn other_partitions() {
        let names = Names::new("aws-cn", "123456789012", "cn-north-1", "s", Some("x"));
        assert_eq!(names.url_suffix(), "amazonaws.com.cn");
        assert_eq!(names.bucket_arn(Zone::Ingress), "arn:aws-cn:s3:::cv-ingress-zone-x");
        assert_eq!(names.role_arn("trigger"), "arn:aws-cn:iam::123456789012:role/cyber_vault-trigger-x");
    }

    /// As AWS's own `partitions.json` has them.
    #[test]
    fn regions_tell_their_partition() {
        for (region, partition, suffix) in [
            ("eu-west-1", "aws", "amazonaws.com"),
            ("us-west-2", "aws", "amazonaws.com"),
            ("mx-central-1", "aws", "amazonaws.com"),
            ("cn-northwest-1", "aws-cn", "amazonaws.com.cn"),
            ("us-gov-east-1", "aws-us-gov", "amazonaws.com"),
            ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
            ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
            ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
            ("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"),
            ("us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"),
        ] {
            assert_eq!(region::partition_of(region), partition, "{region}");
            assert_eq!(Names::new(partition, "1", region, "s", None).url_suffix(), suffix, "{region}");
        }
    }

    #[test]
    fn an_organisation_s_names() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let (role_prefix, role_path, bucket_prefix) = ("acme-".into(), "/ci/vault/".into(), "acme-".into());
        let names = Names { role_prefix, role_path, bucket_prefix, ..names };
        assert_eq!(names.role_arn("trigger"), "arn:aws:iam::123456789012:role/ci/vault/acme-cyber_vault-trigger-x");
        assert_eq!(names.bucket_arn(Zone::Vault), "arn:aws:s3:::acme-cv-vault-zone-x");
        assert_eq!(names.function(), "cyber_vault-x");
    }

    #[test]
    fn names_that_s3_keeps_to_itself() {
        for id in ["s3alias", "prod-s3alias", "a--ol-s3", "a--table-s3", "a--x-s3", "an", "prod-an"] {
            assert!(is_reserved(id), "{id}");
        }
        // Nor do they begin or end by chance as a reserved name does.
        for id in ["prod", "626fa970", "s3", "ol-s3", "x-s3", "table-s3", "ban", "xn--a", "sthree-a", "amzn-s3-demo-a"]
        {
            assert!(!is_reserved(id), "{id}");
        }
    }

    /// IAM allows 64 characters, S3 63, EventBridge 64: an id of 32 must fit them all.
    #[test]
    fn the_longest_id_fits() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some(&"x".repeat(32)));
        assert!(names.role("orchestrator").len() <= 64);
        assert!(Zone::ALL.iter().all(|zone| names.bucket(*zone).len() <= 63));
        assert!(names.function().len() <= 64);
        assert!(names.verify_queue("01234567").len() <= 80);
        assert!(["ingress", "failures"].iter().all(|rule| names.rule(rule).len() <= 64));
        assert!([names.state_machine(), names.express(), names.sweep()].iter().all(|machine| machine.len() <= 80));
    }
}
