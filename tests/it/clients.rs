//! Real senders: what each client does when it sends, renames or replaces a file, what the vault makes of it, and whom
//! anybody hears of. `cargo test --test it clients -- --nocapture` prints the table.
//!
//! A client that this machine does not have is left out, and named.

use crate::support::{Pipeline, REGION};
use cvault::vault::names::Zone;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than any of them takes.
const SETTINGS: &str = "[ingress]\nsettle_seconds = 60\n";

/// A sender.
struct Client {
    name: &'static str,
    /// What it needs to be there: a command that succeeds.
    needs: &'static str,
    /// What it does, as a script; `$S` is a small file, `$L` one that is sent in parts, `$B` the bucket, `$E` the endpoint.
    does: &'static str,
    /// What of it has to be in the vault in the end: the key, and whether it is the large file.
    ends: &'static [(&'static str, bool)],
}

/// rclone's settings for an S3 of one's own.
const RCLONE: &str = "export RCLONE_CONFIG=/dev/null RCLONE_S3_PROVIDER=Other RCLONE_S3_ENV_AUTH=true RCLONE_S3_ENDPOINT=$E \
     RCLONE_S3_REGION=$AWS_REGION RCLONE_S3_FORCE_PATH_STYLE=true RCLONE_S3_NO_CHECK_BUCKET=true;";

const CLIENTS: &[Client] = &[
    Client {
        name: "AWS CLI: cp, in parts too",
        needs: "aws --version",
        does: "aws --endpoint-url $E s3 cp --quiet $S s3://$B/cli/a.csv; aws --endpoint-url $E s3 cp --quiet $L s3://$B/cli/large.csv",
        ends: &[("cli/a.csv", false), ("cli/large.csv", true)],
    },
    Client {
        name: "AWS CLI: mv to its final name",
        needs: "aws --version",
        does: "aws --endpoint-url $E s3 cp --quiet $S s3://$B/mv/a.upload; \
               aws --endpoint-url $E s3 mv --quiet s3://$B/mv/a.upload s3://$B/mv/a.csv",
        ends: &[("mv/a.csv", false)],
    },
    Client {
        name: "boto3: upload_file, in parts too",
        needs: "${CVAULT_MOTO:-python3} -c 'import boto3'",
        does: "$PY -c \"import boto3, os; s3 = boto3.client('s3', endpoint_url=os.environ['E']); \
               s3.upload_file(os.environ['S'], os.environ['B'], 'boto/a.csv'); \
               s3.upload_file(os.environ['L'], os.environ['B'], 'boto/large.csv')\"",
        ends: &[("boto/a.csv", false), ("boto/large.csv", true)],
    },
    Client {
        name: "rclone: copyto, and rcat of a stream",
        needs: "rclone version",
        does: "rclone copyto $S :s3:$B/rclone/a.csv; rclone rcat :s3:$B/rclone/stream.csv < $S; \
               rclone copyto --s3-upload-cutoff 5M $L :s3:$B/rclone/large.csv",
        ends: &[("rclone/a.csv", false), ("rclone/stream.csv", false), ("rclone/large.csv", true)],
    },
    Client {
        name: "rclone: moveto its final name",
        needs: "rclone version",
        does: "rclone copyto $S :s3:$B/moved/a.upload; rclone moveto :s3:$B/moved/a.upload :s3:$B/moved/a.csv",
        ends: &[("moved/a.csv", false)],
    },
    Client {
        name: "SFTP gateway (rclone serve), lftp with temporary names",
        needs: "rclone version && lftp --version",
        does: "rclone serve sftp :s3:$B --addr 127.0.0.1:$P --user u --pass p --vfs-cache-mode writes --vfs-write-back 0s & gate=$!; \
               for i in $(seq 100); do (echo > /dev/tcp/127.0.0.1/$P) 2> /dev/null && break; sleep 0.1; done; \
               lftp -u u,p -e \"set sftp:auto-confirm yes; set xfer:use-temp-file yes; mkdir -p sftp; put $S -o sftp/a.csv; \
               put $S -o sftp/b.upload; mv sftp/b.upload sftp/b.csv; bye\" sftp://127.0.0.1:$P; \
               sleep 1; kill $gate; wait $gate || true",
        ends: &[("sftp/a.csv", false), ("sftp/b.csv", false)],
    },
    Client {
        name: "s3fs: cp, and mv to its final name",
        needs: "s3fs --version && test -w /dev/fuse",
        does: "mkdir $D/mount; echo test:test > $D/passwd; chmod 600 $D/passwd; \
               s3fs $B $D/mount -o passwd_file=$D/passwd,url=$E,use_path_request_style,endpoint=$AWS_REGION; \
               mkdir $D/mount/fs; cp $S $D/mount/fs/a.csv; cp $S $D/mount/fs/b.upload; mv $D/mount/fs/b.upload $D/mount/fs/b.csv; \
               umount $D/mount",
        ends: &[("fs/a.csv", false), ("fs/b.csv", false)],
    },
    Client {
        name: "s3cmd: put, in parts too",
        needs: "s3cmd --version",
        does: "s3cmd --quiet --host=${E#*://} --host-bucket=${E#*://} --no-ssl --access_key=test --secret_key=test \
               --multipart-chunk-size-mb=5 put $S s3://$B/s3cmd/a.csv; \
               s3cmd --quiet --host=${E#*://} --host-bucket=${E#*://} --no-ssl --access_key=test --secret_key=test \
               --multipart-chunk-size-mb=5 put $L s3://$B/s3cmd/large.csv",
        ends: &[("s3cmd/a.csv", false), ("s3cmd/large.csv", true)],
    },
];

