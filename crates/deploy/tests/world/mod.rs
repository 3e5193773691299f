//! A world for the engine to act on: weighted record sets, nodes that follow, health, metrics and a clock that jumps
//! from one thing to happen to the next. It does what the runner of `control` does, and can lose its memory.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use deploy::{Action, Observation, Order, Request, SetWeights};
use model::deployment::{Deployment, MeasurementId, Phase, RecordSetWeight, Service, Spec};
use model::health_status::{HealthStatus, Verdicts};
use model::id::{DeploymentId, EnvironmentName, HealthCheckId, HostedZoneId, SetIdentifier};
use model::metric::Measurement;
use model::{Body, Name, RecordSet, RecordType, Routing, Ttl};

pub const START_MS: u64 = 1_000_000;

/// What breaks at a turn of the crash sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// The step was computed and nothing was kept.
    BeforeStore,
    /// The deployment was stored, nothing it asked for was done.
    AfterStore,
    /// Everything was done; what was being measured is lost.
    AfterActions,
}

#[derive(Clone)]
pub struct World {
    pub now: u64,
    pub service: Service,
    pub record_sets: Vec<(HostedZoneId, RecordSet)>,
    pub revision: u64,
    /// Revisions that nodes are behind.
    pub lag: u64,
    pub health: BTreeMap<HealthCheckId, HealthStatus>,
    /// What each metric measures now, by `template/metric`; none: 0.
    pub metrics: BTreeMap<String, Measurement>,
    /// Measurements begin and never end.
    pub is_mute: bool,
    pub deployment: Option<Deployment>,
    /// Every state of the weights that was ever live, in the order of the service's keys.
    pub history: Vec<Vec<RecordSetWeight>>,
    pub last_write: Option<SetWeights>,
    generation: u64,
    measuring: BTreeMap<MeasurementId, (u64, String)>,
    finished: Vec<(MeasurementId, Measurement)>,
    wake: Option<u64>,
    pub turns: usize,
    pub crash: Option<(usize, Crash)>,
    /// After a crash something else happens before the runner is back.
    pub stays_down: bool,
    is_down: bool,
}

pub fn check(name: &str) -> HealthCheckId {
    HealthCheckId::parse(name).unwrap()
}

pub fn environment(name: &str) -> EnvironmentName {
    EnvironmentName::parse(name).unwrap()
}

pub fn order(by: &str, reason: &str) -> Order {
    Order { by: by.into(), reason: reason.into(), ..Order::default() }
}

