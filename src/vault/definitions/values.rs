//! What the placeholders of the documents stand for.

use crate::deploy::resource::Assigned;
use crate::vault::names::{Names, Zone};
use classifier::copies;
use contract::ignored::{Compared, Ignoring, suffixes};
use contract::{IngressRules, MacieRules, PrefixNotices, Rules, canary};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How much of a pattern may be suffixes, in bytes: EventBridge takes 2,048 of all of it (truths E11).
const LARGEST_SUFFIXES: usize = 1_500;

/// For how long an execution waits for its answer beyond the hours that Macie may take, in seconds: a batch comes about, and
/// its turn for a job.
const MACIE_MARGIN: u64 = 3600;

/// Where the account exports the records of what was analysed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Results {
    /// The bucket, of whichever account.
    pub bucket: String,
    /// What keys begin with, `/` included; empty for nothing.
    pub prefix: String,
    /// The ARN of the key that encrypts them.
    pub key_arn: String,
}

/// The copies of the files of `verify`, each by its name: whatever else a sender names alike stays what it is.
fn canary_copies(names: &Names) -> Vec<String> {
    let analytics = names.bucket_arn(Zone::Analytics);
    canary::ALL.iter().map(|canary| format!("{analytics}/{}", copies::pattern(canary.key()))).collect()
}

