//! What is declared of the function and how it is read, under the names of `GetFunctionConfiguration`.

use crate::deploy::policy::Policy;
use crate::vault::resources::lambda_options::{Options, VpcConfig};
use aws_sdk_lambda::types::FunctionConfiguration;
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of this program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The tag with the version of cvault that has uploaded the code, and the code's hash.
pub const VERSION_TAG: &str = "cvault:version";

/// What is declared of it, under the names of `GetFunctionConfiguration`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct State {
    pub(super) architectures: Vec<String>,
    pub(super) code_sha256: String,
    /// Only where one is declared: without, it is left to others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code_signing_config_arn: Option<String>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) handler: String,
    /// None: what is in one runs in the function, with its rights.
    pub(super) layers: Vec<String>,
    pub(super) log_group: String,
    pub(super) memory_size: i32,
    /// Only where one is declared, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reserved_concurrent_executions: Option<i32>,
    /// None: who may call it besides, other accounts and function URLs too.
    pub(super) resource_policy: Option<Policy>,
    pub(super) role: String,
    pub(super) runtime: String,
    pub(super) timeout: i32,
    pub(super) tags: BTreeMap<String, String>,
    /// Only where one is declared, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vpc_config: Option<VpcConfig>,
}

impl State {
    /// What a configuration says; the code's signature, tags, policy and concurrency are read elsewhere.
    pub(super) fn of(function: FunctionConfiguration, options: &Options) -> Self {
        let variables = function.environment.and_then(|environment| environment.variables).unwrap_or_default();
        let layers = function.layers.into_iter().flatten().filter_map(|layer| layer.arn);
        let vpc = function
            .vpc_config
            .map(|vpc| VpcConfig::new(vpc.subnet_ids.unwrap_or_default(), vpc.security_group_ids.unwrap_or_default()));
        let vpc = vpc.unwrap_or_else(|| VpcConfig::new(vec![], vec![]));
        Self {
            architectures: function.architectures.into_iter().flatten().map(|arch| arch.to_string()).collect(),
            code_sha256: function.code_sha256.unwrap_or_default(),
            environment: variables.into_iter().filter(|(name, _)| !options.keeps_variable(name)).collect(),
            handler: function.handler.unwrap_or_default(),
            layers: layers.filter(|arn| !options.keeps_layer(arn)).collect(),
            log_group: function.logging_config.and_then(|logging| logging.log_group).unwrap_or_default(),
            memory_size: function.memory_size.unwrap_or_default(),
            role: function.role.unwrap_or_default(),
            runtime: function.runtime.map(|runtime| runtime.to_string()).unwrap_or_default(),
            timeout: function.timeout.unwrap_or_default(),
            vpc_config: options.vpc.as_ref().map(|_| vpc),
            ..Self::default()
        }
    }

    /// Whether the code is what this version of cvault uploads from a machine of another architecture: it judges alike.
    pub(super) fn is_of_another_architecture(&self, architecture: &str) -> bool {
        let tag = self.tags.get(VERSION_TAG).and_then(|tag| tag.split_once(' '));
        let is_ours = tag.is_some_and(|(version, sha256)| version == VERSION && sha256 == self.code_sha256);
        is_ours && self.architectures != [architecture]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_architecture_alone_is_no_difference() {
        let of = |tag: &str, sha256: &str| {
            let tags = BTreeMap::from([(VERSION_TAG.to_owned(), tag.to_owned())]);
            let state =
                State { architectures: vec!["arm64".into()], code_sha256: sha256.into(), tags, ..State::default() };
            state.is_of_another_architecture("x86_64")
        };
        let ours = format!("{VERSION} abc=");
        assert!(of(&ours, "abc="));
        assert!(!of(&ours, "changed by hand") && !of("9.9.9 abc=", "abc=") && !of("", "abc="));
        let same = State { architectures: vec!["arm64".into()], code_sha256: "abc=".into(), ..State::default() };
        assert!(!same.is_of_another_architecture("arm64"));
    }
}
