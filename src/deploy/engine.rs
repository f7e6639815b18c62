//! The engine: observes everything at once, and walks the graph of what needs what.
//!
//! `up` walks in the order of needs, `down` in the reverse; everything independent is in flight at
//! the same time. What depends on a failure is not begun, all else goes on: siblings are never
//! cancelled, since a call that is dropped half way may or may not have taken effect.

use crate::aws::{Aws, PROPAGATION};
use crate::deploy::event::{Event, Events};
use crate::deploy::permission::Permission;
use crate::deploy::plan::{Action, Change, Plan, State, Step};
use crate::deploy::resource::{Erased, Observed, Resource, Standing};
use crate::outcome::failure::Failure;
use crate::outcome::interrupt::Interrupt;
use crate::vault::names::Names;
use anyhow::{Result, bail};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared, join_all};
use serde_json::Value;
use std::future::Future;
use tokio::time::Instant;

/// The place of a resource in its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id(usize);

/// A graph of resources.
pub struct Stack {
    names: Names,
    nodes: Vec<Node>,
}

struct Node {
    resource: Box<dyn Erased>,
    needs: Vec<Id>,
}

/// Which way a walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Creates and repairs.
    Up,
    /// Removes.
    Down,
}

/// How the work on one resource ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was nothing to do.
    Kept,
    /// It was created, updated or deleted.
    Done,
    /// It failed.
    Failed,
    /// It was not begun: what it needs failed.
    Blocked(Id),
    /// It was not begun: the run was interrupted.
    Skipped,
}

impl Stack {
    /// An empty stack.
    #[must_use]
    pub fn new(names: &Names) -> Self {
        Self { names: names.clone(), nodes: vec![] }
    }

    /// Adds a resource. `needs` can name only what was added before, so no cycle can be written and
    /// the order of adding is a valid order of work.
    pub fn add(&mut self, resource: impl Resource + 'static, needs: impl Into<Vec<Id>>) -> Id {
        self.nodes.push(Node { resource: Box::new(resource), needs: needs.into() });
        Id(self.nodes.len() - 1)
    }

    /// What the calls of all resources need of IAM.
    #[must_use]
    pub fn permissions(&self) -> Vec<Permission> {
        self.nodes.iter().flat_map(|node| node.resource.permissions()).collect()
    }

    /// Observes everything at once and says what is to be done. `keep` names what `down` leaves.
    ///
    /// # Errors
    /// All failed reads together: missing permissions show in one run, not in ten.
    pub async fn plan(&self, aws: &Aws, direction: Direction, keep: &[&str]) -> Result<Plan> {
        let reads = self.nodes.iter().map(async |node| {
            let aws = aws.speaking_for(&node.resource.name());
            aws.eventually("AWS to answer", PROPAGATION, async || node.resource.observe(&aws).await).await
        });
        let reads = join_all(reads).await;
        let (observed, failed): (Vec<_>, Vec<_>) = reads.into_iter().partition(Result::is_ok);
        let failures: Vec<_> = failed.into_iter().filter_map(Result::err).map(|error| Failure::of(&error)).collect();
        if let Some(failure) = combined(&failures) {
            bail!(failure);
        }
        let observed = observed.into_iter().flatten();
        let steps = self.nodes.iter().zip(observed).map(|(node, observed)| {
            let mut step = step(&self.names, node.resource.as_ref(), observed);
            if direction == Direction::Down {
                turn_down(&mut step, keep);
            }
            step
        });
        let mut steps: Vec<_> = steps.collect();
        if direction == Direction::Down {
            keep_key_of_what_stays(&mut steps);
        }
        Ok(Plan::new(&self.names, steps))
    }

