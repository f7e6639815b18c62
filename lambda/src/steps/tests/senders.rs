//! What senders do with what they send: renames, stubs, companions, and the same file again.

use super::vault;
use crate::messages::{Answer, GivenRules, Request, Source, Status, Verdict};
use crate::stand_in::buckets::{Buckets, Version};
use crate::stand_in::{Call, Reply, StandIn};
use crate::steps::Vault;
use contract::{IngressRules, Rules, Unchanged};
use serde_json::json;
use std::cell::Cell;

pub(super) const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n";
pub(super) const OTHER: &[u8] = b"seq,city\n2,Kingsford\n";
pub(super) const BROKEN: &[u8] = b"seq,city\n1,Kingsford,extra\n";
/// Of [`CLEAN`].
pub(super) const MD5: &str = "ce516f4a0d58adde1756cf363d1edfbb";

/// The buckets, and the state machine that works on them.
pub(super) struct World {
    pub(super) buckets: Buckets,
    pub(super) vault: Vault,
    rules: IngressRules,
    /// Whether S3's events were lost, so that a sweep starts what there is.
    pub(super) is_swept: Cell<bool>,
}

impl World {
    pub(super) fn of(rules: IngressRules) -> Self {
        Self::where_s3(rules, |_| None)
    }

    /// Where S3 answers so instead.
    pub(super) fn where_s3(
        rules: IngressRules,
        instead: impl Fn(&Call) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let buckets = Buckets::default();
        let real = buckets.stand_in();
        let vault = vault(&StandIn::new(move |call| instead(call).unwrap_or_else(|| (real.answer)(call))));
        Self { buckets, vault, rules, is_swept: Cell::default() }
    }

    /// The same, after a change of rules.
    pub(super) fn by(self, rules: IngressRules) -> Self {
        Self { rules, ..self }
    }

    pub(super) fn settling() -> Self {
        Self::of(IngressRules { settle_seconds: 5, ..IngressRules::default() })
    }

    pub(super) fn pairing(pairs: &[&str]) -> Self {
        let pairs = pairs.iter().map(|&end| end.to_owned()).collect();
        Self::of(IngressRules { pairs, ..IngressRules::default() })
    }

    pub(super) fn put(&self, key: &str, body: &[u8]) -> String {
        self.buckets.put(&format!("in/{key}"), Version { body: body.into(), ..Version::default() })
    }

    pub(super) fn hide(&self, key: &str) {
        self.buckets.put(&format!("in/{key}"), Version { is_marker: true, ..Version::default() });
    }

    /// What is current in the vault, and how many different ones are there: what was stored late is stored under what is newer.
    pub(super) fn stored(&self) -> (Vec<u8>, usize) {
        let mut all: Vec<_> = self.buckets.all("va/").into_iter().map(|(_, version)| version.body).collect();
        let current = all.last().cloned().unwrap_or_default();
        all.sort();
        all.dedup();
        (current, all.len())
    }

    pub(super) fn left(&self, bucket: &str) -> Vec<String> {
        let versions = self.buckets.all(&format!("{bucket}/")).into_iter();
        versions.filter(|(_, version)| !version.is_marker).map(|(path, _)| path).collect()
    }

    pub(super) fn request(&self, step: &str, (key, version): (&str, &str)) -> Request {
        let size =
            self.buckets.all(&format!("in/{key}")).iter().find(|it| it.1.id == version).map(|it| it.1.body.len());
        // Of one key they are in the order of its versions.
        let number = version.trim_start_matches('v').split('-').next().and_then(|number| number.parse::<u32>().ok());
        let sequencer = format!("{:08X}", number.unwrap_or_default());
        let sequencer = Some(sequencer).filter(|_| !self.is_swept.get());
        let object = json!({"key": key, "version-id": version, "sequencer": sequencer, "size": size});
        let execution = format!("arn:aws:states:eu-west-1:1:execution:m:{version}");
        let request = json!({"Step": step, "Bucket": "in", "Object": object, "Execution": execution, "Attempt": 9});
        let request: Request = serde_json::from_value(request).unwrap();
        Request { rules: Some(GivenRules::Known(Rules::default())), ingress: self.rules.clone(), ..request }
    }

