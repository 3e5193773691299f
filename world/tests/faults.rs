//! Bad input of every kind, over every door: a clear error each time, and nothing is changed by it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use world::exchange::{self, Transport, ask};
use world::place::Folder;
use world::process::{Server, cutover, path, text};
use world::query::{Query, packet};
use world::route53::{Client, batch};

const ZONE: &str = "@ 900 IN SOA ns.faults.test. hostmaster.faults.test. 1 7200 900 1209600 300\n\
                    @ 900 IN NS ns.faults.test.\nns 60 IN A 192.0.2.53\nwww 60 IN A 192.0.2.1\n";

/// A server with one zone.
fn server(folder: &Folder) -> Server {
    let data = folder.path().join("data");
    let file = folder.write("good.zone", ZONE);
    let output = cutover(&["zone", "import", "faults.test", path(&file), "--data", path(&data)]);
    assert!(output.status.success(), "{}", text(&output));
    Server::start(&data)
}

fn export(data: &Path) -> String {
    let output = cutover(&["zone", "export", "faults.test", "--data", path(data)]);
    assert!(output.status.success(), "{}", text(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// A command failed and said these things on standard error.
#[track_caller]
fn refused(output: &Output, says: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "this must fail: {}", text(output));
    for part in says {
        assert!(stderr.contains(part), "{part:?} is not said:\n{stderr}");
    }
    assert!(!stderr.contains("panicked"), "{stderr}");
}

/// Sends bytes as they are to the API and reads until it closes; the head and the body. Bytes that are no whole request
/// need their end told.
fn raw(api: SocketAddr, bytes: &[u8], is_all: bool) -> String {
    let mut stream = TcpStream::connect(api).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(bytes);
    if is_all {
        let _ = stream.shutdown(std::net::Shutdown::Write);
    }
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply);
    String::from_utf8_lossy(&reply).into_owned()
}

#[test]
fn packets() {
    let folder = Folder::new("packets");
    let server = server(&folder);
    let www = Query::new("www.faults.test", "A").unwrap();
    let broken = [
        "",
        "12",
        "1234 0000",
        "1234 8000 0001 0000 0000 0000 <www.faults.test> 0001 0001",
        "1234 0000 0002 0000 0000 0000 <www.faults.test> 0001 0001",
        "1234 0000 0001 0000 0000 0000 c00c 0001 0001",
        "1234 0000 0001 0000 0000 0000 3f 61*10",
        "1234 0000 0001 ffff ffff ffff <www.faults.test> 0001 0001",
        "1234 7800 0001 0000 0000 0000 <www.faults.test> 0001 0001",
        "1234 0000 0001 0000 0000 0001 <www.faults.test> 0001 0001 00 0029 ffff 00000000 ffff",
        "ff*1400",
        "00*4096",
    ];
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for words in broken {
        socket.send_to(&packet(words).unwrap(), server.dns).unwrap();
        let reply = ask(server.dns, &www, Transport::Udp).unwrap_or_else(|fault| panic!("after {words}: {fault}"));
        assert_eq!(reply.values().collect::<Vec<_>>(), ["192.0.2.1"]);
    }
    // Over TCP: lengths that lie, connections that break off in the middle, nothing at all.
    for stream_bytes in ["0000", "00", "ffff 1234", "000c 1234 0000 0001 0000 0000 0000", "0005 1234567890", "ff*3000"]
    {
        let mut stream = TcpStream::connect(server.dns).unwrap();
        stream.write_all(&packet(stream_bytes).unwrap()).unwrap();
        drop(stream);
        let reply =
            ask(server.dns, &www, Transport::Tcp).unwrap_or_else(|fault| panic!("after {stream_bytes}: {fault}"));
        assert_eq!(reply.values().collect::<Vec<_>>(), ["192.0.2.1"]);
    }
    // Random bytes behind a good header; every query gets some reply or none, and the server stays.
    let mut state = 1u64;
    for _ in 0..3_000 {
        let mut bytes = www.to_wire(7);
        for _ in 0..4 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = usize::try_from(state >> 40).unwrap() % bytes.len();
            bytes[at] = state.to_le_bytes()[3];
        }
        socket.send_to(&bytes, server.dns).unwrap();
    }
    assert_eq!(ask(server.dns, &www, Transport::Udp).unwrap().status, "NOERROR");
    assert!(server.stop());
}

