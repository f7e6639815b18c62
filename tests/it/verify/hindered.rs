//! Law 4 for `verify`: whatever call fails, it proves what there is to prove, and in the end nothing of it is left.

use super::{canaries, judged, left, verify};
use crate::matrix::{self, Moment};
use crate::support::{Stack, step};
use serde_json::json;

const VERIFY: &[&str] = &["verify", "--output", "json", "--timeout", "90s"];

/// Each call fails once, in each way.
#[tokio::test]
async fn a_run_whose_calls_fail_succeeds() {
    let stack = Stack::new();
    stack.up();
    for fault in matrix::faults().into_iter().step_by(step(4)) {
        let lines = matrix::faulty_run(&stack, &fault, VERIFY).lines();
        let rows = canaries(&lines);
        assert!(rows.len() == 3 && rows.iter().all(|row| row["state"] == "good"), "{fault}: {rows:#?}");
        judged(&stack).await;
        assert_eq!(left(&stack).await, Vec::<String>::new(), "{fault}");
    }
}

/// Each writing call is refused: the run fails and says why, and the next one takes away what it has left.
#[tokio::test]
async fn a_run_that_may_not_write_says_so_and_is_cleaned_up() {
    let stack = Stack::new();
    stack.up();
    let moments = matrix::moments(&stack, VERIFY).into_iter().filter(Moment::is_of_a_write).collect::<Vec<_>>();
    let kinds: std::collections::BTreeSet<_> = moments.iter().map(Moment::kind).collect();
    assert!(kinds.len() >= 6, "{kinds:?}");
    for moment in moments.into_iter().step_by(step(4)) {
        stack.proxy.forget();
        stack.proxy.configure(&moment.refusal());
        let ended = stack.run(VERIFY).expect(1);
        stack.proxy.configure(&json!({"faults": []}));
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(said.contains("AccessDenied") || said.contains("not you"), "{moment:?}: {said}");
        judged(&stack).await;
        verify(&stack, 0);
        assert_eq!(left(&stack).await, Vec::<String>::new(), "{moment:?}");
    }
}
