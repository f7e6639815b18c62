//! Where everything ended: each version that was uploaded is looked for in all three buckets, among the messages, and in
//! what `status` counts.

use super::files::{Expected, LONG, Sent};
use super::{Kind, Life};
use crate::support::{Message, Pipeline};
use aws_sdk_s3::types::ObjectVersion;
use classifier::copies;
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

/// How many objects are looked at at once.
const AT_ONCE: usize = 8;
/// The verdicts with which a copy is held.
const HELD: [&str; 2] = ["INTEGRITY_FAIL", "HAS_FINDINGS"];
/// Those with which it is, since nothing was proven of it.
const UNPROVEN: [&str; 2] = ["NOT_ANALYSED", "JOB_CANCELLED"];

/// Where a version is, by all that can be seen of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Vault,
    Held,
    /// The same, since Macie has not come to an end with it.
    Unproven,
    /// A companion that is gone with its file.
    WentAlong,
    /// In ingress, and nobody's to judge.
    Ignored,
    /// In ingress, to be judged.
    Waiting,
    /// A later version of its key begins with its bytes, so that nothing is lost with it.
    Replaced,
    /// Anything else: what is wrong.
    Wrong(String),
}

/// An object of analytics or the vault.
struct Stored {
    key: String,
    version: String,
    body: Vec<u8>,
    /// Which copy it is, as it says itself.
    copy: Option<String>,
    /// Its verdict, as its tags say it.
    status: Option<String>,
}

/// Everything, once nothing moves any more.
pub struct Ends {
    ingress: BTreeSet<String>,
    /// By what says which version of ingress they were made from.
    analytics: HashMap<String, Vec<Stored>>,
    vault: HashMap<String, Vec<Stored>>,
    messages: Vec<Message>,
    /// The executions about each version.
    executions: HashMap<String, Vec<String>>,
    status: Value,
    /// The executions that could not clear a stored file's copy.
    not_cleared: Vec<(String, String)>,
}

/// All objects of a zone, by the copy that they say they are.
async fn stored(vault: &Pipeline, zone: Zone) -> HashMap<String, Vec<Stored>> {
    let (s3, bucket) = (&vault.stack.aws.s3, &vault.stack.names.bucket(zone));
    let look = async |listed: ObjectVersion| {
        let (key, version) = (listed.key.unwrap(), listed.version_id.unwrap());
        let got = s3.get_object().bucket(bucket).key(&key).version_id(&version).send().await.unwrap();
        let copy = got.metadata().and_then(|metadata| metadata.get(copies::COPY)).cloned();
        let body = got.body.collect().await.unwrap().to_vec();
        let tags = s3.get_object_tagging().bucket(bucket).key(&key).version_id(&version).send().await.unwrap();
        let status = tags.tag_set().iter().find(|tag| tag.key() == "cvault:status").map(|tag| tag.value().to_owned());
        Stored { key, version, body, copy, status }
    };
    let all: Vec<_> = stream::iter(vault.versions(zone).await).map(look).buffer_unordered(AT_ONCE).collect().await;
    let mut by_copy = HashMap::<_, Vec<_>>::new();
    for stored in all {
        by_copy.entry(stored.copy.clone().unwrap_or_default()).or_default().push(stored);
    }
    by_copy
}

/// The executions about each version, or about a key where the event names no version, the first one first: when they
/// began, their ARNs, and how they ended.
async fn executions(life: &Life) -> HashMap<String, Vec<String>> {
    let about = async |arn: String| {
        let found = life.vault.stack.aws.sfn.describe_execution().execution_arn(&arn).send().await.unwrap();
        let input: Value = serde_json::from_str(&found.input.unwrap_or_default()).unwrap_or_default();
        let object = &input["detail"]["object"];
        let about = object["version-id"].as_str().or(object["key"].as_str()).unwrap_or_default().to_owned();
        let begun = found.start_date.to_millis().unwrap();
        let output: Value = serde_json::from_str(&found.output.unwrap_or_default()).unwrap_or_default();
        let (verdict, error) = (&output["Classifier"]["Verdict"], found.error.unwrap_or_default());
        let handed_over = if output["HandedOver"].is_string() { "handed over" } else { "" };
        let said = format!("{} {handed_over}{error} {} {}", found.status, verdict["Status"], verdict["Reasons"]);
        (begun, about, format!("{begun} {arn} {said}"))
    };
    let all = stream::iter(life.executions(None).await).map(about).buffer_unordered(AT_ONCE);
    let mut all: Vec<_> = all.collect().await;
    all.sort();
    let mut of = HashMap::<_, Vec<_>>::new();
    for (_, about, execution) in all {
        of.entry(about).or_default().push(execution);
    }
    of
}

/// Whether a message is about files that were judged, and not about what failed.
fn is_verdict(message: &Message) -> bool {
    ["cvault held ", "cvault left ", "cvault did not store "].iter().any(|begin| message.subject.starts_with(begin))
}

