//! The stack: every resource of the vault, and what it needs. Read this first.

use crate::deploy::resource::Assigned;
use crate::deploy::{Graph, Id};
use crate::vault::alarms;
use crate::vault::definitions::{self as definition, Definition, Values};
use crate::vault::macie::{self, Macie};
use crate::vault::names::{Names, Zone};
use crate::vault::package;
use crate::vault::policies::Policies;
use crate::vault::resources::bucket::s3_bucket::{Bucket, Options};
use crate::vault::resources::bucket::s3_existing::ExistingBucket;
use crate::vault::resources::bucket::s3_lifecycle::{Lifecycle, Transition};
use crate::vault::resources::bucket::s3_replication::Replication;
use crate::vault::resources::bucket::s3_settings::ObjectLock;
use crate::vault::resources::cloudwatch_alarm::{Alarm, AlarmList};
use crate::vault::resources::cloudwatch_dashboard::Dashboard;
use crate::vault::resources::event_rule::Rule;
use crate::vault::resources::iam_role::Role;
use crate::vault::resources::key::existing_key::{ExistingKey, User};
use crate::vault::resources::key::kms_key::Key;
use crate::vault::resources::lambda_event_source_mapping::EventSourceMapping;
use crate::vault::resources::lambda_function::Function;
use crate::vault::resources::lambda_options::{Options as FunctionOptions, VpcConfig};
use crate::vault::resources::log_existing::ExistingLogGroup;
use crate::vault::resources::log_group::LogGroup;
use crate::vault::resources::macie::macie_identifier::CustomIdentifier;
use crate::vault::resources::macie::macie_session::Session as MacieSession;
use crate::vault::resources::sns_existing::ExistingTopic;
use crate::vault::resources::sns_subscription::SubscriptionList;
use crate::vault::resources::sns_topic::Topic;
use crate::vault::resources::sqs_queue::Queue;
use crate::vault::resources::state_machine::StateMachine;
use crate::vault::retired;
use crate::vault::settings::{self, LogClass, Settings};
use crate::vault::steps;
use anyhow::Result;

