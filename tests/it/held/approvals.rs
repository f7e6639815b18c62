//! Four eyes: what one identity asks for another one confirms, and nobody alone does it. The emulator asks no policy here:
//! what S3 refuses is `tests/definitions/access/approvals.rs`, and this is what cvault does by itself.

use super::{CARDS, RAGGED, holding, json, keys, rows, run};
use crate::support::{Ear, Ended, Pipeline, on_a_terminal, step};
use aws_sdk_s3::types::{Tag, Tagging};
use cvault::vault::names::Zone;
use serde_json::{Value, json as value};
use std::path::PathBuf;

const WHY: [&str; 3] = ["--reason", "ticket OPS-12: test data", "--yes"];

/// A vault in which two have to want it, and two who may.
pub(super) struct TwoEyes {
    pub(super) vault: Pipeline,
    pub(super) config: PathBuf,
    pub(super) ana: Person,
    pub(super) bob: Person,
}

/// A user.
pub(super) struct Person {
    arn: String,
    pub(super) key: [String; 2],
}

impl Person {
    async fn new(vault: &Pipeline, name: &str) -> Self {
        let (iam, name) = (&vault.stack.aws.iam, format!("{name}-{}", vault.stack.names.id));
        let arn = iam.create_user().user_name(&name).send().await.unwrap().user.unwrap().arn;
        let made = iam.create_access_key().user_name(&name).send().await.unwrap().access_key.unwrap();
        Self { arn, key: [made.access_key_id, made.secret_access_key] }
    }
}

impl TwoEyes {
    pub(super) async fn start(files: &[(&str, &[u8])]) -> Self {
        let vault = holding(files).await;
        let [ana, bob] = [Person::new(&vault, "ana").await, Person::new(&vault, "bob").await];
        let config = std::env::temp_dir().join(format!("cvault-eyes-{}.toml", vault.stack.names.id));
        let eyes = Self { vault, config, ana, bob };
        eyes.write(2, &format!("'{}', '{}'", eyes.ana.arn, eyes.bob.arn));
        eyes.root(&["up"], 0);
        eyes
    }

    fn write(&self, approvals: u32, releasers: &str) {
        let text = format!(
            "alarms = {{ dashboard = false }}\n[notify]\nwindow_seconds = 1\n[vault]\napprovals = {approvals}\n\
             releasers = [{releasers}]\n"
        );
        std::fs::write(&self.config, text).unwrap();
    }

    #[track_caller]
    fn root(&self, arguments: &[&str], code: i32) -> Ended {
        run(&self.vault, &[arguments, &["--config", self.config.to_str().unwrap()]].concat(), code)
    }

    /// What somebody runs, with JSON for its answer.
    #[track_caller]
    pub(super) fn by(&self, person: &Person, arguments: &[&str], code: i32) -> (Vec<Value>, String) {
        let more = ["--output", "json", "--config", self.config.to_str().unwrap()];
        let ended = self.without_config(person, &[arguments, &more[..]].concat(), code);
        (ended.lines(), ended.stderr)
    }

    #[track_caller]
    fn without_config(&self, person: &Person, arguments: &[&str], code: i32) -> Ended {
        let [key, secret] = &person.key;
        let mut command = self.vault.stack.command(arguments);
        command.env("AWS_ACCESS_KEY_ID", key).env("AWS_SECRET_ACCESS_KEY", secret);
        Ended::from(command.output().unwrap()).expect(code)
    }

    async fn tags(&self, zone: Zone, key: &str, version: Option<&str>) -> Vec<(String, String)> {
        let get = self.vault.stack.aws.s3.get_object_tagging().bucket(self.vault.stack.names.bucket(zone)).key(key);
        let tags = get.set_version_id(version.map(str::to_owned)).send().await.unwrap();
        tags.tag_set().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
    }
}

impl Drop for TwoEyes {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.config);
    }
}

fn with<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &WHY[..]].concat()
}

