//! Life and death of the emulator, with the real one. The first run installs it.

use std::path::Path;
use std::process::{Command as Program, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use super::*;
use std::io::Write;
use tokio::process::Command;

/// A directory that goes with its owner.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("cvault-test-{}-{count}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(super) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(10), "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A line of `ps`.
#[derive(Clone, Debug)]
struct Process {
    pid: u32,
    parent: u32,
    group: u32,
}

/// All processes but those that only wait to be reaped.
fn processes() -> Vec<Process> {
    let output = Program::new("ps").args(["-A", "-o", "pid=,ppid=,pgid=,stat="]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    lines
        .filter(|fields| !fields[3].starts_with('Z'))
        .map(|fields| Process {
            pid: fields[0].parse().unwrap(),
            parent: fields[1].parse().unwrap(),
            group: fields[2].parse().unwrap(),
        })
        .collect()
}

/// What must be gone after an emulator.
#[derive(Debug)]
struct Traces {
    supervisor: u32,
    server: u32,
    directory: PathBuf,
}

impl Traces {
    fn new(supervisor: u32, directory: &Path) -> Self {
        let server = processes().into_iter().find(|process| process.parent == supervisor).unwrap();
        assert_eq!(server.group, server.pid, "the server leads its own group");
        assert!(directory.join("log").is_file());
        Self { supervisor, server: server.pid, directory: directory.to_owned() }
    }

    fn of(emulator: &Emulator) -> Self {
        Self::new(emulator.supervisor.id().unwrap(), emulator.directory())
    }

    fn gone(&self) -> bool {
        let left =
            processes().into_iter().any(|process| process.pid == self.supervisor || process.group == self.server);
        !left && !self.directory.exists()
    }
}

async fn start() -> Emulator {
    Emulator::start("eu-west-1", |_| ()).await.unwrap()
}

async fn well(endpoint: &str) -> bool {
    let port = endpoint.rsplit_once(':').unwrap().1.parse().unwrap();
    health(port).await.is_ok_and(|status| status.starts_with("HTTP/1.1 200"))
}

fn shell(command: &str) {
    assert!(Program::new("sh").args(["-c", command]).status().unwrap().success());
}

#[tokio::test]
async fn starts_answers_and_stops_without_a_trace() {
    use std::os::unix::fs::PermissionsExt;
    let emulator = start().await;
    assert!(well(emulator.endpoint()).await);
    let [endpoint, .., region] = emulator.environment();
    assert_eq!(endpoint, ("AWS_ENDPOINT_URL", emulator.endpoint().to_owned()));
    assert_eq!(region, ("AWS_DEFAULT_REGION", "eu-west-1".to_owned()));
    let mode = emulator.directory().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let traces = Traces::of(&emulator);
    emulator.stop().await.unwrap();
    assert!(traces.gone(), "{traces:?}");
}

#[tokio::test]
async fn dropping_it_is_enough() {
    let emulator = start().await;
    let traces = Traces::of(&emulator);
    drop(emulator);
    eventually("nothing is left", || traces.gone()).await;
}

#[tokio::test]
async fn ctrl_c_on_the_terminal_does_not_reach_it() {
    let emulator = start().await;
    let traces = Traces::of(&emulator);
    let group = |pid| processes().into_iter().find(|process| process.pid == pid).unwrap().group;
    assert_ne!(group(traces.supervisor), group(std::process::id()));
    assert_ne!(group(traces.server), group(std::process::id()));
    emulator.stop().await.unwrap();
}

#[tokio::test]
async fn several_run_side_by_side() {
    let (one, two) = tokio::join!(start(), start());
    assert_ne!(one.endpoint(), two.endpoint());
    assert_ne!(one.directory(), two.directory());
    one.stop().await.unwrap();
    assert!(well(two.endpoint()).await);
    two.stop().await.unwrap();
}

#[tokio::test]
async fn nothing_is_left_when_the_owner_is_killed() {
    // The helper below, in a process of its own. Test names leave the crate out.
    let helper = concat!(module_path!(), "::an_owner_to_be_killed").split_once("::").unwrap().1;
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", helper, "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    let traces = loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some((_, told)) = line.split_once("started ") {
            let (pid, directory) = told.split_once(' ').unwrap();
            break Traces::new(pid.parse().unwrap(), directory.as_ref());
        }
    };
    owner.kill().await.unwrap();
    eventually("nothing is left", || traces.gone()).await;
}

#[tokio::test]
#[ignore = "runs until it is killed by nothing_is_left_when_the_owner_is_killed"]
async fn an_owner_to_be_killed() {
    let emulator = start().await;
    let (supervisor, directory) = (emulator.supervisor.id().unwrap(), emulator.directory().display());
    // Not println, which the test runner would keep: the other process reads it.
    writeln!(io::stdout(), "started {supervisor} {directory}").unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_kept_one_lives_on_until_it_is_ended() {
    let emulator = start().await;
    let endpoint = emulator.endpoint().to_owned();
    let kept = emulator.keep().await.unwrap();
    let traces = Traces::new(kept.supervisor, &kept.directory);
    shell(&format!("kill -HUP {}", kept.supervisor));
    sleep(Duration::from_millis(300)).await;
    assert!(well(&endpoint).await);
    shell(&kept.stop);
    eventually("nothing is left", || traces.gone()).await;
}

#[tokio::test]
async fn its_death_is_noticed() {
    let mut emulator = start().await;
    let traces = Traces::of(&emulator);
    shell(&format!("kill -KILL {}", traces.server));
    let text = emulator.died().await.to_string();
    assert!(text.starts_with("run the emulator\n  why: it ended by itself; its log ends\n"), "{text}");
    assert!(text.contains("Running on http://127.0.0.1:"), "{text}");
    assert!(traces.gone(), "{traces:?}");
    emulator.stop().await.unwrap_err();
}

#[tokio::test]
async fn stopping_a_dead_one_tells() {
    let emulator = start().await;
    let traces = Traces::of(&emulator);
    shell(&format!("kill -KILL {}", traces.server));
    eventually("nothing is left", || traces.gone()).await;
    let text = emulator.stop().await.unwrap_err().to_string();
    assert!(text.contains("its log ends"), "{text}");
}

#[tokio::test]
async fn a_server_that_does_not_come_up_shows_its_log() {
    let error = Emulator::start_with("eu-west-1", &["MINISTACK_DOCKER_TIMEOUT=never"], |_| ()).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("start the emulator\n  why: it ended at once; its log ends\n"), "{text}");
    assert!(text.contains("ValueError"), "{text}");
    assert!(error.downcast_ref::<Failure>().unwrap().fix.contains("/ministack-"), "{text}");
}

/// Deploys a native function, which ignores SIGTERM and starts a process of its own, and calls it. Prints the
/// process ids of both.
const DEPLOY_AND_INVOKE: &str = r##"
import io, json, os, sys, zipfile
import botocore.session

BOOTSTRAP = f"#!{sys.executable} -I" + '''
import json, os, signal, subprocess, urllib.request
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "600"])
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as event:
        request = event.headers["Lambda-Runtime-Aws-Request-Id"]
    answer = {"pids": [os.getpid(), child.pid], "environment": dict(os.environ)}
    urllib.request.urlopen(api + request + "/response", json.dumps(answer).encode())
'''

archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as zip:
    zip.writestr("bootstrap", BOOTSTRAP)
client = botocore.session.get_session().create_client("lambda")
client.create_function(
    FunctionName="native", Runtime="provided.al2023", Handler="bootstrap",
    Role="arn:aws:iam::000000000000:role/any", Code={"ZipFile": archive.getvalue()}, Timeout=20,
)
client.get_waiter("function_active_v2").wait(FunctionName="native")
answer = client.invoke(FunctionName="native", Payload=b"{}")
payload = json.loads(answer["Payload"].read())
assert "FunctionError" not in answer, payload
environment = payload["environment"]
assert environment["AWS_ENDPOINT_URL"] == os.environ["AWS_ENDPOINT_URL"], environment
assert environment["AWS_REGION"] == os.environ["AWS_REGION"], environment
assert environment["HOME"].startswith(sys.argv[1]), environment
assert environment["TMPDIR"].startswith(sys.argv[1]), environment
assert not [name for name in environment if name.startswith(("CARGO", "CVAULT"))], environment
print(*payload["pids"])
"##;

#[tokio::test]
async fn no_function_outlives_it() {
    let emulator = start().await;
    let traces = Traces::of(&emulator);
    let setup = Setup::from_process().unwrap();
    let output = Command::new(python::environment(&setup, &|_: &str| ()).await.unwrap())
        .args(["-I", "-c", DEPLOY_AND_INVOKE])
        .arg(emulator.directory())
        .envs(emulator.environment())
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let pids: Vec<u32> = said.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
    let alive = || processes().into_iter().filter(|process| pids.contains(&process.pid));
    assert_eq!(alive().count(), 2, "a warm function and its child");
    assert!(alive().all(|process| process.group == traces.server), "in the server's group");
    emulator.stop().await.unwrap();
    assert_eq!(alive().count(), 0);
    assert!(traces.gone(), "{traces:?}");
}
