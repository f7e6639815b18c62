//! The documents of a deployed stack, as AWS has them.

use crate::support::Stack;
use aws_sdk_sqs::types::QueueAttributeName;
use cvault::vault::names::Zone;
use std::collections::BTreeMap;

/// Each by the name that `vault.tf` has for it. Instead of the key's ARN they say `KEY_ARN`.
pub async fn deployed(stack: &Stack) -> BTreeMap<String, String> {
    let (aws, names) = (&stack.aws, &stack.names);
    let key = aws.kms.describe_key().key_id(names.key_alias()).send().await.unwrap().key_metadata.unwrap();
    let policy = aws.kms.get_key_policy().key_id(&key.key_id).send().await.unwrap().policy;
    let mut documents = BTreeMap::from([("key".to_owned(), policy.unwrap())]);
    for role in ["classifier", "orchestrator", "sweeper", "trigger"] {
        let name = names.role(role);
        let found = aws.iam.get_role().role_name(&name).send().await.unwrap().role.unwrap();
        documents.insert(format!("{role}-trust"), decoded(&found.assume_role_policy_document.unwrap()));
        let policy = aws.iam.get_role_policy().role_name(&name).policy_name("cvault").send().await.unwrap();
        documents.insert(role.into(), decoded(&policy.policy_document));
    }
    for zone in Zone::ALL {
        let policy = aws.s3.get_bucket_policy().bucket(names.bucket(zone)).send().await.unwrap().policy;
        documents.insert(format!("bucket-{zone}"), policy.unwrap());
    }
    let topic = aws.sns.get_topic_attributes().topic_arn(names.topic_arn()).send().await.unwrap();
    documents.insert("topic".into(), topic.attributes.unwrap()["Policy"].clone());
    for (name, queue) in [("dead-letters", names.dead_letters()), ("notices", names.notices())] {
        let url = aws.sqs.get_queue_url().queue_name(queue).send().await.unwrap().queue_url.unwrap();
        let found = aws.sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::Policy);
        let found = found.send().await.unwrap().attributes.unwrap();
        documents.insert(name.into(), found[&QueueAttributeName::Policy].clone());
    }
    let machines =
        [("state-machine", names.state_machine_arn()), ("express", names.express_arn()), ("sweep", names.sweep_arn())];
    for (name, arn) in machines {
        let found = aws.sfn.describe_state_machine().state_machine_arn(arn).send().await.unwrap();
        documents.insert(name.into(), found.definition);
    }
    for rule in ["ingress", "vault", "failures"] {
        let found = aws.eventbridge.describe_rule().name(names.rule(rule)).send().await.unwrap();
        documents.insert(rule.into(), found.event_pattern.unwrap());
    }
    let key_arn = key.arn.unwrap();
    documents.into_iter().map(|(name, text)| (name, text.replace(&key_arn, "KEY_ARN"))).collect()
}

/// IAM answers in percent encoding.
fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}
