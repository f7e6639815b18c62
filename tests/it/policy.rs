//! `cvault policy`: it allows every call that `up`, `status` and `down` make, and nothing that they do
//! not make. Every call is recorded and evaluated.

use crate::drift::change_everything;
use crate::replication;
use crate::rights::Needed;
use crate::rights::s3::Call;
use crate::simulator::{Caller, Policy, Request};
use crate::support::{Ended, Macie, REGION, Stack};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_s3::types::{CreateBucketConfiguration, ObjectLockLegalHold, ObjectLockLegalHoldStatus};
use cvault::vault::alarms;
use cvault::vault::names::{Names, Zone};
use cvault::vault::settings::Settings;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What is in the policy although the emulator has no use for it, and why.
const NOT_SEEN: [(&str, &str); 2] = [
    ("logs:AssociateKmsKey", "the emulator does not know the call"),
    (
        "s3:PutBucketObjectLockConfiguration",
        "once a retention was declared: see `what_is_not_declared_any_more_may_go`",
    ),
];

/// What is in the policy for Macie, which the emulator has not: see [`every_call_of_macie_is_allowed`].
const OF_MACIE: [&str; 6] = [
    "macie2:DeleteCustomDataIdentifier",
    "macie2:GetClassificationExportConfiguration",
    "macie2:GetCustomDataIdentifier",
    "macie2:ListClassificationJobs",
    "macie2:ListCustomDataIdentifiers",
    "macie2:UpdateClassificationJob",
];

/// The end of an archive without members, which is all of it.
const EMPTY_ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// IAM's names where they are not the call's own.
fn actions(service: &str, operation: &str) -> Vec<String> {
    let other: &[&str] = match (service, operation) {
        ("s3", "HeadBucket") => &["s3:ListBucket"],
        ("s3", "ListBuckets") => &["s3:ListAllMyBuckets"],
        ("s3", "ListObjectVersions") => &["s3:ListBucketVersions"],
        ("s3", "ListMultipartUploads") => &["s3:ListBucketMultipartUploads"],
        ("s3", "GetBucketEncryption") => &["s3:GetEncryptionConfiguration"],
        ("s3", "PutBucketEncryption") => &["s3:PutEncryptionConfiguration"],
        ("s3", "GetBucketLifecycleConfiguration") => &["s3:GetLifecycleConfiguration"],
        ("s3", "PutBucketLifecycleConfiguration") => &["s3:PutLifecycleConfiguration"],
        ("s3", "GetBucketNotificationConfiguration") => &["s3:GetBucketNotification"],
        ("s3", "PutBucketNotificationConfiguration") => &["s3:PutBucketNotification"],
        ("s3", "GetPublicAccessBlock") => &["s3:GetBucketPublicAccessBlock"],
        ("s3", "PutPublicAccessBlock") => &["s3:PutBucketPublicAccessBlock"],
        ("s3", "GetBucketReplication") => &["s3:GetReplicationConfiguration"],
        ("s3", "PutBucketReplication") => &["s3:PutReplicationConfiguration", "iam:PassRole"],
        ("s3", "DeleteBucketReplication") => &["s3:PutReplicationConfiguration"],
        ("s3", "GetObjectLockConfiguration") => &["s3:GetBucketObjectLockConfiguration"],
        ("s3", "PutObjectLockConfiguration") => &["s3:PutBucketObjectLockConfiguration"],
        // What is created with tags is tagged, what gets a role is passed it.
        ("s3", "CreateBucket") => &["s3:CreateBucket", "s3:TagResource"],
        ("s3", "DeleteObjects") => &["s3:DeleteObject", "s3:DeleteObjectVersion"],
        ("kms", "CreateKey") => &["kms:CreateKey", "kms:TagResource"],
        ("iam", "CreateRole") => &["iam:CreateRole", "iam:TagRole"],
        ("sns", "CreateTopic") => &["sns:CreateTopic", "sns:TagResource"],
        ("sqs", "CreateQueue") => &["sqs:CreateQueue", "sqs:TagQueue"],
        ("sqs", "DeleteMessageBatch") => &["sqs:DeleteMessage"],
        ("logs", "CreateLogGroup") => &["logs:CreateLogGroup", "logs:TagResource"],
        ("monitoring", "PutDashboard") => &["cloudwatch:PutDashboard", "cloudwatch:TagResource"],
        ("monitoring", "PutMetricAlarm") => &["cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"],
        ("monitoring", _) => return vec![format!("cloudwatch:{operation}")],
        // Without the second it answers, and leaves the tags out.
        ("lambda", "GetFunction") => &["lambda:GetFunction", "lambda:ListTags"],
        ("lambda", "CreateFunction") => &["lambda:CreateFunction", "lambda:TagResource", "iam:PassRole"],
        ("lambda", "CreateEventSourceMapping") => &["lambda:CreateEventSourceMapping", "lambda:TagResource"],
        ("lambda", "UpdateFunctionConfiguration") => &["lambda:UpdateFunctionConfiguration", "iam:PassRole"],
        ("states", "CreateStateMachine") => &["states:CreateStateMachine", "states:TagResource", "iam:PassRole"],
        ("states", "UpdateStateMachine") => &["states:UpdateStateMachine", "iam:PassRole"],
        ("events", "PutRule") => &["events:PutRule", "events:TagResource"],
        ("events", "PutTargets") => &["events:PutTargets", "iam:PassRole"],
        // Anybody may ask who they are.
        ("sts", "GetCallerIdentity") => &[],
        _ => return vec![format!("{service}:{operation}")],
    };
    other.iter().map(|action| (*action).to_owned()).collect()
}

