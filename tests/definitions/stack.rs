//! The stacks that the documents are filled for: one in each partition.

use contract::Rules;
use contract::ignored::Ignoring;
use cvault::deploy::resource::Assigned;
use cvault::vault::alarms;
use cvault::vault::definitions::Results;
use cvault::vault::definitions::{Definition, Values};
use cvault::vault::macie;
use cvault::vault::names::{Names, Zone};
use cvault::vault::settings::{MacieSettings, Settings};
use serde_json::Value;

/// The account of every stack here.
pub const ACCOUNT: &str = "123456789012";
/// An account that has nothing to do with it.
pub const OTHER_ACCOUNT: &str = "999999999999";
/// Who may write to the vault beside the classifier: one by name, many by wildcard.
pub const RELEASERS: [&str; 2] = ["role/analyst", "role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_release_*"];

/// Who alone may change the vault bucket's settings.
pub const DEPLOYERS: [&str; 2] = ["role/deploy", "role/ci/deploy-*"];

/// Who may put objects into ingress: one of another account, many of ours.
pub const WRITERS: [(&str, &str); 2] = [(PARTNER, "role/partner"), (ACCOUNT, "role/batch-*")];
/// Who may put legal holds on what is in the vault.
pub const LEGAL_HOLDERS: [&str; 1] = ["role/counsel"];
/// Who alone may read what is held, beside the releasers.
pub const READERS: [&str; 1] = ["role/auditor-*"];
/// The account of a sender.
pub const PARTNER: &str = "210987654321";

/// Another bucket that may be taken in; the key of its objects is the stack's with a 5 behind it.
pub const SOURCE: &str = "old-data";

/// What is no file in ingress.
pub const IGNORED: [&str; 2] = ["*.ignored", ".ignored*"];

/// What is smaller than this takes the Express workflow.
pub const EXPRESS_BELOW: u64 = 1000;

/// The bucket of Macie's exported results, which is not the stack's.
pub const RESULTS: &str = "security-results";

/// A stack whose documents are tested.
pub struct Stack {
    /// Its names.
    pub names: Names,
    /// What AWS has assigned to its key.
    pub key_arn: String,
    values: Values,
}

impl Stack {
    /// The stack of a partition.
    pub fn new(partition: &str, region: &str, id: &str) -> Self {
        Self::of(Names::new(partition, ACCOUNT, region, "cyber-vault", Some(id)))
    }

    /// The stack of these names.
    pub fn of(names: Names) -> Self {
        let Names { partition, region, .. } = &names;
        let key_arn = format!("arn:{partition}:kms:{region}:{ACCOUNT}:key/0a1b2c3d-0000-4000-8000-0123456789ab");
        let assigned = Assigned::default();
        assigned.set(&key_arn);
        let releasers = RELEASERS.map(|name| iam_arn(&names, ACCOUNT, name));
        let values = Values::new(&names, &assigned, &releasers, &Rules::default());
        let deployers = DEPLOYERS.map(|name| iam_arn(&names, ACCOUNT, name));
        let values = values
            .with_deployers(&deployers)
            .with_legal_holders(&LEGAL_HOLDERS.map(|name| iam_arn(&names, ACCOUNT, name)))
            .with_readers(&READERS.map(|name| iam_arn(&names, ACCOUNT, name)))
            .with_writers(&WRITERS.map(|(account, name)| iam_arn(&names, account, name)))
            .with_sources(&names, &[SOURCE.into()], &[format!("{key_arn}5")])
            .with_bucket(&names, Zone::Ingress)
            .with_alarms(alarms::arns(&names, &Settings::default(), false))
            .with_express(EXPRESS_BELOW)
            .with_sweeps(60)
            .with_ingress(&Settings::default().ingress.rules())
            .with_ignored(&Ignoring { patterns: IGNORED.map(str::to_owned).into(), ..Ignoring::default() });
        Self { names, key_arn, values }
    }

    /// The same stack with Macie, whose results are exported.
    pub fn with_macie(mut self) -> Self {
        let custom = Assigned::default();
        custom.set("3293a69d-4a1e-4a07-8715-208ddexample");
        let rules = macie::rules(&MacieSettings::default(), &Rules::default(), vec![custom]);
        let key_arn = self.results_key_arn();
        let results = Results { bucket: RESULTS.into(), prefix: "macie/".into(), key_arn };
        self.values = self.values.with_macie(&self.names, rules, Some(&results));
        self
    }

    /// The same stack where what this means is no file.
    pub fn ignoring(mut self, ignoring: &Ignoring) -> Self {
        self.values = self.values.with_ignored(ignoring);
        self
    }

    /// The same stack where two releasers have to want a release.
    pub fn with_four_eyes(mut self) -> Self {
        self.values = self.values.with_requesters(&RELEASERS.map(|name| iam_arn(&self.names, ACCOUNT, name)));
        self
    }

    /// The same stack where the Express workflow judges nothing, as with Macie.
    pub fn without_express(mut self) -> Self {
        self.values = self.values.with_express(0);
        self
    }

    /// The key that encrypts Macie's exported results.
    pub fn results_key_arn(&self) -> String {
        format!("{}0", self.key_arn)
    }

    /// A stack in each partition, with the longest id, and with Macie: the policies that come with it
    /// are documents of their own.
    pub fn all() -> Vec<Self> {
        let of = |partition, region| Self::new(partition, region, &"x".repeat(32)).with_macie();
        vec![of("aws", "eu-west-1"), of("aws-cn", "cn-north-1"), of("aws-us-gov", "us-gov-west-1")]
    }

    /// A document as AWS gets it.
    pub fn filled(&self, definition: Definition) -> Value {
        definition.with(&self.values).expect("every document can be filled").value()
    }

    /// The ARN of a user, a role or the root of an account, in the stack's partition.
    pub fn iam(&self, account: &str, name: &str) -> String {
        iam_arn(&self.names, account, name)
    }

    /// The ARN of an object.
    pub fn object(&self, zone: Zone) -> String {
        format!("{}/a b/c+d%.csv", self.names.bucket_arn(zone))
    }

    /// The domain of a regional service, as `kms:ViaService` and the principal of CloudWatch Logs have it.
    pub fn regional(&self, service: &str) -> String {
        format!("{service}.{}.{}", self.names.region, self.names.url_suffix())
    }
}

fn iam_arn(names: &Names, account: &str, name: &str) -> String {
    format!("arn:{}:iam::{account}:{name}", names.partition)
}
