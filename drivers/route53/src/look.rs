//! Looking at names: every record set that each has, page by page, and those of the same zone that their aliases lead to.
//!
//! A listing that begins at a name shows that name's record sets first, so a name costs one request, whatever the size of
//! the zone; more only if it has more record sets than a page.
//!
//! What the model has no word for is passed over where nothing depends on it: types that no service can steer, and
//! whatever stands at names that only lead on, whose TTL is guessed then. At a service's own names the rest must be read.

use std::collections::BTreeSet;

use aws_sdk_route53::types::{ResourceRecordSet, RrType};
use model::endpoint::Trouble;
use model::id::HostedZoneId;
use model::{Body, Name, RecordSet};

use crate::account::Account;
use crate::limit::Of;
use crate::{fault, shape};

/// Aliases that are followed; answers follow no longer chains.
const FOLLOWED_MAX: usize = 32;
/// Of a name whose record sets cannot be read here: until somebody changes it, nothing else comes of asking.
const UNREADABLE_REST_MS: u64 = 10_000;

/// Every record set at some names, and at names that their aliases lead to.
pub(crate) async fn look(
    account: &Account,
    zone: &HostedZoneId,
    names: BTreeSet<Name>,
) -> Result<Vec<RecordSet>, Trouble> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    let mut left: Vec<Name> = names.iter().cloned().collect();
    let mut followed = 0;
    while let Some(name) = left.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let at = at(account, zone, &name, names.contains(&name)).await?;
        for set in &at {
            if let Body::Alias(target) = &set.body
                && target.hosted_zone_id == *zone
                && followed < FOLLOWED_MAX
            {
                followed += 1;
                left.push(target.dns_name.clone());
            }
        }
        found.extend(at);
    }
    Ok(found)
}

/// What stands at one name; `is_own`: of all of it something depends on it.
async fn at(account: &Account, zone: &HostedZoneId, name: &Name, is_own: bool) -> Result<Vec<RecordSet>, Trouble> {
    let mut found = Vec::new();
    let mut next: Option<Place> = Some((name.to_string(), None, None));
    while let Some(place) = next.take() {
        account.turn().await;
        let (start, kind, id) = place.clone();
        let request = account.client.list_resource_record_sets().hosted_zone_id(zone.as_str());
        let request = request.start_record_name(start).set_start_record_type(kind).set_start_record_identifier(id);
        let page = request.send().await.map_err(|error| account.trouble(Of::Reading, fault::of(&error)))?;
        account.answered(Of::Reading);
        for set in page.resource_record_sets().iter().filter(|set| is_at(set, name)) {
            match shape::read(set) {
                Ok(set) => found.push(set),
                Err(_) if !is_own || !shape::is_known_type(set) => {}
                Err(text) => return Err(Trouble { text, rest_ms: UNREADABLE_REST_MS }),
            }
        }
        let goes_on = page.next_record_name().and_then(|next| Name::parse(next).ok()).is_some_and(|next| next == *name);
        if page.is_truncated() && goes_on {
            let start = page.next_record_name().unwrap_or_default().to_owned();
            let after = (start, page.next_record_type().cloned(), page.next_record_identifier().map(str::to_owned));
            // An endpoint that shows the same page for ever is not followed for ever.
            next = Some(after).filter(|after| *after != place);
        }
    }
    Ok(found)
}

/// Where a page begins: name, type, set identifier.
type Place = (String, Option<RrType>, Option<String>);

fn is_at(set: &ResourceRecordSet, name: &Name) -> bool {
    Name::parse(set.name()).is_ok_and(|other| other == *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Answer, account, alias, error, page, weighted};

    /// What is seen at `www.rel.test`, one line for each record set, and what was asked.
    async fn seen(answers: Vec<Answer>) -> (Result<Vec<String>, Trouble>, Vec<String>) {
        let (account, asked) = account(answers).await;
        let names = BTreeSet::from([Name::parse("www.rel.test").unwrap()]);
        let found = look(&account, &HostedZoneId::parse("Z1").unwrap(), names).await;
        let line = |set: RecordSet| {
            let id = set.set_identifier().map(ToString::to_string).unwrap_or_default();
            format!("{} {} {id}", set.name, set.record_type)
        };
        let asked = asked.lock().unwrap().clone();
        (found.map(|found| found.into_iter().map(line).collect()), asked)
    }

    #[tokio::test]
    async fn pages_are_read_to_the_end_of_the_name_and_no_further() {
        let [blue, green] = ["blue", "green"].map(|id| weighted("www.rel.test.", "A", id));
        let other = weighted("zzz.rel.test.", "A", "other");
        let first = page(&[&blue], Some(("www.rel.test.", "A", "green")));
        let second = page(&[&green, &other], Some(("zzz.rel.test.", "AAAA", "more")));
        let (found, asked) = seen(vec![first, second]).await;
        assert_eq!(found.unwrap(), ["www.rel.test. A blue", "www.rel.test. A green"]);
        assert!(asked.len() == 2 && asked[1].contains("identifier=green"), "{asked:?}");
    }

    #[tokio::test]
    async fn the_same_page_for_ever_has_an_end() {
        let blue = weighted("www.rel.test.", "A", "blue");
        let (found, asked) = seen(vec![page(&[&blue], Some(("www.rel.test.", "A", "blue")))]).await;
        assert!(found.is_ok() && asked.len() == 2, "{asked:?}");
    }

    #[tokio::test]
    async fn aliases_in_the_zone_are_followed_and_what_cannot_be_read_there_is_passed_over() {
        let own = alias("www.rel.test.", "Z1", "edge.rel.test.");
        let far = alias("www.rel.test.", "ZFAR", "elsewhere.example.");
        let there = weighted("edge.rel.test.", "A", "one");
        let odd = there.replace("<Weight>1</Weight>", "").replace(">one<", ">odd<");
        let new = weighted("www.rel.test.", "NEWTYPE", "new");
        let (found, asked) = seen(vec![page(&[&own, &far, &new], None), page(&[&there, &odd], None)]).await;
        assert_eq!(found.unwrap(), ["www.rel.test. A ", "www.rel.test. A ", "edge.rel.test. A one"]);
        assert!(asked.len() == 2 && asked[1].contains("name=edge.rel.test"), "{asked:?}");
        // At its own name it is something that must not be taken for nothing.
        let odd = odd.replace("edge.rel.test.", "www.rel.test.");
        let (found, _) = seen(vec![page(&[&odd], None)]).await;
        assert!(found.unwrap_err().text.starts_with("record set www.rel.test. A: its routing policy"));
    }

    #[tokio::test]
    async fn a_throttled_look_rests_and_the_next_one_sees() {
        let blue = weighted("www.rel.test.", "A", "blue");
        let (account, _) = account(vec![error(400, "Throttling"), page(&[&blue], None)]).await;
        let (zone, names) =
            (HostedZoneId::parse("Z1").unwrap(), BTreeSet::from([Name::parse("www.rel.test").unwrap()]));
        let trouble = look(&account, &zone, names.clone()).await.unwrap_err();
        assert!(trouble.text == "Throttling: why" && trouble.rest_ms >= 500, "{trouble:?}");
        assert_eq!(look(&account, &zone, names).await.unwrap().len(), 1);
    }
}
