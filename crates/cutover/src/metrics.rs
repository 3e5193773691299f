//! `/metrics` and `/readyz`: what the parts count, in the Prometheus text format.

use std::fmt::{Display, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use control::deployments::{self, Filter};
use control::publish::PublishCounts;
use control::run_deployments::Report;
use control::{Store, Views};
use model::health_status::Verdicts;
use tokio::sync::watch;

/// Where the numbers come from.
pub(crate) struct Page {
    pub(crate) serving: serve::Status,
    pub(crate) views: Views,
    pub(crate) publishing: Arc<PublishCounts>,
    pub(crate) places: Arc<crate::places::watch::Counts>,
    pub(crate) store: Store,
    pub(crate) draining: Arc<AtomicBool>,
    pub(crate) runner: Report,
    pub(crate) verdicts: watch::Receiver<Arc<Verdicts>>,
    pub(crate) requests: Arc<api::Requests>,
    pub(crate) audit: control::Audit,
    pub(crate) query_log: (serve::QueryLog, Arc<control::query_logging::Counts>),
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
        text.family("cutover_record_set_answers_total", "counter", "Answers from record sets that services steer.");
        for (zone, name, record_type, set_identifier, slot) in view.snapshot.answer_slots() {
            let (name, record_type) = (name.to_string(), record_type.to_string());
            let labels = [
                ("zone", zone.as_str()),
                ("name", &*name),
                ("type", &*record_type),
                ("set_identifier", set_identifier),
            ];
            text.sample("cutover_record_set_answers_total", &labels, self.serving.answers(slot));
        }
        text.family("cutover_dns_unsent_total", "counter", "Replies that the system did not take.");
        for (transport, counts) in transports {
            text.sample("cutover_dns_unsent_total", &[("transport", transport)], counts.unsent());
        }
        text.family("cutover_dns_faults_total", "counter", "Batches or connections lost to a fault of ours.");
        for (transport, counts) in transports {
            text.sample("cutover_dns_faults_total", &[("transport", transport)], counts.panics());
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
        self.places(&mut text, &view.places);
        self.deployments(&mut text);
        let verdicts = self.verdicts.borrow().clone();
        let healthy = verdicts.iter().filter(|(_, status)| status.is_healthy()).count();
        text.family("cutover_health_checks", "gauge", "Health checks by status.");
        text.sample("cutover_health_checks", &[("status", "healthy")], healthy);
        text.sample("cutover_health_checks", &[("status", "unhealthy")], verdicts.len() - healthy);
        text.family("cutover_api_requests_total", "counter", "API requests by operation and HTTP status.");
        for (operation, status, n) in self.requests.counts() {
            let status = status.to_string();
            text.sample("cutover_api_requests_total", &[("operation", operation), ("status", &status)], n);
        }
        let counts = self.audit.counts();
        text.family("cutover_audit_lines_total", "counter", "Lines written to the audit log.");
        text.sample("cutover_audit_lines_total", &[], counts.lines.load(Ordering::Relaxed));
        text.family("cutover_audit_lost_total", "counter", "Calls that could not be written to the audit log.");
        text.sample("cutover_audit_lost_total", &[], counts.lost.load(Ordering::Relaxed));
        let (queue, lines) = &self.query_log;
        text.family("cutover_query_log_lines_total", "counter", "Lines written to query logs.");
        text.sample("cutover_query_log_lines_total", &[], lines.written.load(Ordering::Relaxed));
        text.family("cutover_query_log_lost_total", "counter", "Queries that are missing in query logs, by cause.");
        text.sample("cutover_query_log_lost_total", &[("cause", "queue")], queue.dropped());
        text.sample("cutover_query_log_lost_total", &[("cause", "write")], lines.lost.load(Ordering::Relaxed));
        text.family("cutover_audit_repeated_total", "counter", "Refusals of strangers that share a line with others.");
        text.sample("cutover_audit_repeated_total", &[], counts.repeated.load(Ordering::Relaxed));
        text.0
    }
}

impl Page {
    fn places(&self, text: &mut Text, places: &answer::Places) {
        text.family("cutover_places_ranges", "gauge", "Ranges of addresses whose place is looked up.");
        text.sample("cutover_places_ranges", &[], places.ranges());
        text.family(
            "cutover_places_reloads_total",
            "counter",
            "Times that changed files of places were read and used.",
        );
        text.sample("cutover_places_reloads_total", &[], self.places.reloads.load(Ordering::Relaxed));
        text.family("cutover_places_faults_total", "counter", "Times that changed files of places could not be used.");
        text.sample("cutover_places_faults_total", &[], self.places.faults.load(Ordering::Relaxed));
        text.family("cutover_places_built_timestamp_seconds", "gauge", "When each database of places was built.");
        for (source, built) in &*self.places.built() {
            text.sample("cutover_places_built_timestamp_seconds", &[("source", source)], built);
        }
    }

    fn deployments(&self, text: &mut Text) {
        text.family("cutover_deployment_turns_total", "counter", "Turns of the deployment runner.");
        text.sample("cutover_deployment_turns_total", &[], self.runner.turns());
        text.family("cutover_deployment_faults_total", "counter", "Turns of the deployment runner that failed.");
        text.sample("cutover_deployment_faults_total", &[], self.runner.faults());
        text.family("cutover_deployments_ended_total", "counter", "Deployments that ended, by their last phase.");
        for (phase, n) in self.runner.ended() {
            let phase = phase.to_string();
            text.sample("cutover_deployments_ended_total", &[("phase", &phase)], n);
        }
        text.family("cutover_deployments_troubled", "gauge", "Deployments that cannot be run at the moment.");
        text.sample("cutover_deployments_troubled", &[], self.runner.troubled());
        text.family("cutover_notifications_total", "counter", "Notifications by receiver and by what became of them.");
        for ((receiver, result), n) in self.runner.told() {
            text.sample("cutover_notifications_total", &[("receiver", &receiver), ("result", result)], n);
        }
        text.family("cutover_notifications_waiting", "gauge", "Notifications that wait to be delivered.");
        text.sample("cutover_notifications_waiting", &[], self.runner.untold_count());
        // One service has one at most, so the list is short. Where the store fails, no number is better than a wrong one.
        let open = Filter { is_open: Some(true), ..Filter::default() };
        if let Ok(open) = deployments::list(&self.store, &open, usize::MAX) {
            text.family("cutover_deployments_running", "gauge", "Deployments that have not ended.");
            text.sample("cutover_deployments_running", &[], open.deployments.len() + open.unreadable.len());
        }
    }
}

/// The Prometheus text format, version 0.0.4.
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}").expect("a string takes all");
    }

    /// Most labels are our own words; names of files may have what must be escaped.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let labels: Vec<String> = labels.iter().map(|(key, text)| format!("{key}=\"{}\"", escaped(text))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        writeln!(self.0, "{name}{labels} {value}").expect("a string takes all");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::client::Client;
    use crate::config::Flags;
    use crate::start::{Access, start};

    /// Prometheus text format: a family's lines stand together, after its help and type, and no sample comes twice.
    fn check(page: &str) -> HashSet<&str> {
        let (mut families, mut samples, mut current) = (HashSet::new(), HashSet::new(), "");
        for line in page.lines() {
            if let Some(about) = line.strip_prefix("# HELP ") {
                current = about.split(' ').next().unwrap();
                assert!(families.insert(current), "{current} comes twice");
            } else if let Some(about) = line.strip_prefix("# TYPE ") {
                assert_eq!(about.split(' ').next(), Some(current));
            } else {
                let (sample, number) = line.rsplit_once(' ').unwrap();
                assert_eq!(sample.split('{').next(), Some(current), "{line}");
                assert!(number.parse::<f64>().is_ok() && samples.insert(sample), "{line}");
            }
        }
        samples
    }

    #[test]
    fn names_of_files_are_escaped() {
        let mut text = super::Text(String::new());
        text.sample("m", &[("source", "a\"b\\c\nd")], 1);
        assert_eq!(text.0, "m{source=\"a\\\"b\\\\c\\nd\"} 1\n");
    }

    #[test]
    fn a_running_server_tells_its_numbers() {
        let folder = std::env::temp_dir().join(format!("cutover-metrics-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let any = Some("127.0.0.1:0".parse().unwrap());
        let flags = Flags { data: Some(folder.clone()), dns: any.into_iter().collect(), api: any, ..Flags::default() };
        let running = start(&flags.resolve().unwrap(), Access::Keys).unwrap();
        let page = crate::door::wait(async {
            let client = Client::of(&folder)?;
            let get = async |path: &str| client.send(hyper::Method::GET, path, "", Vec::new()).await;
            get("/v1/zones").await?;
            Ok(String::from_utf8(get("/metrics").await?.body.to_vec())?)
        });
        running.stop().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let page = page.unwrap();
        let samples = check(&page);
        for sample in [
            "cutover_dns_queries_total{transport=\"tcp\"}",
            "cutover_deployment_turns_total",
            "cutover_deployment_faults_total",
            "cutover_deployments_running",
            "cutover_notifications_waiting",
            "cutover_audit_lost_total",
            "cutover_query_log_lost_total{cause=\"queue\"}",
            "cutover_health_checks{status=\"unhealthy\"}",
            "cutover_places_ranges",
            "cutover_places_faults_total",
            "cutover_places_built_timestamp_seconds{source=\"default\"}",
            "cutover_api_requests_total{operation=\"ListZones\",status=\"200\"}",
        ] {
            assert!(samples.contains(sample), "{sample}: {page}");
        }
    }
}