impl World {
    /// Blue serves with weight 200; green waits with 0. A and AAAA, TTL 2 s, a health check each.
    pub fn new() -> Self {
        let service = r#"{"name":"shop","active":"blue","environments":{
            "blue":{"version":"1.9","set_identifiers":["blue"]},"green":{"version":"2.0","set_identifiers":["green"]}},
            "traffic":[{"dns":{"zone":"Z1","name":"shop.example.com.","types":["A","AAAA"]}}]}"#;
        let service = deploy::parse_service(service.as_bytes()).unwrap();
        let zone = HostedZoneId::parse("Z1").unwrap();
        let mut record_sets = Vec::new();
        for (record_type, value) in [(RecordType::A, "203.0.113.1"), (RecordType::AAAA, "2001:db8::1")] {
            for (id, weight) in [("blue", 200), ("green", 0)] {
                record_sets.push((
                    zone.clone(),
                    RecordSet {
                        name: Name::parse("shop.example.com.").unwrap(),
                        record_type,
                        routing: Routing::Weighted { set_identifier: SetIdentifier::parse(id).unwrap(), weight },
                        body: Body::Records { ttl: Ttl::new(2).unwrap(), values: vec![value.into()] },
                        health_check: Some(check(id)),
                    },
                ));
            }
        }
        let health = [("blue", HealthStatus::Healthy), ("green", HealthStatus::Healthy)];
        let mut world = Self {
            now: START_MS,
            service,
            record_sets,
            revision: 10,
            lag: 0,
            health: health.map(|(id, status)| (check(id), status)).into(),
            metrics: BTreeMap::new(),
            is_mute: false,
            deployment: None,
            history: Vec::new(),
            last_write: None,
            generation: 0,
            measuring: BTreeMap::new(),
            finished: Vec::new(),
            wake: None,
            turns: 0,
            crash: None,
            stays_down: false,
            is_down: false,
        };
        world.history.push(world.weights());
        world
    }

    pub fn start(&mut self, spec: &str) {
        self.start_spec(deploy::parse_spec(spec.as_bytes()).unwrap());
    }

    pub fn start_spec(&mut self, spec: Spec) {
        let request = Request {
            id: DeploymentId::parse("01JDEPLOY").unwrap(),
            service: &self.service,
            spec,
            by: "alice".into(),
            reason: String::new(),
            others: &[],
        };
        self.generation = 0;
        self.deployment = Some(deploy::create(request, &self.record_sets, self.now).unwrap());
    }

    pub fn deployment(&self) -> &Deployment {
        self.deployment.as_ref().unwrap()
    }

    pub fn phase(&self) -> Phase {
        self.deployment().status.phase
    }

    pub fn weights(&self) -> Vec<RecordSetWeight> {
        let weight = |key: &model::deployment::RecordSetKey| {
            let found = self
                .record_sets
                .iter()
                .find(|(_, r)| r.record_type == key.record_type && r.set_identifier() == Some(&key.set_identifier))?;
            let Routing::Weighted { weight, .. } = found.1.routing else { return None };
            Some(RecordSetWeight { record_set: key.clone(), weight })
        };
        self.service.record_set_keys().iter().filter_map(weight).collect()
    }

    pub fn set_weight(&mut self, record_type: RecordType, id: &str, to: u8) {
        for (_, record_set) in &mut self.record_sets {
            if let Routing::Weighted { set_identifier, weight } = &mut record_set.routing
                && record_set.record_type == record_type
                && set_identifier.as_str() == id
            {
                *weight = to;
            }
        }
        self.revision += 1;
    }

    pub fn set_health(&mut self, id: &str, status: HealthStatus) {
        self.health.insert(check(id), status);
    }

    /// What the engine would see now.
    pub fn observation(&self) -> Observation {
        Observation {
            revision: self.revision,
            served_revision: self.revision.saturating_sub(self.lag),
            record_sets: self.record_sets.clone(),
            active: self.service.active.clone(),
            health: Arc::new(self.health.clone().into_iter().collect::<Verdicts>()),
            finished: self.finished.clone(),
            measuring: self.measuring.keys().cloned().collect::<BTreeSet<_>>(),
        }
    }

    /// One turn of the runner. Whether anything was done.
    pub fn turn(&mut self) -> bool {
        self.turns += 1;
        let observation = self.observation();
        self.last_write = None;
        let before = self.deployment().clone();
        let stepped = deploy::step(&before, &observation, self.now);
        let crash = self.crash.filter(|(turn, _)| *turn == self.turns).map(|(_, crash)| crash);
        if crash == Some(Crash::BeforeStore) {
            self.forget();
            return true;
        }
        // What is kept is what was written down.
        let kept = deploy::stored::read(&deploy::stored::write(&stepped.next)).unwrap();
        assert_eq!(kept, stepped.next);
        self.deployment = Some(kept);
        if stepped.next != before {
            self.revision += 1;
        }
        self.finished.clear();
        if crash == Some(Crash::AfterStore) {
            self.forget();
            return true;
        }
        self.wake = None;
        let mut has_acted = stepped.next != before;
        for action in stepped.actions {
            match action {
                Action::SetWeights(write) => {
                    has_acted = true;
                    self.write(write);
                }
                Action::Measure { id, metric, .. } => {
                    has_acted = true;
                    let at = if self.is_mute { u64::MAX } else { self.now + 50 };
                    self.measuring.insert(id, (at, metric));
                }
                Action::Activate { environment, version, .. } => {
                    has_acted = true;
                    self.service.environments.get_mut(&environment).unwrap().version = version;
                    self.service.active = environment;
                }
                Action::Wake { at_ms } => self.wake = Some(at_ms),
            }
        }
        if crash == Some(Crash::AfterActions) {
            self.forget();
            // A runner that starts again steps every deployment at once.
            return true;
        }
        has_acted
    }

    fn forget(&mut self) {
        self.is_down = self.stays_down;
        self.measuring.clear();
        self.finished.clear();
        self.wake = None;
    }

    fn write(&mut self, write: SetWeights) {
        assert!(write.generation >= self.generation, "a late write");
        self.generation = write.generation;
        assert_eq!(self.weights(), write.precondition, "a blind write");
        for wanted in &write.desired {
            let key = &wanted.record_set;
            self.set_weight(key.record_type, key.set_identifier.as_str(), wanted.weight);
        }
        self.history.push(self.weights());
        self.last_write = Some(write);
    }

    /// Turns until nothing is left to do at this moment.
    pub fn settle(&mut self) {
        self.settle_with(|_, _| {});
    }

    fn settle_with(&mut self, look: impl Fn(&Deployment, &Self)) {
        for _ in 0..50 {
            let before = self.deployment().clone();
            let has_acted = self.turn();
            look(&before, self);
            if !has_acted || self.is_down {
                return;
            }
        }
        panic!("the engine does not come to rest");
    }

    /// Lets time pass, jumping from one thing to happen to the next.
    pub fn pass(&mut self, ms: u64) {
        self.pass_with(ms, |_, _| {});
    }

    /// The same, looking at every turn: the deployment before it, and the world after it.
    pub fn pass_with(&mut self, ms: u64, look: impl Fn(&Deployment, &Self)) {
        let end = self.now + ms;
        self.is_down = false;
        self.settle_with(&look);
        while !self.is_down {
            let measured = self.measuring.values().map(|(at, _)| *at).min();
            let next = [self.wake, measured].into_iter().flatten().min().filter(|at| *at <= end);
            let Some(next) = next else { break };
            self.now = self.now.max(next);
            let due = self.measuring.iter().filter(|(_, (at, _))| *at <= self.now);
            for id in due.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
                let (_, metric) = self.measuring.remove(&id).unwrap();
                let measurement = self.metrics.get(&metric).cloned().unwrap_or(Measurement::Value(0.0));
                self.finished.push((id, measurement));
            }
            self.wake = None;
            self.settle_with(&look);
        }
        if !self.is_down {
            self.now = end;
            self.settle_with(&look);
        }
    }

    pub fn command<E: std::fmt::Display>(&mut self, command: impl FnOnce(&Deployment, u64) -> Result<Deployment, E>) {
        match command(self.deployment(), self.now) {
            Ok(next) => self.deployment = Some(next),
            Err(refusal) => panic!("{refusal}"),
        }
        self.settle();
    }

    /// The story so far, as people read it.
    pub fn transcript(&self) -> String {
        let deployment = self.deployment();
        let mut text = format!("{}\n\n", deployment.plan);
        for event in &deployment.record.events {
            let seconds = (event.at_ms - START_MS) as f64 / 1000.0;
            let phase = event.phase.to_string();
            writeln!(text, "{seconds:>7.2}s  {phase:<15} {} [{}]", event.text, event.cause).unwrap();
        }
        writeln!(text).unwrap();
        for waiting in &deployment.status.waiting_on {
            writeln!(text, "waiting: {}", waiting.text).unwrap();
        }
        writeln!(text, "live: {}", model::deployment::WeightsLine(&self.weights())).unwrap();
        writeln!(text, "active: {} {}", self.service.active, self.service.environments[&self.service.active].version)
            .unwrap();
        text
    }
}

