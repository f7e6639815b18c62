//! Every way through the state machine.

use super::events::{ODD_KEYS, created, ended, shapes, unknown};
use super::expected::check;
use super::world::{Oddities, Scripted};
use super::{EXECUTION, FINAL, STATUSES, machine, macie_stack, stack, word};
use crate::asl::{End, Failure, Interpreter, Machine, Schedule, State, Trace, World};
use classifier::digest::{self, Attribute, Message};
use classifier::messages::{Queued, Step};
use cvault::vault::names::Zone;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How to walk from one event: in every interleaving and over every outcome.
#[derive(Clone, Copy, Default)]
struct Walks<'a> {
    schedules: &'a [Schedule],
    stumbles: bool,
    macie: bool,
    oddities: Oddities,
}

const ALL: Walks<'_> = Walks {
    schedules: &Schedule::ALL,
    stumbles: false,
    macie: false,
    oddities: Oddities { without_source: false, without_notice: false, with_job: false, without_analysis: false },
};
const ALL_WITH_MACIE: Walks<'_> = Walks { macie: true, schedules: &[Schedule::ALL[0]], ..ALL };

impl Walks<'_> {
    /// Every walk from the event; `each` looks at how it went. Gives how many there were.
    fn from(self, event: &Value, trace: &mut Trace, each: impl Fn(&Scripted, &End)) -> usize {
        let machine = machine(if self.macie { macie_stack() } else { stack() });
        let mut count = 0;
        for schedule in self.schedules {
            let mut choices = Some(vec![]);
            while let Some(chosen) = choices {
                let mut world = Scripted::new(chosen, self.stumbles, self.oddities);
                world.settles_briefly = self.macie;
                let schedule = *schedule;
                let mut interpreter = Interpreter { world: &mut world, trace, execution: EXECUTION, schedule };
                let end = interpreter.run(&machine, event.clone());
                world.published.iter().for_each(|(_, parameters, _)| check_mail(parameters, event));
                each(&world, &end);
                choices = world.next();
                count += 1;
            }
        }
        count
    }
}

/// What SNS takes (truths N11), and what a reader needs: which file, which execution. In the queue it is what the
/// function reads, and publishes as it would be by itself.
pub fn check_mail(parameters: &Value, event: &Value) {
    if parameters.get("QueueUrl").is_some() {
        assert_eq!(parameters["QueueUrl"], stack().names.notices_url());
        let body = &parameters["MessageBody"];
        assert!(body.to_string().len() <= 262_144);
        let queued: Queued = serde_json::from_value(body.clone()).expect("the function can read it");
        let Message { subject, text, attributes, .. } = digest::alone(&queued, 0);
        let attribute = |value: &Attribute| match value {
            Attribute::One(value) => json!({"DataType": "String", "StringValue": value}),
            Attribute::Any(_) => panic!("one file has one value"),
        };
        let attributes: serde_json::Map<_, _> =
            attributes.iter().map(|(name, value)| ((*name).to_owned(), attribute(value))).collect();
        let alone = json!({"TopicArn": stack().names.topic_arn(), "Subject": subject, "Message": text, "MessageAttributes": attributes});
        return check_published(&alone, event, true);
    }
    // What the machine says by itself of a failure names the execution, whose input names the file.
    let status = parameters["MessageAttributes"]["status"]["StringValue"].as_str().unwrap_or_default();
    let names_key = !["FAILED", "NOT_DELETED", "NOT_CLEARED", "UNEXPECTED"].contains(&status);
    check_published(parameters, event, names_key);
}

