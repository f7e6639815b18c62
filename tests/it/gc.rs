//! `cvault gc` and `up --expires`: what has expired goes, and nothing else does.

use crate::matrix;
use crate::policy::unused;
use crate::support::program::{self, Ended};
use crate::support::{REGION, Stack, trials};
use aws_sdk_s3::types::{Tag, Tagging};
use cvault::vault::names::Zone;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

const PAST: &str = "2026-01-01T00:00:00Z";
const UP: &[&str] = &["up", "--email", "ops@example.com", "--expires", "9d"];
const COLLECT: &[&str] = &["gc", "--delete-data", "--yes"];

/// Runs `cvault` for the whole account, and for no stack in particular.
fn run(stack: &Stack, arguments: &[&str]) -> Ended {
    let mut command = program::command(&stack.proxy.endpoint(), arguments);
    command.env("AWS_ACCESS_KEY_ID", &stack.names.account).output().unwrap().into()
}

/// The expiry of each bucket, as its tag says it.
async fn expiries(stack: &Stack) -> Vec<Option<String>> {
    let mut found = vec![];
    for zone in Zone::ALL {
        let tags = stack.aws.s3.get_bucket_tagging().bucket(stack.names.bucket(zone)).send().await.unwrap();
        found.push(tags.tag_set.into_iter().find(|tag| tag.key == "cvault:expires").map(|tag| tag.value));
    }
    found
}

/// Lets the time pass.
async fn expire(stack: &Stack, names: &cvault::vault::names::Names) {
    tag(stack, names, "cvault:expires", Some(PAST)).await;
}

/// Sets a tag of the buckets, or takes it away.
async fn tag(stack: &Stack, names: &cvault::vault::names::Names, key: &str, value: Option<&str>) {
    for zone in Zone::ALL {
        let s3 = &stack.aws.s3;
        let mut tags = s3.get_bucket_tagging().bucket(names.bucket(zone)).send().await.unwrap().tag_set;
        tags.retain(|tag| tag.key != key);
        tags.extend(value.map(|value| Tag::builder().key(key).value(value).build().unwrap()));
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build().unwrap();
        s3.put_bucket_tagging().bucket(names.bucket(zone)).tagging(tagging).send().await.unwrap();
    }
}

/// The state of each stack of an answer.
fn states(ended: &Ended) -> Vec<(String, String)> {
    let text = |row: &Value, member: &str| row[member].as_str().unwrap_or_default().to_owned();
    let rows = ended.lines().into_iter().filter(|row| row["type"] == "expired");
    rows.map(|row| (text(&row, "stack"), text(&row, "state"))).collect()
}

/// The tag is written in the creating calls, no difference afterwards, moved by `up --expires` alone.
#[tokio::test]
async fn an_expiry_is_of_the_run_that_says_it() {
    let stack = Stack::apart(&["--truths", "none"]);
    let until = "2099-12-24T18:00:00Z";
    stack.run(&["up", "--email", "ops@example.com", "--expires", until]).expect(0);
    assert!(!stack.proxy.writes().iter().any(|call| call.contains("PutBucketTagging")), "it is in the creating calls");
    assert_eq!(expiries(&stack).await, vec![Some(until.to_owned()); 3]);
    stack.proxy.forget();
    stack.up();
    stack.run(&["up", "--expires", until]).expect(0);
    assert_eq!((stack.drifted(), stack.proxy.writes()), (vec![], vec![]), "a second up makes no writing call");
    let listed = stack.run(&["list", "--output", "json"]).expect(0).lines().remove(0);
    assert_eq!((&listed["expires"], &listed["expired"]), (&Value::from(until), &Value::from(false)));
    assert!(listed["age_seconds"].is_u64());
    let nothing = run(&stack, &["gc", "--yes"]).expect(0);
    assert!(nothing.stderr.contains("has expired: 1 is in") && stack.proxy.writes().is_empty(), "{}", nothing.stderr);
    stack.run(&["up", "--expires", "9d"]).expect(0);
    let moved = expiries(&stack).await;
    assert!(moved.iter().all(|it| it.as_deref().is_some_and(|it| it < until)), "{moved:?}");
    stack.run(&["up", "--expires", "never"]).expect(0);
    assert_eq!(expiries(&stack).await, vec![None; 3]);
    stack.run(&["up", "--expires", PAST]).expect(64);
}