/// The ARNs that the call is about: of an alias there are two.
fn arns(names: &Names, service: &str, action: &str, resource: &str) -> Vec<String> {
    let Names { partition, region, account, .. } = names;
    let kms = |rest: &str| format!("arn:{partition}:kms:{region}:{account}:{rest}");
    let among = |arns: &[String]| {
        let found = arns.iter().find(|arn| resource.contains(arn.rsplit(['/', ':']).next().unwrap()));
        vec![found.unwrap_or_else(|| panic!("{action} on {resource}: not ours")).clone()]
    };
    match (service, action) {
        (_, "iam:PassRole") => {
            let role = match service {
                // The user's own.
                "s3" => return vec![format!("arn:{partition}:iam::{account}:role/{}", replication::ROLE)],
                "lambda" => "classifier",
                "events" => "trigger",
                "states" if resource.contains(&names.sweep()) => "sweeper",
                "states" => "orchestrator",
                other => panic!("{other} gets no role"),
            };
            vec![names.role_arn(role)]
        }
        ("kms", "kms:ListKeys" | "kms:CreateKey")
        | ("events", "events:ListRules")
        | ("logs", "logs:DescribeLogGroups")
        | ("monitoring", "cloudwatch:DescribeAlarms")
        | ("iam", "iam:SimulatePrincipalPolicy")
        | (
            "lambda",
            "lambda:CreateEventSourceMapping"
            | "lambda:GetAccountSettings"
            | "lambda:ListEventSourceMappings"
            | "lambda:ListFunctions",
        )
        | ("s3", "s3:ListAllMyBuckets")
        | ("sns", "sns:ListTopics")
        | ("sqs", "sqs:ListQueues")
        | ("states", "states:ListStateMachines")
        | ("macie2", "macie2:GetMacieSession") => vec!["*".into()],
        ("kms", "kms:CreateAlias" | "kms:DeleteAlias") => vec![kms(&names.key_alias()), kms("key/0")],
        ("kms", _) => vec![kms("key/0")],
        ("s3", _) => {
            let used = Zone::ALL.map(|zone| names.bucket_arn(zone));
            // Its own are looked for where others are used.
            let bucket = [used, Zone::ALL.map(|zone| names.own_bucket_arn(zone))].concat();
            let of_object =
                action == "s3:AbortMultipartUpload" || action.contains("Object") && !action.contains("ObjectLock");
            let arns = among(&bucket);
            if of_object { arns.into_iter().map(|arn| arn + "/k").collect() } else { arns }
        }
        ("iam", _) => among(&["classifier", "orchestrator", "sweeper", "trigger"].map(|role| names.role_arn(role))),
        // Its own goes where another is used.
        ("sns", _) => among(&[names.topic_arn(), names.own_topic_arn()]),
        ("sqs", _) if resource.contains(&names.verify_queue("")) => {
            vec![names.verify_queues_arn().replace('*', "0a1b2c3d")]
        }
        ("sqs", _) => among(&[names.dead_letters_arn(), names.notices_arn(), names.macie_queue_arn()]),
        ("monitoring", _) => {
            let all = alarms::all(names, &Settings::default(), true);
            let alarms = all.iter().map(|(watch, _)| names.alarm_arn(watch.name));
            among(&alarms.chain([names.dashboard_arn()]).collect::<Vec<_>>())
        }
        ("lambda", _) if resource.contains("event-source-mapping:") => vec![names.event_source_mapping_arn("0a1b2c3d")],
        ("lambda", _) => among(&[names.function_arn()]),
        ("logs", _) => {
            let groups = [names.classifier_log_group(), names.orchestrator_log_group(), names.sweep_log_group()];
            among(&groups.map(|it| names.log_group_arn(&it)))
        }
        ("states", "states:StopExecution" | "states:DescribeExecution" | "states:GetExecutionHistory") => {
            vec![resource.to_owned()]
        }
        ("states", _) => {
            among(&[names.state_machine_arn(), names.express_arn(), names.macie_job_machine_arn(), names.sweep_arn()])
        }
        ("events", _) => among(&["ingress", "vault", "failures", "sweep"].map(|rule| names.rule_arn(rule))),
        _ => panic!("{service} is not a service of the stack"),
    }
}