    /// The state machine, for one event.
    pub(super) async fn event(&self, key: &str, version: &str) -> Answer {
        let begun = self.begun(key, version).await;
        self.ended((key, version), begun).await
    }

    /// Its first step.
    pub(super) async fn begun(&self, key: &str, version: &str) -> Answer {
        self.vault.take(self.request("CopyToAnalytics", (key, version))).await.unwrap()
    }

    /// What comes after that.
    pub(super) async fn ended(&self, (key, version): (&str, &str), mut answer: Answer) -> Answer {
        for (status, step) in [(Status::Copied, "InspectContent"), (Status::Clean, "StoreInVault")] {
            if answer.verdict.status == status {
                answer = self.after(step, (key, version), &answer).await;
            }
        }
        if matches!(answer.verdict.status, Status::VaultCopy | Status::IntegrityFail | Status::HasFindings) {
            answer = self.after("DeleteFromIngress", (key, version), &answer).await;
        }
        answer
    }

    pub(super) async fn after(&self, step: &str, event: (&str, &str), answer: &Answer) -> Answer {
        self.vault.take(self.given(step, event, answer)).await.unwrap()
    }

    /// The request for the step after another.
    pub(super) fn given(&self, step: &str, event: (&str, &str), answer: &Answer) -> Request {
        // Through the state, as the state machine hands it on.
        let state = json!({"Source": answer.source, "Verdict": answer.verdict});
        let source: Source = serde_json::from_value(state["Source"].clone()).unwrap();
        let verdict: Verdict = serde_json::from_value(state["Verdict"].clone()).unwrap();
        Request { source: Some(source), verdict: Some(verdict), ..self.request(step, event) }
    }

    pub(super) async fn status(&self, key: &str, version: &str) -> Status {
        let answer = self.event(key, version).await;
        assert!(answer.notice.is_none() || answer.verdict.status == Status::IntegrityFail, "{answer:#?}");
        answer.verdict.status
    }
}

/// A rename: what had the temporary name is nobody's, and stays below its delete marker.
#[tokio::test]
async fn what_is_taken_back_at_once_is_not_judged() {
    let world = World::settling();
    let (old, new) = (world.put("a.csv.upload", CLEAN), world.put("a.csv", CLEAN));
    world.hide("a.csv.upload");
    assert_eq!(world.status("a.csv.upload", &old).await, Status::NothingToJudge);
    assert_eq!(world.status("a.csv", &new).await, Status::VaultCopy);
    assert_eq!((world.left("in"), world.left("va")), (vec!["in/a.csv.upload".into()], vec!["va/a.csv".into()]));
}

/// Who deletes later has sent a file, and so has whoever asked for no time to settle.
#[tokio::test]
async fn what_is_deleted_later_is_judged() {
    for (rules, age) in [(World::settling().rules, 60), (IngressRules::default(), 0)] {
        let world = World::of(rules);
        let version = world.put("a.csv", CLEAN);
        world.buckets.age(age);
        world.hide("a.csv");
        assert_eq!(world.status("a.csv", &version).await, Status::VaultCopy);
    }
}

/// File systems on top of S3 open with an empty object, and flush what they have so far.
#[tokio::test]
async fn a_stub_that_is_replaced_at_once_is_not_judged() {
    let world = World::settling();
    let (empty, part) = (world.put("a.csv", b""), world.put("a.csv", &CLEAN[..10]));
    let whole = world.put("a.csv", CLEAN);
    let request = world.request("CopyToAnalytics", ("a.csv", &empty));
    assert_eq!(world.status("a.csv", &empty).await, Status::NothingToJudge);
    assert_eq!(world.status("a.csv", &part).await, Status::NothingToJudge);
    assert_eq!(world.left("in"), ["in/a.csv"]);
    // The event of a stub comes twice.
    assert_eq!(world.vault.take(request).await.unwrap().verdict.status, Status::NothingToJudge);
    assert_eq!(world.status("a.csv", &whole).await, Status::VaultCopy);
    assert_eq!((world.left("in"), world.left("an").len(), world.left("va").len()), (vec![], 1, 1));
}

