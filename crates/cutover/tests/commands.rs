//! The program as its users call it, mistakes first: each gives one line that says what to change, has its exit code,
//! and leaves nothing behind.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

/// A folder of the test's own, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("cutover-commands-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn cutover(folder: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cutover"));
    command.args(words.split(' ')).current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

/// Exit code, standard output, standard error.
fn run(folder: &Path, words: &str) -> (i32, String, String) {
    let done = cutover(folder, words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap_or(-1), text(done.stdout), text(done.stderr))
}

#[track_caller]
fn refused(folder: &Path, words: &str, code: i32, text: &str) {
    let (given, out, err) = run(folder, words);
    assert!(given == code && out.is_empty() && err.contains(text), "{words}: {given}\n{out}{err}");
    assert_eq!(err.lines().count(), 1, "{words}: {err}");
}

/// A server on ports of the system's choice; killed at the end.
struct Server(Child);

impl Server {
    fn start(folder: &Path) -> Self {
        let mut command = cutover(folder, "serve --data d --dns 127.0.0.1:0 --api 127.0.0.1:0 --json --log off");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("{\"dns\":["), "{line}");
        Self(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_folder_that_was_mistyped_is_told_and_not_made() {
    let folder = Folder::new();
    let verbs = [
        "zone list",
        "zone export x.test",
        "zone history x.test",
        "zone rollback x.test 1",
        "keys list",
        "keys delete CUTOX",
        "explain x.test",
        "simulate x.test",
        "service list",
        "deploy status shop",
    ];
    for verb in verbs {
        refused(&folder.0, &format!("{verb} --data nowhere"), 1, "no data folder at nowhere");
    }
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0);
}

#[test]
fn a_configuration_that_makes_no_sense_is_told_with_its_place() {
    let folder = Folder::new();
    folder.write("c.toml", "[api]\nlisten = \"localhost:80\"\n");
    refused(
        &folder.0,
        "serve --config c.toml",
        1,
        "c.toml:2:10: not an IP address with a port, such as 127.0.0.1:8053",
    );
    folder.write("c.toml", "[dns]\nport = 1\n");
    refused(&folder.0, "serve --config c.toml", 1, "c.toml:2:1: unknown field `port`");
    folder.write("c.toml", "[places]\nfile = \"nowhere.csv\"\n");
    refused(&folder.0, "config check --config c.toml", 1, "cannot read places.file, nowhere.csv");
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1);
    let (code, _, err) = run(&folder.0, "serve --api localhost:80");
    assert!(code == 2 && err.contains("names do not go: localhost:80"), "{err}");
}

#[test]
fn what_is_not_valid_ends_with_2_and_what_is_not_there_with_1() {
    let folder = Folder::new();
    let _server = Server::start(&folder.0);
    folder.write("bad.json", "{");
    folder.write("nameless.json", "{}");
    folder.write("empty.json", "{\"service\": \"shop\"}");
    refused(&folder.0, "service apply bad.json --data d", 2, "bad.json:2:1: while parsing a node");
    refused(
        &folder.0,
        "service apply nameless.json --data d",
        2,
        "nameless.json holds no service; write `service: NAME`",
    );
    refused(&folder.0, "service apply empty.json --data d", 2, "empty.json:1:1: missing field `environments`");
    refused(&folder.0, "service apply nothing.json --data d", 1, "cannot read nothing.json");
    refused(&folder.0, "service show shop --data d", 1, "no such service: shop");
    refused(&folder.0, "deploy history shop --data d", 1, "no such service: shop");
    refused(&folder.0, "deploy status shop --data d", 1, "no deployment of a service with this name: shop");
    refused(&folder.0, "serve --data d --dns 127.0.0.1:0 --api 127.0.0.1:0", 1, "the store is open in process");
}

#[test]
fn a_reader_that_leaves_is_no_panic() {
    let folder = Folder::new();
    let mut child = cutover(&folder.0, "config check").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(141), ""));
}

