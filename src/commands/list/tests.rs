//! What a stack is, by its parts.

use super::parts::{existing, part, unread, zone_of};
use super::*;

fn names() -> Names {
    Names::new("aws", "123456789012", "eu-west-1", "other", None)
}

fn of(id: &str, name: &str, seconds: i64) -> Part {
    let tags = [("cvault:stack", "prod"), ("cvault:id", id)];
    Part { name: name.into(), created: Some(DateTime::from_secs(seconds)), ..part(&tags, id).unwrap() }
}

#[test]
fn a_stack_is_what_its_parts_say() {
    assert_eq!(zone_of("acme-cv-vault-zone-prod"), Some(("acme-", Zone::Vault, "prod")));
    assert_eq!(zone_of("cv-ingress-zone-x"), Some(("", Zone::Ingress, "x")));
    assert_eq!(zone_of("cv-other-zone-x"), None);
    let parts = all_parts().into_iter().zip(100..).map(|(name, seconds)| of("a", &name, seconds));
    let found = stacks(&names(), DateTime::from_secs(160), (parts.chain([of("b", "bucket/vault", 1)]), None));
    let [a, b] = [0, 1].map(|at| &found[at].stack);
    assert_eq!((a.state, a.created.as_deref(), a.age_seconds), ("whole", Some("1970-01-01T00:01:40Z"), Some(60)));
    assert_eq!((b.id.as_str(), b.state, b.missing.len(), b.expires.as_deref()), ("b", "partial", 4, None));
}

/// Its buckets, function and state machine are not all of it.
#[test]
fn a_stack_without_its_topic_and_rules_is_not_whole() {
    let parts = || {
        let topic_arn = Some("arn:aws:sns:eu-west-1:123456789012:cyber_vault_notification-a".into());
        let function = Part { topic_arn, ..of("a", "function", 1) };
        all_parts().into_iter().filter(|name| name != "function").map(|name| of("a", &name, 1)).chain([function])
    };
    let own = Names { id: "a".into(), ..names() };
    let mut there: BTreeSet<_> =
        beside::wanted(&own, Some(&own.own_topic_arn())).into_iter().map(|(_, name)| name).collect();
    let state = |there: &BTreeSet<String>| {
        let found = stacks(&names(), DateTime::from_secs(9), (parts(), Some(there))).remove(0).stack;
        (found.state, found.missing)
    };
    assert_eq!(state(&there), ("whole", vec![]));
    assert!(there.remove(&own.own_topic()) && there.remove(&own.rule("sweep")) && there.remove(&own.sweep()));
    let missing = ["state-machine/sweep", "topic", "rule/sweep"].map(str::to_owned).to_vec();
    assert_eq!(state(&there), ("partial", missing));
}