/// The writing calls, but for what the emulator's function has made of them.
fn writes(eyes: &TwoEyes) -> Vec<String> {
    eyes.vault.stack.proxy.writes()
}

fn state(lines: &[Value]) -> &Value {
    &rows(lines, "decision")[0]["state"]
}

#[tokio::test]
async fn one_asks_and_another_one_releases() {
    let eyes = TwoEyes::start(&[("in/cards.csv", CARDS)]).await;
    let (ana, bob) = (&eyes.ana, &eyes.bob);
    let release = with(&["release", "in/cards.csv"]);
    let ear = Ear::open(&eyes.vault).await;
    eyes.vault.stack.proxy.forget();
    let (lines, _) = eyes.by(ana, &[&release[..], &["--dry-run"]].concat(), 2);
    assert_eq!(state(&lines), "would_request");
    assert_eq!(writes(&eyes), Vec::<String>::new());

    let (lines, said) = eyes.by(ana, &release, 0);
    let asked = rows(&lines, "decision")[0];
    assert_eq!((&asked["state"], &asked["requested_by"]), (&value!("requested"), &value!(ana.arn)), "{asked}");
    let text = format!("{lines:?}{said}");
    assert!(text.contains(&bob.arn) && text.contains("release --stack") && text.contains("in/cards.csv"), "{text}");
    assert_eq!(keys(&eyes.vault, Zone::Vault).await, Vec::<String>::new());
    let place = &asked["place"];
    let (key, version) = (place["key"].as_str().unwrap(), place["version"].as_str().unwrap());
    let tags = eyes.tags(Zone::Analytics, key, Some(version)).await;
    assert!(tags.contains(&("cvault:requested-by".into(), ana.arn.clone())), "{tags:?}");
    assert!(tags.iter().any(|(key, value)| key == "cvault:status" && value == "HAS_FINDINGS"), "{tags:?}");
    let held = json(&eyes.vault, &["held"], 0);
    let request = &rows(&held, "held")[0]["request"];
    assert_eq!((&request["action"], &request["by"]), (&value!("release"), &value!(ana.arn)), "{request}");
    assert_eq!(request["reason"], WHY[1]);
    let events = ear.heard_all(1).await;
    assert_eq!(events[0]["detail-type"], "Object Release Requested");
    assert_eq!((&events[0]["detail"]["state"], &events[0]["detail"]["by"]), (&value!("requested"), &value!(ana.arn)));

    eyes.vault.stack.proxy.forget();
    let (lines, _) = eyes.by(ana, &release, 4);
    assert_eq!(state(&lines), "waiting");
    let error = rows(&lines, "error")[0];
    assert!(error["why"].as_str().unwrap().contains("has requested it itself"), "{error}");
    assert_eq!(writes(&eyes), Vec::<String>::new(), "nothing is changed");

    let (lines, _) = eyes.by(bob, &[&release[..], &["--dry-run"]].concat(), 2);
    assert_eq!((state(&lines), &rows(&lines, "decision")[0]["requested_by"]), (&value!("planned"), &value!(ana.arn)));
    let (lines, _) = eyes.by(bob, &with(&["release", "in/cards.csv"]), 0);
    let done = rows(&lines, "decision")[0];
    assert_eq!((&done["state"], &done["by"]), (&value!("done"), &value!(bob.arn)), "{done}");
    assert_eq!(eyes.vault.objects(Zone::Vault).await["in/cards.csv"], [CARDS.to_vec()]);
    assert_eq!(keys(&eyes.vault, Zone::Analytics).await, Vec::<String>::new());
    let tags = eyes.tags(Zone::Vault, "in/cards.csv", None).await;
    let by = format!("{} {} for {}", done["at"].as_str().unwrap(), bob.arn, ana.arn);
    assert!(tags.contains(&("cvault:released".into(), by)), "{tags:?}");
    assert!(!tags.iter().any(|(key, _)| key.starts_with("cvault:request")), "{tags:?}");
    let events = ear.heard_all(1).await;
    for (member, expected) in [("by", &bob.arn), ("requested_by", &ana.arn)] {
        assert_eq!(events[0]["detail"][member], **expected, "{events:#?}");
    }
    assert_eq!(events[0]["detail-type"], "Object Released");
    let story = json(&eyes.vault, &["show", "in/cards.csv"], 0);
    let decisions = rows(&story, "decision");
    assert_eq!((decisions.len(), &decisions[0]["state"]), (1, &value!("done")), "{decisions:?}");
    assert_eq!(decisions[0]["requested_by"], ana.arn);
    for person in [ana, bob] {
        assert_eq!(state(&eyes.by(person, &release, 0).0), "already");
    }
    ear.close().await;
}

