//! CIDR collections: create, change, delete, and lists of collections, locations and blocks.
//!
//! What a change does to a collection is `model::cidr`'s. Tokens of the next page hold what it starts with.

use std::collections::BTreeSet;

use control::Meta;
use control::cidr_collections::{self, NoSuchCidrCollection};
use model::cidr::{Block, CidrAction, CidrCollection as Collection, LocationChange};
use model::id::{CidrCollectionId, CidrLocation};
use model::limits::CIDR_PAGE_MAX;

use super::Route53;
use super::call::Call;
use super::error::Fault;
use super::generated::shapes::{
    ChangeCidrCollectionRequest, ChangeCidrCollectionResponse, CidrBlockSummary, CidrCollection, CidrCollectionChange,
    CidrCollectionChangeAction, CollectionSummary, CreateCidrCollectionRequest, CreateCidrCollectionResponse,
    DeleteCidrCollectionRequest, DeleteCidrCollectionResponse, ListCidrBlocksRequest, ListCidrBlocksResponse,
    ListCidrCollectionsRequest, ListCidrCollectionsResponse, ListCidrLocationsRequest, ListCidrLocationsResponse,
    LocationSummary,
};
use super::read::Input as _;
use super::{ids, page, token};

/// CreateCidrCollection; with the same name and reference again, it gives the one that exists.
pub(super) async fn create(
    to: &Route53,
    meta: Meta,
    request: CreateCidrCollectionRequest,
) -> Result<CreateCidrCollectionResponse, Fault> {
    let CreateCidrCollectionRequest { name, caller_reference } = request;
    let created = cidr_collections::create(&to.store, meta, to.random, name, caller_reference, &to.limits).await?;
    let location = format!("{}cidrcollection/{}", super::respond::VERSION, created.id);
    let CollectionSummary { arn, id, name, version } = shown(to, created);
    let collection = CidrCollection { arn, id, name, version };
    Ok(CreateCidrCollectionResponse { collection: Some(collection), location: Some(location) })
}

/// ChangeCidrCollection: all changes in their order, or none.
pub(super) async fn change(
    to: &Route53,
    meta: Meta,
    request: ChangeCidrCollectionRequest,
) -> Result<ChangeCidrCollectionResponse, Fault> {
    let ChangeCidrCollectionRequest { id, collection_version, changes } = request;
    let id = ids::cidr_collection(&id)?;
    let version = collection_version.and_then(|version| u64::try_from(version).ok());
    let changes = changes.into_iter().map(location_change).collect::<Result<_, _>>()?;
    let change = cidr_collections::change(&to.store, meta, to.random, &id, version, changes, &to.limits).await?;
    Ok(ChangeCidrCollectionResponse { id: change.id.to_string() })
}

/// What a ChangeCidrCollection asks for, if all of it can be read. For fuzzing, which comes from outside of this crate.
#[must_use]
pub fn read_location_changes(document: &[u8]) -> Option<Vec<LocationChange>> {
    let call = Call::find("POST", "cidrcollection/c", "", document).expect("the path of ChangeCidrCollection");
    let request = ChangeCidrCollectionRequest::decode(&call).ok()?;
    request.changes.into_iter().map(|change| location_change(change).ok()).collect()
}

fn location_change(change: CidrCollectionChange) -> Result<LocationChange, Fault> {
    let CidrCollectionChange { location_name, action, cidr_list } = change;
    let blocks = cidr_list.iter().map(|text| text.parse::<Block>());
    let blocks =
        blocks.collect::<Result<_, _>>().map_err(|fault| Fault::InvalidInput { message: fault.to_string() })?;
    let action = match action {
        CidrCollectionChangeAction::Put => CidrAction::Put,
        CidrCollectionChangeAction::DeleteIfExists => CidrAction::DeleteIfExists,
    };
    Ok(LocationChange { location: location(&location_name)?, action, blocks })
}

fn location(text: &str) -> Result<CidrLocation, Fault> {
    CidrLocation::parse(text).map_err(|fault| Fault::InvalidInput { message: fault.to_string() })
}

/// DeleteCidrCollection: one that is empty and unused.
pub(super) async fn delete(
    to: &Route53,
    meta: Meta,
    request: &DeleteCidrCollectionRequest,
) -> Result<DeleteCidrCollectionResponse, Fault> {
    cidr_collections::delete(&to.store, meta, &ids::cidr_collection(&request.id)?).await?;
    Ok(DeleteCidrCollectionResponse {})
}