#[test]
fn a_hundred_queries_on_one_connection() {
    let folder = Folder::new("pipeline");
    let server = server(&folder);
    let mut stream = TcpStream::connect(server.dns).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut bytes = Vec::new();
    for id in 0..100u16 {
        let message = Query::new("www.faults.test", "A").unwrap().to_wire(id);
        bytes.extend_from_slice(&u16::try_from(message.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(&message);
    }
    // In pieces that end in the middle of lengths and messages (RFC 7766 §8).
    for piece in bytes.chunks(37) {
        stream.write_all(piece).unwrap();
    }
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let mut length = [0; 2];
        stream.read_exact(&mut length).unwrap();
        let mut reply = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut reply).unwrap();
        ids.insert(world::reply::Reply::read(&reply).unwrap().id);
    }
    assert_eq!(ids.len(), 100);
    assert!(server.stop());
}

#[test]
fn xml() {
    let folder = Folder::new("xml");
    let server = server(&folder);
    let credentials = server.credentials();
    let mut client = Client::connect(server.api, &credentials).unwrap();
    let list = client.send("GET", "hostedzone", "").unwrap();
    let zone = list.element("Id").unwrap().trim_start_matches("/hostedzone/").to_owned();
    let before = export(&folder.path().join("data"));
    let good = batch(&[("CREATE", "new.faults.test", "A", 60, "192.0.2.9")]);
    let nested = "<a>".repeat(10_000);
    let cases: [(String, &str); 9] = [
        (String::new(), "400"),
        ("not xml".to_owned(), "400"),
        (good.replace("</ChangeBatch>", ""), "400"),
        (good.replace("ChangeResourceRecordSetsRequest", "CreateHostedZoneRequest"), "400"),
        (good.replace("CREATE", "DESTROY"), "400"),
        (good.replace("<TTL>60</TTL>", "<TTL>sixty</TTL>"), "400"),
        (good.replace("<TTL>60</TTL>", "<TTL>99999999999</TTL>"), "400"),
        (format!("<!DOCTYPE x [<!ENTITY e \"{}\">]>{}", "x".repeat(100), good.replace("192.0.2.9", "&e;")), "400"),
        (nested, "400"),
    ];
    for (body, status) in &cases {
        let response = client.send("POST", &format!("hostedzone/{zone}/rrset/"), body).unwrap();
        let shown = &body[..body.len().min(80)];
        assert_eq!(&response.status.to_string(), status, "{shown}: {response:?}");
        let message = response.element("Message").unwrap_or_else(|| panic!("{shown}: {response:?}"));
        assert!(response.element("Code").is_some() && !message.is_empty(), "{shown}: {response:?}");
    }
    // A request that is not signed, and one with a body other than the signed one.
    let request = format!(
        "POST /2013-04-01/hostedzone/{zone}/rrset/ HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{good}",
        good.len()
    );
    let reply = raw(server.api, request.as_bytes(), false);
    assert!(reply.starts_with("HTTP/1.1 403") && reply.contains("MissingAuthenticationToken"), "{reply}");
    for bytes in [
        "",
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\0\0\0\0",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ] {
        let reply = raw(server.api, bytes.as_bytes(), true);
        assert!(reply.is_empty() || reply.starts_with("HTTP/1.1 4"), "{bytes:?}: {reply}");
    }
    assert_eq!(export(&folder.path().join("data")), before);
    assert_eq!(
        ask(server.dns, &Query::new("new.faults.test", "A").unwrap(), Transport::Udp).unwrap().status,
        "NXDOMAIN"
    );
    // And the same batch, whole, goes in.
    assert_eq!(client.change(&zone, &[("CREATE", "new.faults.test", "A", 60, "192.0.2.9")]).unwrap().status, 200);
    assert!(server.stop());
}

