//! How the stack is: what differs, and what did not come to its end.

use super::check::{found, good, or_unknown};
use crate::commands::Session;
use crate::commands::down::versions;
use crate::deploy::plan::{Plan, StackState, Standing, State, Step};
use crate::deploy::resource::Resource;
use crate::outcome::row::{Check, Health};
use crate::vault::names::Zone;
use crate::vault::resources::bucket::s3_contents::Contents;
use crate::vault::resources::lambda_stop::to_resume;
use crate::vault::resources::sns_subscription::{Subscription, to_confirm};
use crate::vault::waiting;
use anyhow::Result;
use std::time::{Duration, SystemTime};

/// How long a file may be in ingress before somebody should look: most are judged within seconds.
const PATIENCE: Duration = Duration::from_hours(1);
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
    checks.push(match plan.state {
        StackState::Absent => good("stack", "there is none yet: `cvault up` makes it"),
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

pub(super) async fn executions(session: &Session) -> Vec<Check> {
    or_unknown("executions", failed(session).await)
}

async fn failed(session: &Session) -> Result<Vec<Check>> {
    let now = SystemTime::now();
    let failed = waiting::failures(&session.aws, &session.names, now - WEEK..now).await?;
    Ok(vec![match failed.last {
        None => good("executions", "none has failed in the last seven days"),
        Some((_, name)) => {
            let (count, executions) = (failed.count, session.names.executions_arn());
            let says = format!("{count} failed in the last seven days, the last is {executions}:{name}");
            let fix = "read why in the e-mail or the execution, and mend it: what is still in ingress is judged again by the next sweep";
            found(Health::Bad, "executions", says, fix)
        }
    }])
}

pub(super) async fn left_in_ingress(session: &Session) -> Vec<Check> {
    or_unknown("ingress", left(session).await)
}

async fn left(session: &Session) -> Result<Vec<Check>> {
    let contents = Contents::new(&session.aws, session.names.bucket(Zone::Ingress), &session.names.account);
    let ages = contents.ages((SystemTime::now() - PATIENCE).into(), &session.settings.ingress.ignoring()).await?;
    Ok(vec![match ages.oldest.filter(|_| ages.old > 0) {
        None => good("ingress", "nothing has been in it for longer than an hour"),
        Some(oldest) => {
            let count = usize::try_from(ages.old).unwrap_or(usize::MAX);
            let says =
                format!("{} in it for longer than an hour, since {oldest}: nobody has judged them", versions(count));
            let fix = "look at what `cvault status` says of the rules and of executions that failed: the next sweep judges them";
            found(Health::Bad, "ingress", says, fix)
        }
    }])
}
