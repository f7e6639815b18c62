//! The process that asks the readers.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::{env, fs};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use inspect::Inspection;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::say::say;

/// What a reader shows of a file, and why it shows no more.
#[derive(Deserialize)]
pub struct Answer {
    pub text: String,
    pub broken: Option<String>,
}

/// A file with something planted in it.
#[derive(Deserialize)]
pub struct Place {
    pub what: String,
    pub name: String,
    pub path: PathBuf,
}

/// A process that answers a line with a line, and a folder for what it is asked about.
pub struct Readers {
    process: Child,
    requests: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    pub folder: PathBuf,
}

impl Readers {
    /// Starts one; `None` where it cannot be had.
    pub fn start(test: &str) -> Option<Self> {
        static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        let python = match PYTHON.get_or_init(install) {
            Ok(python) => python,
            Err(why) => {
                assert!(env::var_os("CVAULT_READERS").is_none_or(|how| how != "required"), "{why}");
                say(&format!("{test}: skipped, the other readers cannot be had: {why}"));
                return None;
            }
        };
        let folder = beside().join(test);
        fs::create_dir_all(&folder).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/readers.py");
        let mut command = Command::new(python);
        command.arg("-B").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let requests = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap()).lines();
        Some(Self { process, requests, answers, folder })
    }

    fn ask<T: DeserializeOwned>(&mut self, request: &Value, key: &str) -> T {
        writeln!(self.requests, "{request}").unwrap();
        let line = self.answers.next().expect("an answer: the script has failed").unwrap();
        let mut answer: Value = serde_json::from_str(&line).unwrap();
        serde_json::from_value(answer[key].take()).unwrap()
    }

    /// Has a file made for each place.
    pub fn plant(&mut self) -> Vec<Place> {
        self.ask(&json!({ "do": "plant", "folder": self.folder }), "places")
    }

    /// Two Parquet files as Arrow writes them.
    pub fn footers(&mut self) -> Vec<Vec<u8>> {
        let files: Vec<String> = self.ask(&json!({ "do": "footers" }), "files");
        files.iter().map(|file| STANDARD.decode(file).unwrap()).collect()
    }

    /// What each reader says of a file, which is of the format that we take it for.
    pub fn read(&mut self, path: &Path, name: &str, answer: &Inspection) -> BTreeMap<String, Answer> {
        let format = answer.format.map(|format| format.to_string());
        self.ask(&json!({ "do": "read", "path": path, "name": name, "format": format }), "readers")
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        // It ends by itself when nobody can ask any more; this is for one that hangs.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A folder beside the build.
fn beside() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("readers")
}

/// Makes an environment with the packages, once for each list of them, and gives its Python.
fn install() -> Result<PathBuf, String> {
    let wanted = include_str!("requirements.txt");
    let (venv, list) = (beside().join("venv"), beside().join("requirements.txt"));
    let python = venv.join("bin/python");
    if fs::read_to_string(&list).is_ok_and(|installed| installed == wanted) && python.exists() {
        return Ok(python);
    }
    fs::create_dir_all(beside()).map_err(|error| error.to_string())?;
    drop(fs::remove_file(&list));
    let system = env::var_os("CVAULT_PYTHON").unwrap_or_else(|| "python3".into());
    run(Command::new(system).args(["-m", "venv", "--clear"]).arg(&venv))?;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/requirements.txt");
    let options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "-r"];
    run(Command::new(&python).args(options).arg(file))?;
    fs::write(list, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let done = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let last = String::from_utf8_lossy(&done.stderr).lines().last().unwrap_or_default().to_owned();
    if done.status.success() { Ok(()) } else { Err(format!("{command:?}: {last}")) }
}
