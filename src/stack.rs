//! The stack: every resource of the vault, and what it needs. Read this first.

use crate::configuration::Settings;
use crate::definitions::{self as definition, Definition, Values};
use crate::engine::Stack;
use crate::names::{Names, Zone};
use crate::package;
use crate::resource::Assigned;
use crate::resources::event_rule::Rule;
use crate::resources::iam_role::Role;
use crate::resources::kms_key::Key;
use crate::resources::lambda_function::Function;
use crate::resources::log_group::LogGroup;
use crate::resources::s3_bucket::{Bucket, Options};
use crate::resources::sns_subscription::{Subscription, SubscriptionList};
use crate::resources::sns_topic::Topic;
use crate::resources::sqs_queue::Queue;
use crate::resources::state_machine::StateMachine;
use anyhow::Result;

/// The vault of these names, as the settings want it; `subscriptions` is shared by all addresses.
///
/// # Errors
/// A document of `definitions/` is wrong: a mistake of ours, which a test finds.
pub fn vault(names: &Names, settings: &Settings, subscriptions: &SubscriptionList) -> Result<Stack> {
    let key_arn = Assigned::default();
    let values = Values::new(names, &key_arn, &settings.vault.releasers, &settings.rules());
    let document = |definition: Definition| definition.with(&values);
    let mut stack = Stack::new(names);

    let key =
        stack.add(Key::new(names, key_arn.clone(), document(definition::KEY)?, settings.key.deletion_window_days), []);

    let role =
        |role, trust, policy| Ok::<_, anyhow::Error>(Role::new(names, role, document(trust)?, document(policy)?));
    let classifier = stack.add(role("classifier", definition::CLASSIFIER_TRUST, definition::CLASSIFIER)?, [key]);
    let orchestrator =
        stack.add(role("orchestrator", definition::ORCHESTRATOR_TRUST, definition::ORCHESTRATOR)?, [key]);
    let trigger = stack.add(role("trigger", definition::TRIGGER_TRUST, definition::TRIGGER)?, []);

    let bucket = |zone, policy, event_bridge| {
        let object_lock = settings.vault.object_lock.clone().filter(|_| zone == Zone::Vault);
        let options = Options {
            noncurrent_days: settings.buckets.noncurrent_days,
            object_lock,
            event_bridge,
            delete_data: settings.delete_data,
        };
        Ok::<_, anyhow::Error>(Bucket::new(names, zone, &key_arn, document(policy)?, options))
    };
    let ingress = stack.add(bucket(Zone::Ingress, definition::BUCKET_INGRESS, Some(true))?, [key]);
    let analytics = stack.add(bucket(Zone::Analytics, definition::BUCKET_ANALYTICS, None)?, [key]);
    let vault = stack.add(bucket(Zone::Vault, definition::BUCKET_VAULT, Some(true))?, [key]);

    let topic = stack.add(Topic::new(names, &key_arn, document(definition::TOPIC)?), [key]);
    let addresses = settings.emails.iter();
    let subscribed: Vec<_> =
        addresses.map(|address| stack.add(Subscription::email(address, subscriptions), [topic])).collect();
    let dead_letters = stack.add(Queue::new(names, document(definition::DEAD_LETTERS)?), []);

    let retention = settings.logs.retention_days;
    let log_group = |role, name| LogGroup::new(names, role, name, &key_arn, retention);
    let classifier_log = stack.add(log_group("classifier", names.classifier_log_group()), [key]);
    let orchestrator_log = stack.add(log_group("orchestrator", names.orchestrator_log_group()), [key]);

    let function = stack.add(Function::new(names, package::CLASSIFIER), [classifier, classifier_log]);
    let state_machine = stack.add(
        StateMachine::new(names, document(definition::STATE_MACHINE)?),
        // The buckets too, for the way back: no execution may still write when they are emptied.
        [orchestrator, orchestrator_log, function, topic, ingress, analytics, vault],
    );

    // Armed last, and so removed first: an event must find everything in its place, and somebody
    // to tell.
    let all = [vec![trigger, dead_letters, state_machine], subscribed].concat();
    stack.add(Rule::new(names, Zone::Ingress, document(definition::RULE_INGRESS)?), all.clone());
    stack.add(Rule::new(names, Zone::Vault, document(definition::RULE_VAULT)?), all);
    Ok(stack)
}