#[test]
fn a_zone_goes_back_with_the_server_down_and_up() {
    let folder = Folder::new();
    let file = |address: &str| format!("@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\nwww 60 A {address}\n");
    for address in ["192.0.2.1", "192.0.2.2"] {
        folder.write("z", &file(address));
        assert_eq!(run(&folder.0, "zone import x.test z --data d").0, 0);
    }
    let history = |rows: usize| {
        let told: Value = serde_json::from_str(&run(&folder.0, "zone history x.test --data d --json").1).unwrap();
        let revisions = told["revisions"].as_array().unwrap().clone();
        assert_eq!((revisions.len(), &revisions[0]["by"]), (rows, &Value::from("operator")));
        revisions.last().unwrap()["revision"].to_string()
    };
    let exported = || run(&folder.0, "zone export x.test --data d").1;
    let first = history(2);
    let (code, out, _) = run(&folder.0, "zone diff x.test now~1 --data d");
    let differs = "~ www.x.test. A\n    - 192.0.2.1\n    + 192.0.2.2\n";
    assert!(code == 0 && out.ends_with(differs), "{out}");
    assert!(run(&folder.0, "zone show x.test --data d").1.ends_with(differs));
    refused(&folder.0, &format!("zone rollback x.test {first} --data d"), 1, "nobody to ask; say --yes");
    let (code, out, _) = run(&folder.0, &format!("zone rollback x.test {first} --dry-run --data d"));
    assert!(code == 0 && out.contains("1 put, 0 deleted\n~ www.x.test. A\n    - 192.0.2.2\n    + 192.0.2.1"), "{out}");
    assert!(exported().contains("192.0.2.2"), "a dry run changes nothing");
    let (code, out, _) = run(&folder.0, "zone rollback x.test --undo now --yes --comment night --data d");
    assert!(code == 0 && out.contains("done: revision "), "{out}");
    assert!(exported().contains("192.0.2.1"));
    let zones: Value = serde_json::from_str(&run(&folder.0, "zone list --data d --json").1).unwrap();
    let by_id = || {
        folder.write("same", &exported());
        let (code, out, err) =
            run(&folder.0, &format!("zone import {} same --data d", zones["zones"][0]["id"].as_str().unwrap()));
        assert!(code == 0 && out.contains("x.test.: 3 record sets (0 put, 0 deleted)"), "{out}{err}");
    };
    by_id();

    let _server = Server::start(&folder.0);
    by_id();
    assert_eq!(history(5), first);
    let (code, out, _) = run(&folder.0, &format!("zone rollback x.test {first} --yes --data d"));
    assert!(code == 0 && out.contains("0 put, 0 deleted\nno differences"), "{out}");
    let past = run(&folder.0, &format!("zone export x.test --at {first} --data d")).1;
    assert_eq!(past, exported());
    let (_, of_www, _) = run(&folder.0, "zone history x.test --name www --data d");
    assert!(of_www.contains("night") && of_www.contains("undo of "), "{of_www}");
    let (_, table, _) = run(&folder.0, "zone history x.test --data d --limit 1");
    assert!(table.starts_with("REVISION  WHEN") && table.lines().count() == 2, "{table}");
    refused(&folder.0, "zone rollback x.test 9999 --yes --data d", 1, "did not exist at revision: 9999");
    refused(&folder.0, "zone history y.test --data d", 1, "no hosted zone has this name: y.test.");
}

#[test]
fn a_demo_that_is_interrupted_leaves_nothing_behind() {
    let folder = Folder::new();
    let mut command = cutover(&folder.0, "demo");
    let mut child = command.env("TMPDIR", &folder.0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("Server up: "));
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let (rest, done) = (lines.count(), child.wait_with_output().unwrap());
    let err = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(130), "{rest} more lines; {err}");
    assert!(err.ends_with("cutover: interrupted; the demo is over\n"), "{err}");
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0);
    refused(&folder.0, "demo --svg nowhere/x.svg", 1, "no folder for the picture; name another with --svg: nowhere");
}

