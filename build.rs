//! cvault's build script: builds the classifier for Lambda and packs it, so that `cargo build`
//! alone makes a `cvault` that carries what it deploys.
//!
//! The package is reproducible: the same sources give the same bytes wherever they are built with
//! the same toolchain, since the hash decides whether code is uploaded. `CVAULT_BOOTSTRAP` names a
//! finished x86-64 or arm64 Linux binary for hosts that cannot build one.

#![expect(clippy::disallowed_macros, reason = "cargo reads what a build script prints")]

use sha2::{Digest, Sha256};
use std::error::Error;
use std::ffi::OsString;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Amazon Linux 2023 has glibc 2.34.
const NEWEST_GLIBC: u32 = 34;
/// What Lambda takes easily, and a user downloads easily.
const LARGEST_BOOTSTRAP: usize = 16 << 20;
const LARGEST_ZIP: usize = 6 << 20;

fn main() -> Result<()> {
    for input in [
        "lambda/src",
        "lambda/contract",
        "lambda/inspect/Cargo.toml",
        "lambda/inspect/src",
        "lambda/Cargo.toml",
        "build.rs",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        println!("cargo::rerun-if-changed={input}");
    }
    println!("cargo::rerun-if-env-changed=CVAULT_BOOTSTRAP");
    let path = match env::var_os("CVAULT_BOOTSTRAP") {
        Some(path) => PathBuf::from(path),
        None => build()?,
    };
    let bootstrap = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let architecture = check(&bootstrap)?;
    let zip = pack(&bootstrap)?;
    if zip.len() > LARGEST_ZIP {
        return Err(format!("the package has {} bytes, more than {LARGEST_ZIP}", zip.len()).into());
    }
    println!("cargo::rustc-env=CLASSIFIER_SHA256={}", base64(&Sha256::digest(&zip)));
    println!("cargo::rustc-env=CLASSIFIER_ARCHITECTURE={architecture}");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("classifier.zip"), zip)?;
    Ok(())
}

/// Runs cargo for the classifier, under a profile and so a directory and a lock of its own.
fn build() -> Result<PathBuf> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    if env::var("CARGO_CFG_TARGET_OS")? != "linux" || env::var("HOST")? != env::var("TARGET")? {
        return Err("the classifier runs on Linux: build cvault there, or give CVAULT_BOOTSTRAP=<path of a \
            bootstrap> made with `cargo zigbuild --profile classifier -p classifier --target x86_64-unknown-linux-gnu.2.34`"
            .into());
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let target = out.ancestors().nth(4).ok_or("OUT_DIR is not below a target directory")?;
    let status = Command::new(env::var("CARGO")?)
        .args(["build", "--quiet", "--locked", "--package", "classifier", "--profile", "classifier", "--target-dir"])
        .arg(target)
        .current_dir(&root)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(&root))
        // Set by `cargo clippy`; it is no part of the package.
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .env_remove("RUSTFLAGS")
        .status()?;
    if !status.success() {
        return Err("building the classifier failed: see above".into());
    }
    Ok(target.join("classifier").join("bootstrap"))
}

/// Panics name source files: without this the package would differ from place to place.
fn flags(root: &Path) -> OsString {
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cargo_home = env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let mut flags = OsString::new();
    for (from, to) in [(&cargo_home, "cargo"), (&root.to_path_buf(), "cvault")] {
        flags.push("--remap-path-prefix=");
        flags.push(from);
        flags.push(format!("=/{to}\x1f"));
    }
    flags.push("-Clink-arg=-Wl,--build-id=none");
    flags
}

/// Refuses what would only fail at the first call: another machine's format, a glibc that Lambda
/// has not, a binary with its symbols. Returns Lambda's name of the architecture.
fn check(bootstrap: &[u8]) -> Result<&'static str> {
    let architecture = match bootstrap.get(..20) {
        Some([0x7f, b'E', b'L', b'F', 2, 1, .., 0x3e, 0]) => "x86_64",
        Some([0x7f, b'E', b'L', b'F', 2, 1, .., 0xb7, 0]) => "arm64",
        _ => return Err("the bootstrap is no 64-bit Linux binary for x86-64 or arm64".into()),
    };
    if bootstrap.len() > LARGEST_BOOTSTRAP {
        return Err(format!("the bootstrap has {} bytes, more than {LARGEST_BOOTSTRAP}", bootstrap.len()).into());
    }
    let newest = glibc_minors(bootstrap).max().unwrap_or_default();
    if newest > NEWEST_GLIBC {
        return Err(format!(
            "the bootstrap needs glibc 2.{newest}, Amazon Linux 2023 has 2.{NEWEST_GLIBC}: \
             build on an older system, or give CVAULT_BOOTSTRAP=<path> made by cargo-zigbuild"
        )
        .into());
    }
    Ok(architecture)
}

/// The versions of glibc's symbols that the binary asks for, as its string table has them.
fn glibc_minors(bootstrap: &[u8]) -> impl Iterator<Item = u32> {
    const MARK: &[u8] = b"\0GLIBC_2.";
    bootstrap.windows(MARK.len() + 3).filter(|window| window.starts_with(MARK)).map(|window| {
        let digits = window[MARK.len()..].iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |number, byte| number * 10 + u32::from(byte - b'0'))
    })
}

/// A zip of one executable `bootstrap`, without a date.
fn pack(bootstrap: &[u8]) -> Result<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(vec![]));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o755);
    zip.start_file("bootstrap", options)?;
    zip.write_all(bootstrap)?;
    Ok(zip.finish()?.into_inner())
}

/// As Lambda writes `CodeSha256`.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, i| bits << 8 | u32::from(chunk.get(i).copied().unwrap_or_default()));
        for digit in 0..=chunk.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]));
        }
        text.push_str(&"=="[..3 - chunk.len()]);
    }
    text
}
