//! One release of the demo: started through the API like anybody's, then watched until it ends.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use hyper::Method;
use serde_json::{Value, json};

use super::route53::{self, Made};
use super::stats::Stats;
use super::timeline::{Timeline, VERSIONS};
use crate::client::Client;

/// A release to be done.
pub(crate) struct Release<'a> {
    pub(crate) client: &'a Client,
    pub(crate) timeline: &'a Timeline,
    pub(crate) stats: &'a Stats,
    /// Which version, from 0.
    pub(crate) to: usize,
    pub(crate) title: &'static str,
    pub(crate) quiet: bool,
}

/// How it ended, measured from its start until a TTL after its end.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Result {
    /// The last phase.
    pub(crate) phase: String,
    /// Why it was rolled back, if it was.
    pub(crate) reason: Option<String>,
    pub(crate) seconds: f64,
    pub(crate) requests: u32,
    pub(crate) failed: u32,
    /// The largest share of the new version among the requests of any second.
    pub(crate) most_share: f64,
}

/// Far longer than a release of the demo takes.
const DEADLINE: Duration = Duration::from_secs(90);

/// Tells the server what the service is: three environments behind one name.
///
/// # Errors
/// The API refuses.
pub(crate) async fn declare(client: &Client, made: &Made) -> anyhow::Result<()> {
    let environments: serde_json::Map<String, Value> = (0..VERSIONS)
        .map(|v| {
            let name = format!("v{}", v + 1);
            let environment =
                json!({"version": format!("{}.0.0", v + 1), "set_identifiers": [name], "health_check": made.health_checks[v]});
            (name, environment)
        })
        .collect();
    let service = json!({
        "name": "shop",
        "environments": environments,
        "active": "v1",
        "traffic": [{"dns": {"zone": made.zone_id, "name": route53::NAME, "types": ["A"]}}],
    });
    client.json::<Value>(Method::PUT, "/v1/services/shop", Some(&service)).await?;
    Ok(())
}

impl Release<'_> {
    /// Starts it and follows it to its end.
    ///
    /// # Errors
    /// The API refuses, or the release has not ended in 90 s.
    pub(crate) async fn run(&self) -> anyhow::Result<Result> {
        let start = self.timeline.elapsed();
        self.timeline.mark(format!("release {}", self.title));
        let created: Value =
            self.client.json(Method::POST, "/v1/services/shop/deployments", Some(&self.spec())).await?;
        let id = created["id"].as_str().unwrap_or_default().to_owned();
        if !self.quiet {
            println!("Release {} (deployment {id}). The plan:", self.title);
            println!("{}", created["plan_text"].as_str().unwrap_or_default());
        }
        let deadline = Instant::now() + DEADLINE;
        let (mut seen, mut most_share, mut told) = (0, 0.0f64, Instant::now());
        let last = loop {
            let view: Value = self.client.json(Method::GET, &format!("/v1/deployments/{id}"), None).await?;
            seen = self.tell_events(&view, seen);
            let share = self.timeline.recent(Duration::from_secs(1)).share(self.to);
            most_share = most_share.max(share);
            if view["terminal"].as_bool() == Some(true) {
                break view;
            }
            anyhow::ensure!(Instant::now() < deadline, "the release has not ended in 90 s: {view}");
            self.progress(&view, &mut told);
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        let seconds = (self.timeline.elapsed() - start).as_secs_f64();
        // What is still in caches belongs to this release.
        tokio::time::sleep(Duration::from_secs(u64::from(route53::TTL))).await;
        let sum = self.timeline.between(start, self.timeline.elapsed());
        let phase = last["phase"].as_str().unwrap_or("unknown").to_owned();
        self.timeline.mark(format!("v{}: {phase}", self.to + 1));
        if !self.quiet {
            clear_line();
            println!("  → {phase} after {seconds:.1} s\n");
        }
        Ok(Result {
            phase,
            reason: last["reason"].as_str().map(str::to_owned),
            seconds,
            requests: sum.total(),
            failed: sum.failures(),
            most_share,
        })
    }

    /// A 95–5 canary in four steps: with a TTL of one second, a minute shows what takes hours elsewhere.
    fn spec(&self) -> Value {
        let name = format!("v{}", self.to + 1);
        let step = |share: &str| [json!({"weight": share}), json!({"analyse": ["errors"]})];
        let steps: Vec<Value> = ["5%", "25%", "60%", "100%"].iter().flat_map(|share| step(share)).collect();
        json!({
            "to": name,
            "strategy": {"canary": {"steps": steps}},
            "health_gate": {"healthy_for": "1s"},
            "settle": {"ttl_multiple": 1.5, "min": "1s"},
            "analysis": {"errors": {"metrics": [{
                "name": "error-ratio",
                "provider": {"http": {"url": format!("http://{}/{name}", self.stats.address), "pointer": "/error_ratio"}},
                "condition": {"pass": "value <= 0.02", "fail": "value > 0.02"},
                "interval": "500ms",
                "count": 4,
                "failure_limit": 1,
            }]}},
            "bake": "2s",
        })
    }

    /// Prints events that came since; returns how many are known now.
    fn tell_events(&self, view: &Value, seen: usize) -> usize {
        let events = view["events"].as_array().map(Vec::as_slice).unwrap_or_default();
        for event in events.iter().skip(seen) {
            let text = event["text"].as_str().unwrap_or_default();
            if event["kind"] == "shift" {
                // The picture has room for the weights alone.
                self.timeline.mark(text.rsplit_once(": A ").map_or(text, |(_, weights)| weights));
            }
            if !self.quiet {
                clear_line();
                println!("  {:>5.1} s  {text}", self.timeline.elapsed().as_secs_f64());
            }
        }
        events.len()
    }

    /// One line: wanted, written and observed share per version, errors, step, what it waits for. Redrawn in place on
    /// a terminal, once in two seconds elsewhere.
    fn progress(&self, view: &Value, told: &mut Instant) {
        let terminal = std::io::stdout().is_terminal();
        if self.quiet || !terminal && told.elapsed() < Duration::from_secs(2) {
            return;
        }
        *told = Instant::now();
        let recent = self.timeline.recent(Duration::from_secs(1));
        let mut line = String::new();
        for (version, environment) in view["environments"].as_array().into_iter().flatten().enumerate() {
            let percent = |key: &str| environment[key].as_f64().unwrap_or(0.0) * 100.0;
            line += &format!(
                "v{} {:.0}/{:.0}/{:.0} %  ",
                version + 1,
                percent("wanted"),
                percent("written"),
                recent.share(version.min(VERSIONS - 1)) * 100.0
            );
        }
        let step = &view["step"];
        let at = match (step["index"].as_u64(), step["stage"].as_str()) {
            (Some(index), Some(stage)) => format!("step {index}/{} {stage}", step["count"]),
            _ => view["phase"].as_str().unwrap_or_default().to_owned(),
        };
        let waits = view["waiting_on"][0].as_str().map(|on| format!(", waits on {on}")).unwrap_or_default();
        let line = format!(
            "           wanted/written/observed: {line} errors {}/{}  {at}{waits}",
            recent.failures(),
            recent.total()
        );
        if terminal {
            clear_line();
            print!("{line}");
            // A terminal that has gone away is noticed elsewhere.
            let _ = std::io::stdout().flush();
        } else {
            println!("{line}");
        }
    }
}

fn clear_line() {
    if std::io::stdout().is_terminal() {
        print!("\r\x1b[2K");
    }
}
