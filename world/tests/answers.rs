//! Plays every scenario of `tests/answers`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};

use world::exchange;
use world::place::Folder;
use world::process::{Server, cutover, path, text};
use world::scenario;

/// Every scenario, in the order of names.
fn scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "txt"));
    files.sort();
    files
}

/// The word of a scenario for both transports, which sockets play too.
const OVER_BOTH: &str = "\nover udp tcp\n";

#[test]
fn scenarios_for_both_transports_play_over_sockets() {
    let mut faults = String::new();
    let mut questions = 0;
    for file in scenarios() {
        let scenario = std::fs::read_to_string(&file).unwrap();
        if !scenario.contains(OVER_BOTH) {
            continue;
        }
        let name = file.file_stem().unwrap().to_str().unwrap();
        let folder = Folder::new(&format!("answers-{name}"));
        let data = folder.path().join("data");
        for (zone, records) in scenario::zones(&scenario).unwrap() {
            let records = folder.write("zone", records);
            let output = cutover(&["zone", "import", &zone.to_string(), path(&records), "--data", path(&data)]);
            assert!(output.status.success(), "{name}: {}", text(&output));
        }
        let server = Server::start(&data);
        let exchange = |message: &[u8], transport| match transport {
            answer::Transport::Udp => exchange::udp(server.dns, message),
            answer::Transport::Tcp => exchange::tcp(server.dns, message),
        };
        match scenario::play_over(&scenario, &exchange) {
            Ok(played) => questions += played.questions,
            Err(found) => found.iter().for_each(|fault| faults.push_str(&format!("{name}.txt:{fault}\n"))),
        }
        assert!(server.stop(), "{name}: the server does not stop in order");
    }
    println!("{questions} questions");
    assert!(questions > 50 || !faults.is_empty(), "scenarios are missing: {questions} questions");
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn every_scenario_plays() {
    let files = scenarios();
    let mut faults = String::new();
    let mut questions = 0;
    for path in &files {
        let file = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display();
        match world::scenario::play(&std::fs::read_to_string(path).unwrap()) {
            Ok(played) => questions += played.questions,
            Err(found) => found.iter().for_each(|fault| faults.push_str(&format!("world/{file}:{fault}\n"))),
        }
    }
    println!("{} scenarios, {questions} questions", files.len());
    assert!(files.len() > 20, "scenarios are missing: {files:?}");
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn a_wrong_reply_is_noticed() {
    let zone = "zone example.com\n  www A 192.0.2.1 | 192.0.2.2\n\n";
    let right = ";; status: NOERROR, flags: qr aa\n;; ANSWER\nwww.example.com. 60 IN A 192.0.2.1\nwww.example.com. 60 IN A 192.0.2.2\n";
    let play = |expected: &str| world::scenario::play(&format!("{zone}ask www.example.com A\n{expected}"));
    play(right).unwrap();
    for (from, to) in [("NOERROR", "NXDOMAIN"), ("qr aa", "qr"), ("60 IN", "61 IN"), ("192.0.2.2", "192.0.2.3")] {
        let faults = play(&right.replace(from, to)).unwrap_err();
        assert_eq!(faults[0].line, 4, "{from}: {faults:?}");
    }
    play(&right.replace("www.example.com. 60 IN A 192.0.2.2\n", "")).unwrap_err();
    play(&format!("{right};; AUTHORITY\nexample.com. 900 IN SOA ...\n")).unwrap_err();
    let many = |rule: &str| world::scenario::play(&format!("{zone}ask x100 www.example.com A\n{rule}"));
    many(";; first 30..70\n;; always 192.0.2.1 192.0.2.2\n").unwrap();
    for rule in
        [";; first 60..100", ";; always 192.0.2.1", ";; share 192.0.2.1 50% ±1", ";; values 1", ";; never 192.0.2.2"]
    {
        many(rule).unwrap_err();
    }
}
