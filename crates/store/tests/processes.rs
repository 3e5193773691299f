//! What the store promises when processes die, when there are two of them, and when the disk is full.
//!
//! The other process is this test program again: it runs one `child_…` test with a folder in its environment.
#![allow(missing_docs, clippy::unwrap_used, reason = "what tests call may unwrap, as tests do")]

mod scratch;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use scratch::Scratch;
use store::{Meta, OpenError, Revision, Store, StoreError, WriteError};

const FOLDER: &str = "CUTOVER_STORE_TEST_FOLDER";
const FIRST: &str = "CUTOVER_STORE_TEST_FIRST";

fn folder_of_child() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

fn child(command: &mut Command, test: &str, folder: &Path) -> Child {
    command
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn this_program() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "child: {line}").unwrap();
    out.flush().unwrap();
}

/// What the child says, without what the test runner says.
fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let out = BufReader::new(child.stdout.take().unwrap());
    out.lines().map_while(Result::ok).filter_map(|line| line.split_once("child: ").map(|(_, said)| said.to_owned()))
}

/// Both keys of a batch have the same number in them.
fn put_pair(store: &Store, number: u64) -> Result<Revision, WriteError<()>> {
    let meta = Meta::new("storm", number);
    let write = move |t: &mut store::Transaction<'_>| {
        let value = format!("{number} {}", "x".repeat((number % 3_000) as usize));
        t.put(format!("left/{number:08}").as_bytes(), value.as_bytes());
        t.put(format!("right/{number:08}").as_bytes(), value.as_bytes());
        Ok(())
    };
    store.write_blocking(meta, write).map(|committed| committed.revision)
}

fn numbers(store: &Store, prefix: &str) -> BTreeSet<u64> {
    let mut numbers = BTreeSet::new();
    let note = |key: &[u8], _: &[u8]| {
        numbers.insert(std::str::from_utf8(&key[prefix.len()..]).unwrap().parse().unwrap());
        std::ops::ControlFlow::Continue(())
    };
    store.read(|reader| reader.scan_prefix(prefix.as_bytes(), note)).unwrap();
    numbers
}

#[test]
fn child_writes_in_a_storm() {
    let Some(folder) = folder_of_child() else { return };
    let store = Store::open(&folder).unwrap();
    let next = AtomicU64::new(std::env::var(FIRST).unwrap().parse().unwrap());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    put_pair(&store, number).unwrap();
                    say(&number.to_string());
                }
            });
        }
    });
}

#[test]
fn killed_in_the_storm_nothing_acknowledged_is_lost() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("store");
    let mut acknowledged = BTreeSet::new();
    for (round, kill_after) in [1, 150, 777, 40, 1_500, 333].into_iter().enumerate() {
        let mut command = this_program();
        command.env(FIRST, (round * 1_000_000).to_string());
        let mut child = child(&mut command, "child_writes_in_a_storm", &folder);
        for (count, said) in lines(&mut child).enumerate() {
            acknowledged.insert(said.parse::<u64>().unwrap());
            if count + 1 == kill_after {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();

        let store = Store::open(&folder).unwrap();
        let (left, right) = (numbers(&store, "left/"), numbers(&store, "right/"));
        assert_eq!(left, right, "half a batch after round {round}");
        let lost: Vec<_> = acknowledged.difference(&left).collect();
        assert!(lost.is_empty(), "acknowledged but lost after round {round}: {lost:?}");
        // The log says the same as the state, without a gap.
        assert_eq!(store.revision(), Revision(left.len() as u64));
        let mut after = Revision(0);
        let mut logged = BTreeSet::new();
        loop {
            let entries = store.log_after(after, 1_000).unwrap();
            let Some(last) = entries.last() else { break };
            after = last.revision;
            logged.extend(entries.iter().map(|entry| entry.at_ms));
        }
        assert_eq!((after, logged), (store.revision(), left));
    }
    assert!(acknowledged.len() > 2_000);
}

#[test]
fn child_holds_the_store() {
    let Some(folder) = folder_of_child() else { return };
    let _store = Store::open(&folder).unwrap();
    say("open");
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn a_second_process_is_told_who_is_first() {
    let scratch = Scratch::new();
    let mut child = child(&mut this_program(), "child_holds_the_store", scratch.path());
    let mut said = lines(&mut child);
    assert_eq!(said.next().as_deref(), Some("open"));
    let error = Store::open(scratch.path()).unwrap_err();
    assert!(matches!(error, OpenError::InUse { holder: Some(pid), .. } if pid == child.id()), "{error:?}");
    assert!(error.to_string().contains(&format!("process {}", child.id())), "{error}");
    // However it ends, the folder is free then.
    child.kill().unwrap();
    child.wait().unwrap();
    Store::open(scratch.path()).unwrap();
}

#[test]
fn child_writes_until_it_fails() {
    let Some(folder) = folder_of_child() else { return };
    let store = Store::open(&folder).unwrap();
    let mut line = String::new();
    for number in 2_000.. {
        match put_pair(&store, number) {
            Ok(_) => say(&number.to_string()),
            Err(WriteError::Store(StoreError::Full { .. } | StoreError::Database { .. })) => {
                say(&format!("failed {number}"));
                line.clear();
                std::io::stdin().read_line(&mut line).unwrap();
                if line.trim() == "stop" {
                    return;
                }
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// The kernel refuses to let any file of the child grow beyond a limit, as a full disk would; then it is lifted.
#[test]
fn a_failed_commit_keeps_nothing_and_the_store_goes_on() {
    let scratch = Scratch::new();
    // With the signal ignored, a write beyond the limit fails instead of ending the process.
    let mut command = Command::new("sh");
    command.args(["-c", r#"trap "" XFSZ; ulimit -S -f 400; exec "$0" "$@""#]).arg(std::env::current_exe().unwrap());
    let mut child = child(&mut command, "child_writes_until_it_fails", scratch.path());
    let mut stdin = child.stdin.take().unwrap();
    let (mut kept, mut failed) = (BTreeSet::new(), BTreeSet::new());
    for said in lines(&mut child) {
        match said.strip_prefix("failed ") {
            None => drop(kept.insert(said.parse::<u64>().unwrap())),
            Some(number) => {
                failed.insert(number.parse::<u64>().unwrap());
                if failed.len() == 3 {
                    let pid = child.id().to_string();
                    let lifted = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status().unwrap();
                    assert!(lifted.success());
                }
                stdin.write_all(b"go on\n").unwrap();
            }
        }
        if failed.len() >= 3 && kept.len() >= 400 {
            child.kill().unwrap();
            break;
        }
    }
    child.wait().unwrap();
    assert_eq!(failed.len(), 3, "none fails any more once there is room: {failed:?}");
    let store = Store::open(scratch.path()).unwrap();
    let (left, right) = (numbers(&store, "left/"), numbers(&store, "right/"));
    assert_eq!(left, right);
    assert!(kept.is_subset(&left));
    assert!(left.is_disjoint(&failed));
}
