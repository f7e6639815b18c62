//! What an earlier release, or an earlier configuration, has made and this one does not: `up` and `down`
//! still remove it, if it carries the stack's tags.
//!
//! There is no state file that would remember it. So whatever is taken out of [`crate::vault::stack`] comes
//! in here, for as long as a vault may be about that has it.

use crate::deploy::resource::Assigned;
use crate::deploy::{Graph, Id};
use crate::vault::names::Names;
use crate::vault::resources::macie::macie_identifier::{CustomIdentifier, Listed, outdated};

/// Adds what goes once the state machine, which may use it until then, is as it should be. `listed` are the
/// custom identifiers that Macie has, `declared` the ids of those that the stack wants.
pub fn add(stack: &mut Graph, names: &Names, listed: &[Listed], declared: &[Assigned], state_machine: Id) {
    // Macie cannot change an identifier: each change of the configuration leaves one behind.
    for outdated in outdated(names, listed, declared) {
        stack.retire(CustomIdentifier::outdated(names, outdated), [state_machine]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
