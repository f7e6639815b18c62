//! Observes everything at once, and says what is to be done.

use super::beside;
use super::graph::{Graph, KeptFor, Node};
use super::identity::Identity;
use super::plan::{Action, Change, Plan, Standing, State, Step};
use super::resource::Observed;
use crate::aws::{Aws, PROPAGATION, explained};
use crate::outcome::failure::Failure;
use anyhow::{Result, bail};
use futures::future::join_all;
use serde_json::Value;

/// Which way a walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Creates and repairs.
    Up,
    /// Removes.
    Down,
}

impl Graph {
    /// Observes everything at once and says what is to be done. `keep` names what `down` leaves. What is neither wanted
    /// nor there leaves the graph.
    ///
    /// # Errors
    /// All failed reads together: missing permissions show in one run, not in ten.
    pub async fn plan(&mut self, aws: &Aws, direction: Direction, keep: &[String]) -> Result<Plan> {
        let reads = self.nodes.iter().map(async |node| {
            let aws = aws.speaking_for(&node.resource.name());
            let read = aws.eventually("AWS to answer", PROPAGATION, async || node.resource.observe(&aws).await);
            aws.reading(read).await
        });
        let reads = join_all(reads).await;
        let (observed, failed): (Vec<_>, Vec<_>) = reads.into_iter().partition(Result::is_ok);
        let failures: Vec<_> = failed.into_iter().filter_map(Result::err).map(|error| explained(&error)).collect();
        if let Some(failure) = combined(&failures) {
            bail!(failure);
        }
        let observed = observed.into_iter().flatten();
        let steps = self.nodes.iter().zip(observed).map(|(node, observed)| {
            let mut step = step(&self.identity, node, observed);
            if direction == Direction::Down {
                turn_down(&mut step, keep);
            }
            step
        });
        let steps = steps.collect();
        let mut steps = self.without_gone(steps);
        if direction == Direction::Down {
            self.keep(&mut steps);
        }
        Ok(Plan::new(&self.identity, steps))
    }

    /// Takes out what is not wanted and either not there or not the stack's: nobody has to know of it, and it does not count.
    fn without_gone(&mut self, steps: Vec<Step>) -> Vec<Step> {
        let stays: Vec<_> =
            steps.iter().map(|step| step.standing != Standing::Outdated || step.action != Action::Keep).collect();
        self.retain(&stays);
        steps.into_iter().zip(stays).filter_map(|(step, stays)| stays.then_some(step)).collect()
    }

