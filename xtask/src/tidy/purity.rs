//! The pure crates decide from their arguments alone: no clock, no randomness, no socket, no file, no thread, no async,
//! no lock. Looking at the sources is enough, as they depend on no crate that could do it for them.

use super::{code, sources};

const PURE: [&str; 3] = ["model", "answer", "deploy"];

/// What would make an engine depend on more than its arguments, and what to do instead.
const BANNED: [(&str, &str); 18] = [
    ("SystemTime", "take the time as an argument"),
    ("Instant", "take the time as an argument"),
    ("std::time", "take the time as an argument"),
    ("std::env", "take it as an argument"),
    ("std::fs", "let an edge read the file"),
    ("std::process", "let an edge do it"),
    ("std::thread", "let the caller decide where this runs"),
    ("TcpStream", "let an edge talk to the network"),
    ("TcpListener", "let an edge talk to the network"),
    ("UdpSocket", "let an edge talk to the network"),
    ("Mutex", "share values that do not change"),
    ("RwLock", "share values that do not change"),
    ("Condvar", "share values that do not change"),
    ("Atomic", "share values that do not change"),
    ("RefCell", "say `&mut`"),
    ("async ", "pure functions do not wait"),
    (".await", "pure functions do not wait"),
    ("SystemRandom", "take the draw as an argument"),
];

/// What may do what all the same, with the reason.
const EXCEPTIONS: [(&str, &str); 1] = [
    // `$INCLUDE` names files; only the two that import and export run it, never a query or a command.
    ("crates/model/src/zone_file/", "std::fs"),
];

#[test]
fn pure_crates_are_pure() {
    let mut faults = Vec::new();
    for source in sources(&["rs"]) {
        let pure = PURE.iter().any(|name| source.path.starts_with(&format!("crates/{name}/src/")));
        if !pure || source.path.ends_with("/tests.rs") {
            continue;
        }
        for (line, text) in code(&source.text) {
            let excepted = |word| EXCEPTIONS.iter().any(|(path, w)| source.path.starts_with(path) && *w == word);
            for (word, instead) in BANNED.iter().filter(|(word, _)| text.contains(word) && !excepted(*word)) {
                faults.push(format!("{}:{line}: {word}: {instead}", source.path));
            }
        }
    }
    super::none(&faults, "model, answer and deploy depend on their arguments alone");
}