/// Of three: one is full, one has names of its own, one has not expired.
#[tokio::test]
async fn what_has_expired_goes_and_nothing_else() {
    let stack = Stack::apart(&["--truths", "none"]);
    let (bare, lives) = (stack.beside(), stack.beside());
    let path: PathBuf = std::env::temp_dir().join(format!("cvault-gc-{}.toml", bare.names.id));
    std::fs::write(&path, "[buckets]\nprefix = \"acme-\"\n[iam]\npath = \"/ci/\"\nrole_prefix = \"acme-\"\n").unwrap();
    stack.up();
    lives.up();
    bare.run(&["up", "--email", "ops@example.com", "--config", path.to_str().unwrap()]).expect(0);
    std::fs::remove_file(path).unwrap();
    expire(&stack, &stack.names).await;
    expire(&stack, &cvault::vault::names::Names { bucket_prefix: "acme-".into(), ..bare.names.clone() }).await;
    let put = stack.aws.s3.put_object().bucket(stack.names.bucket(Zone::Analytics)).key("k");
    put.body(b"x".to_vec().into()).send().await.unwrap();
    let of = |stack: &Stack, state: &str| (stack.names.stack.clone(), state.to_owned());
    let sorted = |mut states: Vec<_>| {
        states.sort();
        states
    };

    stack.proxy.forget();
    let planned = run(&stack, &["gc", "--dry-run", "--output", "json"]).expect(2);
    assert_eq!(sorted(states(&planned)), sorted(vec![of(&stack, "kept"), of(&bare, "planned")]));
    let alone = stack.run(&["gc", "--yes", "--output", "json"]).expect(4);
    assert_eq!(states(&alone), [of(&stack, "kept")]);
    assert!(alone.stdout.contains("1 version") && alone.stdout.contains("--delete-data"), "{}", alone.stdout);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "so far nothing was changed");
    // A hint is about that stack, whoever ran it for which.
    let named =
        format!("`cvault gc --stack {} --id {} --region {REGION} --delete-data`", stack.names.stack, stack.names.id);
    // Where all that has expired stays, it ends as the real one would.
    for (arguments, code) in [(&["gc", "--yes"][..], 2), (&["gc", "--yes", "--stack", &stack.names.stack], 4)] {
        let dry_run = [arguments, &["--region", REGION, "--dry-run", "--output", "json"]].concat();
        let told = run(&stack, &dry_run).expect(code);
        assert!(
            told.lines().iter().any(|row| row["fix"].as_str().is_some_and(|fix| fix.contains(&named))),
            "{}",
            told.stdout
        );
    }
    let most = run(&stack, &["gc", "--yes", "--output", "json"]).expect(1);
    assert_eq!(sorted(states(&most)), sorted(vec![of(&stack, "kept"), of(&bare, "removed")]));
    assert_eq!(bare.leftovers().await, Vec::<String>::new());
    assert!(stack.drifted().is_empty() && lives.drifted().is_empty());
    drop(lives);

    stack.proxy.forget();
    assert_eq!(
        states(&run(&stack, &["gc", "--delete-data", "--yes", "--output", "json"]).expect(0)),
        [of(&stack, "removed")]
    );
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
    let unused = unused(&stack, &["--for", "gc", "--delete-data"]);
    for action in [
        "s3:DeleteBucket",
        "s3:DeleteObjectVersion",
        "iam:DeleteRole",
        "kms:ScheduleKeyDeletion",
        "states:ListStateMachines",
    ] {
        assert!(!unused.contains(action), "{action}");
    }
    // With buckets, a key and a topic of others in the configuration it still removes what has its own.
    let path: PathBuf = std::env::temp_dir().join(format!("cvault-gc-{}.toml", stack.names.id));
    std::fs::write(&path, "[existing]\ntopic = 'ops'\nkey = 'alias/lab'\nbuckets = { ingress = 'landing' }\n").unwrap();
    let _ = crate::policy::unused(&stack, &["--for", "gc", "--delete-data", "--config", path.to_str().unwrap()]);
    std::fs::remove_file(path).unwrap();
    let printed = stack.run(&["policy", "--for", "gc", "--expect-account", &stack.names.account]).expect(0).document();
    for statement in printed["Statement"].as_array().unwrap() {
        let (actions, on) = (statement["Action"].to_string(), statement["Resource"].as_array().unwrap());
        // Of objects it may take away what a `verify` has left, and nothing else.
        let of_objects = on.iter().any(|it| it.as_str().is_some_and(|it| it.ends_with("/*") && it.contains(":s3:::")));
        let only_canaries = on.iter().all(|it| it.as_str().is_some_and(|it| it.contains(".cvault/verify/")));
        assert!(!of_objects || only_canaries || !actions.contains("Delete"), "{statement:#}");
        for action in ["Create", "PutBucketTagging", "iam:Put", "PassRole", "s3:PutObject\""] {
            assert!(!actions.contains(action), "{action}: {statement:#}");
        }
    }
}