/// By whoever has no configuration at hand, too: the deployed policy says it.
#[tokio::test]
async fn one_asks_and_another_one_discards() {
    let eyes = TwoEyes::start(&[("a.csv", RAGGED), ("b.csv", CARDS)]).await;
    let (ana, bob) = (&eyes.ana, &eyes.bob);
    let discard = [&with(&["discard", "a.csv"])[..], &["--output", "json"]].concat();
    assert_eq!(state(&eyes.without_config(ana, &discard, 0).lines()), "requested");
    eyes.without_config(ana, &discard, 4);
    assert_eq!(keys(&eyes.vault, Zone::Analytics).await.len(), 2);
    // What was asked for is not something else.
    let (lines, _) = eyes.by(bob, &with(&["release", "a.csv"]), 4);
    let why = rows(&lines, "failed")[0]["error"]["why"].as_str().unwrap().to_owned();
    assert!(why.contains("has requested to discard it"), "{why}");
    assert_eq!(state(&eyes.without_config(bob, &discard, 0).lines()), "done");
    let left = keys(&eyes.vault, Zone::Analytics).await;
    assert!(left.len() == 1 && left[0].ends_with("/b.csv"), "{left:?}");
    assert_eq!(keys(&eyes.vault, Zone::Vault).await, Vec::<String>::new());
}

/// What could not be told is told by the same command for the key, and only then.
#[tokio::test]
async fn what_was_asked_for_or_taken_back_is_told_after_all() {
    let eyes = TwoEyes::start(&[("a.csv", CARDS)]).await;
    let ear = Ear::open(&eyes.vault).await;
    let release = with(&["release", "a.csv"]);
    let back = [&release[..], &["--withdraw"]].concat();
    let denied = value!({"service": "events", "op": "PutEvents", "code": "AccessDeniedException", "message": "no",
        "status": 400});
    for (arguments, state, again) in [(&release, "requested", 4), (&back, "withdrawn", 0)] {
        eyes.vault.stack.proxy.configure(&value!({"faults": [denied]}));
        let (lines, _) = eyes.by(&eyes.ana, arguments, 1);
        eyes.vault.stack.proxy.configure(&value!({"faults": []}));
        assert_eq!(rows(&lines, "decision")[0]["state"], state);
        let error = rows(&lines, "error")[0];
        assert!(error["what"].as_str().unwrap().starts_with("record"), "{error}");
        let (lines, _) = eyes.by(&eyes.ana, arguments, 0);
        assert_eq!(rows(&lines, "decision")[0]["state"], state);
        assert_eq!(ear.heard_all(1).await[0]["detail"]["state"], state);
        eyes.by(&eyes.ana, arguments, again);
        assert_eq!(ear.heard().await, Vec::<Value>::new());
    }
    ear.close().await;
}

