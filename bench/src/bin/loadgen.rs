//! Sends DNS queries as fast as the server answers them and prints what the server spent on each.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use cutover_bench::generate::{Load, Measurement, generate};
use cutover_bench::query::Queries;

const USAGE: &str = "usage: loadgen --server ADDRESS:PORT --queries FILE [options]
  --queries FILE     one name and type a line, asked in random order
  --core N           run on this core (default: the last)
  --pid N            the server's process, to read its CPU time
  --seconds S        time counted (default 2)        --warmup S       time before (default 0.5)
  --sockets N        sockets to send from (16)       --outstanding N  queries under way in all (192)
  --timeout-ms N     then a query is lost (500)      --seed N         start of the random sequence (1)
  --edns             send an OPT record, 1232 octets
  --answers          count the first address of every answer
  --json             print one JSON object";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // One line, with or without RUST_BACKTRACE.
        Err(fault) => {
            eprintln!("loadgen: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    let text = std::fs::read_to_string(&arguments.queries).with_context(|| arguments.queries.clone())?;
    let queries = Queries::parse(&text, arguments.edns)?;
    let core = match arguments.core {
        Some(core) => core,
        None => *udp::cores()?.last().context("no core may be used")?,
    };
    udp::pin_to(core).with_context(|| format!("run on core {core}"))?;
    let found = generate(&arguments.load, &queries)?;
    if arguments.json {
        println!("{}", json(&found));
    } else {
        print!("{}", text_of(&found));
    }
    Ok(())
}

struct Arguments {
    load: Load,
    queries: String,
    core: Option<usize>,
    edns: bool,
    json: bool,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments> {
        let (mut server, mut queries, mut core, mut edns, mut json) = (None, None, None, false, false);
        let mut load = Load::new(([127, 0, 0, 1], 53).into());
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value\n{USAGE}"));
            match word.as_str() {
                "--server" => server = Some(value()?.parse().context("--server needs ADDRESS:PORT")?),
                "--queries" => queries = Some(value()?),
                "--core" => core = Some(value()?.parse().context("--core")?),
                "--pid" => load.process = Some(value()?.parse().context("--pid")?),
                "--seconds" => load.duration = Duration::try_from_secs_f64(value()?.parse().context("--seconds")?)?,
                "--warmup" => load.warmup = Duration::try_from_secs_f64(value()?.parse().context("--warmup")?)?,
                "--sockets" => load.sockets = value()?.parse().context("--sockets")?,
                "--outstanding" => load.outstanding = value()?.parse().context("--outstanding")?,
                "--timeout-ms" => load.timeout = Duration::from_millis(value()?.parse().context("--timeout-ms")?),
                "--seed" => load.seed = value()?.parse().context("--seed")?,
                "--edns" => edns = true,
                "--answers" => load.addresses = true,
                "--json" => json = true,
                _ => bail!("unknown option: {word}\n{USAGE}"),
            }
        }
        load.server = server.context(USAGE)?;
        Ok(Arguments { load, queries: queries.context(USAGE)?, core, edns, json })
    }
}

fn shares(found: &Measurement) -> impl Iterator<Item = (String, u64)> {
    found.addresses.iter().map(|([a, b, c, d], &count)| (format!("{a}.{b}.{c}.{d}"), count))
}

fn rcodes(found: &Measurement) -> impl Iterator<Item = (String, u64)> {
    const NAMES: [&str; 6] = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];
    found
        .rcodes
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(code, &count)| (NAMES.get(code).map_or_else(|| format!("RCODE{code}"), ToString::to_string), count))
}

fn json(found: &Measurement) -> serde_json::Value {
    let quantile = |quantile| found.latency.quantile_us(quantile);
    serde_json::json!({
        "seconds": found.seconds,
        "answered": found.answered,
        "answered_per_second": found.answered as f64 / found.seconds,
        "server_us_per_query": found.server_us_per_query(),
        "server_core_share": found.server_seconds.map(|seconds| seconds / found.seconds),
        "generator_idle_share": found.idle,
        "lost": found.lost,
        "strays": found.strays,
        "truncated": found.truncated,
        "reply_octets_mean": found.octets as f64 / found.answered.max(1) as f64,
        "latency_us": { "p50": quantile(0.5), "p90": quantile(0.9), "p99": quantile(0.99), "p999": quantile(0.999) },
        "rcodes": rcodes(found).collect::<std::collections::BTreeMap<_, _>>(),
        "addresses": shares(found).collect::<std::collections::BTreeMap<_, _>>(),
    })
}

fn text_of(found: &Measurement) -> String {
    let mut text = format!("{:.0} answers a second", found.answered as f64 / found.seconds);
    if let (Some(cost), Some(seconds)) = (found.server_us_per_query(), found.server_seconds) {
        text += &format!(", {cost:.3} µs of server CPU each ({:.1} % of a core)", 100.0 * seconds / found.seconds);
    }
    text += &format!(", generator idle {:.1} %\n", 100.0 * found.idle);
    text += &format!(
        "answered {}, lost {}, strays {}, truncated {}",
        found.answered, found.lost, found.strays, found.truncated
    );
    text += &format!(", {:.1} octets a reply\n", found.octets as f64 / found.answered.max(1) as f64);
    let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|quantile| found.latency.quantile_us(quantile));
    text += &format!("latency µs: p50 {p50:.1}, p99 {p99:.1}, p99.9 {p999:.1}\n");
    for (name, count) in rcodes(found).chain(shares(found)) {
        text += &format!("{name} {count} ({:.2} %)\n", 100.0 * count as f64 / found.answered.max(1) as f64);
    }
    text
}