#[test]
fn a_plan_says_what_would_change_and_changes_nothing() {
    let folder = Folder::new();
    let file = |rest: &str| format!("@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\n{rest}\n");
    folder.write("z", &file("www 60 A 192.0.2.1\n*.w 60 A 192.0.2.7"));
    assert_eq!(run(&folder.0, "zone import x.test z --data d").0, 0);
    let before = run(&folder.0, "zone history x.test --data d --json").1;

    folder.write(
        "batch.json",
        r#"{"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {"Name": "www.x.test", "Type": "A",
        "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}}]}"#,
    );
    folder.write("new", &file("www 60 A 192.0.2.2\n*.w 60 A 192.0.2.7"));
    std::fs::create_dir(folder.0.join("octo")).unwrap();
    let octo = "www: {type: A, ttl: 60, value: 192.0.2.2}\n'*.w':\n  type: A\n  value: 192.0.2.8\n  dynamic: {}\n";
    folder.write("octo/x.test.yaml", octo);
    let plan = |path: &str| run(&folder.0, &format!("zone plan x.test {path} --data d"));
    let server = Server::start(&folder.0);
    for path in ["batch.json", "new", "octo"] {
        let (code, out, err) = plan(path);
        let told = "record sets\n~ www.x.test. A\n    - 192.0.2.1\n    + 192.0.2.2\n\nanswers\nwww.x.test. A  (held for up \
                        to 60 s)\n    - 100.000 %  192.0.2.1 (TTL 60)\n    + 100.000 %  192.0.2.2 (TTL 60)\n";
        assert!(code == 2 && out.contains(told), "{path}: {code} {out} {err}");
    }
    assert!(plan("octo").1.contains("! line 3: \\052.w.x.test. A is not planned: "));
    let (code, out, _) = plan("z");
    assert!(code == 0 && out.contains("nothing would change"), "{out}");
    folder.write(
        "bad.json",
        r#"{"Changes": [{"Action": "CREATE", "ResourceRecordSet": {"Name": "www.x.test", "Type": "A",
        "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.300"}]}}]}"#,
    );
    let (code, out, err) = plan("bad.json");
    assert!(
        code == 1 && out.is_empty() && err.contains("InvalidChangeBatch: ") && err.contains("already exists"),
        "{err}"
    );
    drop(server);
    assert_eq!(run(&folder.0, "zone history x.test --data d --json").1, before, "a plan writes nothing");
    assert_eq!(plan("new").0, 2, "and needs no server");
}

