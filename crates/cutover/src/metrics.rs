//! `/metrics` and `/readyz`: what the parts count, in the Prometheus text format.

use std::fmt::{Display, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use control::publish::PublishCounts;
use control::{Store, Views};

/// Where the numbers come from.
pub(crate) struct Page {
    pub(crate) serving: serve::Status,
    pub(crate) views: Views,
    pub(crate) publishing: Arc<PublishCounts>,
    pub(crate) store: Store,
    pub(crate) draining: Arc<AtomicBool>,
}

impl api::Probes for Page {
    fn ready(&self) -> Result<(), String> {
        if self.draining.load(Ordering::Relaxed) { Err("draining".to_owned()) } else { Ok(()) }
    }

    fn metrics(&self) -> String {
        let mut text = Text(String::new());
        let view = self.views.current();
        let counters = self.serving.counters();
        text.family("cutover_build_info", "gauge", "The version that runs.");
        text.sample("cutover_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        let transports = [("udp", &counters.udp), ("tcp", &counters.tcp)];
        text.family("cutover_dns_queries_total", "counter", "Queries received.");
        for (transport, counts) in transports {
            text.sample("cutover_dns_queries_total", &[("transport", transport)], counts.queries());
        }
        text.family("cutover_dns_outcomes_total", "counter", "What became of queries.");
        for (transport, counts) in transports {
            for (outcome, n) in counts.outcomes() {
                text.sample("cutover_dns_outcomes_total", &[("transport", transport), ("outcome", outcome)], n);
            }
        }
        text.family("cutover_dns_responses_total", "counter", "Replies by response code.");
        for (transport, counts) in transports {
            for (rcode, n) in counts.rcodes() {
                text.sample("cutover_dns_responses_total", &[("transport", transport), ("rcode", rcode)], n);
            }
        }
        text.family("cutover_dns_unsent_total", "counter", "Replies that the system did not take.");
        for (transport, counts) in transports {
            text.sample("cutover_dns_unsent_total", &[("transport", transport)], counts.unsent());
        }
        text.family("cutover_dns_tcp_connections", "gauge", "Open TCP connections.");
        text.sample("cutover_dns_tcp_connections", &[], counters.tcp_connections);
        text.family("cutover_dns_tcp_connections_refused_total", "counter", "TCP connections over a limit.");
        text.sample("cutover_dns_tcp_connections_refused_total", &[], counters.tcp_connections_refused);
        text.family("cutover_revision", "gauge", "Revision of the log: committed, compiled, served by every worker.");
        text.sample("cutover_revision", &[("at", "committed")], self.store.revision().0);
        text.sample("cutover_revision", &[("at", "compiled")], view.revision());
        text.sample("cutover_revision", &[("at", "served")], self.serving.served_revision());
        text.family("cutover_zones", "gauge", "Hosted zones answered from.");
        text.sample("cutover_zones", &[], view.snapshot.zone_count());
        text.family("cutover_names", "gauge", "Names in them, empty non-terminals included.");
        text.sample("cutover_names", &[], view.snapshot.name_count());
        text.family("cutover_publish_snapshots_total", "counter", "Snapshots compiled from the log.");
        text.sample("cutover_publish_snapshots_total", &[], self.publishing.snapshots.load(Ordering::Relaxed));
        text.family("cutover_publish_faults_total", "counter", "Times that a zone or the log could not be read.");
        for (kind, n) in [("compile", &self.publishing.compile_faults), ("store", &self.publishing.store_faults)] {
            text.sample("cutover_publish_faults_total", &[("kind", kind)], n.load(Ordering::Relaxed));
        }
        text.0
    }
}

/// The Prometheus text format, version 0.0.4.
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}").expect("a string takes all");
    }

    /// Labels are our own words and need no escapes.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(key, text)| format!("{key}=\"{text}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        writeln!(self.0, "{name}{labels} {value}").expect("a string takes all");
    }
}
