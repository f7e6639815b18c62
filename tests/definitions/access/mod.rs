//! Every policy of `definitions/`, in every partition.

mod actions;
mod approvals;
mod buckets;
mod form;
mod macie;
mod readers;
mod resources;
mod roles;
mod settings;
mod sources;
mod writers;

use super::simulator::{Caller, Policy, Request};
use super::stack::{ACCOUNT, Stack};
use cvault::vault::definitions::{self as definition, Definition};

/// The four roles with their policies.
const ROLES: [(&str, Definition, Definition); 4] = [
    ("classifier", definition::CLASSIFIER_TRUST, definition::CLASSIFIER),
    ("orchestrator", definition::ORCHESTRATOR_TRUST, definition::ORCHESTRATOR),
    ("trigger", definition::TRIGGER_TRUST, definition::TRIGGER),
    ("sweeper", definition::SWEEPER_TRUST, definition::SWEEPER),
];

fn policy(stack: &Stack, definition: Definition) -> Policy {
    Policy::seconded(&stack.filled(definition))
}

fn role(stack: &Stack, role: &str) -> Caller {
    Caller::Aws(stack.names.role_arn(role))
}

/// A role or user of an account.
fn identity(stack: &Stack, account: &str, name: &str) -> Caller {
    Caller::Aws(stack.iam(account, name))
}

/// Somebody of the account whose own policies allow everything.
fn administrator(stack: &Stack) -> Caller {
    identity(stack, ACCOUNT, "role/administrator")
}

fn root(stack: &Stack, account: &str) -> Caller {
    identity(stack, account, "root")
}

fn service(name: &str) -> Caller {
    Caller::Service(name.into())
}

/// A use of the key through a service.
fn through(stack: &Stack, caller: Caller, action: &str, via: &str) -> Request {
    Request::new(caller, action, &stack.key_arn).with("kms:ViaService", &stack.regional(via))
}