#[test]
fn json() {
    let folder = Folder::new("json");
    let server = server(&folder);
    let data = folder.path().join("data");
    let token = std::fs::read_to_string(data.join("operator-token")).unwrap();
    let before = export(&data);
    let send = |method: &str, target: &str, token: &str, body: &str| {
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        raw(server.api, request.as_bytes(), false)
    };
    let cases = [
        ("POST", "/v1/keys", token.trim(), "{", "HTTP/1.1 4"),
        ("POST", "/v1/keys", token.trim(), "[]", "HTTP/1.1 4"),
        ("POST", "/v1/keys", token.trim(), "{\"nope\":1}", "HTTP/1.1 4"),
        ("PUT", "/v1/zones/faults.test.", token.trim(), "www IN A nonsense", "HTTP/1.1 422"),
        ("GET", "/v1/nothing", token.trim(), "", "HTTP/1.1 404"),
        ("GET", "/v1/zones", "wrong", "", "HTTP/1.1 401"),
    ];
    for (method, target, token, body, status) in cases {
        let reply = send(method, target, token, body);
        assert!(reply.starts_with(status), "{method} {target} {body}: {reply}");
        assert!(reply.contains("application/problem+json"), "{method} {target} {body}: {reply}");
        let document = reply.split_once("\r\n\r\n").unwrap().1;
        let problem: serde_json::Value = serde_json::from_str(document).unwrap();
        assert!(problem["detail"].as_str().is_some_and(|d| !d.is_empty()), "{reply}");
    }
    assert_eq!(export(&data), before);
    assert!(server.stop());
}

#[test]
fn zone_files() {
    let folder = Folder::new("zone-files");
    let data = folder.path().join("data");
    let import = |name: &str, text: &str| {
        let file = folder.write(name, text);
        cutover(&["zone", "import", "faults.test", path(&file), "--data", path(&data)])
    };
    assert!(import("good", ZONE).status.success());
    let before = export(&data);
    let long = "a".repeat(64);
    let cases = [
        ("www 60 IN A 999.1.1.1\n".to_owned(), ":5:", "999.1.1.1"),
        (format!("{long} 60 IN A 192.0.2.1\n"), ":5:", "too long"),
        ("www 60 IN NONSENSE 1\n".to_owned(), ":5:", "NONSENSE"),
        ("x 60 IN TXT \"no end\n".to_owned(), ":5:", ""),
        ("x 60 IN CNAME www\nx 60 IN A 192.0.2.1\n".to_owned(), "x.faults.test", ""),
        ("www.other.test. 60 IN A 192.0.2.1\n".to_owned(), ":5:", "www.other.test"),
        ("$INCLUDE /etc/passwd\n".to_owned(), ":5:", ""),
        ("x 60 IN TYPE0 \\# 0\n".to_owned(), ":5:", ""),
        ("x 60 IN OPT \\# 0\n".to_owned(), ":5:", ""),
        ("x 60 IN TYPE255 \\# 0\n".to_owned(), ":5:", ""),
        ("x 60 IN MX 10 a b c\n".to_owned(), ":5:", ""),
        ("x 60 IN A \\# 3 0a0000\n".to_owned(), ":5:", ""),
    ];
    for (i, (line, place, says)) in cases.iter().enumerate() {
        let output = import(&format!("bad-{i}"), &format!("{ZONE}{line}"));
        refused(&output, &[place, says]);
        assert_eq!(export(&data), before, "{line} has changed something");
    }
    refused(&import("empty", ""), &["SOA"]);
    refused(&import("binary", "\0\u{1}\u{2}\n"), &[":1:"]);
    refused(
        &cutover(&["zone", "import", "faults.test", "/nonexistent/file", "--data", path(&data)]),
        &["/nonexistent/file"],
    );
    refused(
        &cutover(&["zone", "import", "bad..name", path(&folder.write("g", ZONE)), "--data", path(&data)]),
        &["bad..name"],
    );
    // Of many zones none is imported if one is wrong.
    let list = folder.write("list", "other.test\tgood-other\nfaults.test\tbad-0\n");
    folder.write("good-other", ZONE.replace("faults", "other"));
    refused(&cutover(&["zone", "import", "--list", path(&list), "--data", path(&data)]), &["bad-0:5:"]);
    refused(&cutover(&["zone", "export", "other.test", "--data", path(&data)]), &["other.test"]);
    assert_eq!(export(&data), before);
}

