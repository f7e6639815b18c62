//! The contract of a resource: what it should be, what it is, and how to close the gap.
//!
//! A kind never compares, never decides on order
//! and never prints: it declares, reads, and writes what it is told differs.

use crate::aws::Aws;
use crate::deploy::permission::Permission;
use crate::deploy::plan::{Change, Standing};
use anyhow::Result;
use futures::{FutureExt, future::LocalBoxFuture};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::sync::{Arc, OnceLock};

/// One AWS resource.
#[expect(async_fn_in_trait, reason = "one task runs them all: nothing has to be Send")]
pub trait Resource {
    /// The declared attributes in AWS's own words. Both sides of the comparison have this type, so
    /// what is not declared is not compared. A member `Tags` decides on ownership.
    type State: Serialize;

    /// AWS's name for the kind, such as `AWS::SNS::Topic`.
    const TYPE: &'static str;

    /// What it has from its creation on, and no call changes.
    const FIXED: &'static [Fixed] = &[];

    /// The logical name, such as `bucket/vault`.
    fn name(&self) -> String;

    /// AWS's name for this one, or `None` while AWS has not assigned it.
    fn id(&self) -> Option<String>;

    /// Its ARN, likewise.
    fn arn(&self) -> Option<String>;

    /// What the stack has to do with it.
    fn standing(&self) -> Standing {
        Standing::Wanted
    }

    /// What it should be.
    fn desired(&self) -> Self::State;

    /// Reads what it is, with all reads at once, so that one look finds all rights that are missing. Never writes.
    async fn observe(&self, aws: &Aws) -> Result<Observed<Self::State>>;

    /// Creates it if the change says so, then sets what the change touches. Repeating it is
    /// harmless: somebody else having created it meanwhile is success.
    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()>;

    /// Removes it and returns when it is gone. That it is not there is success.
    async fn delete(&self, aws: &Aws) -> Result<()>;

    /// What these calls need of IAM.
    fn permissions(&self) -> Vec<Permission>;
}

/// An attribute that a resource has from its creation on.
#[derive(Debug)]
pub struct Fixed {
    /// Its place in the state, as a JSON pointer.
    pub path: &'static str,
    /// Why it cannot differ.
    pub why: &'static str,
    /// What to do where it does, before the same command is run again.
    pub fix: &'static str,
}

/// What a resource is.
#[derive(Debug)]
pub struct Observed<S> {
    /// Its declared attributes; `None` when it is not there.
    pub state: Option<S>,
    /// True for what is as declared but not in effect yet.
    pub pending: bool,
    /// What a reader should know although nothing differs.
    pub note: Option<String>,
    /// Whose it is, where it is somebody else's and nothing of it can be read.
    pub lost: Option<String>,
    /// True for what is ours although it has no tags: a run was cut short between making and tagging it.
    pub begun: bool,
    /// True for what is as declared and does not work: somebody has stopped it, or AWS has.
    pub halted: bool,
}

impl<S> Observed<S> {
    /// It is there.
    pub fn present(state: S) -> Self {
        Self { state: Some(state), ..Self::absent() }
    }

    /// It is not there.
    #[must_use]
    pub fn absent() -> Self {
        Self { state: None, pending: false, note: None, lost: None, begun: false, halted: false }
    }

    /// Its name is somebody else's by now, as in "it …". It is none of the stack's, and the rest goes on without it.
    #[must_use]
    pub fn lost(why: impl Into<String>) -> Self {
        Self { lost: Some(why.into()), ..Self::absent() }
    }

    /// Not in effect yet, and why.
    #[must_use]
    pub fn pending(self, why: impl Into<String>) -> Self {
        Self { pending: true, ..self.noted(why) }
    }

