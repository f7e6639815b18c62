//! The classifier: the function whose package cvault carries. Its code is uploaded when, and only
//! when, the package's hash differs.

use crate::aws::{Answer, Aws, PROPAGATION};
use crate::deploy::permission::{Permission, Phase};
use crate::deploy::plan::Change;
use crate::deploy::policy::Policy;
use crate::deploy::resource::{Assigned, Observed, Resource};
use crate::vault::names::{Names, Zone};
use crate::vault::package::Package;
use crate::vault::resources::lambda_options::{Options, VpcConfig};
use crate::vault::resources::lambda_signing;
use crate::vault::resources::lambda_state::{State, VERSION, VERSION_TAG};
use crate::vault::resources::lambda_stop::STOPPED;
use crate::vault::steps;
use crate::vault::tags::tagged;
use anyhow::{Result, bail};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, Environment, FunctionCode, FunctionConfiguration, LastUpdateStatus, LoggingConfig, Runtime,
    State as FunctionState,
};
use aws_smithy_types::timeout::TimeoutConfig;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// Seconds, the most there is: a large object is read in one go.
const TIMEOUT: i32 = 900;
/// The tag with the unique id of the role that the function was made with.
const ROLE_TAG: &str = "cvault:role";

/// How long an upload of the package may take: the minute of every other call asks for 100 KB/s.
const UPLOAD: Duration = Duration::from_mins(15);

/// The function of a stack.
pub struct Function {
    names: Names,
    package: Package,
    role_id: Assigned,
    options: Options,
    /// Known once it was seen in a VPC that nobody declares: the id of the role that it was made with, or nothing.
    in_vpc: Assigned,
}

impl Function {
    /// The function that runs `package`, as the role of this unique id.
    #[must_use]
    pub fn new(names: &Names, package: Package, role_id: Assigned, options: Options) -> Self {
        Self { names: names.clone(), package, role_id, options, in_vpc: Assigned::default() }
    }

    /// The same, which says of which role it is if it was seen in a VPC that nobody declares.
    #[must_use]
    pub fn seen_in_vpc(self, in_vpc: Assigned) -> Self {
        Self { in_vpc, ..self }
    }

    fn variables(&self) -> BTreeMap<String, String> {
        let buckets = Zone::ALL.map(|zone| (format!("{zone}_bucket"), self.names.bucket(zone)));
        buckets.into_iter().chain([("topic_arn".to_owned(), self.names.topic_arn())]).collect()
    }

    /// Our variables, and those of others that stay.
    fn environment(&self, kept: impl IntoIterator<Item = (String, String)>) -> Environment {
        let variables = kept.into_iter().chain(self.variables()).collect();
        Environment::builder().set_variables(Some(variables)).build()
    }

    async fn put_concurrency(&self, aws: &Aws) -> Result<()> {
        let Some(reserved) = self.options.reserved_concurrency else { return Ok(()) };
        let name = self.names.function();
        aws.eventually("the function's other changes to end", PROPAGATION, async || {
            let put = aws.lambda.put_function_concurrency().function_name(&name);
            let put = put.reserved_concurrent_executions(reserved).send().await;
            put.or_refused(format!("reserve the concurrency of function {name}")).map(drop)
        })
        .await
    }

    fn logging(&self) -> LoggingConfig {
        LoggingConfig::builder().log_group(self.names.classifier_log_group()).build()
    }

    /// The stack's tags, and the role's.
    fn wanted_tags(&self) -> BTreeMap<String, String> {
        let mut tags = self.names.all_tags();
        tags.insert(ROLE_TAG.into(), self.role_id.or_unknown().into());
        tags.insert(VERSION_TAG.into(), format!("{VERSION} {}", self.package.sha256));
        tags
    }

    async fn create(&self, aws: &Aws) -> Result<()> {
        let name = self.names.function();
        let code = FunctionCode::builder().zip_file(Blob::new(self.package.zip)).build();
        aws.eventually("Lambda to be able to assume the new role", PROPAGATION, async || {
            let create = aws
                .lambda
                .create_function()
                .function_name(&name)
                .description(format!("The classifier of cvault stack {}", self.names.stack))
                .runtime(Runtime::Providedal2023)
                .handler("bootstrap")
                .architectures(Architecture::from(self.package.architecture))
                .role(self.names.role_arn("classifier"))
                .memory_size(self.options.memory_size)
                .timeout(TIMEOUT)
                .environment(self.environment([]))
                .set_vpc_config(self.options.vpc.as_ref().map(VpcConfig::wanted))
                .set_code_signing_config_arn(self.options.code_signing_config_arn.clone())
                .logging_config(self.logging())
                .set_tags(Some(tagged(self.wanted_tags())))
                .code(code.clone());
            // A lost answer, or another run: the function exists (truths L1).
            let created = create.customize().config_override(uploading()).send().await;
            created.or_exists(format!("create function {name}")).map(drop)
        })
        .await?;
        self.settled(aws).await?;
        self.put_concurrency(aws).await
    }