impl Ends {
    pub async fn of(life: &Life, not_cleared: Vec<(String, String)>) -> Self {
        let status = life.vault.stack.run(&["status", "--output", "json", "--config", life.configuration.path()]);
        Self {
            ingress: life.versions_in(Zone::Ingress).await,
            analytics: stored(&life.vault, Zone::Analytics).await,
            vault: stored(&life.vault, Zone::Vault).await,
            messages: life.vault.messages().await,
            executions: executions(life).await,
            status: status.document(),
            not_cleared,
        }
    }

    /// Where a version is.
    fn place(&self, life: &Life, sent: &Sent, later: &[Sent]) -> Place {
        let id = copies::copy_id(&life.vault.stack.names.bucket(Zone::Ingress), &sent.key, &sent.version);
        let none = vec![];
        let in_vault = self.vault.get(&id).unwrap_or(&none);
        let copies = self.analytics.get(&id).unwrap_or(&none);
        let is = |of: [&str; 2]| copies.iter().any(|copy| copy.status.as_deref().is_some_and(|it| of.contains(&it)));
        let (held, unproven) = (is(HELD), is(UNPROVEN) && life.kind == Kind::Scanned);
        if let Some(other) = in_vault.iter().chain(copies).find(|stored| stored.body != sent.body) {
            return Place::Wrong(format!("{:?} {} has other bytes", other.key, other.version));
        }
        match (self.ingress.contains(&sent.version), in_vault.is_empty(), copies.is_empty(), held) {
            (true, true, true, _) if [Expected::Ignored, Expected::TakenBack].contains(&sent.expected) => {
                Place::Ignored
            }
            (true, true, _, false) => Place::Waiting,
            (false, false, true, _) => Place::Vault,
            (false, true, false, true) => Place::Held,
            (false, true, false, false) if unproven => Place::Unproven,
            (false, true, true, _) if sent.expected == Expected::WentAlong => Place::WentAlong,
            (false, true, true, _) if is_replaced(sent, later) => Place::Replaced,
            // Somebody has put its bytes into the vault by hand, by which its held copy is cleared.
            (false, true, true, _)
                if sent.expected == Expected::Held
                    && life.by_hand.borrow().iter().any(|(_, body)| *body == sent.body) =>
            {
                Place::Held
            }
            (false, true, true, _) => Place::Wrong("it is lost".into()),
            (in_ingress, no_vault, no_copy, held) => Place::Wrong(format!(
                "in ingress: {in_ingress}, in the vault: {}, a copy in analytics: {}, held: {held}",
                !no_vault, !no_copy
            )),
        }
    }

    /// How many notices name a version, and how many messages are about executions that were about it.
    fn told(&self, sent: &Sent) -> (usize, usize) {
        let notices = self.messages.iter().filter(|it| is_verdict(it) && it.text.contains(&sent.version)).count();
        let of = [&sent.version, &sent.key].into_iter().filter_map(|about| self.executions.get(about)).flatten();
        let arn = |of: &String| of.split(' ').nth(1).unwrap().to_owned();
        let is_told = |of: &&String| self.messages.iter().any(|it| !is_verdict(it) && it.text.contains(&arn(of)));
        let ends = of.filter(is_told).count();
        (notices, ends)
    }

    /// What is wrong with a version, if anything is.
    fn wrong(&self, life: &Life, sent: &Sent, place: &Place) -> Option<String> {
        let (notices, ends) = self.told(sent);
        let placed = match (place, sent.expected) {
            (Place::Wrong(why), _) => return Some(why.clone()),
            // What was taken back is judged, too, where its sender was slower than the judge.
            (Place::Vault, of) => [Expected::Stored, Expected::TakenBack].contains(&of) && sent.is_clean(),
            // The digest of another file says that its bytes are not what its sender meant.
            (Place::Held, of) if life.kind == Kind::Pairs => of == Expected::Held,
            (Place::Held, of) => [Expected::Held, Expected::TakenBack].contains(&of) && !sent.is_clean(),
            (Place::Replaced | Place::Unproven, of) => [Expected::Stored, Expected::Held].contains(&of),
            (Place::Ignored, of) => [Expected::Ignored, Expected::TakenBack].contains(&of),
            (Place::WentAlong, of) => of == Expected::WentAlong,
            (Place::Waiting, of) => [Expected::Left, Expected::Awaited].contains(&of) || sent.may_wait,
        };
        // What waits for its companion is told of by an alarm, and after a day.
        let is_left = *place == Place::Waiting && sent.expected == Expected::Left;
        let tells = matches!(place, Place::Held | Place::Unproven) || is_left;
        match () {
            () if !placed => Some(format!("it is in {place:?}")),
            () if tells && notices + ends == 0 => Some("nobody is told".into()),
            // Where the event of a first part comes again, nobody knows any more that it was replaced: it is told of as gone.
            () if !tells && *place != Place::Replaced && notices > 0 => Some(format!("{notices} notices tell of it")),
            // Each one that did not come to its end may have told before.
            () if *place == Place::Held && notices > 1 + ends => Some(format!("{notices} notices, {ends} ends")),
            () => None,
        }
    }

