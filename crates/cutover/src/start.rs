//! Wiring: opens the store, starts every part in order and joins them by channels. The edges meet here and only here.
//!
//! After: `stop` ends them in the opposite order. Each edge has a runtime of its own, so that a busy API delays no
//! answer and a slow endpoint no API.

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use control::Store;
use model::health_status::Verdicts;
use model::hosted_zone::Visibility;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};

use crate::client::{LISTENING, Listening, OPERATOR_TOKEN};
use crate::config::{Config, LogFormat};
use crate::door::{now_ms, random};
use crate::metrics::Page;

/// Who may use the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Holders of keys, and the operator.
    Keys,
    /// Everybody who reaches it: for demonstrations on loopback.
    Open,
}

/// A running server. [`Running::stop`] drains it; dropping it does not.
pub(crate) struct Running {
    pub(crate) listening: Listening,
    pub(crate) parts: Parts,
}

/// What `stop` ends, in this order.
pub(crate) struct Parts {
    pub(crate) data: std::path::PathBuf,
    pub(crate) draining: Arc<AtomicBool>,
    pub(crate) api: (Runtime, oneshot::Sender<()>, tokio::task::JoinHandle<()>),
    pub(crate) runner: Runner,
    pub(crate) teller: control::notices::Teller,
    pub(crate) dns: (Runtime, serve::Serving),
    pub(crate) query_log: crate::query_log::Writing,
    pub(crate) health: (Runtime, health::Running),
    pub(crate) places: crate::places::watch::Watching,
    pub(crate) publisher: control::publish::Publisher,
    pub(crate) audit: control::Audit,
    pub(crate) store: Store,
}

/// The deployment runner and the runtime it runs on.
pub(crate) type Runner = (Runtime, control::run_deployments::Runner);

/// `cutover serve`: starts, says where it listens, and drains on SIGTERM or SIGINT.
///
/// # Errors
/// Something could not be started; what had been started is ended.
pub(crate) fn run(config: &Config, json: bool) -> anyhow::Result<()> {
    log(config)?;
    let running = start(config, Access::Keys)?;
    if json {
        println!("{}", serde_json::to_string(&running.listening)?);
    } else {
        print!("{}", greeting(config, &running.listening));
    }
    std::io::stdout().flush().context("cannot write to standard output")?;
    crate::stop::wait_for_signal()?;
    running.stop()
}

/// A store from before there was an index of zones' histories gets it now, while everything else goes on.
fn index_history(store: &Store) -> anyhow::Result<()> {
    let store = store.clone();
    let work = move || {
        if let Err(error) = control::history::ensure_index(&store) {
            tracing::warn!(%error, "the history of zones is not indexed yet; it goes on when it is first asked for");
        }
    };
    std::thread::Builder::new().name("zone-history".to_owned()).spawn(work)?;
    Ok(())
}

