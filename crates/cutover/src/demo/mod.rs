//! `cutover demo`: the main job on real parts, in under a minute. A server, three versions of a web service, a
//! population of resolvers; a good release and a bad one. Nothing is scripted to succeed: every number is measured.

mod picture;
mod population;
mod release;
mod route53;
mod service;
mod stats;
mod timeline;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use crate::client::Client;
use crate::config::Flags;
use crate::stop::Signals;
use release::{Release, Result as ReleaseResult};
use timeline::Timeline;

/// Flags of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Leave server, service and users running until Ctrl-C.
    #[arg(long)]
    keep_running: bool,
    /// Where to save the picture.
    #[arg(long, value_name = "FILE", default_value = "cutover-demo.svg")]
    svg: PathBuf,
    /// Data folder; kept when named, otherwise a temporary one that is removed at the end.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the demo's DNS listens; port 0 lets the system choose.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0", value_parser = crate::config::address)]
    dns: std::net::SocketAddr,
    /// Where the demo's API listens; port 0 lets the system choose.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0", value_parser = crate::config::address)]
    api: std::net::SocketAddr,
    /// Print one JSON object at the end instead of the story.
    #[arg(long)]
    json: bool,
}

/// The exit code of shells for a program ended by SIGINT.
const INTERRUPTED: u8 = 128 + 2;

/// What the demo measured.
#[derive(Debug, serde::Serialize)]
struct Measured {
    good: ReleaseResult,
    bad: ReleaseResult,
    requests: u32,
    failed: u32,
    svg: PathBuf,
}

impl Measured {
    /// Whether the story was told: the good release without a failed request, the bad one rolled back by itself.
    fn is_the_story(&self) -> bool {
        self.good.phase == "Succeeded" && self.good.failed == 0 && self.bad.phase == "RolledBack"
    }
}

