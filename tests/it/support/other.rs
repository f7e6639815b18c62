//! Emulators by others (`tests/second`), each with habits of its own.

use super::Stack;
use super::loopback::python;
use super::proxy::unique;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server of one test.
pub struct Other {
    server: Child,
    port: u16,
    account: &'static str,
    directory: PathBuf,
}

impl Other {
    /// moto, with its own mistakes corrected, by the Python that `CVAULT_MOTO` names; none, with a line that says so,
    /// where it names none. It runs neither functions nor state machines. The options are those of its program.
    pub fn moto(options: &[&str]) -> Option<Self> {
        let Some(python) = std::env::var_os("CVAULT_MOTO") else {
            println!("left out: CVAULT_MOTO names no Python with moto");
            return None;
        };
        let mut program = Command::new(python);
        program.arg("-B").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/second/moto_fixed.py"));
        program.stderr(Stdio::null());
        Some(Self::start(program, options, "123456789012"))
    }

    /// `LocalStack`, which installs itself at the first time and says so.
    pub fn localstack() -> Self {
        Self::start(python("second/localstack_native.py"), &[], "000000000000")
    }

    fn start(mut program: Command, options: &[&str], account: &'static str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let directory = std::env::temp_dir().join(format!("cvault-other-{}", unique()));
        std::fs::create_dir(&directory).unwrap();
        program.arg(port.to_string()).arg(&directory).args(options).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut other = Self { server: program.spawn().unwrap(), port, account, directory };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert_eq!(other.server.try_wait().unwrap(), None, "it has not started");
            assert!(begun.elapsed() < Duration::from_mins(15), "it has not started");
            std::thread::sleep(Duration::from_millis(100));
        }
        other
    }

    /// A stack there, behind a proxy with these options.
    pub fn stack(&self, options: &[&str]) -> Stack {
        Stack::on(self.port, self.account, options)
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // LocalStack has processes of its own, which end with its standard input.
        drop(self.server.stdin.take());
        for _ in 0..100 {
            if !matches!(self.server.try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
