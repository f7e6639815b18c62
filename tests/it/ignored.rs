//! What is no file, as the configuration says, is left alone, by the rule and by the state machines, and counted. (That
//! the sweep leaves it alone is shown where it lists.) A sender that renames when it is done finds its file.

use crate::support::Pipeline;
use cvault::vault::names::Zone;
use serde_json::json;

const CLEAN: &[u8] = b"seq,city\n1,Kingsford\n2,Saltmere\n";

#[tokio::test]
async fn what_is_no_file_is_left_alone_and_a_renamed_one_is_judged() {
    let vault = Pipeline::start().await;
    let (aws, names) = (&vault.stack.aws, &vault.stack.names);
    let ingress = names.bucket(Zone::Ingress);
    // The first by the rule, the others by the state machine.
    let others = ["sales.csv.filepart", "_SUCCESS", "in/~$stock.xlsx", ".a.csv.swp", "out/_temporary/0/a.csv"];
    for key in others {
        vault.put(key, CLEAN).await;
    }
    vault.put("partner/", b"").await;
    vault.put("out_$folder$", b"").await;
    for key in &others[1..] {
        let executions = vault.executions(Zone::Ingress, key, 1).await;
        assert_eq!(executions[0].verdict("Status"), "", "{executions:#?}");
    }
    // As WinSCP and lftp do.
    let copy = aws.s3.copy_object().bucket(&ingress).key("sales.csv");
    copy.copy_source(format!("{ingress}/sales.csv.filepart")).send().await.unwrap();
    assert_eq!(vault.judged("sales.csv").await.verdict("Status"), "VAULT_COPY");
    vault.executions(Zone::Vault, "sales.csv", 1).await;

    let standard = aws.sfn.list_executions().state_machine_arn(names.state_machine_arn()).send().await.unwrap();
    assert_eq!(standard.executions.len(), 0, "{standard:#?}");
    assert_eq!(vault.messages().await.len(), 0);
    let left = vault.objects(Zone::Ingress).await;
    assert_eq!(
        left.keys().collect::<Vec<_>>(),
        [
            ".a.csv.swp",
            "_SUCCESS",
            "in/~$stock.xlsx",
            "out/_temporary/0/a.csv",
            "out_$folder$",
            "partner/",
            "sales.csv.filepart"
        ]
    );
    let status = vault.stack.run(&["status", "--output", "json"]).expect(0).document();
    assert_eq!((&status["waiting"]["ignored"], &status["waiting"]["versions"]), (&json!(7), &json!(0)));
}