/// Runs the demo. The code is 0 only if the good release went through without a failed request and the bad one was
/// rolled back.
///
/// # Errors
/// Something could not be started, or did not end in time.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        options.api.ip().is_loopback() && options.dns.ip().is_loopback(),
        "the demo's server is open to everybody who reaches it; give it loopback addresses"
    );
    let shelf = options.svg.parent().filter(|shelf| !shelf.as_os_str().is_empty()).unwrap_or(Path::new("."));
    anyhow::ensure!(shelf.is_dir(), "no folder for the picture; name another with --svg: {}", shelf.display());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // From here on Ctrl-C ends the demo in order, so that it leaves nothing behind.
    let mut signals = {
        let _inside = runtime.enter();
        Signals::listen()?
    };
    let folder = match &options.data {
        Some(folder) => Folder { path: folder.clone(), temporary: false },
        None => Folder::temporary()?,
    };
    let flags =
        Flags { data: Some(folder.path.clone()), dns: vec![options.dns], api: Some(options.api), ..Flags::default() };
    let config = flags.resolve()?;
    let running = crate::start::start(&config, crate::start::Access::Open)?;
    let told = runtime.block_on(async {
        let told = tokio::select! {
            told = tell(options, &folder.path) => told?,
            () = signals.next() => return Ok(None),
        };
        if options.keep_running {
            signals.next().await;
        }
        anyhow::Ok(Some(told.measured))
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    running.stop()?;
    let Some(measured) = told? else {
        eprintln!("\ncutover: interrupted; the demo is over");
        return Ok(ExitCode::from(INTERRUPTED));
    };
    if options.json {
        println!("{}", serde_json::to_string_pretty(&measured)?);
    }
    Ok(if measured.is_the_story() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

/// A story that was told, with everything in it still up.
struct Told {
    measured: Measured,
    _fleet: service::Fleet,
    _stats: stats::Stats,
    _population: population::Population,
}

/// The story, from an empty server to the picture.
async fn tell(options: &Options, folder: &Path) -> anyhow::Result<Told> {
    let say = |text: &str| {
        if !options.json {
            println!("{text}");
        }
    };
    let client = Client::of(folder)?;
    let fleet = service::start().await?;
    let timeline = Arc::new(Timeline::new());
    let stats = stats::start(Arc::clone(&timeline)).await?;
    say(&format!("Server up: DNS {}, API http://{}", client.listening.dns[0], client.listening.api));
    say(&format!(
        "Service up: v1, v2 and v3 on 127.0.0.11–13 port {}; v3 is faulty, and its health check does not see it",
        fleet.port
    ));
    let made = route53::set_up(&client, &fleet).await?;
    say(&format!(
        "Route 53 API: zone {} ({}), three health checks, weighted records {} = v1 100, v2 0, v3 0, TTL {} s",
        route53::ZONE,
        made.zone_id,
        route53::NAME,
        route53::TTL
    ));
    let population = population::start(population::World {
        dns: client.listening.dns[0],
        name: model::Name::parse(route53::NAME)?,
        port: fleet.port,
        timeline: Arc::clone(&timeline),
    });
    say(&format!(
        "Users up: {} resolvers look the name up over UDP, keep answers for their TTL and call the service\n",
        population::RESOLVERS
    ));
    release::declare(&client, &made).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;

    let release = |to: usize, title: &'static str| Release {
        client: &client,
        timeline: &timeline,
        stats: &stats,
        to,
        title,
        quiet: options.json,
    };
    let good = release(1, "v2, a good version").run().await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let bad = release(2, "v3, a faulty version").run().await?;
    tokio::time::sleep(Duration::from_secs(2)).await;

    let (slices, marks) = timeline.drawing();
    std::fs::write(&options.svg, picture::svg(&slices, &marks)).with_context(|| {
        format!("cannot save the picture; choose another place with --svg: {}", options.svg.display())
    })?;
    let all = timeline.between(Duration::ZERO, timeline.elapsed());
    let measured = Measured { good, bad, requests: all.total(), failed: all.failures(), svg: options.svg.clone() };
    let colour = std::io::stdout().is_terminal();
    say(&format!(
        "\nTraffic over time, as the users saw it (v1, v2, v3):\n{}",
        picture::terminal(&slices, &marks, 96, colour)
    ));
    say(&summary(&measured));
    if options.keep_running {
        let at = Place { dns: client.listening.dns[0], api: client.listening.api, data: folder };
        say(&format!("\nTry next, in another terminal:\n{}", try_next(&at, &made.zone_id)));
        say("\nStill running; Ctrl-C ends it.");
    } else {
        let at = Place {
            dns: ([127, 0, 0, 1], 5353).into(),
            api: ([127, 0, 0, 1], 8053).into(),
            data: Path::new("demo-data"),
        };
        say("\nLeave it up, and try it in another terminal:");
        say(&format!("  cutover demo --keep-running --dns {} --api {} --data demo-data", at.dns, at.api));
        say(&try_next(&at, "ID"));
    }
    Ok(Told { measured, _fleet: fleet, _stats: stats, _population: population })
}

fn summary(measured: &Measured) -> String {
    let Measured { good, bad, requests, failed, svg } = measured;
    let share = |failed: u32, of: u32| f64::from(failed) * 100.0 / f64::from(of.max(1));
    let mut lines = format!(
        "v2: {} after {:.1} s; {} of {} requests failed\n\
         v3: {} after {:.1} s; {} of {} requests failed ({:.2} %), on at most {:.0} % of the traffic\n",
        good.phase,
        good.seconds,
        good.failed,
        good.requests,
        bad.phase,
        bad.seconds,
        bad.failed,
        bad.requests,
        share(bad.failed, bad.requests),
        bad.most_share * 100.0,
    );
    if let Some(reason) = &bad.reason {
        lines += &format!("    why: {reason}\n");
    }
    lines += &format!("In all: {failed} of {requests} requests failed. Picture: {}", svg.display());
    if !measured.is_the_story() {
        lines += "\nThis is not how the story should end: see the events above.";
    }
    lines
}

/// Where a demo is to be found.
struct Place<'a> {
    dns: std::net::SocketAddr,
    api: std::net::SocketAddr,
    data: &'a Path,
}

/// Commands that work on a running demo.
fn try_next(at: &Place<'_>, zone_id: &str) -> String {
    let (dns, data, name) = (at.dns, at.data.display(), route53::NAME);
    format!(
        "\x20 dig @{} -p {} {name} A\n\
         \x20 export AWS_ENDPOINT_URL_ROUTE_53=http://{} AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo AWS_DEFAULT_REGION=us-east-1\n\
         \x20 aws route53 list-hosted-zones\n\
         \x20 aws route53 list-resource-record-sets --hosted-zone-id {zone_id}\n\
         \x20 cutover explain {name} A --data {data}\n\
         \x20 cutover deploy history shop --data {data}",
        dns.ip(),
        dns.port(),
        at.api
    )
}

/// The demo's data folder.
struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    fn temporary() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("cutover-demo-{}", std::process::id()));
        std::fs::create_dir_all(&path)
            .with_context(|| format!("cannot make a folder for the demo: {}", path.display()))?;
        Ok(Self { path, temporary: true })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            // Left behind, it would only be clutter in the temporary folder.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
