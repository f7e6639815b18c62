//! A terminal of 24 lines and 80 columns: no line of any command is wider, whatever keys and names are like.

use crate::support::{Pipeline, on_a_small_terminal};
use console::measure_text_width;

const RAGGED: &[u8] = b"seq,city\n1,Kingsford,extra\n";
const CARDS: &[u8] = b"seq,credit_card\n0,4000004427083831\n";

/// What a run has drawn has to fit, and to end like this.
fn fits(vault: &Pipeline, arguments: &[&str], answer: &str, code: i32) -> String {
    let drawn = on_a_small_terminal(&vault.stack, arguments, answer);
    assert_eq!(drawn.code, code, "{arguments:?}: {}", drawn.stdout);
    // A carriage return begins a line anew, as what moves is drawn.
    for line in drawn.stdout.split(['\r', '\n']) {
        assert!(measure_text_width(line) <= 80, "{arguments:?} has {} columns: {line}", measure_text_width(line));
    }
    drawn.stdout
}

#[tokio::test]
async fn no_line_is_wider_than_the_terminal() {
    let vault = Pipeline::start().await;
    let long = format!("in/{}/{}.csv", "a folder with a long name ".repeat(6).trim(), "k".repeat(200));
    let wide = format!("in/{}.csv", "日本".repeat(60));
    for (key, body) in [(long.as_str(), CARDS), (wide.as_str(), RAGGED), ("a.csv", RAGGED)] {
        vault.put(key, body).await;
        vault.judged(key).await;
    }
    fits(&vault, &["status"], "", 0);
    fits(&vault, &["up", "--dry-run"], "", 0);
    fits(&vault, &["up"], "", 0);
    fits(&vault, &["doctor"], "", 2);
    fits(&vault, &["list"], "", 0);
    fits(&vault, &["held"], "", 0);
    fits(&vault, &["held", "-v"], "", 0);
    fits(&vault, &["report"], "", 0);
    for key in [&long, &wide] {
        let shown = fits(&vault, &["show", key], "", 0);
        assert!(shown.contains("judged "), "{shown}");
    }
    fits(&vault, &["show", &"n".repeat(300)], "", 1);
    fits(&vault, &["verify"], "", 0);
    fits(&vault, &["init", "--dry-run"], "", 2);
    fits(&vault, &["judge", "--dry-run"], "", 2);
    for command in ["release", "discard"] {
        fits(&vault, &[command, "--all", "--reason", "why", "--dry-run"], "", 2);
        let asked = fits(&vault, &[command, "--all", "--reason", "why"], "n", 4);
        assert!(asked.contains("go on?"), "{asked}");
    }
    assert!(fits(&vault, &["judge"], "n", 4).contains("go on?"));
    fits(&vault, &["judge"], "y", 0);
    fits(&vault, &["discard", "a.csv", "--reason", "why"], "y", 0);
    fits(&vault, &["release", &long, "--reason", "why"], "y", 0);
    fits(&vault, &["gc", "--dry-run"], "", 0);
    fits(&vault, &["down"], "", 4);
    let asked = fits(&vault, &["down", "--delete-data"], "y", 4);
    assert!(asked.contains("type the stack's name"), "{asked}");
    fits(&vault, &["down", "--delete-data"], &vault.stack.names.stack, 0);
    fits(&vault, &["status"], "", 3);
}

/// What is wrong with a command line is said in as much room.
#[tokio::test]
async fn help_and_mistakes_fit() {
    let vault = Pipeline::start().await;
    let commands = [
        "up", "down", "status", "doctor", "verify", "demo", "policy", "list", "gc", "held", "show", "release",
        "discard", "judge", "report", "init",
    ];
    fits(&vault, &["--help"], "", 0);
    for command in commands {
        fits(&vault, &[command, "--help"], "", 0);
        fits(&vault, &[command, "--stcak", "x"], "", 64);
    }
    fits(&vault, &["release", "--all"], "", 64);
    fits(&vault, &["report", "--since", "yesterday or the day before"], "", 64);
}
