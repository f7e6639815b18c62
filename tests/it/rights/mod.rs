//! What the four roles may do is what they do: what is called by a role is evaluated against its own
//! policy and those of the buckets, the topic and the key, as they are after `up`. What they do not
//! allow fails a test, and so does a right that nothing needs.

mod classifier_role;
pub mod s3;
mod service_roles;

use crate::simulator::{Caller, Policy, Request};
use crate::support::Stack;
use cvault::vault::names::Zone;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A right that is needed: an action on a resource, under conditions that are keys and values.
pub type Needed = (String, String, Vec<(&'static str, String)>);

/// The policies of a stack that is up.
struct Policies {
    caller: Caller,
    own: Value,
    /// Those of the buckets, the topic and the key.
    of_resources: Vec<(String, Policy)>,
    key_arn: String,
}

impl Policies {
    async fn of(stack: &Stack, role: &str) -> Self {
        let (aws, names) = (&stack.aws, &stack.names);
        let own = aws.iam.get_role_policy().role_name(names.role(role)).policy_name("cvault").send().await.unwrap();
        let listed = aws.iam.list_role_policies().role_name(names.role(role)).send().await.unwrap();
        assert_eq!(listed.policy_names(), ["cvault"]);
        let mut found = vec![];
        for zone in Zone::ALL {
            let policy = aws.s3.get_bucket_policy().bucket(names.bucket(zone)).send().await.unwrap().policy.unwrap();
            found.push((names.bucket_arn(zone), policy));
        }
        let topic = aws.sns.get_topic_attributes().topic_arn(names.topic_arn()).send().await.unwrap();
        found.push((names.topic_arn(), topic.attributes.unwrap().remove("Policy").unwrap()));
        let key_id = stack.keys().await.remove(0).0;
        let key_arn = format!("arn:aws:kms:{}:{}:key/{key_id}", names.region, names.account);
        let key = aws.kms.get_key_policy().key_id(&key_id).send().await.unwrap().policy.unwrap();
        found.push((key_arn.clone(), key));
        let parsed = |(arn, policy): (String, String)| (arn, Policy::seconded(&serde_json::from_str(&policy).unwrap()));
        Self {
            caller: Caller::Aws(names.role_arn(role)),
            own: serde_json::from_str(&decoded(&own.policy_document)).unwrap(),
            of_resources: found.into_iter().map(parsed).collect(),
            key_arn,
        }
    }

    fn request(&self, (action, resource, context): &Needed) -> Request {
        let account = self.own_account();
        let request = Request::new(self.caller.clone(), action, resource).with("aws:ResourceAccount", account);
        context.iter().fold(request, |request, (key, value)| request.with(key, value))
    }

    fn own_account(&self) -> &str {
        let Caller::Aws(arn) = &self.caller else { panic!("a role has an ARN") };
        arn.split(':').nth(4).unwrap()
    }

    /// Whether it is allowed, with what the resource's own policy says.
    fn allow(&self, needed: &Needed) -> bool {
        let request = self.request(needed);
        let own = Policy::seconded(&self.own).allows(&request);
        let (_, resource, _) = needed;
        let is_of = |arn: &str| resource == arn || resource.starts_with(&format!("{arn}/"));
        let policy = self.of_resources.iter().find(|(arn, _)| is_of(arn));
        policy.map_or(own, |(_, policy)| policy.admits(&request, own))
    }

    /// Fails unless all of these are allowed; gives the rights that none of them needs: statement, action
    /// and resource.
    #[track_caller]
    fn unused(&self, needed: &BTreeSet<Needed>) -> BTreeSet<(String, String, String)> {
        let denied: Vec<_> = needed.iter().filter(|one| !self.allow(one)).collect();
        assert!(denied.is_empty(), "not allowed: {denied:#?}");
        let list = |value: &Value| match value {
            Value::Array(all) => all.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
            one => vec![one.as_str().unwrap().to_owned()],
        };
        let mut unused = BTreeSet::new();
        for statement in self.own["Statement"].as_array().unwrap() {
            for action in list(&statement["Action"]) {
                for resource in list(&statement["Resource"]) {
                    let mut one = statement.clone();
                    (one["Action"], one["Resource"]) = (json!(action), json!(resource));
                    let one = Policy::seconded(&json!({"Version": "2012-10-17", "Statement": [one]}));
                    if !needed.iter().any(|needed| one.allows(&self.request(needed))) {
                        unused.insert((statement["Sid"].as_str().unwrap().into(), action.clone(), resource));
                    }
                }
            }
        }
        unused
    }
}

/// IAM gives policies back as they are in an address.
fn decoded(document: &str) -> String {
    percent_encoding::percent_decode_str(document).decode_utf8().unwrap().into_owned()
}