    /// Creates what is missing and sets what differs.
    pub async fn up(&self, aws: &Aws, plan: &Plan, events: &Events, interrupt: &Interrupt) -> Vec<Outcome> {
        let awaits = self.nodes.iter().enumerate().map(|(id, node)| (Id(id), node.needs.clone()));
        walk(awaits, interrupt, |id| async move {
            let (node, step) = (&self.nodes[id.0], &plan.resources[id.0]);
            // What was unknown while planning, the key's ARN, is known by now: look again.
            let change = Change::between(step.observed.as_ref(), &node.resource.desired());
            let aws = aws.speaking_for(&step.name);
            if step.standing == Standing::Outdated {
                return self.visit(step, step.action, events, async || node.resource.delete(&aws).await).await;
            }
            self.visit(step, change.action, events, async || node.resource.apply(&aws, &change).await).await
        })
        .await
        .into_iter()
        .map(|(id, outcome)| Self::told(id, outcome, plan, events))
        .collect()
    }

    /// Removes what is there.
    pub async fn down(&self, aws: &Aws, plan: &Plan, events: &Events, interrupt: &Interrupt) -> Vec<Outcome> {
        let needed_by =
            |id: usize| (0..self.nodes.len()).filter(move |other| self.nodes[*other].needs.contains(&Id(id)));
        let awaits = (0..self.nodes.len()).rev().map(|id| (Id(id), needed_by(id).map(Id).collect()));
        walk(awaits, interrupt, |id| async move {
            let (node, step) = (&self.nodes[id.0], &plan.resources[id.0]);
            let aws = aws.speaking_for(&step.name);
            self.visit(step, step.action, events, async || node.resource.delete(&aws).await).await
        })
        .await
        .into_iter()
        .map(|(id, outcome)| Self::told(id, outcome, plan, events))
        .collect()
    }

    async fn visit(
        &self,
        step: &Step,
        action: Action,
        events: &Events,
        work: impl AsyncFnOnce() -> Result<()>,
    ) -> Outcome {
        if action == Action::Keep {
            return Outcome::Kept;
        }
        let name = step.name.clone();
        events.send(Event::Started { name: name.clone(), action });
        let begun = Instant::now();
        match work().await {
            Ok(()) => {
                events.send(Event::Finished { name, action, seconds: begun.elapsed().as_secs_f64() });
                Outcome::Done
            }
            Err(error) => {
                events.send(Event::Failed { name, action, error: Failure::of(&error) });
                Outcome::Failed
            }
        }
    }

    fn told(id: Id, outcome: Outcome, plan: &Plan, events: &Events) -> Outcome {
        let name = plan.resources[id.0].name.clone();
        match outcome {
            Outcome::Blocked(by) => {
                events.send(Event::Blocked { name, by: plan.resources[by.0].name.clone() });
            }
            Outcome::Skipped => events.send(Event::Skipped { name }),
            Outcome::Kept | Outcome::Done | Outcome::Failed => {}
        }
        outcome
    }
}

fn combined(failures: &[Failure]) -> Option<Failure> {
    let (first, others) = failures.split_first()?;
    let mut failure = first.clone();
    for other in others.iter().filter(|other| other.why != first.why) {
        failure.why.extend(["\n", &other.what, ": ", &other.why]);
    }
    failure.exit = failures.iter().map(|failure| failure.exit).max_by_key(|exit| *exit as u8).unwrap_or_default();
    Some(failure)
}

fn step(names: &Names, resource: &dyn Erased, observed: Observed<Value>) -> Step {
    let Observed { state: is, pending, note } = observed;
    let should = resource.desired();
    let standing = resource.standing();
    let mut change = Change::between(is.as_ref(), &should);
    let mut owner = is.as_ref().and_then(|is| foreign(names, is, &should));
    if standing == Standing::Outdated {
        // Nobody wants it, so that somebody else's is none to refuse.
        let goes = is.is_some() && owner.take().is_none();
        change = Change { action: if goes { Action::Delete } else { Action::Keep }, ..Change::none() };
    }
    let state = match change.action {
        Action::Create => State::Missing,
        Action::Keep if pending => State::Pending,
        Action::Keep => State::Ok,
        Action::Update | Action::Delete => State::Drifted,
    };
    Step {
        name: resource.name(),
        r#type: resource.kind(),
        id: resource.id(),
        arn: resource.arn(),
        state,
        action: change.action,
        differences: change.differences,
        note: owner.clone().map(|owner| format!("exists and is not this stack's: {owner}")).or(note),
        owner,
        standing,
        observed: is,
    }
}

