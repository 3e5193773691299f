//! Tags of hosted zones and health checks.

use control::{Meta, tags};
use model::tag::{TagChange, Taggable, Tags};

use super::Route53;
use super::error::Fault;
use super::generated::shapes::{
    ChangeTagsForResourceRequest, ChangeTagsForResourceResponse, ListTagsForResourceRequest,
    ListTagsForResourceResponse, ListTagsForResourcesRequest, ListTagsForResourcesResponse, ResourceTagSet, Tag,
    TagResourceType,
};
use super::ids;

/// ChangeTagsForResource.
pub(super) async fn change(
    to: &Route53,
    meta: Meta,
    request: ChangeTagsForResourceRequest,
) -> Result<ChangeTagsForResourceResponse, Fault> {
    let ChangeTagsForResourceRequest { resource_type, resource_id, add_tags, remove_tag_keys } = request;
    let of = resource(resource_type, &resource_id)?;
    let add = add_tags.unwrap_or_default().into_iter().map(pair).collect();
    let change = TagChange { add, remove: remove_tag_keys.unwrap_or_default() };
    tags::change(&to.store, meta, &of, change).await?;
    Ok(ChangeTagsForResourceResponse {})
}

/// ListTagsForResource.
pub(super) fn list(to: &Route53, request: &ListTagsForResourceRequest) -> Result<ListTagsForResourceResponse, Fault> {
    let of = resource(request.resource_type, &request.resource_id)?;
    Ok(ListTagsForResourceResponse { resource_tag_set: shown(&of, tags::list(&to.store, &of)?) })
}

/// ListTagsForResources: up to ten of one kind, in the order asked for.
pub(super) fn list_of_several(
    to: &Route53,
    request: &ListTagsForResourcesRequest,
) -> Result<ListTagsForResourcesResponse, Fault> {
    let sets = request.resource_ids.iter().map(|id| {
        let of = resource(request.resource_type, id)?;
        Ok(shown(&of, tags::list(&to.store, &of)?))
    });
    Ok(ListTagsForResourcesResponse { resource_tag_sets: sets.collect::<Result<_, Fault>>()? })
}

fn resource(kind: TagResourceType, id: &str) -> Result<Taggable, Fault> {
    Ok(match kind {
        TagResourceType::Hostedzone => {
            // Clients that do not know AWS's own shortening send the id as listings show it.
            Taggable::HostedZone(ids::hosted_zone(id.strip_prefix("/hostedzone/").unwrap_or(id))?)
        }
        TagResourceType::Healthcheck => Taggable::HealthCheck(ids::health_check(id)?),
    })
}

/// A key that is left out is an empty one, which the rules refuse; a value that is left out is empty.
fn pair(tag: Tag) -> (String, String) {
    let Tag { key, value } = tag;
    (key.unwrap_or_default(), value.unwrap_or_default())
}

fn shown(of: &Taggable, tags: Tags) -> ResourceTagSet {
    let (kind, id) = match of {
        Taggable::HostedZone(id) => (TagResourceType::Hostedzone, id.to_string()),
        Taggable::HealthCheck(id) => (TagResourceType::Healthcheck, id.to_string()),
    };
    let tags = tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect();
    ResourceTagSet { resource_type: Some(kind), resource_id: Some(id), tags: Some(tags) }
}
