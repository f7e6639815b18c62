//! The key as the policy of whoever uses it can name it.

use crate::deploy::permission::{Permission, Phase};
use crate::vault::names::Names;

/// Actions on the key. AWS assigns its ARN: the stack's own is known by its tags, and an existing one by its alias or
/// ARN.
#[must_use]
pub fn on_key(phase: Phase, actions: &'static [&'static str], names: &Names) -> Permission {
    let any = || [names.all_keys_arn()];
    match names.existing.key.as_deref() {
        None => Permission::new(phase, actions, any()).of_what_is_tagged(names.tags()),
        Some(alias) if alias.starts_with("alias/") => {
            let mut permission = Permission::new(phase, actions, any());
            permission.conditions.push(("ForAnyValue:StringEquals", "kms:ResourceAliases".into(), alias.into()));
            permission
        }
        Some(arn) => Permission::new(phase, actions, [arn.to_owned()]),
    }
}

/// The same where S3 alone may use it for the identity.
#[must_use]
pub fn through_s3(phase: Phase, actions: &'static [&'static str], names: &Names) -> Permission {
    on_key(phase, actions, names).when("kms:ViaService", format!("s3.{}.{}", names.region, names.url_suffix()))
}
