//! Traffic policies over real sockets: the documented example answers as its tree says, and an update to another version
//! is seen whole or not at all by whoever asks meanwhile.
//!
//! Health is turned by hand: a health check that is disabled is healthy, and unhealthy when it is inverted too.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use world::exchange::{Transport, ask};
use world::place::{Folder, repository};
use world::process::Server;
use world::query::Query;
use world::route53::Client;

const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// A server with a hosted zone and somebody who may change it.
struct Place {
    server: Server,
    client: Client,
    zone: String,
    /// Goes with its data.
    _folder: Folder,
}

impl Place {
    fn open(name: &str) -> Self {
        let folder = Folder::new(name);
        let server = Server::start(&folder.path().join("data"));
        let credentials = server.credentials();
        let mut client = Client::connect(server.api, &credentials).unwrap();
        let zone = client.create_zone("policy.test", name).unwrap();
        Self { server, client, zone, _folder: folder }
    }

    /// What an element of the answer holds.
    fn send(&mut self, path: &str, root: &str, body: &str, element: &str) -> String {
        let body = format!("<{root} xmlns=\"{NAMESPACE}\">{body}</{root}>");
        let response = self.client.send("POST", path, &body).unwrap();
        assert!(response.status < 300, "{}", response.body);
        response.element(element).unwrap_or_default().to_owned()
    }

    fn health_check(&mut self, reference: &str) -> String {
        let body = format!(
            "<CallerReference>{reference}</CallerReference><HealthCheckConfig><IPAddress>127.0.0.1</IPAddress><Port>9</Port>\
             <Type>TCP</Type><Disabled>true</Disabled></HealthCheckConfig>"
        );
        self.send("healthcheck", "CreateHealthCheckRequest", &body, "Id")
    }

    fn turn(&mut self, health_check: &str, healthy: bool) {
        let body = format!("<Inverted>{}</Inverted>", !healthy);
        self.send(&format!("healthcheck/{health_check}"), "UpdateHealthCheckRequest", &body, "Id");
    }

    fn policy(&mut self, name: &str, document: &str) -> String {
        let document = document.replace('&', "&amp;").replace('<', "&lt;");
        let body = format!("<Name>{name}</Name><Document>{document}</Document>");
        self.send("trafficpolicy", "CreateTrafficPolicyRequest", &body, "Id")
    }

    fn instance(&mut self, policy: &str) -> String {
        let body = format!(
            "<HostedZoneId>{}</HostedZoneId><Name>www.policy.test</Name><TTL>0</TTL><TrafficPolicyId>{policy}</TrafficPolicyId>\
             <TrafficPolicyVersion>1</TrafficPolicyVersion>",
            self.zone
        );
        let id = self.send("trafficpolicyinstance", "CreateTrafficPolicyInstanceRequest", &body, "Id");
        self.settle(&id);
        id
    }

    /// Waits until the instance says that it is answered.
    fn settle(&mut self, instance: &str) {
        let began = Instant::now();
        loop {
            let response = self.client.send("GET", &format!("trafficpolicyinstance/{instance}"), "").unwrap();
            match response.element("State") {
                Some("Applied") => return,
                Some("Creating" | "Updating") if began.elapsed() < Duration::from_secs(20) => {}
                _ => panic!("{}", response.body),
            }
        }
    }

    /// All addresses that a hundred questions are answered with.
    fn seen(&self) -> BTreeSet<String> {
        (0..100).flat_map(|_| addresses(&self.server)).collect()
    }

    /// Waits until nothing else is seen: the flip of a health check reaches answers by itself.
    fn sees(&self, expected: &[&str]) {
        let expected: BTreeSet<String> = expected.iter().map(ToString::to_string).collect();
        let began = Instant::now();
        let mut seen = self.seen();
        while seen != expected {
            assert!(began.elapsed() < Duration::from_secs(20), "{seen:?} instead of {expected:?}");
            seen = self.seen();
        }
    }
}

fn addresses(server: &Server) -> Vec<String> {
    let reply = ask(server.dns, &Query::new("www.policy.test", "A").unwrap(), Transport::Udp).unwrap();
    reply.values().map(str::to_owned).collect()
}

