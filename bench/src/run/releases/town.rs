//! A server with a zone in which each service has two weighted record sets, blue and green, under a TTL of one second.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::endpoint::Endpoint;
use crate::cpu::Cores;
use crate::run::api::{Api, batch_body, between, change_target, create_zone_body};
use crate::run::server::{Programs, Server};
use crate::run::signature::Key;
use crate::run::zone;

const ZONE: &str = "releases.test.";
/// What blue answers, and green.
pub(super) const BLUE: [u8; 4] = [192, 0, 2, 1];
pub(super) const GREEN: [u8; 4] = [192, 0, 2, 2];
/// Changes of one batch: an UPSERT counts twice towards the thousand that one may have.
const AT_ONCE: usize = 500;

/// See the module.
#[derive(Debug)]
pub(super) struct Town {
    pub(super) server: Server,
    pub(super) api: Api,
    pub(super) endpoint: Endpoint,
    zone: String,
}

impl Town {
    pub(super) fn found(programs: &Programs, cores: Cores, data: &Path, key: Key) -> Result<Town> {
        let server = programs.start_cutover(cores, data, &zone::name(0))?;
        let mut api = server.api(data, key)?;
        let reply = api.call("POST", "/2013-04-01/hostedzone", &create_zone_body(ZONE, "releases"))?;
        let zone = between(&reply, "<Id>/hostedzone/", "</Id>").context("a zone without id")?.to_owned();
        Ok(Town { server, api, endpoint: Endpoint::open()?, zone })
    }

    /// Declares services of these numbers, each with its record sets, all traffic on blue.
    pub(super) fn settle(&mut self, numbers: std::ops::Range<usize>) -> Result<()> {
        let changes: Vec<String> = numbers.clone().flat_map(record_sets).collect();
        for batch in changes.chunks(AT_ONCE) {
            self.api.call("POST", &change_target(&self.zone), &batch_body(&batch.concat()))?;
        }
        for number in numbers {
            let name_of = service(number);
            let service = json!({
                "name": name_of, "active": "blue",
                "environments": {
                    "blue": {"version": "1", "set_identifiers": ["blue"]},
                    "green": {"version": "2", "set_identifiers": ["green"]}},
                "traffic": [{"dns": {"zone": self.zone, "name": name(number), "types": ["A"]}}]});
            self.call("PUT", &format!("/v1/services/{name_of}"), &service)?;
        }
        Ok(())
    }

    /// Starts a release of a service; its id.
    pub(super) fn release(&mut self, number: usize, spec: &Value) -> Result<String> {
        let path = format!("/v1/services/{}/deployments", service(number));
        let created = self.call("POST", &path, spec)?;
        created["id"].as_str().map(str::to_owned).with_context(|| format!("a deployment without id: {created}"))
    }

    /// The phase a release is in.
    pub(super) fn phase(&mut self, id: &str) -> Result<String> {
        let reply: Value = serde_json::from_str(&self.api.call("GET", &format!("/v1/deployments/{id}"), "")?)?;
        Ok(reply["phase"].as_str().or(reply["status"]["phase"].as_str()).unwrap_or_default().to_owned())
    }

    /// Gives an order.
    pub(super) fn order(&mut self, id: &str, verb: &str) -> Result<()> {
        self.call("POST", &format!("/v1/deployments/{id}:{verb}"), &json!({})).map(drop)
    }

    fn call(&mut self, method: &str, path: &str, body: &Value) -> Result<Value> {
        Ok(serde_json::from_str(&self.api.call(method, path, &body.to_string())?)?)
    }

    /// A metric that fails above one half, asked at this interval.
    pub(super) fn metric(&self, interval: &str) -> Value {
        json!({"metrics": [{
            "name": "errors", "interval": interval, "count": 1,
            "provider": {"http": {"url": format!("http://{}/", self.endpoint.address), "pointer": "/value"}},
            "condition": "value <= 0.5"}]})
    }
}

/// The name of a service in DNS.
pub(super) fn name(number: usize) -> String {
    format!("s{number:04}.{ZONE}")
}

fn service(number: usize) -> String {
    format!("s{number:04}")
}

fn record_sets(number: usize) -> [String; 2] {
    let set = |identifier: &str, weight: u8, [a, b, c, d]: [u8; 4]| {
        format!(
            "<Change><Action>UPSERT</Action><ResourceRecordSet><Name>{}</Name><Type>A</Type><SetIdentifier>{identifier}</SetIdentifier><Weight>{weight}</Weight><TTL>1</TTL><ResourceRecords><ResourceRecord><Value>{a}.{b}.{c}.{d}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>",
            name(number)
        )
    };
    [set("blue", 100, BLUE), set("green", 0, GREEN)]
}
