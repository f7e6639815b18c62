//! Where credentials come from beside the environment: a session of `aws sso login`, a token of a CI system, and roles on top.

use crate::support::{Ended, Stack};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;

/// The account that the portal's credentials are of: the emulator takes it from them.
const ACCOUNT: &str = "888888888888";
const CONFIG: &str = "[profile sso]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = 888888888888\nsso_role_name = Vault\n\
    [sso-session corp]\nsso_start_url = https://corp.example.com/start\nsso_region = eu-west-1\n\
    [profile chain]\nregion = eu-west-1\nsource_profile = sso\nrole_arn = arn:aws:iam::888888888888:role/deployer\n";
const TOKEN: &str = "{\"accessToken\": \"the-token\", \"expiresAt\": \"2099-01-01T00:00:00Z\", \"region\": \"eu-west-1\", \
    \"startUrl\": \"https://corp.example.com/start\"}";
/// The SHA-1 of the session's name, by which the AWS CLI keeps its token.
const CACHED: &str = "ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

/// The portal of IAM Identity Center, which hands a role's credentials to whoever brings the token. Gives its address.
fn portal() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let lines = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
            let asked: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
            let role = "GET /federation/credentials?role_name=Vault&account_id=888888888888";
            let knows = asked[0].starts_with(role)
                && asked.iter().any(|line| line.eq_ignore_ascii_case("x-amz-sso_bearer_token: the-token"));
            let (status, body) = if knows {
                let credentials = format!(
                    "{{\"accessKeyId\": \"{ACCOUNT}\", \"secretAccessKey\": \"test\", \"sessionToken\": \"t\", \"expiration\": 4070908800000}}"
                );
                ("200 OK", format!("{{\"roleCredentials\": {credentials}}}"))
            } else {
                ("403 Forbidden", "{\"message\": \"No access\"}".to_owned())
            };
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            connection.write_all((head + &body).as_bytes()).unwrap();
        }
    });
    format!("http://127.0.0.1:{port}")
}

/// A home directory with this session, which goes with the value.
struct Home(PathBuf);

