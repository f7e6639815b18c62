//! Surroundings that are not as they should be: a clear error, the right exit code, and nothing half-said.

use crate::support::{Ended, Stack};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};

const UP: &[&str] = &["up", "--email", "ops@example.com"];

fn output(command: &mut Command) -> Ended {
    command.output().unwrap().into()
}

/// What, why and fix, each with these words.
#[track_caller]
fn says(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!(ended.code, code, "{ended:?}");
    for word in ["error: ", "why: ", "fix: "].iter().chain(words) {
        assert!(ended.stderr.contains(word), "{word:?} is not in {}", ended.stderr);
    }
    assert_eq!(ended.stdout, "", "nothing half-said");
}

#[tokio::test]
async fn credentials_that_are_missing_expired_or_unknown() {
    let stack = Stack::new();
    let missing =
        output(stack.command(&["status"]).env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY"));
    says(&missing, 1, &["AWS_PROFILE"]);
    for (code, message, words) in [
        ("ExpiredToken", "The security token included in the request is expired", "aws sso login"),
        ("InvalidClientTokenId", "The security token included in the request is invalid.", "access key is unknown"),
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20261124T1000Z is now earlier than 20261124T1100Z",
            "clock is wrong",
        ),
    ] {
        stack
            .proxy
            .configure(&json!({"faults": [{"service": "sts", "code": code, "message": message, "status": 403}]}));
        says(&stack.run(&["status"]), 1, &[code, words]);
    }
    stack.proxy.configure(&json!({"faults": []}));
}

#[tokio::test]
async fn no_region_and_no_such_profile() {
    let stack = Stack::new();
    says(&output(stack.command(&["status"]).env_remove("AWS_REGION")), 64, &["--region"]);
    let profile = output(
        stack
            .command(&["status", "--profile", "nobody"])
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY"),
    );
    says(&profile, 64, &["~/.aws/config has no profile at all", "aws configure sso --profile nobody"]);
    let unnamed = output(&mut stack.command(&["status", "--profile", ""]));
    says(&unnamed, 64, &["use the profile \"\"", "leave --profile out"]);
}

#[tokio::test]
async fn a_name_that_does_not_resolve() {
    let stack = Stack::new();
    let ended = output(stack.command(&["status"]).env("AWS_ENDPOINT_URL", "http://aws.invalid:4566"));
    says(&ended, 1, &["dns error"]);
}

/// A captive portal, say: whatever is asked, a page comes back.
#[tokio::test]
async fn a_proxy_that_answers_with_a_page() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 8192]);
            let page = "<html><body>Please sign in</body></html>";
            let length = page.len();
            let _ = write!(
                connection,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{page}"
            );
        }
    });
    let stack = Stack::new();
    for command in [&["status"] as &[&str], UP, &["down"]] {
        says(&output(stack.command(command).env("AWS_ENDPOINT_URL", &endpoint)), 1, &["ask who we are on AWS"]);
    }
}

/// `cvault status | head -1`: the reader leaves early, and that is no failure.
#[tokio::test]
async fn a_reader_that_leaves() {
    let stack = Stack::new();
    for (arguments, code) in [(&["status", "--output", "json"] as &[&str], 3), (&["policy"], 0)] {
        let mut run = stack.command(arguments).spawn().unwrap();
        drop(run.stdout.take());
        let ended = run.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(code), "{}", String::from_utf8_lossy(&ended.stderr));
        assert!(!String::from_utf8_lossy(&ended.stderr).contains("panicked"));
    }
}

/// An answer that cannot be written has not been given, and whoever asked is told so.
#[tokio::test]
async fn a_full_disk() {
    let stack = Stack::new();
    // `status` would end with 3, and `doctor` has rows.
    for arguments in
        [&["policy"] as &[&str], &["status"], &["status", "--output", "json"], &["doctor", "--output", "json"]]
    {
        let Ok(full) = File::options().write(true).open("/dev/full") else { return };
        let run = stack.command(arguments).stdout(Stdio::from(full)).spawn().unwrap().wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(1), "{arguments:?}: {told}");
        let why = "error: write the answer\n  why: No space left on device";
        assert!(told.contains(why), "{arguments:?}: {told}");
    }
}

/// Ten seconds for one answer are not nice, and no failure.
#[tokio::test]
async fn an_answer_that_takes_ten_seconds() {
    let stack = Stack::new();
    stack.proxy.configure(&json!({"faults": [{"op": "CreateTopic", "nth": [1], "delay_ms": 10_000}]}));
    stack.run(UP).expect(0);
    stack.run(&["status"]).expect(0);
}

/// The service says no for good: at once, with what to do, and everything else is finished.
#[tokio::test]
async fn a_denial_ends_at_once() {
    let message = "User: arn:aws:iam::000000000000:user/ci is not authorized to perform: iam:PassRole on resource: \
                   arn:aws:iam::000000000000:role/x because no identity-based policy allows the iam:PassRole action";
    let fault = json!({"op": "CreateFunction", "code": "AccessDeniedException", "message": message, "status": 403});
    ends_at_once(&fault, 1, &["iam:PassRole", "cvault policy"]);
}

/// A quota is reached, which the SDK takes for throttling: no wait helps.
#[tokio::test]
async fn a_quota_ends_at_once() {
    let message = "The number of rules is reached";
    let fault = json!({"op": "PutRule", "code": "LimitExceededException", "message": message, "status": 400});
    // Once for each of the four rules.
    ends_at_once(&fault, 4, &["Service Quotas"]);
}

/// The call is made so often and not tried again, and the next run goes on.
#[track_caller]
fn ends_at_once(fault: &Value, asked: usize, words: &[&str]) {
    let stack = Stack::new();
    stack.proxy.configure(&json!({"faults": [fault]}));
    let ended = stack.run(UP).expect(1);
    assert!(words.iter().all(|word| ended.stderr.contains(word)), "{}", ended.stderr);
    assert_eq!(stack.proxy.calls(|call| call["op"] == fault["op"]).len(), asked, "it is not tried again");
    stack.proxy.configure(&json!({"faults": []}));
    stack.run(UP).expect(0);
}

/// The commands that reach AWS write nothing at home (all tests run without one); `demo` has to.
#[tokio::test]
async fn a_home_that_cannot_be_written_to() {
    let stack = Stack::new();
    let demo = output(stack.command(&["demo"]).env("HOME", "/proc"));
    says(&demo, 1, &["/proc/.cache/cvault", "CVAULT_CACHE_DIR"]);
}

/// The time is over while AWS is being waited for: what exists is said, and the next run goes on.
#[tokio::test]
async fn the_time_is_over() {
    let stack = Stack::new();
    stack.proxy.configure(&json!({"latency_ms": 300}));
    for (arguments, code) in [(&["status"] as &[&str], 1), (UP, 1)] {
        let ended = stack.run(&[arguments, &["--timeout", "1s"]].concat()).expect(code);
        assert!(ended.stderr.contains("the time is over (--timeout)"), "{}", ended.stderr);
    }
    stack.proxy.configure(&json!({"latency_ms": 0}));
    stack.run(UP).expect(0);
    // It has begun, and never gets further.
    stack.proxy.configure(&json!({"faults": [{"op": "DeleteRule", "throttle": true}]}));
    let ended = stack.run(&["down", "--timeout", "10s"]).expect(1);
    assert!(ended.stdout.contains(&format!("run `cvault down --stack {}`", stack.names.stack)), "{}", ended.stdout);
    stack.proxy.configure(&json!({"faults": []}));
    stack.run(&["down"]).expect(0);
}