/// What `down --keep-vault` keeps was asked to be kept.
#[tokio::test]
async fn a_vault_that_is_kept_does_not_expire() {
    let stack = Stack::apart(&["--truths", "none"]);
    stack.run(UP).expect(0);
    let vault = stack.names.bucket(Zone::Vault);
    let put = stack.aws.s3.put_object().bucket(&vault).key("k").body(b"x".to_vec().into());
    put.send().await.unwrap();
    let theirs = Tag::builder().key("Theirs").value("x").build().unwrap();
    let mut tags = stack.aws.s3.get_bucket_tagging().bucket(&vault).send().await.unwrap().tag_set;
    tags.push(theirs.clone());
    let tagging = Tagging::builder().set_tag_set(Some(tags)).build().unwrap();
    stack.aws.s3.put_bucket_tagging().bucket(&vault).tagging(tagging).send().await.unwrap();
    // What is written is what was announced.
    let kept = ["down", "--keep-vault", "--output", "json"];
    let expiry = |plan: &Value| {
        let vault = plan["resources"].as_array().unwrap().iter().find(|step| step["name"] == "bucket/vault").unwrap();
        let paths = vault["differences"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap().to_owned());
        (vault["action"].clone(), paths.collect::<Vec<_>>())
    };
    let goes = ["cvault:classifier-role", "cvault:expires"].map(|tag| format!("/Tags/{tag}")).to_vec();
    let planned = stack.run(&[&kept[..], &["--dry-run"]].concat()).expect(2).document();
    assert_eq!(expiry(&planned), (json!("update"), goes.clone()));
    // Killed behind it, the rest is removed by hand, and by no `gc` that takes the vault along. S3 may have to be asked twice.
    let busy = json!({"op": "PutBucketTagging", "match": 1, "code": "OperationAborted", "message": "in progress", "status": 409});
    stack.proxy.configure(&json!({"faults": [busy]}));
    let summary = stack.run(&kept).expect(0).lines().pop().unwrap();
    assert_eq!(summary["updated"], 1, "{summary}");
    assert_eq!(stack.proxy.calls(|call| call["fault"] == "rule").len(), 1);
    stack.proxy.configure(&json!({"faults": []}));
    let tags = stack.aws.s3.get_bucket_tagging().bucket(&vault).send().await.unwrap().tag_set;
    let keys: Vec<_> = tags.iter().map(|tag| tag.key.as_str()).collect();
    assert!(tags.contains(&theirs) && keys.contains(&"cvault:stack"), "{keys:?}");
    assert!(!keys.contains(&"cvault:expires") && !keys.contains(&"cvault:classifier-role"), "{keys:?}");
    stack.proxy.forget();
    stack.run(&["down", "--keep-vault"]).expect(0);
    assert!(run(&stack, COLLECT).expect(0).stderr.contains("has expired"));
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "law 6");
    // Also where nothing else is to be done.
    let mut tags = stack.aws.s3.get_bucket_tagging().bucket(&vault).send().await.unwrap().tag_set;
    tags.push(Tag::builder().key("cvault:expires").value(PAST).build().unwrap());
    let tagging = Tagging::builder().set_tag_set(Some(tags)).build().unwrap();
    stack.aws.s3.put_bucket_tagging().bucket(&vault).tagging(tagging).send().await.unwrap();
    let planned = stack.run(&[&kept[..], &["--dry-run"]].concat()).expect(2).document();
    assert_eq!(expiry(&planned), (json!("update"), goes[1..].to_vec()));
    let told = stack.run(&["down", "--keep-vault"]).expect(0).stdout;
    assert!(told.contains("1 updated"), "{told}");
    stack.run(&[&kept[..], &["--dry-run"]].concat()).expect(0);
}

