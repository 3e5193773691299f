//! A world for the engine to act on: weighted record sets, nodes that follow, health, metrics and a clock that jumps
//! from one thing to happen to the next. It does what the runner of `control` does, and can lose its memory.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

pub mod endpoint;
pub mod instances;
pub mod teardown;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use deploy::{Action, Guards, Observation, Order, Request, SetWeights};
use model::deployment::{
    Beside, Deployment, HookAnswer, HookCall, HookCallId, HookOutcome, MeasurementId, NameStickiness, Notice, Phase,
    RecordSetKey, RecordSetWeight, Service, Side, Spec, named,
};
use model::health_status::{HealthStatus, Verdicts};
use model::id::{DeploymentId, EnvironmentName, HealthCheckId, HostedZoneId, SetIdentifier};
use model::metric::Measurement;
use model::{Body, Name, RecordSet, RecordType, Routing, Ttl};

use endpoint::{Due, Elsewhere, Fault};
use model::endpoint::WriteFault;

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
    pub earlier_ttls: Vec<(u64, u32)>,
    pub sticky: Vec<NameStickiness>,
    /// Revisions that nodes are behind.
    pub lag: u64,
    pub health: BTreeMap<HealthCheckId, HealthStatus>,
    /// Checks that have seen nothing since the start.
    pub unseen: BTreeSet<HealthCheckId>,
    /// What each metric measures now, by `template/metric`; none: 0.
    pub metrics: BTreeMap<String, Measurement>,
    /// Measurements begin and never end.
    pub is_mute: bool,
    /// What each hook answers next, by its name or `name instance`; the last answer stays, none is a pass.
    pub hooks: BTreeMap<String, Vec<HookAnswer>>,
    /// Every call that was begun, oldest first.
    pub calls: Vec<HookCall>,
    /// What runs where, outside: a `replace` hook that passes changes it.
    pub running: BTreeMap<String, String>,
    /// An instance that is never healthy with a version.
    pub broken: Option<(String, String)>,
    pub deployment: Option<Deployment>,
    /// Every state of the weights that was ever live, in the order of the service's keys.
    pub history: Vec<Vec<RecordSetWeight>>,
    /// Every state of the record sets that was ever written, since when, and what was sticky then.
    pub states: Vec<(u64, Vec<RecordSet>, Vec<NameStickiness>)>,
    pub last_write: Option<SetWeights>,
    generation: u64,
    /// Measurements kept to be judged again.
    pub kept: Vec<model::deployment::Measured>,
    /// What people were told, oldest first.
    pub told: Vec<Notice>,
    measuring: BTreeMap<MeasurementId, (u64, String)>,
    finished: Vec<(MeasurementId, Measurement)>,
    calling: BTreeMap<HookCallId, (u64, HookCall)>,
    called: Vec<(HookCallId, HookOutcome)>,
    wake: Option<u64>,
    pub turns: usize,
    pub crash: Option<(usize, Crash)>,
    /// After a crash something else happens before the runner is back.
    pub stays_down: bool,
    /// What guards ask of the outside.
    pub guards: Guards,
    /// The record sets are somebody else's.
    pub elsewhere: Option<Elsewhere>,
    /// The service is still there after a success.
    pub is_declared: bool,
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
            earlier_ttls: Vec::new(),
            sticky: Vec::new(),
            lag: 0,
            health: health.map(|(id, status)| (check(id), status)).into(),
            unseen: BTreeSet::new(),
            metrics: BTreeMap::new(),
            is_mute: false,
            hooks: BTreeMap::new(),
            calls: Vec::new(),
            running: BTreeMap::new(),
            broken: None,
            deployment: None,
            history: Vec::new(),
            states: Vec::new(),
            last_write: None,
            generation: 0,
            kept: Vec::new(),
            told: Vec::new(),
            measuring: BTreeMap::new(),
            finished: Vec::new(),
            calling: BTreeMap::new(),
            called: Vec::new(),
            wake: None,
            turns: 0,
            crash: None,
            stays_down: false,
            guards: Guards::default(),
            elsewhere: None,
            is_declared: true,
            is_down: false,
        };
        world.history.push(world.weights());
        world
    }

    /// The same in an account of somebody else, whose health checks nobody here knows; each environment has one of ours.
    pub fn elsewhere() -> Self {
        let mut world = Self::new();
        world.service = deploy::parse_service(ELSEWHERE.as_bytes()).unwrap();
        for (_, set) in &mut world.record_sets {
            set.health_check = Some(check("theirs"));
        }
        world.history = vec![world.weights()];
        world.elsewhere = Some(Elsewhere::default());
        world
    }

    /// The same before anybody serves: both weights are zero.
    pub fn unserved() -> Self {
        let mut world = Self::new();
        world.service.active = None;
        for (_, set) in &mut world.record_sets {
            if let Routing::Weighted { weight, .. } = &mut set.routing {
                *weight = 0;
            }
        }
        world.history = vec![world.weights()];
        world
    }

    /// One plain record of each type, TTL 2 s, that the service adopts; without health checks of its record sets.
    pub fn plain(release: bool) -> Self {
        let mut world = Self::new();
        let service = r#"{"name":"shop","active":"blue","environments":{
            "blue":{"version":"1.9","set_identifiers":["blue"]},
            "green":{"version":"2.0","set_identifiers":["green"],"health_check":"green",
                "dns":{"A":["203.0.113.2"],"AAAA":["2001:db8::2"]}}},
            "traffic":[{"dns":{"zone":"Z1","name":"shop.example.com.","types":["A","AAAA"],"adopt":true,"release":RELEASE}}]}"#;
        let service = service.replace("RELEASE", &release.to_string());
        world.service = deploy::parse_service(service.as_bytes()).unwrap();
        world.record_sets.retain(|(_, set)| set.set_identifier().is_some_and(|id| id.as_str() == "blue"));
        for (_, set) in &mut world.record_sets {
            (set.routing, set.health_check) = (Routing::Simple, None);
        }
        world.history = vec![world.weights()];
        world
    }

    /// One environment of six instances `a1` to `a6` with weights of their own, and a spare `a7` with none; A and AAAA, TTL
    /// 2 s, a health check each.
    pub fn of_instances() -> Self {
        let mut world = Self::new();
        let instances: [(&str, u8); 7] =
            [("a1", 10), ("a2", 20), ("a3", 10), ("a4", 10), ("a5", 30), ("a6", 10), ("a7", 0)];
        let ids: Vec<String> = instances.iter().map(|(id, _)| format!("\"{id}\"")).collect();
        let zones = r#"{"a1":{"zone":"x"},"a2":{"zone":"x"},"a3":{"zone":"x"},"a4":{"zone":"y"},"a5":{"zone":"y"},
            "a6":{"zone":"z"},"a7":{"zone":"z"}}"#;
        let service = format!(
            r#"{{"name":"shop","active":"blue","environments":{{"blue":{{"version":"1.9","set_identifiers":[{}],
            "instances":{zones}}}}},
            "traffic":[{{"dns":{{"zone":"Z1","name":"shop.example.com.","types":["A","AAAA"]}}}}]}}"#,
            ids.join(",")
        );
        world.service = deploy::parse_service(service.as_bytes()).unwrap();
        let blue = world.record_sets[0].clone();
        world.record_sets.clear();
        for record_type in [RecordType::A, RecordType::AAAA] {
            for (id, weight) in instances {
                let routing = Routing::Weighted { set_identifier: SetIdentifier::parse(id).unwrap(), weight };
                let health_check = Some(check(id));
                world
                    .record_sets
                    .push((blue.0.clone(), RecordSet { record_type, routing, health_check, ..blue.1.clone() }));
                world.health.insert(check(id), HealthStatus::Healthy);
                world.running.insert(id.to_owned(), "1.9".to_owned());
            }
        }
        world.history = vec![world.weights()];
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
            guard: deploy::CreateGuard { freezes: &self.guards.freezes, ..deploy::CreateGuard::default() },
        };
        self.generation = 0;
        let created = deploy::create(request, &self.record_sets, self.now).unwrap();
        self.told.extend(deploy::notice::notices(None, &created, self.now));
        self.deployment = Some(created);
    }

    /// Runs another deployment from now on.
    pub fn take(&mut self, deployment: Deployment) {
        self.generation = 0;
        self.deployment = Some(deployment);
    }

    pub fn deployment(&self) -> &Deployment {
        self.deployment.as_ref().unwrap()
    }

    pub fn phase(&self) -> Phase {
        self.deployment().status.phase
    }

    pub fn weights(&self) -> Vec<RecordSetWeight> {
        self.weights_of(&self.service.record_set_keys())
    }

    fn weights_of(&self, keys: &[RecordSetKey]) -> Vec<RecordSetWeight> {
        let weight = |key: &RecordSetKey| {
            let found = self
                .record_sets
                .iter()
                .find(|(_, r)| r.record_type == key.record_type && r.set_identifier() == Some(&key.set_identifier))?;
            let Routing::Weighted { weight, .. } = found.1.routing else { return None };
            Some(RecordSetWeight { record_set: key.clone(), weight })
        };
        keys.iter().filter_map(weight).collect()
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

    /// Somebody changes the TTL of all record sets.
    pub fn set_ttl(&mut self, seconds: u32) {
        for (_, record_set) in &mut self.record_sets {
            if let Body::Records { ttl, .. } = &mut record_set.body {
                *ttl = Ttl::new(seconds.into()).unwrap();
            }
        }
        self.revision += 1;
    }

    pub fn set_health(&mut self, id: &str, status: HealthStatus) {
        self.unseen.remove(&check(id));
        self.health.insert(check(id), status);
    }

    /// The server is lost and starts again: until its checks have seen something, all is healthy.
    pub fn restart(&mut self) {
        self.forget();
        self.health.values_mut().for_each(|status| *status = HealthStatus::Healthy);
        self.unseen = self.health.keys().cloned().collect();
    }

    /// What the engine would see now.
    pub fn observation(&self) -> Observation {
        Observation {
            revision: self.revision,
            served_revision: self.revision.saturating_sub(self.lag),
            record_sets: self.elsewhere.as_ref().map_or(&self.record_sets, |elsewhere| &elsewhere.seen).clone(),
            earlier_ttls: self.earlier_ttls.clone(),
            sticky: self.sticky.clone(),
            active: self.service.active.clone(),
            environments: self.service.environments.clone(),
            health: Arc::new(self.health.clone().into_iter().collect::<Verdicts>().with_unseen(self.unseen.clone())),
            finished: self.finished.clone(),
            measuring: self.measuring.keys().cloned().collect::<BTreeSet<_>>(),
            called: self.called.clone(),
            calling: self.calling.keys().cloned().collect(),
            guards: self.guards(),
            endpoint: self.elsewhere.as_ref().map(|elsewhere| elsewhere.told.clone()),
        }
    }

    /// What guards ask; once it has succeeded, what the service is by now.
    fn guards(&self) -> Guards {
        let declared = self.is_declared.then(|| self.service.clone()).filter(|_| self.phase().is_terminal());
        Guards { declared: declared.or(self.guards.declared.clone()), ..self.guards.clone() }
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
        self.told.extend(deploy::notice::notices(Some(&before), &kept, self.now));
        self.deployment = Some(kept);
        if stepped.next != before {
            self.revision += 1;
        }
        self.finished.clear();
        self.called.clear();
        if let Some(elsewhere) = &mut self.elsewhere {
            elsewhere.told.written.clear();
        }
        if crash == Some(Crash::AfterStore) {
            self.forget();
            return true;
        }
        self.wake = None;
        let mut has_acted = stepped.next != before;
        for action in stepped.actions {
            match action {
                Action::SetWeights(write) => match &mut self.elsewhere {
                    Some(elsewhere) => elsewhere.write(write, self.now),
                    None => {
                        has_acted = true;
                        self.write(write);
                    }
                },
                Action::Look => self.elsewhere.as_mut().unwrap().look(self.now),
                Action::Confirm { change } => self.elsewhere.as_mut().unwrap().confirm(change, self.now),
                Action::Measure { id, metric, .. } => {
                    has_acted = true;
                    let at = if self.is_mute { u64::MAX } else { self.now + 50 };
                    self.measuring.insert(id, (at, metric));
                }
                Action::CallHook { call } => {
                    has_acted = true;
                    let is_other = |other: &HookCall| {
                        let instance = |call: &HookCall| call.variables.get("CUTOVER_INSTANCE").cloned();
                        other.name == "replace" && other.id != call.id && instance(other) == instance(&call)
                    };
                    let overlaps = call.name == "replace" && self.calling.values().any(|(_, other)| is_other(other));
                    assert!(!overlaps, "two versions at a time: {call:?}\n{}", self.transcript());
                    self.calls.push(call.clone());
                    self.calling.insert(call.id.clone(), (self.now + 200, call));
                }
                Action::Keep(measured) => self.kept.push(*measured),
                Action::Activate { side, .. } => {
                    has_acted = true;
                    if let Some(Side { environment, version }) = &side {
                        let found = self.service.environments.get_mut(environment).unwrap();
                        found.version.clone_from(version);
                        found.instances.values_mut().for_each(|placed| placed.version = None);
                    }
                    self.service.active = side.map(|side| side.environment);
                }
                Action::NoteVersions { environment, versions, .. } => {
                    has_acted = true;
                    let environment = self.service.environments.get_mut(&environment).unwrap();
                    for (instance, version) in versions {
                        let own = (version != environment.version).then_some(version);
                        environment.instances.entry(instance).or_default().version = own;
                    }
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
        self.calling.clear();
        self.called.clear();
        self.wake = None;
        if let Some(write) = self.elsewhere.as_mut().and_then(|elsewhere| elsewhere.forget(self.now)) {
            self.arrive(write);
        }
    }

    /// A write arrives at somebody else's endpoint: all of it or nothing, by what is there. Whether it was taken.
    fn arrive(&mut self, write: SetWeights) -> bool {
        let is_there = write
            .beside
            .iter()
            .flat_map(|beside| &beside.precondition.records)
            .all(|form| self.record_sets.iter().any(|(zone, set)| (zone, set) == (&form.zone, &form.record_set())));
        if !is_there || self.weights() != self.weighted(&write.precondition) {
            return false;
        }
        let before = self.record_sets.clone();
        // Late ones are older than what was written since.
        self.generation = self.generation.min(write.generation);
        self.write(write);
        if self.record_sets == before {
            self.history.pop();
            self.states.pop();
        }
        true
    }

    /// Takes the requests to somebody else's endpoint that end by now to their end.
    fn end_requests(&mut self) {
        while let Some(due) = self.elsewhere.as_mut().and_then(|elsewhere| elsewhere.due(self.now)) {
            let (now, is_unreachable) = (self.now, self.elsewhere.as_ref().unwrap().is_unreachable);
            let unheard = is_unreachable.then(|| endpoint::trouble("no connection", 5_000));
            match due {
                Due::Look { began_ms } if unheard.is_none() => {
                    let elsewhere = self.elsewhere.as_mut().unwrap();
                    (elsewhere.seen, elsewhere.told.seen_ms) = (self.record_sets.clone(), Some(began_ms));
                }
                Due::Confirm(change) if unheard.is_none() => {
                    self.elsewhere.as_mut().unwrap().told.confirmed.insert(change);
                }
                Due::Look { .. } | Due::Confirm(_) => {}
                Due::Late(write) => {
                    self.arrive(write);
                    continue;
                }
                Due::Write(write) => {
                    let (generation, fault) = (write.generation, self.elsewhere.as_mut().unwrap().fault(&write, now));
                    let is_taken = match fault {
                        None | Some((Fault::Unheard, _)) => self.arrive(write),
                        Some(_) => false,
                    };
                    let elsewhere = self.elsewhere.as_mut().unwrap();
                    let outcome = match (fault, is_taken) {
                        (Some((_, told)), _) => Err(told),
                        (None, true) => Ok(elsewhere.take(now)),
                        (None, false) => Err(WriteFault::Stale(endpoint::trouble("InvalidChangeBatch", 0))),
                    };
                    elsewhere.told.wrote(generation, outcome, now);
                    continue;
                }
            }
            self.elsewhere.as_mut().unwrap().told.ended(unheard.as_ref(), now);
        }
    }

    /// What a hook answers to a call that ends now.
    fn answer(&mut self, call: &HookCall) -> HookOutcome {
        let instance = call.variables.get("CUTOVER_INSTANCE").cloned().unwrap_or_default();
        let own = format!("{} {instance}", call.name);
        let key = if self.hooks.contains_key(&own) { own } else { call.name.clone() };
        let answer = match self.hooks.get_mut(&key) {
            None => HookAnswer::Pass,
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0],
        };
        if call.name == "replace" && answer == HookAnswer::Pass {
            let version = call.variables["CUTOVER_NEW_VERSION"].clone();
            let is_broken = self.broken == Some((instance.clone(), version.clone()));
            let health = if is_broken { HealthStatus::Unhealthy } else { HealthStatus::Healthy };
            self.set_health(&instance, health);
            self.running.insert(instance, version);
        }
        let text = match answer {
            HookAnswer::Pass => "status 200",
            HookAnswer::Wait(_) => "status 202",
            HookAnswer::Fail => "status 409",
            HookAnswer::Error | HookAnswer::InDoubt => "no answer in 15s",
        };
        HookOutcome::new(answer, text)
    }

    fn write(&mut self, write: SetWeights) {
        assert!(write.generation >= self.generation, "a late write");
        self.generation = write.generation;
        let keys: Vec<RecordSetKey> = write.precondition.iter().map(|m| m.record_set.clone()).collect();
        assert_eq!(self.weights_of(&keys), self.weighted(&write.precondition), "a blind write");
        if let Some(beside) = write.beside.as_deref() {
            self.write_beside(beside);
        }
        for wanted in &self.weighted(&write.desired) {
            let key = &wanted.record_set;
            self.set_weight(key.record_type, key.set_identifier.as_str(), wanted.weight);
        }
        self.history.push(self.weights());
        let sets = self.record_sets.iter().map(|(_, set)| set.clone()).collect();
        self.states.push((self.now, sets, self.sticky.clone()));
        self.last_write = Some(write);
    }

    /// Those that are weighted record sets now; a plain record has no weights.
    fn weighted(&self, weights: &[RecordSetWeight]) -> Vec<RecordSetWeight> {
        let is_there = |m: &&RecordSetWeight| {
            self.record_sets.iter().any(|(_, set)| {
                set.record_type == m.record_set.record_type
                    && set.set_identifier() == Some(&m.record_set.set_identifier)
            })
        };
        weights.iter().filter(is_there).cloned().collect()
    }

    /// The fields beside weights, exactly if all is as it must be.
    fn write_beside(&mut self, beside: &Beside) {
        let Beside { precondition, desired } = beside;
        for form in &precondition.records {
            let (zone, set) = (form.zone.clone(), form.record_set());
            let at = self.record_sets.iter().position(|found| *found == (zone.clone(), set.clone()));
            self.record_sets.remove(at.expect("a blind write"));
        }
        self.record_sets.extend(desired.records.iter().map(|form| (form.zone.clone(), form.record_set())));
        for ttl in &desired.ttls {
            let is_of = |set: &RecordSet| {
                set.record_type == ttl.record_set.record_type
                    && set.set_identifier() == Some(&ttl.record_set.set_identifier)
            };
            let (_, set) = self.record_sets.iter_mut().find(|(_, set)| is_of(set)).unwrap();
            let was = precondition.ttls.iter().find(|was| was.record_set == ttl.record_set).map(|was| was.ttl_seconds);
            if let Body::Records { ttl: found, .. } = &mut set.body {
                assert!(was.is_none_or(|was| was == found.seconds()), "a blind write");
                *found = Ttl::new(ttl.ttl_seconds.into()).unwrap();
            }
        }
        for name in &desired.sticky {
            self.sticky.retain(|found| found.name != name.name);
            if name.prefixes.is_some() {
                self.sticky.push(name.clone());
            }
        }
        self.record_sets.sort_by_key(|(zone, set)| {
            (zone.clone(), set.record_type.to_string(), set.set_identifier().map(ToString::to_string))
        });
        self.revision += 1;
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
            let called = self.calling.values().map(|(at, _)| *at).min();
            let requests = self.elsewhere.as_ref().and_then(Elsewhere::next_ms);
            let next = [self.wake, measured, called, requests].into_iter().flatten().min().filter(|at| *at <= end);
            let Some(next) = next else { break };
            self.now = self.now.max(next);
            let due = self.measuring.iter().filter(|(_, (at, _))| *at <= self.now);
            for id in due.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
                let (_, metric) = self.measuring.remove(&id).unwrap();
                let measurement = self.metrics.get(&metric).cloned().unwrap_or(Measurement::Value(0.0));
                self.finished.push((id, measurement));
            }
            let ended = self.calling.iter().filter(|(_, (at, _))| *at <= self.now);
            for id in ended.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
                let (_, call) = self.calling.remove(&id).unwrap();
                let outcome = self.answer(&call);
                self.called.push((id, outcome));
            }
            self.end_requests();
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
            Ok(next) => {
                self.told.extend(deploy::notice::notices(Some(self.deployment()), &next, self.now));
                self.deployment = Some(next);
            }
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
        let version = self.service.active.as_ref().map(|active| self.service.environments[active].version.clone());
        writeln!(text, "active: {} {}", named(self.service.active.as_ref()), version.unwrap_or_default()).unwrap();
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

/// Blue and green in an account of Route 53.
const ELSEWHERE: &str = r#"{"name":"shop","active":"blue","environments":{
    "blue":{"version":"1.9","set_identifiers":["blue"],"health_check":"blue"},
    "green":{"version":"2.0","set_identifiers":["green"],"health_check":"green"}},
    "traffic":[{"route53":{"account":"prod","zone":"Z1","name":"shop.example.com.","types":["A","AAAA"]}}]}"#;

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
pub const FIRST: &str = r#"{"to": "green", "initial": "direct", "strategy": {"blue_green": {"preview": {"healthy_for": "3s"}}},
        "settle": {"min": "1s"}, "bake": "5s"}"#;

pub const BLUE_GREEN: &str = r#"{"to": "green", "strategy": {"blue_green": {
            "preview": {"healthy_for": "3s", "analyse": ["smoke"]}, "gate": "manual",
            "switch": {"steps": {"weights": ["50%", "100%"], "every": "2s"}}, "analyse": ["smoke"]}},
        "analysis": {"smoke": {"metrics": [{"name": "ok", "provider": {"http": {"url": "http://127.0.0.1/{{env}}", "pointer": "/ok"}},
            "condition": {"fail": "value > 0"}, "interval": "500ms", "count": 2}]}},
        "settle": {"min": "1s"}, "bake": "5s"}"#;
