//! Following a deployment to its end: redrawn in place on a terminal, a line for each event anywhere else.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use model::deployment::Period;
use serde_json::Value;
use tokio::time::Instant;

use super::picture;
use crate::cli::ask::{Said, ask};
use crate::client::{Client, encode};

/// Who reads what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tell {
    /// A picture on a terminal, lines elsewhere.
    People,
    /// One JSON object per event and line.
    Programs,
    /// Nobody.
    Nothing,
}

/// When to leave before the end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Until {
    pub(super) timeout: Option<Period>,
    pub(super) fail_on_pause: bool,
    pub(super) leave_when_blocked: bool,
}

/// Asks for news so often at the latest: on a terminal, where seconds are counted down, and elsewhere.
const WAIT_TERMINAL: Duration = Duration::from_millis(500);
const WAIT: Duration = Duration::from_secs(2);
/// A server that is away may be on its way back; deployments go on when it is.
pub(super) const AWAY_MAX: Duration = Duration::from_secs(60);
/// Long lines are cut by the terminal instead of wrapped, so that the picture keeps its height.
const CUT_LINES: &str = "\x1b[?7l";
const WRAP_LINES: &str = "\x1b[?7h";

/// Follows a deployment of the server on a data folder; its last view, and the code to leave with.
pub(super) async fn follow(data: &Path, id: &str, until: Until, tell: Tell) -> anyhow::Result<(Value, ExitCode)> {
    let is_drawn = tell == Tell::People && std::io::stdout().is_terminal();
    if !is_drawn {
        return follow_to(data, id, until, tell, false).await;
    }
    print!("{CUT_LINES}");
    let ended = tokio::select! {
        ended = follow_to(data, id, until, tell, true) => ended,
        interrupted = tokio::signal::ctrl_c() => match interrupted {
            Ok(()) => Err(anyhow::anyhow!("left off watching; the deployment goes on")),
            Err(fault) => Err(fault.into()),
        },
    };
    print!("{WRAP_LINES}");
    // A terminal that is gone needs no repair.
    let _ = std::io::stdout().flush();
    ended
}

async fn follow_to(
    data: &Path,
    id: &str,
    until: Until,
    tell: Tell,
    is_drawn: bool,
) -> anyhow::Result<(Value, ExitCode)> {
    let deadline = until.timeout.map(|timeout| Instant::now() + Duration::from_millis(timeout.ms()));
    let (mut seen, mut height, mut away_since) = (0, 0, None::<Instant>);
    let late = || {
        eprintln!("cutover: not ended in time; the deployment goes on");
        ExitCode::from(4)
    };
    loop {
        let is_late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let wait = if is_drawn { WAIT_TERMINAL } else { WAIT };
        let wait = deadline.map_or(wait, |deadline| wait.min(deadline.saturating_duration_since(Instant::now())));
        let path = format!("/v1/deployments/{}?since={seen}&wait={}ms", encode(id), wait.as_millis());
        let view = match look(data, &path).await {
            Ok(Said::Yes(view)) => view,
            Ok(Said::No(code)) => return Ok((Value::Null, code)),
            // A server that starts again has another token, and perhaps another port: both are read anew.
            Err(_) if !is_late && away_since.get_or_insert_with(Instant::now).elapsed() < AWAY_MAX => {
                tokio::time::sleep(WAIT_TERMINAL).await;
                continue;
            }
            Err(_) if is_late => return Ok((Value::Null, late())),
            Err(fault) => return Err(fault),
        };
        away_since = None;
        if is_drawn {
            height = redraw(&picture::draw_in(&view, crate::door::now_ms(), lines()), height)?;
        }
        let last = news(&view, seen, tell, is_drawn)?;
        let has_news = last > seen;
        seen = last;
        if let Some(code) = end(&view, until) {
            return Ok((view, ExitCode::from(code)));
        }
        if is_late {
            return Ok((view, late()));
        }
        if has_news {
            // Events come in bursts; the next request brings the rest of one.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn look(data: &Path, path: &str) -> anyhow::Result<Said> {
    ask(&Client::of(data)?, hyper::Method::GET, path, Vec::new()).await
}

/// Tells the events after `seen`; the number of the last one.
fn news(view: &Value, seen: u64, tell: Tell, is_drawn: bool) -> anyhow::Result<u64> {
    let mut last = seen;
    for event in view["events"].as_array().into_iter().flatten() {
        let Some(number) = event["seq"].as_u64().filter(|number| *number > seen) else { continue };
        last = last.max(number);
        match tell {
            Tell::People if !is_drawn => println!("{}", picture::event_line(view, event)),
            Tell::Programs => println!("{}", serde_json::to_string(event)?),
            Tell::People | Tell::Nothing => {}
        }
    }
    std::io::stdout().flush().context("cannot write to standard output")?;
    Ok(last)
}

/// Draws over the picture before; the new height.
fn redraw(picture: &str, height: usize) -> anyhow::Result<usize> {
    let mut out = std::io::stdout().lock();
    if height > 0 {
        write!(out, "\x1b[{height}A\x1b[J")?;
    }
    out.write_all(picture.as_bytes())?;
    out.flush()?;
    Ok(picture.lines().count())
}

/// Lines that a picture may have: one less than the terminal, where the cursor stands. A picture that is taller would
/// scroll, and be drawn again below itself.
fn lines() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stdout());
    size.ok().map(|size| usize::from(size.ws_row)).filter(|rows| *rows > 1).map_or(usize::MAX, |rows| rows - 1)
}

/// The exit code, once there is nothing more to wait for.
fn end(view: &Value, until: Until) -> Option<u8> {
    let phase = view["phase"].as_str().unwrap_or_default();
    // Before the first step there may be the service's own gate.
    let at_gate = view["step"]["stage"] == "gate" || phase == "Pending" && view["gate"].is_object();
    let needs_person = view["paused"] == true || at_gate;
    match phase {
        "Succeeded" => Some(0),
        _ if view["terminal"] == true => Some(3),
        "RollbackBlocked" if until.leave_when_blocked => Some(7),
        _ if until.fail_on_pause && needs_person => Some(5),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_end_has_its_code() {
        let until = Until { timeout: None, fail_on_pause: true, leave_when_blocked: true };
        let view =
            |phase: &str, terminal: bool, paused: bool| json!({"phase": phase, "terminal": terminal, "paused": paused});
        for (view, code) in [
            (view("Succeeded", true, false), Some(0)),
            (view("RolledBack", true, false), Some(3)),
            (view("Cancelled", true, false), Some(3)),
            (view("Progressing", false, true), Some(5)),
            (view("RollbackBlocked", false, false), Some(7)),
            (view("Progressing", false, false), None),
        ] {
            assert_eq!(end(&view, until), code, "{view}");
        }
        assert_eq!(end(&view("RollbackBlocked", false, true), Until::default()), None);
    }
}