/// Nobody knows when a stack expires of which a bucket's tags cannot be read: it stays, and is whole all the same.
#[tokio::test]
async fn a_bucket_whose_tags_may_not_be_read_is_told_of() {
    let stack = Stack::apart(&["--truths", "none"]);
    stack.run(UP).expect(0);
    expire(&stack, &stack.names).await;
    let vault = stack.names.bucket(Zone::Vault);
    let denial = |status: u16, code: &str| {
        let fault = json!({"op": "GetBucketTagging", "resource": vault, "nth": "all", "code": code, "message": "no", "status": status});
        stack.proxy.configure(&json!({"faults": [fault]}));
    };
    denial(403, "AccessDenied");
    let listed = stack.run(&["list", "--output", "json"]).expect(0);
    let rows = listed.lines();
    let row = rows.iter().find(|row| row["id"] == stack.names.id.as_str()).unwrap();
    assert_eq!((&row["state"], &row["expires"]), (&json!("whole"), &Value::Null), "{row:#}");
    assert!((listed.stdout + &listed.stderr).contains(&format!("the tags of bucket {vault} cannot be read")));
    stack.proxy.forget();
    for command in [COLLECT, &["gc", "--dry-run"]] {
        let left = stack.run(&[command, &["--output", "json"]].concat()).expect(4);
        assert_eq!(states(&left), [(stack.names.stack.clone(), "kept".to_owned())], "{command:?}");
        assert!(left.stdout.contains(&vault) && !left.stderr.contains("has expired"), "{left:?}");
    }
    assert_eq!(stack.proxy.writes(), Vec::<String>::new());
    denial(400, "InvalidRequest");
    stack.run(&["list"]).expect(1);
    stack.proxy.configure(&json!({"faults": []}));
}