    async fn configuration(&self, aws: &Aws) -> Result<Option<FunctionConfiguration>> {
        let name = self.names.function();
        let found = aws.lambda.get_function().function_name(&name).send().await;
        Ok(found.or_absent(format!("read function {name}"))?.and_then(|found| found.configuration))
    }

    /// Waits until the function can be changed and called: until then every change is refused
    /// (truths L3, L4).
    async fn settled(&self, aws: &Aws) -> Result<()> {
        let read = async || self.configuration(aws).await;
        let settled = |found: &Option<FunctionConfiguration>| found.as_ref().is_some_and(|found| !is_busy(found));
        let Some(function) = aws.until("the function to be active", PROPAGATION, read, settled).await? else {
            return Ok(());
        };
        if function.state() == Some(&FunctionState::Failed)
            || function.last_update_status() == Some(&LastUpdateStatus::Failed)
        {
            let reason =
                function.state_reason().or(function.last_update_status_reason()).unwrap_or("AWS does not say why");
            bail!(crate::outcome::failure::Failure::new(
                format!("activate function {}", self.names.function()),
                reason,
                "run `cvault up` again; if it stays, delete the function and run `cvault up`"
            ));
        }
        Ok(())
    }

    async fn update_configuration(&self, aws: &Aws) -> Result<()> {
        let name = self.names.function();
        // Both are replaced as a whole: what is left to others is sent along.
        let is = self.configuration(aws).await?;
        let layers = is.as_ref().and_then(|is| is.layers.clone()).into_iter().flatten().filter_map(|layer| layer.arn);
        let layers: Vec<_> = layers.filter(|arn| self.options.keeps_layer(arn)).collect();
        let variables = is.and_then(|is| is.environment).and_then(|environment| environment.variables);
        let variables = variables.into_iter().flatten().filter(|(name, _)| self.options.keeps_variable(name));
        let environment = self.environment(variables);
        aws.eventually("the function's other changes to end", PROPAGATION, async || {
            let update = aws.lambda.update_function_configuration().function_name(&name);
            let update = update
                .runtime(Runtime::Providedal2023)
                .handler("bootstrap")
                .role(self.names.role_arn("classifier"))
                .memory_size(self.options.memory_size)
                .timeout(TIMEOUT)
                .environment(environment.clone())
                .set_vpc_config(self.options.vpc.as_ref().map(VpcConfig::wanted))
                .set_layers(Some(layers.clone()))
                .logging_config(self.logging());
            update.send().await.or_refused(format!("configure function {name}"))
        })
        .await?;
        self.settled(aws).await
    }

    /// What others are allowed by the function itself: nobody needs that, since roles call it.
    async fn resource_policy(&self, aws: &Aws) -> Result<Option<Value>> {
        let name = self.names.function();
        let found = aws.lambda.get_policy().function_name(&name).send().await;
        let found = found.or_absent(format!("read the policy of function {name}"))?.and_then(|found| found.policy);
        let policy = found.map(|policy| serde_json::from_str::<Value>(&policy).unwrap_or(policy.into()));
        // Without a statement it allows nobody anything.
        Ok(policy.filter(|policy| policy["Statement"].as_array().is_none_or(|all| !all.is_empty())))
    }

    async fn remove_permissions(&self, aws: &Aws) -> Result<()> {
        let name = self.names.function();
        let policy = self.resource_policy(aws).await?.unwrap_or_default();
        let statements = policy["Statement"].as_array().into_iter().flatten();
        for sid in statements.filter_map(|statement| statement["Sid"].as_str()) {
            let removed = aws.lambda.remove_permission().function_name(&name).statement_id(sid).send().await;
            removed.or_gone(format!("remove permission {sid} of function {name}"))?;
        }
        Ok(())
    }