#[tokio::test]
async fn a_request_is_taken_back() {
    let eyes = TwoEyes::start(&[("a.csv", CARDS)]).await;
    let (ana, bob) = (&eyes.ana, &eyes.bob);
    let release = with(&["release", "a.csv"]);
    let back = [&release[..], &["--withdraw"]].concat();
    for person in [ana, bob] {
        eyes.by(ana, &release, 0);
        let (lines, _) = eyes.by(person, &[&back[..], &["--dry-run"]].concat(), 2);
        assert_eq!(state(&lines), "would_withdraw");
        let (lines, _) = eyes.by(person, &back, 0);
        let withdrawn = rows(&lines, "decision")[0];
        assert_eq!((&withdrawn["state"], &withdrawn["by"]), (&value!("withdrawn"), &value!(person.arn)), "{withdrawn}");
        assert_eq!(rows(&json(&eyes.vault, &["held"], 0), "held")[0]["request"], Value::Null);
        let (lines, _) = eyes.by(person, &back, 0);
        assert_eq!(rows(&lines, "total")[0]["count"], 0, "there is none any more");
    }
    let (lines, _) = eyes.by(bob, &release, 0);
    assert_eq!(state(&lines), "requested", "what was taken back is not confirmed");
    assert_eq!(keys(&eyes.vault, Zone::Vault).await, Vec::<String>::new());
}

/// What is judged again has another verdict, or the same for other reasons: nobody has asked for that.
#[tokio::test]
async fn judging_again_takes_a_request_back() {
    let eyes = TwoEyes::start(&[("a.csv", CARDS)]).await;
    eyes.by(&eyes.ana, &with(&["release", "a.csv"]), 0);
    run(&eyes.vault, &["judge", "--yes"], 0);
    let held = json(&eyes.vault, &["held"], 0);
    let row = rows(&held, "held")[0];
    assert_eq!((&row["request"], &row["status"]), (&Value::Null, &value!("HAS_FINDINGS")), "{row}");
    let (lines, _) = eyes.by(&eyes.bob, &with(&["release", "a.csv"]), 0);
    assert_eq!(state(&lines), "requested");
}

/// Whoever may not read the policy goes by the configuration, and is told so.
#[tokio::test]
async fn a_policy_that_is_not_read_is_said() {
    let eyes = TwoEyes::start(&[("a.csv", CARDS)]).await;
    let denied =
        value!({"service": "s3", "op": "GetBucketPolicy", "code": "AccessDenied", "message": "no", "status": 403});
    eyes.vault.stack.proxy.configure(&value!({"faults": [denied]}));
    let discard = with(&["discard", "a.csv", "--dry-run"]);
    let alone = eyes.without_config(&eyes.ana, &discard, 2);
    assert!(alone.stderr.contains("s3:GetBucketPolicy"), "{alone:?}");
    let (lines, _) = eyes.by(&eyes.ana, &discard, 2);
    assert_eq!(state(&lines), "would_request", "the configuration is stricter");
    eyes.vault.stack.proxy.configure(&value!({"faults": []}));
}

/// Many are asked for, and many confirmed; what somebody has asked for already waits on.
#[tokio::test]
async fn selections_are_asked_for_and_confirmed() {
    let eyes = TwoEyes::start(&[("in/a.csv", CARDS), ("in/b.csv", CARDS), ("c.csv", CARDS)]).await;
    let (ana, bob) = (&eyes.ana, &eyes.bob);
    let states = |(lines, _): (Vec<Value>, String)| {
        let mut states: Vec<_> =
            rows(&lines, "decision").into_iter().map(|row| row["state"].as_str().unwrap().to_owned()).collect();
        states.sort();
        states
    };
    assert_eq!(states(eyes.by(ana, &with(&["release", "in/a.csv"]), 0)), ["requested"]);
    let all = with(&["release", "--status", "HAS_FINDINGS"]);
    assert_eq!(states(eyes.by(ana, &all, 0)), ["requested", "requested", "waiting"]);
    assert_eq!(states(eyes.by(ana, &all, 4)), ["waiting"; 3]);
    assert_eq!(states(eyes.by(bob, &with(&["release", "--prefix", "in/"]), 0)), ["done"; 2]);
    assert_eq!(keys(&eyes.vault, Zone::Vault).await, ["in/a.csv", "in/b.csv"]);
    assert_eq!(keys(&eyes.vault, Zone::Analytics).await.len(), 1);
}

