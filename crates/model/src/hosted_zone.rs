//! A hosted zone: its facts, the rules for its name, and the two record sets it is born with.
//!
//! Left out on purpose: which clients are in a VPC, which the operator configures.

use crate::id::{DelegationSetId, HostedZoneId, Region, VpcId};
use crate::{Name, RecordSet, RecordType, Ttl};

/// A hosted zone without its record sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedZone {
    /// `Z…`.
    pub id: HostedZoneId,
    /// The apex.
    pub name: Name,
    /// What the caller chose to make its request unrepeatable; unique for ever, deleted zones included.
    pub caller_reference: String,
    /// At most [`crate::limits::COMMENT_CHARS_MAX`] characters.
    pub comment: Option<String>,
    /// The name servers it was given on creation; its NS record set may be edited later, this list stays.
    pub name_servers: Vec<Name>,
    /// How many record sets it holds, the two default ones included.
    pub record_set_count: u64,
    /// The revision that created it: of two zones with one name the older one answers.
    pub created: u64,
    /// Who may ask.
    pub visibility: Visibility,
}

/// Who may ask a hosted zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody.
    Public {
        /// The reusable delegation set that its name servers are of, if it was created with one.
        delegation_set: Option<DelegationSetId>,
    },
    /// Clients in one of these VPCs.
    Private {
        /// At least one, in the order of association; each once.
        vpcs: Vec<Vpc>,
    },
}

/// A VPC (API `VPC`). Here it names a set of networks that the operator configures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vpc {
    /// Its region.
    pub region: Region,
    /// `vpc-…`.
    pub id: VpcId,
}

impl HostedZone {
    /// Whether only clients in its VPCs may ask it.
    #[must_use]
    pub fn is_private(&self) -> bool {
        matches!(self.visibility, Visibility::Private { .. })
    }
}

impl Visibility {
    /// Public, with name servers of its own.
    pub const PUBLIC: Self = Self::Public { delegation_set: None };
}

/// Why a name cannot be the name of a hosted zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZoneNameFault {
    /// R53 names: the leftmost label of a zone may not be `*`.
    #[error("a hosted zone cannot be a wildcard: {0}")]
    Wildcard(Name),
    /// The root, or a name of one label (API `CreateHostedZone`: no top-level domains).
    #[error("a hosted zone needs at least two labels: {0}")]
    TopLevel(Name),
}

/// The name servers and the contact that new hosted zones get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// At least one; the first is the primary name of the SOA record.
    pub name_servers: Vec<Name>,
    /// The mailbox of the SOA record, as a name.
    pub hostmaster: Name,
}

impl Default for Delegation {
    /// `ns1`–`ns4.cutover.internal.`: `internal.` is reserved for private use (ICANN resolution 2024.07.29.06), so
    /// these names never belong to anybody else. Whoever delegates to Cutover from outside configures real ones.
    fn default() -> Self {
        let name = |label: &str| Name::parse(&format!("{label}.cutover.internal")).expect("a constant name");
        Self { name_servers: ["ns1", "ns2", "ns3", "ns4"].map(name).to_vec(), hostmaster: name("hostmaster") }
    }
}

/// Whether `name` may be the name of a hosted zone made through the API.
///
/// # Errors
/// See [`ZoneNameFault`].
pub fn check_name(name: &Name) -> Result<(), ZoneNameFault> {
    if name.is_wildcard() {
        return Err(ZoneNameFault::Wildcard(name.clone()));
    }
    if name.label_count() < 2 {
        return Err(ZoneNameFault::TopLevel(name.clone()));
    }
    Ok(())
}

impl Delegation {
    /// The NS and SOA record sets of a new zone (recorded from AWS: TTL 172800 and 900, serial 1, values with dots).
    #[must_use]
    pub fn default_record_sets(&self, apex: &Name) -> [RecordSet; 2] {
        let primary = self.name_servers.first().map_or_else(|| apex.to_string(), Name::to_string);
        let soa = format!("{primary} {} 1 7200 900 1209600 86400", self.hostmaster);
        let servers = self.name_servers.iter().map(Name::to_string).collect();
        let ttl = |seconds| Ttl::new(seconds).expect("a small constant");
        [
            RecordSet::simple(apex.clone(), RecordType::NS, ttl(172_800), servers),
            RecordSet::simple(apex.clone(), RecordType::SOA, ttl(900), vec![soa]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_and_top_level_names_are_no_zones() {
        let name = |text| Name::parse(text).unwrap();
        assert_eq!(check_name(&name("example.com")), Ok(()));
        assert_eq!(check_name(&name("a.*.example.com")), Ok(()));
        assert!(matches!(check_name(&name("*.example.com")), Err(ZoneNameFault::Wildcard(_))));
        assert!(matches!(check_name(&name("com")), Err(ZoneNameFault::TopLevel(_))));
        assert!(matches!(check_name(&Name::root()), Err(ZoneNameFault::TopLevel(_))));
    }

    #[test]
    fn a_new_zone_has_the_record_sets_that_aws_gives() {
        let apex = Name::parse("example.com").unwrap();
        let [ns, soa] = Delegation::default().default_record_sets(&apex);
        let crate::Body::Records { ttl, values } = ns.body else { panic!("records") };
        assert_eq!((ttl.seconds(), values.len(), values[0].as_str()), (172_800, 4, "ns1.cutover.internal."));
        let crate::Body::Records { ttl, values } = soa.body else { panic!("records") };
        assert_eq!(ttl.seconds(), 900);
        let expected = "ns1.cutover.internal. hostmaster.cutover.internal. 1 7200 900 1209600 86400";
        assert_eq!(values, [expected]);
    }
}
