//! What an earlier release, or an earlier configuration, has made and this one does not: `up` and `down`
//! still remove it, if it carries the stack's tags.
//!
//! There is no state file that would remember it. So whatever is taken out of [`crate::vault::stack`] comes
//! in here, for as long as a vault may be about that has it.

use crate::deploy::resource::Assigned;
use crate::deploy::{Graph, Id};
use crate::vault::definitions::{self as definition, Values};
use crate::vault::macie::Macie;
use crate::vault::names::Names;
use crate::vault::resources::lambda_event_source_mapping::EventSourceMapping;
use crate::vault::resources::macie::macie_identifier::{CustomIdentifier, outdated};
use crate::vault::resources::sqs_queue::Queue;
use crate::vault::resources::state_machine::StateMachine;
use anyhow::Result;

/// Adds what goes once the state machine, which may use it until then, is as it should be. `declared` are the ids of the
/// custom identifiers that the stack wants.
///
/// # Errors
/// A document of `definitions/` is wrong: a mistake of ours, which a test finds.
pub fn add(
    stack: &mut Graph,
    (names, values, macie): (&Names, &Values, &Macie),
    declared: &[Assigned],
    state_machine: Id,
) -> Result<()> {
    // Without Macie nobody is asked.
    let queue = if macie.is_used() { vec![] } else { vec![retire_batches(stack, names, values, state_machine)?] };
    // Macie cannot change an identifier: each change of the configuration leaves one behind.
    let outdated = outdated(names, &macie.identifiers, declared).into_iter();
    let outdated = outdated.map(|found| stack.retire(CustomIdentifier::outdated(names, found), [state_machine]));
    let outdated: Vec<_> = outdated.collect();
    // As long as the queue is there, a run without Macie asks what Macie has of the stack.
    stack.outlive(&queue, &outdated);
    Ok(())
}

/// What has Macie analyse many files at once, as the stack has it where Macie is used; the queue is returned.
fn retire_batches(stack: &mut Graph, names: &Names, values: &Values, state_machine: Id) -> Result<Id> {
    let queue = stack.retire(Queue::macie(names, definition::MACIE_QUEUE.with(values)?), [state_machine]);
    let job = StateMachine::macie_job(names, definition::MACIE_JOB.with(values)?);
    // The queue goes when nothing can make a job of Macie's any more.
    let job = stack.retire(job, [queue, state_machine]);
    stack.retire(EventSourceMapping::macie(names), [queue, job, state_machine]);
    Ok(queue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::resources::macie::macie_identifier::Listed;

    #[test]
    fn the_stack_s_identifiers_that_are_not_declared_are_retired() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("626fa970"));
        let listed = |id: &str, name: &str| Listed { id: id.into(), name: name.into() };
        let listed = [
            listed("1", "Badge (cvault-626fa970-0a1b2c3d)"),
            listed("2", "Badge (cvault-626fa970-ffffffff)"),
            listed("3", "Badge (cvault-0000aaaa-0a1b2c3d)"),
            listed("4", "Badge"),
        ];
        let declared = Assigned::default();
        declared.set("2");
        let found = outdated(&names, &listed, &[declared]);
        assert_eq!(found.iter().map(|found| found.id.as_str()).collect::<Vec<_>>(), ["1"]);
    }
}
