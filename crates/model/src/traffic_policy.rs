//! Traffic policies: a JSON document that describes a tree of routing rules, and what is made of it.
//!
//! [`Document::parse`] reads the text (both of AWS's format versions) into endpoints and rules that refer to each other
//! by index, without a cycle, or tells every fault with the place in the document. `read.rs` reads the members,
//! `links.rs` follows the references. After: `control` keeps policies and makes instances of them; `answer` compiles the
//! rules that can be reached. Left out on purpose: whether a health check exists, which is the instance's business.
//! Sources: DG "Traffic policy document format".
//!
//! ```
//! use model::traffic_policy::{Document, EndpointKind, Target};
//!
//! let document = Document::parse(
//!     r#"{"AWSPolicyFormatVersion": "2015-10-01", "RecordType": "A", "StartEndpoint": "web",
//!         "Endpoints": {"web": {"Type": "value", "Value": "192.0.2.1"}}}"#,
//! )?;
//! let Target::Endpoint(web) = document.start() else { panic!("no rule was written") };
//! assert_eq!(document.endpoint(web).kind, EndpointKind::Value("192.0.2.1".to_owned()));
//! # Ok::<(), model::traffic_policy::DocumentFaults>(())
//! ```

mod fault;
mod links;
mod noun;
mod places;
mod read;
mod reader;

use crate::id::{HealthCheckId, Region};
use crate::place::{Geoproximity, Location};
use crate::{Name, RecordType, Weight};

pub use fault::{DocumentFault, DocumentFaults, Wrong};
pub use noun::{Stage, TrafficPolicy, TrafficPolicyInstance, TrafficPolicyVersion};

/// A traffic policy document that was understood whole. Two are equal when their texts are.
#[derive(Debug, Clone)]
pub struct Document {
    text: Box<str>,
    record_type: RecordType,
    start: Target,
    endpoints: Vec<Endpoint>,
    rules: Vec<Rule>,
    /// The rules that the start leads to, each after all that it leads to.
    reached: Vec<usize>,
}

/// What a start or a branch leads to, by its place in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// See [`Document::endpoint`].
    Endpoint(usize),
    /// See [`Document::rule`].
    Rule(usize),
}

/// An entry of `Endpoints`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its key in the document.
    pub id: String,
    /// What answers.
    pub kind: EndpointKind,
}

/// What an endpoint is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointKind {
    /// One value text of the policy's record type.
    Value(String),
    /// A resource of AWS, which has its addresses elsewhere.
    Outside {
        /// Of which service.
        service: Service,
        /// The name of the resource.
        name: Name,
    },
}

/// The services whose resources an endpoint may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// `cloudfront`.
    CloudFront,
    /// `application-load-balancer`.
    ApplicationLoadBalancer,
    /// `elastic-load-balancer`.
    ElasticLoadBalancer,
    /// `network-load-balancer`.
    NetworkLoadBalancer,
    /// `elastic-beanstalk`.
    ElasticBeanstalk,
    /// `s3-website`; the region is only a word in the name of the website.
    S3Website,
}

/// An entry of `Rules`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its key in the document.
    pub id: String,
    /// Its policy and where it leads.
    pub branches: Branches,
}

/// The branches of a rule, with what its policy chooses by; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Branches {
    /// `failover`.
    Failover {
        /// Answers while healthy, and when both are unhealthy.
        primary: Branch,
        /// Answers while the primary is unhealthy.
        secondary: Branch,
    },
    /// `geo`: each location once.
    Geolocation(Vec<(Location, Branch)>),
    /// `latency`: each region once.
    Latency(Vec<(Region, Branch)>),
    /// `geoproximity`: each place once.
    Geoproximity(Vec<(Geoproximity, Branch)>),
    /// `multivalue`: leads to endpoints of the type `value` only.
    Multivalue(Vec<Branch>),
    /// `weighted`.
    Weighted(Vec<(Weight, Branch)>),
}

/// One way out of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Where it leads.
    pub target: Target,
    /// Whether the health of a rule below decides whether this branch may be chosen. Says nothing about `value`s.
    pub evaluate_target_health: bool,
    /// The health check that decides whether it may be chosen.
    pub health_check: Option<HealthCheckId>,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// Everything that is wrong with it, up to a number that a person may want to read; see [`DocumentFaults`].
    pub fn parse(text: &str) -> Result<Self, DocumentFaults> {
        let read = read::read(text)?;
        let reached = links::check(&read)?;
        let read::Read { record_type, start, endpoints, rules } = read;
        Ok(Self { text: text.into(), record_type, start, endpoints, rules, reached })
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The type of every record that it makes.
    #[must_use]
    pub fn record_type(&self) -> RecordType {
        self.record_type
    }

    /// Where every answer begins.
    #[must_use]
    pub fn start(&self) -> Target {
        self.start
    }

    /// An endpoint that a [`Target`] names.
    ///
    /// # Panics
    /// The target is of another document.
    #[must_use]
    pub fn endpoint(&self, index: usize) -> &Endpoint {
        &self.endpoints[index]
    }

    /// A rule that a [`Target`] names.
    ///
    /// # Panics
    /// The target is of another document.
    #[must_use]
    pub fn rule(&self, index: usize) -> &Rule {
        &self.rules[index]
    }

    /// The rules that the start leads to, each after all that it leads to; the last one is the start, if that is a rule.
    #[must_use]
    pub fn reached(&self) -> &[usize] {
        &self.reached
    }

    /// The health checks that branches of reached rules name; one may come several times.
    pub fn health_checks(&self) -> impl Iterator<Item = &HealthCheckId> {
        let branches = self.reached.iter().flat_map(|rule| self.rules[*rule].branches.all());
        branches.filter_map(|branch| branch.health_check.as_ref())
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Document {}

impl Branches {
    /// All branches, in the order of the document.
    #[must_use]
    pub fn all(&self) -> Vec<&Branch> {
        match self {
            Self::Failover { primary, secondary } => vec![primary, secondary],
            Self::Geolocation(branches) => branches.iter().map(|(_, branch)| branch).collect(),
            Self::Latency(branches) => branches.iter().map(|(_, branch)| branch).collect(),
            Self::Geoproximity(branches) => branches.iter().map(|(_, branch)| branch).collect(),
            Self::Multivalue(branches) => branches.iter().collect(),
            Self::Weighted(branches) => branches.iter().map(|(_, branch)| branch).collect(),
        }
    }
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::CloudFront,
        Self::ApplicationLoadBalancer,
        Self::ElasticLoadBalancer,
        Self::NetworkLoadBalancer,
        Self::ElasticBeanstalk,
        Self::S3Website,
    ];

    /// Its word in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CloudFront => "cloudfront",
            Self::ApplicationLoadBalancer => "application-load-balancer",
            Self::ElasticLoadBalancer => "elastic-load-balancer",
            Self::NetworkLoadBalancer => "network-load-balancer",
            Self::ElasticBeanstalk => "elastic-beanstalk",
            Self::S3Website => "s3-website",
        }
    }
}

#[cfg(test)]
mod tests;