/// A file whose own tags leave no room is refused with what helps, and so is one whose request was tampered with.
#[tokio::test]
async fn what_cannot_be_asked_for_is_said() {
    let eyes = TwoEyes::start(&[("a.csv", CARDS), ("b.csv", RAGGED)]).await;
    let held = json(&eyes.vault, &["held"], 0);
    let of = |key: &str| rows(&held, "held").into_iter().find(|row| row["key"] == key).unwrap().clone();
    let put = async |row: &Value, more: &[(&str, &str)]| {
        let place = &row["place"];
        let own = [("cvault:status", row["status"].as_str().unwrap())];
        let tags = own.iter().chain(more).map(|(key, value)| Tag::builder().key(*key).value(*value).build().unwrap());
        let tags = Tagging::builder().set_tag_set(Some(tags.collect())).build().unwrap();
        let s3 = &eyes.vault.stack.aws.s3;
        let put = s3.put_object_tagging().bucket(eyes.vault.stack.names.bucket(Zone::Analytics)).tagging(tags);
        let put = put.key(place["key"].as_str().unwrap()).version_id(place["version"].as_str().unwrap());
        put.send().await.unwrap();
    };
    let (a, b) = (of("a.csv"), of("b.csv"));
    let names: Vec<_> = (0..8).map(|n| format!("own-{n}")).collect();
    put(&a, &names.iter().map(|name| (name.as_str(), "v")).collect::<Vec<_>>()).await;
    let (lines, _) = eyes.by(&eyes.ana, &with(&["discard", "a.csv"]), 4);
    let error = &rows(&lines, "failed")[0]["error"];
    assert!(error["why"].as_str().unwrap().contains("9 of the ten tags"), "{error}");
    // An execution of another file: `held` would show its reasons, and its key.
    let other = a["execution"].as_str().unwrap();
    let request =
        [("cvault:requested-by", eyes.ana.arn.as_str()), ("cvault:request", "release 2026-11-28T12:00:00Z r")];
    put(&b, &[&request[..], &[("cvault:execution", other)]].concat()).await;
    let (lines, _) = eyes.by(&eyes.bob, &with(&["release", "--status", "INTEGRITY_FAIL"]), 4);
    let error = &rows(&lines, "failed")[0]["error"];
    assert!(error["why"].as_str().unwrap().contains("has judged another version"), "{error}");
    assert_eq!(keys(&eyes.vault, Zone::Vault).await, Vec::<String>::new());
    assert_eq!(keys(&eyes.vault, Zone::Analytics).await.len(), 2);
    let long = "r".repeat(240);
    eyes.by(&eyes.ana, &["discard", "b.csv", "--reason", &long, "--yes"], 64);
}

/// Law 3 for both turns: before or after any writing call, the next run ends as if nothing had happened.
#[tokio::test]
async fn each_turn_that_is_killed_is_run_again() {
    let mut eyes = TwoEyes::start(&[]).await;
    let config = eyes.config.to_str().unwrap().to_owned();
    for action in ["release", "discard"] {
        let mut killed_in = [true; 2];
        for moment in (1..).step_by(step(4)) {
            let key = format!("{action}-{moment}.csv");
            eyes.vault.put(&key, CARDS).await;
            eyes.vault.judged(&key).await;
            let arguments = [&with(&[action, &key])[..], &["--config", &config]].concat();
            for (turn, killed) in killed_in.iter_mut().enumerate() {
                let person = if turn == 0 { &eyes.ana } else { &eyes.bob };
                let person = Person { arn: person.arn.clone(), key: person.key.clone() };
                eyes.vault.stack.deployer = Some(person.key.clone());
                *killed = eyes.vault.stack.killed(&arguments, &value!({"die_after": moment}));
                eyes.vault.stack.deployer = None;
                // Whoever has asked already is told so.
                let mut command = eyes.vault.stack.command(&[&arguments[..], &["--output", "json"]].concat());
                command.env("AWS_ACCESS_KEY_ID", &person.key[0]).env("AWS_SECRET_ACCESS_KEY", &person.key[1]);
                let again = Ended::from(command.output().unwrap());
                let states: Vec<_> = rows(&again.lines(), "decision").iter().map(|row| row["state"].clone()).collect();
                let expected: &[&str] = if turn == 0 { &["requested", "waiting"] } else { &["done", "already"] };
                assert!(states.len() == 1 && expected.contains(&states[0].as_str().unwrap()), "{states:?} {again:?}");
                let stored = eyes.vault.objects(Zone::Vault).await.remove(&key).unwrap_or_default();
                assert_eq!(stored.len(), usize::from(turn == 1 && action == "release"), "{action} {turn} {moment}");
                let story = json(&eyes.vault, &["show", &key], 0);
                let said: Vec<_> = rows(&story, "decision").iter().map(|row| row["state"].clone()).collect();
                assert_eq!(said, [["requested", "done"][turn]], "{action} {turn} {moment}");
            }
            assert!(keys(&eyes.vault, Zone::Analytics).await.is_empty(), "{action} {moment}");
            if !killed_in.contains(&true) {
                assert!(moment > 3, "it was killed at least at every line of the audit");
                break;
            }
        }
    }
}

