//! `[[vpc]]`: which clients are in which VPC, and so see which private hosted zones.
//!
//! The meaning is [`model::vpc`]'s; here are the keys and their conversion.

use model::hosted_zone::Vpc;
use model::id::{Region, VpcId};
use model::prefix::Prefix;
use model::vpc::VpcNetworks;
use serde::{Deserialize, Serialize};

/// One `[[vpc]]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    /// `vpc-…`.
    pub(crate) id: String,
    /// Its region.
    pub(crate) region: String,
    /// Where its clients ask from, such as `10.0.0.0/8`.
    pub(crate) networks: Vec<String>,
}

/// All of them, parsed.
///
/// # Errors
/// An id, region or network that is none; a VPC or network that stands there twice.
pub(crate) fn parse(tables: &[Table]) -> anyhow::Result<Vec<VpcNetworks>> {
    let vpcs = tables.iter().map(Table::parse).collect::<anyhow::Result<Vec<_>>>()?;
    model::vpc::check(&vpcs).map_err(|fault| anyhow::anyhow!("vpc: {fault}"))?;
    Ok(vpcs)
}

impl Table {
    fn parse(&self) -> anyhow::Result<VpcNetworks> {
        let id = VpcId::parse(&self.id).map_err(|fault| anyhow::anyhow!("vpc.id: {fault}"))?;
        let region = Region::parse(&self.region).map_err(|fault| anyhow::anyhow!("vpc.region: {fault}"))?;
        let network = |text: &String| {
            text.parse::<Prefix>().map_err(|fault| anyhow::anyhow!("vpc.networks of {}: {fault}", self.id))
        };
        let networks = self.networks.iter().map(network).collect::<anyhow::Result<_>>()?;
        Ok(VpcNetworks { vpc: Vpc { region, id }, networks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(id: &str, region: &str, network: &str) -> Table {
        Table { id: id.to_owned(), region: region.to_owned(), networks: vec![network.to_owned()] }
    }

    #[test]
    fn vpcs_are_read_and_faults_name_their_key() {
        let vpcs = parse(&[table("vpc-1", "eu-west-1", "10.0.0.0/8"), table("vpc-2", "own-1", "fd00::/64")]).unwrap();
        assert_eq!((vpcs.len(), vpcs[0].networks[0].length()), (2, 8));
        for (table, fault) in [
            (table("vpc 1", "eu-west-1", "10.0.0.0/8"), "vpc.id: VPC id holds a character that is not allowed: vpc 1"),
            (table("vpc-1", "", "10.0.0.0/8"), "vpc.region: region is empty"),
            (
                table("vpc-1", "eu-west-1", "10.0.0.0"),
                "vpc.networks of vpc-1: not an address and a prefix length, such as 192.0.2.0/24: 10.0.0.0",
            ),
        ] {
            assert_eq!(parse(&[table]).unwrap_err().to_string(), fault);
        }
    }
}