/// A folder of one test with a small file and one of some parts.
struct Files(PathBuf);

impl Files {
    fn new(id: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("cvault-clients-{id}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("small.csv"), rows(3)).unwrap();
        std::fs::write(folder.join("large.csv"), rows(700_000)).unwrap();
        Self(folder)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn rows(count: usize) -> Vec<u8> {
    (0..count)
        .fold("seq,harbour\n".to_owned(), |mut all, row| {
            let _ = writeln!(all, "{row},Kingsford");
            all
        })
        .into_bytes()
}

fn shell(script: &str) -> Command {
    let mut shell = Command::new("timeout");
    shell.args(["--kill-after=5", "90", "bash", "-euc", script]).stdin(Stdio::null());
    shell
}

fn is_there(needs: &str) -> bool {
    shell(needs).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Each client with a vault of its own.
async fn tried(client: &'static Client) -> String {
    let vault = Pipeline::configured(SETTINGS).await;
    let (names, files) = (&vault.stack.names, Files::new(&vault.stack.names.id));
    // What it has done is looked at when it is done, as time to settle has it, however busy this machine is: the sweep finds
    // what nobody reports.
    let rule = vault.stack.aws.eventbridge.disable_rule().name(names.rule(Zone::Ingress));
    rule.send().await.unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let sent = shell(&format!("{RCLONE} {}", client.does))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", &files.0)
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", REGION)])
        .envs([
            ("AWS_DEFAULT_REGION", REGION),
            ("E", vault.stack.emulator().as_str()),
            ("B", names.bucket(Zone::Ingress).as_str()),
        ])
        .envs([("S", files.0.join("small.csv")), ("L", files.0.join("large.csv")), ("D", files.0.clone())])
        .env("PY", std::env::var_os("CVAULT_MOTO").unwrap_or("python3".into()))
        .env("P", port.to_string())
        .output()
        .unwrap();
    assert!(sent.status.success(), "{}: {}", client.name, String::from_utf8_lossy(&sent.stderr));
    let wrote = vault.objects_listed(Zone::Ingress).await;
    vault.sweep(&json!({})).await;
    vault.judged_all(client.ends.len()).await;
    let (small, large) = (rows(3), rows(700_000));
    let expected: BTreeMap<_, _> = client
        .ends
        .iter()
        .map(|(key, is_large)| ((*key).to_owned(), vec![if *is_large { large.clone() } else { small.clone() }]))
        .collect();
    let stored = vault.objects(Zone::Vault).await;
    assert!(stored == expected, "{}: {:?}", client.name, stored.keys().collect::<Vec<_>>());
    let told = vault.messages().await;
    assert!(told.is_empty(), "{}: {told:#?}", client.name);
    let status = vault.run(&["status", "--output", "json"]).document();
    assert_eq!(status["waiting"]["versions"], 0, "{}: {status:#}", client.name);
    format!("| {} | {wrote} | {} | {} | none |", client.name, expected.len(), status["waiting"]["ignored"])
}

impl Pipeline {
    /// Waits until nothing runs any more, and so many files are in the vault.
    async fn judged_all(&self, files: usize) {
        let begun = Instant::now();
        while self.objects_listed(Zone::Vault).await < files || !self.running().await.is_empty() {
            assert!(begun.elapsed() < Duration::from_mins(3), "{files}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

#[tokio::test]
async fn what_they_send_is_judged_once_and_nobody_is_told() {
    let (there, missing): (Vec<_>, Vec<_>) = CLIENTS.iter().partition(|client| is_there(client.needs));
    for client in missing {
        println!("skipped: {} (`{}` fails here)", client.name, client.needs);
    }
    let rows = futures::future::join_all(there.into_iter().map(tried)).await;
    println!(
        "| client | versions that it wrote | files in the vault | versions that it took back, or that are no files | e-mails |\n|---|---|---|---|---|"
    );
    println!("{}", rows.join("\n"));
}
