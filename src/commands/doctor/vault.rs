//! How the stack is: what differs, and what did not come to its end.

use super::check::{found, good, or_unknown};
use crate::commands::Session;
use crate::deploy::plan::{Plan, StackState, Standing, State, Step};
use crate::deploy::resource::Resource;
use crate::outcome::row::{Check, Health};
use crate::vault::resources::lambda_stop::to_resume;
use crate::vault::resources::sns_subscription::{Subscription, to_confirm};
use crate::vault::waiting::{self, Failures, Ingress, PATIENCE};
use anyhow::Result;
use std::time::{Duration, SystemTime};

const WEEK: Duration = Duration::from_hours(168);

/// How the stack's resources are; `None` where Macie could not be asked, from which follows what they should be.
pub(super) fn resources(plan: Option<Result<Plan>>) -> Vec<Check> {
    let Some(plan) = plan else {
        let says = "what differs cannot be told: what should be follows from whether Macie is enabled";
        return vec![found(Health::Unknown, "stack", says, "see `macie` above")];
    };
    or_unknown("stack", plan.map(|plan| planned(&plan)))
}

fn planned(plan: &Plan) -> Vec<Check> {
    let is_of = |wanted: fn(&Step) -> bool| plan.resources.iter().filter(move |step| wanted(step));
    let mut checks = vec![];
    for step in is_of(|step| step.owner.is_some()) {
        let says = format!(
            "{} exists and {}",
            step.id.as_deref().unwrap_or_default(),
            step.owner.as_deref().unwrap_or_default()
        );
        let fix = match step.standing {
            Standing::Shared => "name one of this account and region".into(),
            _ => format!("choose another --stack or --id, or `cvault up --adopt {}`", step.name),
        };
        checks.push(found(Health::Bad, &step.name, says, &fix));
    }
    for step in is_of(|step| step.r#type == Subscription::TYPE && step.state == State::Pending) {
        let endpoint = step.id.as_deref().unwrap_or_default();
        let says = format!("{endpoint} has not confirmed: no notice arrives there");
        checks.push(found(Health::Warning, &step.name, says, to_confirm(endpoint)));
    }
    for step in is_of(|step| step.owner.is_none() && step.state == State::Drifted) {
        let paths: Vec<_> = step.differences.iter().map(|difference| difference.path.as_str()).collect();
        let says = format!("is not as it was declared: {}", paths.join(", "));
        let fix = match step.standing {
            Standing::Shared => "`cvault status` shows it, `cvault up` says what its owner has to do",
            Standing::Wanted | Standing::Outdated => "`cvault status` shows it, `cvault up` repairs it",
        };
        checks.push(found(Health::Bad, &step.name, says, fix));
    }
    for step in is_of(|step| step.halted) {
        let says = format!("judges nothing: {}", step.note.as_deref().unwrap_or_default());
        checks.push(found(Health::Bad, &step.name, says, &to_resume(step)));
    }
    let missing: Vec<_> = is_of(|step| step.state == State::Missing).map(|step| step.name.as_str()).collect();
    let is_taken = is_of(|step| step.owner.is_some()).next().is_some();
    let refuses = "see above what others have: `cvault up` refuses until that is settled";
    checks.push(match plan.state {
        StackState::Absent if is_taken => found(Health::Bad, "stack", "it does not exist yet", refuses),
        StackState::Partial if is_taken => found(Health::Bad, "stack", "it is not complete", refuses),
        StackState::Absent => good("stack", "it does not exist yet: `cvault up` makes it"),
        StackState::Partial => {
            found(Health::Bad, "stack", format!("missing: {}", missing.join(", ")), "`cvault up` completes it")
        }
        StackState::InSync | StackState::Stuck | StackState::Drifted => good("stack", "everything is there"),
    });
    checks
}

pub(super) async fn dead_letters(session: &Session) -> Vec<Check> {
    let count = waiting::dead_letters(&session.aws, &session.names).await;
    let says = "events started no execution: their files stay where they are";
    let fix = "look at `cvault status`, and at a message's ERROR_MESSAGE for why, and mend that: the next sweep delivers them";
    in_queue("dead-letters", count, "every event was delivered", (Health::Bad, says, fix))
}

pub(super) async fn notices(session: &Session) -> Vec<Check> {
    let count = waiting::notices(&session.aws, &session.names).await;
    let says = "wait to be told of, which is normal for as long as `[notify] window_seconds`";
    let fix = "if they stay, the log of the function says why they cannot be published; `cvault verify` looks at the way there";
    in_queue("notices", count, "everybody was told of what is held", (Health::Warning, says, fix))
}