/// Whose a resource is, if it is not this stack's: it carries neither of our two tags, or one of
/// another stack.
fn foreign(names: &Names, is: &Value, should: &Value) -> Option<String> {
    should.get("Tags")?;
    let tag = |key| is.get("Tags").and_then(|tags| tags.get(key)).and_then(Value::as_str);
    let tags = names.tags().map(|(key, ours)| (key, ours, tag(key)));
    if tags.iter().all(|(.., is)| is.is_none()) {
        return Some("it has no cvault tags".into());
    }
    let other = tags.iter().find(|(_, ours, is)| is.is_some_and(|is| is != *ours));
    other.map(|(key, _, is)| format!("it is tagged {key}={}", is.unwrap_or_default()))
}

fn turn_down(step: &mut Step, keep: &[&str]) {
    let there = step.observed.is_some();
    step.differences.clear();
    let goes = match step.standing {
        Standing::Wanted => there && step.owner.is_none(),
        Standing::Shared => false,
        Standing::Outdated => step.action == Action::Delete,
    };
    step.action = if goes { Action::Delete } else { Action::Keep };
    if there && keep.contains(&step.name.as_str()) {
        step.action = Action::Keep;
        step.note = Some("kept as asked".into());
    }
}

/// What a bucket holds that stays, because it is kept or is somebody else's by now, can be read only
/// as long as the key lives.
fn keep_key_of_what_stays(steps: &mut [Step]) {
    let stays =
        |step: &&Step| step.name.starts_with("bucket/") && step.observed.is_some() && step.action == Action::Keep;
    let Some(bucket) = steps.iter().find(stays).map(|step| step.name.clone()) else { return };
    for key in steps.iter_mut().filter(|step| step.name == "key" && step.action == Action::Delete) {
        key.action = Action::Keep;
        key.note = Some(format!("kept, since {bucket} stays and may hold what it has encrypted"));
    }
}