/// What the placeholders stand for.
#[derive(Clone, Debug)]
pub struct Values(pub(super) BTreeMap<&'static str, Filling>);

#[derive(Clone, Debug)]
pub(super) enum Filling {
    Text(String),
    /// Spliced into the array in which its placeholder is an item.
    List(Vec<String>),
    Assigned(Assigned),
    /// Any JSON, in the place of a text that is the placeholder alone.
    Json(Value),
    /// The same, with ids that AWS assigns.
    Macie(MacieRules<Assigned>),
}

impl Values {
    /// The values of a stack. `releasers` are the ARNs that may write to the vault beside the
    /// classifier, which judges by `rules`.
    #[must_use]
    pub fn new(names: &Names, key_arn: &Assigned, releasers: &[String], rules: &Rules) -> Self {
        let text = |value: String| Filling::Text(value);
        let log_group = |name: String| text(names.log_group_arn(&name));
        Self(BTreeMap::from([
            ("Stack", text(names.stack.clone())),
            ("Id", text(names.id.clone())),
            ("Partition", text(names.partition.clone())),
            ("Account", text(names.account.clone())),
            ("Region", text(names.region.clone())),
            ("UrlSuffix", text(names.url_suffix().into())),
            ("KeyArn", Filling::Assigned(key_arn.clone())),
            ("IngressBucket", text(names.bucket(Zone::Ingress))),
            ("AnalyticsBucket", text(names.bucket(Zone::Analytics))),
            ("VaultBucket", text(names.bucket(Zone::Vault))),
            ("IngressBucketArn", text(names.bucket_arn(Zone::Ingress))),
            ("AnalyticsBucketArn", text(names.bucket_arn(Zone::Analytics))),
            ("VaultBucketArn", text(names.bucket_arn(Zone::Vault))),
            ("BucketArn", text(String::new())),
            ("Canaries", text(canary::FOLDER.into())),
            ("CanaryCopies", Filling::List(canary_copies(names))),
            ("VerifyQueuesArn", text(names.verify_queues_arn())),
            ("TopicArn", text(names.topic_arn())),
            // Which key an existing topic has is its owner's to choose, and to change.
            (
                "TopicKeyArn",
                match &names.existing.topic {
                    Some(_) => text(names.any_key_arn()),
                    None => Filling::Assigned(key_arn.clone()),
                },
            ),
            ("AnalyticsBucket", text(names.bucket(Zone::Analytics))),
            ("FunctionName", text(names.function())),
            ("TopicName", text(names.topic())),
            ("DeadLettersQueue", text(names.dead_letters())),
            ("AlarmArns", Filling::List(vec![])),
            ("AlarmsArn", text(names.alarm_arn("*"))),
            ("DeadLettersArn", text(names.dead_letters_arn())),
            ("NoticesArn", text(names.notices_arn())),
            ("NoticesUrl", text(names.notices_url())),
            ("MacieQueueArn", text(names.macie_queue_arn())),
            ("MacieQueueUrl", text(names.macie_queue_url())),
            ("MacieJobArn", text(names.macie_job_machine_arn())),
            // A number where nothing is asked.
            ("MacieSeconds", Filling::Json(1.into())),
            ("NotifyEachUpTo", Filling::Json(0.into())),
            ("NotifyPrefixes", Filling::Json(Value::Array(vec![]))),
            ("OrchestratorRoleArn", text(names.role_arn("orchestrator"))),
            ("ClassifierRoleArn", text(names.role_arn("classifier"))),
            ("ClassifierLogGroupArn", log_group(names.classifier_log_group())),
            ("OrchestratorLogGroupArn", log_group(names.orchestrator_log_group())),
            ("FunctionArn", text(names.function_arn())),
            ("StateMachineArn", text(names.state_machine_arn())),
            ("ExecutionsArn", text(names.executions_arn())),
            ("ExpressArn", text(names.express_arn())),
            ("Ignored", Filling::Json(Value::Array(vec![]))),
            ("IgnoredKeys", Filling::Json(ignored_keys(&Ignoring::default()))),
            ("JudgedKeys", Filling::Json(judged_keys(&[]))),
            ("IngressRules", ingress_rules(&IngressRules::default())),
            ("SettleSeconds", Filling::Json(0.into())),
            ("SweepSeconds", Filling::Json(3600.into())),
            ("ExpressBelow", Filling::Json(0.into())),
            ("SweepArn", text(names.sweep_arn())),
            ("SweepExecutionsArn", text(names.sweep_executions_arn())),
            ("SweepLogGroupArn", log_group(names.sweep_log_group())),
            ("DeadLettersUrl", text(names.dead_letters_url())),
            ("FailuresRuleArn", text(names.rule_arn("failures"))),
            ("SweepRuleArn", text(names.rule_arn("sweep"))),
            ("IngressRuleArn", text(names.rule_arn(Zone::Ingress))),
            ("VaultRuleArn", text(names.rule_arn(Zone::Vault))),
            ("Releasers", Filling::List(releasers.to_vec())),
            ("Requesters", Filling::List(vec![])),
            ("Deployers", Filling::List(vec![])),
            ("LegalHolders", Filling::List(vec![])),
            ("Readers", Filling::List(vec![])),
            ("Writers", Filling::List(vec![])),
            ("SourceArns", Filling::List(vec![])),
            ("SourceObjectArns", Filling::List(vec![])),
            ("OtherKeyArns", Filling::List(vec![])),
            ("WriterAccounts", Filling::List(vec![])),
            // Texts, numbers and lists of them: nothing that can fail.
            ("Rules", Filling::Json(serde_json::to_value(rules).unwrap_or_default())),
            ("Macie", text("off".into())),
            ("MacieRules", Filling::Json(Value::Null)),
            ("MacieRoleArn", text(names.macie_role_arn())),
            ("ResultsBucketArn", text(String::new())),
            ("ResultsPrefix", text(String::new())),
            ("ResultsKeyArn", text(String::new())),
        ]))
    }

    /// The same where these ARNs alone may change the vault bucket's settings.
    #[must_use]
    pub fn with_deployers(mut self, deployers: &[String]) -> Self {
        self.0.insert("Deployers", Filling::List(deployers.to_vec()));
        self
    }

    /// The same where these ARNs may hold versions of the vault, and let them go again.
    #[must_use]
    pub fn with_legal_holders(mut self, legal_holders: &[String]) -> Self {
        self.0.insert("LegalHolders", Filling::List(legal_holders.to_vec()));
        self
    }

    /// The same where these ARNs may tag what is held with a request.
    #[must_use]
    pub fn with_requesters(mut self, requesters: &[String]) -> Self {
        self.0.insert("Requesters", Filling::List(requesters.to_vec()));
        self
    }

    /// The same where these ARNs alone may read what is held, beside the releasers.
    #[must_use]
    pub fn with_readers(mut self, readers: &[String]) -> Self {
        self.0.insert("Readers", Filling::List(readers.to_vec()));
        self
    }

    /// The same where these ARNs may put objects into ingress. A policy names their accounts, which AWS does not look
    /// up, and a condition names them: one that is deleted and made again is the same (truths X3, I6).
    #[must_use]
    pub fn with_writers(mut self, writers: &[String]) -> Self {
        let account = |arn: &String| Some(format!("{}:root", arn.rsplit_once(':')?.0));
        let accounts: BTreeSet<_> = writers.iter().filter_map(account).collect();
        let lists = [("Writers", writers.to_vec()), ("WriterAccounts", accounts.into_iter().collect())];
        self.0.extend(lists.map(|(name, list)| (name, Filling::List(list))));
        self
    }

    /// The same where these buckets may be taken in, and where files come under these keys, too.
    #[must_use]
    pub fn with_sources(mut self, names: &Names, buckets: &[String], key_arns: &[String]) -> Self {
        let all =
            |end: &str| buckets.iter().map(|bucket| format!("arn:{}:s3:::{bucket}{end}", names.partition)).collect();
        let lists = [("SourceArns", all("")), ("SourceObjectArns", all("/*")), ("OtherKeyArns", key_arns.to_vec())];
        self.0.extend(lists.map(|(name, list)| (name, Filling::List(list))));
        self
    }

    /// The same where these rules hold for what lands in ingress.
    #[must_use]
    pub fn with_ingress(mut self, rules: &IngressRules) -> Self {
        let seconds = Filling::Json(rules.settle_seconds.into());
        self.0.extend([("IngressRules", ingress_rules(rules)), ("SettleSeconds", seconds)]);
        self
    }

    /// The same where what this means is no file.
    #[must_use]
    pub fn with_ignored(mut self, ignoring: &Ignoring) -> Self {
        let patterns = &ignoring.patterns;
        let (keys, judged) = (ignored_keys(ignoring), judged_keys(patterns));
        let values = [("Ignored", patterns.clone().into()), ("IgnoredKeys", keys), ("JudgedKeys", judged)];
        self.0.extend(values.map(|(name, value)| (name, Filling::Json(value))));
        self
    }

    /// The same where up to so many notices at once are told of each by itself, and otherwise below these prefixes.
    #[must_use]
    pub fn with_notices(mut self, each_up_to: u32, prefixes: &[PrefixNotices]) -> Self {
        // Texts and numbers: nothing that can fail.
        let prefixes = serde_json::to_value(prefixes).unwrap_or_default();
        let values = [("NotifyEachUpTo", each_up_to.into()), ("NotifyPrefixes", prefixes)];
        self.0.extend(values.map(|(name, value)| (name, Filling::Json(value))));
        self
    }

    /// The same where these are the alarms.
    #[must_use]
    pub fn with_alarms(mut self, arns: Vec<String>) -> Self {
        self.0.insert("AlarmArns", Filling::List(arns));
        self
    }

    /// The same where the clock starts a sweep every so many minutes.
    #[must_use]
    pub fn with_sweeps(mut self, minutes: u32) -> Self {
        self.0.insert("SweepSeconds", Filling::Json((u64::from(minutes) * 60).into()));
        self
    }

    /// The same where files of fewer bytes are judged by the Express workflow.
    #[must_use]
    pub fn with_express(mut self, below: u64) -> Self {
        self.0.insert("ExpressBelow", Filling::Json(below.into()));
        self
    }

    /// The same for a document that is any bucket's.
    #[must_use]
    pub fn with_bucket(mut self, names: &Names, zone: Zone) -> Self {
        self.0.insert("BucketArn", Filling::Text(names.bucket_arn(zone)));
        self
    }

    /// The same with Macie, which is to analyse by these rules and exports its results there.
    #[must_use]
    pub fn with_macie(mut self, names: &Names, rules: MacieRules<Assigned>, results: Option<&Results>) -> Self {
        let text = |value: &str| Filling::Text(value.into());
        let seconds = Filling::Json((u64::from(rules.max_hours) * 3600 + MACIE_MARGIN).into());
        self.0.extend([("Macie", text("on")), ("MacieSeconds", seconds), ("MacieRules", Filling::Macie(rules))]);
        if let Some(Results { bucket, prefix, key_arn }) = results {
            let bucket = format!("arn:{}:s3:::{bucket}", names.partition);
            let places = [("ResultsBucketArn", &bucket), ("ResultsPrefix", prefix), ("ResultsKeyArn", key_arn)];
            self.0.extend(places.map(|(name, value)| (name, text(value))));
        }
        self
    }
}

/// Numbers and texts: nothing that can fail.
fn ingress_rules(rules: &IngressRules) -> Filling {
    Filling::Json(serde_json::to_value(rules).unwrap_or_default())
}

/// What a state machine compares a key with. A list may not be empty: no key is an empty text.
fn ignored_keys(ignoring: &Ignoring) -> Value {
    const KEY: &str = "$.detail.object.key";
    let fits = |glob: &String| json!({"Variable": KEY, "StringMatches": glob});
    let compared = |Compared { globs, but_not }: Compared| {
        let globs: Vec<_> = globs.iter().map(fits).collect();
        match but_not.iter().map(fits).collect::<Vec<_>>() {
            none if none.is_empty() => globs,
            but_not => vec![json!({"And": [{"Or": globs}, {"Not": {"Or": but_not}}]})],
        }
    };
    let all = ignoring.compared().into_iter().flat_map(compared);
    [json!({"Variable": KEY, "StringEquals": ""})].into_iter().chain(all).collect()
}

/// What the rule wants of a key, as far as EventBridge can say it without what it may find too complex.
fn judged_keys(patterns: &[String]) -> Value {
    match suffixes(patterns, LARGEST_SUFFIXES) {
        none if none.is_empty() => json!([{"exists": true}]),
        suffixes => json!([{"anything-but": {"suffix": suffixes}}, {"prefix": canary::FOLDER}]),
    }
}