/// A retention in ingress keeps it: nobody is told, since nothing is in it.
#[tokio::test]
async fn a_stub_that_may_not_be_deleted_fails_nothing() {
    let rules = IngressRules { settle_seconds: 5, ..IngressRules::default() };
    let world = World::where_s3(rules, |call| {
        call.what.starts_with("DELETE /in/").then_some(Reply::Refusal(403, "AccessDenied"))
    });
    let empty = world.put("a.csv", b"");
    world.put("a.csv", CLEAN);
    assert_eq!(world.status("a.csv", &empty).await, Status::NothingToJudge);
    assert_eq!(world.left("in").len(), 2);
}

/// Its event comes when the whole file has been judged and has left: the stub is current again, and still nobody's.
#[tokio::test]
async fn a_stub_whose_event_comes_late_is_not_judged() {
    for (stub, body, after, expected) in [
        (&b""[..], CLEAN, 2, Status::NothingToJudge),
        (&CLEAN[..10], CLEAN, 2, Status::NothingToJudge),
        (&CLEAN[..10], BROKEN, 2, Status::NothingToJudge),
        // Nothing that begins with its bytes came that soon.
        (BROKEN, CLEAN, 2, Status::IntegrityFail),
        (b"", CLEAN, 60, Status::IntegrityFail),
    ] {
        let world = World::settling();
        let first = world.put("a.csv", stub);
        world.buckets.age(after);
        let second = world.put("a.csv", body);
        world.buckets.age(60);
        world.event("a.csv", &second).await;
        assert_eq!(world.left("in"), ["in/a.csv"]);
        assert_eq!(world.status("a.csv", &first).await, expected, "{stub:?} {after}");
        assert_eq!(world.left("in"), [""; 0]);
        assert_eq!(
            world.left("an").len() + world.left("va").len(),
            if expected == Status::NothingToJudge { 1 } else { 2 } + usize::from(body == CLEAN)
        );
    }
    // What comes after a whole file is none of it: an empty file, sent last, is judged.
    let world = World::settling();
    let whole = world.put("a.csv", CLEAN);
    world.buckets.age(2);
    let empty = world.put("a.csv", b"");
    world.buckets.age(60);
    world.event("a.csv", &whole).await;
    assert_eq!(world.status("a.csv", &empty).await, Status::IntegrityFail);
}

/// What replaced it is under a key that is gone, so that nobody knows its bytes.
#[tokio::test]
async fn a_stub_of_what_cannot_be_read_is_judged() {
    let world = World::settling();
    let stub = world.put("a.csv", &CLEAN[..10]);
    world.buckets.age(2);
    let whole = world.put("a.csv", CLEAN);
    world.buckets.age(60);
    world.event("a.csv", &whole).await;
    let (copy, _) = world.buckets.all("an/").pop().unwrap();
    world.buckets.remove(&copy);
    world.buckets.withhold("va/a.csv", 403, "AccessDenied");
    assert_eq!(world.status("a.csv", &stub).await, Status::IntegrityFail);
    assert_eq!(world.left("in"), [""; 0]);
}

#[tokio::test]
async fn what_has_bytes_of_its_own_is_judged_though_it_was_replaced() {
    let world = World::settling();
    let (one, other) = (world.put("a.csv", CLEAN), world.put("a.csv", OTHER));
    for version in [one, other] {
        assert_eq!(world.status("a.csv", &version).await, Status::VaultCopy);
    }
    assert_eq!((world.left("in").len(), world.left("va").len()), (0, 2));
    // Nor is it if the next one came later.
    let stub = world.put("a.csv", b"");
    world.buckets.age(60);
    world.put("a.csv", CLEAN);
    assert_eq!(world.status("a.csv", &stub).await, Status::IntegrityFail);
}

