//! The orchestrator and the trigger, which services use. What they do by them is in the definitions that
//! they have been given: the state machine's tasks and the rules' targets.

use super::Policies;
use crate::support::Stack;
use cvault::vault::names::Zone;
use serde_json::Value;
use std::collections::BTreeSet;

/// What Step Functions calls by its role to have executions logged.
const LOG_DELIVERY: [&str; 8] = [
    "CreateLogDelivery",
    "DeleteLogDelivery",
    "DescribeLogGroups",
    "DescribeResourcePolicies",
    "GetLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "UpdateLogDelivery",
];

/// Every task of a definition, in branches too: what it is for, and its parameters.
fn tasks(states: &Value) -> Vec<(&str, &Value)> {
    let of_state = |state: &Value| state["Type"] == "Task";
    let states = states.as_object().unwrap().values();
    let own =
        states.clone().filter(|state| of_state(state)).map(|it| (it["Resource"].as_str().unwrap(), &it["Parameters"]));
    let branches = states.filter_map(|state| state["Branches"].as_array()).flatten();
    own.chain(branches.flat_map(|branch| tasks(&branch["States"]))).collect()
}

#[tokio::test]
async fn the_orchestrator_and_the_trigger_have_the_rights_that_they_use() {
    let stack = Stack::new();
    stack.up();
    orchestrator(&stack).await;
    trigger(&stack).await;
}

/// Its tasks, and the log of its executions.
async fn orchestrator(stack: &Stack) {
    let (aws, names) = (&stack.aws, &stack.names);
    let policies = Policies::of(stack, "orchestrator").await;
    let machine = aws.sfn.describe_state_machine().state_machine_arn(names.state_machine_arn()).send().await.unwrap();
    assert_eq!(machine.role_arn, names.role_arn("orchestrator"));
    let definition: Value = serde_json::from_str(&machine.definition).unwrap();
    let via = || vec![("kms:ViaService", format!("sns.{}.amazonaws.com", names.region))];
    let mut needed = BTreeSet::new();
    for (resource, parameters) in tasks(&definition["States"]) {
        let text = |name: &str| parameters[name].as_str().unwrap().to_owned();
        match resource {
            "arn:aws:states:::lambda:invoke" => {
                needed.insert(("lambda:InvokeFunction".into(), text("FunctionName"), vec![]));
            }
            "arn:aws:states:::sns:publish" => {
                needed.insert(("sns:Publish".into(), text("TopicArn"), vec![]));
                let uses = ["Decrypt", "GenerateDataKey"];
                needed.extend(uses.map(|action| (format!("kms:{action}"), policies.key_arn.clone(), via())));
            }
            other => panic!("what does {other} need?"),
        }
    }
    let logging = machine.logging_configuration.unwrap();
    assert_eq!((logging.level().unwrap().as_str(), logging.destinations().len()), ("ALL", 1));
    needed.extend(LOG_DELIVERY.map(|action| (format!("logs:{action}"), "*".to_owned(), vec![])));
    assert_eq!(policies.unused(&needed), BTreeSet::new());
}

/// The targets of the two rules.
async fn trigger(stack: &Stack) {
    let (aws, names) = (&stack.aws, &stack.names);
    let policies = Policies::of(stack, "trigger").await;
    let mut needed = BTreeSet::new();
    for zone in [Zone::Ingress, Zone::Vault] {
        let listed = aws.eventbridge.list_targets_by_rule().rule(names.rule(zone)).send().await.unwrap();
        for target in listed.targets() {
            assert_eq!(target.role_arn(), Some(names.role_arn("trigger").as_str()));
            assert_eq!(target.arn, names.state_machine_arn(), "the target is a state machine");
            needed.insert(("states:StartExecution".into(), target.arn.clone(), vec![]));
        }
    }
    assert_eq!(policies.unused(&needed), BTreeSet::new());
}
