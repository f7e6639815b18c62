//! What others add by hand to what is ours: where it weakens nothing it stays, is shown and outlives a repair, and where it
//! could it is drift.

use crate::support::Stack;
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, ExpirationStatus, LifecycleRule, LifecycleRuleFilter, Transition,
    TransitionStorageClass,
};
use aws_sdk_sqs::types::QueueAttributeName;
use cvault::vault::names::Zone;
use serde_json::{Value, json};

/// Somebody else's account.
const PARTNER: &str = "arn:aws:iam::210987654321:root";
/// The account itself, whose users and roles IAM lets.
const COLLEAGUE: &str = "arn:aws:iam::000000000000:root";

/// Whose policy it is.
#[derive(Clone, Copy, Debug)]
enum Policed {
    Bucket(Zone),
    Key,
    Topic,
    DeadLetters,
}

const ALL: [Policed; 6] = [
    Policed::Bucket(Zone::Ingress),
    Policed::Bucket(Zone::Analytics),
    Policed::Bucket(Zone::Vault),
    Policed::Key,
    Policed::Topic,
    Policed::DeadLetters,
];

impl Policed {
    fn name(self) -> String {
        match self {
            Self::Bucket(zone) => format!("bucket/{zone}"),
            Self::Key => "key".into(),
            Self::Topic => "topic".into(),
            Self::DeadLetters => "dead-letters".into(),
        }
    }

    fn arns(self, stack: &Stack) -> Vec<String> {
        let names = &stack.names;
        match self {
            Self::Bucket(zone) => vec![names.bucket_arn(zone), names.bucket_arn(zone) + "/*"],
            Self::Key => vec!["*".into()],
            Self::Topic => vec![names.topic_arn()],
            Self::DeadLetters => vec![names.dead_letters_arn()],
        }
    }

    /// What does no harm, and two that are nearly the same and could.
    fn actions(self) -> [&'static [&'static str]; 3] {
        match self {
            Self::Bucket(Zone::Ingress) => [
                &["s3:PutObject", "s3:ListMultipartUploadParts"],
                &["s3:GetObject"],
                &["s3:PutObject", "s3:DeleteObject"],
            ],
            Self::Bucket(Zone::Analytics) => [&["s3:ListBucketVersions"], &["s3:GetObject"], &["s3:PutObject"]],
            Self::Bucket(Zone::Vault) => [&["s3:GetObject*"], &["s3:PutObject"], &["s3:*"]],
            Self::Key => [&["kms:Encrypt", "kms:GenerateDataKey*"], &["kms:Decrypt"], &["kms:*"]],
            Self::Topic => [&["sns:Subscribe"], &["sns:DeleteTopic"], &["sns:Subscribe", "sns:SetTopicAttributes"]],
            Self::DeadLetters => [&["sqs:GetQueueAttributes"], &["sqs:ReceiveMessage"], &["sqs:SendMessage"]],
        }
    }

    /// Another account may send, and encrypt for that.
    fn statement(self, stack: &Stack, sid: &str, actions: &[&str]) -> Value {
        let principal = if matches!(self, Self::Bucket(Zone::Ingress) | Self::Key) { PARTNER } else { COLLEAGUE };
        json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions,
            "Resource": self.arns(stack)})
    }

    async fn read(self, stack: &Stack) -> Value {
        let (aws, names) = (&stack.aws, &stack.names);
        let text = match self {
            Self::Bucket(zone) => {
                aws.s3.get_bucket_policy().bucket(names.bucket(zone)).send().await.unwrap().policy.unwrap()
            }
            Self::Key => {
                let read = aws.kms.get_key_policy().key_id(names.key_alias()).policy_name("default");
                read.send().await.unwrap().policy.unwrap()
            }
            Self::Topic => {
                let read = aws.sns.get_topic_attributes().topic_arn(names.topic_arn()).send().await.unwrap();
                read.attributes.unwrap().remove("Policy").unwrap()
            }
            Self::DeadLetters => {
                let read = aws.sqs.get_queue_attributes().queue_url(url(stack).await);
                let read = read.attribute_names(QueueAttributeName::Policy).send().await.unwrap();
                read.attributes.unwrap().remove(&QueueAttributeName::Policy).unwrap()
            }
        };
        serde_json::from_str(&text).unwrap()
    }

    async fn write(self, stack: &Stack, policy: &Value) {
        let (aws, names, text) = (&stack.aws, &stack.names, policy.to_string());
        match self {
            Self::Bucket(zone) => {
                drop(aws.s3.put_bucket_policy().bucket(names.bucket(zone)).policy(text).send().await.unwrap());
            }
            Self::Key => {
                let key = stack.keys().await.remove(0).0;
                aws.kms.put_key_policy().key_id(key).policy_name("default").policy(text).send().await.unwrap();
            }
            Self::Topic => {
                let set = aws.sns.set_topic_attributes().topic_arn(names.topic_arn());
                set.attribute_name("Policy").attribute_value(text).send().await.unwrap();
            }
            Self::DeadLetters => {
                let set = aws.sqs.set_queue_attributes().queue_url(url(stack).await);
                set.attributes(QueueAttributeName::Policy, text).send().await.unwrap();
            }
        }
    }

    /// Adds these statements, and takes ours of this name away.
    async fn change(self, stack: &Stack, add: Vec<Value>, without: Option<&str>) {
        let mut policy = self.read(stack).await;
        let statements = policy["Statement"].as_array_mut().unwrap();
        statements.retain(|statement| without.is_none_or(|sid| statement["Sid"] != sid));
        statements.extend(add);
        self.write(stack, &policy).await;
    }

    async fn sids(self, stack: &Stack) -> Vec<String> {
        let policy = self.read(stack).await;
        let sids = policy["Statement"].as_array().unwrap().iter();
        sids.map(|it| it["Sid"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

async fn url(stack: &Stack) -> String {
    let queue = stack.aws.sqs.get_queue_url().queue_name(stack.names.dead_letters());
    queue.send().await.unwrap().queue_url.unwrap()
}

fn note(status: &Value, name: &str) -> String {
    let step = status["resources"].as_array().unwrap().iter().find(|step| step["name"] == name).unwrap();
    step["note"].as_str().unwrap_or_default().to_owned()
}

async fn add_a_rule(stack: &Stack) {
    let (s3, bucket) = (&stack.aws.s3, stack.names.bucket(Zone::Vault));
    let rules = s3.get_bucket_lifecycle_configuration().bucket(&bucket).send().await.unwrap().rules.unwrap();
    let moved = Transition::builder().days(40).storage_class(TransitionStorageClass::StandardIa).build();
    let theirs = LifecycleRule::builder().id("cooler").status(ExpirationStatus::Enabled).transitions(moved);
    let theirs = theirs.filter(LifecycleRuleFilter::builder().prefix("in/").build()).build().unwrap();
    let rules = rules.into_iter().chain([theirs]).collect();
    let all = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().unwrap();
    let put = s3.put_bucket_lifecycle_configuration().bucket(bucket).lifecycle_configuration(all);
    put.send().await.unwrap();
}

/// An operator's own statements and rules are no drift, `status` and `up` name them, and a repair of ours sends them along.
#[tokio::test]
async fn what_does_no_harm_stays_and_is_shown() {
    let stack = Stack::behind(&["--truths", "all"]);
    stack.up();
    for policed in ALL {
        let theirs = policed.statement(&stack, "Partner", policed.actions()[0]);
        policed.change(&stack, vec![theirs], None).await;
    }
    let through = json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}});
    let mut decrypt = Policed::Key.statement(&stack, "PartnerReads", &["kms:Decrypt"]);
    decrypt["Condition"] = through;
    decrypt["Principal"] = json!({"AWS": COLLEAGUE});
    Policed::Key.change(&stack, vec![decrypt], None).await;
    add_a_rule(&stack).await;

    stack.run(&["status"]).expect(0);
    let status = stack.status();
    for policed in ALL {
        let note = note(&status, &policed.name());
        assert!(note.contains("statements of others stay: Partner"), "{policed:?}: {note}");
    }
    assert!(note(&status, "key").ends_with("Partner, PartnerReads"));
    assert!(note(&status, "bucket/vault").ends_with("lifecycle rules of others stay: cooler"));
    stack.proxy.forget();
    let up = stack.run(&["up"]).expect(0);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    assert!(up.stdout.contains("topic: statements of others stay: Partner"), "{up:?}");

    for policed in ALL {
        let ours = policed.sids(&stack).await.remove(0);
        policed.change(&stack, vec![], Some(&ours)).await;
    }
    let drifted = stack.drifted();
    for policed in ALL {
        let name = policed.name();
        assert!(drifted.iter().any(|path| path.starts_with(&format!("{name}/Policy"))), "{name}: {drifted:?}");
    }
    stack.up();
    stack.run(&["status"]).expect(0);
    for policed in ALL {
        let sids = policed.sids(&stack).await;
        assert_eq!(sids.iter().filter(|sid| *sid == "Partner").count(), 1, "{policed:?}: {sids:?}");
    }
    assert!(Policed::Key.sids(&stack).await.contains(&"PartnerReads".to_owned()));
    // What goes does not stay.
    let down = stack.run(&["down", "--dry-run"]).expect(2);
    assert!(!down.stdout.contains("of others stay"), "{}", down.stdout);
}

