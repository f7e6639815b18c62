//! IAM enforced: an emulator that asks the policies of users, roles and buckets about every call.
//!
//! Two things are not there as in AWS. It speaks no TLS: what comes through the test's proxy is marked
//! as having come over it, what comes past the proxy is plain HTTP. And of a role's session it takes
//! the session's ARN for `aws:PrincipalArn`, where AWS takes the role's: see [`name_sessions`].

use crate::support::{Execution, Pipeline, Stack, emulator};
use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Delete, ObjectIdentifier, Tag, Tagging};
use aws_sdk_sfn::types::ExecutionStatus;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use cvault::vault::names::Zone;
use serde_json::json;

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";
const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";

/// Somebody with a policy of their own.
pub struct Person {
    pub key: [String; 2],
    pub s3: Client,
}

impl Person {
    pub async fn new(stack: &Stack, name: &str, policy: &str) -> Self {
        let (iam, name) = (&stack.aws.iam, format!("{name}-{}", stack.names.id));
        iam.create_user().user_name(&name).send().await.unwrap();
        let put = iam.put_user_policy().user_name(&name).policy_name("own").policy_document(policy);
        put.send().await.unwrap();
        let made = iam.create_access_key().user_name(&name).send().await.unwrap().access_key.unwrap();
        let key = [made.access_key_id, made.secret_access_key];
        Self { s3: client(stack, &key, &stack.proxy.endpoint()), key }
    }
}

fn client(stack: &Stack, [key, secret]: &[String; 2], endpoint: &str) -> Client {
    let credentials = Credentials::new(key, secret, None, None, "test");
    let config = stack.aws.s3.config().to_builder().endpoint_url(endpoint).credentials_provider(credentials);
    Client::from_conf(config.build())
}

/// A running vault, with people who may do everything in S3 as far as their own policies go.
struct Enforced {
    vault: Pipeline,
    administrator: Person,
    /// Named in the configuration.
    releaser: Person,
    /// Who runs `cvault`, with the policy that `cvault policy` prints.
    deployer: Person,
}

impl Enforced {
    async fn start() -> Self {
        let mut stack = Stack::enforced();
        let everything =
            r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#;
        let administrator = Person::new(&stack, "administrator", everything).await;
        let releaser = Person::new(&stack, "releaser", everything).await;
        let printed = stack.run(&["policy", "--delete-data", "--expect-account", &stack.names.account]).expect(0);
        let mut own = printed.document();
        // Of the other services' calls the emulator does not always know what they are about.
        let others = ["cloudwatch:*", "events:*", "iam:*", "kms:*", "lambda:*", "logs:*", "sns:*", "sqs:*", "states:*"];
        own["Statement"].as_array_mut().unwrap().push(json!({"Effect": "Allow", "Action": others, "Resource": "*"}));
        let deployer = Person::new(&stack, "deployer", &own.to_string()).await;
        stack.deployer = Some(deployer.key.clone());
        up(&stack, "releaser");
        name_sessions(&stack, Zone::Analytics).await;
        stack.watch_function().await;
        Self { vault: Pipeline::observed(stack).await, administrator, releaser, deployer }
    }
}

/// Creates it with this releaser in the configuration.
pub fn up(stack: &Stack, releaser: &str) {
    up_with(stack, &[releaser], "");
}

/// The same with several releasers, and with more below `[vault]`.
fn up_with(stack: &Stack, releasers: &[&str], more: &str) {
    let config = std::env::temp_dir().join(format!("cvault-enforced-{}.toml", stack.names.id));
    let arn = |name: &&str| format!("'arn:aws:iam::{}:user/{name}-{}'", stack.names.account, stack.names.id);
    let arns = releasers.iter().map(arn).collect::<Vec<_>>().join(", ");
    std::fs::write(&config, format!("emails = ['ops@example.com']\n[vault]\nreleasers = [{arns}]\n{more}")).unwrap();
    let up = stack.run(&["up", "--config", config.to_str().unwrap()]);
    std::fs::remove_file(&config).unwrap();
    up.expect(0);
}

