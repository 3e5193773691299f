//! Starting the other servers: each on its own loopback port, in our folder, without its system configuration, with all
//! zones at once.

use std::fmt::Write as _;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use world::exchange::{self, Transport};
use world::place::program;
use world::process::{self, Server, path, text};
use world::query::Query;

/// A zone's name and its file.
pub(crate) type Served = (String, PathBuf);

/// A foreign server; ended when dropped.
pub(crate) struct Peer {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// Its name, its program, how it tells its version, and how it is started.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) program: &'static str,
    version: &'static str,
    start: fn(&Path, SocketAddr, &[Served]) -> Command,
}

/// Each is told to say no more than it must, where it can be told, so that there is less to tolerate.
pub(crate) const KINDS: [Kind; 4] = [
    Kind { name: "NSD", program: "nsd", version: "-v", start: nsd },
    Kind { name: "Knot", program: "knotd", version: "-V", start: knot },
    Kind { name: "BIND", program: "named", version: "-v", start: bind },
    Kind { name: "PowerDNS", program: "pdns_server", version: "--version", start: powerdns },
];

fn nsd(dir: &Path, address: SocketAddr, zones: &[Served]) -> Command {
    let in_dir = |name: &str| dir.join(name).display().to_string();
    let mut configuration = format!(
        "server:\n  ip-address: 127.0.0.1@{}\n  username: \"\"\n  zonesdir: \"{}\"\n  zonelistfile: \"{}\"\n  \
         xfrdfile: \"{}\"\n  xfrdir: \"{}\"\n  pidfile: \"{}\"\n  database: \"\"\n  server-count: 1\n  rrl-ratelimit: 0\n  \
         minimal-responses: yes\n  hide-version: yes\nremote-control:\n  control-enable: no\n",
        address.port(),
        dir.display(),
        in_dir("zone.list"),
        in_dir("xfrd.state"),
        dir.display(),
        in_dir("nsd.pid"),
    );
    for (origin, file) in zones {
        writeln!(configuration, "zone:\n  name: \"{origin}\"\n  zonefile: \"{}\"", file.display()).unwrap();
    }
    let file = written(dir, "nsd.conf", &configuration);
    let mut command = Command::new(program("nsd"));
    command.args(["-d", "-c", path(&file)]);
    command
}

fn knot(dir: &Path, address: SocketAddr, zones: &[Served]) -> Command {
    let mut configuration = format!(
        "server:\n  listen: 127.0.0.1@{}\n  rundir: \"{dir}\"\n  udp-workers: 1\n  tcp-workers: 1\n  \
         background-workers: 1\ndatabase:\n  storage: \"{dir}\"\n  journal-db-max-size: 8M\n  timer-db-max-size: 8M\n  \
         kasp-db-max-size: 8M\n  catalog-db-max-size: 8M\n\
         log:\n  - target: stderr\n    any: warning\nzone:\n",
        address.port(),
        dir = dir.display(),
    );
    for (origin, file) in zones {
        writeln!(
            configuration,
            "  - domain: \"{origin}\"\n    file: \"{}\"\n    zonefile-load: whole\n    journal-content: none\n    \
             semantic-checks: off",
            file.display()
        )
        .unwrap();
    }
    let file = written(dir, "knot.conf", &configuration);
    let mut command = Command::new(program("knotd"));
    command.args(["-c", path(&file)]);
    command
}

fn bind(dir: &Path, address: SocketAddr, zones: &[Served]) -> Command {
    let mut configuration = format!(
        "options {{\n directory \"{dir}\";\n listen-on port {port} {{ 127.0.0.1; }};\n listen-on-v6 {{ none; }};\n \
         pid-file \"{dir}/named.pid\";\n session-keyfile \"{dir}/session.key\";\n lock-file none;\n \
         managed-keys-directory \"{dir}\";\n recursion no;\n minimal-responses yes;\n minimal-any no;\n notify no;\n \
         empty-zones-enable no;\n dnssec-validation no;\n allow-transfer {{ none; }};\n check-integrity no;\n \
         check-names primary ignore;\n check-mx ignore;\n check-mx-cname ignore;\n check-srv-cname ignore;\n \
         check-sibling no;\n check-wildcard no;\n check-spf ignore;\n zone-statistics none;\n zero-no-soa-ttl no;\n \
         version none;\n}};\ncontrols {{ }};\n",
        dir = dir.display(),
        port = address.port(),
    );
    for (origin, file) in zones {
        writeln!(configuration, "zone \"{origin}\" {{ type primary; file \"{}\"; }};", file.display()).unwrap();
    }
    let file = written(dir, "named.conf", &configuration);
    let mut command = Command::new(program("named"));
    command.args(["-g", "-n", "1", "-c", path(&file)]);
    command
}

