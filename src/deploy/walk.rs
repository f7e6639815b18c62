//! Walks the graph of what needs what.
//!
//! `up` walks in the order of needs, `down` in the reverse, with what the graph says of the way down alone;
//! everything independent is in flight at the same time. What depends on a failure is not begun, all else
//! goes on: siblings are never cancelled, since a call that is dropped half way may or may not have taken
//! effect.

use super::event::{Event, Events};
use super::graph::{Graph, Id, Node};
use super::plan::{Action, Change, Plan, Standing, Step};
use crate::aws::{Aws, explained};
use crate::outcome::interrupt::Interrupt;
use anyhow::Result;
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared, join_all};
use std::future::Future;
use tokio::time::Instant;

/// How the work on one resource ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was nothing to do.
    Kept,
    /// This was done with it.
    Done(Action),
    /// It failed.
    Failed,
    /// It was not begun: what it needs failed.
    Blocked(Id),
    /// It was not begun: the run was interrupted.
    Skipped,
}

impl Graph {
    /// Creates what is missing and sets what differs. The outcomes are in the order of the plan.
    pub async fn up(&self, aws: &Aws, plan: &Plan, events: &Events, interrupt: &Interrupt) -> Vec<Outcome> {
        let is_there = |id: Id| plan.resources[id.0].observed.is_some();
        let outcomes = walk(self.turns_up(is_there).into_iter(), interrupt, |id| async move {
            let (node, step) = (&self.nodes[id.0], &plan.resources[id.0]);
            // What was unknown while planning, the key's ARN, is known by now: look again.
            let change = Change::between(step.observed.as_ref(), &node.resource.desired());
            let aws = aws.speaking_for(&step.name);
            if step.standing == Standing::Outdated {
                return self.visit(step, step.action, events, async || node.resource.delete(&aws).await).await;
            }
            self.visit(step, change.action, events, async || node.resource.apply(&aws, &change).await).await
        });
        let mut outcomes = outcomes.await;
        outcomes.sort_by_key(|(id, _)| id.0);
        outcomes.into_iter().map(|(id, outcome)| Self::told(id, outcome, plan, events)).collect()
    }

    /// Removes what is to go, each after what `before` does. The outcomes are in the order of the plan.
    pub async fn down(
        &self,
        aws: &Aws,
        plan: &Plan,
        (events, interrupt): (&Events, &Interrupt),
        before: impl AsyncFn(&Step) -> Result<()>,
    ) -> Vec<Outcome> {
        let before = &before;
        let goes = |id: &&Id| plan.resources[id.0].action == Action::Delete;
        let last = self.last.iter().find(goes).copied();
        let turn = |id: usize| self.turn_down(Id(id), last);
        walk((0..self.nodes.len()).rev().map(turn), interrupt, |id| async move {
            let (node, step) = (&self.nodes[id.0], &plan.resources[id.0]);
            let aws = aws.speaking_for(&step.name);
            if step.action != Action::Delete {
                return Outcome::Kept;
            }
            let remove = async || {
                before(step).await?;
                node.resource.delete(&aws).await
            };
            self.visit(step, step.action, events, remove).await
        })
        .await
        .into_iter()
        .map(|(id, outcome)| Self::told(id, outcome, plan, events))
        .rev()
        .collect()
    }

    /// When each id is visited on the way up: what is wanted in the order of needs; what goes when all that it needs is as it should
    /// be, and, among others that go, as on the way down.
    fn turns_up(&self, is_there: impl Fn(Id) -> bool) -> Vec<Turn> {
        let goes = |id: &Id| self.nodes[id.0].standing == Standing::Outdated;
        let (outdated, wanted): (Vec<_>, Vec<_>) = (0..self.nodes.len()).map(Id).partition(goes);
        let needs = |id: Id| {
            let Node { needs, trails, .. } = &self.nodes[id.0];
            let trails = if is_there(id) { &trails[..] } else { &[] };
            needs.iter().chain(trails).copied().filter(|need| !goes(need)).collect::<Vec<_>>()
        };
        let wanted = wanted.into_iter().map(|id| Turn { id, needs: needs(id), after: vec![] });
        let outdated = outdated.into_iter().rev().map(|id| {
            let users = self.turn_down(id, None).needs.into_iter().filter(goes);
            Turn { id, needs: users.chain(needs(id)).collect(), after: vec![] }
        });
        wanted.chain(outdated).collect()
    }

