//! An upgrade in flight: executions that began by the definitions of the release before end well with the function of
//! today. (That a function takes what the next release's definition says besides is shown beside its messages.)

use crate::support::Pipeline;
use cvault::vault::names::Zone;
use serde_json::Value;

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";
const RAGGED: &[u8] = b"seq,city\n1,Kingsford,extra\n";

impl Pipeline {
    /// Gives both workflows the definitions of the release before: no time for the sender, no rules of ingress.
    async fn downgrade(&self) {
        let sfn = &self.stack.aws.sfn;
        for arn in [self.stack.names.state_machine_arn(), self.stack.names.express_arn()] {
            let today = sfn.describe_state_machine().state_machine_arn(&arn).send().await.unwrap().definition;
            let mut machine: Value = serde_json::from_str(&today).unwrap();
            without_today(&mut machine);
            let before = machine.to_string();
            assert!(
                before.len() < today.len() && !before.contains("LeaveToSender") && !before.contains("\"Ingress\":")
            );
            sfn.update_state_machine().state_machine_arn(&arn).definition(before).send().await.unwrap();
        }
    }
}

fn without_today(machine: &mut Value) {
    let states = machine["States"].as_object_mut().unwrap();
    for name in ["LeaveToSender", "NothingToJudge"] {
        states.remove(name).unwrap();
    }
    for state in states.values_mut() {
        if let Some(payload) = state.pointer_mut("/Parameters/Payload").and_then(Value::as_object_mut) {
            payload.remove("Ingress");
        }
        let Some(choices) = state.get_mut("Choices").and_then(Value::as_array_mut) else { continue };
        choices.retain(|choice| choice["Next"] != "NothingToJudge");
        for choice in choices.iter_mut().filter(|choice| choice["Next"] == "LeaveToSender") {
            choice["Next"] = "ReceiveObject".into();
        }
    }
}

#[tokio::test]
async fn what_began_before_an_upgrade_ends_well_after_it() {
    let vault = Pipeline::start().await;
    vault.downgrade().await;
    for (key, body, status) in [("a.csv", CLEAN, "VAULT_COPY"), ("b.csv", RAGGED, "INTEGRITY_FAIL")] {
        vault.put(key, body).await;
        assert_eq!(vault.judged(key).await.verdict("Status"), status);
    }
    // The definitions change below these.
    for (key, body) in [("c.csv", CLEAN), ("d.csv", RAGGED)] {
        vault.put(key, body).await;
    }
    vault.stack.run(&["up", "--email", "ops@example.com"]).expect(0);
    for (key, status) in [("c.csv", "VAULT_COPY"), ("d.csv", "INTEGRITY_FAIL")] {
        assert_eq!(vault.judged(key).await.verdict("Status"), status);
    }
    vault.put("e.csv", CLEAN).await;
    assert_eq!(vault.judged("e.csv").await.verdict("Status"), "VAULT_COPY");
    assert_eq!(vault.objects(Zone::Ingress).await.len(), 0);
    assert_eq!(vault.objects(Zone::Vault).await.into_keys().collect::<Vec<_>>(), ["a.csv", "c.csv", "e.csv"]);
    assert_eq!(vault.messages().await.len(), 2);
}