    async fn update_code(&self, aws: &Aws) -> Result<()> {
        let name = self.names.function();
        aws.eventually("the function's other changes to end", PROPAGATION, async || {
            let update = aws.lambda.update_function_code().function_name(&name);
            let update = update
                .architectures(Architecture::from(self.package.architecture))
                .zip_file(Blob::new(self.package.zip));
            let updated = update.customize().config_override(uploading()).send().await;
            updated.or_refused(format!("upload the code of function {name}"))
        })
        .await?;
        self.settled(aws).await
    }
}

/// A role that was made again is another one to AWS, whatever its name: the grant by which Lambda reads
/// the function's variables is still the old one's, every call fails with "KMS access was denied", and
/// the function has to be made again, too (truths L9).
fn has_another_role(change: &Change) -> bool {
    let path = format!("/Tags/{ROLE_TAG}");
    change.differences.iter().any(|difference| difference.path == path && !difference.is.is_null())
}

fn is_busy(function: &FunctionConfiguration) -> bool {
    function.state() == Some(&FunctionState::Pending)
        || function.last_update_status() == Some(&LastUpdateStatus::InProgress)
}

/// What a call that uploads the package has beside the client's timeouts.
fn uploading() -> aws_sdk_lambda::config::Builder {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(UPLOAD).build();
    aws_sdk_lambda::config::Builder::new().timeout_config(timeouts)
}

impl Resource for Function {
    type State = State;
    const TYPE: &'static str = "AWS::Lambda::Function";

    fn name(&self) -> String {
        steps::FUNCTION.into()
    }

    fn id(&self) -> Option<String> {
        Some(self.names.function())
    }

    fn arn(&self) -> Option<String> {
        Some(self.names.function_arn())
    }

    fn desired(&self) -> State {
        State {
            architectures: vec![self.package.architecture.into()],
            code_sha256: self.package.sha256.into(),
            code_signing_config_arn: self.options.code_signing_config_arn.clone(),
            environment: self.variables(),
            handler: "bootstrap".into(),
            layers: vec![],
            log_group: self.names.classifier_log_group(),
            memory_size: self.options.memory_size,
            reserved_concurrent_executions: self.options.reserved_concurrency,
            resource_policy: None,
            role: self.names.role_arn("classifier"),
            runtime: Runtime::Providedal2023.to_string(),
            timeout: TIMEOUT,
            tags: self.wanted_tags(),
            vpc_config: self.options.vpc.clone(),
        }
    }

