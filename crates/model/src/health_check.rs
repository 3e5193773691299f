//! A health check: what is probed, how often, and how its result is read.
//!
//! Before: the API's fields, as [`RawHealthCheckConfig`]. After: the prober reads [`HealthCheckConfig`].
//! `health_check/parse.rs` makes the one from the other and back, `update.rs` says what may change later, `fault.rs`
//! names every way to be wrong. A config that exists is a config that Route 53 would accept, apart from:
//!
//! - Differs: a request interval of 1 to 9 seconds is accepted; Route 53 knows 10 and 30 only.
//! - Differs: private and loopback addresses are accepted, because here the prober stands beside the endpoint.
//! - Not supported yet: `CLOUDWATCH_METRIC` and `RECOVERY_CONTROL`, which follow services outside this program.
//!
//! Left out on purpose: rules that need other health checks (a child must exist and must not be calculated itself).
//! Whoever holds the list keeps them.

mod fault;
mod parse;
mod update;

use std::fmt;
use std::net::IpAddr;

use crate::health_status::HealthStatus;
use crate::id::HealthCheckId;

pub use fault::HealthCheckFault;
pub use parse::RawHealthCheckConfig;
pub use update::{HealthCheckChanges, ResettableElement, UpdateHealthCheckError};

/// A health check as it is kept: who asked for it, what it does, and how often that has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// What record sets name.
    pub id: HealthCheckId,
    /// The caller's own reference, which makes its creation safe to repeat.
    pub caller_reference: String,
    /// What is probed.
    pub config: HealthCheckConfig,
    /// 1 on creation, one more with each update (`HealthCheckVersion`).
    pub version: u64,
}

/// What a health check does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheckConfig {
    /// What is looked at.
    pub subject: Subject,
    /// Healthy is told as unhealthy and the other way round.
    pub inverted: bool,
    /// Nothing is probed; the status is healthy, or unhealthy when inverted.
    pub disabled: bool,
}

/// Where a health check's result comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An endpoint that is probed over the network.
    Endpoint(Endpoint),
    /// Other health checks.
    Calculated(Calculated),
}

/// An endpoint and how it is probed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Where it is.
    pub target: Target,
    /// The port, 1–65535.
    pub port: u16,
    /// What is spoken.
    pub protocol: Protocol,
    /// From one response to the next request.
    pub request_interval: RequestInterval,
    /// How many results in a row change a checker's mind.
    pub failure_threshold: FailureThreshold,
    /// Asked for, kept and echoed; latencies are not drawn anywhere yet.
    pub measure_latency: bool,
    /// The regions named, or none for all. Kept and echoed: one local checker stands for every region.
    pub regions: Vec<Region>,
}

/// Where an endpoint is: at least one of an address and a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Connect here; the name, if any, only goes into `Host` and SNI.
    Address {
        /// The address to connect to.
        address: IpAddr,
        /// The name to ask for.
        name: Option<DomainName>,
    },
    /// Resolve this name (A records) before each probe.
    Name(DomainName),
}

impl Target {
    /// The domain name, if one was given.
    #[must_use]
    pub fn name(&self) -> Option<&DomainName> {
        match self {
            Self::Address { name, .. } => name.as_ref(),
            Self::Name(name) => Some(name),
        }
    }
}

/// What a probe speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protocol {
    /// Open a connection, nothing more.
    Tcp,
    /// One GET over plain TCP.
    Http(HttpRequest),
    /// One GET over TLS.
    Https(HttpRequest),
}

/// What is asked over HTTP, and what is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The path with its query, beginning with `/`; none means `/`.
    pub path: Option<ResourcePath>,
    /// What must stand in the first 5120 bytes of the body (`*_STR_MATCH`).
    pub search: Option<SearchString>,
    /// Send the domain name in the TLS handshake. Kept without effect for plain HTTP, as Route 53 does.
    pub sni: bool,
}

/// A check over other checks: healthy when at least `threshold` children are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calculated {
    /// The checks counted, each once, at most 255.
    pub children: Vec<HealthCheckId>,
    /// How many must be healthy, 0–256; 0 is always healthy, more than there are children never.
    pub threshold: u16,
}

