//! The rules of organizations: what a service control policy demands is in the creating call, and `status` and
//! `up` keep to what is declared.

use crate::simulator::{Caller, Policy, Request};
use crate::support::{Configuration, Ended, Stack};
use cvault::vault::names::Zone;
use serde_json::{Value, json};
use std::path::PathBuf;

const UP: &[&str] = &["up", "--email", "ops@example.com"];
const RULES: &[&str] = &["--truths", "s3-readback,scp-tags,scp-boundary,scp-vpc,scp-code-signing,scp-bucket-settings"];

const BOUNDARY: &str = "arn:aws:iam::000000000000:policy/boundary";

const FUNCTION: &str = "[function]\nmemory_mb = 2048\nreserved_concurrency = 5\nsubnet_ids = ['subnet-0b', 'subnet-0a']\n\
    security_group_ids = ['sg-0a']\n\
    code_signing_config_arn = 'arn:aws:lambda:eu-west-1:000000000000:code-signing-config:csc-0a1b2c3d4e5f60718'\nkeep_layers = ['arn:aws:lambda:eu-west-1:464622532012:layer:*']\nkeep_variables = ['DD_*']\n";

/// What others attach, where none is declared.
const SIGNING_OF_OTHERS: &str = "arn:aws:lambda:eu-west-1:000000000000:code-signing-config:csc-00000000000000000";

/// A configuration that keeps the rules.
struct Configured(PathBuf);

impl Configured {
    fn new(stack: &Stack) -> Self {
        let path = std::env::temp_dir().join(format!("cvault-organisation-{}.toml", stack.names.id));
        let iam = format!("permissions_boundary = '{BOUNDARY}'\npath = '/ci/'\nrole_prefix = 'acme-'");
        let people = "[ingress]\nwriters = ['arn:aws:iam::210987654321:role/partner', 'arn:aws:iam::000000000000:role/b*']\n\
                      [held]\nreaders = ['arn:aws:iam::000000000000:role/auditor']\n";
        std::fs::write(&path, format!("[iam]\n{iam}\n[buckets]\nprefix = 'acme-'\n{people}{FUNCTION}")).unwrap();
        Self(path)
    }

    fn option(&self) -> [&str; 2] {
        ["--config", self.0.to_str().unwrap()]
    }
}

