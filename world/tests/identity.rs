//! What a running server says of itself: its name, its idle time, and cookies that hold over a restart and that NSD makes
//! alike.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use world::exchange::{self, Transport, ask};
use world::place::{Folder, program};
use world::process::{Server, cutover, path, text};
use world::query::{Opt, Query, option};
use world::reply::Reply;

const ZONE: &str = "@ 900 IN SOA ns.identity.test. hostmaster.identity.test. 1 7200 900 1209600 300\n\
                    @ 900 IN NS ns.identity.test.\nns 60 IN A 192.0.2.53\n";
const SECRET: &str = "e5e973e5a6b2a43f48e7dc849e37bfcf";
const OTHER: &str = "445536bcd2513298075a5d379663c962";
const CLIENT: [u8; 8] = [0x24, 0x64, 0xc4, 0xab, 0xcf, 0x10, 0xc9, 0x57];

/// A server with the zone, its data in a folder of its own, with this configuration.
fn server(folder: &Folder, name: &str, dns: &str) -> Server {
    let data = folder.path().join(name);
    if !data.exists() {
        let zone = folder.write("zone", ZONE);
        let output = cutover(&["zone", "import", "identity.test", path(&zone), "--data", path(&data)]);
        assert!(output.status.success(), "{}", text(&output));
    }
    let config = folder.write(&format!("{name}.toml"), format!("[dns]\n{dns}"));
    Server::start_with(&data, &["--config", path(&config)])
}

/// The `[dns.cookies]` of a secret, and of another if there is one; the files are written.
fn cookies(folder: &Folder, secret: &str, other: Option<&str>) -> String {
    let file = |name: &str, secret: &str| folder.write(name, format!("{secret}\n"));
    let other = other.map(|other| format!("other_secret = {:?}\n", file("other", other)));
    format!("[dns.cookies]\nsecret = {:?}\n{}", file("secret", secret), other.unwrap_or_default())
}

fn query(options: Vec<u8>) -> Query {
    let mut query = Query::new("ns.identity.test", "A").unwrap();
    query.edns = Some(Opt { options, ..Opt::default() });
    query
}

/// The words of one kind in a reply's OPT.
fn said(reply: &Reply, kind: &str) -> Option<String> {
    let options = &reply.edns.as_ref().expect("an OPT was sent").options;
    options.iter().find_map(|words| Some(words.strip_prefix(kind)?.trim().to_owned()))
}

/// The cookie that a server gives to us.
fn cookie(server: SocketAddr) -> Vec<u8> {
    let reply = ask(server, &query(option(10, &CLIENT)), Transport::Udp).unwrap();
    assert_eq!(reply.values().collect::<Vec<_>>(), ["192.0.2.53"], "a cookie changes nothing");
    let hex = said(&reply, "cookie").expect("a cookie comes back");
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

/// What a server says to a cookie alone (RFC 7873 §5.4).
fn judged(server: SocketAddr, cookie: &[u8]) -> String {
    let option = option(10, cookie);
    let length = u8::try_from(option.len()).unwrap();
    let head = [0x12, 0x34, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, length];
    let reply = exchange::udp(server, &[&head[..], &option].concat()).unwrap();
    Reply::read(&reply).unwrap().status
}

#[test]
fn a_server_says_what_it_is_configured_to_say() {
    let folder = Folder::new("identity");
    let asked = query([option(3, &[]), option(11, &[])].concat());
    let plain = server(&folder, "plain", "");
    let reply = ask(plain.dns, &asked, Transport::Udp).unwrap();
    assert_eq!((said(&reply, "nsid"), said(&reply, "keepalive")), (None, None));
    let reply = ask(plain.dns, &asked, Transport::Tcp).unwrap();
    assert_eq!((said(&reply, "nsid"), said(&reply, "keepalive").as_deref()), (None, Some("10.0s")));
    let named = server(&folder, "named", "nsid = \"fra-1\"\ntcp.idle_seconds = 7\n");
    let reply = ask(named.dns, &asked, Transport::Tcp).unwrap();
    assert_eq!((said(&reply, "nsid").as_deref(), said(&reply, "keepalive").as_deref()), (Some("fra-1"), Some("7.0s")));
    assert!(plain.stop() && named.stop());
}

#[test]
fn cookies_hold_over_a_restart_and_an_exchange_of_secrets() {
    let folder = Folder::new("cookies");
    let first = server(&folder, "alone", "");
    let given = cookie(first.dns);
    assert_eq!((&given[..8], given[8]), (&CLIENT[..], 1));
    assert_eq!(judged(first.dns, &given), "NOERROR");
    assert!(first.stop());
    let again = server(&folder, "alone", "");
    assert_eq!(judged(again.dns, &given), "NOERROR", "its secret is kept in the data folder");

    let shared = server(&folder, "shared", &cookies(&folder, SECRET, None));
    assert_eq!(judged(shared.dns, &given), "BADCOOKIE", "another secret");
    let given = cookie(shared.dns);
    assert!(shared.stop());
    let exchanged = server(&folder, "shared", &cookies(&folder, OTHER, Some(SECRET)));
    assert_eq!(judged(exchanged.dns, &given), "NOERROR", "the old secret counts");
    assert!(exchanged.stop());
    let done = server(&folder, "shared", &cookies(&folder, OTHER, None));
    assert_eq!(judged(done.dns, &given), "BADCOOKIE", "the old secret has gone");
    assert!(again.stop() && done.stop());
}

#[test]
fn a_secret_that_is_named_must_be_there() {
    let folder = Folder::new("no-secret");
    let config = folder.write("c.toml", "[dns.cookies]\nsecret = \"/nonexistent/secret\"\n");
    let data = folder.path().join("data");
    for command in [&["config", "check"][..], &["serve", "--dns", "127.0.0.1:0", "--api", "127.0.0.1:0"]] {
        let output = cutover(&[command, &["--config", path(&config), "--data", path(&data)]].concat());
        assert!(!output.status.success(), "{}", text(&output));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("there is no such cookie secret") && stderr.contains("/nonexistent"), "{stderr}");
    }
}