/// Compares with `tests/games/<name>.txt`; `CUTOVER_BLESS=1` writes it.
pub fn played(name: &str, world: &World) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/games").join(format!("{name}.txt"));
    let transcript = world.transcript();
    if std::env::var_os("CUTOVER_BLESS").is_some() {
        std::fs::write(&path, &transcript).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(transcript == expected, "{name} was played differently:\n{transcript}\nexpected:\n{expected}");
}

/// 5 %, a hold, an analysis, half, everything, baking; TTL 2 s × 1.5.
pub const CANARY: &str = r#"{
    "to": "green", "version": "2.1",
    "strategy": {"canary": {"steps": [
        {"weight": "5%"}, {"hold": "10s"}, {"analyse": ["errors"]}, {"weight": "50%"}, {"hold": "5s"}, {"weight": "100%"}
    ]}},
    "health_gate": {"healthy_for": "2s"},
    "analysis": {"errors": {"metrics": [{
        "name": "5xx",
        "provider": {"prometheus": {"url": "http://127.0.0.1:9090", "query": "errors{env=\"{{env}}\"}"}},
        "condition": "value <= 0.01", "interval": "1s", "count": 3
    }]}},
    "settle": {"min": "1s"},
    "bake": "5s"
}"#;

/// A look without traffic, a person's word, half, everything, another look, baking.
pub const BLUE_GREEN: &str = r#"{"to": "green", "strategy": {"blue_green": {
            "preview": {"healthy_for": "3s", "analyse": ["smoke"]}, "gate": "manual",
            "switch": {"steps": {"weights": ["50%", "100%"], "every": "2s"}}, "analyse": ["smoke"]}},
        "analysis": {"smoke": {"metrics": [{"name": "ok", "provider": {"http": {"url": "http://127.0.0.1/{{env}}", "pointer": "/ok"}},
            "condition": {"fail": "value > 0"}, "interval": "500ms", "count": 2}]}},
        "settle": {"min": "1s"}, "bake": "5s"}"#;