#[test]
fn configuration() {
    let folder = Folder::new("configuration");
    let check = |text: &str| cutover(&["config", "check", "--config", path(&folder.write("c.toml", text))]);
    assert!(check("[dns]\nlisten = [\"127.0.0.1:0\"]\n").status.success());
    for (text, says) in [
        ("[dns\n", &["c.toml:1:"][..]),
        ("[dns]\nport = 53\n", &["c.toml:2:1", "port"]),
        ("[dns]\nlisten = [\"here\"]\n", &["c.toml:2:", "listen"]),
        ("data = 7\n", &["c.toml:1:"]),
        ("[log]\nformat = \"xml\"\n", &["c.toml:2:", "xml"]),
        ("[route53]\nname_servers = [\"bad..name\"]\n", &["bad..name"]),
    ] {
        let output = check(text);
        refused(&output, &[]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(says.iter().any(|part| stderr.contains(part)), "{text}: {stderr}");
    }
    refused(&cutover(&["config", "check", "--config", "/nonexistent.toml"]), &["/nonexistent.toml"]);
}

#[test]
fn arguments() {
    let folder = Folder::new("arguments");
    let data = folder.path().join("data");
    for args in [
        &[][..],
        &["frobnicate"],
        &["serve", "--dns"],
        &["serve", "--dns", "here"],
        &["serve", "--dns", "127.0.0.1:99999"],
        &["zone", "import"],
        &["zone", "export", "nothing.test", "--data", path(&data)],
        &["keys", "create", "--data", path(&data), "--name", ""],
        &["keys", "delete", "no/such/key", "--data", path(&data)],
        &["explain", "www.nothing.test", "NONSENSE", "--data", path(&data)],
    ] {
        let output = cutover(args);
        assert!(!output.status.success(), "{args:?}: {}", text(&output));
        assert!(!output.stderr.is_empty() && !text(&output).contains("panicked"), "{args:?}: {}", text(&output));
    }
    assert!(cutover(&["--version"]).status.success());
    assert!(cutover(&["--help"]).status.success());
}

/// Starts a server that must not come up.
fn start(data: &Path, dns: &str, api: &str) -> Output {
    cutover(&["serve", "--data", path(data), "--dns", dns, "--api", api])
}

#[test]
fn ports_and_folders_that_are_taken() {
    let folder = Folder::new("taken");
    let server = server(&folder);
    let data = folder.path().join("data");
    let other = folder.path().join("other");
    let any = "127.0.0.1:0";

    // A second process on the same folder, for serving and for everything else that needs the store itself.
    refused(&start(&data, any, any), &[path(&data)]);
    let dns = server.dns.to_string();
    refused(&start(&other, &dns, any), &[&dns]);
    let api = server.api.to_string();
    refused(&start(&other, any, &api), &[&api]);
    let tcp_only = TcpListener::bind(any).unwrap();
    let address = tcp_only.local_addr().unwrap().to_string();
    refused(&start(&other, &address, any), &[&address]);
    // 192.0.2.1 is nobody's (RFC 5737).
    refused(&start(&other, "192.0.2.1:0", any), &["192.0.2.1"]);

    // A file where the folder should be, a folder below a file, a folder that cannot be written.
    let file = folder.write("file", "x");
    refused(&start(&file, any, any), &[path(&file)]);
    refused(&start(&file.join("below"), any, any), &["file"]);
    refused(&start(Path::new("/proc/cutover"), any, any), &["/proc/cutover"]);
    // A store that is none.
    let strange = folder.path().join("strange");
    std::fs::create_dir(&strange).unwrap();
    std::fs::write(strange.join("store.db"), vec![7; 40_960]).unwrap();
    refused(&start(&strange, any, any), &[path(&strange)]);
    assert_eq!(std::fs::read(strange.join("store.db")).unwrap(), vec![7; 40_960]);

    // All the while the first one served.
    let reply = exchange::ask(server.dns, &Query::new("www.faults.test", "A").unwrap(), Transport::Udp).unwrap();
    assert_eq!(reply.answer.len(), 1);
    assert!(server.stop());
}