pub(super) async fn macie_files(session: &Session) -> Vec<Check> {
    let count = waiting::macie_files(&session.aws, &session.names).await;
    let empty = "every file that is to be analysed by Macie is in a job, or waits for its turn";
    let says = "files wait to be put into a job of Macie's, which is normal for a minute";
    let fix = "if they stay, the log of the function says why no execution is started for them; `cvault verify` looks at the way there";
    in_queue("macie-queue", count, empty, (Health::Warning, says, fix))
}

/// What is to be said of a queue: nothing where there is none.
fn in_queue(
    name: &str,
    count: Result<Option<u64>>,
    empty: &str,
    (health, says, fix): (Health, &str, &str),
) -> Vec<Check> {
    let check = count.map(|count| match count {
        None => vec![],
        Some(0) => vec![good(name, empty)],
        Some(count) => vec![found(health, name, format!("{count} {says}"), fix)],
    });
    or_unknown(name, check)
}

/// What has failed, and what is left of it.
pub(super) async fn executions_and_ingress(session: &Session) -> Vec<Check> {
    let (aws, names, now) = (&session.aws, &session.names, SystemTime::now());
    let ignoring = session.settings.ingress.ignoring();
    let (failed, ingress) =
        futures::join!(waiting::failures(aws, names, now - WEEK..now), waiting::ingress(aws, names, &ignoring, now),);
    // What failed just now has its file in ingress, and nobody is late yet. What cannot be looked at may be there.
    let just_now = |failed: &Failures| failed.last.as_ref().is_some_and(|last| last.0 >= (now - PATIENCE).into());
    let is_stuck = ingress.as_ref().map_or(true, |ingress| ingress.stuck > 0);
    let arn = names.executions_arn();
    let executions = failed.map(|failed| vec![executions(&failed, is_stuck || just_now(&failed), &arn)]);
    let ingress = ingress.map(|ingress| vec![left_in_ingress(&ingress)]);
    [or_unknown("executions", executions), or_unknown("ingress", ingress)].concat()
}

/// An execution whose file was judged after it, as a later one or the sweep does, or that was of `cvault verify`, is worth
/// a look, and keeps nothing.
fn executions(Failures { count, last }: &Failures, is_left: bool, arn: &str) -> Check {
    let Some((_, name)) = last else { return good("executions", "none has failed in the last seven days") };
    let says = format!("{count} failed in the last seven days, the last is {arn}:{name}");
    if is_left {
        let fix = "read why in the e-mail or the execution, and mend it: what is still in ingress is judged again by the next sweep";
        return found(Health::Bad, "executions", says, fix);
    }
    let says = format!("{says}; none of them waits in ingress unjudged");
    let fix = "read why in the e-mail or the execution, if it was not a test or a `cvault verify`";
    found(Health::Warning, "executions", says, fix)
}

/// As `status` counts it.
fn left_in_ingress(Ingress { ages, stuck, .. }: &Ingress) -> Check {
    let all = if ages.all == 1 { "1 version is".into() } else { format!("{} versions are", ages.all) };
    match (&ages.oldest, stuck) {
        (None, _) => good("ingress", "nothing waits in it"),
        (Some(_), 0) => good("ingress", format!("{all} in it, and what has been there for minutes is being judged")),
        (Some(oldest), stuck) => {
            let says = format!("{all} in it, the oldest since {oldest}: nobody judges {stuck} of them");
            let fix = "look at what `cvault status` says of the rules and of executions that failed: the next sweep judges them";
            found(Health::Bad, "ingress", says, fix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::resources::bucket::s3_contents::Ages;

    /// What `status` calls stuck is not good here.
    #[test]
    fn what_nobody_judges_is_bad_as_soon_as_status_says_so() {
        let of = |all, stuck| {
            let oldest = (all > 0).then(|| SystemTime::UNIX_EPOCH.into());
            left_in_ingress(&Ingress { ages: Ages { all, ignored: 2, old: all, oldest }, stuck, running: 0 })
        };
        assert_eq!([of(0, 0).state, of(3, 0).state, of(3, 1).state], [Health::Good, Health::Good, Health::Bad]);
        assert!(of(3, 1).says.contains("nobody judges 1 of them"), "{}", of(3, 1).says);
    }

    /// A `verify` that has failed leaves nothing, and is not to make the vault ill for a week.
    #[test]
    fn what_has_failed_and_left_nothing_is_a_warning() {
        let failed = Failures { count: 1, last: Some((SystemTime::UNIX_EPOCH.into(), "0a1b".into())) };
        assert_eq!(executions(&failed, true, "arn").state, Health::Bad);
        let warned = executions(&failed, false, "arn");
        assert_eq!(warned.state, Health::Warning);
        assert!(warned.says.contains("arn:0a1b") && warned.says.contains("none of them waits"), "{}", warned.says);
        assert_eq!(executions(&Failures::default(), true, "arn").state, Health::Good);
    }
}
