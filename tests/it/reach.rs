//! The way to AWS: proxies, private authorities, codes of MFA devices, regions that there are not, and nobody who
//! answers. All of it on loopback.

use crate::support::{Ended, Stack, on_a_terminal, without_a_terminal};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Before the endpoint: TLS for `aws.test`, and a proxy that connects whoever asks to that.
const NETWORK: &str = r#"
import asyncio, json, ssl, sys
upstream, directory = int(sys.argv[1]), sys.argv[2]

async def pipe(reader, writer):
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()

async def joined(reader, writer, port):
    there, back = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(pipe(reader, back), pipe(there, writer))

async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory + "/leaf.pem", directory + "/leaf.key")
    async def tls(reader, writer):
        await joined(reader, writer, upstream)
    front = await asyncio.start_server(tls, "127.0.0.1", 0, ssl=context)
    port = front.sockets[0].getsockname()[1]
    async def proxy(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        print(head.split(b" HTTP")[0].decode(), flush=True)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await joined(reader, writer, port)
    through = await asyncio.start_server(proxy, "127.0.0.1", 0)
    print(through.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"#;

/// A network in which AWS is called `aws.test`, and is reached through the proxy alone.
struct Network {
    child: Child,
    port: u16,
    directory: PathBuf,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Network {
    fn before(stack: &Stack) -> Self {
        let directory = std::env::temp_dir().join(format!("network-{}", stack.names.id));
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("names"), "subjectAltName=DNS:aws.test\n").unwrap();
        let new = ["-newkey", "rsa:2048", "-nodes", "-days", "2"];
        openssl(&directory, "req -x509 -keyout ca.key -out ca.pem -subj /CN=private", &new);
        openssl(&directory, "req -keyout leaf.key -out leaf.csr -subj /CN=aws.test", &new[..3]);
        openssl(
            &directory,
            "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out leaf.pem",
            &[],
        );
        let upstream = stack.proxy.endpoint().rsplit_once(':').unwrap().1.to_owned();
        let python = std::env::var("CVAULT_PYTHON").unwrap_or_else(|_| "python3".into());
        let mut command = Command::new(python);
        command.args(["-c", NETWORK, &upstream]).arg(&directory).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap().parse().unwrap();
        let asked = Arc::new(Mutex::new(vec![]));
        let log = asked.clone();
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| log.lock().unwrap().push(line)));
        Self { child, port, directory, asked }
    }

    fn authority(&self) -> PathBuf {
        self.directory.join("ca.pem")
    }

    /// `status` in this network, with more variables.
    fn status(&self, stack: &Stack, variables: &[(&str, &Path)]) -> Ended {
        let mut run = stack.command(&["status"]);
        run.env("AWS_ENDPOINT_URL", "https://aws.test").env("HTTPS_PROXY", format!("http://127.0.0.1:{}", self.port));
        run.env("AWS_MAX_ATTEMPTS", "1").envs(variables.iter().copied());
        run.output().unwrap().into()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn openssl(directory: &Path, line: &str, more: &[&str]) {
    let made = Command::new("openssl").args(line.split(' ')).args(more).current_dir(directory).output().unwrap();
    assert!(made.status.success(), "{made:?}");
}

#[tokio::test]
async fn a_proxy_and_a_private_authority() {
    let stack = Stack::new();
    let network = Network::before(&stack);
    let authority = network.authority();
    for variable in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
        network.status(&stack, &[(variable, &authority)]).expect(3);
    }
    let asked = network.asked.lock().unwrap().clone();
    assert!(!asked.is_empty() && asked.iter().all(|line| line == "CONNECT aws.test:443"), "{asked:?}");
    let home = network.directory.join("home");
    std::fs::create_dir_all(home.join(".aws")).unwrap();
    std::fs::write(home.join(".aws/config"), format!("[default]\nca_bundle = {}\n", authority.display())).unwrap();
    network.status(&stack, &[("HOME", &home)]).expect(3);

    let unknown = network.status(&stack, &[]).expect(1);
    for word in ["aws.test cannot be reached", "UnknownIssuer", "fix: the authority", "AWS_CA_BUNDLE"] {
        assert!(unknown.stderr.contains(word), "{word}: {unknown:?}");
    }
    let before = network.asked.lock().unwrap().len();
    let direct = network.status(&stack, &[("NO_PROXY", Path::new("aws.test"))]).expect(1);
    assert!(direct.stderr.contains("aws.test cannot be reached") && direct.stderr.contains("dns error"), "{direct:?}");
    assert_eq!(network.asked.lock().unwrap().len(), before, "past the proxy");
    let no_file = network.status(&stack, &[("AWS_CA_BUNDLE", &home)]).expect(64);
    assert!(no_file.stderr.contains("trust the authorities in"), "{no_file:?}");
}

/// Somebody listens and says nothing: the run ends, as often as somebody wants it tried.
#[tokio::test]
async fn nobody_answers() {
    let stack = Stack::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    std::thread::spawn(move || {
        let mut open = vec![];
        for connection in listener.incoming() {
            counted.fetch_add(1, Ordering::Relaxed);
            open.push(connection);
        }
    });
    let mut run = stack.command(&["status", "--macie", "off"]);
    run.env("AWS_ENDPOINT_URL_STS", &endpoint).env("AWS_MAX_ATTEMPTS", "1");
    let ended = Ended::from(run.output().unwrap()).expect(1);
    assert!(ended.stderr.contains("did not answer in time"), "{ended:?}");
    assert_eq!(calls.load(Ordering::Relaxed), 1, "AWS_MAX_ATTEMPTS counts");
    let mut run = stack.command(&["status"]);
    let wrong = Ended::from(run.env("AWS_MAX_ATTEMPTS", "many").output().unwrap()).expect(64);
    assert!(wrong.stderr.contains("AWS_MAX_ATTEMPTS"), "{wrong:?}");
}

/// A log that stays silent looks like a hang.
#[tokio::test]
async fn a_look_that_takes_long_says_at_what() {
    let stack = Stack::new();
    let slow = json!({"faults": [{"service": "iam", "op": "GetRole", "match": 1, "delay_ms": 9000}]});
    for arguments in [&["status"][..], &["up", "--dry-run", "--email", "ops@example.com"]] {
        stack.proxy.configure(&slow);
        let ended = stack.run(arguments);
        assert!(ended.stderr.contains("waiting  role/") && ended.stderr.contains("still checking ("), "{ended:?}");
    }
    stack.proxy.configure(&json!({"faults": []}));
    stack.up();
    for (operation, service, arguments) in [
        ("GetBucketPolicy", "s3", &["release", "k", "--reason", "r", "--yes"][..]),
        ("ListObjectVersions", "s3", &["held"]),
        ("ListObjectVersions", "s3", &["report"]),
        ("ListObjectVersions", "s3", &["show", "k"]),
    ] {
        let slow = json!({"faults": [{"service": service, "op": operation, "match": 1, "delay_ms": 6000}]});
        stack.proxy.forget();
        stack.proxy.configure(&slow);
        let ended = stack.run(arguments);
        assert!(ended.stderr.contains("still checking ("), "{arguments:?}: {ended:?}");
    }
}

#[tokio::test]
async fn a_region_that_there_is_not_is_told_before_anybody_is_asked() {
    let stack = Stack::new();
    let region = |variables: &[(&str, &str)]| {
        let mut run = stack.command(&["status"]);
        run.env_remove("AWS_ENDPOINT_URL").envs(variables.iter().copied());
        Ended::from(run.output().unwrap()).expect(64).stderr
    };
    for name in ["eu-west1", "EU-WEST-1", "eu-west-1a"] {
        let told = region(&[("AWS_REGION", name)]);
        assert!(told.contains("AWS has no region of this name") && told.contains("did you mean eu-west-1?"), "{told}");
    }
    let none = region(&[("AWS_REGION", "")]);
    assert!(none.contains("no region is configured"), "{none}");
    let mut run = stack.command(&["status"]);
    run.env("AWS_REGION", "").env("AWS_DEFAULT_REGION", crate::support::REGION);
    run.env("AWS_ENDPOINT_URL_STS", "").env("AWS_ENDPOINT_URL_S3", " ");
    Ended::from(run.output().unwrap()).expect(3);
    let mut run = stack.command(&["status"]);
    run.env("AWS_ENDPOINT_URL", "").env("HTTPS_PROXY", "http://127.0.0.1:9").env("AWS_MAX_ATTEMPTS", "1");
    let ended = Ended::from(run.output().unwrap()).expect(1);
    assert!(ended.stderr.contains("sts.eu-west-1.amazonaws.com cannot be reached"), "{ended:?}");
}

#[tokio::test]
async fn an_endpoint_and_a_proxy_that_are_none() {
    let stack = Stack::new();
    let status = |code: i32, name: &str, value: &str| {
        let mut run = stack.command(&["status"]);
        run.env("AWS_MAX_ATTEMPTS", "1").env(name, value);
        Ended::from(run.output().unwrap()).expect(code).stderr
    };
    let told = status(1, "AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    assert!(told.contains("why: 127.0.0.1:9 cannot be reached: connection refused\n"), "{told}");
    let told = status(64, "HTTPS_PROXY", "nonsense://");
    assert!(
        told.contains("use HTTPS_PROXY=nonsense://") && told.contains("it is not the address of a proxy"),
        "{told}"
    );
    let told = status(64, "ALL_PROXY", "socks5://127.0.0.1:1080");
    assert!(told.contains("cvault speaks to HTTP proxies only"), "{told}");
}

#[tokio::test]
async fn the_code_of_an_mfa_device_is_asked_for() {
    let mut stack = Stack::new();
    let home = std::env::temp_dir().join(format!("mfa-{}", stack.names.id));
    std::fs::create_dir_all(home.join(".aws")).unwrap();
    let config = "[profile base]\naws_access_key_id = test\naws_secret_access_key = test\n\
        [profile prod]\nregion = eu-west-1\nsource_profile = base\nrole_arn = arn:aws:iam::000000000000:role/admin\n\
        mfa_serial = arn:aws:iam::000000000000:mfa/me\n\
        [profile above]\nregion = eu-west-1\nsource_profile = prod\nrole_arn = arn:aws:iam::000000000000:role/above\n";
    std::fs::write(home.join(".aws/config"), config).unwrap();
    stack.home = Some(home.clone());
    let assumed = |stack: &Stack| stack.proxy.calls(|call: &Value| call["op"] == "AssumeRole").len();
    stack.proxy.forget();
    let told = without_a_terminal(&stack, &["status", "--profile", "prod"], None).expect(64);
    assert!(told.stderr.contains("mfa_serial") && told.stderr.contains("no terminal"), "{told:?}");
    assert_eq!(assumed(&stack), 0);
    let status = on_a_terminal(&stack, &["status", "--profile", "prod"], "123456").expect(3);
    assert!(status.stdout.contains("MFA code for arn:aws:iam::000000000000:mfa/me"), "{status:?}");
    assert_eq!(assumed(&stack), 1);
    // A profile that builds on it asks, too, and assumes both roles.
    stack.proxy.forget();
    let above = on_a_terminal(&stack, &["status", "--profile", "above"], "123456").expect(3);
    assert!(above.stdout.contains("MFA code for arn:aws:iam::000000000000:mfa/me"), "{above:?}");
    assert_eq!(assumed(&stack), 2);
    std::fs::remove_dir_all(home).unwrap();
}

/// The AWS CLI has the session, and hands it over.
#[tokio::test]
async fn a_session_of_aws_login_is_the_clis() {
    let mut stack = Stack::new();
    let home = std::env::temp_dir().join(format!("login-{}", stack.names.id));
    std::fs::create_dir_all(home.join(".aws")).unwrap();
    let config = "[profile my-login]\nregion = eu-west-1\nlogin_session = arn:aws:iam::777777777777:user/me\n";
    std::fs::write(home.join(".aws/config"), config).unwrap();
    let aws = "#!/bin/sh\necho \"$@\" > \"$HOME/asked\"\n\
        echo '{\"Version\": 1, \"AccessKeyId\": \"777777777777\", \"SecretAccessKey\": \"test\"}'\n";
    std::fs::write(home.join("aws"), aws).unwrap();
    std::fs::set_permissions(home.join("aws"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    stack.home = Some(home.clone());
    let status = |arguments: &[&str]| {
        let mut run = stack.command(arguments);
        run.env("PATH", format!("{}:/usr/bin:/bin", home.display()));
        Ended::from(run.output().unwrap())
    };
    let document = status(&["status", "--profile", "my-login", "--output", "json"]).expect(3).document();
    assert_eq!(document["account"], "777777777777");
    let asked = std::fs::read_to_string(home.join("asked")).unwrap();
    assert_eq!(asked.trim(), "configure export-credentials --profile my-login --format process");
    std::fs::write(home.join("aws"), "#!/bin/sh\necho 'session has expired' >&2; exit 255\n").unwrap();
    let over = status(&["status", "--profile", "my-login"]).expect(1);
    assert!(over.stderr.contains("session has expired") && over.stderr.contains("aws login"), "{over:?}");
    // Without the AWS CLI, as in a container; only a shell is in PATH.
    std::fs::create_dir_all(home.join("bin")).unwrap();
    std::os::unix::fs::symlink("/bin/sh", home.join("bin/sh")).unwrap();
    let mut run = stack.command(&["status", "--profile", "my-login"]);
    let absent = Ended::from(run.env("PATH", home.join("bin")).output().unwrap()).expect(1);
    assert!(absent.stderr.contains("the AWS CLI is not installed or not in PATH"), "{absent:?}");
    stack.home = None;
    std::fs::remove_dir_all(home).unwrap();
}
