//! Starting the other servers: each on its own loopback port, in our folder, without its system configuration.

use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use world::exchange::{self, Transport};
use world::place::program;
use world::process::{self, Server, path, text};
use world::query::Query;

use super::zone::ORIGIN;

/// A foreign server; killed when dropped.
pub(crate) struct Peer {
    child: Child,
    pub(crate) address: SocketAddr,
}

pub(crate) struct Nsd;
pub(crate) struct Knot;

impl Nsd {
    pub(crate) fn start(folder: &Path, zone: &Path) -> Peer {
        let (dir, address) = (folder.join("nsd"), free_port());
        std::fs::create_dir(&dir).unwrap();
        let in_dir = |name: &str| dir.join(name).display().to_string();
        let configuration = format!(
            "server:\n  ip-address: 127.0.0.1@{}\n  username: \"\"\n  zonesdir: \"{}\"\n  zonelistfile: \"{}\"\n  \
             xfrdfile: \"{}\"\n  xfrdir: \"{}\"\n  pidfile: \"{}\"\n  database: \"\"\n  server-count: 1\n  rrl-ratelimit: 0\n  \
             minimal-responses: no\n  hide-version: yes\nremote-control:\n  control-enable: no\n\
             zone:\n  name: \"{ORIGIN}\"\n  zonefile: \"{}\"\n",
            address.port(),
            dir.display(),
            in_dir("zone.list"),
            in_dir("xfrd.state"),
            dir.display(),
            in_dir("nsd.pid"),
            zone.display(),
        );
        let file = dir.join("nsd.conf");
        std::fs::write(&file, configuration).unwrap();
        Peer::start(Command::new(program("nsd")).args(["-d", "-c", path(&file)]), &dir, address)
    }
}

impl Knot {
    pub(crate) fn start(folder: &Path, zone: &Path) -> Peer {
        let (dir, address) = (folder.join("knot"), free_port());
        std::fs::create_dir(&dir).unwrap();
        let configuration = format!(
            "server:\n  listen: 127.0.0.1@{}\n  rundir: \"{dir}\"\ndatabase:\n  storage: \"{dir}\"\n\
             log:\n  - target: stderr\n    any: warning\nzone:\n  - domain: {ORIGIN}\n    file: \"{}\"\n    \
             zonefile-load: whole\n    journal-content: none\n    semantic-checks: off\n",
            address.port(),
            zone.display(),
            dir = dir.display(),
        );
        let file = dir.join("knot.conf");
        std::fs::write(&file, configuration).unwrap();
        Peer::start(Command::new(program("knotd")).args(["-c", path(&file)]), &dir, address)
    }
}

impl Peer {
    /// Starts it and waits until it answers for the zone.
    fn start(command: &mut Command, dir: &Path, address: SocketAddr) -> Self {
        let log = std::fs::File::create(dir.join("log")).unwrap();
        let child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let mut peer = Self { child, address };
        let soa = Query::new(ORIGIN, "SOA").unwrap();
        let began = Instant::now();
        loop {
            let reply = exchange::ask(address, &soa, Transport::Tcp);
            if reply.as_ref().is_ok_and(|r| r.answer.len() == 1) {
                return peer;
            }
            let ended = peer.child.try_wait().unwrap();
            if ended.is_some() || began.elapsed() > Duration::from_secs(30) {
                let log = std::fs::read_to_string(dir.join("log")).unwrap_or_default();
                panic!("{:?} does not come up ({ended:?}, {reply:?}):\n{log}", command.get_program());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
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

/// Cutover with the zone imported from the same file.
pub(crate) fn cutover(folder: &Path, zone: &Path) -> Server {
    let data = folder.join("cutover");
    let imported = process::cutover(&["zone", "import", ORIGIN, path(zone), "--data", path(&data)]);
    assert!(imported.status.success(), "zone import: {}", text(&imported));
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