impl Drop for Configured {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn up(stack: &Stack, more: &[&str]) -> Ended {
    stack.run(&[UP, more].concat())
}

/// Whose tag of this key differs.
fn differs(stack: &Stack, options: &[&str], key: &str) -> Vec<String> {
    let status = stack.run(&[&["status", "--output", "json"], options].concat()).document();
    let path = Value::from(format!("/Tags/{key}"));
    let has = |step: &&Value| step["differences"].as_array().unwrap().iter().any(|it| it["path"] == path);
    let resources = status["resources"].as_array().unwrap();
    resources.iter().filter(has).map(|step| step["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_it_demands_is_in_the_creating_call() {
    let mut stack = Stack::behind(RULES);
    let file = Configured::new(&stack);
    let prefix = || "acme-".to_owned();
    (stack.names.role_path, stack.names.role_prefix, stack.names.bucket_prefix) = ("/ci/".into(), prefix(), prefix());
    let (aws, names) = (&stack.aws, &stack.names);
    let refused = up(&stack, &[]).expect(1);
    assert!(refused.stderr.contains("service control policy"), "{}", refused.stderr);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
    let [config, path] = file.option();
    let tags = [config, path, "--tag", "CostCenter=4711", "--tag", "Owner=the ops"];
    let dotenv = file.0.with_extension("env");
    up(&stack, &[&tags[..], &["--dotenv", dotenv.to_str().unwrap()]].concat()).expect(0);
    let outputs = std::fs::read_to_string(&dotenv).unwrap();
    std::fs::remove_file(dotenv).unwrap();
    let bucket = format!("CV_VAULT_BUCKET={}\n", names.bucket(Zone::Vault));
    assert!(outputs.contains(&bucket) && outputs.contains("CV_KEY_ARN=arn:aws:kms:"), "{outputs}");
    assert!(outputs.ends_with("CV_CHANGED=true\n"), "{outputs}");
    stack.proxy.forget();
    up(&stack, &tags).expect(0);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "law 1");

    let (role, vault) = (names.role("trigger"), names.bucket(Zone::Vault));
    let theirs = aws_sdk_iam::types::Tag::builder().key("Theirs").value("x").build().unwrap();
    let changed = aws_sdk_iam::types::Tag::builder().key("Owner").value("me").build().unwrap();
    aws.iam.tag_role().role_name(&role).tags(theirs).tags(changed).send().await.unwrap();
    let mut tagging = aws.s3.get_bucket_tagging().bucket(&vault).send().await.unwrap().tag_set;
    tagging.push(aws_sdk_s3::types::Tag::builder().key("Theirs").value("x").build().unwrap());
    let tagging = aws_sdk_s3::types::Tagging::builder().set_tag_set(Some(tagging)).build().unwrap();
    aws.s3.put_bucket_tagging().bucket(&vault).tagging(tagging).send().await.unwrap();
    assert_eq!(differs(&stack, &tags, "Owner"), ["role/trigger"]);
    let fewer = &tags[..4];
    let status = stack.run(&[&["status", "--output", "json"], fewer].concat()).document();
    let all = status["resources"].as_array().unwrap().len() - 1;
    assert_eq!(differs(&stack, fewer, "Owner").len(), all, "all but the subscription are to lose it");
    aws.iam.delete_role_permissions_boundary().role_name(&role).send().await.unwrap();
    up(&stack, fewer).expect(0);
    stack.run(&[&["status"], fewer].concat()).expect(0);
    let found = aws.iam.get_role().role_name(&role).send().await.unwrap().role.unwrap();
    assert_eq!(found.path, "/ci/");
    assert_eq!(found.permissions_boundary.unwrap().permissions_boundary_arn.as_deref(), Some(BOUNDARY));

    let of_role = aws.iam.list_role_tags().role_name(&role).send().await.unwrap().tags;
    let of_bucket = aws.s3.get_bucket_tagging().bucket(&vault).send().await.unwrap().tag_set;
    let keys: [Vec<_>; 2] = [
        of_role.iter().map(|tag| tag.key().to_owned()).collect(),
        of_bucket.iter().map(|tag| tag.key().to_owned()).collect(),
    ];
    for keys in keys {
        let has = |key: &str| keys.iter().any(|it| it == key);
        assert!(has("Theirs") && has("CostCenter") && !has("Owner"), "law 8: {keys:?}");
    }
    keeps_what_others_bring(&stack, fewer).await;
    // Where nobody declares it, a stop is no drift, and stands.
    let text = std::fs::read_to_string(&file.0).unwrap().replace("reserved_concurrency = 5\n", "");
    std::fs::write(&file.0, text.replace("code_signing_config_arn", "# code_signing_config_arn")).unwrap();
    let signing = aws.lambda.put_function_code_signing_config().function_name(names.function());
    signing.code_signing_config_arn(SIGNING_OF_OTHERS).send().await.unwrap();
    // A newer version has made it; and somebody has stopped the function.
    let (function, stamp) = (names.function_arn(), "cvault:version");
    let tag = |value: &str| aws.lambda.tag_resource().resource(&function).tags(stamp, value).send();
    let stop = aws.lambda.put_function_concurrency().function_name(names.function());
    stop.reserved_concurrent_executions(0).send().await.unwrap();
    let stopped = stack.run(&[&["status"], fewer].concat()).expect(2);
    assert!(
        stopped.stdout.contains("stuck") && stopped.stdout.contains("reserved concurrency is 0"),
        "{}",
        stopped.stdout
    );
    tag("99.0.0 x").await.unwrap();
    stack.proxy.forget();
    let refused = up(&stack, fewer).expect(4);
    assert!(refused.stderr.contains("99.0.0") && refused.stderr.contains("--downgrade"), "{}", refused.stderr);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    up(&stack, &[fewer, &["--downgrade"]].concat()).expect(0);
    let signing = aws.lambda.get_function_code_signing_config().function_name(names.function()).send().await.unwrap();
    assert_eq!(signing.code_signing_config_arn, SIGNING_OF_OTHERS, "law 8");
    // A path cannot be changed.
    std::fs::write(&file.0, std::fs::read_to_string(&file.0).unwrap().replace("/ci/", "/other/")).unwrap();
    stack.proxy.forget();
    up(&stack, fewer).expect(4);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    stack.run(&["down", config, path]).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

/// Layers and variables that are named stay, others go; what is declared of the function is repaired around them.
async fn keeps_what_others_bring(stack: &Stack, options: &[&str]) {
    let (lambda, name) = (&stack.aws.lambda, stack.names.function());
    let is = || lambda.get_function_configuration().function_name(&name).send();
    let found = is().await.unwrap();
    assert_eq!((found.memory_size, found.vpc_config.unwrap().subnet_ids.unwrap().len()), (Some(2048), 2));
    let mut variables = found.environment.unwrap().variables.unwrap();
    variables.extend([("DD_SITE", "x"), ("THEIRS", "x")].map(|(name, value)| (name.to_owned(), value.to_owned())));
    let environment = aws_sdk_lambda::types::Environment::builder().set_variables(Some(variables)).build();
    let layer = "arn:aws:lambda:eu-west-1:464622532012:layer:Datadog:1";
    let update = lambda.update_function_configuration().function_name(&name).environment(environment).layers(layer);
    update.vpc_config(aws_sdk_lambda::types::VpcConfig::builder().build()).send().await.unwrap();
    lambda.delete_function_concurrency().function_name(&name).send().await.unwrap();
    let signing = || lambda.get_function_code_signing_config().function_name(&name).send();
    let declared = signing().await.unwrap().code_signing_config_arn;
    assert!(FUNCTION.contains(&declared) && !declared.is_empty(), "in the creating call: {declared}");
    lambda.delete_function_code_signing_config().function_name(&name).send().await.unwrap();
    let drifted = stack.run(&[&["status"], options].concat()).expect(2).stdout;
    let of = |path: &str| drifted.contains(path);
    assert!(of("/VpcConfig") && of("/ReservedConcurrentExecutions") && of("/Environment/THEIRS"), "{drifted}");
    assert!(of("/CodeSigningConfigArn"), "{drifted}");
    assert!(!of("DD_SITE") && !of("/Layers"), "{drifted}");
    up(stack, options).expect(0);
    let found = is().await.unwrap();
    let variables = found.environment.unwrap().variables.unwrap();
    assert!(variables.contains_key("DD_SITE") && !variables.contains_key("THEIRS"), "{variables:?}");
    assert_eq!(found.layers.unwrap().len(), 1);
    assert_eq!(signing().await.unwrap().code_signing_config_arn, declared);
    stack.run(&[&["status"], options].concat()).expect(0);
}

/// A stack whose function was declared to be in a VPC.
fn in_a_vpc() -> Stack {
    let stack = Stack::new();
    let quiet = include_str!("support/quiet/cvault.toml");
    let declared = "[function]\nsubnet_ids = ['subnet-0a']\nsecurity_group_ids = ['sg-0a']\n";
    let config = Configuration::of(&stack, &format!("{quiet}\n{declared}"));
    stack.run(&[UP, &["--config", config.path()]].concat()).expect(0);
    stack
}

/// Where nobody declares a VPC any more the function stays in it, and AWS needs its rights there.
#[tokio::test]
async fn a_function_keeps_the_rights_that_it_needs_in_its_vpc() {
    let stack = in_a_vpc();
    stack.proxy.forget();
    up(&stack, &[]).expect(0);
    stack.run(&["status"]).expect(0);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "it stays as it is");
    let (iam, lambda, names) = (&stack.aws.iam, &stack.aws.lambda, &stack.names);
    let policy = || iam.get_role_policy().role_name(names.role("classifier")).policy_name("cvault").send();
    assert!(policy().await.unwrap().policy_document.contains("CreateNetworkInterface"));
    // What is repaired of its role alone is as it was made, too.
    let write = iam.put_role_policy().role_name(names.role("classifier")).policy_name("cvault");
    let nothing = json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*"});
    let nothing = json!({"Version": "2012-10-17", "Statement": [nothing]});
    write.policy_document(nothing.to_string()).send().await.unwrap();
    up(&stack, &[]).expect(0);
    assert!(policy().await.unwrap().policy_document.contains("CreateNetworkInterface"));
    // Somebody takes it out.
    let update = lambda.update_function_configuration().function_name(names.function());
    update.vpc_config(aws_sdk_lambda::types::VpcConfig::builder().build()).send().await.unwrap();
    assert!(stack.drifted().iter().all(|path| path.starts_with("role/classifier/Policies/cvault/")));
    up(&stack, &[]).expect(0);
    assert!(!policy().await.unwrap().policy_document.contains("CreateNetworkInterface"));
    stack.run(&["status"]).expect(0);
}

/// Law 3: with its role the function is made again, where it is declared to be. Killed in between, the role was made and the function
/// is still the old one, in its VPC.
#[tokio::test]
async fn a_function_that_is_made_again_is_where_it_is_declared_to_be() {
    let stack = in_a_vpc();
    let (iam, role) = (&stack.aws.iam, stack.names.role("classifier"));
    iam.delete_role_policy().role_name(&role).policy_name("cvault").send().await.unwrap();
    iam.delete_role().role_name(&role).send().await.unwrap();
    let dies = json!({"faults": [{"op": "DeleteFunction", "nth": [1], "die": "before"}]});
    assert!(stack.killed(UP, &dies));
    up(&stack, &[]).expect(0);
    let policy = iam.get_role_policy().role_name(&role).policy_name("cvault").send().await.unwrap();
    assert!(!policy.policy_document.contains("CreateNetworkInterface"));
    stack.proxy.forget();
    up(&stack, &[]).expect(0);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "law 1");
}

#[test]
fn no_role_is_made_or_given_rights_without_its_boundary() {
    let stack = Stack::new();
    let file = Configured::new(&stack);
    let [config, path] = file.option();
    let account = &stack.names.account;
    let printed = stack.run(&["policy", "--for", "up", "--expect-account", account, config, path]).expect(0).document();
    let mut policy = printed.clone();
    for (number, statement) in policy["Statement"].as_array_mut().unwrap().iter_mut().enumerate() {
        statement["Sid"] = json!(format!("S{number}"));
    }
    let policy = Policy::seconded(&policy);
    let role = format!("arn:aws:iam::{account}:role/ci/acme-cyber_vault-trigger-{}", stack.names.id);
    let request =
        |action: &str| Request::new(Caller::Aws(format!("arn:aws:iam::{account}:role/deployer")), action, &role);
    for action in ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"] {
        let under = |boundary: &str| policy.allows(&request(action).with("iam:PermissionsBoundary", boundary));
        assert!(under(BOUNDARY), "{action}");
        assert!(!under("arn:aws:iam::aws:policy/AdministratorAccess") && !policy.allows(&request(action)), "{action}");
    }
    assert!(!policy.allows(&request("iam:DeleteRolePermissionsBoundary")));
    let of_function = |action: &str, resource: &str| {
        let caller = Caller::Aws(format!("arn:aws:iam::{account}:role/deployer"));
        policy.allows(&Request::new(caller, action, resource))
    };
    let function = stack.names.function_arn();
    let declared = FUNCTION.split('\'').find(|part| part.contains("code-signing-config")).unwrap();
    for resource in [&*function, declared] {
        assert!(of_function("lambda:PutFunctionCodeSigningConfig", resource), "{resource}");
    }
    assert!(!of_function("lambda:PutFunctionCodeSigningConfig", SIGNING_OF_OTHERS));
    assert!(!of_function("lambda:DeleteFunctionCodeSigningConfig", &function));
}

