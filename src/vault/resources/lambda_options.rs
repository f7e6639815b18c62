//! What the configuration says of the function, and what of it is left to others.

use aws_sdk_lambda::types::VpcConfig as Wanted;
use serde::Serialize;

/// The function's memory, place and company.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// In megabytes; the CPU grows with them.
    pub memory_size: i32,
    /// How many may run at once; without it, that is left to others.
    pub reserved_concurrency: Option<i32>,
    /// Where it is; without it, that is left to others.
    pub vpc: Option<VpcConfig>,
    /// The ARN of the code signing configuration that it has; without it, that is left to others.
    pub code_signing_config_arn: Option<String>,
    /// Whose layers stay: ARNs, with a `*` at the end for all that begin so.
    pub keep_layers: Vec<String>,
    /// Whose variables stay, likewise.
    pub keep_variables: Vec<String>,
}

/// A place in a VPC, in one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcConfig {
    security_group_ids: Vec<String>,
    subnet_ids: Vec<String>,
}

impl VpcConfig {
    /// In these subnets, with these security groups.
    #[must_use]
    pub fn new(mut subnet_ids: Vec<String>, mut security_group_ids: Vec<String>) -> Self {
        subnet_ids.sort();
        security_group_ids.sort();
        Self { security_group_ids, subnet_ids }
    }

    /// As Lambda is asked for it.
    pub(super) fn wanted(&self) -> Wanted {
        let Self { security_group_ids, subnet_ids } = self.clone();
        Wanted::builder().set_subnet_ids(Some(subnet_ids)).set_security_group_ids(Some(security_group_ids)).build()
    }
}

impl Options {
    /// Whether a layer is left alone.
    pub(super) fn keeps_layer(&self, arn: &str) -> bool {
        self.keep_layers.iter().any(|pattern| is_like(pattern, arn))
    }

    /// Whether a variable is left alone.
    pub(super) fn keeps_variable(&self, name: &str) -> bool {
        self.keep_variables.iter().any(|pattern| is_like(pattern, name))
    }
}

/// Whether a name is as a pattern says, which may end with a `*`.
#[must_use]
pub fn is_like(pattern: &str, text: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == text, |start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_bring_is_told_by_its_name() {
        let options = Options { keep_variables: vec!["DD_*".into(), "EXACT".into()], ..Options::default() };
        for (name, kept) in
            [("DD_SITE", true), ("DD_", true), ("EXACT", true), ("EXACTLY", false), ("vault_bucket", false)]
        {
            assert_eq!(options.keeps_variable(name), kept, "{name}");
        }
        assert!(!options.keeps_layer("DD_SITE"));
        let place = |subnets: [&str; 2]| VpcConfig::new(subnets.map(str::to_owned).into(), vec![]);
        assert_eq!(place(["a", "b"]), place(["b", "a"]), "AWS gives them back in another order");
    }
}
