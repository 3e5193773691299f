//! `cutover explain`: why a name is answered as it is, and the exact odds of every other answer.

use std::fmt::Write as _;
use std::net::IpAddr;

use clap::Args;
use hyper::Method;
use serde_json::Value;

use super::{Target, print};
use crate::client::encode;
use crate::door::{Door, wait};

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The name asked for.
    name: String,
    /// The type asked for.
    #[arg(default_value = "A", value_name = "TYPE")]
    record_type: String,
    /// The resolver or client that asks.
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    from: IpAddr,
    #[command(flatten)]
    target: Target,
}

impl Explain {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let client = Door::server(&self.target.data)?;
        let path =
            format!("/v1/explain?name={}&type={}&from={}", encode(&self.name), encode(&self.record_type), self.from);
        let explanation: Value = wait(async { client.json(Method::GET, &path, None).await })?;
        if self.target.json {
            return print::json(&explanation);
        }
        print!("{}", text(&explanation));
        Ok(())
    }
}

fn text(explanation: &Value) -> String {
    let mut out = String::new();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if explanation["zone"].is_null() {
        return "no hosted zone here holds this name: REFUSED\n".to_owned();
    }
    let zone = &explanation["zone"];
    writeln!(out, "zone {} ({}), revision {}", word(&zone["name"]), word(&zone["id"]), explanation["revision"])
        .expect("a string takes all");
    for hop in explanation["hops"].as_array().into_iter().flatten() {
        writeln!(out, "{}: {}", word(&hop["name"]), word(&hop["finding"])).expect("a string takes all");
        for candidate in hop["candidates"].as_array().into_iter().flatten() {
            let indent = "  ".repeat(1 + usize::try_from(candidate["depth"].as_u64().unwrap_or(0)).unwrap_or(0));
            let mut line = format!(
                "{indent}{:>7.3} %  {}",
                candidate["odds"].as_f64().unwrap_or(0.0) * 100.0,
                word(&candidate["policy"])
            );
            if let Some(set) = candidate["set_identifier"].as_str() {
                write!(line, " {set}").expect("a string takes all");
            }
            if let Some(weight) = candidate["weight"].as_u64() {
                write!(line, " weight {weight}").expect("a string takes all");
            }
            if candidate["healthy"] == false {
                line.push_str(" UNHEALTHY");
            }
            if let Some(check) = candidate["health_check"].as_str() {
                write!(line, " check {check}").expect("a string takes all");
            }
            if let Some(reason) = candidate["reason"].as_str() {
                write!(line, " ({reason})").expect("a string takes all");
            }
            let answers: Vec<String> = candidate["answers"].as_array().into_iter().flatten().map(word).collect();
            write!(line, "  → {}", answers.join(", ")).expect("a string takes all");
            if let Some(ttl) = candidate["ttl"].as_u64() {
                write!(line, " (TTL {ttl})").expect("a string takes all");
            }
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn odds_and_reasons_are_told() {
        let explanation = serde_json::json!({
            "zone": {"id": "Z1", "name": "ex.test."}, "revision": 7,
            "hops": [{"name": "www.ex.test.", "finding": "A", "candidates": [
                {"depth": 0, "policy": "weighted", "set_identifier": "v1", "weight": 95, "healthy": true, "odds": 0.95,
                 "answers": ["192.0.2.1"], "ttl": 60, "health_check": null},
                {"depth": 0, "policy": "geolocation", "set_identifier": "de", "healthy": true, "odds": 0.0,
                 "reason": "other country", "answers": ["192.0.2.2"], "ttl": 60, "health_check": null}]}]
        });
        assert_eq!(
            text(&explanation),
            "zone ex.test. (Z1), revision 7\nwww.ex.test.: A\n   95.000 %  weighted v1 weight 95  → 192.0.2.1 (TTL 60)\n    0.000 %  geolocation de (other country)  → 192.0.2.2 (TTL 60)\n"
        );
    }
}