/// The request with the condition keys that it has.
fn request(names: &Names, service: &str, action: &str, arn: &str) -> Request {
    let caller = Caller::Aws(format!("arn:aws:iam::{}:role/deployer", names.account));
    let mut request = Request::new(caller, action, arn);
    let of_mapping = service == "lambda" && arn == names.event_source_mapping_arn("0a1b2c3d");
    let creates =
        ["kms:CreateKey", "kms:TagResource"].contains(&action) || of_mapping && action == "lambda:TagResource";
    if of_mapping || action == "lambda:CreateEventSourceMapping" {
        request = request.with("lambda:FunctionArn", &names.function_arn());
    }
    for (key, value) in names.tags() {
        request = request.with(&format!("aws:{}Tag/{key}", if creates { "Request" } else { "Resource" }), value);
    }
    request.with("iam:PassedToService", &format!("{service}.amazonaws.com"))
}

/// The policy in parts, each of which fits a managed policy.
fn parts(stack: &Stack, arguments: &[&str]) -> Vec<Value> {
    let account = &stack.names.account;
    let print = |part: usize| {
        stack.run(&[&["policy", "--expect-account", account, "--part", &part.to_string()], arguments].concat())
    };
    let parts = (1..).map(print).take_while(|ended| ended.code == 0);
    let parts: Vec<_> = parts.map(|ended| ended.document()).collect();
    let sizes: Vec<_> = parts.iter().map(|part| part.to_string().len()).collect();
    assert!(sizes.iter().all(|size| *size <= 6_144), "{sizes:?} characters are no managed policies");
    parts
}

/// The policy, each of its statements alone.
fn statements(stack: &Stack, arguments: &[&str]) -> Vec<(Policy, BTreeSet<String>)> {
    let account = &stack.names.account;
    let parts = parts(stack, arguments);
    let whole = stack.run(&[&["policy", "--expect-account", account], arguments].concat()).expect(0);
    let all = parts.iter().flat_map(|part| part["Statement"].as_array().unwrap());
    assert_eq!(all.clone().count(), whole.document()["Statement"].as_array().unwrap().len());
    assert_eq!(whole.stderr.contains("--part $n`"), parts.len() > 1, "{}", whole.stderr);
    let of = |statement: &Value| {
        let mut statement = statement.clone();
        statement["Sid"] = json!("S");
        let actions = statement["Action"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned());
        let actions = actions.collect();
        (Policy::seconded(&json!({"Version": "2012-10-17", "Statement": [statement]})), actions)
    };
    all.map(of).collect()
}

