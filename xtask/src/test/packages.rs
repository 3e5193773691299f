//! Debian packages that the tests use: other people's name servers, to compare with, dig, a certificate authority, and what
//! runs the clients.
//!
//! Debian starts a daemon when it installs one. A `policy-rc.d` that forbids this stands while we install and goes
//! afterwards; one that the machine already has is left alone.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::step::{command, run, succeeds};

/// A program, and the package that brings it.
const PROGRAMS: [(&str, &str); 9] = [
    ("nsd", "nsd"),
    ("knotd", "knot"),
    ("named", "bind9"),
    ("pdns_server", "pdns-server"),
    ("dig", "bind9-dnsutils"),
    ("python3", "python3"),
    ("pebble", "pebble"),
    ("node", "nodejs"),
    ("npm", "npm"),
];
/// A library that a program loads, below a folder of `/usr/lib`, and the package that brings it.
const LIBRARIES: [(&str, &str); 1] = [("pdns/libbindbackend.so", "pdns-backend-bind")];
/// `import` that fails without the package.
const PYTHON_MODULES: [(&str, &str); 1] = [("ensurepip", "python3-venv")];
/// Daemons live where an ordinary user's PATH does not look.
const FOLDERS: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/sbin"];
const POLICY: &str = "/usr/sbin/policy-rc.d";

pub(super) fn install() -> anyhow::Result<()> {
    let missing = missing();
    if missing.is_empty() {
        eprintln!("name servers, dig, Pebble, Python and Node.js are there");
        return Ok(());
    }
    let list = missing.join(" ");
    let by_hand = format!("install them by hand and call again: {list}");
    if !succeeds(&mut command("apt-get", &["--version"])) {
        bail!("the tests need programs that are missing, and there is no apt-get; {by_hand}");
    }
    let Some(root) = Root::find() else {
        bail!(
            "the tests need packages that are missing, and we are neither root nor may we use sudo without a password; {by_hand}"
        );
    };
    eprintln!("installing {list}");
    let policy = Policy::put(&root)?;
    let installed = run(&mut root.command(&["apt-get", "update", "-qq"]))
        .and_then(|()| {
            let mut args = vec!["apt-get", "install", "-y", "-qq", "--no-install-recommends"];
            args.extend(&missing);
            run(root.command(&args).env("DEBIAN_FRONTEND", "noninteractive"))
        })
        .with_context(|| format!("cannot install; {by_hand}"));
    drop(policy);
    installed?;
    let still: Vec<&str> = self::missing();
    if !still.is_empty() {
        bail!("installed, and yet the tests do not find what they need: {}", still.join(" "));
    }
    Ok(())
}

fn missing() -> Vec<&'static str> {
    let programs = PROGRAMS.iter().filter(|(program, _)| !is_there(program));
    let modules = PYTHON_MODULES
        .iter()
        .filter(|(module, _)| !succeeds(&mut command("python3", &["-c", &format!("import {module}, venv")])));
    let libraries = LIBRARIES.iter().filter(|(library, _)| !is_in_a_folder_of("/usr/lib", library));
    programs.chain(libraries).chain(modules).map(|(_, package)| *package).collect()
}

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain(FOLDERS.iter().map(Into::into)).any(|folder| folder.join(program).is_file())
}

/// Debian puts libraries below the name of the architecture.
fn is_in_a_folder_of(folder: &str, file: &str) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(|entry| entry.path().join(file).is_file()))
}

/// How we become root.
struct Root {
    sudo: bool,
}

impl Root {
    fn find() -> Option<Self> {
        let uid = Command::new("id").arg("-u").output().ok()?.stdout;
        if uid.trim_ascii() == b"0" {
            return Some(Self { sudo: false });
        }
        succeeds(&mut command("sudo", &["-n", "true"])).then_some(Self { sudo: true })
    }

    fn command(&self, args: &[&str]) -> Command {
        if self.sudo {
            // sudo drops the environment, apt-get must still not ask.
            let mut all = vec!["-n", "env", "DEBIAN_FRONTEND=noninteractive"];
            all.extend(args);
            command("sudo", &all)
        } else {
            command(args[0], &args[1..])
        }
    }
}

/// The file that forbids starting daemons; gone when dropped.
struct Policy<'a> {
    root: &'a Root,
    ours: bool,
}

impl<'a> Policy<'a> {
    fn put(root: &'a Root) -> anyhow::Result<Self> {
        if Path::new(POLICY).exists() {
            return Ok(Self { root, ours: false });
        }
        // 101: "action forbidden by policy" (Debian's invoke-rc.d).
        let mut tee = root.command(&["tee", POLICY]);
        let mut child = tee.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().context("cannot start tee")?;
        let mut stdin = child.stdin.take().expect("stdin is piped");
        stdin.write_all(b"#!/bin/sh\nexit 101\n").context("cannot write policy-rc.d")?;
        drop(stdin);
        let policy = Self { root, ours: true };
        if !child.wait().context("tee does not end")?.success() {
            bail!("cannot write {POLICY}, and without it Debian would start the name servers");
        }
        run(&mut root.command(&["chmod", "755", POLICY]))?;
        Ok(policy)
    }
}

impl Drop for Policy<'_> {
    fn drop(&mut self) {
        if self.ours
            && let Err(error) = run(&mut self.root.command(&["rm", "-f", POLICY]))
        {
            eprintln!("{error}; remove {POLICY} by hand, it keeps this machine from starting services");
        }
    }
}