/// ListCidrCollections, by id.
pub(super) fn list(to: &Route53, request: ListCidrCollectionsRequest) -> Result<ListCidrCollectionsResponse, Fault> {
    let ListCidrCollectionsRequest { next_token, max_results } = request;
    let size = page::results(max_results.as_deref(), CIDR_PAGE_MAX)?;
    let start = start(next_token, |id| CidrCollectionId::parse(id).ok())?;
    let page = cidr_collections::list(&to.store, start.as_ref(), size)?;
    let next_token = page.next.map(|id| token::write(&[id.as_str()]));
    let collections = page.items.into_iter().map(|collection| shown(to, collection)).collect();
    Ok(ListCidrCollectionsResponse { next_token, cidr_collections: Some(collections) })
}

/// ListCidrLocations, by name.
pub(super) fn locations(to: &Route53, request: ListCidrLocationsRequest) -> Result<ListCidrLocationsResponse, Fault> {
    let ListCidrLocationsRequest { collection_id, next_token, max_results } = request;
    let size = page::results(max_results.as_deref(), CIDR_PAGE_MAX)?;
    let start = start(next_token, |name| CidrLocation::parse(name).ok())?;
    let collection = find(to, &collection_id)?;
    let names: BTreeSet<&CidrLocation> = collection.blocks.values().collect();
    let mut names = names.into_iter().filter(|name| start.as_ref().is_none_or(|start| *name >= start));
    let summary = |name: &CidrLocation| LocationSummary { location_name: Some(name.to_string()) };
    let cidr_locations = names.by_ref().take(size).map(summary).collect();
    let next_token = names.next().map(|name| token::write(&[name.as_str()]));
    Ok(ListCidrLocationsResponse { next_token, cidr_locations: Some(cidr_locations) })
}

/// ListCidrBlocks, by location, then address.
pub(super) fn blocks(to: &Route53, request: ListCidrBlocksRequest) -> Result<ListCidrBlocksResponse, Fault> {
    let ListCidrBlocksRequest { collection_id, location_name, next_token, max_results } = request;
    let size = page::results(max_results.as_deref(), CIDR_PAGE_MAX)?;
    let wanted = location_name.as_deref().map(location).transpose()?;
    let start = next_token.map(|token| {
        let [location, block] = token::read(&token)?;
        let place = CidrLocation::parse(&location).ok().zip(block.parse::<Block>().ok());
        place.ok_or(Fault::InvalidPaginationToken)
    });
    let start = start.transpose().map_err(|_| no_token())?;
    let collection = find(to, &collection_id)?;
    if let Some(wanted) = &wanted
        && !collection.has_location(wanted)
    {
        return Err(Fault::NoSuchCidrLocationException { location: wanted.to_string() });
    }
    let mut all: Vec<(&CidrLocation, &Block)> =
        collection.blocks.iter().map(|(block, location)| (location, block)).collect();
    all.retain(|(location, _)| wanted.as_ref().is_none_or(|wanted| wanted == *location));
    all.sort_unstable();
    let from = start.map_or(0, |(location, block)| all.partition_point(|place| *place < (&location, &block)));
    let mut rest = all[from..].iter();
    let summary = |(location, block): &(&CidrLocation, &Block)| CidrBlockSummary {
        cidr_block: Some(block.to_string()),
        location_name: Some(location.to_string()),
    };
    let cidr_blocks = rest.by_ref().take(size).map(summary).collect();
    let next_token = rest.next().map(|(location, block)| token::write(&[location.as_str(), &block.to_string()]));
    Ok(ListCidrBlocksResponse { next_token, cidr_blocks: Some(cidr_blocks) })
}

fn find(to: &Route53, id: &str) -> Result<Collection, Fault> {
    let id = ids::cidr_collection(id)?;
    cidr_collections::find(&to.store, &id)?.ok_or_else(|| Fault::from(NoSuchCidrCollection(id)))
}

/// Where a page starts. These operations have no `InvalidPaginationToken`.
fn start<T>(next_token: Option<String>, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Fault> {
    let Some(text) = next_token else { return Ok(None) };
    let [part] = token::read(&text).map_err(|_| no_token())?;
    parse(&part).map(Some).ok_or_else(no_token)
}

fn no_token() -> Fault {
    Fault::InvalidInput { message: "NextToken is not one that this operation returned".to_owned() }
}

fn shown(to: &Route53, collection: Collection) -> CollectionSummary {
    let Collection { id, name, caller_reference: _, version, blocks: _ } = collection;
    CollectionSummary {
        arn: Some(format!("arn:aws:route53::{}:cidrcollection/{id}", to.account_id)),
        id: Some(id.to_string()),
        name: Some(name),
        version: Some(super::hosted_zones::number(version)),
    }
}
