//! What `up`, `down` and `status` need of IAM, for whoever prints it and whoever looks whether it is there.

use crate::deploy::Graph;
use crate::deploy::permission::Permission;
use crate::vault::macie::Macie;
use crate::vault::names::Names;
use crate::vault::resources::sns_subscription::SubscriptionList;
use crate::vault::settings::Settings;
use crate::vault::stack;
use anyhow::Result;

/// All that the stack's resources need.
///
/// # Errors
/// A document of `definitions/` is wrong: a mistake of ours.
pub(super) fn of_the_stack(settings: &Settings, names: &Names, macie: &Macie) -> Result<Vec<Permission>> {
    let subscriptions = SubscriptionList::new(names, &settings.subscribers());
    let stack = stack::vault(Graph::new(names.identity()), names, settings, macie, &subscriptions)?;
    // `down` takes away what a `verify` has left.
    Ok([stack.permissions(), macie.permissions(names), super::verify::permissions(names)].concat())
}