    async fn observe(&self, aws: &Aws) -> Result<Observed<State>> {
        let name = self.names.function();
        let (found, policy, signing) = futures::join!(
            aws.lambda.get_function().function_name(&name).send(),
            self.resource_policy(aws),
            lambda_signing::observe(aws, &self.names, self.options.code_signing_config_arn.as_deref()),
        );
        let Some(found) = found.or_absent(format!("read function {name}"))? else {
            return Ok(Observed::absent());
        };
        let tags = found.tags.unwrap_or_default();
        let Some(function) = found.configuration else { return Ok(Observed::absent()) };
        let is_in_vpc = function.vpc_config().is_some_and(|vpc| !vpc.subnet_ids().is_empty());
        if is_in_vpc && self.options.vpc.is_none() {
            self.in_vpc.set(tags.get(ROLE_TAG).map_or("", String::as_str));
        }
        let busy = is_busy(&function);
        let failed = (function.state() == Some(&FunctionState::Failed)).then(|| {
            format!("AWS could not activate it: {}", function.state_reason().unwrap_or("it does not say why"))
        });
        let reserved = found.concurrency.and_then(|concurrency| concurrency.reserved_concurrent_executions);
        let mut state = State {
            code_signing_config_arn: signing?,
            // -1: none is reserved, which no configuration says.
            reserved_concurrent_executions: self.options.reserved_concurrency.map(|_| reserved.unwrap_or(-1)),
            resource_policy: policy?.map(Policy::from),
            tags: self.names.seen_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))),
            ..State::of(function, &self.options)
        };
        let elsewhere = state.is_of_another_architecture(self.package.architecture);
        let note = format!("runs the same version of cvault, built for {}", state.architectures.join(", "));
        if elsewhere {
            let State { architectures, code_sha256, mut tags, .. } = self.desired();
            let version = tags.remove(VERSION_TAG).unwrap_or_default();
            state.tags.insert(VERSION_TAG.into(), version);
            (state.architectures, state.code_sha256) = (architectures, code_sha256);
        }
        let observed = Observed::present(state);
        Ok(match failed {
            Some(why) => observed.pending(why.as_str()).halted(why),
            None if busy => observed.pending("AWS is still activating it"),
            None if reserved == Some(0) => {
                observed.halted(format!("{STOPPED}, and no file is judged until somebody raises it"))
            }
            None if elsewhere => observed.noted(note),
            None => observed,
        })
    }

    async fn apply(&self, aws: &Aws, change: &Change) -> Result<()> {
        if change.creates() {
            return self.create(aws).await;
        }
        if has_another_role(change) {
            Resource::delete(self, aws).await?;
            return self.create(aws).await;
        }
        if change.touches("/Tags") {
            aws.eventually("the function's other changes to end", PROPAGATION, async || {
                let tag = aws.lambda.tag_resource().resource(self.names.function_arn());
                let tagged = tag.set_tags(Some(tagged(self.wanted_tags()))).send().await;
                tagged.or_refused(format!("tag function {}", self.names.function()))
            })
            .await?;
        }
        if let Some(keys) = change.tags_that_go() {
            aws.eventually("the function's other changes to end", PROPAGATION, async || {
                let untag = aws.lambda.untag_resource().resource(self.names.function_arn());
                let untagged = untag.set_tag_keys(Some(keys.clone())).send().await;
                untagged.or_refused(format!("untag function {}", self.names.function()))
            })
            .await?;
        }
        // Before what is uploaded: it says what may be.
        if change.touches("/CodeSigningConfigArn") {
            lambda_signing::put(aws, &self.names, self.options.code_signing_config_arn.as_deref()).await?;
        }
        let configured = [
            "/Environment",
            "/Handler",
            "/Layers",
            "/LogGroup",
            "/MemorySize",
            "/Role",
            "/Runtime",
            "/Timeout",
            "/VpcConfig",
        ];
        if configured.iter().any(|path| change.touches(path)) {
            self.update_configuration(aws).await?;
        }
        if change.touches("/ReservedConcurrentExecutions") {
            self.put_concurrency(aws).await?;
        }
        if change.touches("/ResourcePolicy") {
            self.remove_permissions(aws).await?;
        }
        if change.touches("/CodeSha256") || change.touches("/Architectures") {
            self.update_code(aws).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws) -> Result<()> {
        let name = self.names.function();
        aws.eventually("the function's changes to end", PROPAGATION, async || {
            let deleted = aws.lambda.delete_function().function_name(&name).send().await;
            deleted.or_gone(format!("delete function {name}"))
        })
        .await?;
        // Its log group would come back if it went before the function (truths G4).
        let gone = |found: &Option<FunctionConfiguration>| found.is_none();
        aws.until("Lambda to remove the function", PROPAGATION, async || self.configuration(aws).await, gone)
            .await
            .map(drop)
    }

    fn permissions(&self) -> Vec<Permission> {
        let on = |phase, actions| Permission::new(phase, actions, [self.names.function_arn()]);
        let reserve = self.options.reserved_concurrency.map(|_| on(Phase::Apply, &["lambda:PutFunctionConcurrency"]));
        let place = self.options.vpc.as_ref().map(|_| {
            let looks = &["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"];
            Permission::new(Phase::Apply, looks, ["*".into()])
        });
        let mut permissions = vec![
            // GetFunction leaves the tags out, and says nothing, where ListTags is not allowed.
            on(Phase::Observe, &["lambda:GetFunction", "lambda:GetPolicy", "lambda:ListTags"]),
            on(
                Phase::Apply,
                &[
                    "lambda:CreateFunction",
                    // To make it again with its role.
                    "lambda:DeleteFunction",
                    "lambda:RemovePermission",
                    "lambda:TagResource",
                    "lambda:UntagResource",
                    "lambda:UpdateFunctionCode",
                    "lambda:UpdateFunctionConfiguration",
                ],
            ),
            on(Phase::Delete, &["lambda:DeleteFunction"]),
            Permission::pass_role(self.names.role_arn("classifier"), "lambda.amazonaws.com"),
        ];
        let signing = lambda_signing::permissions(&self.names, self.options.code_signing_config_arn.as_deref());
        permissions.extend(reserve.into_iter().chain(place).chain(signing));
        permissions
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_is_made_again_when_its_role_was() {
        let made_again = |tags: serde_json::Value| {
            let (is, should) = (json!({"Tags": tags}), json!({"Tags": {ROLE_TAG: "AROANEW"}}));
            has_another_role(&Change::between(Some(&is), &should))
        };
        assert!(made_again(json!({ROLE_TAG: "AROAOLD"})));
        assert!(!made_again(json!({ROLE_TAG: "AROANEW"})));
        assert!(!made_again(json!({})), "a tag that is lost is only set again");
    }
}