/// Somebody has begun to judge it and has died, or hands it over: no copy is left without a verdict.
#[tokio::test]
async fn what_somebody_has_begun_to_judge_is_judged_though_it_was_replaced() {
    let world = World::settling();
    let first = world.put("a.csv", BROKEN);
    let request = world.request("CopyToAnalytics", ("a.csv", &first));
    assert_eq!(world.vault.take(request).await.unwrap().verdict.status, Status::Copied);
    world.put("a.csv", BROKEN);
    assert_eq!(world.status("a.csv", &first).await, Status::IntegrityFail);
    assert_eq!((world.left("in").len(), world.left("an").len()), (1, 1));
}

/// Whichever comes last has the file judged, and both leave ingress.
#[tokio::test]
async fn a_file_and_its_companion_are_judged_once() {
    for companion_first in [false, true] {
        let world = World::pairing(&[".done"]);
        let names = if companion_first { ["a.csv.done", "a.csv"] } else { ["a.csv", "a.csv.done"] };
        let body = |name: &str| if name == "a.csv" { CLEAN } else { b"" };
        let first = world.put(names[0], body(names[0]));
        assert_eq!(world.status(names[0], &first).await, Status::NothingToJudge);
        let second = world.put(names[1], body(names[1]));
        assert_eq!(world.status(names[1], &second).await, Status::VaultCopy, "{names:?}");
        assert_eq!((world.left("in").len(), world.left("va")), (0, vec!["va/a.csv".to_owned()]));
        let order = world.buckets.all("va/")[0].1.metadata.get("x-amz-meta-cvault-order").cloned();
        assert_eq!(order.is_some(), companion_first, "only the file's own event knows its place");
        // Both events come once more.
        assert_eq!(world.status("a.csv", if companion_first { &second } else { &first }).await, Status::AlreadySettled);
        assert_eq!(
            world.status("a.csv.done", if companion_first { &first } else { &second }).await,
            Status::NothingToJudge
        );
    }
}

#[tokio::test]
async fn a_digest_is_compared() {
    for (companion, says, expected) in [
        ("a.csv.md5", format!("{MD5}  a.csv\n"), Status::VaultCopy),
        ("a.csv.md5", "0".repeat(32), Status::IntegrityFail),
        ("a.csv.sha256", "0".repeat(64), Status::IntegrityFail),
        ("a.csv.sha512", "0".repeat(128), Status::IntegrityFail),
        ("a.csv.md5", "soon".into(), Status::IntegrityFail),
    ] {
        let world = World::pairing(&[".done", ".md5", ".sha256", ".sha512"]);
        world.put("a.csv", CLEAN);
        let version = world.put(companion, says.as_bytes());
        let answer = world.event(companion, &version).await;
        assert_eq!(answer.verdict.status, expected, "{companion} {says} {answer:#?}");
        if expected == Status::IntegrityFail {
            let reason = &answer.verdict.reasons[0];
            assert!(reason.contains(&companion[5..]) && answer.notice.is_some(), "{reason}");
        }
        let stays = usize::from(says == "soon");
        assert_eq!(world.left("in").len(), stays, "what is no digest is lost by nobody");
    }
}

/// As PowerShell writes it, with another end of the same kind; and one of no bytes is lost by nobody either.
#[tokio::test]
async fn a_digest_is_known_by_any_usual_end() {
    let utf16 = format!("\u{feff}{MD5}  a.csv\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    for (end, says, expected) in [
        (".MD5", MD5.as_bytes(), Status::VaultCopy),
        (".MD5", &b"00000000000000000000000000000000"[..], Status::IntegrityFail),
        (".md5sum", &utf16, Status::VaultCopy),
        (".sha256sum", b"", Status::IntegrityFail),
    ] {
        let world = World::pairing(&[end]);
        world.put("a.csv", CLEAN);
        let companion = format!("a.csv{end}");
        let version = world.put(&companion, says);
        assert_eq!(world.status(&companion, &version).await, expected, "{end}");
        assert_eq!(world.left("in"), [""; 0], "{end}");
    }
}