/// What a call on a file of `verify` needs: of other objects the stack's commands know no keys.
fn of_canaries(names: &Names, call: &Value) -> Option<Vec<Needed>> {
    let (service, operation) = (call["service"].as_str()?, call["op"].as_str()?);
    let resource = call["resource"].as_str()?;
    if service != "s3" || !resource.contains(contract::canary::FOLDER) {
        return None;
    }
    let key = format!("arn:aws:kms:{}:{}:key/0", names.region, names.account);
    if operation == "PutObject" {
        let via = vec![("kms:ViaService", format!("s3.{}.amazonaws.com", names.region))];
        let put = ("s3:PutObject".to_owned(), format!("arn:aws:s3:::{resource}"), vec![]);
        return Some(vec![put, ("kms:GenerateDataKey".to_owned(), key, via)]);
    }
    Some(Call { facts: call, names, key: &key, results_key: "" }.needs())
}

/// Evaluates what was called since the proxy last forgot; gives the actions that no call has used.
pub fn unused(stack: &Stack, arguments: &[&str]) -> BTreeSet<String> {
    let (names, text) = (&stack.names, |value: &Value| value.as_str().unwrap_or_default().to_owned());
    let mut needs = BTreeSet::new();
    for call in stack.proxy.log() {
        let [service, operation, resource] = ["service", "op", "resource"].map(|member| text(&call[member]));
        let of_stack = || {
            let arns = |action: String| {
                arns(names, &service, &action, &resource).into_iter().map(move |arn| (action.clone(), arn, vec![]))
            };
            actions(&service, &operation).into_iter().flat_map(arns).collect()
        };
        let needed = of_canaries(names, &call).unwrap_or_else(of_stack);
        needs.extend(needed.into_iter().map(|need| (service.clone(), operation.clone(), need)));
    }
    let statements = statements(stack, arguments);
    let mut used = BTreeMap::<usize, BTreeSet<String>>::new();
    for (service, operation, (action, arn, context)) in &needs {
        let request = request(names, service, action, arn);
        let request = context.iter().fold(request, |request, (key, value)| request.with(key, value));
        let allows: Vec<_> = (0..statements.len()).filter(|at| statements[*at].0.allows(&request)).collect();
        assert!(!allows.is_empty(), "{operation}: {action} on {arn} is not allowed");
        for at in allows {
            used.entry(at).or_default().insert(action.clone());
        }
    }
    let of_statement = |(at, (_, actions)): (usize, &(Policy, BTreeSet<String>))| {
        let none = BTreeSet::new();
        actions.difference(used.get(&at).unwrap_or(&none)).cloned().collect::<Vec<_>>()
    };
    statements.iter().enumerate().flat_map(of_statement).collect()
}

/// Up around a bucket that is there, everything changed and repaired, down with data, locks and work in
/// progress, up with the same key, and down.
#[tokio::test]
async fn every_call_is_allowed_and_nothing_else() {
    let stack = Stack::new().whole();
    let (aws, names) = (&stack.aws, &stack.names);
    let analytics = names.bucket(Zone::Analytics);
    let region = CreateBucketConfiguration::builder().location_constraint(REGION.into()).build();
    let create = aws.s3.create_bucket().bucket(&analytics).create_bucket_configuration(region);
    create.object_lock_enabled_for_bucket(true).send().await.unwrap();
    // Tags that are not declared any more are taken away again.
    stack.run(&["up", "--email", "ops@example.com", "--adopt", "--tag", "Owner=ops"]).expect(0);
    change_everything(&stack).await;
    let update = aws.lambda.update_function_code().function_name(names.function());
    update.zip_file(Blob::new(EMPTY_ZIP)).send().await.unwrap();
    stack.up();
    let put = aws.s3.put_object().bucket(&analytics).key("k").body(b"x".to_vec().into());
    put.object_lock_legal_hold_status(ObjectLockLegalHoldStatus::On).send().await.unwrap();
    aws.s3.create_multipart_upload().bucket(&analytics).key("k").send().await.unwrap();
    // Longer than any run, also where waits take a hundredth of their time.
    let waits = json!({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 100_000, "End": true}}});
    let update = aws.sfn.update_state_machine().state_machine_arn(names.state_machine_arn());
    update.definition(waits.to_string()).send().await.unwrap();
    aws.sfn.start_execution().state_machine_arn(names.state_machine_arn()).send().await.unwrap();
    stack.run(&["down", "--delete-data", "--yes"]).expect(1);
    let free = ObjectLockLegalHold::builder().status(ObjectLockLegalHoldStatus::Off).build();
    // What a `verify` that was killed has left.
    aws.sqs.create_queue().queue_name(names.verify_queue("0a1b2c3d")).send().await.unwrap();
    aws.s3.put_object_legal_hold().bucket(&analytics).key("k").legal_hold(free).send().await.unwrap();
    stack.run(&["down", "--delete-data", "--yes"]).expect(0);
    stack.up();
    // With it, IAM does not let the role go at once.
    let attach = aws.iam.attach_role_policy().role_name(names.role("trigger"));
    attach.policy_arn("arn:aws:iam::aws:policy/ReadOnlyAccess").send().await.unwrap();
    stack.run(&["down"]).expect(0);
    let known = NOT_SEEN.map(|(action, _)| action).into_iter().chain(OF_MACIE).map(str::to_owned);
    assert_eq!(unused(&stack, &["--delete-data"]), known.collect());
}

