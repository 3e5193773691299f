//! Version 2 of what changed since version 1: hosted zones tell who may ask them.
//!
//! As in [`v1`](super::v1): never change a type here; a new field means a `v3.rs`, and this file still reads the old.

use model::Name;
use model::hosted_zone::{HostedZone, Visibility, Vpc};
use model::id::{DelegationSetId, HostedZoneId, Region, VpcId};
use serde::{Deserialize, Serialize};

use super::v1::{self, HostedZoneV1, name};
use super::{Stored, StoredFault};

const VERSION: u8 = 2;

#[derive(Serialize, Deserialize)]
struct HostedZoneV2<'a> {
    id: &'a str,
    #[serde(borrow)]
    name: &'a [u8],
    caller_reference: &'a str,
    comment: Option<&'a str>,
    name_servers: Vec<&'a [u8]>,
    record_set_count: u64,
    created: u64,
    visibility: VisibilityV2<'a>,
}

#[derive(Serialize, Deserialize)]
enum VisibilityV2<'a> {
    Public {
        #[serde(borrow)]
        delegation_set: Option<&'a str>,
    },
    /// Regions and ids.
    Private { vpcs: Vec<(&'a str, &'a str)> },
}

impl Stored for HostedZone {
    fn encode(&self) -> Vec<u8> {
        let Self { id, name, caller_reference, comment, name_servers, record_set_count, created, visibility } = self;
        let twin = HostedZoneV2 {
            id: id.as_str(),
            name: name.wire(),
            caller_reference,
            comment: comment.as_deref(),
            name_servers: name_servers.iter().map(Name::wire).collect(),
            record_set_count: *record_set_count,
            created: *created,
            visibility: match visibility {
                Visibility::Public { delegation_set } => {
                    VisibilityV2::Public { delegation_set: delegation_set.as_ref().map(DelegationSetId::as_str) }
                }
                Visibility::Private { vpcs } => VisibilityV2::Private {
                    vpcs: vpcs.iter().map(|vpc| (vpc.region.as_str(), vpc.id.as_str())).collect(),
                },
            },
        };
        postcard::to_extend(&twin, vec![VERSION]).expect("a vector takes everything")
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let twin = match bytes.split_first() {
            Some((&v1::VERSION, _)) => return HostedZoneV1::decode(bytes),
            Some((&VERSION, twin)) => twin,
            Some((&version, _)) => return Err(StoredFault::Version(version)),
            None => return Err(StoredFault::Empty),
        };
        let (twin, rest) = postcard::take_from_bytes(twin).map_err(StoredFault::Form)?;
        if !rest.is_empty() {
            return Err(StoredFault::Long(rest.len()));
        }
        let HostedZoneV2 { id, name, caller_reference, comment, name_servers, record_set_count, created, visibility } =
            twin;
        Ok(Self {
            id: HostedZoneId::parse(id).map_err(StoredFault::Id)?,
            name: self::name(name)?,
            caller_reference: caller_reference.to_owned(),
            comment: comment.map(str::to_owned),
            name_servers: name_servers.into_iter().map(self::name).collect::<Result<_, _>>()?,
            record_set_count,
            created,
            visibility: match visibility {
                VisibilityV2::Public { delegation_set } => {
                    let set = delegation_set.map(DelegationSetId::parse).transpose().map_err(StoredFault::Id)?;
                    Visibility::Public { delegation_set: set }
                }
                VisibilityV2::Private { vpcs } => {
                    let vpc = |(region, id)| Ok(Vpc { region: Region::parse(region)?, id: VpcId::parse(id)? });
                    let vpcs = vpcs.into_iter().map(vpc).collect::<Result<_, _>>().map_err(StoredFault::Id)?;
                    Visibility::Private { vpcs }
                }
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(visibility: Visibility) -> HostedZone {
        HostedZone {
            id: HostedZoneId::parse("Z1").unwrap(),
            name: Name::parse("a.b").unwrap(),
            caller_reference: "ref".into(),
            comment: Some("c".into()),
            name_servers: vec![Name::parse("ns.a").unwrap()],
            record_set_count: 300,
            created: 7,
            visibility,
        }
    }

    #[track_caller]
    fn check(zone: &HostedZone, golden: &str) {
        let hex: String = zone.encode().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, golden);
        assert_eq!(HostedZone::decode(&zone.encode()).unwrap(), *zone);
    }

    #[test]
    fn golden_bytes() {
        check(&zone(Visibility::PUBLIC), "02025a31050161016200037265660101630106026e73016100ac02070000");
        let set = DelegationSetId::parse("N1").unwrap();
        check(
            &zone(Visibility::Public { delegation_set: Some(set) }),
            "02025a31050161016200037265660101630106026e73016100ac02070001024e31",
        );
        let vpc = Vpc { region: Region::parse("eu-west-1").unwrap(), id: VpcId::parse("vpc-1").unwrap() };
        check(
            &zone(Visibility::Private { vpcs: vec![vpc] }),
            "02025a31050161016200037265660101630106026e73016100ac020701010965752d776573742d31057670632d31",
        );
    }

    #[test]
    fn zones_of_version_1_were_public() {
        let bytes: Vec<u8> = vec![
            0x01, 0x02, 0x5a, 0x31, 0x05, 0x01, 0x61, 0x01, 0x62, 0x00, 0x03, 0x72, 0x65, 0x66, 0x01, 0x01, 0x63, 0x01,
            0x06, 0x02, 0x6e, 0x73, 0x01, 0x61, 0x00, 0xac, 0x02, 0x07,
        ];
        assert_eq!(HostedZone::decode(&bytes).unwrap(), zone(Visibility::PUBLIC));
    }
}
