//! Buckets that were there before the stack: what their owners have to change, what is in them when they are taken
//! into use, and what stays there.

use crate::aws::Aws;
use crate::deploy::plan::{Difference, Plan, StackState, Standing, State, Step};
use crate::deploy::policy::texts;
use crate::vault::demand::{Demand, refused};
use crate::vault::names::{Names, Zone};
use crate::vault::policies::{CLEARING, classifier_on};
use crate::vault::resources::bucket::s3_contents::{Contents, is_canary};
use crate::vault::steps;
use anyhow::Result;
use classifier::copies;
use contract::ignored::Ignoring;
use serde_json::Value;
use std::collections::BTreeMap;

/// The steps of buckets of others.
fn steps(plan: &Plan) -> impl Iterator<Item = (Zone, &Step)> {
    let step = |zone| plan.step(&steps::bucket(zone)).filter(|step| step.standing == Standing::Shared);
    Zone::ALL.into_iter().filter_map(move |zone| Some((zone, step(zone)?)))
}

/// All that is wrong with a bucket that is not as it has to be, and what to do about each.
#[must_use]
pub fn demand(plan: &Plan, step: &Step) -> (String, String) {
    let role = plan.step(&steps::role("classifier")).and_then(|step| step.arn.clone()).unwrap_or_default();
    let all = by_property(&step.differences).into_iter().map(|it| demand_of(it, &role));
    let (why, fix): (Vec<_>, Vec<_>) = all.unzip();
    let fix = format!("let its owner {} (\"What is there already\" in the README), or name another", fix.join("; "));
    (why.join("; "), fix)
}

/// What differs, by the first part of its path.
fn by_property(differences: &[Difference]) -> BTreeMap<&str, Vec<&Difference>> {
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for difference in differences {
        all.entry(difference.path.split('/').nth(1).unwrap_or_default()).or_default().push(difference);
    }
    all
}

