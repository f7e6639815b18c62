//! A terminal of 24 lines and 80 columns: no line of any command is wider, whatever keys and names are like. With `-v`
//! nothing is cut, `policy` prints a document, and a word of an error, such as an ARN, stays whole: it is to be copied.

use crate::support::{Pipeline, Stack, on_a_small_terminal};
use console::measure_text_width;
use std::cell::RefCell;

const RAGGED: &[u8] = b"seq,city\n1,Kingsford,extra\n";
const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";

/// What stands before work that goes on.
const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// A stack, and what was wrong with what was drawn: all of it is said at once.
struct Narrow<'a> {
    stack: &'a Stack,
    wrong: RefCell<Vec<String>>,
}

impl<'a> Narrow<'a> {
    fn of(stack: &'a Stack) -> Self {
        Self { stack, wrong: RefCell::default() }
    }

    /// What a run draws has to fit, to end like this, and to have this in it.
    fn fits(&self, arguments: &[&str], answer: &str, code: i32, part: &str) {
        let drawn = on_a_small_terminal(self.stack, arguments, answer);
        let mut wrong = self.wrong.borrow_mut();
        if drawn.code != code || !drawn.stdout.contains(part) {
            wrong.push(format!("{arguments:?} ended with {}: {}", drawn.code, drawn.stdout));
        }
        // A carriage return begins a line anew. What moves is drawn in whole rows of blanks at its end, without an end of line.
        let is_live = |line: &str| measure_text_width(line).is_multiple_of(80) && line.contains(SPINNER);
        let lines = drawn.stdout.split(['\r', '\n']).filter(|line| measure_text_width(line) > 80 && !is_live(line));
        wrong.extend(lines.map(|line| format!("{arguments:?} has {} columns: {line}", measure_text_width(line))));
    }

    fn end(self) {
        let wrong = self.wrong.into_inner();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[tokio::test]
async fn no_line_is_wider_than_the_terminal() {
    let vault = Pipeline::start().await;
    let narrow = Narrow::of(&vault.stack);
    let long = format!("in/{}/{}.csv", "a folder with a long name ".repeat(6).trim(), "k".repeat(200));
    let wide = format!("in/{}.csv", "日本".repeat(60));
    for (key, body) in [(long.as_str(), CARDS), (wide.as_str(), RAGGED), ("a.csv", RAGGED)] {
        vault.put(key, body).await;
        vault.judged(key).await;
    }
    narrow.fits(&["status"], "", 0, "in-sync");
    narrow.fits(&["up", "--dry-run"], "", 0, "nothing");
    narrow.fits(&["up"], "", 0, "");
    narrow.fits(&["doctor"], "", 0, "identity");
    narrow.fits(&["list"], "", 0, &vault.stack.names.stack);
    narrow.fits(&["held"], "", 0, "3 versions");
    narrow.fits(&["report"], "", 0, "3 files were judged");
    narrow.fits(&["show", &long], "", 0, "judged ");
    narrow.fits(&["show", &wide], "", 0, "judged ");
    narrow.fits(&["show", &"n".repeat(60)], "", 1, "check the key");
    narrow.fits(&["verify"], "", 0, "sensitive");
    narrow.fits(&["init", "--dry-run"], "", 4, "says something else");
    narrow.fits(&["judge", "--dry-run"], "", 2, "would judge");
    for command in ["release", "discard"] {
        narrow.fits(&[command, "--all", "--reason", "why", "--dry-run"], "", 2, "3 versions");
        narrow.fits(&[command, "--all", "--reason", "why"], "n", 4, "go on?");
    }
    narrow.fits(&["judge"], "n", 4, "go on?");
    narrow.fits(&["judge"], "y", 0, "3 versions judged");
    narrow.fits(&["discard", "a.csv", "--reason", "why"], "y", 0, "discarded");
    narrow.fits(&["release", &long, "--reason", "why"], "y", 0, "released");
    narrow.fits(&["gc", "--dry-run"], "", 0, "");
    narrow.fits(&["down"], "y", 4, "");
    narrow.fits(&["down", "--delete-data"], "y", 4, "type the stack's name");
    narrow.fits(&["down", "--delete-data"], &vault.stack.names.stack, 0, "type the stack's name");
    narrow.fits(&["status"], "", 3, "absent");
    narrow.end();
}

/// What is wrong with a command line is said in as much room.
#[test]
fn help_and_mistakes_fit() {
    let stack = Stack::new();
    let narrow = Narrow::of(&stack);
    let commands = [
        "up", "down", "status", "doctor", "verify", "demo", "policy", "list", "gc", "held", "show", "release",
        "discard", "judge", "report", "init",
    ];
    narrow.fits(&["--help"], "", 0, "Usage");
    for command in commands {
        narrow.fits(&[command, "--help"], "", 0, "Usage");
        narrow.fits(&[command, "--stcak", "x"], "", 64, "--stcak");
    }
    narrow.fits(&["release", "--all"], "", 64, "--reason");
    narrow.fits(&["report", "--since", "yesterday or the day before"], "", 64, "--since");
    narrow.end();
}
