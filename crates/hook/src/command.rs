//! A hook as a command: a program of one directory, started without a shell, in a process group of its own, with an
//! environment that holds nothing of ours, ended in time.
//!
//! Exit code 0 is done, 75 (`EX_TEMPFAIL` of sysexits) is not yet, any other is no. A command that a signal ended, that
//! ran out of time, or that may not run has said nothing.
//!
//! Left out on purpose: another user, limits of memory and of processors. Run the server, or the program, under what sets
//! those.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::deployment::{ExecHook, HOOK_OUTPUT_MAX, HookAnswer, HookCall, HookOutcome};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Config;

/// Where programs find others. Everything else of our environment stays with us: it may hold secrets.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// After its end the output of a command is read so long; what it left running may hold the pipe open for ever.
const LAST_OUTPUT: Duration = Duration::from_secs(1);
/// The exit code for "not yet".
const TEMPFAIL: i32 = 75;

pub(crate) async fn call(config: &Config, call: &HookCall, hook: &ExecHook) -> HookOutcome {
    let Some(directory) = &config.commands else {
        return error("commands are off; set commands = true and directory under [hooks]");
    };
    let program = match allowed(directory, &hook.program) {
        Ok(program) => program,
        Err(text) => return error(text),
    };
    let mut child = match start(directory, &program, call, hook) {
        Ok(child) => child,
        Err(fault) => return error(format!("cannot run {}: {fault}", program.display())),
    };
    let group = Group::of(&child);
    let [stdout, stderr] = [child.stdout.take().map(keep), child.stderr.take().map(keep)];
    let writing = child.stdin.take().map(|mut stdin| {
        let body = call.body.clone();
        // A program that does not read its input is no fault.
        tokio::spawn(async move { _ = stdin.write_all(body.as_bytes()).await })
    });
    let ended = end(&mut child, &group, hook, config.grace).await;
    if let Some(writing) = writing {
        writing.abort();
    }
    group.let_go();
    let (answer, code, text) = match ended {
        Err(text) => (HookAnswer::Error, None, text),
        Ok(status) => judge(status),
    };
    HookOutcome { answer, code, text, output: kept(stdout).await, errors: kept(stderr).await }
}

/// The program, if it is a file of the directory. Links are followed first, so that none leads out of it.
fn allowed(directory: &Path, program: &str) -> Result<PathBuf, String> {
    let unreadable = |path: &Path, fault| format!("cannot find {}: {fault}", path.display());
    let directory = directory.canonicalize().map_err(|fault| unreadable(directory, fault))?;
    let named = directory.join(program);
    let program = named.canonicalize().map_err(|fault| unreadable(&named, fault))?;
    if !program.starts_with(&directory) {
        return Err(format!("commands are run from {} only: {}", directory.display(), program.display()));
    }
    Ok(program)
}

fn start(directory: &Path, program: &Path, call: &HookCall, hook: &ExecHook) -> std::io::Result<Child> {
    Command::new(program)
        .args(&hook.args)
        .env_clear()
        .env("PATH", PATH)
        .envs(call.variables.iter().filter(|(name, _)| name.starts_with("CUTOVER_")))
        .env("CUTOVER_OP_ID", &call.id.0)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

/// Waits for the end, and brings it about when the time is over: first a request, then by force, for the whole group.
async fn end(child: &mut Child, group: &Group, hook: &ExecHook, grace: Duration) -> Result<ExitStatus, String> {
    let lost = |fault: std::io::Error| format!("cannot wait for the command: {fault}");
    if let Ok(ended) = timeout(Duration::from_millis(hook.timeout.ms()), child.wait()).await {
        // A command that is over leaves nothing behind.
        group.signal(Signal::KILL);
        return ended.map_err(lost);
    }
    group.signal(Signal::TERM);
    let is_obedient = timeout(grace, child.wait()).await.is_ok();
    // What the program had started may not be obedient.
    group.signal(Signal::KILL);
    if !is_obedient {
        child.wait().await.map_err(lost)?;
    }
    let how = if is_obedient { "ended" } else { "killed" };
    Err(format!("{how} after {}", hook.timeout))
}

fn judge(status: ExitStatus) -> (HookAnswer, Option<i32>, String) {
    let Some(code) = status.code() else {
        let signal = status.signal().unwrap_or(0);
        return (HookAnswer::Error, None, format!("ended by signal {signal}"));
    };
    let answer = match code {
        0 => HookAnswer::Pass,
        TEMPFAIL => HookAnswer::Wait(None),
        _ => HookAnswer::Fail,
    };
    (answer, Some(code), format!("exit code {code}"))
}

/// Reads to the end so that the program never waits for us, and keeps the beginning.
fn keep(mut pipe: impl AsyncRead + Unpin + Send + 'static) -> Reading {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&kept);
    let task = tokio::spawn(async move {
        let mut buffer = vec![0; 8192];
        while let Ok(read @ 1..) = pipe.read(&mut buffer).await {
            let Ok(mut kept) = into.lock() else { return };
            let room = HOOK_OUTPUT_MAX - kept.len();
            kept.extend_from_slice(&buffer[..read.min(room)]);
        }
    });
    Reading { kept, task }
}

/// A pipe that is being read.
struct Reading {
    kept: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<()>,
}

async fn kept(reading: Option<Reading>) -> String {
    let Some(Reading { kept, mut task }) = reading else { return String::new() };
    if timeout(LAST_OUTPUT, &mut task).await.is_err() {
        task.abort();
    }
    let kept = kept.lock().map(|kept| kept.clone()).unwrap_or_default();
    String::from_utf8_lossy(&kept).into_owned()
}

/// The process group of a command. Killed as a whole if it is dropped while the command runs: the server is stopping.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.0 {
            // It may have ended just now.
            _ = kill_process_group(pid, signal);
        }
    }

    /// The command has ended; its number may soon be another's.
    fn let_go(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

fn error(text: impl Into<String>) -> HookOutcome {
    HookOutcome::new(HookAnswer::Error, text)
}