/// Whoever looks can change nothing; whoever decides or keeps it going can do that, and nothing of the stack's.
#[tokio::test]
async fn people_get_what_their_commands_need() {
    let stack = Stack::new();
    let actions = |purposes: &[&str]| -> BTreeSet<String> {
        let purposes: Vec<_> = purposes.iter().flat_map(|purpose| ["--for", purpose]).collect();
        statements(&stack, &purposes).into_iter().flat_map(|(_, actions)| actions).collect()
    };
    let reader = ["status", "doctor", "list", "held", "show", "report"];
    let people = [
        ("reader", &[][..], &[][..]),
        (
            "analyst",
            &["release", "discard"],
            &[
                "events:PutEvents",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
                "kms:GenerateDataKey",
                "s3:AbortMultipartUpload",
                "s3:DeleteObjectVersion",
                "s3:PutObject",
                "s3:PutObjectTagging",
            ],
        ),
        (
            "operator",
            &["judge", "verify"],
            &[
                "kms:GenerateDataKey",
                "s3:DeleteObjectVersion",
                "s3:PutObject",
                "sns:Subscribe",
                "sns:Unsubscribe",
                "sqs:CreateQueue",
                "sqs:DeleteMessage",
                "sqs:DeleteQueue",
                "sqs:ReceiveMessage",
                "sqs:TagQueue",
                "states:StartExecution",
                "states:StopExecution",
            ],
        ),
    ];
    for (who, commands, writes) in people {
        let allowed = actions(&[who]);
        assert_eq!(allowed, actions(&[&reader[..], commands].concat()), "{who}");
        let reads = ["Describe", "Filter", "Get", "List", "Simulate"];
        let is_read = |action: &&String| reads.iter().any(|verb| action.split(':').nth(1).unwrap().starts_with(verb));
        let is_decrypt = |action: &&String| *action == "kms:Decrypt";
        let others = allowed.iter().filter(|action| !is_read(action) && !is_decrypt(action));
        assert_eq!(others.map(String::as_str).collect::<BTreeSet<_>>(), writes.iter().copied().collect(), "{who}");
    }
}

