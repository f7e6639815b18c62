//! Under AWS's own host names, over TLS: the only runs without an endpoint of a test. The names lead to this machine
//! (`tests/tls/names.c`), where the proxy has a certificate of the test's own authority.

use crate::support::{Ended, Stack, runtime};
use cvault::vault::names::Zone;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with the library, the authority and the certificate.
struct Names {
    folder: PathBuf,
}

impl Names {
    /// Made for these hosts; `*` stands for one label.
    fn new(stack: &str, hosts: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("cvault-tls-{stack}"));
        std::fs::create_dir(&folder).unwrap();
        let names = Self { folder };
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/names.c");
        names.run("cc", &["-shared", "-fPIC", "-o", "names.so", source, "-ldl"]);
        let hosts: Vec<_> = hosts.iter().map(|host| format!("DNS:{host}")).collect();
        let own = format!("subjectAltName={}", hosts.join(","));
        let new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
        let files = ["-keyout", "authority.key", "-out", "authority.pem", "-subj", "/CN=a test's authority"];
        names.run("openssl", &[&new[..], &files].concat());
        let by = ["-CA", "authority.pem", "-CAkey", "authority.key", "-addext", "basicConstraints=critical,CA:FALSE"];
        let files = ["-keyout", "own.key", "-out", "own.pem", "-subj", "/CN=AWS, for a test", "-addext", &own];
        names.run("openssl", &[&new[..], &by, &files].concat());
        names
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let made = Command::new(program).args(arguments).current_dir(&self.folder).output();
        let made = made.unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(made.status.success(), "{program}: {}", String::from_utf8_lossy(&made.stderr));
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// A program without an endpoint, for this region.
    fn lead(&self, mut program: Command, region: &str) -> Command {
        let port = std::fs::read_to_string(self.folder.join("port")).unwrap();
        program.env_remove("AWS_ENDPOINT_URL").env("AWS_REGION", region).env("LD_PRELOAD", self.path("names.so"));
        program.env("SSL_CERT_FILE", self.path("authority.pem")).env("TLS_PORT", port);
        program.env("TLS_NAMES", self.path("names"));
        program
    }

    fn cvault(&self, stack: &Stack, region: &str, arguments: &[&str]) -> Ended {
        self.lead(stack.command(arguments), region).output().unwrap().into()
    }