impl Home {
    fn of(stack: &Stack) -> Self {
        let home = std::env::temp_dir().join(format!("sso-{}", stack.names.id));
        std::fs::create_dir_all(home.join(".aws/sso/cache")).unwrap();
        std::fs::write(home.join(".aws/config"), CONFIG).unwrap();
        std::fs::write(home.join(".aws/sso/cache").join(CACHED), TOKEN).unwrap();
        Self(home)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Whose account it is, and which roles were assumed on the way.
fn status(stack: &Stack, arguments: &[&str], variables: &[(&str, &str)]) -> (String, Vec<String>) {
    stack.proxy.forget();
    let mut run = stack.command(&[&["status", "--output", "json"], arguments].concat());
    run.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").envs(variables.iter().copied());
    let document = Ended::from(run.output().unwrap()).expect(3).document();
    let assumed = stack.proxy.calls(|call| call["op"].as_str().is_some_and(|op| op.starts_with("AssumeRole")));
    (document["account"].as_str().unwrap().to_owned(), assumed)
}

#[tokio::test]
async fn a_session_of_sso_is_used_and_so_is_a_role_on_top_of_it() {
    let mut stack = Stack::new();
    let (home, portal) = (Home::of(&stack), portal());
    stack.home = Some(home.0.clone());
    let portal = ("AWS_ENDPOINT_URL_SSO", portal.as_str());
    let (account, assumed) = status(&stack, &["--profile", "sso"], &[portal]);
    assert_eq!((account.as_str(), assumed.len()), (ACCOUNT, 0));
    let (account, assumed) = status(&stack, &["--profile", "chain"], &[portal]);
    assert_eq!((account.as_str(), assumed.len()), (ACCOUNT, 1), "{assumed:?}");
    // Of the environment, too.
    assert_eq!(status(&stack, &[], &[portal, ("AWS_PROFILE", "sso")]).0, ACCOUNT);

    // The session is over.
    let cached = home.0.join(".aws/sso/cache").join(CACHED);
    std::fs::write(&cached, TOKEN.replace("2099", "2020")).unwrap();
    let mut run = stack.command(&["status", "--profile", "sso"]);
    let over = Ended::from(run.env(portal.0, portal.1).output().unwrap()).expect(1);
    assert!(over.stderr.contains("aws sso login --profile sso"), "{}", over.stderr);
    std::fs::write(&cached, TOKEN.replace("the-token", "another")).unwrap();
    let mut run = stack.command(&["status", "--profile", "sso"]);
    let denied = Ended::from(run.env(portal.0, portal.1).output().unwrap()).expect(1);
    assert!(denied.stderr.contains("No access"), "{}", denied.stderr);
    stack.home = None;
}

/// A program of the user's own hands them out, as vaults of companies do.
#[tokio::test]
async fn what_a_program_prints_is_used() {
    let mut stack = Stack::new();
    let home = Home::of(&stack);
    let printed = format!("{{\"Version\": 1, \"AccessKeyId\": \"{ACCOUNT}\", \"SecretAccessKey\": \"test\"}}");
    std::fs::write(home.0.join("printed.json"), printed).unwrap();
    let printed = home.0.join("printed.json");
    let config = format!("[profile own]\nregion = eu-west-1\ncredential_process = cat {}\n", printed.display());
    std::fs::write(home.0.join(".aws/config"), config).unwrap();
    stack.home = Some(home.0.clone());
    assert_eq!(status(&stack, &["--profile", "own"], &[]).0, ACCOUNT);
    std::fs::remove_file(printed).unwrap();
    let failed = stack.run(&["status", "--profile", "own"]).expect(1).stderr;
    assert!(failed.contains("credential_process"), "{failed}");
    stack.home = None;
}

#[tokio::test]
async fn a_token_of_a_ci_system_is_used() {
    let stack = Stack::new();
    let home = Home::of(&stack);
    let token = home.0.join("token");
    std::fs::write(&token, "e30.e30.c2ln").unwrap();
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap()),
        ("AWS_ROLE_ARN", "arn:aws:iam::000000000000:role/vault-deployer"),
        ("AWS_ROLE_SESSION_NAME", "run-12"),
    ];
    let (_, assumed) = status(&stack, &[], &variables);
    let [call] = &assumed[..] else { panic!("{assumed:?}") };
    assert!(call.contains("AssumeRoleWithWebIdentity"), "{call}");
}

/// What is named and is not there is said before anybody is asked: the SDK would go on to somebody else's credentials.
#[tokio::test]
async fn what_is_not_there_is_named() {
    let mut stack = Stack::new();
    let home = Home::of(&stack);
    stack.home = Some(home.0.clone());
    stack.proxy.forget();
    let status = |code: i32, variables: &[(&str, &str)]| {
        let mut run = stack.command(&["status"]);
        run.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").envs(variables.iter().copied());
        Ended::from(run.output().unwrap()).expect(code).stderr
    };
    let told = status(64, &[("AWS_PROFILE", "nope"), ("AWS_REGION", "")]);
    assert!(
        told.contains("use profile nope, which AWS_PROFILE names") && told.contains("there are: chain, sso"),
        "{told}"
    );
    let told = status(64, &[("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "")]);
    assert!(told.contains("AWS_SECRET_ACCESS_KEY is not set, or is empty"), "{told}");
    let told = status(64, &[("AWS_SECRET_ACCESS_KEY", "A")]);
    assert!(told.contains("AWS_ACCESS_KEY_ID is not set, or is empty"), "{told}");
    let token = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token"), ("AWS_ROLE_ARN", "arn:aws:iam::1:role/x")];
    let told = status(1, &token);
    assert!(told.contains("AWS_WEB_IDENTITY_TOKEN_FILE names /nonexistent/token"), "{told}");
    let told = status(1, &token[..1]);
    assert!(told.contains("set AWS_ROLE_ARN beside"), "{told}");
    let told = status(1, &[]);
    assert!(told.contains("why: no credentials were found: no AWS_ACCESS_KEY_ID"), "{told}");
    assert_eq!(stack.proxy.log().len(), 0, "nothing is asked of AWS");
    stack.home = None;
}
