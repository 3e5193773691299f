//! Traffic policies, their versions and instances, version 1. See `v1` for the rules: never change a type here.

use model::id::{HostedZoneId, TrafficPolicyId, TrafficPolicyInstanceId};
use model::traffic_policy::{Stage, TrafficPolicy, TrafficPolicyInstance, TrafficPolicyVersion};
use model::{RecordType, Ttl};
use serde::{Deserialize, Serialize};

use super::v1::{decode, encode, name};
use super::{Stored, StoredFault};

#[derive(Serialize, Deserialize)]
struct TrafficPolicyV1<'a> {
    id: &'a str,
    name: &'a str,
    created: u64,
    newest_version: u16,
    versions: Vec<(u16, u16)>,
}

#[derive(Serialize, Deserialize)]
struct TrafficPolicyVersionV1<'a> {
    policy: &'a str,
    number: u16,
    record_type: u16,
    document: &'a str,
    comment: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct TrafficPolicyInstanceV1<'a> {
    id: &'a str,
    zone: &'a str,
    #[serde(borrow)]
    name: &'a [u8],
    record_type: u16,
    ttl: u32,
    policy: &'a str,
    version: u16,
    stage: StageV1<'a>,
}

#[derive(Serialize, Deserialize)]
enum StageV1<'a> {
    Created(u64),
    Updated(u64),
    Failed(&'a str),
}

impl Stored for TrafficPolicy {
    fn encode(&self) -> Vec<u8> {
        let Self { id, name, created, newest_version, versions } = self;
        encode(&TrafficPolicyV1 {
            id: id.as_str(),
            name,
            created: *created,
            newest_version: *newest_version,
            versions: versions.iter().map(|(number, record_type)| (*number, record_type.0)).collect(),
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let TrafficPolicyV1 { id, name, created, newest_version, versions } = decode(bytes)?;
        Ok(Self {
            id: TrafficPolicyId::parse(id).map_err(StoredFault::Id)?,
            name: name.to_owned(),
            created,
            newest_version,
            versions: versions.into_iter().map(|(number, record_type)| (number, RecordType(record_type))).collect(),
        })
    }
}

impl Stored for TrafficPolicyVersion {
    fn encode(&self) -> Vec<u8> {
        let Self { policy, number, record_type, document, comment } = self;
        encode(&TrafficPolicyVersionV1 {
            policy: policy.as_str(),
            number: *number,
            record_type: record_type.0,
            document,
            comment: comment.as_deref(),
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let TrafficPolicyVersionV1 { policy, number, record_type, document, comment } = decode(bytes)?;
        Ok(Self {
            policy: TrafficPolicyId::parse(policy).map_err(StoredFault::Id)?,
            number,
            record_type: RecordType(record_type),
            document: document.to_owned(),
            comment: comment.map(str::to_owned),
        })
    }
}

impl Stored for TrafficPolicyInstance {
    fn encode(&self) -> Vec<u8> {
        let Self { id, zone, name, record_type, ttl, policy, version, stage } = self;
        encode(&TrafficPolicyInstanceV1 {
            id: id.as_str(),
            zone: zone.as_str(),
            name: name.wire(),
            record_type: record_type.0,
            ttl: ttl.seconds(),
            policy: policy.as_str(),
            version: *version,
            stage: match stage {
                Stage::Created(revision) => StageV1::Created(*revision),
                Stage::Updated(revision) => StageV1::Updated(*revision),
                Stage::Failed(message) => StageV1::Failed(message),
            },
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let TrafficPolicyInstanceV1 { id, zone, name, record_type, ttl, policy, version, stage } = decode(bytes)?;
        Ok(Self {
            id: TrafficPolicyInstanceId::parse(id).map_err(StoredFault::Id)?,
            zone: HostedZoneId::parse(zone).map_err(StoredFault::Id)?,
            name: self::name(name)?,
            record_type: RecordType(record_type),
            ttl: Ttl::new(ttl.into()).map_err(|fault| StoredFault::Number(fault.0))?,
            policy: TrafficPolicyId::parse(policy).map_err(StoredFault::Id)?,
            version,
            stage: match stage {
                StageV1::Created(revision) => Stage::Created(revision),
                StageV1::Updated(revision) => Stage::Updated(revision),
                StageV1::Failed(message) => Stage::Failed(message.to_owned()),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use model::Name;

    use super::*;

    #[track_caller]
    fn check<T: Stored + PartialEq + std::fmt::Debug>(noun: &T, golden: &str) {
        let hex: String = noun.encode().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, golden);
        assert_eq!(T::decode(&noun.encode()).unwrap(), *noun);
    }

    #[test]
    fn golden_bytes() {
        let policy = TrafficPolicyId::parse("p1").unwrap();
        check(
            &TrafficPolicy {
                id: policy.clone(),
                name: "n".into(),
                created: 300,
                newest_version: 3,
                versions: vec![(1, RecordType::A), (3, RecordType::CAA)],
            },
            "01027031016eac0203020101038102",
        );
        check(
            &TrafficPolicyVersion {
                policy: policy.clone(),
                number: 1000,
                record_type: RecordType::A,
                document: "{}".into(),
                comment: Some("c".into()),
            },
            "01027031e80701027b7d010163",
        );
        let instance = |stage| TrafficPolicyInstance {
            id: TrafficPolicyInstanceId::parse("i1").unwrap(),
            zone: HostedZoneId::parse("Z1").unwrap(),
            name: Name::parse("a.b").unwrap(),
            record_type: RecordType::A,
            ttl: Ttl::new(60).unwrap(),
            policy: policy.clone(),
            version: 2,
            stage,
        };
        check(&instance(Stage::Created(7)), "01026931025a31050161016200013c027031020007");
        check(&instance(Stage::Updated(300)), "01026931025a31050161016200013c0270310201ac02");
        check(&instance(Stage::Failed("f".into())), "01026931025a31050161016200013c02703102020166");
    }
}
