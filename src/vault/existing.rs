//! What is there already, made by somebody else, and is used by the ARN that the configuration gives: AWS takes
//! none of another account or region.

use crate::outcome::failure::Failure;
use crate::vault::names::Names;
use crate::vault::settings::Settings;
use anyhow::{Result, bail};

/// Refuses what is somewhere else, before anything is made that would use it.
///
/// # Errors
/// It is in another partition, region or account than the stack.
pub fn guard(names: &Names, settings: &Settings) -> Result<()> {
    let Some(arn) = &settings.function.code_signing_config_arn else { return Ok(()) };
    let Names { partition, region, account, .. } = names;
    if arn.starts_with(&format!("arn:{partition}:lambda:{region}:{account}:")) {
        return Ok(());
    }
    bail!(Failure::usage(
        format!("use the code signing configuration {arn}"),
        format!("the function is in account {account}, {region}: Lambda takes one from there only"),
        "set function.code_signing_config_arn to one of this account and region, or leave it out"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_of_this_account_and_region() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let passes = |place: &str| {
            let mut settings = Settings::default();
            let arn = format!("arn:{place}:code-signing-config:csc-0a1b2c3d4e5f60718");
            settings.function.code_signing_config_arn = Some(arn);
            guard(&names, &settings).is_ok()
        };
        assert!(guard(&names, &Settings::default()).is_ok());
        assert!(passes("aws:lambda:eu-west-1:123456789012"));
        for elsewhere in [
            "aws-cn:lambda:eu-west-1:123456789012",
            "aws:lambda:eu-west-2:123456789012",
            "aws:lambda:eu-west-1:999999999999",
        ] {
            assert!(!passes(elsewhere), "{elsewhere}");
        }
    }
}