/// Why a property cannot be as it is, and what its owner has to do.
fn demand_of((property, differences): (&str, Vec<&Difference>), role: &str) -> (String, String) {
    let is = &differences[0].is;
    let names = || {
        let names = differences.iter().filter_map(|it| it.path.split('/').nth(2));
        names.map(|name| name.replace("~1", "/").replace("~0", "~")).collect::<Vec<_>>().join(", ")
    };
    let (why, fix) = match property {
        "Encryption" => (
            format!("its default encryption is {}, which the classifier's role has no right to", text(is)),
            "encrypt by SSE-S3, or by SSE-KMS with the key that existing.key names".into(),
        ),
        "EventBridgeEnabled" => (
            "S3 does not tell EventBridge of what lands in it".into(),
            "turn on Amazon EventBridge in its notifications".into(),
        ),
        "Lifecycle" => (
            format!("its lifecycle deletes or archives what nobody has judged yet: {}", text(is)),
            "take those lifecycle rules away".into(),
        ),
        "MfaDelete" => {
            ("its versions are deleted by who has the root's device alone".into(), "disable MFA delete".into())
        }
        "ObjectLock" => (
            "its Object Lock keeps what is to be deleted once its copy is proven".into(),
            "take the default retention away".into(),
        ),
        "ObjectOwnership" => {
            ("somebody else may own what is put there".into(), "set Object Ownership to BucketOwnerEnforced".into())
        }
        "Policy" => (
            format!("its policy lacks the statements {}", names()),
            "add them, each as `cvault status --output json` has it".into(),
        ),
        "PolicyDenies" => (
            format!("its policy denies the classifier what it does there: {}", names()),
            format!("leave {role} out of that"),
        ),
        "PolicyDeniesMacie" => (
            format!("its policy keeps Macie from reading what is held: {}", names()),
            "leave the role AWSServiceRoleForAmazonMacie out of that".into(),
        ),
        "PublicAccessBlock" => {
            ("it is not closed to the public".into(), "turn all four of its public-access blocks on".into())
        }
        "Stack" => (
            format!("it is the bucket of stack {}, and two would judge and clear the same files", text(is)),
            "give it to one stack".into(),
        ),
        "Versioning" => ("it keeps no versions, by which files are judged".into(), "enable versioning".into()),
        other => (format!("its {other} is {is}"), format!("make it {}", differences[0].should)),
    };
    (why, fix)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Refuses to take a bucket into use that holds anything: what is in ingress is judged and leaves it, and what is in
/// analytics is taken for held files, unless it is known for copies of this vault's.
///
/// # Errors
/// A bucket holds something that is not `meant` to be taken over; or it cannot be read.
pub async fn guard_contents(
    aws: &Aws,
    names: &Names,
    plan: &Plan,
    ignoring: &Ignoring,
    is_meant: impl Fn(&Step) -> bool,
) -> Result<()> {
    let mut wrong = vec![];
    for (zone, step) in steps(plan).filter(|(zone, step)| is_new(plan, *zone) && !is_meant(step)) {
        let is_other = |key: &str| !is_canary(zone, key) && !is_known(zone, key, ignoring);
        if !holds(aws, names, zone, is_other).await? {
            continue;
        }
        let becomes = match zone {
            Zone::Ingress => "judged, moved into the vault or held, and deleted there, old versions too",
            Zone::Analytics | Zone::Vault => "taken for what this vault holds",
        };
        let why = format!("it holds objects already, and they would be {becomes}");
        let adopt = format!("`cvault up --adopt {}`", step.name);
        let fix = format!("name an empty bucket, or move them elsewhere; if that is meant for them: {adopt}");
        wrong.push(Demand::of(step, why, fix));
    }
    refused(&wrong)
}

/// What an `up` says of the buckets that the stack has used until now and does not use any more: of its own it refuses
/// to leave any.
pub fn left_behind(plan: &Plan) -> impl Iterator<Item = String> {
    let differences = plan.step(steps::FUNCTION).into_iter().flat_map(|step| &step.differences);
    differences.filter_map(|Difference { path, is, .. }| {
        let becomes = match path.strip_prefix("/Environment/")? {
            "ingress_bucket" => "judges what is in it",
            "analytics_bucket" => "tells of what is held in it",
            _ => return None,
        };
        Some(format!("bucket {} is no longer used: nobody {becomes}", is.as_str()?))
    })
}

/// Whether the stack is about to use the bucket for the first time. The function says which one it uses; where the function is
/// gone, what its role may clear says it, or the rule by which files come. What none of them names is new.
fn is_new(plan: &Plan, zone: Zone) -> bool {
    let observed = |name: &str| plan.step(name).and_then(|step| step.observed.as_ref());
    let Some(bucket) = plan.step(&steps::bucket(zone)).and_then(|step| step.id.as_deref()) else { return true };
    if let Some(function) = observed(steps::FUNCTION) {
        let path = format!("/Environment/{zone}_bucket");
        return function.pointer(&path).and_then(Value::as_str) != Some(bucket) || plan.state == StackState::Absent;
    }
    let is_cleared = classifier_on(plan, CLEARING).any(|arn| arn.ends_with(&format!(":::{bucket}/*")));
    let rule = observed(&steps::rule(zone)).map(|rule| &rule["EventPattern"]["detail"]["bucket"]["name"]);
    !is_cleared && !rule.is_some_and(|names| texts(names).any(|name| name == bucket))
}

fn is_known(zone: Zone, key: &str, ignoring: &Ignoring) -> bool {
    match zone {
        Zone::Ingress => ignoring.means(key),
        Zone::Analytics | Zone::Vault => is_copy(key),
    }
}

/// Whether a key is one under which copies are held.
fn is_copy(key: &str) -> bool {
    copies::parts(key).is_some()
}

async fn holds(aws: &Aws, names: &Names, zone: Zone, means: impl Fn(&str) -> bool) -> Result<bool> {
    Ok(Contents::new(aws, names.bucket(zone), &names.account).count_of(means).await? > 0)
}

/// Notes in the plan of a `down` what stays in buckets of others, that nobody forgets it.
///
/// # Errors
/// A bucket cannot be read.
pub async fn note_contents(aws: &Aws, names: &Names, plan: &mut Plan) -> Result<()> {
    let there = |(_, step): &(Zone, &Step)| step.state != State::Missing && step.owner.is_none();
    let zones: Vec<_> = steps(plan).filter(there).map(|(zone, _)| zone).collect();
    for zone in zones {
        let stays = |key: &str| !is_canary(zone, key) && (zone == Zone::Ingress || is_copy(key));
        let note = if holds(aws, names, zone, stays).await? {
            match zone {
                Zone::Ingress => Some("its objects stay, and nobody judges them"),
                Zone::Analytics | Zone::Vault => Some("the held copies in it stay, and nobody is told of them"),
            }
        } else {
            None
        };
        if let Some(step) = plan.resources.iter_mut().find(|step| step.name == steps::bucket(zone)) {
            step.note = note.map(str::to_owned);
        }
    }
    Ok(())
}

/// What a person is told before the stack goes, of what [`note_contents`] has found.
pub fn facts(plan: &Plan) -> impl Iterator<Item = String> {
    steps(plan).filter_map(|(_, step)| Some(format!("{}: {}", step.id.as_deref()?, step.note.as_deref()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::plan::Action;
    use serde_json::json;

    #[test]
    fn all_that_is_wrong_is_said_with_what_to_do() {
        let difference = |path: &str, is: Value| Difference { path: path.into(), is, should: Value::Null };
        let differences = [
            difference("/Versioning", json!("Suspended")),
            difference("/PublicAccessBlock/BlockPublicAcls", json!(false)),
            difference("/PublicAccessBlock/IgnorePublicAcls", json!(false)),
            difference("/Policy/DenyPlainHttp", Value::Null),
            difference("/PolicyDenies/a~1b", json!(["s3:PutObject"])),
            difference("/Encryption", json!("aws:kms key/1")),
            difference("/Lifecycle", json!(["old", "older"])),
        ];
        let all: Vec<_> = by_property(&differences).into_iter().map(|it| demand_of(it, "arn:role")).collect();
        let (why, fix): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        assert_eq!(why.len(), 6, "{why:?}");
        assert!(why[0].contains("aws:kms key/1") && why[1].ends_with(": old, older"), "{why:?}");
        assert!(why[2].contains("DenyPlainHttp") && why[3].ends_with(": a/b") && fix[3].contains("arn:role"));
        for property in
            ["EventBridgeEnabled", "MfaDelete", "PolicyDeniesMacie", "ObjectLock", "ObjectOwnership", "Stack"]
        {
            let one = difference(&format!("/{property}"), json!("x"));
            let (why, fix) = demand_of((property, vec![&one]), "");
            assert!(!why.contains(property) && !fix.starts_with("make it"), "{property}: {why}, {fix}");
        }
    }

    #[test]
    fn a_bucket_that_is_not_used_any_more_is_told_of() {
        let difference = |path: &str, is: Value| Difference { path: path.into(), is, should: json!("new") };
        let differences = vec![
            difference("/Environment/analytics_bucket", json!("held")),
            difference("/Environment/ingress_bucket", Value::Null),
            difference("/Environment/other", json!("x")),
            difference("/Role", json!("x")),
        ];
        let plan = plan(vec![Step { differences, ..step(steps::FUNCTION, None) }]);
        let told: Vec<_> = left_behind(&plan).collect();
        assert_eq!(told, ["bucket held is no longer used: nobody tells of what is held in it"]);
    }

    fn step(name: &str, observed: Option<Value>) -> Step {
        Step {
            name: name.into(),
            r#type: "",
            id: Some("landing".into()),
            arn: None,
            state: State::Drifted,
            action: Action::Update,
            differences: vec![],
            note: None,
            owner: None,
            standing: Standing::Wanted,
            halted: false,
            observed,
        }
    }

    fn plan(steps: Vec<Step>) -> Plan {
        Plan::new(&Names::new("aws", "123456789012", "eu-west-1", "s", Some("x")).identity(), steps)
    }

    /// A stack that lacks its function may use a bucket, or be about to.
    #[test]
    fn a_bucket_is_new_that_nothing_of_the_stack_names() {
        let is_new = |others: Vec<Step>| {
            let bucket = Step { standing: Standing::Shared, ..step("bucket/ingress", Some(json!({}))) };
            is_new(&plan([vec![bucket, step("bucket/vault", Some(json!({})))], others].concat()), Zone::Ingress)
        };
        let function = |bucket: &str| step(steps::FUNCTION, Some(json!({"Environment": {"ingress_bucket": bucket}})));
        let may_clear = |bucket: &str| {
            let clears = json!({"ClearByVersion": {"Resource": [format!("arn:aws:s3:::{bucket}/*")]}});
            step("role/classifier", Some(json!({"Policies": {"cvault": {"Statement": clears}}})))
        };
        let rule = |bucket: &str| {
            let pattern = json!({"detail": {"bucket": {"name": [bucket]}}});
            step("rule/ingress", Some(json!({"EventPattern": pattern})))
        };
        assert!(is_new(vec![]), "only the vault was kept");
        assert!(!is_new(vec![function("landing")]) && is_new(vec![function("other"), may_clear("landing")]));
        assert!(!is_new(vec![may_clear("landing")]) && is_new(vec![may_clear("my-landing")]));
        assert!(!is_new(vec![rule("landing")]) && is_new(vec![rule("other")]));
        assert!(is_new(vec![step(steps::FUNCTION, None), step("role/classifier", None)]));
    }

    #[test]
    fn a_copy_has_a_folder_of_its_own() {
        let own = copies::analytics_key(&copies::copy_id("landing", "in/a.csv", "v"), "in/a.csv");
        assert!(is_copy(&own) && is_copy("0123456789abcdef01234567/"));
        for other in ["in/a.csv", "0123456789abcdef01234567", "0123456789ABCDEF01234567/a", "0123/a"] {
            assert!(!is_copy(other), "{other}");
        }
    }
}