/// RFC 9018: servers of different make with one secret agree byte for byte.
#[test]
fn nsd_makes_the_same_cookies() {
    let folder = Folder::new("cookies-nsd");
    let ours = server(&folder, "ours", &cookies(&folder, SECRET, None));
    let nsd = Nsd::start(folder.path(), &folder.write("nsd.zone", format!("$ORIGIN identity.test.\n{ZONE}")));
    // They carry the second in which they were made, so both must be asked within one.
    for _ in 0..20 {
        let (mine, theirs) = (cookie(ours.dns), cookie(nsd.address));
        if mine[12..16] == theirs[12..16] {
            assert_eq!(mine, theirs);
            assert_eq!(judged(ours.dns, &theirs), "NOERROR");
            assert!(ours.stop());
            return;
        }
    }
    panic!("never asked both within one second");
}

/// NSD with the zone and the secret; ended when dropped.
struct Nsd {
    child: Child,
    address: SocketAddr,
}

impl Nsd {
    fn start(folder: &Path, zone: &Path) -> Self {
        let (dir, address) = (folder.join("nsd"), free_port());
        std::fs::create_dir(&dir).unwrap();
        let in_dir = |name: &str| dir.join(name).display().to_string();
        let configuration = format!(
            "server:\n  ip-address: 127.0.0.1@{}\n  username: \"\"\n  zonesdir: \"{}\"\n  zonelistfile: \"{}\"\n  \
             xfrdfile: \"{}\"\n  xfrdir: \"{}\"\n  pidfile: \"{}\"\n  database: \"\"\n  server-count: 1\n  rrl-ratelimit: 0\n  \
             answer-cookie: yes\n  cookie-secret: \"{SECRET}\"\nremote-control:\n  control-enable: no\n\
             zone:\n  name: \"identity.test\"\n  zonefile: \"{}\"\n",
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
        let log = std::fs::File::create(dir.join("log")).unwrap();
        let mut command = Command::new(program("nsd"));
        command.args(["-d", "-c", path(&file)]).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut nsd = Self { child: command.spawn().unwrap(), address };
        let began = Instant::now();
        while ask(address, &query(Vec::new()), Transport::Tcp).is_err() {
            let ended = nsd.child.try_wait().unwrap();
            if ended.is_some() || began.elapsed() > Duration::from_secs(30) {
                panic!("nsd does not come up:\n{}", std::fs::read_to_string(dir.join("log")).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        nsd
    }
}

impl Drop for Nsd {
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

/// A port that is free over UDP now, and in all likelihood still when the server takes it, over TCP too.
fn free_port() -> SocketAddr {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = udp.local_addr().unwrap();
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
