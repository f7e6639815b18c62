//! The Python environment that the emulator runs in: found or made.
//!
//! Any Python from 3.10 on that can make virtual environments will do. The environment lies in the user's cache
//! directory, is named after what is in it, and is only ever there complete: it is built beside its final place
//! and then renamed. A lock on a file beside it makes concurrent first runs wait for one another.

use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::sleep;

use super::supervisor::supervise;
use crate::outcome::failure::Failure;

const PACKAGE: &str = "ministack";
const VERSION: &str = "1.5.33";
const OLDEST: (u32, u32) = (3, 10);
const COMMANDS: [&str; 7] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];

/// What the process environment says about where to look and where to install.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    /// The directory that holds the environments.
    pub cache: PathBuf,
    /// A Python to try before all others.
    pub preferred: Option<OsString>,
    /// As in `PATH`.
    pub search_path: OsString,
}

/// A Python fit to make an environment.
#[derive(Debug)]
struct Python {
    path: PathBuf,
    /// As in "3.11".
    version: String,
}

/// What a candidate turned out to be.
enum Candidate {
    Fit(Python),
    WithoutVenv(Python),
    Unfit(String),
}

impl Setup {
    pub fn from_process() -> Result<Self, Failure> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let cache = variable("CVAULT_CACHE_DIR").map(PathBuf::from).or_else(|| {
            let shared = variable("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| {
                let user = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
                Some(std::env::home_dir()?.join(user))
            });
            Some(shared?.join("cvault"))
        });
        // Absolute, because the supervisor does not promise to stay in this directory.
        let cache = cache.and_then(|cache| std::path::absolute(cache).ok());
        Ok(Self {
            cache: cache.ok_or_else(|| {
                let why = "there is no home directory to install it in";
                not_installed(why.to_owned(), "set CVAULT_CACHE_DIR to a directory of yours")
            })?,
            preferred: variable("CVAULT_PYTHON"),
            search_path: variable("PATH").unwrap_or_default(),
        })
    }
}

/// The Python interpreter of an environment with the emulator in it.
///
/// Dropping the future during an installation ends and removes it.
pub(super) async fn environment(setup: &Setup, progress: &impl Fn(&str)) -> Result<PathBuf, Failure> {
    let python = find(setup).await?;
    let name = format!("{PACKAGE}-{VERSION}-py{}", python.version);
    let environment = setup.cache.join(&name);
    let interpreter = environment.join("bin/python");
    // Following the link: it dangles once the Python it was made from is uninstalled.
    if interpreter.exists() {
        return Ok(interpreter);
    }
    let unwritable = |error: io::Error| {
        let why = format!("{}: {error}", setup.cache.display());
        not_installed(why, "set CVAULT_CACHE_DIR to a directory that you can write to")
    };
    // Whoever could write there would run as us: whatever the umask, it is the user's alone.
    DirBuilder::new().recursive(true).mode(0o700).create(&setup.cache).map_err(unwritable)?;
    let lock = lock(&setup.cache.join(name + ".lock"), progress).await.map_err(unwritable)?;
    if !interpreter.exists() {
        progress(&format!("installing the AWS emulator, {PACKAGE} {VERSION} (once, 90 MB)"));
        install(&python, &environment).await?;
    }
    drop(lock);
    Ok(interpreter)
}

async fn find(setup: &Setup) -> Result<Python, Failure> {
    let (mut tried, mut without_venv) = (Vec::new(), None);
    for command in setup.preferred.as_deref().into_iter().chain(COMMANDS.map(OsStr::new)) {
        match examine(command, &setup.search_path).await {
            Candidate::Fit(python) => return Ok(python),
            Candidate::WithoutVenv(python) => without_venv = without_venv.or(Some(python)),
            Candidate::Unfit(why) => tried.push(why),
        }
    }
    Err(match without_venv {
        Some(Python { path, version }) => Failure::new(
            "start the emulator",
            format!("{} (Python {version}) lacks venv or ensurepip", path.display()),
            "install it (Debian, Ubuntu: apt-get install python3-venv), or set CVAULT_PYTHON",
        ),
        None => Failure::new(
            "start the emulator",
            format!("no Python {}.{} or newer found (tried {})", OLDEST.0, OLDEST.1, tried.join(", ")),
            "install Python 3 (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python), \
             or set CVAULT_PYTHON",
        ),
    })
}

