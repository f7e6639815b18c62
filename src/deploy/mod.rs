//! A graph of resources: what each is and should be, and the walk that closes the gap. Knows no kind of
//! resource, no vault and no zone: those are declared above.
//!
//! [`resource`] is the contract of one, [`graph`] all of them; [`observe`] makes a [`plan`] of the graph, and
//! [`walk`] carries it out. [`policy`], [`beside`] and [`denial`] read the policies of others.

pub mod beside;
pub mod denial;
pub mod event;
pub mod graph;
pub mod identity;
pub mod observe;
pub mod permission;
pub mod plan;
pub mod policy;
pub mod resource;
pub mod walk;

pub use graph::{Graph, Id};
pub use observe::Direction;
pub use walk::Outcome;
