//! Four eyes, as far as IAM has any: what one releaser alone can do with what is held, and what two can.

use super::actions::{BUCKET_ACTIONS, OBJECT_ACTIONS};
use super::{administrator, identity, policy, role, root};
use crate::simulator::{Caller, Policy, Request};
use crate::stack::{ACCOUNT, OTHER_ACCOUNT, RELEASERS, Stack};
use classifier::copies;
use cvault::deploy::denial::Deeds;
use cvault::vault::definitions as definition;
use cvault::vault::names::Zone;
use std::collections::BTreeSet;

const READS: [&str; 2] = ["s3:GetObject", "s3:GetObjectVersion"];
const TAGS: [&str; 2] = ["s3:PutObjectTagging", "s3:PutObjectVersionTagging"];
/// The verdicts that hold a version.
const HELD: [&str; 4] = ["HAS_FINDINGS", "INTEGRITY_FAIL", "JOB_CANCELLED", "NOT_ANALYSED"];

/// Tags of an object.
type Tags = Vec<(&'static str, String)>;

/// The policies of a stack where two have to want it.
struct Vault {
    stack: Stack,
    analytics: [Policy; 2],
    stored: [Policy; 2],
}

impl Vault {
    fn all() -> Vec<Self> {
        Stack::all().into_iter().map(|stack| Self::of(stack.with_four_eyes())).collect()
    }

    fn of(stack: Stack) -> Self {
        let both = |definitions: [definition::Definition; 2]| definitions.map(|it| policy(&stack, it));
        let analytics = both([definition::BUCKET_ANALYTICS, definition::BUCKET_ANALYTICS_APPROVALS]);
        let stored = both([definition::BUCKET_VAULT, definition::BUCKET_VAULT_APPROVALS]);
        Self { stack, analytics, stored }
    }

    /// Two releasers: one by name, one by wildcard.
    fn releasers(&self) -> [String; 2] {
        let of = |name| self.stack.iam(ACCOUNT, name);
        [of("role/analyst"), of("role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_release_0a1b")]
    }

    /// Who is none, whatever else they may do.
    fn others(&self) -> Vec<Caller> {
        let of = |account, name| identity(&self.stack, account, name);
        let near = [of(ACCOUNT, "role/analyst2"), of(ACCOUNT, "user/analyst"), of(OTHER_ACCOUNT, "role/analyst")];
        near.into_iter().chain([administrator(&self.stack), root(&self.stack, ACCOUNT)]).collect()
    }

    /// The tags of a held version.
    fn held(&self, status: &str, request: &[(&'static str, &str)]) -> Tags {
        let execution = format!("{}:e", self.stack.names.executions_arn());
        let request = request.iter().map(|(key, value)| (*key, (*value).to_owned()));
        let own = [("team", "sea".to_owned()), ("cvault:status", status.to_owned()), ("cvault:execution", execution)];
        own.into_iter().chain(request).collect()
    }

    fn analytics_denies(&self, request: &Request) -> bool {
        self.analytics.iter().any(|policy| policy.denies(request))
    }

    fn reads(&self, caller: &Caller, tags: &Tags) -> bool {
        let read = |action| existing(Request::new(caller.clone(), action, &self.stack.object(Zone::Analytics)), tags);
        let [current, version] = READS.map(|action| !self.analytics_denies(&read(action)));
        assert_eq!(current, version, "{tags:?}");
        version
    }

    /// Whether the tags of an object may after these.
    fn tags(&self, caller: &Caller, is: &Tags, after: &Tags) -> bool {
        let write = |action| {
            let request = Request::new(caller.clone(), action, &self.stack.object(Zone::Analytics));
            let request = existing(request, is);
            let with = |request: Request, (key, value): &(&str, String)| {
                request.with(&format!("s3:RequestObjectTag/{key}"), value)
            };
            let request = after.iter().fold(request, with);
            // Of several keys there is any: a request for each.
            let keys = after.iter().map(|(key, _)| request.clone().with("s3:RequestObjectTagKeys", key));
            !keys.chain(after.is_empty().then(|| request.clone())).any(|request| self.analytics_denies(&request))
        };
        let [current, version] = TAGS.map(write);
        assert_eq!(current, version, "{is:?} to {after:?}");
        version
    }
}

fn existing(request: Request, tags: &Tags) -> Request {
    tags.iter().fold(request, |request, (key, value)| request.with(&format!("s3:ExistingObjectTag/{key}"), value))
}

fn requested<'a>(by: &'a str, what: &'a str) -> [(&'static str, &'a str); 2] {
    [("cvault:requested-by", by), ("cvault:request", what)]
}

const RELEASE: &str = "release 2026-11-28T12:00:00Z test data";
const DISCARD: &str = "discard 2026-11-28T12:00:00Z test data";

#[test]
fn one_asks_and_another_one_reads() {
    for vault in Vault::all() {
        let [ana, bob] = vault.releasers();
        for (one, other) in [(&ana, &bob), (&bob, &ana)] {
            let [asks, confirms] = [one, other].map(|arn| Caller::Aws(arn.clone()));
            for status in HELD {
                let before = vault.held(status, &[]);
                for what in [RELEASE, DISCARD] {
                    let after = vault.held(status, &requested(one, what));
                    assert!(vault.tags(&asks, &before, &after), "{status} {what}");
                    assert!(!vault.reads(&asks, &before) && !vault.reads(&asks, &after), "{status} {what}");
                    assert_eq!(vault.reads(&confirms, &after), what == RELEASE, "{status} {what}");
                    // Either takes it back.
                    assert!([&asks, &confirms].iter().all(|caller| vault.tags(caller, &after, &before)), "{status}");
                }
            }
        }
    }
}

/// Whatever one releaser writes, one tag set after the other, nothing that they may read comes of it: a request of
/// another's is never theirs to make, nor to change.
#[test]
fn one_alone_reads_nothing() {
    for vault in Vault::all() {
        let [ana, bob] = vault.releasers();
        let me = Caller::Aws(ana.clone());
        let by = [None, Some(ana.as_str()), Some(bob.as_str()), Some(""), Some("somebody")];
        let what = [None, Some(RELEASE), Some(DISCARD), Some("release"), Some("release "), Some("")];
        let tags = |(by, what): (Option<&str>, Option<&str>)| {
            let request = [("cvault:requested-by", by), ("cvault:request", what)];
            let request: Vec<_> = request.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
            vault.held("HAS_FINDINGS", &request)
        };
        let all: Vec<_> = by.into_iter().flat_map(|by| what.map(|what| (by, what))).collect();
        // What others have asked for: nothing, or a discard, which lets nobody read.
        for start in [(None, None), (Some(bob.as_str()), Some(DISCARD))] {
            let (mut seen, mut next) = (BTreeSet::from([start]), vec![start]);
            while let Some(is) = next.pop() {
                assert!(!vault.reads(&me, &tags(is)), "{is:?} from {start:?}");
                let after = all.iter().filter(|after| vault.tags(&me, &tags(is), &tags(**after)));
                next.extend(after.copied().filter(|after| seen.insert(*after)));
            }
            assert!(seen.len() > 3, "requests of one's own are among them: {seen:?}");
        }
    }
}

#[test]
fn nobody_asks_in_the_name_of_another() {
    for vault in Vault::all() {
        let [ana, bob] = vault.releasers();
        let (me, before) = (Caller::Aws(ana.clone()), vault.held("HAS_FINDINGS", &[]));
        let of_bob = vault.held("HAS_FINDINGS", &requested(&bob, RELEASE));
        assert!(!vault.tags(&me, &before, &of_bob));
        for change in [requested(&bob, DISCARD), requested(&ana, RELEASE)] {
            assert!(!vault.tags(&me, &of_bob, &vault.held("HAS_FINDINGS", &change)), "{change:?}");
        }
        for other in vault.others() {
            let Caller::Aws(arn) = &other else { continue };
            assert!(!vault.tags(&other, &before, &vault.held("HAS_FINDINGS", &requested(arn, RELEASE))), "{arn}");
            assert!(!vault.tags(&other, &of_bob, &before), "{arn} takes nothing back");
        }
    }
}

/// A request comes beside the verdict, and nothing else of ours changes.
#[test]
fn the_verdict_stays_as_it_is() {
    for vault in Vault::all() {
        let [ana, _] = vault.releasers();
        let (me, request) = (Caller::Aws(ana.clone()), requested(&ana, RELEASE));
        for (status, other) in HELD.into_iter().zip(HELD.into_iter().cycle().skip(1)) {
            let (is, good) = (vault.held(status, &[]), vault.held(status, &request));
            assert!(vault.tags(&me, &is, &good));
            let without = |name: &str| good.iter().filter(|(key, _)| *key != name).cloned().collect::<Tags>();
            let with = |key, value: &str| [without(key), vec![(key, value.to_owned())]].concat();
            for bad in [
                with("cvault:status", other),
                with("cvault:status", "VAULT_COPY"),
                without("cvault:status"),
                without("cvault:execution"),
                with("cvault:execution", "arn:aws:states:eu-west-1:123456789012:execution:other:e"),
                with("cvault:released", "2026-11-28T12:00:00Z"),
                with("cvault:release-reason", "r"),
                vec![],
            ] {
                assert!(!vault.tags(&me, &is, &bad), "{bad:?}");
            }
        }
        // What nobody has judged yet, and what was judged good, nobody asks for.
        for is in [vec![], vault.held("VAULT_COPY", &[])] {
            assert!(!vault.tags(&me, &is, &vault.held("HAS_FINDINGS", &request)), "{is:?}");
        }
        let object = vault.stack.object(Zone::Analytics);
        for action in ["s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"] {
            assert!(vault.analytics_denies(&Request::new(me.clone(), action, &object)), "{action}");
        }
        let put = Request::new(me.clone(), "s3:PutObject", &object);
        assert!(!vault.analytics_denies(&put));
        assert!(vault.analytics_denies(&put.with("s3:RequestObjectTagKeys", "cvault:requested-by")));
    }
}

/// Of deletions S3 takes no condition on tags: who asks is cvault's to look at, and that it is a releaser is IAM's.
#[test]
fn only_releasers_discard() {
    for vault in Vault::all() {
        let object = vault.stack.object(Zone::Analytics);
        let folder = copies::analytics_key(&copies::copy_id("b", "k", "v"), contract::canary::ALL[0].key());
        let canary = format!("{}/{folder}", vault.stack.names.bucket_arn(Zone::Analytics));
        let denied = |caller: &Caller, on: &str| {
            let ask = |action| vault.analytics_denies(&Request::new(caller.clone(), action, on));
            ["s3:DeleteObject", "s3:DeleteObjectVersion"].map(ask)
        };
        for caller in vault.releasers().map(Caller::Aws).iter().chain([&role(&vault.stack, "classifier")]) {
            assert_eq!(denied(caller, &object), [false; 2], "{caller:?}");
        }
        for caller in vault.others() {
            assert_eq!(denied(&caller, &object), [true; 2], "{caller:?}");
            assert_eq!(denied(&caller, &canary), [false; 2], "{caller:?}: what `verify` has sent it takes away");
        }
    }
}

/// Bytes of a releaser's own are no release. In parts nothing is copied: of a part S3 does not say that it is one.
#[test]
fn releasers_only_copy_into_the_vault() {
    for vault in Vault::all() {
        let object = vault.stack.object(Zone::Vault);
        let denied = |request: &Request| vault.stored.iter().any(|policy| policy.denies(request));
        let buckets = Zone::ALL.map(|zone| (zone, vault.stack.names.bucket(zone)));
        for caller in vault.releasers().map(Caller::Aws) {
            let put = Request::new(caller.clone(), "s3:PutObject", &object);
            assert!(denied(&put), "{caller:?}");
            for (zone, bucket) in &buckets {
                for source in [format!("{bucket}/f/a.csv?versionId=v"), format!("/{bucket}/f/a.csv")] {
                    let copy = put.clone().with("s3:x-amz-copy-source", &source);
                    assert_eq!(denied(&copy), *zone == Zone::Ingress, "{source}");
                }
            }
            for source in ["other/a.csv", &format!("{}x/a.csv", buckets[1].1), "arn:aws:s3:eu-west-1:1:accesspoint/a"] {
                assert!(denied(&put.clone().with("s3:x-amz-copy-source", source)), "{source}");
            }
            for action in OBJECT_ACTIONS.into_iter().chain(["s3:WhateverObject"]) {
                let reads = action.contains(":Get") || action.contains(":List");
                let needed = ["s3:AbortMultipartUpload", "s3:PutObjectTagging"].contains(&action);
                let is_denied = denied(&Request::new(caller.clone(), action, &object));
                assert_eq!(is_denied, !(reads || needed), "{action}");
            }
        }
    }
}

/// Where the pattern of the releasers is so wide that the classifier and Macie are among them, too.
#[test]
fn the_pipeline_runs_as_before() {
    for vault in Vault::all() {
        let wide = |definition| {
            let text = vault.stack.filled(definition).to_string();
            let all = vault.stack.iam(ACCOUNT, "role/*");
            let text = text.replace(&vault.stack.iam(ACCOUNT, RELEASERS[0]), &all);
            Policy::of(&serde_json::from_str(&text).unwrap())
        };
        let classifier = role(&vault.stack, "classifier");
        let macie = Caller::Aws(vault.stack.names.macie_role_arn());
        let [analytics, stored] =
            [definition::BUCKET_ANALYTICS_APPROVALS, definition::BUCKET_VAULT_APPROVALS].map(wide);
        for action in OBJECT_ACTIONS {
            let ask = |caller: &Caller, zone| Request::new(caller.clone(), action, &vault.stack.object(zone));
            assert!(!analytics.denies(&ask(&classifier, Zone::Analytics)), "{action}");
            assert!(!stored.denies(&ask(&classifier, Zone::Vault)), "{action}");
            assert!(!READS.contains(&action) || !analytics.denies(&ask(&macie, Zone::Analytics)), "{action}");
        }
        // And the buckets themselves are left to the statements of others.
        for (zone, policy) in [(Zone::Analytics, &vault.analytics[1]), (Zone::Vault, &vault.stored[1])] {
            let bucket = vault.stack.names.bucket_arn(zone);
            for action in BUCKET_ACTIONS {
                for caller in vault.others().into_iter().chain(vault.releasers().map(Caller::Aws)) {
                    assert!(!policy.denies(&Request::new(caller, action, &bucket)), "{action}");
                }
            }
        }
    }
}

/// An owner's bucket with these statements is one that `up` takes: none of them is seen as a denial to the pipeline.
#[test]
fn an_owner_s_bucket_may_have_them() {
    for vault in Vault::all() {
        let filled = vault.stack.filled(definition::BUCKET_ANALYTICS_APPROVALS);
        let objects = format!("{}/*", vault.stack.names.bucket_arn(Zone::Analytics));
        let needed = |actions: &[&str]| actions.iter().map(|action| ((*action).to_owned(), objects.clone())).collect();
        let classifier =
            ["s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectVersionTagging", "s3:DeleteObjectVersion"];
        for (role, actions) in
            [(vault.stack.names.role_arn("classifier"), &classifier[..]), (vault.stack.names.macie_role_arn(), &READS)]
        {
            let denied = Deeds { role, needed: needed(actions) }.denied_by(&filled.clone().into());
            assert!(denied.is_empty(), "{denied:?}");
        }
    }
}

/// Readers who are no releasers look as before, and nobody else: somebody has to, before anybody asks for a release.
#[test]
fn readers_who_are_no_releasers_read_as_before() {
    for vault in Vault::all() {
        let held = vault.held("HAS_FINDINGS", &[]);
        assert!(vault.reads(&identity(&vault.stack, ACCOUNT, "role/auditor-eu"), &held));
        for caller in vault.others() {
            assert!(!vault.reads(&caller, &held), "{caller:?}");
        }
    }
}