/// Starts everything.
///
/// # Errors
/// Something could not be started; what had been started is ended.
pub(crate) fn start(config: &Config, access: Access) -> anyhow::Result<Running> {
    let vpcs = config.vpcs()?;
    let sources = config.place_sources()?;
    let stamps = crate::places::watch::Stamps::of(&sources);
    let (places, told) = sources.compile()?;
    let store = Store::open(&config.data)?;
    warn_of_unknown_vpcs(&store, &vpcs)?;
    // A server that was killed may have left it; nobody is to follow it.
    let _ = std::fs::remove_file(config.data.join(LISTENING));
    [LISTENING, OPERATOR_TOKEN].into_iter().for_each(|file| crate::whole_file::sweep(&config.data.join(file)));
    let token = write_token(&config.data)?;
    let seal = crate::door::wait(crate::master_key::open(&config.master_key, &store))?;
    let identity = config.dns.identity(&config.data)?;
    let audit = control::Audit::open(&config.data, config.audit.rotation())?;

    index_history(&store)?;
    let (verdicts_in, verdicts) = watch::channel(Arc::<Verdicts>::default());
    let publisher = control::publish::start(&store, verdicts.clone(), places, seed()?)?;

    let watching = crate::places::watch::start(sources, stamps, told, publisher.places())?;

    let health_runtime = runtime("health", 1)?;
    let probing = {
        let _inside = health_runtime.enter();
        health::start(config.health.config(), publisher.health_checks())
    };
    // The first verdicts are there at once; later ones follow as they change.
    verdicts_in.send_replace(probing.verdicts().borrow().clone());
    health_runtime.spawn(forward(probing.verdicts(), verdicts_in));

    let writing = crate::query_log::start(config, &store)?;
    let dns_runtime = runtime("dns-tcp", 1)?;
    let serving = {
        let _inside = dns_runtime.enter();
        let workers = (config.dns.workers > 0).then_some(config.dns.workers);
        let config = serve::Config {
            dns: config.dns.listen.clone(),
            workers,
            tcp: config.dns.tcp.limits(),
            query_log: Some(writing.log.clone()),
            identity,
        };
        serve::start(&config, &publisher.view())?
    };

    let status = serving.status();
    let served = Arc::new(move || status.served_revision());
    let runner_runtime = runtime("deployments", 1)?;
    let caller = Arc::new(hook::Caller::new(config.hooks.config()?));
    let steady = Arc::new(crate::steady::Steady::new());
    let foreign = crate::foreign::errands(&config.accounts, &runner_runtime)?;
    // Before the first turn, whose news would else be left for the receivers of before.
    let receivers = config.notifications.receivers();
    if let Err(error) = runner_runtime.block_on(control::notices::keep(&store, &receivers, steady.now_ms())) {
        tracing::error!(error = &error as &dyn std::error::Error, "cannot keep who is told of releases, trying again");
    }
    let runner = {
        let _inside = runner_runtime.enter();
        let steady = Arc::clone(&steady);
        let answers = crate::answers::Answers::new(control::Views::new(publisher.view()), serving.status());
        tokio::spawn(answers.clone().watch());
        let measure = crate::measure::Measure::new(verdicts.clone(), Arc::clone(&caller), answers);
        let caller = Arc::clone(&caller);
        control::run_deployments::start(control::run_deployments::Inputs {
            store: store.clone(),
            verdicts: verdicts.clone(),
            served: served.clone(),
            measure: Arc::new(move |query| measure.ask(query)),
            call: Arc::new(move |call| {
                let caller = Arc::clone(&caller);
                Box::pin(async move { caller.call(&call).await })
            }),
            foreign: Arc::clone(&foreign),
            now_ms: Arc::new(move || steady.now_ms()),
            calendar_ms: Arc::new(now_ms),
        })
    };
    // The notice waits in the store: what is tried again is tried by whoever keeps it.
    let once = hook::Config { attempts: 1, ..config.hooks.config()? };
    let post = crate::notify::Post::new(&config.notifications, Arc::new(hook::Caller::new(once)))?;
    let teller = {
        let _inside = runner_runtime.enter();
        let steady = Arc::clone(&steady);
        control::notices::start(control::notices::Inputs {
            store: store.clone(),
            receivers,
            send: Arc::new(move |receiver, notice| post.send(receiver, notice)),
            now_ms: Arc::new(move || steady.now_ms()),
            report: runner.report(),
        })
    };

    let api_runtime = runtime("api", 2)?;
    let draining = Arc::new(AtomicBool::new(false));
    let listener = api_runtime
        .block_on(TcpListener::bind(config.api.listen))
        .map_err(|fault| bind_fault(config.api.listen, &fault))?;
    let api_address = listener.local_addr()?;
    let views = control::Views::new(publisher.view());
    let delegation = Arc::new(config.zone_defaults()?);
    let limits = Arc::new(config.limits.0.clone());
    let observations = probing.observations();
    let last_failures = probing.observations();
    let standing = probing.observations();
    let statuses = verdicts.clone();
    let requests = Arc::<api::Requests>::default();
    let keyring = api::Keyring::new(store.clone(), Arc::clone(&seal), &config.route53.account_id);
    let routes = api::Routes {
        route53: api::Route53 {
            store: store.clone(),
            random: random(),
            delegation: Arc::clone(&delegation),
            limits: Arc::clone(&limits),
            views: views.clone(),
            served: served.clone(),
            observed: Arc::new(move |id| observations.latest(id)),
            last_failure: Arc::new(move |id| last_failures.last_failure(id)),
            pace: Arc::new(config.api.pace()),
            checker_ranges: vec!["127.0.0.1/32".to_owned()],
            vpcs: Arc::new(config.vpcs()?.into_iter().map(|networks| networks.vpc).collect()),
            seal: Arc::clone(&seal),
            account_id: config.route53.account_id.as_str().into(),
        },
        native: Some(Arc::new(api::V1 {
            store: store.clone(),
            random: random(),
            seal: Some(seal),
            account: config.route53.account_id.as_str().into(),
            delegation,
            limits,
            views: views.clone(),
            served,
            standing: Arc::new(move |id| {
                let since_ms = standing.since_ms(id)?;
                Some(api::Standing {
                    is_healthy: statuses.borrow().is_healthy(id),
                    since_ms,
                    seen: standing.latest(id),
                })
            }),
            audit: Some(audit.clone()),
            release_ms: Some(Arc::new(move || steady.now_ms())),
            foreign,
            running: runner.report(),
            turns: api::Turns::default(),
            streams: api::Streams::default(),
        })),
        probes: Arc::new(Page {
            serving: serving.status(),
            views,
            publishing: Arc::clone(publisher.counts()),
            places: Arc::clone(&watching.counts),
            store: store.clone(),
            draining: Arc::clone(&draining),
            runner: runner.report(),
            verdicts,
            requests: Arc::clone(&requests),
            audit: audit.clone(),
            query_log: (writing.log.clone(), Arc::clone(&writing.counts)),
        }),
        credential_of: Arc::new(move |id| keyring.find(id)),
        now_ms: Arc::new(now_ms),
        open: access == Access::Open,
        operator_token: Some(token),
        requests: Arc::clone(&requests),
        audit: Some(audit.clone()),
    };
    let (stop, stopped) = oneshot::channel();
    let task = api_runtime.spawn(api::listen(listener, routes, config.api.limits.limits(), async {
        // Either the order or the loss of whoever could give it.
        let _ = stopped.await;
    }));

    let listening = Listening { dns: serving.addresses().to_vec(), api: api_address };
    write_listening(&config.data, &listening)?;
    tracing::info!(dns = ?listening.dns, api = %listening.api, revision = store.revision().0, "serving");
    Ok(Running {
        listening,
        parts: Parts {
            data: config.data.clone(),
            draining,
            api: (api_runtime, stop, task),
            runner: (runner_runtime, runner),
            teller,
            dns: (dns_runtime, serving),
            query_log: writing,
            health: (health_runtime, probing),
            places: watching,
            publisher,
            audit,
            store,
        },
    })
}