fn check_published(parameters: &Value, event: &Value, names_key: bool) {
    assert_eq!(parameters["TopicArn"], stack().names.topic_arn());
    let subject = parameters["Subject"].as_str().expect("a subject");
    assert!(
        (1..=100).contains(&subject.len()) && subject.starts_with(|c: char| c.is_ascii_alphanumeric()),
        "{subject}"
    );
    assert!(subject.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{subject}");
    let message = parameters["Message"].as_str().expect("a message");
    assert!((1..=262_144).contains(&message.len()));
    assert!(message.contains(EXECUTION), "{message}");
    let key = event.pointer("/detail/object/key").and_then(Value::as_str).unwrap_or_default();
    let is_plain = |c: &char| !c.is_control() && !"\"\\\u{202e}".contains(*c);
    let shown: String = key.chars().take_while(is_plain).collect();
    assert!(!names_key || message.contains(&shown), "{message} does not name {key}");
    check_attributes(&parameters["MessageAttributes"]);
    let before_json = message.split("\n{").next().unwrap_or_default();
    assert!(!before_json.chars().any(|c| c.is_ascii_control() && c != '\n' && c != '\u{7f}'), "{message:?}");
}

/// What a subscription can filter by is there in every message, and is what SNS takes: text of characters that XML
/// has, and not none.
fn check_attributes(attributes: &Value) {
    let attributes = attributes.as_object().expect("attributes");
    assert_eq!(attributes.keys().collect::<Vec<_>>(), ["bucket", "prefix", "rule", "status"]);
    for (name, attribute) in attributes {
        let members: Vec<_> = attribute.as_object().expect("an attribute").keys().map(String::as_str).collect();
        assert_eq!((members, &attribute["DataType"]), (vec!["DataType", "StringValue"], &"String".into()));
        let value = attribute["StringValue"].as_str().expect("a text");
        assert!(!value.is_empty() && !value.contains(|c: char| c.is_control()), "{name}: {value:?}");
    }
}

fn bucket(zone: Zone) -> String {
    stack().names.bucket(zone)
}

fn first(zone: Zone) -> Step {
    if zone == Zone::Ingress { Step::CopyToAnalytics } else { Step::ClearAnalytics }
}

/// For every answer and every failure at every Task.
#[test]
fn every_outcome_ends_as_the_contract_says() {
    for zone in [Zone::Ingress, Zone::Vault] {
        for stumbles in [false, true] {
            let event = created(&bucket(zone), "data/a b.csv");
            let check = |world: &Scripted, end: &End| check(world, end, first(zone), false);
            let count = Walks { stumbles, ..ALL }.from(&event, &mut Trace::default(), check);
            assert!(count > 100, "{count} walks are too few");
        }
    }
}

/// The same with Macie. What follows on a verdict does not depend on it.
#[test]
fn every_outcome_with_macie_ends_as_the_contract_says() {
    for stumbles in [false, true] {
        let event = created(&bucket(Zone::Ingress), "data/a b.csv");
        let check = |world: &Scripted, end: &End| check(world, end, Step::CopyToAnalytics, true);
        let walks = Walks { stumbles, ..ALL_WITH_MACIE };
        let count = walks.from(&event, &mut Trace::default(), check);
        assert!(count > 500, "{count} walks are too few");
    }
}

/// For every shape of the event: nothing but the key and the bucket is needed. How branches
/// interleave does not depend on the event.
#[test]
fn every_shape_of_the_event_goes_the_same_ways() {
    let walks = Walks { schedules: &Schedule::ALL[..1], ..ALL };
    for zone in [Zone::Ingress, Zone::Vault] {
        let of = |event: &Value| {
            walks.from(event, &mut Trace::default(), |world, end| check(world, end, first(zone), false))
        };
        let shapes = shapes(&bucket(zone));
        // The longest of the tests here: on all cores.
        let counts: BTreeSet<_> = std::thread::scope(|scope| {
            let walks: Vec<_> = shapes.iter().map(|event| scope.spawn(|| of(event))).collect();
            walks.into_iter().map(|walk| walk.join().expect("every walk ends as it should")).collect()
        });
        assert_eq!(counts.len(), 1, "{counts:?}");
    }
}

/// Answers that the function's types allow and that it never gives: they may end the execution, but
/// still nothing is deleted without a final status, which [`Scripted`] asserts at every call.
#[test]
fn odd_answers_delete_nothing_unjudged() {
    for odd in (0..8).chain([8, 15]) {
        let oddities = Oddities {
            without_source: odd & 1 == 1,
            without_notice: odd & 2 == 2,
            with_job: odd & 4 == 4,
            without_analysis: odd & 8 == 8,
        };
        let event = created(&bucket(Zone::Ingress), "a.csv");
        // What is odd to Macie only needs no walks without it.
        let walks = if odd < 8 { ALL } else { ALL_WITH_MACIE };
        Walks { oddities, schedules: &Schedule::ALL[..1], ..walks }.from(
            &event,
            &mut Trace::default(),
            |world, end| {
                let deletes = world.outcome_of(Step::DeleteFromIngress).is_some();
                assert_eq!(world.deletions.is_empty(), !deletes);
                // A held file without its e-mail is not settled quietly.
                let held = world.deletions.iter().any(|status| FINAL.contains(&(*status, true)));
                assert!(!(held && oddities.without_notice) || matches!(end, End::Failed(..)), "{end:?}");
            },
        );
    }
}

/// What is no event of our buckets calls no function, is told of, and fails.
#[test]
fn unknown_events_are_told_of() {
    for event in unknown(&bucket(Zone::Ingress)) {
        ALL.from(&event, &mut Trace::default(), |world, end| {
            assert_eq!(world.steps, []);
            assert_eq!(world.published.len(), 1);
            let End::Failed(state, failure) = end else { panic!("{end:?}") };
            assert_eq!((state.as_str(), failure.error.as_str()), ("UnknownEvent", "UnknownEvent"));
        });
    }
}

/// What no Catch has seen is told of once, and calls no function. Where nobody can be told, it fails by a name
/// that starts nothing again.
#[test]
fn executions_that_told_nobody_are_told_of() {
    for event in ended() {
        ALL.from(&event, &mut Trace::default(), |world, end| {
            assert_eq!((world.steps.len(), world.published.len()), (0, 1));
            let (_, parameters, arrived) = &world.published[0];
            let message = parameters["Message"].as_str().expect("a message");
            let status = event["detail"]["status"].as_str().expect("a status");
            assert!(message.contains(status), "{message}");
            assert!(!message.contains("returned a result"), "a cause may repeat what a sender has chosen: {message}");
            match (arrived, end) {
                (true, End::Succeeded(state)) => assert_eq!(state, "Told"),
                (false, End::Failed(_, failure)) => assert_eq!(failure.error, "NotTold"),
                _ => panic!("{end:?}"),
            }
        });
    }
}

/// From `Settle` on, with every status, also with those that do not come so far by now.
fn settle(world: &mut impl World, trace: &mut Trace, status: &str) -> End {
    let verdict = json!({"Status": status, "JobId": null, "AnalyticsBucket": "b", "AnalyticsKey": "k",
        "AnalyticsVersionId": "v", "Reasons": []});
    let input = json!({"Bucket": "b", "Object": {"key": "k"}, "Execution": EXECUTION,
        "Classifier": {"Source": null, "Verdict": verdict, "Notice": {"Subject": "s", "Message": "m", "Prefix": "p/", "Rule": "none"}}});
    let mut interpreter = Interpreter { world, trace, execution: EXECUTION, schedule: Schedule::ALL[0] };
    interpreter.run_from(&machine(stack()), "Settle", input)
}

#[test]
fn settling_sends_the_e_mail_that_the_contract_wants() {
    for (status, needs_mail) in FINAL {
        let mut world = Scripted::default();
        let end = settle(&mut world, &mut Trace::default(), &word(status));
        assert_eq!(end, End::Succeeded("Settled".into()));
        assert_eq!(world.deletions, [status]);
        assert_eq!(world.published.len(), usize::from(needs_mail));
        for (_, mail, _) in world.published {
            let notice = &mail["MessageBody"]["Notice"];
            assert_eq!((&notice["Subject"], &notice["Message"]), (&"s".into(), &"m".into()));
        }
    }
}

/// Every state and every transition is walked: what is not would be untested.
#[test]
fn the_walks_go_everywhere() {
    let mut trace = Trace::default();
    for zone in [Zone::Ingress, Zone::Vault] {
        ALL.from(&created(&bucket(zone), "a.csv"), &mut trace, |_, _| {});
    }
    ALL_WITH_MACIE.from(&created(&bucket(Zone::Ingress), "a.csv"), &mut trace, |_, _| {});
    // What is held goes the same ways from its first step on.
    let held = Walks { schedules: &Schedule::ALL[..1], ..ALL };
    let count = held.from(&created(&bucket(Zone::Analytics), "0a1b/a.csv"), &mut trace, |world, end| {
        check(world, end, Step::CopyToAnalytics, false);
    });
    assert!(count > 100, "{count}");
    ALL.from(&created(&bucket(Zone::Ingress), "in/.ignored.csv"), &mut trace, |world, end| {
        assert!(world.steps.is_empty() && world.published.is_empty());
        assert_eq!(*end, End::Succeeded("Ignored".into()));
    });
    ALL.from(&json!({}), &mut trace, |_, _| {});
    for event in ended() {
        ALL.from(&event, &mut trace, |_, _| {});
    }
    // A guard: `Settle` is reached with a final status only.
    let mut world = Refusing::default();
    let End::Failed(state, _) = settle(&mut world, &mut trace, "NO_SUCH_STATUS") else { panic!("it is settled") };
    assert_eq!(state, "DeletionFailed");
    // Nothing is deleted, and still the status is found to be unknown.
    assert_eq!(world.mails.len(), 1);

    let machine = machine(stack());
    let (mut states, mut transitions) = (BTreeSet::new(), BTreeSet::new());
    collect(&machine, &mut states, &mut transitions);
    assert_eq!(trace.states, states);
    assert_eq!(trace.transitions, transitions);
}

fn collect(machine: &Machine, states: &mut BTreeSet<String>, transitions: &mut BTreeSet<(String, String)>) {
    for (name, state) in &machine.states {
        states.insert(name.clone());
        transitions.extend(state.successors().into_iter().map(|next| (name.clone(), next.to_owned())));
        if let State::Parallel(parallel) = state {
            parallel.branches.iter().for_each(|branch| collect(branch, states, transitions));
        }
    }
}

/// The assertion that all of this rests on does fail.
#[test]
#[should_panic(expected = "DeleteFromIngress was called with")]
fn the_world_sees_a_deletion_without_a_final_status() {
    let not_final = STATUSES.into_iter().find(|status| !super::is_final(*status)).expect("there are some");
    settle(&mut Scripted::default(), &mut Trace::default(), &word(not_final));
}

/// Fails every call of the function, and keeps what was sent.
#[derive(Default)]
struct Refusing {
    cause: String,
    objects: Vec<Value>,
    mails: Vec<Value>,
}

impl World for Refusing {
    fn call(&mut self, _: &str, resource: &str, parameters: &Value) -> Result<Value, Failure> {
        if resource.ends_with("events:putEvents") {
            return Ok(json!({"FailedEntryCount": 0}));
        }
        if resource.ends_with("sns:publish") || resource.ends_with("sqs:sendMessage") {
            self.mails.push(parameters.clone());
            return Ok(json!({"MessageId": "0a1b"}));
        }
        self.objects.push(parameters["Payload"]["Object"].clone());
        Err(Failure::new("Refused", self.cause.clone()))
    }
}

fn refused(event: &Value, cause: &str) -> (Refusing, End) {
    let mut world = Refusing { cause: cause.into(), ..Refusing::default() };
    let (execution, schedule) = (EXECUTION, Schedule::ALL[0]);
    let mut interpreter = Interpreter { world: &mut world, trace: &mut Trace::default(), execution, schedule };
    let end = interpreter.run(&machine(stack()), event.clone());
    (world, end)
}

/// AWS gives no cause of more than 32,768 characters.
#[test]
fn the_longest_cause_fits_into_the_e_mail() {
    let event = created(&bucket(Zone::Ingress), &"é".repeat(512));
    let (world, end) = refused(&event, &"\u{1f600}".repeat(32_768));
    assert!(matches!(end, End::Failed(state, _) if state == "Failed"));
    assert_eq!(world.mails.len(), 1);
    check_mail(&world.mails[0], &event);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the key is, the function gets the event's object as it is, in both ways.
    #[test]
    fn any_key_reaches_the_function_as_it_is(key in "\\PC{1,200}", odd in 0..ODD_KEYS.len()) {
        for zone in [Zone::Ingress, Zone::Vault] {
            let event = created(&bucket(zone), &format!("{key}{}", ODD_KEYS[odd]));
            let (world, _) = refused(&event, "");
            prop_assert_eq!(&world.objects, &[event["detail"]["object"].clone()]);
        }
    }
}