/// A broken file says why it is, whatever its companion says.
#[tokio::test]
async fn a_broken_file_has_its_own_reason() {
    let world = World::pairing(&[".md5"]);
    world.put("a.csv", BROKEN);
    let version = world.put("a.csv.md5", MD5.as_bytes());
    let answer = world.event("a.csv.md5", &version).await;
    assert!(answer.verdict.reasons[0].contains("row 2 has 3 fields"), "{:?}", answer.verdict.reasons);
}

/// What says more than that a file is complete is a file, too, once it is alone; a version below another one is judged
/// when it is too late for its companion, and comes to lie below what is newer.
#[tokio::test]
async fn nothing_that_is_left_over_is_forgotten() {
    let world = World::pairing(&[".ctl"]);
    let old = world.put("a.csv", OTHER);
    world.buckets.age(60);
    world.put("a.csv", CLEAN);
    let manifest = world.put("a.csv.ctl", b"rows=1\n");
    assert_eq!(world.status("a.csv", &old).await, Status::NothingToJudge, "the companion is the newer one's");
    assert_eq!(world.status("a.csv.ctl", &manifest).await, Status::VaultCopy);
    assert_eq!(world.left("in"), ["in/a.csv", "in/a.csv.ctl"]);
    world.put("a.csv", b"seq,city\n3,Kingsford\n");
    world.buckets.age(4000);
    assert_eq!(world.status("a.csv", &old).await, Status::VaultCopy);
    let current = world.buckets.all("va/").pop().unwrap().1;
    assert_eq!(current.body, CLEAN, "stored earlier, uploaded later");
    world.buckets.remove("in/a.csv");
    let alone = world.event("a.csv.ctl", &manifest).await;
    assert_eq!(alone.verdict.status, Status::IntegrityFail, "no format that is known: {alone:#?}");
    assert_eq!(world.left("in"), [""; 0]);
}

/// Nobody waits for ever: a file whose companion has not come within a day is held, and told of.
#[tokio::test]
async fn a_companion_that_does_not_come_is_told_of() {
    let world = World::pairing(&[".done"]);
    let version = world.put("a.csv", CLEAN);
    world.buckets.age(23 * 3600);
    assert_eq!(world.status("a.csv", &version).await, Status::NothingToJudge);
    world.buckets.age(2 * 3600);
    let answer = world.event("a.csv", &version).await;
    assert_eq!(answer.verdict.status, Status::IntegrityFail);
    assert!(answer.verdict.reasons[0].contains("has not come") && answer.notice.is_some(), "{answer:#?}");
    // A key that has no room for one is complete by itself.
    let long = "k".repeat(1016) + ".csv";
    let version = world.put(&long, CLEAN);
    assert_eq!(world.status(&long, &version).await, Status::VaultCopy);
}

/// What was held for its digest is held for it again, though the companion went with it.
#[tokio::test]
async fn judging_again_compares_the_digest_again() {
    let world = World::pairing(&[".md5"]);
    world.put("a.csv", CLEAN);
    let version = world.put("a.csv.md5", "0".repeat(32).as_bytes());
    assert_eq!(world.status("a.csv.md5", &version).await, Status::IntegrityFail);
    let (path, copy) = world.buckets.all("an/").pop().unwrap();
    let key = path.strip_prefix("an/").unwrap();
    let request = |step: &str| Request { bucket: "an".into(), ..world.request(step, (key, &copy.id)) };
    let copied = world.vault.take(request("CopyToAnalytics")).await.unwrap();
    assert_eq!(copied.verdict.status, Status::Copied);
    let inspect = Request { source: copied.source, verdict: Some(copied.verdict), ..request("InspectContent") };
    let again = world.vault.take(inspect).await.unwrap();
    assert_eq!(again.verdict.status, Status::AlreadySettled, "held as before");
    assert!(again.verdict.reasons[0].contains("says 0000"), "{:?}", again.verdict.reasons);
}