    /// When an id is visited on the way down: behind what uses it, and the last one behind all that was added later.
    fn turn_down(&self, id: Id, last: Option<Id>) -> Turn {
        let is_last = last == Some(id);
        let is_found_by = |other: &Id| is_last && self.last.contains(other);
        let outlives = &self.nodes[id.0].outlives;
        let uses = |other: &Id| is_last || self.nodes[other.0].needs.contains(&id) || outlives.contains(other);
        let later = (id.0 + 1..self.nodes.len()).map(Id);
        let (after, later): (Vec<_>, Vec<_>) = later.partition(is_found_by);
        Turn { id, needs: later.into_iter().filter(uses).collect(), after }
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
                Outcome::Done(action)
            }
            Err(error) => {
                events.send(Event::Failed { name, action, error: explained(&error) });
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
            Outcome::Kept | Outcome::Done(_) | Outcome::Failed => {}
        }
        outcome
    }
}

/// When an id is visited.
struct Turn {
    id: Id,
    /// What has to be done before.
    needs: Vec<Id>,
    /// What has to have ended before, done or not.
    after: Vec<Id>,
}

/// Visits each id as soon as all that it awaits are done, all in one task: nothing is spawned,
/// nothing locked. `order` must name what an id awaits before the id.
async fn walk<'a, V, F>(order: impl Iterator<Item = Turn>, interrupt: &'a Interrupt, visit: V) -> Vec<(Id, Outcome)>
where
    V: Fn(Id) -> F + Copy + 'a,
    F: Future<Output = Outcome> + 'a,
{
    let mut runs: Vec<(Id, Shared<LocalBoxFuture<'a, Outcome>>)> = vec![];
    for Turn { id, needs, after } in order {
        let those = |ids: &[Id]| runs.iter().filter(|(other, _)| ids.contains(other)).cloned().collect::<Vec<_>>();
        let (needs, after) = (those(&needs), those(&after));
        let run = async move {
            join_all(after.into_iter().map(|(_, run)| run)).await;
            for (other, run) in needs {
                match run.await {
                    Outcome::Kept | Outcome::Done(_) => {}
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
    use super::super::observe::tests::{Made, identity};
    use super::*;
    use proptest::prelude::*;
    use std::sync::Mutex;
    use std::time::Duration;

    const DONE: Outcome = Outcome::Done(Action::Create);

    /// Walks `needs`, each visit taking a second, and returns outcomes, the order of the ends, and
    /// the seconds on tokio's paused clock.
    fn walked(needs: &[Vec<usize>], fails: &[usize], stop_after: Option<u64>) -> (Vec<Outcome>, Vec<usize>, u64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (switch, interrupt) = Interrupt::switch();
            let ended = Mutex::new(vec![]);
            let (ended_ref, begun) = (&ended, Instant::now());
            let turn = |(id, needs): (usize, &Vec<usize>)| {
                let (needs, after) = (needs.iter().copied().map(Id).collect(), vec![]);
                Turn { id: Id(id), needs, after }
            };
            let order = needs.iter().enumerate().map(turn);
            let walk = walk(order, &interrupt, |id| async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                ended_ref.lock().unwrap().push(id.0);
                if fails.contains(&id.0) { Outcome::Failed } else { DONE }
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
        assert!(outcomes.iter().all(|outcome| *outcome == DONE));
    }

    #[test]
    fn a_failure_blocks_what_needs_it_and_names_the_cause() {
        let (outcomes, ..) = walked(&[vec![], vec![0], vec![1], vec![]], &[0], None);
        assert_eq!(outcomes, [Outcome::Failed, Outcome::Blocked(Id(0)), Outcome::Blocked(Id(0)), DONE]);
    }

    #[test]
    fn what_comes_after_others_waits_for_them_whether_they_fail_or_not() {
        let (_, interrupt) = Interrupt::switch();
        let order = [vec![], vec![Id(0)]].into_iter().enumerate();
        let order = order.map(|(id, after)| Turn { id: Id(id), needs: vec![], after });
        let ended = Mutex::new(vec![]);
        let visits = walk(order, &interrupt, |id| {
            let ended = &ended;
            async move {
                tokio::task::yield_now().await;
                ended.lock().unwrap().push(id);
                if id == Id(0) { Outcome::Failed } else { DONE }
            }
        });
        let outcomes = futures::executor::block_on(visits);
        assert_eq!(outcomes, [(Id(0), Outcome::Failed), (Id(1), DONE)]);
        assert_eq!(*ended.lock().unwrap(), [Id(0), Id(1)]);
    }

    /// By the last one the stack is found again: it must not go while anything else stays that is not found by itself.
    #[test]
    fn the_last_one_goes_when_all_that_was_added_later_is_gone() {
        let mut graph = Graph::new(identity());
        let key = graph.add(Made("key"), []);
        let [one, other] = ["one", "other"].map(|name| graph.add(Made(name), [key]));
        let [role, alarm] = ["role", "alarm"].map(|name| graph.add(Made(name), []));
        graph.outlive(&[role], &[alarm]);
        graph.leave_until_last(&[one, other]);
        let turn = |id: Id| {
            let Turn { needs, after, .. } = graph.turn_down(id, Some(one));
            (needs, after)
        };
        assert_eq!(
            turn(one),
            (vec![role, alarm], vec![other]),
            "what fails keeps it, unless the stack is found by that, too"
        );
        assert_eq!(turn(other), (vec![], vec![]));
        assert_eq!(turn(role), (vec![alarm], vec![]));
        assert_eq!(turn(key), (vec![one, other], vec![]));
    }

    #[test]
    fn what_goes_on_the_way_up_goes_behind_what_is_wanted_and_in_the_order_of_the_way_down() {
        let mut graph = Graph::new(identity());
        let function = graph.add(Made("function"), []);
        let queue = graph.retire(Made("queue"), [function]);
        let mapping = graph.retire(Made("mapping"), [queue, function]);
        let other = graph.retire(Made("other"), []);
        graph.outlive(&[queue], &[other]);
        let rule = graph.add(Made("rule"), [function]);
        graph.remove_first(rule);
        let turns: Vec<_> = graph.turns_up(|_| true).into_iter().map(|Turn { id, needs, .. }| (id, needs)).collect();
        let wanted = [(function, vec![]), (rule, vec![function])];
        let goes = [(other, vec![]), (mapping, vec![function]), (queue, vec![mapping, other, function])];
        assert_eq!(turns, [&wanted[..], &goes[..]].concat());
    }

    #[test]
    fn what_trails_others_waits_for_them_where_it_is_there() {
        let mut graph = Graph::new(identity());
        let [key, gone] = ["key", "gone"].map(|name| graph.add(Made(name), []));
        let bucket = graph.add(Made("bucket"), [key]);
        let role = graph.add(Made("role"), [key]);
        graph.trail(role, &[gone, bucket]);
        graph.retain(&[true, false, true, true]);
        let needs = |is_there: bool| graph.turns_up(|_| is_there).pop().map(|turn| turn.needs);
        assert_eq!(needs(false), Some(vec![Id(0)]));
        assert_eq!(needs(true), Some(vec![Id(0), Id(1)]));
        assert!(graph.turn_down(Id(1), None).needs.is_empty(), "on the way down it is no user");
    }

    #[test]
    fn an_interrupt_lets_what_is_in_flight_end_and_starts_nothing() {
        let (outcomes, ended, seconds) = walked(&[vec![], vec![0], vec![1]], &[], Some(2));
        assert_eq!(outcomes, [DONE, DONE, Outcome::Skipped]);
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
                    if outcomes[*need] != DONE {
                        prop_assert!(matches!(outcomes[id], Outcome::Blocked(_)));
                    }
                }
            }
        }
    }
}
