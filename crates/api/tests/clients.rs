//! Unmodified clients against the API, signatures included: the referee is somebody else's code.
//!
//! Not run by default, because the machine must have them: `cargo test -p cutover-api --test clients -- --ignored`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod server;

use std::process::Command;

use server::Server;

#[tokio::test]
#[ignore = "needs python3 with boto3"]
async fn boto3_does_its_daily_work() {
    run("python3", &["tests/clients/daily.py"]).await;
}

#[tokio::test]
#[ignore = "needs the AWS CLI"]
async fn the_aws_cli_does_its_daily_work() {
    run("sh", &["tests/clients/daily.sh"]).await;
}

async fn run(program: &str, arguments: &[&str]) {
    let server = Server::signed().await;
    server.keep_serving();
    let key = server.key().await;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("AWS_ENDPOINT_URL_ROUTE_53", format!("http://{}", server.address))
        .env("AWS_ACCESS_KEY_ID", key.id.as_str())
        .env("AWS_SECRET_ACCESS_KEY", &key.secret)
        .env("AWS_DEFAULT_REGION", "us-east-1")
        // Nobody's own settings, and no asking around for credentials.
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_PAGER", "");
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} said:\n{out}{err}");
}