/// Writes the classifier's sessions into a bucket's policy in the place of its role, since the
/// emulator compares those.
pub async fn name_sessions(stack: &Stack, zone: Zone) {
    let (s3, bucket, role) = (&stack.aws.s3, stack.names.bucket(zone), stack.names.role_arn("classifier"));
    let sessions = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/*";
    let policy = s3.get_bucket_policy().bucket(&bucket).send().await.unwrap().policy.unwrap();
    let named = policy.replace(&format!("\"{role}\""), &format!("\"{sessions}\""));
    assert_ne!(named, policy, "it names the role");
    s3.put_bucket_policy().bucket(bucket).policy(named).send().await.unwrap();
}

/// The error's code; nothing for success.
pub fn code<T, E: ProvideErrorMetadata>(answer: Result<T, E>) -> String {
    answer.err().map(|error| error.code().unwrap_or("no code").to_owned()).unwrap_or_default()
}

type Calls = Vec<(&'static str, String)>;

#[track_caller]
fn all_are(calls: &Calls, expected: &str) {
    assert!(calls.iter().all(|(_, code)| code == expected), "{calls:?}");
}

/// An object is made, or what is said of it changed.
async fn writes(s3: &Client, bucket: &str, key: &str) -> Calls {
    let put = s3.put_object().bucket(bucket).key(key).body(CLEAN.to_vec().into());
    let copy = s3.copy_object().bucket(bucket).key("copy.csv").copy_source(format!("{bucket}/{key}"));
    let tag = Tag::builder().key("team").value("sea").build().unwrap();
    let tags = Tagging::builder().tag_set(tag).build().unwrap();
    vec![
        ("PutObject", code(put.send().await)),
        ("CopyObject", code(copy.send().await)),
        ("CreateMultipartUpload", code(s3.create_multipart_upload().bucket(bucket).key(key).send().await)),
        ("PutObjectTagging", code(s3.put_object_tagging().bucket(bucket).key(key).tagging(tags).send().await)),
        ("DeleteObjectTagging", code(s3.delete_object_tagging().bucket(bucket).key(key).send().await)),
    ]
}

/// A version, or the sight of it, is taken away.
async fn deletes(s3: &Client, bucket: &str, key: &str, version: &str) -> Calls {
    let delete = s3.delete_object().bucket(bucket).key(key);
    let listed = ObjectIdentifier::builder().key(key).version_id(version).build().unwrap();
    let listed = Delete::builder().objects(listed).build().unwrap();
    vec![
        ("DeleteObjects", code(s3.delete_objects().bucket(bucket).delete(listed).send().await)),
        ("DeleteObject of a version", code(delete.clone().version_id(version).send().await)),
        ("DeleteObject", code(delete.send().await)),
    ]
}

/// Denied is what no policy of one's own can allow: the same people do the same in ingress. Only
/// `down --delete-data` comes through, since it replaces the policy first.
#[tokio::test]
async fn the_vault_takes_from_releasers_and_gives_up_nothing() {
    let Enforced { vault, administrator, releaser, deployer } = Enforced::start().await;
    let (names, root) = (&vault.stack.names, &vault.stack.aws.s3);
    let (ingress, bucket) = (names.bucket(Zone::Ingress), names.bucket(Zone::Vault));
    let put = |bucket: &str| root.put_object().bucket(bucket).key("kept.csv").body(CLEAN.to_vec().into());
    let kept = put(&bucket).send().await.unwrap().version_id.unwrap();

    all_are(&writes(&administrator.s3, &bucket, "kept.csv").await, "AccessDenied");
    all_are(&writes(&deployer.s3, &bucket, "kept.csv").await, "AccessDenied");
    all_are(&writes(&releaser.s3, &bucket, "kept.csv").await, "");
    for person in [&administrator, &releaser, &deployer] {
        all_are(&deletes(&person.s3, &bucket, "kept.csv", &kept).await, "AccessDenied");
        let read = person.s3.list_object_versions().bucket(&bucket).send().await.unwrap();
        assert_eq!(read.versions().len(), 3, "the first, and the releaser's two: {read:?}");
    }
    let get = |s3: &Client| s3.get_object().bucket(&bucket).key("kept.csv").send();
    assert_eq!(code(get(&administrator.s3).await), "", "reading is left to IAM");
    let plain = client(&vault.stack, &administrator.key, &emulator::at(emulator::enforcing_port()));
    assert_eq!(code(get(&plain).await), "AccessDenied", "over plain HTTP");

    let version = put(&ingress).send().await.unwrap().version_id.unwrap();
    all_are(&writes(&administrator.s3, &ingress, "kept.csv").await, "");
    all_are(&deletes(&administrator.s3, &ingress, "kept.csv", &version).await, "");

    vault.stack.run(&["down"]).expect(4);
    all_are(&deletes(&deployer.s3, &bucket, "kept.csv", &kept).await, "AccessDenied");
    // A bucket that is emptied is closed first: what comes too late is refused, not deleted.
    let fault = json!({"op": "DeleteBucket", "code": "AccessDenied", "message": "not yet", "status": 403});
    vault.stack.proxy.configure(&json!({"faults": [fault]}));
    vault.stack.run(&["down", "--delete-data", "--yes"]).expect(1);
    vault.stack.proxy.configure(&json!({"faults": []}));
    let late = administrator.s3.put_object().bucket(&ingress).key("late.csv").body(CLEAN.to_vec().into());
    assert_eq!(code(late.send().await), "AccessDenied");
    assert_eq!(code(root.head_bucket().bucket(&bucket).send().await), "");

    vault.stack.run(&["down", "--delete-data", "--yes"]).expect(0);
    assert_eq!(code(root.head_bucket().bucket(&bucket).send().await), "NotFound");
}

/// What the steps of the last failed execution were given, the failures before them too.
async fn steps(vault: &Pipeline) -> String {
    let (sfn, machine) = (&vault.stack.aws.sfn, vault.stack.names.state_machine_arn());
    let failed = sfn.list_executions().state_machine_arn(machine).status_filter(ExecutionStatus::Failed);
    let arn = failed.send().await.unwrap().executions.remove(0).execution_arn;
    let history = sfn.get_execution_history().execution_arn(arn).max_results(1000).send().await.unwrap();
    let given = history.events.iter().filter_map(|event| event.state_entered_event_details()?.input());
    given.collect()
}

/// The function has its role's rights and no others: what these policies do not allow it cannot do.
#[tokio::test]
async fn the_pipeline_runs_on_the_classifier_s_own_rights() {
    let Enforced { vault, administrator, .. } = Enforced::start().await;
    let ingress = vault.stack.names.bucket(Zone::Ingress);
    let of = |execution: &Execution| (execution.status.clone(), execution.verdict("Status").to_owned());

    // As long as the vault's policy names nobody that the emulator takes for the classifier, it is
    // one of all the others.
    vault.put("clean.csv", CLEAN).await;
    let denied = vault.judged("clean.csv").await;
    // The emulator's state machines are nobody that the topic and the queue let tell.
    let untold = Some("SNS.PublishFailed");
    assert_eq!((&denied.status, denied.error.as_deref()), (&ExecutionStatus::Failed, untold), "{denied:#?}");
    let why = steps(&vault).await;
    for said in ["Denied", "s3:PutObject", "explicit deny in a resource-based policy"] {
        assert!(why.contains(said), "{why}");
    }
    assert_eq!(vault.objects(Zone::Ingress).await["clean.csv"], [CLEAN.to_vec()]);

    name_sessions(&vault.stack, Zone::Vault).await;
    let stored = vault.start_execution(&denied.input).await;
    assert_eq!(of(&stored), (ExecutionStatus::Succeeded, "VAULT_COPY".into()), "{stored:#?}");
    let cleared = vault.executions(Zone::Vault, "clean.csv", 1).await.remove(0);
    assert_eq!(of(&cleared), (ExecutionStatus::Succeeded, "CLEARED".into()), "{cleared:#?}");
    // Not the root, whom nothing is denied to, but somebody whom the buckets' policies are for.
    let cards = administrator.s3.put_object().bucket(&ingress).key("cards.csv").body(CARDS.to_vec().into());
    cards.send().await.unwrap();
    let held = vault.judged("cards.csv").await;
    assert_eq!(of(&held), (ExecutionStatus::Succeeded, "HAS_FINDINGS".into()), "{held:#?}");

    assert_eq!(vault.objects(Zone::Vault).await["clean.csv"], [CLEAN.to_vec()]);
    assert!(vault.objects(Zone::Ingress).await.is_empty());
    assert_eq!(vault.objects(Zone::Analytics).await[held.verdict("AnalyticsKey")], [CARDS.to_vec()]);
}

/// Whoever may do everything in S3 and is no declared releaser can look at what is held, and discard it, and not
/// store it.
#[tokio::test]
async fn a_held_file_is_released_by_a_releaser_alone() {
    let Enforced { mut vault, administrator, releaser, deployer } = Enforced::start().await;
    for name in ["administrator", "releaser"] {
        let user = format!("{name}-{}", vault.stack.names.id);
        let more = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": ["events:*", "kms:*", "logs:*", "states:*"], "Resource": "*"}]}"#;
        let put = vault.stack.aws.iam.put_user_policy().user_name(user).policy_name("more").policy_document(more);
        put.send().await.unwrap();
    }
    vault.put("cards.csv", CARDS).await;
    vault.judged("cards.csv").await;
    let analytics = vault.stack.names.bucket(Zone::Analytics);
    let held = vault.objects(Zone::Analytics).await.into_keys().next().unwrap();
    let get = |s3: &Client| s3.get_object().bucket(&analytics).key(&held).send();
    assert_eq!(code(get(&administrator.s3).await), "AccessDenied", "nobody has declared a reader");
    assert_eq!(code(get(&releaser.s3).await), "");
    let release = ["release", "cards.csv", "--reason", "test data", "--yes"];
    vault.stack.deployer = Some(administrator.key.clone());
    assert!(vault.stack.run(&["held"]).expect(0).stdout.contains("cards.csv"));
    let refused = vault.stack.run(&release).expect(1);
    assert!(refused.stderr.contains("HTTP 403") && refused.stderr.contains("releasers"), "{}", refused.stderr);
    assert!(vault.objects(Zone::Vault).await.is_empty());
    vault.stack.deployer = Some(releaser.key.clone());
    vault.stack.run(&release).expect(0);
    assert_eq!(vault.objects(Zone::Vault).await["cards.csv"], [CARDS.to_vec()]);
    assert!(vault.objects(Zone::Analytics).await.is_empty());
    vault.stack.deployer = Some(deployer.key);
}

/// Where two have to want it, a releaser reads nothing that nobody has asked for, stores nothing of their own, and leaves
/// the verdict alone. This emulator knows no conditions on tags, so that it takes none to be there.
#[tokio::test]
async fn a_releaser_alone_gets_nothing_out_and_nothing_in() {
    let Enforced { vault, administrator, releaser, deployer: _ } = Enforced::start().await;
    let names = &vault.stack.names;
    let reads =
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}"#;
    let reader = Person::new(&vault.stack, "reader", reads).await;
    vault.put("cards.csv", CARDS).await;
    vault.judged("cards.csv").await;
    let readers = format!("[held]\nreaders = ['arn:aws:iam::{}:user/reader-{}']\n", names.account, names.id);
    up_with(&vault.stack, &["releaser", "another"], &format!("approvals = 2\n{readers}"));
    let (analytics, stored) = (names.bucket(Zone::Analytics), names.bucket(Zone::Vault));
    let listed = administrator.s3.list_object_versions().bucket(&analytics).send().await.unwrap();
    let (key, version) = (listed.versions()[0].key().unwrap(), listed.versions()[0].version_id().unwrap());
    let get = |s3: &Client| s3.get_object().bucket(&analytics).key(key).version_id(version).send();
    assert_eq!(code(get(&reader.s3).await), "", "a reader who is no releaser looks");
    assert_eq!(code(get(&administrator.s3).await), "AccessDenied");
    assert_eq!(code(get(&releaser.s3).await), "AccessDenied");
    let copy = releaser.s3.copy_object().bucket(&stored).key("cards.csv");
    let copy = copy.copy_source(format!("{analytics}/{key}?versionId={version}"));
    assert_eq!(code(copy.send().await), "AccessDenied");
    let put = |s3: &Client| s3.put_object().bucket(&stored).key("own.csv").body(CLEAN.to_vec().into()).send();
    assert_eq!(code(put(&releaser.s3).await), "AccessDenied");
    let parts = releaser.s3.create_multipart_upload().bucket(&stored).key("own.csv");
    assert_eq!(code(parts.send().await), "AccessDenied");
    let forget = releaser.s3.delete_object_tagging().bucket(&analytics).key(key).version_id(version);
    assert_eq!(code(forget.send().await), "AccessDenied");
    let delete = |s3: &Client| s3.delete_object().bucket(&analytics).key(key).version_id(version).send();
    assert_eq!(code(delete(&administrator.s3).await), "AccessDenied", "releasers discard");
    assert!(vault.objects(Zone::Vault).await.is_empty());
    assert_eq!(vault.objects(Zone::Analytics).await[key], [CARDS.to_vec()]);
}
