//! The networks of VPCs: who may see a private hosted zone.
//!
//! Route 53 knows a VPC's clients because it is their network. Cutover is told: the operator names each VPC with the
//! prefixes that its clients ask from.

use std::collections::BTreeMap;

use crate::hosted_zone::Vpc;
use crate::prefix::Prefix;

/// A VPC and the addresses that its clients ask from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VpcNetworks {
    /// Which.
    pub vpc: Vpc,
    /// Any lengths. Where prefixes of several VPCs overlap, the longest says whose a client is.
    pub networks: Vec<Prefix>,
}

/// Why a list of VPCs says nothing clear.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VpcNetworksFault {
    /// One VPC stands there twice.
    #[error("a VPC is listed twice; give it all its networks at once: {0}")]
    Twice(String),
    /// One network stands there twice.
    #[error("{network} is a network of {first} and of {second}; whose its clients are must be clear")]
    Shared {
        /// The network.
        network: Prefix,
        /// The VPC that has it.
        first: String,
        /// The VPC that is to have it too.
        second: String,
    },
    /// A VPC that nobody can ask from.
    #[error("a VPC needs at least one network: {0}")]
    NoNetwork(String),
}

/// Checks that each VPC and each network stands in the list once.
///
/// # Errors
/// The first fault.
pub fn check(vpcs: &[VpcNetworks]) -> Result<(), VpcNetworksFault> {
    let mut owners: BTreeMap<Prefix, &str> = BTreeMap::new();
    for (i, VpcNetworks { vpc, networks }) in vpcs.iter().enumerate() {
        let id = vpc.id.as_str();
        if vpcs[..i].iter().any(|other| other.vpc.id == vpc.id) {
            return Err(VpcNetworksFault::Twice(id.to_owned()));
        }
        if networks.is_empty() {
            return Err(VpcNetworksFault::NoNetwork(id.to_owned()));
        }
        for network in networks {
            if let Some(first) = owners.insert(*network, id) {
                let (first, second) = (first.to_owned(), id.to_owned());
                return Err(VpcNetworksFault::Shared { network: *network, first, second });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Region, VpcId};

    fn vpc(id: &str, networks: &[&str]) -> VpcNetworks {
        VpcNetworks {
            vpc: Vpc { region: Region::parse("eu-west-1").unwrap(), id: VpcId::parse(id).unwrap() },
            networks: networks.iter().map(|network| network.parse().unwrap()).collect(),
        }
    }

    #[test]
    fn networks_may_overlap_but_not_be_the_same() {
        assert_eq!(check(&[vpc("vpc-1", &["10.0.0.0/8"]), vpc("vpc-2", &["10.1.0.0/16", "fd00::/8"])]), Ok(()));
        let shared = check(&[vpc("vpc-1", &["10.0.0.0/8"]), vpc("vpc-2", &["10.0.0.0/8"])]).unwrap_err().to_string();
        assert_eq!(shared, "10.0.0.0/8 is a network of vpc-1 and of vpc-2; whose its clients are must be clear");
        assert!(matches!(check(&[vpc("vpc-1", &[])]), Err(VpcNetworksFault::NoNetwork(_))));
        assert!(matches!(check(&[vpc("a", &["10.0.0.0/8"]), vpc("a", &["::/8"])]), Err(VpcNetworksFault::Twice(_))));
    }
}