/// However much is asked for, each part fits a managed policy, and together they are the whole.
#[tokio::test]
async fn with_every_option_each_part_fits() {
    const OPTIONS: &str = "emails = ['ops@example.com']\n[macie]\nmode = 'on'\n[tags]\nOwner = 'ops'\n\
        [notify]\nhttps = ['https://hooks.example.com/held']\nprune_emails = true\n\
        [iam]\npermissions_boundary = 'arn:aws:iam::000000000000:policy/boundary'\npath = '/corp/vault/'\n\
        role_prefix = 'corporation-'\n\
        [function]\nreserved_concurrency = 50\nsubnet_ids = ['subnet-0a1b2c3d4e5f60718']\n\
        security_group_ids = ['sg-0a1b2c3d4e5f60718']\n\
        code_signing_config_arn = 'arn:aws:lambda:eu-west-1:000000000000:code-signing-config:csc-0a1b2c3d4e5f60718'\n\
        [buckets]\nprefix = 'corporation-'\n\
        [vault]\nreleasers = ['arn:aws:iam::000000000000:role/analyst', 'arn:aws:iam::000000000000:role/second-*']\n\
        approvals = 2\ndeployers = ['arn:aws:iam::000000000000:role/deploy']\n\
        legal_holders = ['arn:aws:iam::000000000000:role/counsel']\nobject_lock = { mode = 'GOVERNANCE', days = 30 }\n\
        [vault.replication]\nbucket = 'arn:aws:s3:::vault-copy'\nrole = 'arn:aws:iam::000000000000:role/corp/replicate-vault'\n\
        kms_key = 'arn:aws:kms:eu-central-1:210987654321:key/0a1b2c3d-0000-4000-8000-0123456789ab'\naccount = '210987654321'\n\
        [held]\nreaders = ['arn:aws:iam::000000000000:role/auditor']\n\
        [ingress]\nwriters = ['arn:aws:iam::210987654321:role/partner']\nsources = ['old-data', 'older-data']\n\
        kms_keys = ['arn:aws:kms:eu-west-1:000000000000:key/0a1b2c3d-0000-4000-8000-0123456789ab']\n";
    let stack = Stack::new();
    let path = std::env::temp_dir().join(format!("cvault-options-{}.toml", stack.names.id));
    std::fs::write(&path, OPTIONS).unwrap();
    let commands =
        ["up", "down", "verify", "doctor", "list", "gc", "held", "show", "release", "discard", "judge", "report"];
    let purposes: Vec<_> = commands.iter().flat_map(|command| ["--for", *command]).collect();
    let given = [&purposes[..], &["--delete-data", "--config", path.to_str().unwrap()]].concat();
    let print = [&["policy", "--expect-account", &stack.names.account], &given[..]].concat();
    let count = |document: &Value| document["Statement"].as_array().unwrap().len();
    let whole = count(&stack.run(&print).expect(0).document());
    let parts: Vec<_> = parts(&stack, &given).iter().map(count).collect();
    assert!(parts.len() > 1 && parts.iter().sum::<usize>() == whole, "{parts:?} of {whole} statements");
    std::fs::remove_file(path).unwrap();
}

/// Once the key is there: everything is repaired without the rights to make keys and to tag them.
#[tokio::test]
async fn an_existing_key_needs_no_right_over_others() {
    let stack = Stack::new().whole();
    stack.up();
    change_everything(&stack).await;
    stack.proxy.forget();
    stack.up();
    let existing = &["--for", "up", "--existing-key"];
    let _ = unused(&stack, existing);
    let printed = |arguments: &[&str]| {
        stack.run(&[&["policy", "--expect-account", "000000000000"], arguments].concat()).expect(0)
    };
    let [whole, narrow] = [printed(&["--for", "up"]), printed(existing)];
    for action in ["kms:CreateKey", "kms:TagResource"] {
        assert!(whole.stdout.contains(action) && !narrow.stdout.contains(action), "{action}");
    }
    let warns = |printed: &Ended| printed.stderr.contains("every key");
    assert!(warns(&whole) && !warns(&narrow), "{}", whole.stderr + &narrow.stderr);
    assert!(printed(&["--for", "down"]).stderr.is_empty());
}

