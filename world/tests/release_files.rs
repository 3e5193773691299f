//! Releases written as YAML: what a file says happens, what is wrong in it is told with file, line and column, and every
//! way a release can end has its exit code.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use serde_json::Value;
use world::place::Folder;
use world::process::{Server, cutover, path, text};

/// Two weighted record sets, in the words of an export.
const ZONE: &str = "$ORIGIN rel.test.\n$TTL 60\n@ SOA ns h 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.9\n\
    www.rel.test. 1 IN A 192.0.2.1 ; cutover: set=blue weight=100\n\
    www.rel.test. 1 IN A 192.0.2.2 ; cutover: set=green weight=0\n";

/// A folder with the zone and the service `shop`, and a server on it.
fn shop(name: &str) -> (Folder, Server) {
    let folder = Folder::new(name);
    let data = folder.path().join("data");
    let zone = folder.write("rel.zone", ZONE);
    let made = cutover(&["zone", "import", "rel.test", path(&zone), "--data", path(&data), "--json"]);
    let made: Value = serde_json::from_slice(&made.stdout).unwrap_or_else(|_| panic!("{}", text(&made)));
    let service = format!(
        "service: shop\nenvironments:\n  blue:  {{version: \"1\", set_identifiers: [blue]}}\n  green: {{version: \"2\", \
         set_identifiers: [green]}}\nactive: blue\ntraffic:\n  - dns: {{zone: {}, name: www.rel.test, types: [A]}}\n",
        made["id"].as_str().unwrap()
    );
    let service = folder.write("shop.yaml", service);
    let server = Server::start(&data);
    let applied = cutover(&["service", "apply", "-f", path(&service), "--data", path(&data)]);
    assert!(applied.status.success(), "{}", text(&applied));
    (folder, server)
}

/// Exit code and all that was printed.
fn run(data: &Path, words: &[&str]) -> (i32, String) {
    let done = cutover(&[words, &["--data", path(data)]].concat());
    (done.status.code().unwrap_or(-1), text(&done))
}

/// A release to an environment with these steps.
fn release(folder: &Folder, name: &str, to: &str, steps: &str) -> String {
    let text = format!(
        "deploy: shop\nto: {to}\nstrategy:\n  canary:\n    steps:\n{steps}      - weight: 100%\n    bake: 0s\nsettle: {{ttl_multiple: \
         1, min: 100ms}}\n"
    );
    path(&folder.write(name, text)).to_owned()
}

#[test]
fn a_file_is_planned_and_its_mistakes_have_places() {
    let (folder, server) = shop("release-files");
    let data = server.data();
    let file = release(&folder, "good.yaml", "green", "      - weight: 10%\n      - hold: 1s\n");
    let (code, told) = run(data, &["deploy", "plan", "-f", &file]);
    assert!(code == 0 && told.contains("weights A blue=90 green=10"), "{code} {told}");
    // The form with the service's name takes the same file.
    assert_eq!(run(data, &["deploy", "plan", "shop", &file]), (code, told));

    // One release in a file after another: all are planned.
    let both = format!("{0}---\n{0}", std::fs::read_to_string(&file).unwrap());
    let both = folder.write("both.yaml", both);
    let (_, told) = run(data, &["deploy", "plan", "-f", path(&both)]);
    assert_eq!(told.matches("shop: canary from blue (1) to green (2)").count(), 2, "{told}");

    for (name, to, steps, place, problem) in [
        ("unknown", "green", "      - wait: 1s\n", ":6:9: ", "unknown variant `wait` (known: `weight`, `hold`"),
        ("near", "green", "      - wieght: 1%\n", ":6:9: ", "did you mean `weight`?"),
        // The rest is known to the server alone, which has never seen the file.
        ("down", "green", "      - weight: 50%\n      - weight: 5%\n", ":7:17: ", "5% is lower than the previous 50%"),
        ("nowhere", "red", "", ":2:5: ", "no such environment (there are blue, green): red"),
        ("fine", "green", "      - weight: 0.1%\n", ":6:17: ", "E_GRANULARITY"),
    ] {
        let file = release(&folder, &format!("{name}.yaml"), to, steps);
        let (code, told) = run(data, &["deploy", "create", "-f", &file]);
        assert!(code == 2 && told.contains(&format!("{name}.yaml{place}")) && told.contains(problem), "{code} {told}");
    }
    let empty = folder.write("empty.yaml", "# nothing yet\n");
    assert_eq!(run(data, &["deploy", "create", "-f", path(&empty)]).0, 2);
    let (_, listed) = run(data, &["deploy", "history", "shop"]);
    assert_eq!(listed.lines().count(), 1, "nothing was started: {listed}");
}

#[test]
fn every_end_of_a_release_has_its_exit_code() {
    let (folder, server) = shop("release-codes");
    let data = server.data();
    let held = release(&folder, "held.yaml", "green", "      - weight: 10%\n      - hold: {}\n");
    let create = |file: &str, more: &[&str]| run(data, &[&["deploy", "create", "-f", file], more].concat());
    let order = |words: &[&str]| run(data, &[&["deploy"], words].concat()).0;

    // It goes on without us, or waits for us.
    assert_eq!(create(&held, &["--wait", "--timeout", "1s"]).0, 4);
    assert_eq!(create(&held, &[]).0, 6, "one at a time");
    assert_eq!(order(&["promote", "shop", "--expect-step", "1"]), 6, "it is at step 2");
    assert_eq!(order(&["abort", "shop"]), 0);
    assert_eq!(order(&["status", "shop", "--watch"]), 3);
    assert_eq!(order(&["resume", "shop"]), 1, "none runs");

    assert_eq!(create(&held, &["--wait", "--fail-on-pause"]).0, 5);
    assert_eq!(order(&["abort", "shop"]), 0);
    assert_eq!(order(&["status", "shop", "--watch"]), 3);

    let good = release(&folder, "good.yaml", "green", "");
    let (code, told) = create(&good, &["--wait", "--idempotency-key", "build-7"]);
    assert!(code == 0 && told.contains("green (2) serves"), "{code} {told}");
    // A job that is run again finds the release of the first time.
    let (code, told) = create(&good, &["--wait", "--idempotency-key", "build-7"]);
    assert!(code == 0 && told.contains("green (2) serves"), "{code} {told}");
    assert_eq!(create(&good, &[]).0, 2, "it serves already");
    assert_eq!(order(&["explode"]), 2, "a word that is none");
    assert_eq!(order(&["status", "nope"]), 1);
}
