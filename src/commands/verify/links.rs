//! The links of the chain from ingress to the vault and to the subscribers, as they are: which of them is broken is
//! looked up at the link itself.

use super::super::Session;
use crate::deploy::Direction;
use crate::deploy::plan::{Action, Plan, StackState, State, Step};
use crate::deploy::resource::Resource;
use crate::outcome::row::{Check, Health};
use crate::vault::macie::Macie;
use crate::vault::names::Zone;
use crate::vault::resources::lambda_stop::to_resume;
use crate::vault::resources::sns_subscription::{Subscription, to_confirm};
use crate::vault::steps;
use anyhow::Result;
use std::time::Duration;

/// How many properties of a link are named.
const NAMED: usize = 4;
const REPAIR: &str = "`cvault status` shows it, `cvault up` repairs it";

/// What was seen of the links before anything was sent.
#[derive(Debug)]
pub(super) struct Links {
    /// How the stack stands.
    pub(super) stack: StackState,
    /// Those that do not work, then those that are not as they were declared, in the order of the stack.
    pub(super) broken: Vec<Check>,
    /// For how long notices are gathered before somebody is told.
    pub(super) window: Duration,
}

impl Links {
    /// Looks at all of them.
    pub(super) async fn look(session: &Session, macie: &Macie) -> Result<Self> {
        let (_, plan) = session.plan(Direction::Up, &[], macie).await?;
        let window = u64::try_from(session.settings.notify.window_seconds).unwrap_or_default();
        Ok(Self::of(&plan, Duration::from_secs(window)))
    }

    fn of(plan: &Plan, window: Duration) -> Self {
        let halted = plan.resources.iter().filter(|step| step.halted).map(|step| {
            let says = format!("judges nothing: {}", step.note.as_deref().unwrap_or_default());
            check(&step.name, Health::Bad, says, &to_resume(step))
        });
        Self { stack: plan.state, broken: halted.chain(plan.resources.iter().filter_map(link)).collect(), window }
    }

    /// The first of these that is broken.
    pub(super) fn first(&self, suspects: &[String]) -> Option<&Check> {
        let is_bad = |name: &String| {
            let named = |check: &&Check| check.state == Health::Bad && &check.name == name;
            self.broken.iter().find(named)
        };
        suspects.iter().find_map(is_bad)
    }

    /// Whether nothing can be sent, or listened to.
    pub(super) fn lacks(&self, name: &str) -> bool {
        self.broken.iter().any(|check| check.name == name && (check.says == MISSING || check.says.starts_with(OTHERS)))
    }
}

const MISSING: &str = "is not there";
const OTHERS: &str = "is not this stack's";
const BESIDE: &str = "is there, and not declared";

/// What is wrong with a link. What is neither on the way of a file nor of a notice is only worth a warning.
fn link(step: &Step) -> Option<Check> {
    let name = &step.name;
    let of_sweep = [steps::SWEEP.to_owned(), steps::rule("sweep"), steps::role("sweeper")].contains(name);
    let of_kind = |kind: String| name.starts_with(&kind);
    let beside = of_sweep || of_kind(steps::log_group("")) || of_kind(steps::alarm("")) || name == steps::DASHBOARD;
    let state = if beside { Health::Warning } else { Health::Bad };
    let of = |state, says: String, fix| Some(check(&step.name, state, says, fix));
    if let Some(owner) = &step.owner {
        let fix = format!("choose another --stack or --id, or `cvault up --adopt {}`", step.name);
        return of(Health::Bad, format!("{OTHERS}: {owner}"), &fix);
    }
    match step.state {
        State::Pending if step.r#type == Subscription::TYPE => of(
            Health::Warning,
            "has not confirmed: no notice arrives there".into(),
            to_confirm(step.id.as_deref().unwrap_or_default()),
        ),
        State::Ok | State::Pending => None,
        State::Missing if step.name == steps::subscription(steps::NOBODY) => {
            of(Health::Bad, "nobody is told of held files".into(), "`cvault up --email` subscribes an address")
        }
        State::Missing => of(state, MISSING.into(), REPAIR),
        State::Drifted if step.action == Action::Delete => of(state, BESIDE.into(), REPAIR),
        State::Drifted => {
            let short = |value: &serde_json::Value| {
                let text = value.to_string();
                if text.chars().count() > 40 { "…".to_owned() } else { text }
            };
            let named = step.differences.iter().take(NAMED);
            let mut named: Vec<_> =
                named.map(|it| format!("{} is {}, not {}", it.path, short(&it.is), short(&it.should))).collect();
            let more = step.differences.len().saturating_sub(NAMED);
            named.extend((more > 0).then(|| format!("and {more} more")));
            of(state, format!("is not as it was declared: {}", named.join("; ")), REPAIR)
        }
    }
}

fn check(name: &str, state: Health, says: String, fix: &str) -> Check {
    Check { name: name.into(), state, says, fix: Some(fix.into()) }
}

/// What may be broken where no execution begins.
pub(super) fn to_begin() -> Vec<String> {
    let ingress = Zone::Ingress;
    let machines = [steps::EXPRESS, steps::STATE_MACHINE].map(str::to_owned);
    [&[steps::rule(ingress), steps::role("trigger"), steps::bucket(ingress)], &machines[..]].concat()
}

/// What may be broken where an execution does not come to its end, or to a wrong one.
pub(super) fn to_judge() -> Vec<String> {
    let roles = ["classifier", "orchestrator"].map(steps::role);
    let [ingress, analytics, vault] = Zone::ALL.map(steps::bucket);
    let named = [steps::STATE_MACHINE, steps::EXPRESS, steps::FUNCTION, steps::KEY].map(str::to_owned);
    let asked = [steps::MACIE, steps::MACIE_MAPPING, steps::MACIE_QUEUE, steps::MACIE_JOB].map(str::to_owned);
    [&named[..], &roles, &[vault, analytics, ingress], &asked].concat()
}

/// What may be broken where the copy of what was stored stays.
pub(super) fn to_clear() -> Vec<String> {
    let vault = Zone::Vault;
    [vec![steps::rule(vault), steps::bucket(vault), steps::role("trigger")], to_judge()].concat()
}

/// What may be broken where nobody is told.
pub(super) fn to_tell() -> Vec<String> {
    let queued = [steps::NOTICES_MAPPING, steps::NOTICES, steps::TOPIC, steps::KEY].map(str::to_owned);
    [&queued[..], &[steps::role("orchestrator")], &to_judge()].concat()
}