/// `up` removes some of what is switched off, and a retention: its own policy has what that needs.
#[tokio::test]
async fn what_is_not_declared_any_more_may_go() {
    let stack = Stack::new().whole();
    let file = std::env::temp_dir().join(format!("cvault-less-{}.toml", stack.names.id));
    let config = ["--config", file.to_str().unwrap()];
    let emails = "emails = ['ops@example.com']\n";
    std::fs::write(&file, format!("{emails}[vault]\nobject_lock = {{ mode = 'GOVERNANCE', days = 1 }}\n")).unwrap();
    stack.run(&[&["up"], &config[..]].concat()).expect(0);
    stack.proxy.forget();
    std::fs::write(&file, format!("{emails}[alarms]\nsweeps = false\ndashboard = false\n")).unwrap();
    stack.run(&[&["up"], &config[..]].concat()).expect(0);
    let writes = stack.proxy.writes().join(" ");
    for call in ["PutObjectLockConfiguration", "DeleteAlarms", "DeleteDashboards"] {
        assert!(writes.contains(call), "{call}: {writes}");
    }
    let _ = unused(&stack, &[&["--for", "up"], &config[..]].concat());
    // Where Macie is not used any more.
    let allowed: Vec<_> = statements(&stack, &[&["--for", "up"], &config[..]].concat());
    let may = |action: &str, arn: &str| {
        let service = action.split(':').next().unwrap();
        let of_function =
            request(&stack.names, service, action, arn).with("lambda:FunctionArn", &stack.names.function_arn());
        allowed.iter().any(|(policy, _)| policy.allows(&of_function))
    };
    let (job, names) = (stack.names.macie_job_machine_arn(), &stack.names);
    assert!(may("states:DeleteStateMachine", &job) && may("sqs:DeleteQueue", &names.macie_queue_arn()));
    assert!(may("states:StopExecution", &format!("{}:x", job.replace(":stateMachine:", ":execution:"))));
    assert!(may("lambda:DeleteEventSourceMapping", &names.event_source_mapping_arn("0a1b2c3d")));
    // Nothing of a stack whose id ends alike.
    let other = Names { id: format!("prod-{}", names.id), ..names.clone() };
    for (action, own, others) in [
        ("iam:PutRolePolicy", names.role_arn("trigger"), other.role_arn("trigger")),
        ("events:PutTargets", names.rule_arn("ingress"), other.rule_arn("ingress")),
        ("states:UpdateStateMachine", names.express_arn(), other.express_arn()),
    ] {
        assert!(may(action, &own) && !may(action, &others), "{action} on {others}");
    }
    for (action, arn) in [
        ("states:DeleteStateMachine", names.state_machine_arn()),
        ("sqs:DeleteQueue", names.notices_arn()),
        ("lambda:DeleteFunction", names.role_arn("classifier")),
        ("s3:DeleteBucket", names.bucket_arn(Zone::Vault)),
    ] {
        assert!(!may(action, &arn), "{action} on {arn}");
    }
    std::fs::remove_file(file).unwrap();
}

/// The role that S3 is to assume is handed to S3 alone, and no other one is, where it is declared.
#[tokio::test]
async fn a_replication_needs_its_role() {
    let stack = Stack::new().whole();
    let file = std::env::temp_dir().join(format!("cvault-replicated-{}.toml", stack.names.id));
    // Of a bucket that is not there the emulator asks nothing.
    std::fs::write(&file, replication::declaration(&stack, "elsewhere")).unwrap();
    let declared = ["--config", file.to_str().unwrap()];
    stack.run(&[&["up"], &declared[..]].concat()).expect(0);
    let _ = unused(&stack, &[&["--for", "up"], &declared[..]].concat());
    let to_s3 = |arguments: &[&str]| -> Vec<Value> {
        let account = &stack.names.account;
        let printed = stack.run(&[&["policy", "--for", "up", "--expect-account", account], arguments].concat());
        let all = printed.expect(0).document();
        let of_s3 = |it: &&Value| it["Condition"]["StringEquals"]["iam:PassedToService"] == "s3.amazonaws.com";
        all["Statement"].as_array().unwrap().iter().filter(of_s3).cloned().collect()
    };
    let role = format!("arn:aws:iam::{}:role/{}", stack.names.account, replication::ROLE);
    let [passed] = &to_s3(&declared)[..] else { panic!("one statement is about it") };
    assert_eq!((&passed["Action"], &passed["Resource"]), (&json!(["iam:PassRole"]), &json!([role])));
    assert!(to_s3(&[]).is_empty());
    stack.proxy.forget();
    stack.up();
    let writes = stack.proxy.writes();
    assert!(writes.len() == 1 && writes[0].starts_with("s3:DeleteBucketReplication "), "{writes:?}");
    let _ = unused(&stack, &["--for", "up"]);
    std::fs::remove_file(file).unwrap();
}

/// For `status` alone: reading, and nothing else.
#[tokio::test]
async fn status_reads_only() {
    let stack = Stack::new().whole();
    stack.up();
    stack.proxy.forget();
    stack.run(&["status"]).expect(0);
    stack.aws.kms.delete_alias().alias_name(stack.names.key_alias()).send().await.unwrap();
    stack.run(&["status"]).expect(2);
    let reads = OF_MACIE.into_iter().filter(|action| action.contains(":Get") || action.contains("ListCustom"));
    assert_eq!(unused(&stack, &["--for", "status"]), reads.map(str::to_owned).collect());
    stack.up();
}