/// A private zone whose VPC left the configuration answers nobody there: that must not be silent.
fn warn_of_unknown_vpcs(store: &Store, known: &[model::vpc::VpcNetworks]) -> anyhow::Result<()> {
    let mut from = None;
    loop {
        let page = control::hosted_zones::list_private(store, from.as_ref(), 1000)?;
        for zone in &page.items {
            let Visibility::Private { vpcs } = &zone.visibility else { continue };
            for vpc in vpcs.iter().filter(|vpc| known.iter().all(|networks| networks.vpc != **vpc)) {
                tracing::warn!(
                    zone = %zone.name, id = %zone.id, vpc = %vpc.id, region = %vpc.region,
                    "a private hosted zone answers nobody in a VPC that [[vpc]] does not name"
                );
            }
        }
        let Some(next) = page.next else { return Ok(()) };
        from = Some(next);
    }
}

async fn forward(mut from: watch::Receiver<Arc<Verdicts>>, to: watch::Sender<Arc<Verdicts>>) {
    while from.changed().await.is_ok() {
        to.send_replace(Arc::clone(&from.borrow_and_update()));
    }
}

fn runtime(name: &str, threads: usize) -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_name(name)
        .enable_all()
        .build()
        .with_context(|| format!("cannot start the threads of {name}"))
}

fn bind_fault(address: SocketAddr, fault: &std::io::Error) -> anyhow::Error {
    match fault.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "something else listens on {address} for the API; stop it or choose another address with --api"
        ),
        std::io::ErrorKind::AddrNotAvailable => {
            anyhow::anyhow!("this host has no address {}; choose another with --api", address.ip())
        }
        _ => anyhow::anyhow!("cannot listen on {address} for the API: {fault}"),
    }
}

/// Names are hashed under a seed that nobody outside can know.
fn seed() -> anyhow::Result<u64> {
    let mut bytes = [0; 8];
    random().fill(&mut bytes).map_err(|_| anyhow::anyhow!("the system gives no randomness"))?;
    Ok(u64::from_le_bytes(bytes))
}

/// A new token for the operator, readable by the folder's owner only.
fn write_token(data: &Path) -> anyhow::Result<String> {
    use std::fmt::Write as _;
    let mut bytes = [0; 24];
    random().fill(&mut bytes).map_err(|_| anyhow::anyhow!("the system gives no randomness"))?;
    let token = bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    });
    replace(&data.join(OPERATOR_TOKEN), &format!("{token}\n"))?;
    Ok(token)
}

fn write_listening(data: &Path, listening: &Listening) -> anyhow::Result<()> {
    replace(&data.join(LISTENING), &serde_json::to_string(listening)?)
}

fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    crate::whole_file::replace(path, text.as_bytes(), 0o600)
        .with_context(|| format!("cannot write {}; is the disk full?", path.display()))
}

fn log(config: &Config) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.level)?;
    let colour = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour);
    match config.log.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}

fn greeting(config: &Config, listening: &Listening) -> String {
    let dns: Vec<String> = listening.dns.iter().map(ToString::to_string).collect();
    let first = listening.dns[0];
    let data = config.data.display();
    format!(
        "cutover {} is serving\n\
         \x20 DNS   {} (UDP and TCP)\n\
         \x20 API   http://{} (Route 53's, and /v1)\n\
         \x20 data  {data}\n\
         Try, in another terminal:\n\
         \x20 cutover keys create --name me --policy full-access --data {data}   # prints two exports; run them\n\
         \x20 export AWS_ENDPOINT_URL_ROUTE_53=http://{} AWS_DEFAULT_REGION=us-east-1\n\
         \x20 aws route53 create-hosted-zone --name example.com --caller-reference 1\n\
         \x20 dig @{} -p {} example.com SOA\n",
        env!("CARGO_PKG_VERSION"),
        dns.join(", "),
        listening.api,
        listening.api,
        first.ip(),
        first.port(),
    )
}
