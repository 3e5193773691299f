//! Hooks as commands: real programs in a directory of their own.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hook::{Caller, Config};
use model::deployment::{ExecHook, HookAnswer, HookCall, HookCallId, HookOutcome, HookTarget, Period};

/// A directory that goes away with the test.
struct Programs(PathBuf);

impl Programs {
    fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("cutover-hook-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        Self(directory)
    }

    fn write(&self, name: &str, script: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    async fn run(&self, program: &str, timeout_ms: u64) -> HookOutcome {
        call(Some(&self.0), program, timeout_ms).await
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn call(directory: Option<&Path>, program: &str, timeout_ms: u64) -> HookOutcome {
    let grace = Duration::from_millis(1500);
    let caller = Caller::new(Config { commands: directory.map(Into::into), grace, ..Config::default() });
    let args = vec!["two words".to_owned(), "$HOME;`id`".to_owned()];
    let target = HookTarget::Exec(ExecHook { program: program.into(), args, timeout: Period::from_ms(timeout_ms) });
    let variables = [("CUTOVER_INSTANCE", "a1"), ("LD_PRELOAD", "evil.so")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let (id, name, body) = (HookCallId("D1/hook/7".into()), "smoke".to_owned(), r#"{"a":1}"#.to_owned());
    caller.call(&HookCall { id, name, target, body, variables, may_repeat: true }).await
}

#[tokio::test]
async fn a_command_gets_its_words_its_input_and_a_clean_environment() {
    let programs = Programs::new("clean");
    programs.write("show", "printf '%s|' \"$@\"; cat; echo; env; pwd; echo loud >&2; exit 3");
    let outcome = programs.run("show", 10_000).await;
    assert_eq!((outcome.answer, outcome.code, outcome.text.as_str()), (HookAnswer::Fail, Some(3), "exit code 3"));
    let lines: Vec<&str> = outcome.output.lines().collect();
    assert_eq!(lines[0], r#"two words|$HOME;`id`|{"a":1}"#);
    assert_eq!(outcome.errors, "loud\n");
    // What the shell itself sets is not ours.
    let own = |line: &&&str| !["PWD=", "SHLVL=", "_=", "OLDPWD=", "/"].iter().any(|name| line.starts_with(name));
    let mut names: Vec<&str> = lines[1..].iter().filter(own).map(|line| line.split('=').next().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["CUTOVER_INSTANCE", "CUTOVER_OP_ID", "PATH"]);
    assert!(lines.contains(&"CUTOVER_OP_ID=D1/hook/7"));
    assert_eq!(Path::new(lines.last().unwrap()).canonicalize().unwrap(), programs.0.canonicalize().unwrap());
}

#[tokio::test]
async fn exit_codes_are_told_apart() {
    let programs = Programs::new("codes");
    for (script, answer) in [
        ("exit 0", HookAnswer::Pass),
        ("exit 75", HookAnswer::Wait(None)),
        ("exit 1", HookAnswer::Fail),
        ("kill -9 $$", HookAnswer::Error),
    ] {
        let path = programs.write("code", script);
        let outcome = programs.run(path.to_str().unwrap(), 10_000).await;
        assert_eq!(outcome.answer, answer, "{script} {outcome:?}");
    }
}

#[tokio::test]
async fn a_command_that_takes_too_long_ends_with_all_it_started() {
    let programs = Programs::new("late");
    // The child would outlive its parent, and both ignore the request to end.
    programs.write("deaf", "trap '' TERM; sleep 600 & echo $!; while :; do sleep 1; done");
    let outcome = programs.run("deaf", 1500).await;
    assert_eq!((outcome.answer, outcome.text.as_str()), (HookAnswer::Error, "killed after 1500ms"));
    let child: u32 = outcome.output.trim().parse().unwrap();
    let is_gone = || {
        // A killed process may wait as a zombie for whoever adopted it.
        let stat = std::fs::read_to_string(format!("/proc/{child}/stat"));
        stat.map_or(true, |stat| stat.contains(") Z "))
    };
    for _ in 0..500 {
        if is_gone() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(is_gone(), "process {child} goes on");
    programs.write("good", "trap 'echo bye; exit 0' TERM; while :; do sleep 0.02; done");
    let outcome = programs.run("good", 1500).await;
    assert_eq!((outcome.text.as_str(), outcome.output.as_str()), ("ended after 1500ms", "bye\n"));
}

#[tokio::test]
async fn output_is_cut_and_never_blocks_the_command() {
    let programs = Programs::new("loud");
    programs.write("loud", "head -c 300000 /dev/zero | tr '\\0' x; echo end >&2");
    let outcome = programs.run("loud", 20_000).await;
    assert_eq!((outcome.answer, outcome.errors.as_str()), (HookAnswer::Pass, "end\n"));
    assert_eq!(outcome.output, "x".repeat(model::deployment::HOOK_OUTPUT_MAX));
}

#[tokio::test]
async fn what_a_command_leaves_running_does_not_hold_the_call() {
    let programs = Programs::new("daemon");
    programs.write("daemon", "sleep 3 & echo started");
    let outcome = programs.run("daemon", 60_000).await;
    assert_eq!((outcome.answer, outcome.output.as_str()), (HookAnswer::Pass, "started\n"));
}

#[tokio::test]
async fn nothing_runs_but_what_the_configuration_allows() {
    let programs = Programs::new("allowed");
    symlink("/bin/sh", programs.0.join("link")).unwrap();
    for program in ["/bin/sh", "../../bin/sh", "link"] {
        let outcome = programs.run(program, 10_000).await;
        assert_eq!((outcome.answer, outcome.text.starts_with("commands are run from ")), (HookAnswer::Error, true));
    }
    assert!(programs.run("gone", 10_000).await.text.starts_with("cannot find "));
    let off = call(None, "/bin/true", 10_000).await;
    assert_eq!(off.text, "commands are off; set commands = true and directory under [hooks]");
}

#[tokio::test]
async fn a_command_that_is_over_leaves_no_child_behind() {
    let programs = Programs::new("leaves");
    let path = programs.write("leave", "sleep 300 & echo $!");
    let outcome = programs.run(path.to_str().unwrap(), 20_000).await;
    assert_eq!(outcome.answer, HookAnswer::Pass, "{outcome:?}");
    let child = PathBuf::from(format!("/proc/{}/stat", outcome.output.trim()));
    let is_gone = || std::fs::read_to_string(&child).map_or(true, |stat| stat.contains(") Z "));
    for _ in 0..500 {
        if is_gone() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the child still runs: {:?}", std::fs::read_to_string(&child));
}