/// The vault of these names, as the settings want it and the region's Macie lets it, in an empty graph;
/// `subscriptions` is shared by all who are told.
///
/// # Errors
/// A document of `definitions/` is wrong: a mistake of ours, which a test finds.
pub fn vault(
    mut stack: Graph,
    names: &Names,
    settings: &Settings,
    macie: &Macie,
    subscriptions: &SubscriptionList,
) -> Result<Graph> {
    let key_arn = stack.assigned(steps::KEY);
    let rules = settings.rules();
    let customs = if macie.is_used() { &rules.custom_identifiers[..] } else { &[] };
    let custom_ids: Vec<_> =
        customs.iter().map(|custom| stack.assigned(steps::custom_identifier(&custom.name))).collect();
    let values = values(names, settings, macie, &key_arn, &custom_ids);
    let document = |definition: Definition| definition.with(&values);
    let policies = Policies::new(settings, macie, &values)?;

    let (window, mark) = (settings.key.deletion_window_days, macie.mark());
    let key = match &names.existing.key {
        None => stack.add(Key::new(names, key_arn.clone(), policies.key, window, mark.clone()), []),
        Some(key) => stack.add(ExistingKey::new(names, key, key_arn.clone(), users(names, settings, macie)), []),
    };
    let session = macie.is_used().then(|| MacieSession::new(names, macie.status, key_arn.clone(), mark));
    let session: Vec<_> = session.into_iter().map(|session| stack.add(session, [key])).collect();

    let classifier_policy = policies.classifier;
    let mut bucket = |zone, policy, event_bridge| {
        if names.existing.buckets.of(zone).is_some() {
            let existing = ExistingBucket::new(names, zone, &key_arn, policy, classifier_policy.clone());
            return Ok::<_, anyhow::Error>(stack.add(existing.read_by_macie(macie.is_used()), []));
        }
        let options = bucket_options(settings, zone, event_bridge);
        let closed = definition::BUCKET_CLOSED.with(&values.clone().with_bucket(names, zone))?;
        let own = stack.add(Bucket::new(names, zone, &key_arn, [policy, closed], options), [key]);
        // Kept as asked, or somebody else's by now: what it holds can be read only as long as the key lives.
        stack.keep_for(key, [own], "may hold what it has encrypted");
        Ok(own)
    };
    let ingress = bucket(Zone::Ingress, policies.ingress, Some(true))?;
    let analytics = bucket(Zone::Analytics, policies.analytics, None)?;
    let stored = bucket(Zone::Vault, policies.vault, Some(true))?;
    // By the tags of a bucket `gc` finds what has expired, so that all else goes before one of them: all but the key is added later.
    // Analytics, where nobody sends anything, before the vault and ingress.
    stack.leave_until_last(&[analytics, stored, ingress]);

    let role = |role, trust, policy| {
        let role = Role::new(names, role, document(trust)?, policy);
        Ok::<_, anyhow::Error>(role.bounded(settings.iam.permissions_boundary.clone()))
    };
    let classifier_id = stack.assigned(steps::role("classifier"));
    let classifier = role("classifier", definition::CLASSIFIER_TRUST, classifier_policy)?;
    let in_vpc = Assigned::default();
    let classifier = classifier.in_vpc(in_vpc.clone(), document(definition::CLASSIFIER_VPC)?);
    let classifier = stack.add(classifier.known_by(classifier_id.clone()), [key]);
    // It lets go of a key last: as long as it names the old one, a run that was killed is known to have left that (law 3).
    stack.trail(classifier, &[ingress, analytics, stored]);
    let orchestrator = stack.add(role("orchestrator", definition::ORCHESTRATOR_TRUST, policies.orchestrator)?, [key]);
    let sweeper = stack.add(role("sweeper", definition::SWEEPER_TRUST, document(definition::SWEEPER)?)?, []);
    let trigger = stack.add(role("trigger", definition::TRIGGER_TRUST, document(definition::TRIGGER)?)?, []);

    let topic = if names.existing.topic.is_some() {
        stack.add(ExistingTopic::new(names, has_alarms(names, settings, macie)), [])
    } else {
        let topic = Topic::new(names, &key_arn, document(definition::TOPIC)?).pruned(settings.prunes_emails());
        stack.add(topic, [key])
    };
    let subscribed: Vec<_> = subscriptions.declared().map(|one| stack.add(one, [topic])).collect();
    for undeclared in subscriptions.undeclared_addresses() {
        stack.retire(undeclared, subscribed.clone());
    }
    let dead_letters = stack.add(Queue::dead_letters(names, document(definition::DEAD_LETTERS)?), []);
    let notices = stack.add(Queue::notices(names, document(definition::NOTICES)?), []);

    let log_groups = ["classifier", "orchestrator", "sweep"].map(|role| {
        match names.existing.log_groups.named().find(|(named, _)| *named == role) {
            None => stack.add(log_group(names, role, &key_arn, settings), [key]),
            Some((_, name)) => stack.add(ExistingLogGroup::new(names, role, name), []),
        }
    });
    let [classifier_log, orchestrator_log, sweep_log] = log_groups;

    let identifiers = customs.iter().zip(&custom_ids).map(|(custom, id)| {
        let identifier = CustomIdentifier::new(names, custom, &macie.identifiers, id.clone());
        stack.add(identifier, session.clone())
    });
    let identifiers: Vec<_> = identifiers.collect();

    let function = Function::new(names, package::CLASSIFIER, classifier_id, function_options(settings));
    let function = stack.add(function.seen_in_vpc(in_vpc), [classifier, classifier_log]);
    let told =
        stack.add(EventSourceMapping::notices(names, settings.notify.window_seconds), [function, notices, topic]);
    let runs = [vec![orchestrator, orchestrator_log, function], session, identifiers].concat();
    let asked = add_batches(&mut stack, (names, &values, macie), function, runs.clone())?;
    let state_machine = StateMachine::orchestrator(names, document(definition::STATE_MACHINE)?);
    let state_machine = stack.add(state_machine, [runs, vec![topic, notices], asked].concat());
    retired::add(&mut stack, (names, &values, macie), &custom_ids, state_machine)?;
    if subscriptions.replaces_own() {
        let own = Topic::outdated(names, &key_arn, document(definition::TOPIC)?);
        stack.retire(own, [vec![key, state_machine], subscribed.clone()].concat());
    }

    // Behind what they start, and so removed before it.
    let express = stack.add(StateMachine::express(names, document(definition::EXPRESS)?), [state_machine]);
    let sweep = StateMachine::sweep(names, document(definition::SWEEP)?);
    let sweep = stack.add(sweep, [sweeper, sweep_log, dead_letters, state_machine]);
    // No execution may still write when the buckets are emptied, or tell when nobody is told any more.
    let used = [ingress, analytics, stored, told];
    stack.outlive(&used, &[state_machine]);

    // They name what they watch and show, which may come later.
    let alarms = alarms::all(names, settings, macie.is_used());
    let list = AlarmList::new(alarms.iter().map(|(watch, _)| names.alarm(watch.name)));
    for (watch, is_wanted) in alarms {
        stack.add_if(is_wanted, Alarm::new(names, watch, &list), [topic]);
    }
    stack.add_if(settings.alarms.dashboard, Dashboard::new(names, document(definition::DASHBOARD)?), []);

    // Armed last, and so removed first: an event must find everything in its place, and somebody
    // to tell.
    let all = [&[trigger, dead_letters, state_machine, express, sweep], &used[..], &subscribed].concat();
    let arrivals = add_rules(&mut stack, (names, &values, settings), &all)?;
    // `up` looks at it to see whether a `down` has begun.
    stack.remove_first(arrivals);
    Ok(stack)
}