    /// Keeps what is declared to stay for something that stays: because it is to be kept, or is somebody
    /// else's by now.
    fn keep(&self, steps: &mut [Step]) {
        for KeptFor { what, others, why } in &self.kept {
            let other =
                others.iter().map(|other| &steps[other.0]).find(|step| step.stays()).map(|step| step.name.clone());
            let kept = &mut steps[what.0];
            if let Some(other) = other.filter(|_| kept.action == Action::Delete) {
                kept.action = Action::Keep;
                kept.note = Some(format!("kept, since {other} stays and {why}"));
            }
        }
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

fn step(identity: &Identity, node: &Node, observed: Observed<Value>) -> Step {
    let Observed { state: is, pending, note, lost, begun, halted } = observed;
    let Node { resource, standing, .. } = node;
    let (should, standing) = (resource.desired(), *standing);
    let mut change = Change::between(is.as_ref(), &should);
    let mut owner = is.as_ref().filter(|_| !begun).and_then(|is| foreign(identity, is, &should));
    let is_lost = lost.is_some();
    if is_lost {
        (change, owner) = (Change::none(), lost);
    }
    if standing == Standing::Outdated {
        // Nobody wants it, so that somebody else's is none to refuse.
        let goes = is.is_some() && owner.take().is_none();
        change = Change { action: if goes { Action::Delete } else { Action::Keep }, ..Change::none() };
    }
    let state = match change.action {
        Action::Create => State::Missing,
        // It is there, and not as declared.
        Action::Keep if is_lost => State::Drifted,
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
        halted,
        observed: is,
    }
}

/// Whose a resource is, if it is not this stack's: it carries neither of our two tags, or one of
/// another stack.
fn foreign(identity: &Identity, is: &Value, should: &Value) -> Option<String> {
    should.get("Tags")?;
    let tag = |key| is.get("Tags").and_then(|tags| tags.get(key)).and_then(Value::as_str);
    let tags = identity.tags().map(|(key, ours)| (key, ours, tag(key)));
    if tags.iter().all(|(.., is)| is.is_none()) {
        return Some("it has no cvault tags".into());
    }
    let other = tags.iter().find(|(_, ours, is)| is.is_some_and(|is| is != *ours));
    other.map(|(key, _, is)| format!("it is tagged {key}={}", is.unwrap_or_default()))
}

fn turn_down(step: &mut Step, keep: &[String]) {
    let there = step.observed.is_some();
    // What goes, or is only used, differs from nothing, and is not said to; what is lost is.
    step.differences.clear();
    if step.state == State::Drifted && step.owner.is_none() {
        step.state = State::Ok;
    }
    let goes = match step.standing {
        Standing::Wanted => there && step.owner.is_none(),
        Standing::Shared => false,
        Standing::Outdated => step.action == Action::Delete,
    };
    step.action = if goes { Action::Delete } else { Action::Keep };
    if goes {
        // It goes with the resource.
        step.note = step.note.take().filter(|note| !beside::is_said_by(note));
    }
    if there && keep.contains(&step.name) {
        step.action = Action::Keep;
        step.note = Some("kept as asked".into());
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::deploy::permission::Permission;
    use crate::deploy::plan::StackState;
    use crate::deploy::resource::Resource;
    use serde_json::json;

    pub(in crate::deploy) fn identity() -> Identity {
        let [stack, id, account, region] = ["mine", "x", "123456789012", "eu-west-1"].map(str::to_owned);
        Identity { stack, id, account, region }
    }

    /// A resource that nobody asks AWS for.
    pub(in crate::deploy) struct Made(pub &'static str);

    impl Resource for Made {
        type State = Value;
        const TYPE: &'static str = "Made::Up";

        fn name(&self) -> String {
            self.0.into()
        }

        fn id(&self) -> Option<String> {
            None
        }

        fn arn(&self) -> Option<String> {
            None
        }

        fn desired(&self) -> Value {
            json!({"Tags": {"cvault:id": "x", "cvault:stack": "mine"}})
        }

        async fn observe(&self, _: &Aws) -> Result<Observed<Value>> {
            Ok(Observed::absent())
        }

        async fn apply(&self, _: &Aws, _: &Change) -> Result<()> {
            Ok(())
        }

        async fn delete(&self, _: &Aws) -> Result<()> {
            Ok(())
        }

        fn permissions(&self) -> Vec<Permission> {
            vec![]
        }
    }

    /// What is to be done with each node of a graph that was found like this.
    fn steps(graph: &Graph, found: &[Option<Value>]) -> Vec<Step> {
        let found = found.iter().cloned().map(|state| Observed { state, ..Observed::absent() });
        graph.nodes.iter().zip(found).map(|(node, found)| step(&graph.identity, node, found)).collect()
    }

    #[test]
    fn what_is_retired_goes_either_way_if_it_is_there_and_ours() {
        let mut graph = Graph::new(identity());
        graph.retire(Made("old"), []);
        for (found, action) in [
            (Some(Made("old").desired()), Action::Delete),
            (Some(json!({"Tags": {"cvault:id": "y", "cvault:stack": "theirs"}})), Action::Keep),
            (None, Action::Keep),
        ] {
            let mut steps = steps(&graph, &[found]);
            assert_eq!((steps[0].action, steps[0].owner.as_ref()), (action, None), "up: not even refused");
            turn_down(&mut steps[0], &[]);
            assert_eq!(steps[0].action, action, "down");
        }
    }

    #[test]
    fn what_is_lost_is_left_alone_and_the_rest_is_not() {
        let mut graph = Graph::new(identity());
        let [lid, jar] = ["lid", "jar"].map(|name| graph.add(Made(name), []));
        graph.keep_for(lid, [jar], "may need it");
        let lost = step(&graph.identity, &graph.nodes[1], Observed::lost("it belongs to another account"));
        assert_eq!((lost.state, lost.action, lost.owner.is_some()), (State::Drifted, Action::Keep, true));
        assert!(lost.differences.is_empty() && lost.note.as_ref().unwrap().contains("another account"));
        let mut steps = vec![steps(&graph, &[Some(Made("").desired())]).remove(0), lost];
        for step in &mut steps {
            turn_down(step, &[]);
        }
        graph.keep(&mut steps);
        assert_eq!([steps[0].action, steps[1].action], [Action::Delete, Action::Keep], "nothing is kept for it");
    }

    #[test]
    fn what_does_not_work_is_seen_although_nothing_differs() {
        let mut graph = Graph::new(identity());
        graph.add(Made("jar"), []);
        let of =
            |observed: Observed<Value>| Plan::new(&identity(), vec![step(&graph.identity, &graph.nodes[0], observed)]);
        let there = || Observed::present(Made("").desired());
        assert_eq!(of(there()).state, StackState::InSync);
        let halted = of(there().halted("somebody has stopped it"));
        assert_eq!((halted.state, halted.changes()), (StackState::Stuck, false));
        assert_eq!(halted.resources[0].note.as_deref(), Some("somebody has stopped it"));
        assert_eq!(of(Observed::absent().halted("x")).state, StackState::Absent);
    }

    #[test]
    fn what_is_switched_off_and_not_there_is_missed_by_nobody() {
        let of = |[lid, jar]: [Option<Value>; 2]| {
            let mut graph = Graph::new(identity());
            let id = graph.add_if(false, Made("lid"), []);
            let jar_id = graph.add(Made("jar"), [id]);
            graph.keep_for(jar_id, [id], "may need it");
            let steps = steps(&graph, &[lid, jar]);
            let steps = graph.without_gone(steps);
            let (needs, kept) = (graph.nodes.last().unwrap().needs.len(), graph.kept[0].others.len());
            assert_eq!((graph.nodes.len(), needs, kept), (steps.len(), steps.len() - 1, steps.len() - 1));
            assert!(graph.knows("lid") && graph.knows("jar") && !graph.knows("cup"));
            assert_eq!(steps.last().unwrap().name, graph.nodes.last().unwrap().resource.name());
            let plan = Plan::new(&identity(), steps);
            (plan.state, plan.resources.len())
        };
        let there = || Some(Made("").desired());
        assert_eq!(of([None, None]), (StackState::Absent, 1));
        assert_eq!(of([there(), None]), (StackState::Partial, 2), "something of the stack is there");
        assert_eq!(of([None, there()]), (StackState::InSync, 1));
        let theirs = Some(json!({"Tags": {"cvault:id": "y", "cvault:stack": "theirs"}}));
        assert_eq!(of([theirs, there()]), (StackState::InSync, 1));
    }

    #[test]
    fn what_goes_or_is_only_used_differs_from_nothing() {
        let differs = || Some(json!({"Tags": {"cvault:id": "x", "cvault:stack": "mine"}, "more": 1}));
        for standing in [Standing::Wanted, Standing::Shared, Standing::Outdated] {
            let mut graph = Graph::new(identity());
            graph.add(Made("jar"), []);
            graph.nodes[0].standing = standing;
            let mut steps = steps(&graph, &[differs()]);
            assert_eq!(steps[0].state, State::Drifted, "{standing:?}");
            turn_down(&mut steps[0], &[]);
            assert_eq!((steps[0].state, steps[0].differences.len()), (State::Ok, 0), "{standing:?}");
        }
    }

    #[test]
    fn what_is_kept_for_others_stays_as_long_as_one_of_them_does() {
        let mut graph = Graph::new(identity());
        let [lid, jar, other] = ["lid", "jar", "other"].map(|name| graph.add(Made(name), []));
        graph.keep_for(lid, [jar, other], "may need it");
        let there = || Some(Made("").desired());
        let kept = |found: &[Option<Value>], keep: &[String]| {
            let mut steps = steps(&graph, found);
            for step in &mut steps {
                turn_down(step, keep);
            }
            graph.keep(&mut steps);
            steps[0].note.clone().filter(|_| steps[0].action == Action::Keep)
        };
        assert_eq!(kept(&[there(), there(), there()], &[]), None);
        assert_eq!(kept(&[there(), None, there()], &[]), None, "what is not there does not stay");
        let said = kept(&[there(), there(), there()], &["other".into()]);
        assert_eq!(said.as_deref(), Some("kept, since other stays and may need it"));
    }

    #[test]
    fn ownership_is_the_tag_pair() {
        let identity = identity();
        let should = json!({"Tags": {"cvault:id": "x", "cvault:stack": "mine"}});
        let foreign = |is: Value| foreign(&identity, &is, &should);
        assert_eq!(foreign(should.clone()), None);
        assert_eq!(foreign(json!({"Tags": {"cvault:id": "x"}})), None, "one lost tag is drift");
        assert!(foreign(json!({"Tags": {}})).unwrap().contains("no cvault tags"));
        assert!(foreign(json!({"Tags": {"cvault:id": "x", "cvault:stack": "yours"}})).unwrap().contains("yours"));
        assert_eq!(
            super::foreign(&identity, &json!({}), &json!({"Endpoint": "a@b"})),
            None,
            "without tags: its parent's"
        );
    }
}
