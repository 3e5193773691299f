//! Record sets: ChangeResourceRecordSets and ListResourceRecordSets.
//!
//! Shapes become record sets and back in `record_sets/shape.rs` and `routing.rs` beside it; `record_sets/structure.rs` judges what a record
//! set could not even hold. Differs: types that Route 53 does not have, which zone files may bring, are listed too; changes
//! of them are refused by the model's limits.

mod routing;
mod shape;
mod structure;

use control::Meta;
use control::record_sets::{self, ChangeError, ListStart};
use model::change::{ChangeBatch, ChangeFault, Faults};
use model::limits::RECORD_SETS_PER_PAGE_MAX;
use model::{Name, RecordType};

use super::Route53;
use super::call::Call;
use super::changes;
use super::check::{Text, Violations};
use super::error::Fault;
use super::generated::shapes::{
    ChangeResourceRecordSetsRequest, ChangeResourceRecordSetsResponse, ListResourceRecordSetsRequest,
    ListResourceRecordSetsResponse,
};
use super::read::{DecodeError, Input as _};
use super::{ids, page};

/// ChangeResourceRecordSets: all of it, or nothing and every fault.
pub(super) async fn change(
    to: &Route53,
    meta: Meta,
    request: ChangeResourceRecordSetsRequest,
) -> Result<ChangeResourceRecordSetsResponse, Fault> {
    let zone = ids::hosted_zone(&request.hosted_zone_id)?;
    let (batch, mut unread) = shape::batch(request.change_batch)?;
    if !unread.is_empty() {
        // Nothing will be changed; what else is wrong is told all the same.
        match record_sets::check(&to.store, &zone, &batch, &to.limits) {
            Ok(()) => {}
            Err(ChangeError::Invalid(Faults(others))) => unread.extend(others),
            Err(error) => return Err(Fault::from(error)),
        }
        return Err(Fault::from(Faults(unread)));
    }
    let _turn = to.pace.begin(&zone).ok_or(Fault::PriorRequestNotComplete)?;
    let change = record_sets::change(&to.store, meta, to.random, &zone, batch, &to.limits).await?;
    Ok(ChangeResourceRecordSetsResponse { change_info: changes::submitted(change) })
}

/// Reads the body of a ChangeResourceRecordSets without carrying it out: the changes that could be read, and a fault for
/// each of the others.
///
/// # Errors
/// What ChangeResourceRecordSets would refuse before it looks at the zone.
pub(crate) fn read_batch(zone: &str, document: &[u8]) -> Result<(ChangeBatch, Vec<ChangeFault>), Fault> {
    let path = format!("hostedzone/{zone}/rrset");
    let call = Call::find("POST", &path, "", document).expect("the path of ChangeResourceRecordSets");
    shape::batch(ChangeResourceRecordSetsRequest::decode(&call)?.change_batch)
}

/// Whether a document is a ChangeResourceRecordSets of which every change can be read. For fuzzing, which comes from
/// outside of this crate.
#[must_use]
pub fn reads_batch(document: &[u8]) -> bool {
    read_batch("Z1", document).is_ok_and(|(_, unread)| unread.is_empty())
}

/// ListResourceRecordSets.
pub(super) fn list(
    to: &Route53,
    request: ListResourceRecordSetsRequest,
) -> Result<ListResourceRecordSetsResponse, Fault> {
    let zone = ids::hosted_zone(&request.hosted_zone_id)?;
    let size = page::size(request.max_items.as_deref(), RECORD_SETS_PER_PAGE_MAX)?;
    let page = record_sets::list(&to.store, &zone, start(request)?.as_ref(), size)?;
    let next = page.next.as_ref();
    Ok(ListResourceRecordSetsResponse {
        resource_record_sets: page.items.into_iter().map(shape::shown).collect(),
        is_truncated: next.is_some(),
        next_record_name: next.map(|key| key.name.to_string()),
        next_record_type: next.map(|key| key.record_type.to_string()),
        next_record_identifier: next.and_then(|key| key.set_identifier.as_ref()).map(ToString::to_string),
        max_items: size.to_string(),
    })
}

fn start(request: ListResourceRecordSetsRequest) -> Result<Option<ListStart>, Fault> {
    let ListResourceRecordSetsRequest {
        hosted_zone_id: _,
        start_record_name,
        start_record_type,
        start_record_identifier,
        max_items: _,
    } = request;
    let invalid = |message: String| Fault::InvalidInput { message };
    let Some(name) = start_record_name else {
        return match (start_record_type, start_record_identifier) {
            (None, None) => Ok(None),
            _ => Err(invalid("StartRecordType and StartRecordIdentifier need StartRecordName, name it too".to_owned())),
        };
    };
    if start_record_type.is_none() && start_record_identifier.is_some() {
        return Err(invalid("StartRecordIdentifier needs StartRecordType, name it too".to_owned()));
    }
    let name = Name::parse(&name).map_err(|fault| invalid(format!("FATAL problem: {fault}")))?;
    let record_type = start_record_type.map(start_type).transpose()?;
    Ok(Some(ListStart { name, record_type, set_identifier: start_record_identifier }))
}

