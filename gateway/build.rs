//! Tells the gateway which commit it is built of: `THRIFTGATE_COMMIT` where it is set, as packagers do, else that of the
//! checkout; in a source package there is none.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// How many digits of the commit are shown.
const DIGITS: usize = 12;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=THRIFTGATE_COMMIT");
    let version = env::var("CARGO_PKG_VERSION").expect("cargo sets it");
    let given = env::var("THRIFTGATE_COMMIT").ok();
    let commit = given.or_else(checked_out).filter(|commit| is_commit(commit));
    match commit.as_deref().and_then(|commit| commit.get(..DIGITS.min(commit.len()))) {
        Some(commit) => {
            println!("cargo:rustc-env=THRIFTGATE_COMMIT={commit}");
            println!("cargo:rustc-env=THRIFTGATE_VERSION={version} ({commit})");
        }
        None => {
            println!("cargo:rustc-env=THRIFTGATE_COMMIT=");
            println!("cargo:rustc-env=THRIFTGATE_VERSION={version}");
        }
    }
}

/// The commit of the checkout that this folder is part of, unless it lies in the checkout of something else.
fn checked_out() -> Option<String> {
    let root = package()?.parent()?.canonicalize().ok()?;
    if PathBuf::from(git(&["rev-parse", "--show-toplevel"])?).canonicalize().ok()? != root {
        return None;
    }
    // A commit changes the log of HEAD, a checkout HEAD itself. Cargo would take a file that is missing for changed.
    for file in ["HEAD", "logs/HEAD"] {
        let path = PathBuf::from(git(&["rev-parse", "--path-format=absolute", "--git-path", file])?);
        if path.exists() {
            println!("cargo:rerun-if-changed={}", path.display());
        }
    }
    git(&["rev-parse", "HEAD"])
}

/// The folder of the package, which cargo says when the script runs.
fn package() -> Option<PathBuf> {
    env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from)
}

fn is_commit(text: &str) -> bool {
    text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What git says, where there is git and it has an answer.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).current_dir(package()?).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