impl Calculated {
    /// Healthy when at least `threshold` children are, each after its own `Inverted` and `Disabled`. The parent's own come
    /// after this.
    ///
    /// Unspecified: a child that was deleted counts as healthy, as a record set with a deleted check does.
    pub fn count(&self, is_healthy: impl Fn(&HealthCheckId) -> bool) -> HealthStatus {
        let healthy = self.children.iter().filter(|child| is_healthy(child)).count();
        if healthy >= usize::from(self.threshold) { HealthStatus::Healthy } else { HealthStatus::Unhealthy }
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

texts! {
    /// A fully qualified domain name as its owner wrote it: letters, digits, `-`, `_` and dots, at most 255 characters.
    DomainName
    /// A path with an optional query, beginning with `/`, at most 255 characters, no blanks.
    ResourcePath
    /// What a body must hold: 1–255 characters, compared byte by byte.
    SearchString
}

/// Seconds from one response to the next request: 1–10 or 30.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestInterval(u8);

impl RequestInterval {
    /// In seconds.
    #[must_use]
    pub fn seconds(self) -> u8 {
        self.0
    }
}

/// How many results in a row change a checker's mind: 1–10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureThreshold(u8);

impl FailureThreshold {
    /// The count.
    #[must_use]
    pub fn count(self) -> u8 {
        self.0
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident $text:literal $means:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $means] $variant,)*
        }

        impl $name {
            /// Every value, in the order of Route 53's own model.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Reads Route 53's word, exactly as written there.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Route 53's word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

words! {
    /// The types of Route 53.
    HealthCheckType {
        Http "HTTP" "Status 2xx or 3xx over TCP.",
        Https "HTTPS" "Status 2xx or 3xx over TLS.",
        HttpStrMatch "HTTP_STR_MATCH" "The same as `HTTP`, and a text in the body.",
        HttpsStrMatch "HTTPS_STR_MATCH" "The same as `HTTPS`, and a text in the body.",
        Tcp "TCP" "A connection can be opened.",
        Calculated "CALCULATED" "Enough other checks are healthy.",
        CloudwatchMetric "CLOUDWATCH_METRIC" "Follows an alarm's data. Not supported yet.",
        RecoveryControl "RECOVERY_CONTROL" "Follows a routing control. Not supported yet.",
    }

    /// The regions a check may name.
    Region {
        UsEast1 "us-east-1" "Northern Virginia.",
        UsWest1 "us-west-1" "Northern California.",
        UsWest2 "us-west-2" "Oregon.",
        EuWest1 "eu-west-1" "Ireland.",
        ApSoutheast1 "ap-southeast-1" "Singapore.",
        ApSoutheast2 "ap-southeast-2" "Sydney.",
        ApNortheast1 "ap-northeast-1" "Tokyo.",
        SaEast1 "sa-east-1" "São Paulo.",
    }
}

impl HealthCheckConfig {
    /// Route 53's word for what this is.
    #[must_use]
    pub fn kind(&self) -> HealthCheckType {
        let Subject::Endpoint(endpoint) = &self.subject else { return HealthCheckType::Calculated };
        match &endpoint.protocol {
            Protocol::Tcp => HealthCheckType::Tcp,
            Protocol::Http(HttpRequest { search: None, .. }) => HealthCheckType::Http,
            Protocol::Http(HttpRequest { search: Some(_), .. }) => HealthCheckType::HttpStrMatch,
            Protocol::Https(HttpRequest { search: None, .. }) => HealthCheckType::Https,
            Protocol::Https(HttpRequest { search: Some(_), .. }) => HealthCheckType::HttpsStrMatch,
        }
    }

    /// The checks this one counts; none for an endpoint.
    #[must_use]
    pub fn children(&self) -> &[HealthCheckId] {
        match &self.subject {
            Subject::Endpoint(_) => &[],
            Subject::Calculated(calculated) => &calculated.children,
        }
    }
}