/// Enabled, suspended and resumed; an identifier made, changed and removed; a job cancelled.
#[tokio::test]
async fn every_call_of_macie_is_allowed() {
    let macie = Macie::new();
    let stack = Stack::with(&macie);
    let file = std::env::temp_dir().join(format!("cvault-policy-{}.toml", stack.names.id));
    let custom = |regex: &str| {
        let custom = format!("[[sensitive.custom_identifiers]]\nname = 'Badge'\nregex = '{regex}'\n");
        std::fs::write(&file, format!("emails = ['ops@example.com']\n{custom}")).unwrap();
    };
    let run = |arguments: &[&str]| stack.run(&[arguments, &["--config", file.to_str().unwrap()]].concat()).expect(0);
    custom("B-[0-9]{4}");
    run(&["up", "--enable-macie", "--tag", "Owner=ops"]);
    let made = macie.call("ListCustomDataIdentifiers", &json!({}))["items"][0]["arn"].clone();
    let theirs = ["UpdateMacieSession", "UntagResource", "CreateClassificationJob"];
    macie.call(theirs[0], &json!({"status": "PAUSED"}));
    run(&["up", "--enable-macie"]);
    macie.call(theirs[1], &json!({"resourceArn": made, "tagKeys": ["cvault:stack"]}));
    run(&["up"]);
    custom("B-[0-9]{5}");
    run(&["up"]);
    macie.settings(&json!({"job_seconds": 600}));
    let buckets = json!([{"accountId": macie.account, "buckets": [stack.names.bucket(Zone::Analytics)]}]);
    let job = json!({"name": "cvault-0a1b", "clientToken": "0a1b", "jobType": "ONE_TIME",
        "s3JobDefinition": {"bucketDefinitions": buckets}});
    macie.call(theirs[2], &job);
    run(&["down"]);

    let called: BTreeSet<_> =
        macie.operations().into_iter().filter(|call| !theirs[2..].contains(&call.as_str())).collect();
    let printed = run(&["policy", "--macie", "on", "--expect-account", &macie.account]).document();
    std::fs::remove_file(&file).unwrap();
    let actions = printed["Statement"].as_array().unwrap().iter().flat_map(|it| it["Action"].as_array().unwrap());
    let allowed = actions.filter_map(|action| action.as_str()?.strip_prefix("macie2:"));
    assert_eq!(allowed.map(str::to_owned).collect::<BTreeSet<_>>(), called);
}

#[tokio::test]
async fn the_trust_is_of_one_repository_and_branch() {
    let stack = Stack::new();
    let policy = |arguments: &[&str]| stack.run(&[&["policy", "--expect-account", "111122223333"], arguments].concat());
    let trust = policy(&["--oidc", "github", "--repo", "example/vault"]).expect(0).document();
    let statement = &trust["Statement"][0];
    assert_eq!(
        statement["Principal"]["Federated"],
        "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    );
    assert_eq!(
        statement["Condition"],
        json!({"StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:example/vault:ref:refs/heads/main"}})
    );
    let github = |runs: &[&str]| policy(&[&["--oidc", "github", "--repo", "example/vault"], runs].concat()).expect(0);
    for (runs, operator, sub) in [
        (&["--environment", "production"][..], "StringEquals", "repo:example/vault:environment:production"),
        (&["--tag", "v*"], "StringLike", "repo:example/vault:ref:refs/tags/v*"),
        (&["--pull-request"], "StringEquals", "repo:example/vault:pull_request"),
    ] {
        let printed = github(runs);
        let condition = &printed.document()["Statement"][0]["Condition"];
        assert_eq!(condition[operator]["token.actions.githubusercontent.com:sub"], sub, "{condition:#}");
        assert_eq!(printed.stderr.contains("v*"), operator == "StringLike", "how wide it is: {}", printed.stderr);
    }
    let gitlab = policy(&["--oidc", "gitlab", "--repo", "example/vault", "--tag", "v1"]).expect(0).document();
    let sub = "project_path:example/vault:ref_type:tag:ref:v1";
    assert_eq!(gitlab["Statement"][0]["Condition"]["StringEquals"]["gitlab.com:sub"], sub, "{gitlab:#}");
    for wrong in ["example", "example/*", "*/vault", "/", "a/b/c"] {
        policy(&["--oidc", "github", "--repo", wrong]).expect(64);
    }
    policy(&["--oidc", "github"]).expect(64);
    policy(&["--branch", "other"]).expect(64);
    // Who we are is known: nobody is asked.
    assert_eq!(stack.proxy.log(), Vec::<Value>::new());
}