/// The state machines' log groups have the class that is wanted when they are made, and keep it; nobody reads single events of
/// them, as everybody does of the function's.
#[tokio::test]
async fn log_groups_have_their_class_from_the_beginning() {
    let stack = Stack::new();
    let quiet = include_str!("support/quiet/cvault.toml");
    let cheap = Configuration::of(&stack, &format!("{quiet}\n[logs]\nclass = 'INFREQUENT_ACCESS'\n"));
    stack.run(&[UP, &["--config", cheap.path()]].concat()).expect(0);
    stack.run(&["status", "--config", cheap.path()]).expect(0);
    let names = &stack.names;
    let groups = [names.classifier_log_group(), names.orchestrator_log_group(), names.sweep_log_group()];
    for (group, class) in groups.iter().zip(["STANDARD", "INFREQUENT_ACCESS", "INFREQUENT_ACCESS"]) {
        let described = stack.aws.logs.describe_log_groups().log_group_name_prefix(group).send().await.unwrap();
        assert_eq!(described.log_groups()[0].log_group_class().unwrap().as_str(), class, "{group}");
    }
    let paths = ["log-group/orchestrator/logGroupClass", "log-group/sweep/logGroupClass"];
    assert_eq!(stack.drifted(), paths, "by default it is the standard one");
    let classifier = &groups[0];
    stack.aws.logs.delete_retention_policy().log_group_name(classifier).send().await.unwrap();
    stack.proxy.forget();
    for options in [&["--dry-run"][..], &[]] {
        let refused = stack.run(&[UP, options].concat()).expect(4);
        assert!(
            refused.stderr.contains("from its creation on") && refused.stderr.contains("logs.class"),
            "{refused:?}"
        );
    }
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "nothing else is repaired meanwhile");
    stack.run(&["up", "--config", cheap.path()]).expect(0);
}
