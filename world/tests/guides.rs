//! The guides of `docs/deployments`, followed to the letter: files are written as they say, commands run in order in one
//! shell beside a real server, and what they print is compared.
//!
//! A fence with a file's name after its language is that file. A `console` fence is commands after `$ ` and what they
//! print; `…` stands for anything, on a line of its own for any lines. Other fences are not run. Ports are replaced by
//! those of the test.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "guides/page.rs"]
mod page;

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use page::{Page, fits};
use world::place::{Folder, binary, python, repository};
use world::process::Server;

/// Far longer than any guide takes.
const GUIDE_MAX: Duration = Duration::from_secs(180);
const GUIDES: [&str; 3] = ["blue-green", "canary", "rolling"];

/// A shell and what it started, ended with the test.
struct Shell(std::process::Child);

impl Drop for Shell {
    fn drop(&mut self) {
        // The group is the shell's own.
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.0.id())]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

fn follow(guide: &str) {
    let folder = Folder::new(&format!("guide-{guide}"));
    let server = Server::start(&folder.path().join("data"));
    let text = std::fs::read_to_string(repository().join(format!("docs/deployments/{guide}.md"))).unwrap();
    let page_port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = text
        .replace("127.0.0.1:8053", &server.api.to_string())
        .replace("-p 5353", &format!("-p {}", server.dns.port()))
        .replace("9100", &page_port.to_string());
    let page = Page::read(&text);
    for (name, content) in &page.files {
        std::fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        folder.write(name, content);
    }
    let mut script = String::new();
    for (number, (command, _)) in page.commands.iter().enumerate() {
        script.push_str(&format!("echo '@@@ {number}'\n{command}\n"));
    }
    script.push_str("echo '@@@ end'\n");
    folder.write("guide.sh", &script);
    let output = std::fs::File::create(folder.path().join("guide.out")).unwrap();
    let path = format!(
        "{}:{}:{}",
        binary().parent().unwrap().display(),
        python().parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let shell = Command::new("sh")
        .arg("guide.sh")
        .current_dir(folder.path())
        .envs([("PATH", path.as_str()), ("CUTOVER_DATA", "data"), ("HOME", "."), ("AWS_PAGER", "")])
        .env_remove("AWS_PROFILE")
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .process_group(0)
        .spawn()
        .unwrap();
    let mut shell = Shell(shell);
    let began = Instant::now();
    while shell.0.try_wait().unwrap().is_none() {
        let printed = || std::fs::read_to_string(folder.path().join("guide.out")).unwrap_or_default();
        assert!(began.elapsed() < GUIDE_MAX, "the guide does not end:\n{}", printed());
        std::thread::sleep(Duration::from_millis(20));
    }
    let printed = std::fs::read_to_string(folder.path().join("guide.out")).unwrap();
    for (number, (command, expected)) in page.commands.iter().enumerate() {
        let (_, rest) = printed.split_once(&format!("@@@ {number}\n")).unwrap();
        let told = rest.split("@@@ ").next().unwrap();
        assert!(fits(expected, told), "{guide}: $ {command}\nprinted\n{told}\nbut should print\n{expected}");
    }
    drop(shell);
    assert!(server.stop());
}

#[test]
fn the_canary_guide_works() {
    follow("canary");
}

#[test]
fn the_blue_green_guide_works() {
    follow("blue-green");
}

#[test]
fn the_rolling_guide_works() {
    follow("rolling");
}

#[test]
fn every_guide_is_followed() {
    let mut found = Vec::new();
    for file in std::fs::read_dir(repository().join("docs/deployments")).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if !Page::read(&text).commands.is_empty() {
            found.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    found.sort();
    assert_eq!(found, GUIDES);
}