    /// With something to know.
    #[must_use]
    pub fn noted(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    /// Ours although it has no tags, if that is so.
    #[must_use]
    pub fn begun(self, begun: bool) -> Self {
        Self { begun, ..self }
    }

    /// It does not work although it is as declared, and why.
    #[must_use]
    pub fn halted(self, why: impl Into<String>) -> Self {
        Self { halted: true, ..self.noted(why) }
    }
}

/// A value that AWS assigns: unknown until its resource was observed or created.
#[derive(Clone, Debug, Default)]
pub struct Assigned(Arc<OnceLock<String>>);

impl Assigned {
    /// What stands for the value in a plan.
    pub const UNKNOWN: &str = "(known after up)";

    /// Makes it known. It is assigned once; what comes later is the same value.
    pub fn set(&self, value: impl Into<String>) {
        let _ = self.0.set(value.into());
    }

    /// The value, if it is known.
    #[must_use]
    pub fn get(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }

    /// The value, or what stands for it.
    #[must_use]
    pub fn or_unknown(&self) -> &str {
        self.get().unwrap_or(Self::UNKNOWN)
    }
}

impl Serialize for Assigned {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.or_unknown())
    }
}

/// A [`Resource`] of any kind: futures boxed and states serialised once, here.
pub trait Erased {
    /// See [`Resource::TYPE`].
    fn kind(&self) -> &'static str;
    /// See [`Resource::FIXED`].
    fn fixed(&self) -> &'static [Fixed];
    /// See [`Resource::name`].
    fn name(&self) -> String;
    /// See [`Resource::id`].
    fn id(&self) -> Option<String>;
    /// See [`Resource::arn`].
    fn arn(&self) -> Option<String>;
    /// See [`Resource::standing`].
    fn standing(&self) -> Standing;
    /// See [`Resource::desired`].
    fn desired(&self) -> Value;
    /// See [`Resource::observe`].
    fn observe<'a>(&'a self, aws: &'a Aws) -> LocalBoxFuture<'a, Result<Observed<Value>>>;
    /// See [`Resource::apply`].
    fn apply<'a>(&'a self, aws: &'a Aws, change: &'a Change) -> LocalBoxFuture<'a, Result<()>>;
    /// See [`Resource::delete`].
    fn delete<'a>(&'a self, aws: &'a Aws) -> LocalBoxFuture<'a, Result<()>>;
    /// See [`Resource::permissions`].
    fn permissions(&self) -> Vec<Permission>;
}

impl<R: Resource> Erased for R {
    fn kind(&self) -> &'static str {
        R::TYPE
    }

    fn fixed(&self) -> &'static [Fixed] {
        R::FIXED
    }

    fn name(&self) -> String {
        Resource::name(self)
    }

    fn id(&self) -> Option<String> {
        Resource::id(self)
    }

    fn arn(&self) -> Option<String> {
        Resource::arn(self)
    }

    fn standing(&self) -> Standing {
        Resource::standing(self)
    }

    fn desired(&self) -> Value {
        // A state is made of strings, numbers and maps with string keys: nothing that can fail.
        serde_json::to_value(Resource::desired(self)).unwrap_or_default()
    }

    fn observe<'a>(&'a self, aws: &'a Aws) -> LocalBoxFuture<'a, Result<Observed<Value>>> {
        async move {
            let Observed { state, pending, note, lost, begun, halted } = Resource::observe(self, aws).await?;
            Ok(Observed { state: state.map(serde_json::to_value).transpose()?, pending, note, lost, begun, halted })
        }
        .boxed_local()
    }

    fn apply<'a>(&'a self, aws: &'a Aws, change: &'a Change) -> LocalBoxFuture<'a, Result<()>> {
        Resource::apply(self, aws, change).boxed_local()
    }

    fn delete<'a>(&'a self, aws: &'a Aws) -> LocalBoxFuture<'a, Result<()>> {
        Resource::delete(self, aws).boxed_local()
    }

    fn permissions(&self) -> Vec<Permission> {
        Resource::permissions(self)
    }
}
