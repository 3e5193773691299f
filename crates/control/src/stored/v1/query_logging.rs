//! Query logging configurations in version 1. As in all of it: never change a type here.

use model::id::{HostedZoneId, QueryLoggingConfigId};
use model::query_logging::{LogGroupArn, QueryLoggingConfig};
use serde::{Deserialize, Serialize};

use super::{Stored, StoredFault, decode, encode};

#[derive(Serialize, Deserialize)]
struct QueryLoggingConfigV1<'a> {
    id: &'a str,
    zone: &'a str,
    log_group: &'a str,
}

impl Stored for QueryLoggingConfig {
    fn encode(&self) -> Vec<u8> {
        let Self { id, zone, log_group } = self;
        encode(&QueryLoggingConfigV1 { id: id.as_str(), zone: zone.as_str(), log_group: log_group.as_str() })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let QueryLoggingConfigV1 { id, zone, log_group } = decode(bytes)?;
        Ok(Self {
            id: QueryLoggingConfigId::parse(id).map_err(StoredFault::Id)?,
            zone: HostedZoneId::parse(zone).map_err(StoredFault::Id)?,
            log_group: LogGroupArn::parse(log_group).map_err(StoredFault::LogGroup)?,
        })
    }
}
