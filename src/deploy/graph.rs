//! The graph: resources, and what each of them needs.

use super::identity::Identity;
use super::permission::Permission;
use super::plan::{Standing, Step};
use super::resource::{Assigned, Erased, Fixed, Resource};
use std::collections::BTreeMap;

/// The place of a resource in its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id(pub(super) usize);

/// A graph of resources.
pub struct Graph {
    pub(super) identity: Identity,
    pub(super) nodes: Vec<Node>,
    pub(super) kept: Vec<KeptFor>,
    /// The first of these that is there is removed last.
    pub(super) last: Vec<Id>,
    /// The names of what was taken out.
    gone: Vec<String>,
    /// What AWS assigns, by what it is of.
    assigned: BTreeMap<String, Assigned>,
}

/// A resource in its place.
pub(super) struct Node {
    pub resource: Box<dyn Erased>,
    pub needs: Vec<Id>,
    /// What is removed before it although that does not need it.
    pub outlives: Vec<Id>,
    /// What it needs besides on the way up where it is there already.
    pub trails: Vec<Id>,
    pub standing: Standing,
}

/// What stays on the way down as long as one of others does.
pub(super) struct KeptFor {
    pub what: Id,
    pub others: Vec<Id>,
    pub why: &'static str,
}

impl Graph {
    /// An empty graph, of the stack's resources.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        Self { identity, nodes: vec![], kept: vec![], last: vec![], gone: vec![], assigned: BTreeMap::new() }
    }

    /// An empty graph of the same stack that knows what this one has found out: for a look at a part of it.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { assigned: self.assigned.clone(), ..Self::new(self.identity.clone()) }
    }

    /// What AWS assigns to the resource of this name, known or not, for those that speak of it.
    pub fn assigned(&mut self, of: impl Into<String>) -> Assigned {
        self.assigned.entry(of.into()).or_default().clone()
    }

    /// Adds a resource. `needs` can name only what was added before, so no cycle can be written and
    /// the order of adding is a valid order of work.
    pub fn add(&mut self, resource: impl Resource + 'static, needs: impl Into<Vec<Id>>) -> Id {
        let standing = resource.standing();
        self.push(resource, standing, needs.into())
    }

    /// Adds a resource that is to go, whichever way the walk goes: on the way up when `after` have become
    /// what they should be, and do not use it any more. What of them goes, too, goes behind it, either way.
    pub fn retire(&mut self, resource: impl Resource + 'static, after: impl Into<Vec<Id>>) -> Id {
        self.push(resource, Standing::Outdated, after.into())
    }

    /// Adds a resource, or retires it where it is not wanted.
    pub fn add_if(&mut self, is_wanted: bool, resource: impl Resource + 'static, needs: impl Into<Vec<Id>>) -> Id {
        if is_wanted { self.add(resource, needs) } else { self.retire(resource, needs) }
    }

    fn push(&mut self, resource: impl Resource + 'static, standing: Standing, needs: Vec<Id>) -> Id {
        self.nodes.push(Node { resource: Box::new(resource), needs, outlives: vec![], trails: vec![], standing });
        Id(self.nodes.len() - 1)
    }

    /// Declares that on the way down, and among what goes on the way up, each of these is removed only when the others are gone,
    /// which were added later: those do not need them to be made, and may still use them.
    pub fn outlive(&mut self, these: &[Id], others: &[Id]) {
        for one in these {
            self.nodes[one.0].outlives.extend(others);
        }
    }

    /// Declares that on the way up this one, where it is there already, is changed only when the others are as they should be, which were
    /// added before. To be made it does not need them.
    pub fn trail(&mut self, this: Id, others: &[Id]) {
        self.nodes[this.0].trails.extend(others);
    }

    /// Declares that on the way down nothing else goes before this one is gone, which is added last: who looks whether it is there
    /// sees whether such a walk has begun.
    pub fn remove_first(&mut self, this: Id) {
        for node in &mut self.nodes[..this.0] {
            node.outlives.push(this);
        }
    }

    /// Declares that the first of these that is there is removed when all that was added later is gone: by it the stack is found as
    /// long as something else of it is there. It only waits for the others of these, since the stack is found by them, too.
    pub fn leave_until_last(&mut self, these: &[Id]) {
        self.last = these.into();
    }

    /// Declares that `what` is not removed as long as one of the others stays, which is told with `why`: the
    /// end of a sentence that begins with the other's name and "stays and".
    pub fn keep_for(&mut self, what: Id, others: impl Into<Vec<Id>>, why: &'static str) {
        self.kept.push(KeptFor { what, others: others.into(), why });
    }

    /// Takes out all but the resources of these names.
    pub fn only(&mut self, names: &[String]) {
        let stays: Vec<_> = self.nodes.iter().map(|node| names.contains(&node.resource.name())).collect();
        self.retain(&stays);
    }

    /// Takes out each for which `stays` is false, with all that names it.
    pub(super) fn retain(&mut self, stays: &[bool]) {
        // Where each of them is then.
        let places: Vec<_> = stays
            .iter()
            .enumerate()
            .map(|(id, stay)| stay.then(|| Id(stays[..id].iter().filter(|it| **it).count())))
            .collect();
        let moved = |ids: &[Id]| ids.iter().filter_map(|id| places[id.0]).collect();
        let gone = self.nodes.iter().zip(stays).filter(|(_, stays)| !**stays);
        self.gone.extend(gone.map(|(node, _)| node.resource.name()));
        let mut stay = stays.iter();
        self.nodes.retain_mut(|node| {
            node.needs = moved(&node.needs);
            node.outlives = moved(&node.outlives);
            node.trails = moved(&node.trails);
            stay.next() == Some(&true)
        });
        self.last = moved(&self.last);
        self.kept.retain_mut(|kept| {
            kept.others = moved(&kept.others);
            places[kept.what.0].map(|what| kept.what = what).is_some()
        });
    }

    /// Whether the stack has, or may have, a resource of this name.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.nodes.iter().any(|node| node.resource.name() == name) || self.gone.iter().any(|gone| gone == name)
    }

    /// What differs of a step although nothing can change it.
    #[must_use]
    pub fn fixed(&self, step: &Step) -> Option<&'static Fixed> {
        let node = self.nodes.iter().find(|node| node.resource.name() == step.name)?;
        let differs = |path: &str| step.differences.iter().any(|difference| difference.path == path);
        node.resource.fixed().iter().find(|fixed| differs(fixed.path))
    }

    /// The ARN of the resource of this name, as far as it is known by now.
    #[must_use]
    pub fn arn(&self, name: &str) -> Option<String> {
        self.nodes.iter().find(|node| node.resource.name() == name)?.resource.arn()
    }

    /// What the calls of all resources need of IAM.
    #[must_use]
    pub fn permissions(&self) -> Vec<Permission> {
        self.nodes.iter().flat_map(|node| node.resource.permissions()).collect()
    }
}
