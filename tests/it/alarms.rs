//! The alarms: whoever is told of held files is told of them, other people's actions stay, and each can be switched off.

use crate::support::{Pipeline, Stack};
use aws_sdk_cloudwatch::types::{MetricAlarm, StateValue};

async fn alarm(stack: &Stack, what: &str) -> Option<MetricAlarm> {
    let described = stack.aws.cloudwatch.describe_alarms().alarm_names(stack.names.alarm(what)).send().await.unwrap();
    described.metric_alarms.unwrap_or_default().pop()
}

#[tokio::test]
async fn an_alarm_tells_whoever_is_told_of_held_files() {
    let stack = Stack::new().whole();
    stack.up();
    let pipeline = Pipeline::observed(stack).await;
    let stack = &pipeline.stack;
    let set = stack.aws.cloudwatch.set_alarm_state().alarm_name(stack.names.alarm("unjudged"));
    set.state_value(StateValue::Alarm).state_reason("a test").send().await.unwrap();
    let message = pipeline.messages().await.pop().expect("the topic was told");
    assert!(message.subject.starts_with("ALARM"), "{message:?}");
    assert!(message.text.contains("files have been in ingress for more than an hour"), "{message:?}");
}

#[tokio::test]
async fn what_others_have_added_stays_and_what_is_switched_off_goes() {
    let stack = Stack::new().whole();
    stack.up();
    let dashboard = stack.aws.cloudwatch.get_dashboard().dashboard_name(stack.names.dashboard()).send().await.unwrap();
    let body = dashboard.dashboard_body.unwrap();
    assert!(body.contains(&stack.names.alarm_arn("unjudged")) && body.contains(&stack.names.function()), "{body}");
    let (cloudwatch, topic) = (&stack.aws.cloudwatch, stack.names.topic_arn());
    let theirs = format!("{topic}-pager");
    let now = alarm(&stack, "errors").await.unwrap();
    let put = cloudwatch.put_metric_alarm().alarm_name(stack.names.alarm("errors"));
    let put = put.set_namespace(now.namespace).set_metric_name(now.metric_name).set_dimensions(now.dimensions);
    let put = put.set_statistic(now.statistic).set_period(now.period).set_evaluation_periods(now.evaluation_periods);
    let put = put.set_datapoints_to_alarm(now.datapoints_to_alarm).set_comparison_operator(now.comparison_operator);
    let put = put.set_treat_missing_data(now.treat_missing_data).set_alarm_description(now.alarm_description);
    let put = put.alarm_actions(&theirs).alarm_actions(&topic).ok_actions(&theirs);
    put.clone().set_threshold(now.threshold).send().await.unwrap();
    stack.run(&["status"]).expect(0);
    put.threshold(100.0).send().await.unwrap();
    assert_eq!(stack.drifted(), ["alarm/errors/Threshold"]);
    stack.up();
    let repaired = alarm(&stack, "errors").await.unwrap();
    assert_eq!(repaired.threshold(), Some(5.0));
    assert_eq!(repaired.alarm_actions(), [topic, theirs.clone()]);
    assert_eq!(repaired.ok_actions(), [theirs]);

    let file = std::env::temp_dir().join(format!("cvault-alarms-{}.toml", stack.names.id));
    std::fs::write(&file, "[alarms]\nerrors = false\ndashboard = false\n").unwrap();
    let options = ["--config", file.to_str().unwrap()];
    stack.run(&[&["status"][..], &options].concat()).expect(2);
    stack.run(&[&["up"][..], &options].concat()).expect(0);
    assert!(alarm(&stack, "errors").await.is_none() && alarm(&stack, "throttles").await.is_some());
    let dashboard = stack.aws.cloudwatch.get_dashboard().dashboard_name(stack.names.dashboard()).send().await;
    assert!(dashboard.is_err());
    stack.run(&[&["status"][..], &options].concat()).expect(0);
    std::fs::remove_file(file).unwrap();
}