async fn examine(command: &OsStr, search_path: &OsStr) -> Candidate {
    // The version is printed first, so that it is known also where an import fails.
    const PROGRAM: &str = "import sys; print('%d.%d' % sys.version_info[:2]); import venv, ensurepip";
    let name = command.display();
    let Some(path) = locate(command, search_path) else {
        return Candidate::Unfit(name.to_string());
    };
    let output = Command::new(&path).args(["-I", "-c", PROGRAM]).stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = match output {
        Ok(output) => output,
        Err(error) => return Candidate::Unfit(format!("{name}: {error}")),
    };
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match parse(&version) {
        None => Candidate::Unfit(format!("{name}: does not run")),
        Some(number) if number < OLDEST => Candidate::Unfit(format!("{name}: is {version}")),
        Some(_) if output.status.success() => Candidate::Fit(Python { path, version }),
        Some(_) => Candidate::WithoutVenv(Python { path, version }),
    }
}

fn parse(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Finds a command as a shell does: names on the search path, anything with a slash as it is.
fn locate(command: &OsStr, search_path: &OsStr) -> Option<PathBuf> {
    if Path::new(command).components().count() > 1 {
        return std::path::absolute(command).ok().filter(|path| path.is_file());
    }
    std::env::split_paths(search_path).map(|folder| folder.join(command)).find(|path| path.is_file())
}

/// Locks a file, without blocking a thread: that could not be cancelled.
async fn lock(path: &Path, progress: &impl Fn(&str)) -> io::Result<File> {
    let file = File::options().create(true).append(true).open(path)?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if told => sleep(Duration::from_millis(100)).await,
            Err(TryLockError::WouldBlock) => {
                progress("waiting for another cvault to install the AWS emulator");
                told = true;
            }
        }
    }
}

async fn install(python: &Python, environment: &Path) -> Result<(), Failure> {
    let requirement = format!("{PACKAGE}=={VERSION}");
    let arguments = [environment.as_os_str(), requirement.as_ref()];
    let failure = |why| {
        let fix = "remove the cause and try again; offline: connect for this first run, or point pip at a mirror \
                   (PIP_INDEX_URL, pip.conf)";
        not_installed(why, fix)
    };
    let (supervisor, lifeline) =
        supervise(&python.path, "install", &arguments).map_err(|error| failure(error.to_string()))?;
    let output = supervisor.wait_with_output().await;
    drop(lifeline);
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(failure(reason(&String::from_utf8_lossy(&output.stderr)))),
        Err(error) => Err(failure(error.to_string())),
    }
}

/// What pip said at last, and why it could not connect where that is the cause: at last it then only says that
/// it found nothing.
fn reason(stderr: &str) -> String {
    let mut lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let broken = lines.clone().find_map(|line| line.split_once("connection broken by "));
    let last = lines.next_back().unwrap_or("pip failed and said nothing");
    let last = last.trim_start_matches("ERROR: ");
    match broken {
        // The cause is a Python object, followed by what was asked for: its text comes after its address.
        Some((_, cause)) => {
            let cause = cause.rsplit_once("': ").map_or(cause, |(cause, _)| cause);
            let cause = cause.rsplit_once(">: ").map_or(cause, |(_, text)| text);
            format!("{last} ({})", cause.trim_matches(['\'', '"', ')']))
        }
        None => last.to_owned(),
    }
}