#[test]
fn a_stack_that_uses_buckets_of_others_is_whole_without_its_own() {
    let variables = [("ingress_bucket", "landing"), ("analytics_bucket", "acme-cv-analytics-zone-a")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let existing = existing(&variables, "a");
    assert_eq!(existing, Buckets { ingress: Some("landing".into()), ..Buckets::default() });
    let function = Part { existing: existing.clone(), ..of("a", "function", 1) };
    let others = ["bucket/vault", "state-machine"].map(|name| of("a", name, 1));
    let found = stacks(&names(), DateTime::from_secs(60), (others.into_iter().chain([function]), None)).remove(0);
    assert_eq!((found.stack.missing, &found.existing), (vec!["bucket/analytics".to_owned()], &existing));
    let bucket = || Part { existing: existing.clone(), ..of("a", "bucket/vault", 1) };
    let found = |parts: Vec<Part>| stacks(&names(), DateTime::from_secs(60), (parts.into_iter(), None)).remove(0);
    assert_eq!(found(vec![bucket()]).existing, existing, "the function is gone, and a bucket says it");
    let own = of("a", "bucket/ingress", 1);
    assert_eq!(found(vec![bucket(), own]).existing, Buckets::default(), "it has one of its own by now");
}

#[test]
fn the_role_is_known_without_the_function() {
    let with = |name: &str, role: &str| Part { role: Some(role.into()), ..of("a", name, 1) };
    let (name, arn) = ("acme-cyber_vault-classifier-a", "arn:aws:iam::1:role/ci/cyber_vault-classifier-a");
    let buckets = || ["bucket/ingress", "bucket/vault"].map(|it| with(it, name));
    let found = |parts: Vec<Part>| stacks(&names(), DateTime::from_secs(9), (parts.into_iter(), None)).remove(0).role;
    assert_eq!(found(buckets().into()).as_deref(), Some(name));
    assert_eq!(found(buckets().into_iter().chain([with("function", arn)]).collect()).as_deref(), Some(arn));
    let theirs = with("function", "arn:aws:iam::1:role/theirs");
    assert_eq!(found(buckets().into_iter().chain([theirs]).collect()).as_deref(), Some(name));
    let other = with("bucket/analytics", "cyber_vault-classifier-a");
    assert_eq!(found(buckets().into_iter().chain([other]).collect()), None, "which one is it?");
    assert_eq!(found(vec![of("a", "bucket/vault", 1)]), None);
}

/// The third bucket may have been given another moment by a run that was killed.
#[test]
fn a_bucket_whose_tags_cannot_be_read_is_there_and_leaves_the_expiry_open() {
    let bucket =
        |name: &str| Part { bucket: Some((String::new(), Some("1970-01-01T00:01:00Z".into()))), ..of("a", name, 1) };
    let others = || [bucket("bucket/analytics"), bucket("bucket/ingress"), of("a", "function", 1)];
    let vault = |id: &str| unread(&format!("cv-vault-zone-{id}"), ("", Zone::Vault, id));
    let found = |parts: Vec<Part>| stacks(&names(), DateTime::from_secs(120), (parts.into_iter(), None));
    let without = found(others().into()).remove(0);
    assert!(without.stack.expired && without.unread.is_empty());
    let mut all = found([vault("a"), vault("b")].into_iter().chain(others()).collect());
    let known = all.remove(0);
    assert_eq!((known.stack.missing, known.stack.expires), (vec!["state-machine".to_owned()], None));
    assert!(!known.stack.expired && known.unread[0].contains("cv-vault-zone-a"), "{:?}", known.unread);
    assert!(all.is_empty(), "of the other one nobody knows a stack");
    let stays = found(vec![
        vault("a"),
        bucket("bucket/analytics"),
        Part { bucket: Some((String::new(), None)), ..of("a", "bucket/ingress", 1) },
    ])
    .remove(0);
    assert!(stays.unread.is_empty(), "another bucket says that it stays: {:?}", stays.unread);
}

/// Anybody can give a bucket such a name; the tags say whose it is.
#[test]
fn a_name_alone_is_no_stack() {
    assert!(part(&[], "a").is_none());
    assert!(part(&[("cvault:stack", "prod"), ("cvault:id", "b")], "a").is_none());
}

#[test]
fn a_stack_expires_where_all_of_its_buckets_say_so() {
    let (early, late) = ("1970-01-01T00:01:00Z", "1970-01-01T00:03:00Z");
    for (texts, expires, expired) in [
        (&[Some(early), Some(early)][..], Some(early), true),
        (&[Some(early), Some(late)], Some(late), false),
        (&[Some(early), None], None, false),
        (&[Some(early), Some("soon")], None, false),
    ] {
        let bucket = |text: Option<&str>| Part {
            bucket: Some(("acme-".into(), text.map(str::to_owned))),
            ..of("a", "bucket/vault", 1)
        };
        let parts = texts.iter().copied().map(bucket).chain([of("a", "function", 1)]);
        let found = stacks(&names(), DateTime::from_secs(120), (parts, None)).remove(0);
        assert_eq!((found.stack.expires.as_deref(), found.stack.expired), (expires, expired), "{texts:?}");
        assert_eq!(found.bucket_prefixes.into_iter().collect::<Vec<_>>(), ["acme-"]);
    }
    let without = stacks(&names(), DateTime::from_secs(120), ([of("a", "function", 1)].into_iter(), None)).remove(0);
    assert!(!without.stack.expired && without.stack.expires.is_none(), "no bucket says anything");
}