/// The JSON of the page, with the health checks that it leaves to the reader.
fn documented(new: &str, spare: &str) -> String {
    let page = std::fs::read_to_string(repository().join("docs/route53/traffic-policies.md")).unwrap();
    let (_, rest) = page.split_once("```json\n").unwrap();
    let (document, _) = rest.split_once("```").unwrap();
    document.replace("HEALTH-CHECK-OF-NEW", new).replace("HEALTH-CHECK-OF-SPARE", spare)
}

#[test]
fn the_documented_tree_answers_by_weight_and_health() {
    let mut place = Place::open("policy-tree");
    let (new, spare) = (place.health_check("new"), place.health_check("spare"));
    let policy = place.policy("release", &documented(&new, &spare));
    place.instance(&policy);
    place.sees(&["192.0.2.1", "192.0.2.3"]);
    place.turn(&new, false);
    place.sees(&["192.0.2.2", "192.0.2.3"]);
    // Nothing of the site is healthy: its branch is not chosen.
    place.turn(&spare, false);
    place.sees(&["192.0.2.3"]);
    place.turn(&new, true);
    place.sees(&["192.0.2.1", "192.0.2.3"]);
    assert!(place.server.stop());
}

#[test]
fn an_update_is_seen_whole_or_not_at_all() {
    let mut place = Place::open("policy-update");
    // Eight addresses of one network each: any mixture would be seen.
    let version = |network: &str| {
        let all = |entry: &dyn Fn(usize) -> String| (1..=8).map(entry).collect::<Vec<_>>().join(",");
        format!(
            r#"{{"AWSPolicyFormatVersion":"2015-10-01","RecordType":"A","StartRule":"all","Endpoints":{{{}}},
            "Rules":{{"all":{{"RuleType":"multivalue","Items":[{}]}}}}}}"#,
            all(&|n| format!(r#""e{n}":{{"Type":"value","Value":"{network}.{n}"}}"#)),
            all(&|n| format!(r#"{{"EndpointReference":"e{n}"}}"#)),
        )
    };
    let policy = place.policy("switched", &version("192.0.2"));
    let body = format!("<Document>{}</Document>", version("198.51.100"));
    place.send(&format!("trafficpolicy/{policy}"), "CreateTrafficPolicyVersionRequest", &body, "Version");
    let instance = place.instance(&policy);
    let path = format!("trafficpolicyinstance/{instance}");

    let Place { server, client, .. } = &mut place;
    let done = AtomicBool::new(false);
    let (asked, seen) = std::thread::scope(|scope| {
        let resolver = scope.spawn(|| {
            let (mut asked, mut seen) = (0, BTreeSet::new());
            while !done.load(Ordering::Relaxed) {
                let addresses = addresses(server);
                let networks: BTreeSet<String> =
                    addresses.iter().map(|a| a.rsplit_once('.').unwrap().0.to_owned()).collect();
                assert_eq!((addresses.len(), networks.len()), (8, 1), "half an update: {addresses:?}");
                seen.extend(networks);
                asked += 1;
            }
            (asked, seen)
        });
        for update in 0..60 {
            let body = format!(
                "<UpdateTrafficPolicyInstanceRequest xmlns=\"{NAMESPACE}\"><TTL>0</TTL><TrafficPolicyId>{policy}</TrafficPolicyId>\
                 <TrafficPolicyVersion>{}</TrafficPolicyVersion></UpdateTrafficPolicyInstanceRequest>",
                2 - update % 2
            );
            let response = client.send("POST", &path, &body).unwrap();
            assert_eq!(response.status, 200, "{}", response.body);
            let told = client.send("GET", &path, "").unwrap();
            assert!(["Updating", "Applied"].contains(&told.element("State").unwrap()), "{}", told.body);
        }
        done.store(true, Ordering::Relaxed);
        resolver.join().unwrap()
    });
    assert!(asked > 0 && seen.len() == 2, "{asked} questions saw {seen:?}");
    assert!(place.server.stop());
}
