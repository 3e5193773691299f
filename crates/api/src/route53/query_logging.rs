//! Query logging configurations: create, get, list, delete.
//!
//! Where lines go is the operator's; here an ARN is read, kept and shown as it came.

use control::Meta;
use control::query_logging::{self, NoSuchQueryLoggingConfig};
use model::id::QueryLoggingConfigId;
use model::limits::QUERY_LOGGING_CONFIGS_PER_PAGE_MAX;
use model::query_logging::{LogGroupArn, QueryLoggingConfig as Config};

use super::Route53;
use super::error::Fault;
use super::generated::shapes::{
    CreateQueryLoggingConfigRequest, CreateQueryLoggingConfigResponse, DeleteQueryLoggingConfigRequest,
    DeleteQueryLoggingConfigResponse, GetQueryLoggingConfigRequest, GetQueryLoggingConfigResponse,
    ListQueryLoggingConfigsRequest, ListQueryLoggingConfigsResponse, QueryLoggingConfig,
};
use super::{ids, page, token};

/// CreateQueryLoggingConfig: one for a public hosted zone.
pub(super) async fn create(
    to: &Route53,
    meta: Meta,
    request: CreateQueryLoggingConfigRequest,
) -> Result<CreateQueryLoggingConfigResponse, Fault> {
    let CreateQueryLoggingConfigRequest { hosted_zone_id, cloud_watch_logs_log_group_arn } = request;
    let log_group = LogGroupArn::parse(&cloud_watch_logs_log_group_arn)
        .map_err(|fault| Fault::InvalidInput { message: fault.to_string() })?;
    let zone = ids::hosted_zone(&hosted_zone_id)?;
    let config = query_logging::create(&to.store, meta, to.random, &zone, log_group).await?;
    let location = format!("{}queryloggingconfig/{}", super::respond::VERSION, config.id);
    Ok(CreateQueryLoggingConfigResponse { query_logging_config: shown(config), location })
}

/// GetQueryLoggingConfig.
pub(super) fn get(
    to: &Route53,
    request: &GetQueryLoggingConfigRequest,
) -> Result<GetQueryLoggingConfigResponse, Fault> {
    let id = ids::query_logging_config(&request.id)?;
    let config = query_logging::find(&to.store, &id)?;
    let config = config.ok_or_else(|| Fault::from(NoSuchQueryLoggingConfig(id)))?;
    Ok(GetQueryLoggingConfigResponse { query_logging_config: shown(config) })
}

/// ListQueryLoggingConfigs, by id; or the one of a zone.
pub(super) fn list(
    to: &Route53,
    request: ListQueryLoggingConfigsRequest,
) -> Result<ListQueryLoggingConfigsResponse, Fault> {
    let ListQueryLoggingConfigsRequest { hosted_zone_id, next_token, max_results } = request;
    let size = page::results(max_results.as_deref(), QUERY_LOGGING_CONFIGS_PER_PAGE_MAX)?;
    let start = next_token.map(|token| {
        let [id] = token::read(&token)?;
        QueryLoggingConfigId::parse(&id).map_err(|_| Fault::InvalidPaginationToken)
    });
    let start = start.transpose()?;
    if let Some(zone) = hosted_zone_id {
        let config = query_logging::of_zone(&to.store, &ids::hosted_zone(&zone)?)?;
        let configs = config.into_iter().map(shown).collect();
        return Ok(ListQueryLoggingConfigsResponse { query_logging_configs: configs, next_token: None });
    }
    let page = query_logging::list(&to.store, start.as_ref(), size)?;
    Ok(ListQueryLoggingConfigsResponse {
        query_logging_configs: page.items.into_iter().map(shown).collect(),
        next_token: page.next.map(|id| token::write(&[id.as_str()])),
    })
}

/// DeleteQueryLoggingConfig.
pub(super) async fn delete(
    to: &Route53,
    meta: Meta,
    request: &DeleteQueryLoggingConfigRequest,
) -> Result<DeleteQueryLoggingConfigResponse, Fault> {
    query_logging::delete(&to.store, meta, &ids::query_logging_config(&request.id)?).await?;
    Ok(DeleteQueryLoggingConfigResponse {})
}

fn shown(config: Config) -> QueryLoggingConfig {
    let Config { id, zone, log_group } = config;
    QueryLoggingConfig {
        id: id.to_string(),
        hosted_zone_id: zone.to_string(),
        cloud_watch_logs_log_group_arn: log_group.to_string(),
    }
}
