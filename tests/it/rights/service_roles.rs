//! The orchestrator, the trigger and the sweeper, which services use. What they do by them is in the definitions that
//! they have been given: the state machine's tasks and the rules' targets.

use super::Policies;
use crate::support::{Macie, Stack};
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
async fn the_roles_of_services_have_the_rights_that_they_use() {
    // Without it, one state is never entered, and its right is not there.
    let macie = Macie::new();
    macie.enable();
    let stack = Stack::with(&macie);
    stack.up();
    orchestrator(&stack).await;
    trigger(&stack).await;
    sweeper(&stack).await;
}

/// Its tasks, and the log of its executions.
async fn orchestrator(stack: &Stack) {
    let (aws, names) = (&stack.aws, &stack.names);
    let policies = Policies::of(stack, "orchestrator").await;
    let machine = aws.sfn.describe_state_machine().state_machine_arn(names.state_machine_arn()).send().await.unwrap();
    assert_eq!(machine.role_arn, names.role_arn("orchestrator"));
    let express = aws.sfn.describe_state_machine().state_machine_arn(names.express_arn()).send().await.unwrap();
    let job = aws.sfn.describe_state_machine().state_machine_arn(names.macie_job_machine_arn()).send().await.unwrap();
    assert_eq!((&express.role_arn, express.r#type.as_str()), (&machine.role_arn, "EXPRESS"));
    assert_eq!((&job.role_arn, job.r#type.as_str()), (&machine.role_arn, "STANDARD"));
    let definitions = [&machine.definition, &express.definition, &job.definition];
    let definitions: Vec<Value> = definitions.map(|text| serde_json::from_str(text).unwrap()).into();
    let via = || vec![("kms:ViaService", format!("sns.{}.amazonaws.com", names.region))];
    let mut needed = BTreeSet::new();
    for (resource, parameters) in definitions.iter().flat_map(|definition| tasks(&definition["States"])) {
        let text = |name: &str| parameters[name].as_str().unwrap().to_owned();
        match resource {
            "arn:aws:states:::aws-sdk:sfn:startExecution" => {
                needed.insert(("states:StartExecution".into(), text("StateMachineArn"), vec![]));
            }
            "arn:aws:states:::lambda:invoke" => {
                needed.insert(("lambda:InvokeFunction".into(), text("FunctionName"), vec![]));
            }
            "arn:aws:states:::sqs:sendMessage" => {
                assert_eq!(text("QueueUrl"), names.notices_url());
                needed.insert(("sqs:SendMessage".into(), names.notices_arn(), vec![]));
            }
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken" => {
                assert_eq!(text("QueueUrl"), names.macie_queue_url());
                needed.insert(("sqs:SendMessage".into(), names.macie_queue_arn(), vec![]));
            }
            "arn:aws:states:::sns:publish" => {
                needed.insert(("sns:Publish".into(), text("TopicArn"), vec![]));
                let uses = ["Decrypt", "GenerateDataKey"];
                needed.extend(uses.map(|action| (format!("kms:{action}"), policies.key_arn.clone(), via())));
            }
            "arn:aws:states:::events:putEvents" => {
                for entry in parameters["Entries"].as_array().unwrap() {
                    let said = |name: &str| entry[name].as_str().unwrap().to_owned();
                    let context = vec![("events:source", said("Source")), ("events:detail-type", said("DetailType"))];
                    needed.insert(("events:PutEvents".into(), names.event_bus_arn(), context));
                }
            }
            other => panic!("what does {other} need?"),
        }
    }
    let logging = machine.logging_configuration.unwrap();
    assert_eq!((logging.level().unwrap().as_str(), logging.destinations().len()), ("ALL", 1));
    needed.extend(LOG_DELIVERY.map(|action| (format!("logs:{action}"), "*".to_owned(), vec![])));
    assert_eq!(policies.unused(&needed), BTreeSet::new());
}

/// Its tasks, those in the maps too, and what a Distributed Map does by itself: it starts executions of its own
/// machine, looks at them and stops them.
async fn sweeper(stack: &Stack) {
    let (aws, names) = (&stack.aws, &stack.names);
    let policies = Policies::of(stack, "sweeper").await;
    let machine = aws.sfn.describe_state_machine().state_machine_arn(names.sweep_arn()).send().await.unwrap();
    assert_eq!(machine.role_arn, names.role_arn("sweeper"));
    let definition: Value = serde_json::from_str(&machine.definition).unwrap();
    let mut all = tasks(&definition["States"]);
    let maps = definition["States"].as_object().unwrap().values().filter(|state| state["Type"] == "Map");
    all.extend(maps.flat_map(|map| tasks(&map["ItemProcessor"]["States"])));
    let mut needed = BTreeSet::new();
    for (resource, parameters) in all {
        let text = |name: &str| parameters[name].as_str().unwrap().to_owned();
        let one = match resource {
            "arn:aws:states:::lambda:invoke" => ("lambda:InvokeFunction", text("FunctionName")),
            "arn:aws:states:::aws-sdk:sfn:startExecution" => ("states:StartExecution", text("StateMachineArn")),
            "arn:aws:states:::aws-sdk:sfn:describeExecution" => {
                ("states:DescribeExecution", names.executions_arn() + ":0a1b")
            }
            "arn:aws:states:::aws-sdk:sqs:receiveMessage" => ("sqs:ReceiveMessage", names.dead_letters_arn()),
            "arn:aws:states:::aws-sdk:sqs:deleteMessage" => ("sqs:DeleteMessage", names.dead_letters_arn()),
            other => panic!("what does {other} need?"),
        };
        needed.insert((one.0.to_owned(), one.1, vec![]));
    }
    for action in ["DescribeExecution", "StopExecution"] {
        for end in [":0a1b", "/Judge:0a1b"] {
            needed.insert((format!("states:{action}"), names.sweep_executions_arn() + end, vec![]));
        }
    }
    needed.extend(LOG_DELIVERY.map(|action| (format!("logs:{action}"), "*".to_owned(), vec![])));
    assert_eq!(policies.unused(&needed), BTreeSet::new());
}

/// The targets of the rules.
async fn trigger(stack: &Stack) {
    let (aws, names) = (&stack.aws, &stack.names);
    let policies = Policies::of(stack, "trigger").await;
    let mut needed = BTreeSet::new();
    for rule in ["ingress", "vault", "failures", "sweep"] {
        let listed = aws.eventbridge.list_targets_by_rule().rule(names.rule(rule)).send().await.unwrap();
        for target in listed.targets() {
            assert_eq!(target.role_arn(), Some(names.role_arn("trigger").as_str()));
            let machine = match rule {
                "sweep" => names.sweep_arn(),
                "failures" => names.state_machine_arn(),
                _ => names.express_arn(),
            };
            assert_eq!(target.arn, machine, "the target is a state machine");
            needed.insert(("states:StartExecution".into(), target.arn.clone(), vec![]));
        }
    }
    assert_eq!(policies.unused(&needed), BTreeSet::new());
}