/// What could weaken something, and what looks like ours, is named and removed; what stands beside it stays.
#[tokio::test]
async fn what_could_do_harm_is_repaired() {
    let stack = Stack::behind(&["--truths", "all"]);
    stack.up();
    for policed in ALL {
        let [harmless, wide, wider] = policed.actions();
        let of = |sid: &str, actions: &[&str]| policed.statement(&stack, sid, actions);
        let [mut denial, mut everybody] = [of("Denial", harmless), of("Everybody", harmless)];
        denial["Effect"] = "Deny".into();
        everybody["Principal"] = json!({"AWS": "*"});
        let mut statements = vec![of("Partner", harmless), of("Wide", wide), of("Wider", wider), denial, everybody];
        if !matches!(policed, Policed::Bucket(Zone::Ingress) | Policed::Key) {
            let mut outside = of("Outside", harmless);
            outside["Principal"] = json!({"AWS": PARTNER});
            statements.push(outside);
        }
        policed.change(&stack, statements, None).await;
    }
    let drifted = stack.drifted();
    for policed in ALL {
        for sid in ["Wide", "Wider", "Denial", "Everybody"] {
            let path = format!("{}/Policy/Statement/{sid}", policed.name());
            assert!(drifted.contains(&path), "{path}: {drifted:#?}");
        }
    }
    assert!(!drifted.iter().any(|path| path.contains("Partner")), "{drifted:#?}");
    stack.up();
    stack.run(&["status"]).expect(0);
    for policed in ALL {
        let sids = policed.sids(&stack).await;
        assert!(sids.contains(&"Partner".to_owned()), "{policed:?}: {sids:?}");
        assert!(
            !["Wide", "Wider", "Denial", "Everybody", "Outside"].iter().any(|sid| sids.contains(&(*sid).to_owned())),
            "{sids:?}"
        );
    }
}