/// Visits each id as soon as all that it awaits are done, all in one task: nothing is spawned,
/// nothing locked. `order` must name what an id awaits before the id.
async fn walk<'a, V, F>(
    order: impl Iterator<Item = (Id, Vec<Id>)>,
    interrupt: &'a Interrupt,
    visit: V,
) -> Vec<(Id, Outcome)>
where
    V: Fn(Id) -> F + Copy + 'a,
    F: Future<Output = Outcome> + 'a,
{
    let mut runs: Vec<(Id, Shared<LocalBoxFuture<'a, Outcome>>)> = vec![];
    for (id, awaits) in order {
        let awaits: Vec<_> = runs.iter().filter(|(other, _)| awaits.contains(other)).cloned().collect();
        let run = async move {
            for (other, run) in awaits {
                match run.await {
                    Outcome::Kept | Outcome::Done => {}
                    Outcome::Failed => return Outcome::Blocked(other),
                    stopped @ (Outcome::Blocked(_) | Outcome::Skipped) => return stopped,
                }
            }
            if interrupt.cause().is_some() { Outcome::Skipped } else { visit(id).await }
        };
        runs.push((id, run.boxed_local().shared()));
    }
    join_all(runs.into_iter().map(|(id, run)| run.map(move |outcome| (id, outcome)))).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use std::sync::Mutex;
    use std::time::Duration;

    /// Walks `needs`, each visit taking a second, and returns outcomes, the order of the ends, and
    /// the seconds on tokio's paused clock.
    fn walked(needs: &[Vec<usize>], fails: &[usize], stop_after: Option<u64>) -> (Vec<Outcome>, Vec<usize>, u64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (switch, interrupt) = Interrupt::switch();
            let ended = Mutex::new(vec![]);
            let (ended_ref, begun) = (&ended, Instant::now());
            let order = needs.iter().enumerate().map(|(id, needs)| (Id(id), needs.iter().copied().map(Id).collect()));
            let walk = walk(order, &interrupt, |id| async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                ended_ref.lock().unwrap().push(id.0);
                if fails.contains(&id.0) { Outcome::Failed } else { Outcome::Done }
            });
            let stop = async {
                if let Some(seconds) = stop_after {
                    tokio::time::sleep(Duration::from_millis(seconds * 1000 - 500)).await;
                    switch.stop(crate::outcome::interrupt::Cause::Interrupt);
                }
            };
            let (outcomes, ()) = futures::join!(walk, stop);
            let seconds = begun.elapsed().as_secs();
            (outcomes.into_iter().map(|(_, outcome)| outcome).collect(), ended.into_inner().unwrap(), seconds)
        })
    }

    #[test]
    fn only_the_critical_path_takes_time() {
        let (outcomes, _, seconds) = walked(&[vec![], vec![0], vec![0], vec![1, 2], vec![]], &[], None);
        assert_eq!(seconds, 3);
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
    }

    #[test]
    fn a_failure_blocks_what_needs_it_and_names_the_cause() {
        let (outcomes, ..) = walked(&[vec![], vec![0], vec![1], vec![]], &[0], None);
        assert_eq!(outcomes, [Outcome::Failed, Outcome::Blocked(Id(0)), Outcome::Blocked(Id(0)), Outcome::Done]);
    }

    #[test]
    fn an_interrupt_lets_what_is_in_flight_end_and_starts_nothing() {
        let (outcomes, ended, seconds) = walked(&[vec![], vec![0], vec![1]], &[], Some(2));
        assert_eq!(outcomes, [Outcome::Done, Outcome::Done, Outcome::Skipped]);
        assert_eq!((ended, seconds), (vec![0, 1], 2));
    }

    proptest! {
        #[test]
        fn nothing_begins_before_what_it_needs(
            graph in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..3), 1..12),
            fails in prop::collection::vec(0..12_usize, 0..3),
        ) {
            let needs: Vec<Vec<usize>> = graph.iter().enumerate()
                .map(|(id, needs)| if id == 0 { vec![] } else { needs.iter().map(|need| need.index(id)).collect() })
                .collect();
            let (outcomes, ended, _) = walked(&needs, &fails, None);
            for (id, needs) in needs.iter().enumerate() {
                for need in needs {
                    let place = |of: usize| ended.iter().position(|ended| *ended == of);
                    prop_assert!(place(id).is_none() || place(*need) < place(id));
                    if outcomes[*need] != Outcome::Done {
                        prop_assert!(matches!(outcomes[id], Outcome::Blocked(_)));
                    }
                }
            }
        }
    }

    #[test]
    fn ownership_is_the_tag_pair() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "mine", Some("x"));
        let should = json!({"Tags": {"cvault:id": "x", "cvault:stack": "mine"}});
        let foreign = |is: Value| foreign(&names, &is, &should);
        assert_eq!(foreign(should.clone()), None);
        assert_eq!(foreign(json!({"Tags": {"cvault:id": "x"}})), None, "one lost tag is drift");
        assert!(foreign(json!({"Tags": {}})).unwrap().contains("no cvault tags"));
        assert!(foreign(json!({"Tags": {"cvault:id": "x", "cvault:stack": "yours"}})).unwrap().contains("yours"));
        assert_eq!(super::foreign(&names, &json!({}), &json!({"Endpoint": "a@b"})), None, "without tags: its parent's");
    }
}