/// What starts the state machines: executions that end without having told anybody, the clock, and files that come. The last
/// one is returned, by which files come in.
fn add_rules(stack: &mut Graph, (names, values, settings): (&Names, &Values, &Settings), needs: &[Id]) -> Result<Id> {
    stack.add(Rule::failures(names, definition::RULE_FAILURES.with(values)?), needs);
    stack.add(Rule::sweep(names, settings.sweep.rate(), settings.sweep.enabled), needs);
    let created = |zone, pattern: Definition| {
        Ok::<_, anyhow::Error>(Rule::created(names, zone, pattern.with(values)?, names.express_arn()))
    };
    stack.add(created(Zone::Vault, definition::RULE_VAULT)?, needs);
    Ok(stack.add(created(Zone::Ingress, definition::RULE_INGRESS)?, needs))
}

/// What has Macie analyse many files at once, where it is used: their queue, the state machine of a job, and what starts
/// that. What the state machine needs of it is returned.
fn add_batches(
    stack: &mut Graph,
    (names, values, macie): (&Names, &Values, &Macie),
    function: Id,
    needs: Vec<Id>,
) -> Result<Vec<Id>> {
    if !macie.is_used() {
        return Ok(vec![]);
    }
    let queue = stack.add(Queue::macie(names, definition::MACIE_QUEUE.with(values)?), []);
    let job = stack.add(StateMachine::macie_job(names, definition::MACIE_JOB.with(values)?), needs);
    let gathers = stack.add(EventSourceMapping::macie(names), [function, queue, job]);
    // As long as the queue is there, `down` asks for Macie's jobs: it goes when nothing can make one any more.
    stack.outlive(&[queue], &[job]);
    Ok(vec![gathers, queue])
}

/// What the documents are filled with.
fn values(names: &Names, settings: &Settings, macie: &Macie, key_arn: &Assigned, custom_ids: &[Assigned]) -> Values {
    let rules = settings.rules();
    let values = Values::new(names, key_arn, &settings.vault.releasers, &rules);
    let values = values.with_deployers(&settings.vault.deployers).with_ignored(&settings.ingress.ignoring());
    let values = values.with_ingress(&settings.ingress.rules()).with_legal_holders(&settings.vault.legal_holders);
    let values = values.with_sources(names, &settings.ingress.sources, &settings.ingress.kms_keys);
    let requesters = if settings.vault.has_four_eyes() { &settings.vault.releasers[..] } else { &[] };
    let values = values.with_requesters(requesters);
    let values = values.with_sweeps(settings.sweep.interval_minutes);
    let values = values.with_writers(&settings.ingress.writers).with_readers(&settings.held.readers);
    let values = values.with_alarms(alarms::arns(names, settings, macie.is_used()));
    let values = values.with_notices(settings.notify.each_up_to(), &settings.notices());
    if macie.is_used() {
        let rules = macie::rules(&settings.macie, &rules, custom_ids.to_vec());
        values.with_macie(names, rules, macie.results.as_ref())
    } else {
        // Macie takes longer than an Express workflow may.
        values.with_express(settings.express_below())
    }
}

