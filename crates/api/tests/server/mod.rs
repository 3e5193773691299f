//! A whole API over a real store in a folder of its own, on loopback. DNS workers and prober are stood in for: what
//! they would say is set by the test.
#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod signer;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use api::{ACCOUNT_DEFAULT, Keyring, Limits, Pace, Probes, Route53, Routes, V1, listen};
use control::audit::Rotation;
use control::publish::{self, Publisher};
use control::seal::Seal;
use control::{Audit, Meta, Store, Views, access_keys};
use model::access_key::KeyPolicy;
use model::health_status::{HealthStatus, Observation, Verdicts};
use model::hosted_zone::Vpc;
use model::id::{AccessKeyId, HealthCheckId, Region, VpcId};
use ring::rand::SystemRandom;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

/// 2026-11-23T07:00:00.000Z.
pub(crate) const NOW_MS: u64 = 1_795_417_200_000;

const ROTATION: Rotation = Rotation { file_bytes_max: 1 << 20, files_max: 3 };

/// A server; it ends and takes its folder along when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    pub(crate) audit: Audit,
    served: Arc<AtomicU64>,
    verdicts: watch::Sender<Arc<Verdicts>>,
    unhealthy: Mutex<Vec<HealthCheckId>>,
    publisher: Publisher,
    folder: PathBuf,
    _stop: oneshot::Sender<()>,
}

/// What a client signs with.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) id: AccessKeyId,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

impl Credentials {
    fn of(issued: access_keys::Issued) -> Self {
        Self { id: issued.key.id, secret: issued.secret, token: issued.token }
    }
}

fn seal() -> Arc<Seal> {
    Arc::new(Seal::new(&[7; 32]))
}

/// A VPC that the operator configured.
fn vpc(id: &str) -> Vpc {
    Vpc { region: Region::parse("eu-west-1").unwrap(), id: VpcId::parse(id).unwrap() }
}

struct Quiet;

impl Probes for Quiet {
    fn ready(&self) -> Result<(), String> {
        Ok(())
    }
    fn metrics(&self) -> String {
        String::new()
    }
}

impl Server {
    /// Starts a server whose clock stands still at [`NOW_MS`] and that asks nobody for a signature.
    pub(crate) async fn open() -> Self {
        Self::start(true, Arc::new(|| NOW_MS), Pace::default()).await
    }

    /// As [`Server::open`], with brakes.
    pub(crate) async fn paced(pace: Pace) -> Self {
        Self::start(true, Arc::new(|| NOW_MS), pace).await
    }

    /// Starts a server that wants signatures, whose clock stands still at [`NOW_MS`].
    pub(crate) async fn signed_at_rest() -> Self {
        Self::start(false, Arc::new(|| NOW_MS), Pace::default()).await
    }

    /// Starts a server that wants signatures, on the machine's clock.
    pub(crate) async fn signed() -> Self {
        let now = || u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
        Self::start(false, Arc::new(now), Pace::default()).await
    }

    async fn start(open: bool, now_ms: Arc<api::route::NowMs>, pace: Pace) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("cutover-api-server-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let store = Store::open(&folder).unwrap();
        let audit = Audit::open(&folder, ROTATION).unwrap();
        let (verdicts, receiver) = watch::channel(Arc::default());
        let publisher = publish::start(&store, receiver, Arc::default(), 7).unwrap();
        let served = Arc::new(AtomicU64::new(0));
        let routes = Routes {
            route53: Route53 {
                store: store.clone(),
                random: Box::leak(Box::new(SystemRandom::new())),
                delegation: Arc::default(),
                limits: Arc::default(),
                views: Views::new(publisher.view()),
                served: {
                    let served = Arc::clone(&served);
                    Arc::new(move || served.load(Ordering::Relaxed))
                },
                observed: Arc::new(|_| Some(Observation::success("HTTP Status Code 200, OK", NOW_MS))),
                last_failure: Arc::new(|_| None),
                pace: Arc::new(pace),
                checker_ranges: vec!["127.0.0.1/32".to_owned()],
                vpcs: Arc::new(["vpc-1", "vpc-2", "vpc-3"].map(vpc).into()),
                seal: seal(),
                account_id: ACCOUNT_DEFAULT.into(),
            },
            native: Some(Arc::new(V1 {
                seal: Some(seal()),
                views: Views::new(publisher.view()),
                ..V1::offline(store.clone(), Box::leak(Box::new(SystemRandom::new())))
            })),
            probes: Arc::new(Quiet),
            credential_of: {
                let keyring = Keyring::new(store.clone(), seal(), ACCOUNT_DEFAULT);
                Arc::new(move |id| keyring.find(id))
            },
            now_ms,
            open,
            operator_token: None,
            requests: Arc::default(),
            audit: Some(audit.clone()),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(listen(listener, routes, Limits::default(), async { drop(stopped.await) }));
        let unhealthy = Mutex::default();
        Self { address, store, audit, served, verdicts, unhealthy, publisher, folder, _stop: stop }
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A key for signing that may do everything.
    pub(crate) async fn key(&self) -> Credentials {
        self.limited_key("test", &["full-access"]).await
    }

    /// A key with these policies.
    pub(crate) async fn limited_key(&self, name: &str, policies: &[&str]) -> Credentials {
        let policies = policies.iter().map(|text| KeyPolicy::parse(text).unwrap()).collect();
        let (meta, random) = (Meta::new("test", NOW_MS), SystemRandom::new());
        let issued = access_keys::create(&self.store, meta, &random, &seal(), name.to_owned(), policies).await;
        Credentials::of(issued.unwrap())
    }

    /// A session of a key that began so many seconds before [`NOW_MS`] and lasts an hour.
    pub(crate) async fn session(&self, of: &Credentials, seconds_ago: u64, policies: &[&str]) -> Credentials {
        let policies = policies.iter().map(|text| KeyPolicy::parse(text).unwrap()).collect();
        let (meta, random) = (Meta::new("test", NOW_MS - seconds_ago * 1000), SystemRandom::new());
        let issued = access_keys::open_session(&self.store, meta, &random, &seal(), &of.id, 3600, policies).await;
        Credentials::of(issued.unwrap())
    }

    /// Takes a key away.
    pub(crate) async fn delete_key(&self, of: &Credentials) {
        access_keys::delete(&self.store, Meta::new("test", NOW_MS), &of.id).await.unwrap();
    }

    /// Gives a key another policy.
    pub(crate) async fn set_policy(&self, of: &Credentials, policy: &str) {
        let (meta, policies) = (Meta::new("test", NOW_MS), vec![KeyPolicy::parse(policy).unwrap()]);
        access_keys::set_policies(&self.store, meta, &seal(), &SystemRandom::new(), &of.id, policies).await.unwrap();
    }

    /// Waits until everything committed is published, and lets every DNS worker have it.
    pub(crate) async fn serve(&self) {
        let revision = self.store.revision().0;
        self.publisher.view().wait_for(|view| view.revision() >= revision).await.unwrap();
        self.served.store(revision, Ordering::Relaxed);
    }

    /// Lets the prober find one more health check unhealthy.
    pub(crate) async fn break_down(&self, id: &str) {
        let broken: Verdicts = {
            let mut all = self.unhealthy.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(HealthCheckId::parse(id).unwrap());
            all.iter().map(|id| (id.clone(), HealthStatus::Unhealthy)).collect()
        };
        let mut view = self.publisher.view();
        view.mark_unchanged();
        self.verdicts.send_replace(Arc::new(broken));
        view.changed().await.unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