fn powerdns(dir: &Path, address: SocketAddr, zones: &[Served]) -> Command {
    let zones: String = zones
        .iter()
        .map(|(origin, file)| format!("zone \"{origin}\" {{ type master; file \"{}\"; }};\n", file.display()))
        .collect();
    let zones = written(dir, "zones.conf", &zones);
    let configuration = format!(
        "launch=bind\nbind-config={}\nbind-check-interval=0\nlocal-address=127.0.0.1\nlocal-port={}\nsocket-dir={}\n\
         guardian=no\ndaemon=no\ndisable-syslog=yes\nsecurity-poll-suffix=\nversion-string=anonymous\n\
         dname-processing=yes\n8bit-dns=yes\nany-to-tcp=no\nreceiver-threads=1\ndistributor-threads=1\n\
         cache-ttl=0\nnegquery-cache-ttl=0\nquery-cache-ttl=0\nzone-cache-refresh-interval=0\nxfr-cycle-interval=3600\n\
         consistent-backends=yes\nloglevel=4\n",
        zones.display(),
        address.port(),
        dir.display(),
    );
    written(dir, "pdns.conf", &configuration);
    let mut command = Command::new(program("pdns_server"));
    command.arg(format!("--config-dir={}", dir.display()));
    command
}

fn written(dir: &Path, name: &str, text: &str) -> PathBuf {
    let file = dir.join(name);
    std::fs::write(&file, text).unwrap();
    file
}

impl Kind {
    /// What the program calls itself and its version, in one line.
    pub(crate) fn version(&self) -> String {
        let output = Command::new(program(self.program)).arg(self.version).output().unwrap();
        let text = text(&output);
        let numbers = text.split(|c: char| c.is_whitespace() || c == ',');
        let version = numbers
            .map(|word| word.trim_end_matches('.'))
            .find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.matches('.').count() >= 2);
        version.unwrap_or("unknown").split('-').next().unwrap().to_owned()
    }

    /// Starts it with the zones in a folder of its own and waits until it answers for all of them.
    pub(crate) fn start(&self, folder: &Path, zones: &[Served]) -> Peer {
        let (dir, address) = (folder.join(self.program), free_port());
        std::fs::create_dir(&dir).unwrap();
        let log = std::fs::File::create(dir.join("log")).unwrap();
        let mut command = (self.start)(&dir, address, zones);
        let child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let mut peer = Peer { child, address };
        let began = Instant::now();
        for (origin, _) in zones {
            let soa = Query::new(origin, "SOA").unwrap();
            loop {
                let reply = exchange::ask(address, &soa, Transport::Tcp);
                if reply.as_ref().is_ok_and(|r| r.answer.len() == 1) {
                    break;
                }
                let ended = peer.child.try_wait().unwrap();
                if ended.is_some() || began.elapsed() > Duration::from_secs(30) {
                    let log = std::fs::read_to_string(dir.join("log")).unwrap_or_default();
                    panic!("{} does not come up with {origin} ({ended:?}, {reply:?}):\n{log}", self.name);
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        peer
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // NSD's parent takes its children along only when it is asked to end, not when it is killed.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(5) {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Cutover with the zones imported from the same files.
pub(crate) fn cutover(folder: &Path, zones: &[Served]) -> Server {
    let data = folder.join("cutover");
    for (origin, file) in zones {
        let imported = process::cutover(&["zone", "import", origin, path(file), "--data", path(&data)]);
        assert!(imported.status.success(), "zone import: {}", text(&imported));
    }
    Server::start(&data)
}

/// A port that is free over UDP now, and in all likelihood still when the server takes it, over TCP too.
fn free_port() -> SocketAddr {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = udp.local_addr().unwrap();
        if std::net::TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
