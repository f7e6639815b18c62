//! Keys, reasons and answers of AWS that hold the words of a log which the runner of a pipeline obeys.

use super::contract::{Report, Run};
use super::layout::Layout;
use super::{answer::Answer, github::GitHub, json::Json, lines::Lines, sample};
use crate::deploy::event::{Command, Event};
use crate::deploy::plan::{Action, State};
use crate::outcome::failure::Failure;
use crate::outcome::invocation::Invocation;
use crate::outcome::row::{Check, Failed, Health, Held, Place, Row};
use anstream::AutoStream;
use serde_json::{Value, json};

const FORGED: [&str; 3] =
    ["in/##[stop-commands]x.csv", "::stop-commands::x", "a-file-of-a-name-that-is-wide ::error::x ##vso[task]"];

/// The lines that GitHub's runner takes for a command: it cuts the blanks in front of a line, and looks for the older form
/// anywhere.
fn obeyed(log: &[u8]) -> Vec<String> {
    let log = String::from_utf8(log.to_vec()).unwrap();
    let is_obeyed =
        |line: &&str| line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso[");
    log.lines().filter(is_obeyed).map(str::to_owned).collect()
}

/// Each form in which a report says a text of a sender's.
fn told(report: &mut dyn Report, text: &str) {
    let place = || Place { bucket: "b".into(), key: text.into(), version: "v".into() };
    let held = || Held { key: text.into(), reasons: Some(vec![text.into()]), place: place(), ..Held::default() };
    let error = || Failure::new(text, format!("it says\n{text}"), text);
    report.event(&Event::Row(Row::Held(held())));
    report.event(&Event::Row(Row::Version(held())));
    report.event(&Event::Row(Row::Failed(Failed { key: text.into(), place: place(), error: error() })));
    let check = Check { name: text.into(), state: Health::Bad, says: text.into(), fix: Some(text.into()) };
    report.event(&Event::Row(Row::Check(check)));
    report.event(&Event::Note { text: format!("said\n  {text}") });
    report.event(&Event::Progress { name: text.into(), text: text.into() });
    report.event(&Event::Failed { name: text.into(), action: Action::Create, error: error() });
    let mut judged = sample::judged();
    (judged[0].file, judged[0].place, judged[0].reasons) = (text.into(), text.into(), vec![text.into()]);
    report.event(&Event::Judged { files: judged });
    let mut plan = sample::plan();
    let mut step = sample::step(text, State::Drifted, Action::Update);
    (step.note, step.differences) = (Some(format!("said\n{text}")), sample::plan().resources[1].differences.clone());
    step.differences[0].is = json!(text);
    plan.resources.push(step);
    plan.notes.push(text.into());
    report.answer(&plan);
    report.policy(&json!({"Resource": [text]}));
    report.failure(&error());
    report.end().unwrap();
}

#[test]
fn no_report_for_people_has_a_command() {
    for text in FORGED {
        for run in [Run::Rows, Run::Status, Run::DryRun(Command::Up), Run::Demo] {
            for (width, breaks) in [(20, true), (24, true), (60, true), (100, false)] {
                let layout = Layout { width, breaks, ..sample::LAYOUT };
                let mut log = vec![];
                let mut answer = Answer::new(AutoStream::never(&mut log), run, layout, Invocation::default());
                told(&mut answer, text);
                drop(answer);
                assert!(!log.is_empty());
                assert_eq!(obeyed(&log), Vec::<String>::new(), "{run:?} {width}");
            }
            let mut log = vec![];
            let mut lines = Lines::new(AutoStream::never(&mut log), run, 1);
            told(&mut lines, text);
            drop(lines);
            assert_eq!(obeyed(&log), Vec::<String>::new(), "{run:?}");
        }
    }
}

/// A program reads the key as it is.
#[test]
fn no_json_has_a_command() {
    for text in FORGED {
        let mut log = vec![];
        told(&mut Json::new(&mut log, Run::Rows), text);
        assert_eq!(obeyed(&log), Vec::<String>::new());
        let first = String::from_utf8(log).unwrap().lines().next().unwrap().to_owned();
        assert_eq!(serde_json::from_str::<Value>(&first).unwrap()["key"], text);

        let (mut document, mut policy) = (vec![], vec![]);
        let mut plan = sample::plan();
        plan.notes = vec![text.into(), "\u{202e}".into()];
        Json::new(&mut document, Run::Status).answer(&plan);
        Json::new(&mut policy, Run::Policy).policy(&json!({"Resource": text}));
        assert_eq!([obeyed(&document), obeyed(&policy)].concat(), Vec::<String>::new());
        let read: Value = serde_json::from_slice(&document).unwrap();
        assert_eq!(read["notes"], json!([text, "\u{202e}"]));
        assert!(!String::from_utf8(document).unwrap().contains('\u{202e}'), "what turns a text is not seen");
        assert_eq!(serde_json::from_slice::<Value>(&policy).unwrap()["Resource"], text);
    }
}

/// Its annotations are commands, and the only ones.
#[test]
fn what_is_annotated_is_an_error_and_nothing_else() {
    for text in FORGED {
        let mut log = vec![];
        told(&mut GitHub::new(&mut log, None, Run::Status, Invocation::default()), text);
        let obeyed = obeyed(&log);
        assert!(!obeyed.is_empty() && obeyed.iter().all(|line| line.starts_with("::error title=")), "{obeyed:#?}");
    }
}