/// A stack that has expired, with an object in it.
fn expired(runtime: &tokio::runtime::Runtime) -> Stack {
    let stack = Stack::apart(&["--truths", "none"]);
    stack.run(UP).expect(0);
    runtime.block_on(async {
        expire(&stack, &stack.names).await;
        let put = stack.aws.s3.put_object().bucket(stack.names.bucket(Zone::Ingress)).key("k");
        put.body(b"x".to_vec().into()).send().await.unwrap();
    });
    stack
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Law 3: a run that was killed may have removed the function, whose role says what all roles are called. Then a tag of the
/// buckets says it; and without that, nothing is said to be removed.
#[tokio::test]
async fn the_roles_of_a_stack_without_its_function_go_too() {
    const ROLE: &str = "cvault:classifier-role";
    let stack = Stack::apart(&["--truths", "none"]);
    let path: PathBuf = std::env::temp_dir().join(format!("cvault-gc-{}.toml", stack.names.id));
    std::fs::write(&path, "[iam]\nrole_prefix = \"acme-\"\n").unwrap();
    stack.run(&[UP, &["--config", path.to_str().unwrap()]].concat()).expect(0);
    std::fs::remove_file(path).unwrap();
    expire(&stack, &stack.names).await;
    stack.aws.lambda.delete_function().function_name(stack.names.function()).send().await.unwrap();
    tag(&stack, &stack.names, ROLE, None).await;
    let refused = stack.run(&[COLLECT, &["--output", "json"]].concat()).expect(4);
    assert_eq!(states(&refused), [(stack.names.stack.clone(), "kept".to_owned())]);
    assert!(refused.stdout.contains("--config"), "{}", refused.stdout);
    tag(&stack, &stack.names, ROLE, Some(&format!("acme-{}", stack.names.role("classifier")))).await;
    stack.run(COLLECT).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}

/// Law 3: whatever cannot be removed keeps the bucket by which the next run finds the stack, all but the key.
#[tokio::test]
async fn a_collecting_run_that_fails_is_gone_on_with() {
    let denied = ["DeleteAlarms", "DeleteEventSourceMapping", "DeleteLogGroup", "DeleteRole", "DeleteTopic"];
    // Where one bucket is not there, another one is the last.
    let runs = denied.map(|operation| (operation, operation == "DeleteTopic")).map(|(operation, is_lost)| {
        tokio::task::spawn_blocking(move || {
            let runtime = runtime();
            let stack = Stack::apart(&["--truths", "none"]).whole();
            stack.run(UP).expect(0);
            runtime.block_on(expire(&stack, &stack.names));
            if is_lost {
                let analytics = stack.names.bucket(Zone::Analytics);
                runtime.block_on(stack.aws.s3.delete_bucket().bucket(analytics).send()).unwrap();
            }
            let denial = json!({"op": operation, "code": "AccessDenied", "message": "not you", "status": 403});
            stack.proxy.configure(&json!({"faults": [denial]}));
            stack.run(COLLECT).expect(1);
            stack.proxy.configure(&json!({"faults": []}));
            let again = stack.run(&[COLLECT, &["--output", "json"]].concat()).expect(0);
            assert_eq!(states(&again), [(stack.names.stack.clone(), "removed".to_owned())], "{operation}");
            assert_eq!(runtime.block_on(stack.leftovers()), Vec::<String>::new(), "{operation}");
        })
    });
    for run in runs {
        run.await.unwrap();
    }
}

/// Law 3: killed at any call, the next run goes on, since one bucket stays to the end. What is left behind it, the key, `down`
/// removes.
#[tokio::test]
async fn a_collecting_run_that_is_killed_is_gone_on_with() {
    let moments = Arc::new(OnceLock::new());
    let struck = trials([3, 300], 4, move |trial| {
        let runtime = runtime();
        let moments = moments.get_or_init(|| matrix::moments(&expired(&runtime), COLLECT));
        let Some(moment) = matrix::share(trial, moments) else { return 0 };
        let stack = expired(&runtime);
        let struck = stack.killed(COLLECT, &moment.rule());
        stack.run(COLLECT).expect(0);
        let listed = stack.run(&["list", "--output", "json"]).expect(0).lines();
        assert!(listed.iter().all(|row| row["id"] != stack.names.id.as_str()), "after {moment:?}: {listed:?}");
        stack.run(&["down"]).expect(0);
        assert_eq!(runtime.block_on(stack.leftovers()), Vec::<String>::new(), "after {moment:?}");
        usize::from(struck)
    });
    let struck: Vec<_> = struck.await;
    println!("{} of {} kills struck", struck.iter().sum::<usize>(), struck.len());
    assert!(struck.contains(&1));
}

/// Law 4: each call fails once, in each way.
#[tokio::test]
async fn a_collecting_run_whose_calls_fail_succeeds() {
    let runs = matrix::faults().into_iter().map(|fault| {
        tokio::task::spawn_blocking(move || {
            let runtime = runtime();
            let stack = expired(&runtime);
            assert_eq!(
                states(&matrix::faulty_run(&stack, &fault, &[COLLECT, &["--output", "json"]].concat())),
                [(stack.names.stack.clone(), "removed".to_owned())],
                "{fault}"
            );
            assert_eq!(runtime.block_on(stack.leftovers()), Vec::<String>::new(), "{fault}");
        })
    });
    for run in runs.collect::<Vec<_>>() {
        run.await.unwrap();
    }
}
