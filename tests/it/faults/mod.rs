//! Law 7: no object is lost or vaulted unjudged, whatever fails at whatever moment.
//!
//! The function's calls of S3 go through the stack's proxy. What it asks on a file's way through the
//! stack is recorded once; then each of these calls is a moment at which something goes wrong, about a
//! file of its own. All files go their ways at the same time.

#![expect(clippy::disallowed_macros, reason = "they say how much was survived, to whoever runs them with --nocapture")]

mod calls;
mod orders;
mod permanent;

use crate::support::{Execution, Message, Pipeline, step};
use classifier::copies;
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// How many files are uploaded at once.
const AT_ONCE: usize = 16;

/// A kind of file, how it is judged, and where it ends.
#[derive(Clone, Copy, Debug)]
struct Kind {
    name: &'static str,
    body: &'static [u8],
    status: &'static str,
    zone: Zone,
}

const CLEAN: Kind = Kind { name: "clean", body: b"seq,city\n1,Kingsford\n", status: "VAULT_COPY", zone: Zone::Vault };
/// Half of it is whole.
const RAGGED: Kind = Kind {
    name: "ragged",
    body: b"seq,city\n1,Kingsford\n2,Saltmere\n3,Kingsford,extra\n",
    status: "INTEGRITY_FAIL",
    zone: Zone::Analytics,
};
/// Half of it is clean.
const CARDS: Kind = Kind {
    name: "cards",
    body: b"seq,credit_card\n1,none at all\n2,none\n3,4000004427083831\n",
    status: "HAS_FINDINGS",
    zone: Zone::Analytics,
};

/// A moment of a file's way: the nth call of an operation that the function makes about it in a zone.
#[derive(Clone, Debug)]
struct Moment {
    operation: String,
    zone: Zone,
    nth: usize,
    writes: bool,
}

/// A file, and what goes wrong on its way, as a rule of the proxy tells it.
#[derive(Clone, Debug)]
struct Case {
    key: String,
    kind: Kind,
    moment: Moment,
    fault: Value,
}

/// A stack whose function reaches S3 through the proxy.
async fn proxied() -> Pipeline {
    let vault = Pipeline::start().await;
    vault.set_variables(&[("AWS_ENDPOINT_URL_S3", &vault.stack.proxy.endpoint())]).await;
    vault
}

/// The moments of an undisturbed way, in which nobody asks whether it went this way before, however busy this machine is.
async fn moments(vault: &Pipeline, kind: Kind) -> Vec<Moment> {
    vault.set_patience(900).await;
    vault.stack.proxy.forget();
    let key = format!("undisturbed-{}.csv", kind.name);
    vault.put(&key, kind.body).await;
    assert_eq!(vault.judged(&key).await.verdict("Status"), kind.status);
    if kind.zone == Zone::Vault {
        vault.executions(Zone::Vault, &key, 1).await;
    }
    let mut counts = BTreeMap::<_, usize>::new();
    let mut moments = vec![];
    for call in vault.stack.proxy.log() {
        let text = |name: &str| call[name].as_str().unwrap().to_owned();
        let (operation, bucket) = (text("op"), text("resource").split('/').next().unwrap().to_owned());
        let zone = Zone::ALL.into_iter().find(|zone| vault.stack.names.bucket(*zone) == bucket).unwrap();
        let nth = counts.entry((operation.clone(), bucket)).or_default();
        *nth += 1;
        moments.push(Moment { operation, zone, nth: *nth, writes: call["mutating"] == true });
    }
    vault.set_patience(3).await;
    moments
}

/// A case for each of these kinds, each of its moments, and each of the faults that it can have then: a share of them, spread
/// over all, and each of them as a whole.
async fn cases(vault: &Pipeline, kinds: &[Kind], faults: impl Fn(&Kind, &Moment) -> Vec<Value>) -> Vec<Case> {
    let mut all = vec![];
    for kind in kinds {
        for moment in moments(vault, *kind).await {
            all.extend(faults(kind, &moment).into_iter().map(|fault| (*kind, moment.clone(), fault)));
        }
    }
    vault.messages().await;
    let some = all.into_iter().step_by(step(3)).enumerate();
    let case = |(n, (kind, moment, fault)): (usize, (Kind, Moment, Value))| Case {
        key: format!("{n:03}-{}.csv", kind.name),
        kind,
        moment,
        fault,
    };
    some.map(case).collect()
}

impl Case {
    fn rule(&self, vault: &Pipeline) -> Value {
        let Moment { operation, zone, nth, .. } = &self.moment;
        let rule = rule(vault, &self.key, (operation, *zone), &self.fault);
        with(rule, &json!({"match": nth}))
    }
}

