//! Starts the programs that are measured, each pinned to the server's core, and stops them.

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::cpu::{Cores, on_core};
use crate::query::write_query;
use crate::run::api::Api;
use crate::run::signature::Key;

/// The programs we measure.
#[derive(Clone, Debug)]
pub struct Programs {
    cutover: PathBuf,
    floor: PathBuf,
}

/// What is measured is larger than what AWS allows by default.
const LIMITS: &str = "[limits]\nhosted_zones = \"unlimited\"\nrecord_sets_per_zone = \"unlimited\"\ntraffic_policy_instances = \"unlimited\"\n";

/// A running server. Dropping it ends the process.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it answers.
    pub address: SocketAddr,
    /// Time from starting the process to the first answer.
    pub ready: Duration,
}

impl Programs {
    /// Builds what is missing or old, in the release profile, and finds it next to this program.
    ///
    /// # Errors
    /// The build fails.
    pub fn build() -> Result<Programs> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args([
            "build",
            "--release",
            "-p",
            "cutover",
            "-p",
            "cutover-bench",
            "--bin",
            "cutover",
            "--bin",
            "floor",
        ]);
        build.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        if !build.status().context("run cargo build")?.success() {
            bail!("the programs to measure do not build");
        }
        let folder = std::env::current_exe()?;
        let folder = folder.parent().context("a program lies in a folder")?;
        let folder = if folder.ends_with("debug") { folder.with_file_name("release") } else { folder.to_owned() };
        Ok(Programs { cutover: folder.join("cutover"), floor: folder.join("floor") })
    }

    /// Starts the floor.
    ///
    /// # Errors
    /// It does not come up.
    pub fn start_floor(&self, cores: Cores) -> Result<Server> {
        let address = free_address()?;
        let mut command = Command::new(&self.floor);
        command.arg(address.to_string());
        Server::start(command, cores, address, "h0000000.bench.test.")
    }

    /// Imports a zone file into the data folder; the time it took.
    ///
    /// # Errors
    /// The import fails; its output is shown.
    pub fn import(&self, zone: &str, file: &Path, data: &Path) -> Result<Duration> {
        let start = Instant::now();
        let mut command = Command::new(&self.cutover);
        command.args(["zone", "import", zone]).arg(file).arg("--data").arg(data).stdout(Stdio::null());
        if !command.status().context("run cutover zone import")?.success() {
            bail!("cutover zone import failed: {}", file.display());
        }
        Ok(start.elapsed())
    }

    /// Creates an access key in the data folder. Before the server runs: the folder belongs to one process at a time.
    ///
    /// # Errors
    /// The command fails or prints no key.
    pub fn create_key(&self, data: &Path) -> Result<Key> {
        let mut command = Command::new(&self.cutover);
        let output = command
            .args(["keys", "create", "--name", "bench", "--policy", "full-access", "--json", "--data"])
            .arg(data)
            .stderr(Stdio::inherit())
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!("cutover keys create failed: {text}");
        }
        key_in(&text).with_context(|| format!("cutover keys create printed no key: {text}"))
    }

    /// Starts the server on the data folder and waits until `probe` is answered.
    ///
    /// # Errors
    /// It does not come up.
    pub fn start_cutover(&self, cores: Cores, data: &Path, probe: &str) -> Result<Server> {
        self.start_cutover_with(cores, data, probe, "")
    }

    /// The same with more in its configuration than the limits.
    ///
    /// # Errors
    /// As [`Programs::start_cutover`].
    pub fn start_cutover_with(&self, cores: Cores, data: &Path, probe: &str, more: &str) -> Result<Server> {
        let address = free_address()?;
        _ = fs::remove_file(data.join("listening.json"));
        let config = data.join("bench.toml");
        fs::write(&config, format!("{LIMITS}{more}")).with_context(|| format!("write {}", config.display()))?;
        let mut command = Command::new(&self.cutover);
        command
            .arg("serve")
            .arg("--config")
            .arg(&config)
            .arg("--data")
            .arg(data)
            .args(["--api", "127.0.0.1:0", "--dns"])
            .arg(address.to_string());
        // A line for each change: written as in production, and not over the tables.
        let log = data.join("log");
        command.stderr(fs::File::create(&log).with_context(|| format!("create {}", log.display()))?);
        let server = Server::start(command, cores, address, probe);
        server.with_context(|| format!("its log is {}", log.display()))
    }
}

