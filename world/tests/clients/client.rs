//! Running somebody else's client: with our server for AWS, and nothing else of the machine's configuration.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use world::process::Server;

/// Runs one of our scripts, or one of the programs that were installed for the tests, as a client of the server.
pub(crate) fn client(server: &Server, program: &Path, args: &[&str]) -> String {
    client_with(server, program, args, &[])
}

/// The same with more environment.
pub(crate) fn client_with(server: &Server, program: &Path, args: &[&str], more: &[(&str, &OsStr)]) -> String {
    let credentials = server.credentials();
    let output = Command::new(program)
        .args(args)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients"))
        // Nothing of the user's own AWS configuration, and no look at the network for one.
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_SESSION_TOKEN")
        .env("AWS_ENDPOINT_URL_ROUTE_53", format!("http://{}", server.api))
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", credentials.id)
        .env("AWS_SECRET_ACCESS_KEY", credentials.secret)
        .env("CUTOVER_DNS", server.dns.to_string())
        .env("CUTOVER_BINARY", world::place::binary())
        .env("CUTOVER_DATA", server.data())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NO_PROXY", "127.0.0.1")
        .envs(more.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat();
    println!("{text}");
    assert!(output.status.success(), "{} {args:?} failed:\n{text}", program.display());
    text
}