/// What was begun, and has gone between being listed and being looked at, is told to be done.
#[tokio::test]
async fn what_goes_meanwhile_is_told_to_be_done() {
    let mut eyes = TwoEyes::start(&[("a.csv", CARDS)]).await;
    let discard = with(&["discard", "a.csv"]);
    eyes.by(&eyes.ana, &discard, 0);
    let arguments = [&discard[..], &["--config", eyes.config.to_str().unwrap()]].concat();
    eyes.vault.stack.deployer = Some(eyes.bob.key.clone());
    let dies = value!({"faults": [{"service": "s3", "op": "DeleteObject", "nth": [1], "die": true}]});
    assert!(eyes.vault.stack.killed(&arguments, &dies), "it is killed before it discards");
    eyes.vault.stack.deployer = None;
    let said = |vault: &Pipeline| rows(&json(vault, &["show", "a.csv"], 0), "decision")[0]["state"].clone();
    assert_eq!(said(&eyes.vault), "begun");
    // The list shows its tags, and the looks at them behind it do not.
    let gone =
        value!({"service": "s3", "op": "GetObjectTagging", "nth": [2, 3], "code": "NoSuchVersion", "status": 404});
    eyes.vault.stack.proxy.configure(&value!({"faults": [gone]}));
    let (lines, _) = eyes.by(&eyes.bob, &discard, 0);
    eyes.vault.stack.proxy.configure(&value!({"faults": []}));
    assert_eq!(state(&lines), "already");
    assert_eq!(said(&eyes.vault), "done");
}

/// Whoever is asked on a terminal is told what would be done at whose request, and what would only be requested.
#[tokio::test]
async fn a_person_is_asked_for_what_it_is() {
    let mut eyes = TwoEyes::start(&[("a.csv", CARDS), ("b.csv", CARDS)]).await;
    eyes.by(&eyes.ana, &with(&["release", "a.csv"]), 0);
    let all = ["release", "--all", "--reason", "r"];
    eyes.vault.stack.deployer = Some(eyes.bob.key.clone());
    let asked = on_a_terminal(&eyes.vault.stack, &all, "n").expect(4);
    for fact in ["1 of them requested by others, and released now", "1 of them only requested now"] {
        assert!(asked.stdout.contains(fact), "{fact}: {asked:?}");
    }
    let back = on_a_terminal(&eyes.vault.stack, &[&all[..], &["--withdraw"]].concat(), "y").expect(0);
    assert!(back.stdout.contains("take back what is requested"), "{back:?}");
    let first = on_a_terminal(&eyes.vault.stack, &all, "n").expect(4);
    assert!(first.stdout.contains("request to release") && !first.stdout.contains("nobody can delete"), "{first:?}");
    eyes.vault.stack.deployer = None;
    assert_eq!(keys(&eyes.vault, Zone::Vault).await, Vec::<String>::new());
    assert!(rows(&json(&eyes.vault, &["held"], 0), "held").iter().all(|row| row["request"].is_null()));
}

