//! Unmodified clients against a real server, with dig and dnspython to see the answers. Each lets somebody else's code judge
//! ours: AWS's own clients, and the tools people run on top of them. Their scripts lie in `tests/clients`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "clients/ansible.rs"]
mod ansible;
#[path = "clients/client.rs"]
mod client;
#[path = "clients/conformance.rs"]
mod conformance;
#[path = "clients/octodns.rs"]
mod octodns;

use std::ffi::OsStr;

use client::{client, client_with};
use world::place::{Folder, javascript, program, python};
use world::process::Server;

/// Runs a Python script as the client of a new server.
fn script(name: &str) {
    let folder = Folder::new(name);
    let server = Server::start(&folder.path().join("data"));
    client(&server, &python(), &[name]);
    assert!(server.stop());
}

#[test]
fn boto3() {
    script("with_boto3.py");
}

#[test]
fn aws_cli() {
    script("with_aws_cli.py");
}

#[test]
fn aws_sdk_for_javascript() {
    let folder = Folder::new("javascript");
    let server = Server::start(&folder.path().join("data"));
    let packages = javascript();
    let more: [(&str, &OsStr); 1] = [("CUTOVER_JAVASCRIPT", packages.as_os_str())];
    client_with(&server, &program("node"), &["javascript/with_sdk.mjs"], &more);
    assert!(server.stop());
}

#[test]
fn certbot() {
    script("with_certbot.py");
}

#[test]
fn dns_lexicon() {
    script("with_lexicon.py");
}