    /// What can be known of a version, to whoever looks for the mistake.
    fn story(&self, life: &Life, sent: &Sent) -> String {
        let id = copies::copy_id(&life.vault.stack.names.bucket(Zone::Ingress), &sent.key, &sent.version);
        let of = |version: &str| self.executions.get(version).into_iter().flatten();
        let mut story =
            of(&sent.version).chain(of(&sent.key)).fold(String::new(), |story, it| format!("{story}\n    {it}"));
        for stored in self.vault.get(&id).into_iter().chain(self.analytics.get(&id)).flatten() {
            let Stored { key, version, status, .. } = stored;
            write!(story, "\n    {key:?} {version} {status:?}").unwrap();
            of(version).for_each(|it| write!(story, "\n        {it}").unwrap());
        }
        let notices = self.messages.iter().filter(|it| it.text.contains(&sent.version));
        notices.fold(story, |story, it| format!("{story}\n    {}", it.subject))
    }

    /// Fails unless every version is accounted for, and the program counts the same.
    pub fn expect_all(&self, life: &Life) {
        let sent = life.sent.borrow();
        let places: Vec<_> = (0..sent.len()).map(|at| self.place(life, &sent[at], &sent[at + 1..])).collect();
        let mut wrong = self.strangers(life);
        for (sent, place) in sent.iter().zip(&places) {
            let of = self.wrong(life, sent, place);
            let of =
                of.map(|why| format!("{} {:?} {}: {why}{}", sent.kind, sent.key, sent.version, self.story(life, sent)));
            wrong.extend(of.map(|why| why.replace(LONG, "long/")));
        }
        for (arn, how) in &self.not_cleared {
            if !self.messages.iter().any(|message| message.text.contains(arn)) {
                wrong.push(format!("{arn} has failed, and nobody is told: {how}"));
            }
        }
        let count = |of: &Place| places.iter().filter(|place| *place == of).count();
        for (name, counted) in
            [("versions", count(&Place::Waiting)), ("ignored", count(&Place::Ignored)), ("dead_letters", 0)]
        {
            if self.status["waiting"][name] != counted {
                wrong.push(format!("{name}: {counted}, status says {}", self.status["waiting"][name]));
            }
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), sent.len(), wrong.join("\n"));
    }

    /// What is in the vault or in analytics and was never sent, or is not what it has to be.
    fn strangers(&self, life: &Life) -> Vec<String> {
        let (sent, by_hand) = (life.sent.borrow(), life.by_hand.borrow());
        let ingress = life.vault.stack.names.bucket(Zone::Ingress);
        let known: BTreeSet<_> = sent.iter().map(|it| copies::copy_id(&ingress, &it.key, &it.version)).collect();
        let is_by_hand = |it: &Stored| by_hand.iter().any(|(version, body)| *version == it.version || *body == it.body);
        let in_vault = self.vault.values().flatten().filter(|it| match &it.copy {
            Some(copy) => !known.contains(copy) || it.status.as_deref() != Some("VAULT_COPY"),
            None => !is_by_hand(it),
        });
        let copies = self.analytics.values().flatten();
        let copies = copies.filter(|it| it.copy.as_ref().is_none_or(|copy| !known.contains(copy)));
        in_vault.chain(copies).map(|it| format!("{:?} {} {:?} is nobody's", it.key, it.version, it.status)).collect()
    }

    /// What was sent, what has struck, and where everything ended.
    pub fn print(&self, life: &Life, sweeps: usize) {
        let sent = life.sent.borrow();
        let mut rows = BTreeMap::<_, BTreeMap<_, usize>>::new();
        let mut twice = 0;
        for (at, of) in sent.iter().enumerate() {
            let place = match self.place(life, of, &sent[at + 1..]) {
                Place::Wrong(_) => "WRONG".to_owned(),
                place => format!("{place:?}"),
            };
            *rows.entry(of.kind).or_default().entry(place).or_default() += 1;
            twice += usize::from(self.told(of).0 > 1 && of.expected == Expected::Held);
        }
        println!("{} versions were sent:", sent.len());
        for (kind, places) in rows {
            println!("  {kind}: {places:?}");
        }
        for (fault, times) in life.struck.borrow().iter() {
            println!("  {times} x {fault}");
        }
        let stored: usize = self.vault.iter().filter(|(copy, _)| !copy.is_empty()).map(|(_, all)| all.len() - 1).sum();
        println!("  {} messages, {twice} held versions in two of them, {stored} stored twice", self.messages.len());
        println!("  {} executions could not clear a copy, and a sweep has", self.not_cleared.len());
        println!("  {sweeps} sweeps; waiting: {}", self.status["waiting"]);
    }
}

/// Whether a later version of the key begins with all of its bytes.
fn is_replaced(sent: &Sent, later: &[Sent]) -> bool {
    later.iter().any(|it| it.key == sent.key && it.body.starts_with(&sent.body))
}