impl Server {
    /// Starts `command` on the server's core and waits until it answers an A query for `probe` with NOERROR.
    ///
    /// # Errors
    /// It ends, or does not answer within two minutes.
    pub fn start(mut command: Command, cores: Cores, address: SocketAddr, probe: &str) -> Result<Server> {
        let name = format!("{command:?}");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let start = Instant::now();
        let child = on_core(cores.server, || command.spawn().with_context(|| format!("start {name}")))?;
        let mut server = Server { child, address, ready: Duration::ZERO };
        let query = write_query(probe, 1, false)?;
        while start.elapsed() < Duration::from_secs(120) {
            if answers(address, &query) {
                server.ready = start.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("it ended with {status}: {name}");
            }
            thread::sleep(Duration::from_millis(1));
        }
        bail!("no answer within two minutes: {name}")
    }

    /// The process's number.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Connects to the API that the data folder's `listening.json` names.
    ///
    /// # Errors
    /// There is no such file within ten seconds, or nobody listens.
    pub fn api(&self, data: &Path, key: Key) -> Result<Api> {
        let path = data.join("listening.json");
        let start = Instant::now();
        loop {
            if let Ok(text) = fs::read_to_string(&path)
                && let Ok(value) = serde_json::from_str::<Value>(&text)
            {
                let api = value.get("api").context("listening.json names no api")?;
                let address =
                    address_in(api).with_context(|| format!("listening.json names no address of the api: {api}"))?;
                return Api::connect(address, key);
            }
            if start.elapsed() > Duration::from_secs(10) {
                bail!("the server has not said where it listens: {}", path.display());
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What is in the data folder is durable, so there is nothing to say goodbye for.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// An address on loopback that nobody uses right now.
///
/// # Errors
/// What the system says.
pub fn free_address() -> Result<SocketAddr> {
    Ok(UdpSocket::bind("127.0.0.1:0").context("find a free port")?.local_addr()?)
}

/// True if the query is answered with NOERROR within 50 ms.
fn answers(address: SocketAddr, query: &[u8]) -> bool {
    let ask = || -> std::io::Result<bool> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(50)))?;
        socket.connect(address)?;
        socket.send(query)?;
        let mut reply = [0; 1500];
        let length = socket.recv(&mut reply)?;
        Ok(length >= 12 && reply[2] & 0x80 != 0 && reply[3] & 15 == 0)
    };
    ask().unwrap_or(false)
}

/// The first socket address in a value: a string, or inside a list or an object.
fn address_in(value: &Value) -> Option<SocketAddr> {
    match value {
        Value::String(text) => text.trim_start_matches("http://").trim_end_matches('/').parse().ok(),
        Value::Array(values) => values.iter().find_map(address_in),
        Value::Object(fields) => fields.values().find_map(address_in),
        _ => None,
    }
}

/// An access key in printed text: the words behind `access key id` and `secret access key`, however those are written.
fn key_in(text: &str) -> Option<Key> {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || "=:,\"'{}".contains(c)).filter(|w| !w.is_empty()).collect();
    let behind = |wanted: &str| {
        (0..words.len()).find_map(|end| {
            let before: String = words[end.saturating_sub(3)..end].concat();
            let plain: String = before.chars().filter(char::is_ascii_alphanumeric).collect();
            plain.to_ascii_lowercase().ends_with(wanted).then(|| words[end].to_owned())
        })
    };
    Some(Key { id: behind("accesskeyid")?, secret: behind("secretaccesskey")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_however_they_are_printed() {
        for text in [
            "AWS_ACCESS_KEY_ID=AKIA1\nAWS_SECRET_ACCESS_KEY=s/e+c\n",
            "export AWS_ACCESS_KEY_ID=\"AKIA1\"\nexport AWS_SECRET_ACCESS_KEY=\"s/e+c\"\n",
            "{\"AccessKeyId\":\"AKIA1\",\"SecretAccessKey\":\"s/e+c\"}",
            "access key id:     AKIA1\nsecret access key: s/e+c (shown once)\n",
        ] {
            let key = key_in(text).unwrap();
            assert_eq!((&*key.id, &*key.secret), ("AKIA1", "s/e+c"), "{text}");
        }
        assert!(key_in("created").is_none());
    }

    #[test]
    fn addresses_are_found_in_any_shape() {
        for text in ["\"127.0.0.1:80\"", "[\"127.0.0.1:80\"]", "{\"url\":\"http://127.0.0.1:80/\"}"] {
            assert_eq!(address_in(&serde_json::from_str(text).unwrap()), "127.0.0.1:80".parse().ok());
        }
    }
}
