//! `[dns.tcp]`, `[api.limits]`, `[health]` and `[audit]`: what the edges bear, so that no sender and no endpoint takes all of it.
//!
//! The meaning and reason of each number is with the edge that keeps it. Here are keys, ranges and conversions.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// `[dns.tcp]`, see [`serve::TcpLimits`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tcp {
    /// Connections in all.
    pub(crate) connections: usize,
    /// Connections from one IPv4 address or IPv6 /64.
    pub(crate) connections_per_source: usize,
    /// Seconds without a whole query, or with an unread reply.
    pub(crate) idle_seconds: u64,
}

/// `[api.limits]`, see [`api::Limits`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Api {
    /// Connections in all.
    pub(crate) connections: usize,
    /// Connections from one IPv4 address or IPv6 /64.
    pub(crate) connections_per_source: usize,
    /// Longest body.
    pub(crate) body_bytes: usize,
    /// Longest body of the operator: zones to import.
    pub(crate) operator_body_bytes: usize,
    /// Most memory for bodies under way.
    pub(crate) bodies_bytes: usize,
    /// Seconds to wait for headers, also between two requests of a connection.
    pub(crate) header_seconds: u64,
    /// Seconds to wait for a body.
    pub(crate) body_seconds: u64,
    /// Seconds that requests under way may take after the stop.
    pub(crate) stop_seconds: u64,
}

/// `[health]`, see [`health::Config`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Health {
    /// Probes at the same time.
    pub(crate) probes_at_once: usize,
}

/// `[audit]`, see [`control::audit`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Audit {
    /// A file that has this many bytes gets no further line.
    pub(crate) file_bytes: u64,
    /// Files that are kept.
    pub(crate) files: usize,
}

impl Default for Audit {
    fn default() -> Self {
        // 1.25 GiB in all: some four million calls, or half an hour of 2000 changes a second.
        Self { file_bytes: 64 << 20, files: 20 }
    }
}

impl Audit {
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        check("audit.file_bytes", self.file_bytes, BYTES)?;
        check("audit.files", self.files as u64, 1..=10_000)
    }

    pub(crate) fn rotation(&self) -> control::audit::Rotation {
        control::audit::Rotation { file_bytes_max: self.file_bytes, files_max: self.files }
    }
}

impl Default for Tcp {
    fn default() -> Self {
        let serve::TcpLimits { connections_max, connections_per_source_max, idle_timeout } =
            serve::TcpLimits::default();
        Self {
            connections: connections_max,
            connections_per_source: connections_per_source_max,
            idle_seconds: idle_timeout.as_secs(),
        }
    }
}

impl Default for Api {
    fn default() -> Self {
        let api::Limits {
            body_bytes,
            operator_body_bytes,
            bodies_bytes,
            connections,
            connections_per_source,
            header_wait,
            body_wait,
            stop_wait,
        } = api::Limits::default();
        Self {
            connections,
            connections_per_source,
            body_bytes,
            operator_body_bytes,
            bodies_bytes,
            header_seconds: header_wait.as_secs(),
            body_seconds: body_wait.as_secs(),
            stop_seconds: stop_wait.as_secs(),
        }
    }
}

impl Default for Health {
    fn default() -> Self {
        Self { probes_at_once: health::Config::default().in_flight_max }
    }
}

/// Refuses a number outside its range, by its key.
pub(crate) fn check(key: &str, number: u64, range: RangeInclusive<u64>) -> anyhow::Result<()> {
    anyhow::ensure!(range.contains(&number), "{key} must be from {} to {}: {number}", range.start(), range.end());
    Ok(())
}

/// What no machine has more of: descriptors, and bytes of memory for one thing.
const CONNECTIONS: RangeInclusive<u64> = 1..=1_000_000;
const BYTES: RangeInclusive<u64> = 4096..=1 << 40;

impl Tcp {
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        check("dns.tcp.connections", self.connections as u64, CONNECTIONS)?;
        check("dns.tcp.connections_per_source", self.connections_per_source as u64, CONNECTIONS)?;
        check("dns.tcp.idle_seconds", self.idle_seconds, 1..=3600)
    }

    pub(crate) fn limits(&self) -> serve::TcpLimits {
        serve::TcpLimits {
            connections_max: self.connections,
            connections_per_source_max: self.connections_per_source,
            idle_timeout: Duration::from_secs(self.idle_seconds),
        }
    }
}

impl Api {
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        check("api.limits.connections", self.connections as u64, CONNECTIONS)?;
        check("api.limits.connections_per_source", self.connections_per_source as u64, CONNECTIONS)?;
        check("api.limits.body_bytes", self.body_bytes as u64, BYTES)?;
        check("api.limits.operator_body_bytes", self.operator_body_bytes as u64, BYTES)?;
        check("api.limits.bodies_bytes", self.bodies_bytes as u64, BYTES)?;
        check("api.limits.header_seconds", self.header_seconds, 1..=3600)?;
        check("api.limits.body_seconds", self.body_seconds, 1..=3600)?;
        check("api.limits.stop_seconds", self.stop_seconds, 0..=3600)
    }

    pub(crate) fn limits(&self) -> api::Limits {
        api::Limits {
            body_bytes: self.body_bytes,
            operator_body_bytes: self.operator_body_bytes,
            bodies_bytes: self.bodies_bytes,
            connections: self.connections,
            connections_per_source: self.connections_per_source,
            header_wait: Duration::from_secs(self.header_seconds),
            body_wait: Duration::from_secs(self.body_seconds),
            stop_wait: Duration::from_secs(self.stop_seconds),
        }
    }
}

impl Health {
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        check("health.probes_at_once", self.probes_at_once as u64, CONNECTIONS)
    }

    pub(crate) fn config(&self) -> health::Config {
        health::Config { in_flight_max: self.probes_at_once, ..health::Config::default() }
    }
}