/// All sessions of a role are one identity, whatever they call themselves, and a role's path is looked up.
#[tokio::test]
async fn two_sessions_of_a_role_are_one() {
    let eyes = TwoEyes::start(&[("a.csv", CARDS)]).await;
    let (iam, names) = (&eyes.vault.stack.aws.iam, &eyes.vault.stack.names);
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": "sts:AssumeRole"}]}"#;
    let role = async |name: &str| {
        let create = iam.create_role().role_name(format!("{name}-{}", names.id)).path("/desk/");
        create.assume_role_policy_document(trust).send().await.unwrap().role.unwrap().arn
    };
    let (desk, other) = (role("desk").await, role("other").await);
    eyes.write(2, &format!("'arn:aws:iam::{}:role/desk/*'", names.account));
    let sts = aws_sdk_sts::Client::new(&cvault::aws::local_config(&eyes.vault.stack.emulator(), &names.region));
    let session = async |role: &str, name: &str| {
        let assumed = sts.assume_role().role_arn(role).role_session_name(name).send().await.unwrap();
        assumed.credentials.unwrap()
    };
    let decide = |session: &aws_sdk_sts::types::Credentials, code| {
        let release = with(&["release", "a.csv", "--output", "json", "--config", eyes.config.to_str().unwrap()]);
        let mut command = eyes.vault.stack.command(&release);
        command.env("AWS_ACCESS_KEY_ID", session.access_key_id());
        command.env("AWS_SECRET_ACCESS_KEY", session.secret_access_key());
        command.env("AWS_SESSION_TOKEN", session.session_token());
        Ended::from(command.output().unwrap()).expect(code).lines()
    };
    let asked = decide(&session(&desk, "ana").await, 0);
    assert_eq!(rows(&asked, "decision")[0]["requested_by"], desk);
    assert_eq!(state(&decide(&session(&desk, "bob").await, 4)), "waiting");
    let done = decide(&session(&other, "bob").await, 0);
    assert_eq!((state(&done), &rows(&done, "decision")[0]["requested_by"]), (&value!("done"), &value!(desk)));
    for role in [&desk, &other] {
        iam.delete_role().role_name(role.rsplit('/').next().unwrap()).send().await.unwrap();
    }
}

/// It is a change of the two buckets' policies, there and back.
#[tokio::test]
async fn it_is_switched_on_and_off_by_up() {
    let eyes = TwoEyes::start(&[("a.csv", CARDS)]).await;
    eyes.root(&["status"], 0);
    let releasers = format!("'{}', '{}'", eyes.ana.arn, eyes.bob.arn);
    for approvals in [1, 2, 1] {
        eyes.write(approvals, &releasers);
        let plan = eyes.root(&["up", "--dry-run", "--output", "json"], 2).document();
        let changes = plan["resources"].as_array().unwrap().iter().filter(|step| step["action"] != "keep");
        let names: Vec<_> = changes.map(|step| step["name"].clone()).collect();
        assert_eq!(names, ["bucket/analytics", "bucket/vault"], "{approvals}");
        eyes.root(&["up"], 0);
        eyes.root(&["status"], 0);
    }
    eyes.write(2, &format!("'{}'", eyes.ana.arn));
    let refused = eyes.root(&["up"], 64);
    assert!(refused.stderr.contains("nobody could confirm"), "{}", refused.stderr);
    eyes.write(1, &releasers);
    let (lines, _) = eyes.by(&eyes.ana, &with(&["release", "a.csv"]), 0);
    assert_eq!((state(&lines), &rows(&lines, "decision")[0]["requested_by"]), (&value!("done"), &Value::Null));
    eyes.by(&eyes.ana, &with(&["release", "a.csv", "--withdraw"]), 4);
}