fn not_installed(why: String, fix: &str) -> Failure {
    Failure::new("install the emulator", why, fix)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::super::tests::{Scratch, eventually};
    use super::*;

    /// A Python whose version, modules and pip are played by a shell script, and the rest by the real one.
    struct Fake {
        scratch: Scratch,
        setup: Setup,
    }

    impl Fake {
        /// `pip` is what `python -m pip` does: shell, in which `$0` is the interpreter in the environment.
        fn new(probe: &str, pip: &str) -> Self {
            let scratch = Scratch::new();
            let bin = scratch.path().join("bin");
            fs::create_dir(&bin).unwrap();
            let search_path = std::env::var_os("PATH").unwrap();
            let real = locate("python3".as_ref(), &search_path).unwrap();
            let script = format!(
                "#!/bin/sh\n\
                 case \"$*\" in\n\
                 *ensurepip*) {probe} ;;\n\
                 *'-m venv'*) mkdir \"$4/bin\"; cp \"$0\" \"$4/bin/python\" ;;\n\
                 *'-m pip'*) {pip} ;;\n\
                 *) shift 3; exec {} -I -c \"import os, sys; sys.executable = '$0'; \
                 exec(os.environ.pop('CVAULT_SUPERVISOR'))\" \"$@\" ;;\n\
                 esac\n",
                real.display()
            );
            let python = bin.join("python3");
            fs::write(&python, script).unwrap();
            fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
            let setup =
                Setup { cache: scratch.path().join("cache"), preferred: None, search_path: bin.into_os_string() };
            Self { scratch, setup }
        }

        /// What lies in the cache directory.
        fn cached(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.setup.cache).unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    /// The cache directory after an installation; without the first after one that failed.
    fn complete() -> [String; 2] {
        let environment = format!("{PACKAGE}-{VERSION}-py3.11");
        let lock = format!("{environment}.lock");
        [environment, lock]
    }

    async fn failure(setup: &Setup) -> String {
        environment(setup, &|_: &str| ()).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn without_python_the_error_names_what_was_tried() {
        let setup = Setup {
            cache: "/nonexistent".into(),
            preferred: Some("/nonexistent".into()),
            search_path: OsString::new(),
        };
        let expected = "start the emulator\n  \
            why: no Python 3.10 or newer found (tried /nonexistent, python3, python3.14, python3.13, python3.12, \
            python3.11, python3.10, python)\n  \
            fix: install Python 3 (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install \
            python), or set CVAULT_PYTHON";
        assert_eq!(failure(&setup).await, expected);
    }

    #[tokio::test]
    async fn a_python_too_old_is_not_taken() {
        let fake = Fake::new("echo 3.9", "");
        assert!(failure(&fake.setup).await.contains("(tried python3: is 3.9, python3.14,"));
    }

    #[tokio::test]
    async fn without_ensurepip_the_error_names_the_package() {
        let fake = Fake::new("echo 3.11; exit 1", "");
        let text = failure(&fake.setup).await;
        assert!(text.contains("bin/python3 (Python 3.11) lacks venv or ensurepip"), "{text}");
        assert!(text.contains("apt-get install python3-venv"), "{text}");
    }

    #[tokio::test]
    async fn an_installation_that_fails_says_why_and_leaves_nothing() {
        let pip = "echo 'ERROR: No space left on device' >&2; exit 1";
        let fake = Fake::new("echo 3.11", pip);
        let text = failure(&fake.setup).await;
        assert!(text.starts_with("install the emulator\n  why: No space left on device\n"), "{text}");
        assert_eq!(fake.cached(), complete()[1..]);
    }

    #[tokio::test]
    async fn concurrent_first_runs_install_once() {
        let fake = Fake::new("echo 3.11", "sleep 0.3; echo ran >> \"${0%/*}/../../../count\"");
        let said = RefCell::new(Vec::new());
        let progress = |text: &str| said.borrow_mut().push(text.to_owned());
        let (first, second) = tokio::join!(environment(&fake.setup, &progress), environment(&fake.setup, &progress));
        assert_eq!(first.unwrap(), second.unwrap());
        let third = environment(&fake.setup, &progress).await.unwrap();
        assert!(third.ends_with("bin/python"));
        assert_eq!(fs::read_to_string(fake.scratch.path().join("count")).unwrap(), "ran\n");
        assert_eq!(fake.cached(), complete());
        for directory in [fake.setup.cache.clone(), fake.setup.cache.join(&complete()[0])] {
            assert_eq!(directory.metadata().unwrap().permissions().mode() & 0o777, 0o700, "nobody else writes there");
        }
        let said = said.into_inner();
        let mut kinds: Vec<_> = said.iter().filter_map(|text| text.split(' ').next()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["installing", "waiting"]);
    }

    #[tokio::test]
    async fn an_interrupted_installation_leaves_nothing_and_the_next_one_succeeds() {
        // Hangs the first time only.
        let pip = "mkdir \"${0%/*}/../../../hung\" && sleep 600; exit 0";
        let fake = Fake::new("echo 3.11", pip);
        let hung = fake.scratch.path().join("hung");
        tokio::select! {
            _ = environment(&fake.setup, &|_: &str| ()) => panic!("it should hang"),
            () = eventually("pip runs", || hung.exists()) => {}
        }
        eventually("the half-made environment is gone", || fake.cached() == complete()[1..]).await;
        environment(&fake.setup, &|_: &str| ()).await.unwrap();
        assert_eq!(fake.cached(), complete());
    }

    #[tokio::test]
    async fn an_environment_whose_python_is_gone_is_made_anew() {
        let fake = Fake::new("echo 3.11", "true");
        let bin = fake.setup.cache.join(&complete()[0]).join("bin");
        fs::create_dir_all(&bin).unwrap();
        std::os::unix::fs::symlink("/nonexistent", bin.join("python")).unwrap();
        let interpreter = environment(&fake.setup, &|_: &str| ()).await.unwrap();
        assert!(interpreter.is_file());
    }

    #[test]
    fn offline_the_reason_is_the_connection() {
        let stderr = "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by \
            'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f65ef678390>: Failed \
            to establish a new connection: [Errno -2] Name or service not known')': /simple/ministack/\n\
            ERROR: Could not find a version that satisfies the requirement ministack==1.5.33 (from versions: none)\n\
            ERROR: No matching distribution found for ministack==1.5.33\n";
        let expected = "No matching distribution found for ministack==1.5.33 (Failed to establish a new \
            connection: [Errno -2] Name or service not known)";
        assert_eq!(reason(stderr), expected);
    }
}