    /// The hosts that were asked for since the last time.
    fn asked(&self) -> BTreeSet<String> {
        let file = self.folder.join("names");
        let asked = std::fs::read_to_string(&file).unwrap_or_default();
        let _ = std::fs::remove_file(file);
        asked.lines().map(str::to_owned).collect()
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn start(hosts: &[&str]) -> (Names, Stack) {
    let names = Names::new(&crate::support::unique(), hosts);
    let [certificate, key, port] = ["own.pem", "own.key", "port"].map(|name| names.path(name));
    let domains = ["amazonaws.com", "amazonaws.com.cn", "amazonaws.eu"].map(|domain| ["--host-suffix", domain]);
    let own = ["--truths", "none", "--tls-port-file", &port, "--tls-certificate", &certificate, "--tls-key", &key];
    let stack = Stack::behind(&[&own[..], &domains.concat()].concat()).whole();
    assert!(Path::new(&port).exists());
    (names, stack)
}

#[tokio::test]
async fn up_and_down_over_tls_under_aws_s_names() {
    let hosts = ["*.eu-west-1.amazonaws.com", "*.s3.eu-west-1.amazonaws.com", "*.amazonaws.com"];
    let (names, stack) = start(&hosts);
    names.cvault(&stack, "eu-west-1", &["up", "--email", "ops@example.com"]).expect(0);
    names.cvault(&stack, "eu-west-1", &["status"]).expect(0);
    stack.proxy.forget();
    names.cvault(&stack, "eu-west-1", &["up"]).expect(0);
    assert_eq!(stack.proxy.writes(), Vec::<String>::new(), "law 1");
    names.cvault(&stack, "eu-west-1", &["down"]).expect(0);
    assert_eq!(stack.leftovers().await, Vec::<String>::new());

    let regional = ["events", "kms", "lambda", "logs", "monitoring", "sns", "sqs", "states", "sts"];
    let mut expected: BTreeSet<_> = regional.map(|name| format!("{name}.eu-west-1.amazonaws.com")).into();
    expected.insert("iam.amazonaws.com".into());
    expected.extend(Zone::ALL.map(|zone| format!("{}.s3.eu-west-1.amazonaws.com", stack.names.bucket(zone))));
    // Whether Macie is there is asked as well, and the emulator does not know it.
    let asked: BTreeSet<_> = names.asked().into_iter().filter(|host| !host.starts_with("macie2.")).collect();
    assert_eq!(asked, expected);
}

/// The function's own calls, a bucket's name before S3's.
#[tokio::test]
async fn the_function_asks_over_tls_under_aws_s_names() {
    let (names, stack) = start(&["*.eu-west-1.amazonaws.com", "*.s3.eu-west-1.amazonaws.com", "*.amazonaws.com"]);
    names.cvault(&stack, "eu-west-1", &["up", "--email", "ops@example.com"]).expect(0);
    // Nobody else is to judge it.
    stack.aws.eventbridge.disable_rule().name(stack.names.rule(Zone::Ingress)).send().await.unwrap();
    let [ingress, analytics] = [Zone::Ingress, Zone::Analytics].map(|zone| stack.names.bucket(zone));
    let put = stack.aws.s3.put_object().bucket(&ingress).key("a b/ü.csv").body(b"a,b\n1,2\n".to_vec().into());
    let version = put.send().await.unwrap().version_id.unwrap();
    let found = stack.aws.lambda.get_function_configuration().function_name(stack.names.function()).send().await;
    let variables = found.unwrap().environment.and_then(|environment| environment.variables).unwrap();
    let mut function = Command::new(runtime::function(&names.folder));
    function.env_clear().envs(variables).env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    names.asked();
    let event = json!({"Step": "CopyToAnalytics", "Bucket": ingress, "Attempt": 0,
        "Object": {"key": "a b/ü.csv", "version-id": version, "size": 8, "sequencer": "0A"},
        "Execution": format!("arn:aws:states:eu-west-1:000000000000:execution:{}:e", stack.names.state_machine())});
    let answer = runtime::call(names.lead(function, "eu-west-1"), &event);
    assert_eq!(answer["Verdict"]["Status"], "COPIED", "{answer}");
    let s3 = [&ingress, &analytics].map(|bucket| format!("{bucket}.s3.eu-west-1.amazonaws.com"));
    assert_eq!(names.asked(), BTreeSet::from(s3));
    let listed = stack.aws.s3.list_objects_v2().bucket(&analytics).send().await.unwrap();
    assert_eq!(listed.contents()[0].key(), answer["Verdict"]["AnalyticsKey"].as_str());
    names.cvault(&stack, "eu-west-1", &["down", "--delete-data", "--yes"]).expect(0);
}

/// A named profile's own wish for FIPS endpoints counts, for the role that it assumes too.
#[tokio::test]
async fn a_profile_s_wish_for_fips_counts() {
    let (names, mut stack) = start(&["*.us-east-1.amazonaws.com"]);
    let home = names.folder.join("home");
    std::fs::create_dir_all(home.join(".aws")).unwrap();
    let role = "role_arn = arn:aws:iam::000000000000:role/deployer\nsource_profile = base";
    let config = format!(
        "[profile base]\naws_access_key_id = test\naws_secret_access_key = test\n\
                          [profile secure]\nuse_fips_endpoint = true\nregion = us-east-1\n{role}\n"
    );
    std::fs::write(home.join(".aws/config"), config).unwrap();
    stack.home = Some(home);
    let mut command = stack.command(&["list", "--profile", "secure"]);
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let _ = names.lead(command, "us-east-1").output().unwrap();
    let asked = || names.asked().into_iter().filter(|host| host.starts_with("sts")).collect::<BTreeSet<_>>();
    let profiles = BTreeSet::from(["sts-fips.us-east-1.amazonaws.com".to_owned()]);
    assert_eq!(asked(), profiles);
    // As the AWS CLI has it, by variables.
    let mut command = stack.command(&["list"]);
    command.env("AWS_USE_FIPS_ENDPOINT", "true");
    let _ = names.lead(command, "us-east-1").output().unwrap();
    assert_eq!(asked(), profiles);
}

/// A certificate of nobody's, and one for another name.
#[tokio::test]
async fn whoever_cannot_prove_to_be_aws_is_told_nothing() {
    let (names, stack) = start(&["*.us-east-1.amazonaws.com"]);
    let refused = names.cvault(&stack, "eu-west-1", &["status"]).expect(1);
    assert!(refused.stderr.contains("certificate"), "{}", refused.stderr);
    std::fs::copy(names.path("own.pem"), names.path("authority.pem")).unwrap();
    let refused = names.cvault(&stack, "us-east-1", &["status"]).expect(1);
    assert!(refused.stderr.contains("certificate"), "{}", refused.stderr);
    assert_eq!(stack.proxy.log(), Vec::<serde_json::Value>::new());
}

/// Other partitions have other domains, and IAM elsewhere.
#[tokio::test]
async fn each_partition_is_asked_under_its_own_names() {
    let wide = ["*.amazonaws.com", "*.cn-north-1.amazonaws.com.cn", "*.s3.cn-north-1.amazonaws.com.cn"];
    let gov = ["*.us-gov-west-1.amazonaws.com", "*.s3.us-gov-west-1.amazonaws.com", "*.us-gov.amazonaws.com"];
    let europe = ["*.eusc-de-east-1.amazonaws.eu", "*.s3.eusc-de-east-1.amazonaws.eu"];
    let (names, stack) = start(&[&wide[..], &gov, &europe].concat());
    for (region, domain, iam) in [
        ("cn-north-1", "cn-north-1.amazonaws.com.cn", "iam.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "us-gov-west-1.amazonaws.com", "iam.us-gov.amazonaws.com"),
        ("eusc-de-east-1", "eusc-de-east-1.amazonaws.eu", "iam.eusc-de-east-1.amazonaws.eu"),
    ] {
        let status = names.cvault(&stack, region, &["status", "--output", "json"]).expect(3);
        assert_eq!(status.document()["region"], json!(region));
        let asked = names.asked();
        assert!(asked.contains(iam), "{asked:?}");
        assert!(asked.iter().all(|host| host == iam || host.ends_with(domain)), "{region}: {asked:?}");
        assert!(asked.iter().filter(|host| host.contains(".s3.")).count() == 3, "{asked:?}");
    }
}
