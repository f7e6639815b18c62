//! Runs on a terminal of their own, and without any.

use super::{Ended, Stack};
use std::process::{Command, Stdio};

/// Runs a command on a terminal of its own, all of its input and output redirected, and types an answer.
const ON_A_TERMINAL: &str = r#"
import os, pty, sys
answer, output, command = sys.argv[1], sys.argv[2], sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.set_inheritable(os.dup(0), True)  # What nobody has open any more ends for who reads it.
    to = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0), os.dup2(to, 1), os.dup2(to, 2)
    os.execv(command[0], command)
os.write(terminal, answer.encode() + b"\n")
shown = b""
try:
    while piece := os.read(terminal, 4096):
        shown += piece
except OSError:
    pass
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

/// What the terminal showed, with what was redirected as standard error.
pub fn on_a_terminal(stack: &Stack, arguments: &[&str], answer: &str) -> Ended {
    let output = std::env::temp_dir().join(format!("asking-{}-{answer}", stack.names.id));
    let mut python = Command::new("python3");
    python.args(["-c", ON_A_TERMINAL, answer]).arg(&output);
    let ended = replaced(stack, arguments, python).output().unwrap();
    let stderr = std::fs::read_to_string(&output).unwrap();
    std::fs::remove_file(output).unwrap();
    Ended { stderr, ..Ended::from(ended) }
}

/// The command line of a run behind another program, in the run's own environment.
fn replaced(stack: &Stack, arguments: &[&str], mut before: Command) -> Command {
    let run = stack.command(arguments);
    before.env_clear().arg(run.get_program()).args(run.get_args());
    before.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?)))).env_remove("CVAULT_YES");
    // Where its configuration is.
    before.current_dir(run.get_current_dir().unwrap()).stdin(Stdio::null());
    before
}

/// Runs a command on a terminal of 24 lines and 80 columns, nothing of it redirected, and answers its question.
const ON_A_SMALL_TERMINAL: &str = r#"
import fcntl, os, pty, struct, sys, termios
answer, command = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execv(command[0], command)
shown, answered = b"", False
try:
    while piece := os.read(terminal, 4096):
        shown += piece
        if not answered and b"go on" in shown:
            answered = os.write(terminal, answer.encode() + b"\n")
except OSError:
    pass
sys.stdout.buffer.write(shown)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

/// All that a command has drawn on a terminal of 24 lines and 80 columns.
pub fn on_a_small_terminal(stack: &Stack, arguments: &[&str], answer: &str) -> Ended {
    let mut python = Command::new("python3");
    python.args(["-c", ON_A_SMALL_TERMINAL, answer]);
    replaced(stack, arguments, python).env("TERM", "xterm-256color").output().unwrap().into()
}

/// As over ssh, from cron or in a pipeline: a session without a terminal.
pub fn without_a_terminal(stack: &Stack, arguments: &[&str], yes: Option<&str>) -> Ended {
    let mut setsid = Command::new("setsid");
    setsid.arg("--wait");
    let mut run = replaced(stack, arguments, setsid);
    run.envs(yes.map(|yes| ("CVAULT_YES", yes))).output().unwrap().into()
}
