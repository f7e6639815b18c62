//! What is no file is so for all who ask: the rule, both state machines, and the function that the sweep, `status` and
//! `cvault judge` ask. The rule may pass on what the machines then leave alone, never the other way round.

use super::events::created;
use super::express::express;
use super::world::{Oddities, Scripted};
use super::{EXECUTION, machine};
use crate::asl::{End, Interpreter, Machine, Schedule, Trace};
use crate::rules::matches;
use crate::stack::Stack;
use contract::IngressRules;
use contract::ignored::{Ignoring, PrefixIgnored, USUAL};
use cvault::vault::definitions::RULE_INGRESS;
use cvault::vault::names::Zone;
use serde_json::Value;

const IGNORED: [&str; 31] = [
    "in/",
    ".hidden",
    "in/.a.csv.swp",
    "~$stock.xlsx",
    "in/~$stock.xlsx",
    "a.csv.filepart",
    "a.csv.part",
    "a.csv.PART",
    "a.partial",
    "in/a.tmp",
    "in/A.TMP",
    "a.crdownload",
    "in/.part-0000.csv.crc",
    "_SUCCESS",
    "in/_SUCCESS",
    "in/_started_4711",
    "_committed_4711",
    "in/_committed_4711",
    "_temporary/0/a.csv",
    "in/_temporary/0/a.csv",
    "in/_temporary/",
    "out_$folder$",
    "in/out_$folder$",
    "a.csv._COPYING_",
    "in/part-0-0.inprogress.4711",
    "..csv",
    // Companions of such, and what is none below a prefix.
    "in/a.tmp.done",
    "_SUCCESS.done",
    "p/a.bak",
    "p/a.bak.done",
    "p/q.bak",
];
const JUDGED: [&str; 17] = [
    "a.csv",
    "in/a.csv",
    "my_SUCCESS",
    "in/_SUCCESS.csv",
    "x_temporary/a.csv",
    "_temporary.csv",
    "a_$folder$.csv",
    "a.TMP.csv",
    ".cvault/verify/a.tmp",
    // The folder itself, and the one above.
    "./data/x.csv",
    "in/../y.csv",
    "a/..",
    ".",
    "a.csv.done",
    "a.bak",
    // A longer prefix has rules of its own.
    "p/q/a.bak",
    "p/q/a.bak.done",
];

fn leaves_alone(machine: &Machine, event: &Value) -> bool {
    let mut world = Scripted::new(vec![], false, Oddities::default());
    let (mut trace, schedule) = (Trace::default(), Schedule::ALL[0]);
    trace.started_with = Some(event.clone());
    let mut interpreter = Interpreter { world: &mut world, trace: &mut trace, execution: EXECUTION, schedule };
    let ignored = interpreter.run(machine, event.clone()) == End::Succeeded("Ignored".into());
    assert_eq!(world.steps.is_empty(), ignored);
    ignored
}

#[test]
fn all_who_ask_mean_the_same() {
    let below = |prefix: &str, ignore: &[&str]| PrefixIgnored {
        prefix: prefix.into(),
        ignore: ignore.iter().map(|&pattern| pattern.to_owned()).collect(),
    };
    let ignored_below = vec![below("p/", &["*.bak"]), below("p/q/", &[])];
    let rules = IngressRules { pairs: vec![".done".into()], ignored_below, ..IngressRules::default() };
    let ignoring = Ignoring { patterns: USUAL.map(str::to_owned).into(), rules };
    let stack = Stack::new("aws", "eu-west-1", "x").ignoring(&ignoring);
    let (standard, express, rule) = (machine(&stack), express(&stack), stack.filled(RULE_INGRESS));
    let all = IGNORED.map(|key| (key, true)).into_iter().chain(JUDGED.map(|key| (key, false)));
    let mut cost_nothing = 0;
    for (key, ignored) in all {
        let event = created(&stack.names.bucket(Zone::Ingress), key);
        assert_eq!(ignoring.means(key), ignored, "{key}");
        assert_eq!(leaves_alone(&standard, &event), ignored, "{key}");
        assert_eq!(leaves_alone(&express, &event), ignored, "{key}");
        let passes = matches(&rule, &event);
        assert!(ignored || passes, "{key}");
        cost_nothing += usize::from(!passes);
    }
    assert!(cost_nothing > IGNORED.len() / 3, "{cost_nothing}");
}