/// Whether an alarm tells the topic.
fn has_alarms(names: &Names, settings: &Settings, macie: &Macie) -> bool {
    !alarms::arns(names, settings, macie.is_used()).is_empty()
}

/// Who uses the key by its policy, where it is not the stack's own.
fn users(names: &Names, settings: &Settings, macie: &Macie) -> Vec<User> {
    let is_of_others = |arn: &&String| arn.split(':').nth(4) != Some(&names.account);
    let writers = settings.ingress.writers.iter().filter(is_of_others);
    let writers = writers.map(|writer| User::principal(writer, &["kms:Decrypt", "kms:GenerateDataKey"]));
    let macie_role = macie.is_used().then(|| User::service_role(&names.macie_role_arn()));
    let logs = (names.existing.log_groups.named().count() < 3).then(|| User::logs(names));
    let alarms = (names.existing.topic.is_none() && has_alarms(names, settings, macie)).then(User::alarms);
    [User::account(&names.account)].into_iter().chain(logs).chain(alarms).chain(macie_role).chain(writers).collect()
}

/// What becomes of the objects of a bucket by their age. In ingress nothing expires: a version that is not current
/// may be one that nobody has judged yet, since a sender has replaced or deleted it, or its execution has failed.
fn lifecycle(settings: &Settings, zone: Zone) -> Lifecycle {
    let noncurrent_days = Some(settings.buckets.noncurrent_days);
    match zone {
        Zone::Ingress => Lifecycle::default(),
        Zone::Analytics => {
            Lifecycle { noncurrent_days, expire_days: settings.held.expire_days, ..Lifecycle::default() }
        }
        Zone::Vault => {
            let moves = settings.vault.transition.clone();
            let transition = moves.map(|it| Transition { days: it.days, storage_class: it.storage_class });
            Lifecycle { noncurrent_days, expire_days: settings.vault.expire_days, transition }
        }
    }
}

/// Where S3 copies what is stored: from the vault alone.
fn replication(settings: &Settings, zone: Zone) -> Option<Replication> {
    let declared = settings.vault.replication.clone().filter(|_| zone == Zone::Vault)?;
    let settings::Replication { bucket, role, kms_key, account, storage_class } = declared;
    Some(Replication { role, bucket, account, kms_key, storage_class })
}

fn bucket_options(settings: &Settings, zone: Zone, event_bridge: Option<bool>) -> Options {
    let object_lock = settings.vault.object_lock.as_ref().filter(|_| zone == Zone::Vault);
    Options {
        lifecycle: lifecycle(settings, zone),
        object_lock: object_lock.map(|lock| ObjectLock { mode: lock.mode.clone(), days: lock.days }),
        replication: replication(settings, zone),
        event_bridge,
        delete_data: settings.delete_data,
        expiry: settings.expiry.clone(),
    }
}

fn log_group(names: &Names, role: &'static str, key_arn: &Assigned, settings: &Settings) -> LogGroup {
    let group = LogGroup::new(names, role, key_arn, settings.logs.retention_days);
    group.infrequent(settings.logs.class == LogClass::InfrequentAccess)
}

fn function_options(settings: &Settings) -> FunctionOptions {
    let wanted = settings.function.clone();
    let in_vpc = !wanted.subnet_ids.is_empty();
    FunctionOptions {
        memory_size: wanted.memory_mb,
        reserved_concurrency: wanted.reserved_concurrency,
        vpc: in_vpc.then(|| VpcConfig::new(wanted.subnet_ids, wanted.security_group_ids)),
        code_signing_config_arn: wanted.code_signing_config_arn,
        keep_layers: wanted.keep_layers,
        keep_variables: wanted.keep_variables,
    }
}
