//! By whom packages of the function have to be signed: a code signing configuration, where one is declared. One that
//! others have attached stays where none is.

use crate::aws::{Answer, Aws, PROPAGATION};
use crate::deploy::permission::{Permission, Phase};
use crate::vault::names::Names;
use anyhow::Result;

/// What the function has, if it is wanted to have one.
pub(super) async fn observe(aws: &Aws, names: &Names, wanted: Option<&str>) -> Result<Option<String>> {
    if wanted.is_none() {
        return Ok(None);
    }
    let name = names.function();
    let found = aws.lambda.get_function_code_signing_config().function_name(&name).send().await;
    let found = found.or_absent(format!("read the code signing configuration of function {name}"))?;
    // A function without one has an empty text.
    Ok(found.map(|found| found.code_signing_config_arn).filter(|arn| !arn.is_empty()))
}

/// Attaches it to a function that is there; a new one is created with it.
pub(super) async fn put(aws: &Aws, names: &Names, wanted: Option<&str>) -> Result<()> {
    let Some(arn) = wanted else { return Ok(()) };
    let name = names.function();
    aws.eventually("the function's other changes to end", PROPAGATION, async || {
        let put = aws.lambda.put_function_code_signing_config().function_name(&name).code_signing_config_arn(arn);
        let put = put.send().await.or_refused(format!("attach a code signing configuration to function {name}"));
        put.map(drop)
    })
    .await
}

pub(super) fn permissions(names: &Names, wanted: Option<&str>) -> Vec<Permission> {
    let Some(arn) = wanted else { return vec![] };
    let function = names.function_arn();
    vec![
        Permission::new(Phase::Observe, &["lambda:GetFunctionCodeSigningConfig"], [function.clone()]),
        Permission::new(Phase::Apply, &["lambda:PutFunctionCodeSigningConfig"], [function, arn.to_owned()]),
    ]
}