#[test]
fn a_simulation_counts_the_world_and_ones_own_clients_and_changes_nothing() {
    let folder = Folder::new();
    folder.write("z", "@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\nwww 60 CNAME pool\n");
    assert_eq!(run(&folder.0, "zone import x.test z --data d").0, 0);
    let before = run(&folder.0, "zone history x.test --data d --json").1;
    let set = |name: &str, routing: &str, value: &str| {
        format!(
            r#"{{"Action": "CREATE", "ResourceRecordSet": {{"Name": "{name}.x.test", "Type": "A", "TTL": 60, {routing},
            "ResourceRecords": [{{"Value": "{value}"}}]}}}}"#
        )
    };
    let sets = [
        set("pool", r#""SetIdentifier": "blue", "Weight": 3"#, "192.0.2.1"),
        set("pool", r#""SetIdentifier": "green", "Weight": 1"#, "192.0.2.2"),
        set("geo", r#""SetIdentifier": "de", "GeoLocation": {"CountryCode": "DE"}"#, "192.0.2.3"),
        set("geo", r#""SetIdentifier": "all", "GeoLocation": {"CountryCode": "*"}"#, "192.0.2.4"),
    ];
    folder.write("batch.json", &format!("{{\"Changes\": [{}]}}", sets.join(",")));
    folder.write("clients.csv", "client,weight\n192.0.2.0/24,1\n198.51.100.7,3\n");
    let query = "1.0 2026-11-30T08:15:50.235Z Z1 pool.x.test A NOERROR UDP DFW3 192.0.2.3";
    folder.write("queries.log", &format!("{query} -\n{query} 198.51.100.0/24\n{query} 198.51.100.0/24\n"));
    let server = Server::start(&folder.0);

    let (code, out, err) = run(&folder.0, "simulate x.test --change batch.json --data d --svg world.svg");
    assert!(code == 2 && out.contains(" countries with ") && out.contains("4 record sets would change"), "{out}{err}");
    assert!(out.contains("pool.x.test. A: 100.0 % of the clients move\n"), "{out}");
    assert!(out.contains("75.0 % go from NXDOMAIN to blue\n") && out.contains("the same in every country"), "{out}");
    let svg = std::fs::read_to_string(folder.0.join("world.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("<circle ") && svg.contains(">geo.x.test. A"), "{svg}");
    let json = |words: &str| -> Value {
        let (code, out, err) = run(&folder.0, &format!("simulate {words} --data d --json"));
        assert!(code == 2 || code == 0, "{words}: {err}");
        serde_json::from_str(&out).unwrap()
    };
    let world = json("geo.x.test A --change batch.json");
    let (weight, answer) = (world["population"]["weight"].as_f64().unwrap(), &world["answers"][0]);
    let germany = answer["shares"].as_array().unwrap().iter().find(|share| share["text"] == "192.0.2.3").unwrap();
    let share = germany["after"].as_f64().unwrap();
    assert!(
        weight > 5e6 && (share - 78_000.0 / weight).abs() < 1e-9 && germany["labels"][0] == "de",
        "{share} {weight}"
    );
    assert!(answer["countries"].as_array().unwrap().len() > 200);

    let own = json(
        "pool.x.test A --change batch.json --weights pool.x.test A green=9,blue=1 --population clients.csv --clients 1",
    );
    assert_eq!((&own["answers"][0]["shares"][1]["after"], &own["population"]["weight"]), (&0.9.into(), &4.0.into()));
    assert_eq!(own["answers"][0]["clients"][0]["client"], "198.51.100.7/32");
    let log = json("pool.x.test A --population queries.log --clients 9");
    assert_eq!((&log["population"]["weight"], &log["answers"][0]["moved"]), (&3.0.into(), &0.0.into()));
    assert_eq!(log["answers"][0]["clients"][0]["client"], "198.51.100.0/24");
    let (code, out, _) = run(&folder.0, "simulate www.x.test --population clients.csv --data d");
    assert!(code == 0 && out.contains("www.x.test. A: as it is\n") && out.contains("get no records"), "{out}");
    let plan = "zone plan x.test batch.json --population clients.csv --data d";
    let (code, out, err) = run(&folder.0, plan);
    assert!(
        code == 2 && out.contains("\nclients\n\n") && out.contains("75.0 % go from NXDOMAIN to blue"),
        "{out}{err}"
    );
    assert!(!out.contains("198.51.100.7"), "clients are told to whoever asks for them: {out}");
    folder.write("z2", "@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\nwww 60 A 192.0.2.9\n");
    let (code, out, err) = run(&folder.0, "simulate www.x.test A --change z2 --population clients.csv --data d");
    assert!(code == 2 && out.contains("www.x.test. A: 100.0 % of the clients move\n"), "the zone around: {out}{err}");

    folder.write("bad.csv", "client,weight\n192.0.2.0/24,1\n192.0.2.7/24,1\n");
    folder.write("bad.log", &format!("{query} -\n{query}\n"));
    folder.write("empty.csv", "client\n");
    let refused = |words: &str, text: &str| refused(&folder.0, &format!("simulate {words} --data d"), 1, text);
    refused("x.test --population bad.csv", "bad.csv:3:1: bits behind the prefix length are set");
    refused("x.test --population bad.log", "bad.log:2:1: a line of a query log has 10 parts, not 9");
    refused("x.test --population empty.csv", "there are no clients in the population");
    refused(
        "x.test --population nowhere.csv",
        "cannot read nowhere.csv; a population is `world`, a CSV file or a query log",
    );
    refused("x.test --down nobody", "no health check has this id: nobody");
    refused("x.test --lose eu-west-1", "no record set of the zone is in eu-west-1; there are none");
    refused("x.test --lose EU", "say country:EU or continent:EU");
    refused("x.test --weights pool.x.test A blue=256", "a weight is 0 to 255: 256");
    refused(
        "x.test --weights pool.x.test A red=1",
        "pool.x.test. A has no weighted record set \"red\"; there are none",
    );
    refused("www.y.test A --change z2", "name the zone with --zone: no hosted zone here holds this name: www.y.test");
    refused("y.test", "no hosted zone here holds this name: y.test.");
    refused("x.test --svg nowhere/x.svg", "no folder for the picture; name another with --svg: nowhere");
    drop(server);
    assert_eq!(run(&folder.0, "zone history x.test --data d --json").1, before, "a simulation writes nothing");
    let (code, out, _) = run(&folder.0, plan);
    assert!(
        code == 2 && out.contains("\nremarks\n! no server runs on this folder: clients are"),
        "and needs no server: {out}"
    );
    let (code, out, _) = run(&folder.0, "simulate geo.x.test --change batch.json --data d");
    let alone = "! no server runs on this folder: clients are placed by the default database alone\n";
    assert!(code == 2 && out.contains(" countries with ") && out.ends_with(alone), "{out}");
}

/// Runs a verb about keys and reads its JSON.
#[track_caller]
#[test]
fn a_plan_of_a_release_says_who_comes_to_its_weights() {
    let folder = Folder::new();
    let begin = "@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\n";
    folder.write("z", begin);
    let (_, out, _) = run(&folder.0, "zone import x.test z --data d --json");
    let zone = serde_json::from_str::<Value>(&out).unwrap()["id"].as_str().unwrap().to_owned();
    let sets = format!(
        "shop 60 A 192.0.2.1 ; cutover: set=blue weight=100\nshop 60 A 192.0.2.2 ; cutover: set=green weight=0\n\
         ; cutover-alias: www A zone={zone} target=shop.x.test. evaluate-target-health=false set=de location=country:DE\n\
         www 60 A 192.0.2.4 ; cutover: set=all location=*\n"
    );
    folder.write("z", &format!("{begin}{sets}"));
    let (code, _, err) = run(&folder.0, "zone import x.test z --data d");
    assert_eq!(code, 0, "{err}");
    let service = format!(
        r#"{{"name": "shop", "active": "blue", "environments": {{"blue": {{"version": "1", "set_identifiers": ["blue"]}},
        "green": {{"version": "2", "set_identifiers": ["green"]}}}},
        "traffic": [{{"dns": {{"zone": "{zone}", "name": "shop.x.test", "types": ["A"]}}}}]}}"#
    );
    folder.write("shop.json", &service);
    folder.write("release.json", r#"{"to": "green", "strategy": {"canary": {"preset": "95-5"}}}"#);
    let server = Server::start(&folder.0);
    let (code, _, err) = run(&folder.0, "service apply shop.json --data d");
    assert_eq!(code, 0, "{err}");
    let before = run(&folder.0, "zone history x.test --data d --json").1;
    let plan = |more: &str| run(&folder.0, &format!("deploy plan shop release.json --data d{more}"));
    let (code, plain, err) = plan("");
    assert!(code == 0 && !plain.contains("clients"), "{plain}{err}");

    let (code, out, err) = plan(" --population world");
    let told = out.strip_prefix(&plain).unwrap_or_else(|| panic!("{code} {out}{err}"));
    assert!(told.starts_with("\nclients: ") && told.contains(" countries with "), "{told}");
    assert!(told.contains("  shop.x.test. A: blue 95.0 %, green 5.0 %; 5.0 % of the clients move\n"), "{told}");
    assert!(told.contains("  www.x.test. A: blue 1.") && told.contains(" %, others 98."), "{told}");
    assert!(told.contains(": green 0.0 % (") && told.contains(" more countries below 5.0 %\n"), "{told}");
    folder.write("clients.csv", "client,weight\n192.0.2.0/24,1\n");
    let (code, out, err) = plan(" --population clients.csv --clients 1 --json");
    let told: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{code} {out}{err}"));
    let answers = told["forecast"]["steps"][0]["answers"].as_array().unwrap();
    assert!(answers.len() == 1 && answers[0]["clients"][0]["client"] == "192.0.2.0/24", "none comes by www: {told}");

    folder.write("bad.csv", "client\n192.0.2.7/24\n");
    let refused = |more: &str, code, text: &str| {
        refused(&folder.0, &format!("deploy plan shop release.json --data d {more}"), code, text);
    };
    refused("--population bad.csv", 1, "bad.csv:2:1: bits behind the prefix length are set");
    folder.write("empty.csv", "client\n");
    refused("--population empty.csv", 2, "there are no clients in the population");
    assert_eq!(run(&folder.0, "zone history x.test --data d --json").1, before, "a plan writes nothing");
    drop(server);
}

fn keys(folder: &Path, words: &str) -> Value {
    let (code, out, err) = run(folder, &format!("keys {words} --data d --json"));
    assert_eq!(code, 0, "{words}: {err}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_key_is_made_with_a_policy_or_not_at_all() {
    let folder = Folder::new();
    refused(
        &folder.0,
        "keys create --name ci --data d",
        1,
        "say what it may do with --policy: full-access, read-only, acme:NAME",
    );
    refused(
        &folder.0,
        "keys create --name ci --policy all --data d",
        1,
        "there are full-access, read-only and acme:NAME",
    );
    folder.write("p.json", r#"{"Statement": {"Effect": "Allow", "Action": "route53:*", "Resource": "Z1"}}"#);
    refused(
        &folder.0,
        "keys create --name ci --policy p.json --data d",
        1,
        "p.json is no policy: Statement[0].Resource: no resource",
    );
    let misspelt = "ChangeResourceRecordSet";
    folder.write(
        "p.json",
        &format!(r#"{{"Statement": {{"Effect": "Deny", "Action": ["route53:Get*", "route53:{misspelt}"], "Resource": "*"}}}}"#),
    );
    refused(
        &folder.0,
        "keys create --name ci --policy p.json --data d",
        1,
        "no request needs this action, mend its spelling: route53:ChangeResourceRecordSet",
    );
    folder.write("p.json", r#"{"Statement": [], "Statement": []}"#);
    refused(&folder.0, "keys create --name ci --policy p.json --data d", 1, "a member occurs twice: Statement");
    refused(
        &folder.0,
        "keys create --name ci --policy acme:a.test --data d",
        1,
        "no public hosted zone holds this name",
    );
    let made = keys(&folder.0, "create --name ci --policy read-only");
    assert_eq!((&made["name"], &made["policies"][0]), (&"ci".into(), &"read-only".into()));
}

/// The life of a key and a session, by the same words without a server and with one.
#[test]
fn keys_sessions_and_policies_with_and_without_a_server() {
    let folder = Folder::new();
    folder.write(
        "all.json",
        r#"{"Statement": {"Sid": "All", "Effect": "Allow", "Action": "route53:*", "Resource": "*"}}"#,
    );
    let mut server = None;
    for _ in 0..2 {
        let made = keys(&folder.0, "create --name ci --policy read-only");
        let id = made["access_key_id"].as_str().unwrap();
        assert_eq!(made["secret_access_key"].as_str().unwrap().len(), 40);
        let check = |words: &str| run(&folder.0, &format!("keys check {id} {words} --data d"));
        assert_eq!(
            check("route53:ListHostedZones"),
            (0, "allowed\n  allowed by Statement[0] (Read) in read-only\n".into(), String::new())
        );
        for misspelt in ["route53:ChangeResourceRecordSet", "ListHostedZones"] {
            let (code, _, err) = check(misspelt);
            assert!(code == 1 && err.contains("no request needs this action"), "{misspelt}: {err}");
        }
        let change =
            "route53:ChangeResourceRecordSets arn:aws:route53:::hostedzone/Z1 --name A.test --type TXT --action UPSERT";
        assert_eq!(check(change), (1, "denied\n  no statement of the key allows it\n".into(), String::new()));
        keys(&folder.0, &format!("policy {id} --policy all.json --policy read-only"));
        assert_eq!(check(change).1, "allowed\n  allowed by Statement[0] (All) in policy 1 of the key\n");
        let session = keys(&folder.0, &format!("session {id} --ttl 15m --policy read-only"));
        let of = session["access_key_id"].as_str().unwrap();
        assert!(of.starts_with("CUTS") && session["session_token"].as_str().unwrap().len() == 96);
        let (code, _, err) = run(&folder.0, &format!("keys session {of} --data d"));
        assert!(code == 1 && err.contains("a session opens no sessions"), "{err}");
        let (_, out, _) = run(&folder.0, &format!("keys check {of} {change} --data d"));
        assert!(out.contains("allowed by Statement[0] (All)") && out.contains("no statement of the session"), "{out}");
        if server.is_some() {
            let (_, audit, _) = run(&folder.0, "audit list --changes --data d");
            for made in [id, of] {
                assert!(audit.contains(&format!("created /v1/keys/{made}")), "who made which key: {audit}");
            }
        }
        let (_, listed, _) = run(&folder.0, "keys list --data d");
        assert!(listed.contains("document, read-only") && listed.contains(&format!("{id} until 2")), "{listed}");
        for (seconds, text) in [("1s", "a session lasts"), ("2d", "a session lasts")] {
            let (code, _, err) = run(&folder.0, &format!("keys session {id} --ttl {seconds} --data d"));
            assert!(code != 0 && err.contains(text), "{err}");
        }
        run(&folder.0, &format!("keys delete {id} --data d"));
        assert_eq!(keys(&folder.0, "list")["keys"], serde_json::json!([]));
        server.get_or_insert_with(|| Server::start(&folder.0));
    }
}

#[test]
fn a_master_key_that_is_missing_or_another_is_told_before_anything_is_served() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let made = keys(&folder.0, "create --name ci --policy full-access");
    let (file, aside) = (folder.0.join("d/secrets.key"), folder.0.join("aside"));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::rename(&file, &aside).unwrap();
    let serve = "serve --data d --dns 127.0.0.1:0 --api 127.0.0.1:0";
    refused(&folder.0, serve, 1, "the master key is missing, and the secrets of 1 access keys are sealed with it");
    refused(&folder.0, "keys create --name b --policy full-access --data d", 1, "the master key is missing");
    assert!(!file.exists(), "no other one is made in its place");
    std::fs::write(&file, "ab".repeat(32)).unwrap();
    refused(&folder.0, &format!("{serve} --log off"), 1, "this is not the master key");
    std::fs::write(&file, "ab").unwrap();
    refused(&folder.0, &format!("{serve} --log off"), 1, "the master key is not 64 hexadecimal digits");
    // Elsewhere is as good.
    std::fs::remove_file(&file).unwrap();
    run(&folder.0, "keys create --name b --policy full-access --data d --master-key aside");
    assert_eq!(keys(&folder.0, "list")["keys"].as_array().unwrap().len(), 2);
    // Without it, what was sealed with it can be given up.
    for key in keys(&folder.0, "list")["keys"].as_array().unwrap() {
        keys(&folder.0, &format!("delete {}", key["access_key_id"].as_str().unwrap()));
    }
    assert_ne!(keys(&folder.0, "create --name c --policy full-access")["access_key_id"], made["access_key_id"]);
}

#[test]
fn a_rollback_that_is_killed_has_happened_or_has_not() {
    let folder = Folder::new();
    let file = |address: &str| {
        let names: String = (0..1000).map(|i| format!("n{i} 60 A {address}\n")).collect();
        format!("@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\n{names}")
    };
    let mut states = Vec::new();
    for address in ["192.0.2.1", "192.0.2.2"] {
        folder.write("z", &file(address));
        assert_eq!(run(&folder.0, "zone import x.test z --data d").0, 0);
        states.push(run(&folder.0, "zone export x.test --data d").1);
    }
    for round in 0..12 {
        let mut child =
            cutover(&folder.0, "zone rollback x.test now~1 --yes --data d").stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(25 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let now = run(&folder.0, "zone export x.test --data d").1;
        assert!(states.contains(&now), "one of the two, whole");
        let told: Value =
            serde_json::from_str(&run(&folder.0, "zone history x.test --data d --json --limit 1").1).unwrap();
        let revision = &told["revisions"][0]["revision"];
        let past = run(&folder.0, &format!("zone export x.test --at {revision} --data d")).1;
        assert!(past == now, "the newest revision is what is there");
    }
}

#[test]
fn names_are_made_sticky_with_the_server_up_or_down() {
    let folder = Folder::new();
    folder.write("z", "@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\nwww 60 A 192.0.2.1\n");
    assert_eq!(run(&folder.0, "zone import ex.test z --data d").0, 0);
    let sticky = |words: &str| {
        let (code, out, err) = run(&folder.0, &format!("zone sticky ex.test {words} --data d"));
        assert_eq!((code, err.as_str()), (0, ""), "{words}");
        out
    };
    let told = "www.ex.test. is sticky: clients are told apart by /24 of IPv4, /56 of IPv6\n";
    assert_eq!(sticky("www --on"), told);
    let server = Server::start(&folder.0);
    assert_eq!(sticky("www.ex.test"), told);
    // What is not said stays.
    assert!(sticky("www --ipv4-prefix 20").contains("/20 of IPv4, /56 of IPv6"));
    assert!(sticky("www --ipv6-prefix 48").contains("/20 of IPv4, /48 of IPv6"));
    assert!(sticky("@ --on").starts_with("ex.test. is sticky: clients are told apart by /24"));
    let (_, listed, _) = run(&folder.0, "zone sticky ex.test --data d");
    let words: Vec<&str> = listed.split_whitespace().collect();
    assert_eq!(words, ["NAME", "IPV4", "IPV6", "ex.test.", "/24", "/56", "www.ex.test.", "/20", "/48"]);
    let json: Value = serde_json::from_str(&sticky("www --json")).unwrap();
    assert_eq!(json["ipv4_prefix"], 20);

    refused(&folder.0, "zone sticky ex.test www --ipv4-prefix 33 --data d", 1, "ipv4_prefix must be from 8 to 32: 33");
    refused(&folder.0, "zone sticky ex.test b --data d", 1, "the name is not sticky: b; make it so with --on");
    refused(&folder.0, "zone sticky ex.test b --off --data d", 1, "the name is not sticky: b.ex.test.");
    refused(&folder.0, "zone sticky none.test www --on --data d", 1, "none.test.");
    let (code, _, err) = run(&folder.0, "zone sticky ex.test www --on --off --data d");
    assert!(code == 2 && err.contains("cannot be used with"), "{err}");

    let (_, shown, _) = run(&folder.0, "zone show ex.test --data d");
    assert!(shown.contains("~ zone sticky none → \"ex.test. IPv4 /24, IPv6 /56\""), "{shown}");
    let (_, diff, _) = run(&folder.0, "zone diff ex.test now~3 --data d");
    assert!(diff.contains("~ www.ex.test. sticky IPv4 /24, IPv6 /56 → IPv4 /20, IPv6 /48"), "{diff}");
    assert!(!diff.contains("no differences"), "{diff}");
    let (code, back, err) = run(&folder.0, "zone rollback ex.test now~3 --yes --data d");
    assert!(code == 0 && back.contains("- ex.test. sticky") && back.contains("done: revision"), "{back}{err}");
    // A file that does not say it takes it away, and the import tells.
    let import = || {
        let (code, out, err) = run(&folder.0, "zone import ex.test z --data d");
        assert!(code == 0 && out.ends_with("- www.ex.test. sticky IPv4 /24, IPv6 /56 → none\n"), "{out}{err}");
        assert_eq!(sticky("www --on"), told);
    };
    import();
    drop(server);
    import();
    assert_eq!(sticky("www --off"), "www.ex.test. is not sticky any more: each query is drawn\n");
    let (_, listed, _) = run(&folder.0, "zone sticky ex.test --data d");
    assert_eq!(listed.split_whitespace().count(), 3);
}
