//! What the helpers of the tests have in common: Python programs of this repository, each with
//! addresses of its own on the loopback interface.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::OnceLock;

/// A Python program below `tests`, ready for its arguments. It leaves no compiled files behind.
pub fn python(program: &str) -> Command {
    let mut command = Command::new(interpreter());
    command.arg("-B").arg(format!("{}/tests/{program}", env!("CARGO_MANIFEST_DIR")));
    command
}

/// The interpreter itself: what is on the path may be a script that looks for one each time, for longer than it runs.
fn interpreter() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| {
        let python = std::env::var("CVAULT_PYTHON").unwrap_or_else(|_| "python3".into());
        let say = Command::new(&python).args(["-c", "import sys; print(sys.executable)"]).output();
        let path = say.ok().and_then(|said| String::from_utf8(said.stdout).ok());
        path.map(|path| path.trim().to_owned()).filter(|path| !path.is_empty()).unwrap_or(python)
    })
}

/// Asks one of a helper's own addresses. What it refuses is a mistake of the test.
#[track_caller]
pub fn ask(port: u16, method: &str, path: &str, body: &str) -> Value {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    write!(
        connection,
        "{method} {path} HTTP/1.1\r\nHost: helper\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    serde_json::from_str(body).unwrap()
}
