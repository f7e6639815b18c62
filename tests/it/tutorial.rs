//! `.github/TUTORIAL.md`, run as it is written: every command, and every line that it shows.

use crate::support::{Pipeline, Stack};
use cvault::vault::names::Zone;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const TUTORIAL: &str = include_str!("../../.github/TUTORIAL.md");
/// The id that the tutorial has.
const ID: &str = "626fa970";

/// A command of the tutorial, the exit code that stands behind it, and the lines that are shown below it.
#[derive(Debug)]
struct Step {
    command: String,
    code: i32,
    shown: Vec<String>,
}

/// The commands of the blocks of consoles, in their order.
fn steps(id: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = vec![];
    let blocks = TUTORIAL.split("```console\n").skip(1).map(|block| block.split("```").next().unwrap());
    for line in blocks.flat_map(str::lines) {
        let line = line.replace(ID, id);
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => {
                let (command, code) = command.split_once(" # ").unwrap_or((command, "0"));
                steps.push(Step { command: command.into(), code: code.parse().unwrap(), shown: vec![] });
            }
            (None, Some(step)) if line != "…" => step.shown.push(line),
            (None, _) => {}
        }
    }
    steps
}

/// A command line's words, as a shell takes them where there are no quotes in quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![];
    for (at, part) in command.split(['"', '\'']).enumerate() {
        match at % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

#[tokio::test]
async fn it_goes_as_it_is_written() {
    let stack = Stack::new();
    let id = stack.names.id.clone();
    let folder = std::env::temp_dir().join(format!("cvault-tutorial-{id}"));
    std::fs::create_dir_all(&folder).unwrap();
    let mut vault = None;
    let mut stack = Some(stack);
    for Step { command, code, shown } in steps(&id) {
        let words = words(&command);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["printf", text, ">", file] => std::fs::write(folder.join(file), text.replace("\\n", "\n")).unwrap(),
            ["aws", "s3", "cp", file, to] => upload(vault.as_ref().unwrap(), folder.join(file), to).await,
            ["aws", "events", "disable-rule", "--name", rule] => {
                let events = &vault.as_ref().map(|vault: &Pipeline| &vault.stack).unwrap().aws.eventbridge;
                events.disable_rule().name(rule).send().await.unwrap();
            }
            ["cvault", ref arguments @ ..] => {
                if arguments[0] == "report" {
                    // Two files of the tutorial and three of verify: a log is read some time after it is written.
                    crate::report::lines(vault.as_ref().unwrap(), 5).await;
                }
                let of = vault.as_ref().map_or_else(|| stack.as_ref().unwrap(), |vault: &Pipeline| &vault.stack);
                let ended: crate::support::Ended = of.command(arguments).current_dir(&folder).output().unwrap().into();
                let ended = ended.expect(code);
                let mut lines = ended.stdout.lines();
                for expected in shown {
                    assert!(lines.any(|line| line == expected), "{command}: {expected:?} in\n{}", ended.stdout);
                }
            }
            _ => panic!("{command}: no command that this test knows"),
        }
        if let Some(stack) = stack.take() {
            vault = Some(Pipeline::observed(stack).await);
        }
    }
    let page = std::fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.contains("2 files were judged"));
    std::fs::remove_dir_all(folder).unwrap();
}

/// Uploads a file, and waits until it is judged where the rule lets it.
async fn upload(vault: &Pipeline, file: PathBuf, to: &str) {
    let (bucket, key) = to.strip_prefix("s3://").unwrap().split_once('/').unwrap();
    assert_eq!(bucket, vault.stack.names.bucket(Zone::Ingress));
    vault.put(key, &std::fs::read(file).unwrap()).await;
    let (events, rule) = (&vault.stack.aws.eventbridge, vault.stack.names.rule(Zone::Ingress));
    let state = events.describe_rule().name(rule).send().await.unwrap().state.unwrap();
    let begun = Instant::now();
    while state.as_str() == "ENABLED" && vault.objects_listed(Zone::Ingress).await > 0 {
        assert!(begun.elapsed() < Duration::from_mins(1), "{key} is not judged");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