/// The same temporary name each day: what was taken back stays so, whatever comes after it.
#[tokio::test]
async fn what_was_taken_back_stays_so_under_later_versions() {
    let world = World::settling();
    let old = world.put("a.upload", CLEAN);
    world.hide("a.upload");
    world.buckets.age(3600);
    world.put("a.upload", OTHER);
    assert_eq!(world.status("a.upload", &old).await, Status::NothingToJudge);
    assert_eq!(world.left("in").len(), 2);
}

#[tokio::test]
async fn the_same_bytes_are_stored_once_where_that_is_wanted() {
    for unchanged in [Unchanged::Store, Unchanged::Skip] {
        let world = World::of(IngressRules { unchanged, ..IngressRules::default() });
        for _ in 0..3 {
            let version = world.put("a.csv", CLEAN);
            let answer = world.event("a.csv", &version).await;
            assert_eq!(answer.verdict.status, Status::VaultCopy);
            assert!(answer.source.unwrap().stored_version_id.is_some());
        }
        let expected = if unchanged == Unchanged::Skip { 1 } else { 3 };
        assert_eq!((world.left("in").len(), world.left("va").len()), (0, expected));
        // S3's event clears what it was made from; of the others nothing is left to clear.
        assert_eq!(world.left("an").len(), expected);
        let version = world.put("a.csv", OTHER);
        assert_eq!(world.status("a.csv", &version).await, Status::VaultCopy);
        assert_eq!(world.left("va").len(), expected + 1);
    }
}

/// Otherwise the older one, with other bytes, would be stored on top of what was skipped.
#[tokio::test]
async fn nothing_is_skipped_while_an_earlier_version_waits() {
    let world = World::of(IngressRules { unchanged: Unchanged::Skip, ..IngressRules::default() });
    let first = world.put("a.csv", CLEAN);
    world.status("a.csv", &first).await;
    let (middle, last) = (world.put("a.csv", OTHER), world.put("a.csv", CLEAN));
    assert_eq!(world.status("a.csv", &last).await, Status::VaultCopy);
    assert_eq!(world.left("va").len(), 2, "stored once more");
    world.status("a.csv", &middle).await;
    assert_eq!(world.left("in"), [""; 0]);
}

/// What nobody can read is compared with nothing, and keeps no file in ingress.
#[tokio::test]
async fn what_cannot_be_read_stands_for_no_other() {
    let world = World::of(IngressRules { unchanged: Unchanged::Skip, ..IngressRules::default() });
    let first = world.put("a.csv", CLEAN);
    world.status("a.csv", &first).await;
    world.buckets.archive("va/a.csv");
    let second = world.put("a.csv", CLEAN);
    assert_eq!(world.status("a.csv", &second).await, Status::VaultCopy);
    assert_eq!((world.left("in").len(), world.left("va").len()), (0, 2));
    // As where its key is gone: neither its bytes nor its checksum can be read.
    for (number, status, code) in [(3, 400, "KMS.DisabledException"), (4, 403, "AccessDenied")] {
        world.buckets.withhold("va/a.csv", status, code);
        let version = world.put("a.csv", CLEAN);
        assert_eq!(world.status("a.csv", &version).await, Status::VaultCopy);
        assert_eq!((world.left("in").len(), world.left("va").len()), (0, number), "{code}");
    }
}

/// A file system on top of S3 writes a stub of a file that has a companion.
#[tokio::test]
async fn a_stub_is_none_of_a_pair() {
    let pairs = vec![".done".to_owned()];
    let world = World::of(IngressRules { settle_seconds: 5, pairs, ..IngressRules::default() });
    let (stub, _) = (world.put("a.csv", b""), world.put("a.csv", CLEAN));
    assert_eq!(world.status("a.csv", &stub).await, Status::NothingToJudge);
    assert_eq!(world.left("in"), ["in/a.csv"]);
    let done = world.put("a.csv.done", b"");
    assert_eq!(world.status("a.csv.done", &done).await, Status::VaultCopy);
    assert_eq!(world.left("in"), [""; 0]);
}