/// AWS's `RRType`, in the order in which its messages name the types.
const TYPES: Text = Text::ANY.among(&[
    "SOA", "A", "TXT", "NS", "CNAME", "MX", "NAPTR", "PTR", "SRV", "SPF", "AAAA", "CAA", "DS", "TLSA", "SSHFP", "SVCB",
    "HTTPS",
]);

/// The type that a listing starts at: one of AWS's, or one that a page of ours may have named as the next.
fn start_type(text: String) -> Result<RecordType, Fault> {
    let read = RecordType::parse(&text).ok();
    if let Some(listed) = read.filter(|read| read.is_storable() && read.to_string() == text) {
        return Ok(listed);
    }
    let mut violations = Violations::default();
    violations.text(|| "type".to_owned(), text, &TYPES);
    Err(Fault::from(DecodeError::Constraints(violations)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use control::zone_import::{self, Into};
    use model::zone_file;

    use super::super::operations::carry_out;
    use super::super::testing::{caller, meta, route53};
    use super::*;

    /// A zone that a file brought, with a type that Route 53 has no word for; its id.
    async fn imported(to: &Route53) -> String {
        let origin = Name::parse("ex.test").unwrap();
        let text = "@ 60 SOA ns.ex.test. h.ex.test. 1 2 3 4 5\n@ 60 NS ns.ex.test.\n@ 60 TYPE65400 \\# 2 abcd\nx 60 A 192.0.2.1\n";
        let file = zone_file::read_from(&origin, Path::new("ex.zone"), std::io::Cursor::new(text)).unwrap();
        let (into, sets) = (Into::Named(origin), file.record_sets);
        let done = zone_import::import(&to.store, meta(), to.random, into, sets, &to.delegation, &to.limits).await;
        done.unwrap().zone.id.to_string()
    }

    async fn ask(to: &Route53, method: &str, path: &str, query: &str, body: &str) -> Result<String, Fault> {
        let call = Call::find(method, path, query, body.as_bytes()).unwrap();
        carry_out(to, &caller(), meta(), &call).await.map(|reply| reply.document)
    }

    #[test]
    fn a_listing_starts_at_a_type_that_can_be_listed() {
        for listed in
            RecordType::ROUTE53.iter().map(ToString::to_string).chain(["DNAME", "TYPE65400"].map(str::to_owned))
        {
            assert_eq!(start_type(listed.clone()).unwrap().to_string(), listed);
        }
        for unknown in ["X", "a", "TYPE1", "type65400", "TYPE65536", "ANY", "AXFR", "OPT", "TYPE0", ""] {
            assert_eq!(
                start_type(unknown.to_owned()).unwrap_err().to_string(),
                format!(
                    "1 validation error detected: Value '{unknown}' at 'type' failed to satisfy constraint: Member must satisfy \
                     enum value set: [SOA, A, TXT, NS, CNAME, MX, NAPTR, PTR, SRV, SPF, AAAA, CAA, DS, TLSA, SSHFP, SVCB, HTTPS]"
                )
            );
        }
    }

    #[tokio::test]
    async fn types_that_route53_lacks_are_listed_and_paged_and_not_changed() {
        let to = route53();
        let path = format!("hostedzone/{}/rrset", imported(&to).await);
        let all = ask(&to, "GET", &path, "", "").await.unwrap();
        let set = "<ResourceRecordSet><Name>ex.test.</Name><Type>TYPE65400</Type><TTL>60</TTL><ResourceRecords>\
                   <ResourceRecord><Value>\\# 2 abcd</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>";
        assert!(all.to_lowercase().contains(&set.to_lowercase()), "{all}");
        assert_eq!(all.matches("<ResourceRecordSet>").count(), 4);

        let (mut seen, mut query) = (0, "maxitems=1".to_owned());
        loop {
            let page = ask(&to, "GET", &path, &query, "").await.unwrap();
            seen += page.matches("<ResourceRecordSet>").count();
            let told = |name: &str| Some(page.split_once(&format!("<{name}>"))?.1.split_once('<')?.0.to_owned());
            let (Some(name), Some(kind)) = (told("NextRecordName"), told("NextRecordType")) else { break };
            query = format!("maxitems=1&name={name}&type={kind}");
        }
        assert_eq!(seen, 4);

        for action in ["DELETE", "UPSERT"] {
            let body = format!(
                "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>{action}</Action>{set}</Change>\
                 </Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
            );
            let refused = ask(&to, "POST", &path, "", &body).await.unwrap_err();
            assert_eq!(refused.code(), "InvalidInput");
            let message = refused.to_string();
            assert!(message.starts_with("1 validation error detected: Value 'TYPE65400' at 'changeBatch.changes.1.member.resourceRecordSet.type' failed to satisfy constraint: Member must satisfy enum value set: [SOA, A, "), "{message}");
        }
    }
}
