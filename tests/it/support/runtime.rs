//! Lambda's runtime API for one call of the function, which runs as it does there: its own program, its own variables.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// A process that ends with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The function as it is deployed, unpacked in this folder.
pub fn function(folder: &Path) -> PathBuf {
    let package = folder.join("classifier.zip");
    std::fs::write(&package, cvault::vault::package::CLASSIFIER.zip).unwrap();
    let python = Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&package).arg(folder).status();
    assert!(python.unwrap().success());
    let bootstrap = folder.join("bootstrap");
    let mut rights = std::fs::metadata(&bootstrap).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o755);
    std::fs::set_permissions(&bootstrap, rights).unwrap();
    bootstrap
}

/// Calls the function once, and returns its answer.
pub fn call(mut function: Command, event: &Value) -> Value {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let api = listener.local_addr().unwrap().to_string();
    let (answered, answers) = channel();
    let event = event.to_string();
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let (event, answered) = (event.clone(), answered.clone());
            std::thread::spawn(move || serve(connection, &event, &answered));
        }
    });
    function.env("AWS_LAMBDA_RUNTIME_API", api).env("AWS_LAMBDA_FUNCTION_NAME", "f");
    function.env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST").env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024");
    let _running = Running(function.spawn().unwrap());
    let (path, answer) = answers.recv_timeout(Duration::from_mins(2)).expect("the function answers");
    assert!(path.ends_with("/response"), "{path}: {answer}");
    answer
}

/// One connection: the event to the first who asks, and what the function says of it. Whoever asks again waits for ever.
fn serve(connection: TcpStream, event: &str, answered: &Sender<(String, Value)>) -> Option<()> {
    let mut reader = BufReader::new(connection.try_clone().ok()?);
    let mut writer = connection;
    let mut has_asked = false;
    loop {
        let mut lines = vec![];
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line.trim().is_empty() {
                break;
            }
            lines.push(line);
        }
        let mut words = lines.first()?.split(' ');
        let (method, path) = (words.next()?, words.next()?.to_owned());
        if method == "GET" {
            if std::mem::replace(&mut has_asked, true) {
                continue;
            }
            let head = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: 9999999999999\r\n\
                        Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:000000000000:function:f\r\n\
                        Content-Type: application/json\r\n";
            write!(writer, "{head}Content-Length: {}\r\n\r\n{event}", event.len()).ok()?;
            continue;
        }
        let length = lines.iter().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let mut body = vec![0; length?];
        reader.read_exact(&mut body).ok()?;
        write!(writer, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").ok()?;
        answered.send((path, serde_json::from_slice(&body).ok()?)).ok()?;
    }
}