/// The rule by which calls of an operation about a file in a zone go wrong. Whatever is asked of analytics
/// names the folder of the key, of the other buckets the key itself.
fn rule(vault: &Pipeline, key: &str, (operation, zone): (&str, Zone), fault: &Value) -> Value {
    let target = match zone {
        Zone::Analytics => copies::key_part(&vault.stack.names.bucket(Zone::Ingress), key),
        Zone::Ingress | Zone::Vault => key.to_owned(),
    };
    let resource = format!("^{}", vault.stack.names.bucket(zone));
    with(json!({"service": "s3", "op": operation, "resource": resource, "target": target}), fault)
}

/// The members of both.
fn with(mut one: Value, other: &Value) -> Value {
    one.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    one
}

/// Waits until so many calls are held by rules.
async fn until_held(vault: &Pipeline, count: usize) {
    let begun = Instant::now();
    while vault.stack.proxy.held().len() != count {
        if begun.elapsed() > Duration::from_mins(3) {
            let calls = vault.stack.proxy.calls(|call| call["service"] == "s3");
            panic!("{count} calls were to be held, not {:#?}; made were {calls:#?}", vault.stack.proxy.held());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Uploads every case's file under its rule.
async fn put(vault: &Pipeline, cases: &[Case]) {
    vault.stack.proxy.forget();
    let rules: Vec<_> = cases.iter().map(|case| case.rule(vault)).collect();
    vault.stack.proxy.configure(&json!({"faults": rules}));
    let puts = stream::iter(cases).map(|case| vault.put(&case.key, case.kind.body));
    puts.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
}

/// What is where, once nothing runs any more.
struct Ends {
    executions: Vec<Execution>,
    /// By key, newest first.
    zones: [BTreeMap<String, Vec<Vec<u8>>>; 3],
    messages: Vec<Message>,
    ingress: String,
}

impl Ends {
    /// After `count` executions for objects of ingress.
    async fn after(vault: &Pipeline, count: usize) -> Self {
        let executions = vault.settled(count).await;
        let mut zones = [const { BTreeMap::new() }; 3];
        for (objects, zone) in zones.iter_mut().zip(Zone::ALL) {
            *objects = vault.objects(zone).await;
        }
        let ingress = vault.stack.names.bucket(Zone::Ingress);
        // Without a topic nobody is told.
        let topic = vault.stack.aws.sns.get_topic_attributes().topic_arn(vault.stack.names.topic_arn()).send().await;
        let messages = if topic.is_ok() { vault.messages().await } else { vault.messages_so_far().await };
        Self { executions, zones, messages, ingress }
    }

    /// How often a file is in ingress, in analytics and in the vault: whatever it is, its bytes are whole.
    fn places(&self, key: &str, body: &[u8]) -> [usize; 3] {
        let folder = copies::key_part(&self.ingress, key);
        let count = |zone: &BTreeMap<String, Vec<Vec<u8>>>| {
            let of = zone.iter().filter(|(at, _)| *at == key || at.starts_with(&folder) && at.ends_with(key));
            let bodies: Vec<_> = of.flat_map(|(_, bodies)| bodies).collect();
            assert!(bodies.iter().all(|it| *it == body), "{key}: {bodies:?}");
            bodies.len()
        };
        self.zones.each_ref().map(count)
    }

    /// The errors of a file's executions.
    fn errors(&self, key: &str) -> Vec<&str> {
        let of = self.executions.iter().filter(|it| it.input["detail"]["object"]["key"] == key);
        of.filter_map(|it| it.error.as_deref()).collect()
    }

    /// How many e-mails name the file.
    fn told(&self, key: &str) -> usize {
        self.messages.iter().filter(|message| message.text.contains(key)).count()
    }

    /// Whether a file is where files of its kind end, and nowhere else. An answer that was lost makes a
    /// second version with the same bytes behind the current one.
    fn is_placed(&self, key: &str, kind: &Kind) -> bool {
        let places = Zone::ALL.into_iter().zip(self.places(key, kind.body));
        places.fold(true, |placed, (zone, count)| placed && (count > 0) == (zone == kind.zone))
    }

    /// Whether, besides, nothing failed, and so many e-mails tell of it if it is held.
    fn is_well(&self, key: &str, kind: &Kind, told: RangeInclusive<usize>) -> bool {
        let told = if kind.zone == Zone::Analytics { told } else { 0..=0 };
        self.is_placed(key, kind) && self.errors(key).is_empty() && told.contains(&self.told(key))
    }

    /// Fails the test if anything is not well.
    fn expect_well(&self, cases: &[Case], told: RangeInclusive<usize>) {
        let ill = cases.iter().filter(|case| !self.is_well(&case.key, &case.kind, told.clone()));
        let ill: Vec<_> = ill
            .map(|case| {
                let places = self.places(&case.key, case.kind.body);
                let Case { key, moment, fault, .. } = case;
                format!("{key} {places:?} {} e-mails {:?} {moment:?} {fault}", self.told(key), self.errors(key))
            })
            .collect();
        assert!(ill.is_empty(), "{} of {}:\n{}", ill.len(), cases.len(), ill.join("\n"));
    }
}
