//! The server as its users start it: a process on a folder, on ports that the system chooses.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::place::binary;
use crate::route53::Credentials;

/// How long a process may take to come up before the test gives up: a loaded machine with two cores, a debug build.
const START_MAX: Duration = Duration::from_secs(60);

/// A running `cutover serve`. Killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    data: PathBuf,
    /// Where it answers DNS.
    pub dns: SocketAddr,
    /// Where its API is.
    pub api: SocketAddr,
}

impl Server {
    /// Starts one on a data folder and waits until it serves.
    ///
    /// # Panics
    /// It does not come up; its output is shown.
    #[must_use]
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// The same with more arguments.
    ///
    /// # Panics
    /// It does not come up; its output is shown.
    #[must_use]
    pub fn start_with(data: &Path, more: &[&str]) -> Self {
        // A server that was killed left this behind; we must not take it for the new one's.
        let listening = data.join("listening.json");
        let _ = std::fs::remove_file(&listening);
        let mut child = serve(data).args(more).spawn().expect("the binary starts");
        let began = Instant::now();
        loop {
            if let Some((dns, api)) = read_listening(&listening) {
                return Self { child, data: data.to_owned(), dns, api };
            }
            let ended = child.try_wait().expect("a child can be asked");
            if ended.is_some() || began.elapsed() > START_MAX {
                let _ = child.kill();
                let log = std::fs::read_to_string(log_of(data)).unwrap_or_default();
                panic!("cutover serve does not come up ({ended:?}):\n{log}");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Kills it as a crash would: SIGKILL, no last word.
    ///
    /// # Panics
    /// The system refuses.
    pub fn crash(mut self) {
        self.child.kill().expect("our child can be killed");
        self.child.wait().expect("our child ends");
    }

    /// Asks it to stop (SIGTERM) and waits; whether it said that all went well.
    ///
    /// # Panics
    /// It does not end.
    #[must_use]
    pub fn stop(mut self) -> bool {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                return status.success();
            }
            assert!(began.elapsed() < START_MAX, "cutover serve does not stop:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it wrote to standard error.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(log_of(&self.data)).unwrap_or_default()
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// A new access key.
    ///
    /// # Panics
    /// There is none to be had.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        credentials(&self.data)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the server said:\n{}", self.log());
        }
    }
}

/// `cutover keys create`, with or without a server on the folder.
///
/// # Panics
/// It fails.
#[must_use]
pub fn credentials(data: &Path) -> Credentials {
    let output =
        cutover(&["keys", "create", "--data", path(data), "--name", "test", "--policy", "full-access", "--json"]);
    assert!(output.status.success(), "keys create: {}", text(&output));
    let key: serde_json::Value = serde_json::from_slice(&output.stdout).expect("--json prints JSON");
    let field = |name: &str| key[name].as_str().unwrap_or_else(|| panic!("no {name} in {key}")).to_owned();
    Credentials { id: field("access_key_id"), secret: field("secret_access_key") }
}

/// Runs the command line to its end.
///
/// # Panics
/// It cannot be started.
#[must_use]
pub fn cutover(args: &[&str]) -> Output {
    Command::new(binary()).args(args).stdin(Stdio::null()).output().expect("the binary starts")
}

/// Everything a command printed.
#[must_use]
pub fn text(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat()
}

/// A path as an argument.
///
/// # Panics
/// It is not UTF-8.
#[must_use]
pub fn path(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// The command that serves a folder on ports the system chooses; its log goes beside the folder.
fn serve(data: &Path) -> Command {
    let log = std::fs::File::options().create(true).append(true).open(log_of(data)).expect("the log can be written");
    let mut command = Command::new(binary());
    command.args(["serve", "--data", path(data), "--dns", "127.0.0.1:0", "--api", "127.0.0.1:0"]);
    command.stdin(Stdio::null()).stdout(log.try_clone().expect("a file can be shared")).stderr(log);
    command
}

fn log_of(data: &Path) -> PathBuf {
    data.with_extension("log")
}

/// `{"dns":["127.0.0.1:5353"],"api":"127.0.0.1:8053"}`, once it is there.
fn read_listening(file: &Path) -> Option<(SocketAddr, SocketAddr)> {
    let listening: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()?;
    Some((listening["dns"][0].as_str()?.parse().ok()?, listening["api"].as_str()?.parse().ok()?))
}
