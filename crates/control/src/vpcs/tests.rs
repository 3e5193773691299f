//! Private zones on a store: one name in one VPC, the last VPC stays, authorizations, and all of it gone with the zone.

use model::hosted_zone::Delegation;
use model::id::{Region, VpcId};

use super::*;
use crate::hosted_zones::{self, CreateError, NewHostedZone};
use crate::testing::{Scratch, meta, name, random, zone};

fn vpc(id: &str) -> Vpc {
    Vpc { region: Region::parse("eu-west-1").unwrap(), id: VpcId::parse(id).unwrap() }
}

async fn private(store: &Store, text: &str, id: &str) -> Result<HostedZone, CreateError> {
    let visibility = Visibility::Private { vpcs: vec![vpc(id)] };
    let caller_reference = format!("{text} {id} {}", store.revision());
    let new = NewHostedZone { name: name(text), caller_reference, comment: None, visibility };
    let made = hosted_zones::create(store, meta(), &random(), new, &Delegation::default(), &Limits::default()).await;
    made.map(|(zone, _)| zone)
}

async fn join(store: &Store, zone: &HostedZone, id: &str) -> Result<SubmittedChange, AssociateError> {
    associate(store, meta(), &random(), &zone.id, vpc(id), Some("why".to_owned()), &Limits::default()).await
}

async fn part(store: &Store, zone: &HostedZone, id: &str) -> Result<SubmittedChange, DisassociateError> {
    disassociate(store, meta(), &random(), &zone.id, vpc(id), None).await
}

fn names_in(store: &Store, id: &str) -> Vec<String> {
    list_zones(store, &vpc(id), None, 9).unwrap().items.iter().map(|zone| zone.name.to_string()).collect()
}

#[tokio::test]
async fn a_vpc_has_one_private_zone_of_a_name() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let made = private(&store, "corp.test", "vpc-1").await.unwrap();
    let refused = private(&store, "corp.test", "vpc-1").await.unwrap_err();
    let told = "The VPC that you chose, vpc-1 in region eu-west-1, is already associated with another private hosted \
                zone that has an overlapping name space, corp.test..";
    assert_eq!(refused.to_string(), told);
    assert_eq!(join(&store, &made, "vpc-1").await.unwrap_err().to_string(), told);
    // Overlapping names, other VPCs and public zones go together.
    private(&store, "a.corp.test", "vpc-1").await.unwrap();
    let other = private(&store, "corp.test", "vpc-2").await.unwrap();
    zone(&store, "corp.test").await;
    assert!(matches!(join(&store, &other, "vpc-1").await, Err(AssociateError::Taken(_))));
    assert_eq!(names_in(&store, "vpc-1"), ["corp.test.", "a.corp.test."]);
    assert_eq!(hosted_zones::list_private(&store, None, 9).unwrap().items.len(), 3);
    assert_eq!(hosted_zones::count(&store).unwrap(), 4);
}

#[tokio::test]
async fn vpcs_come_and_go_but_the_last_stays() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let made = private(&store, "corp.test", "vpc-1").await.unwrap();
    let change = join(&store, &made, "vpc-2").await.unwrap();
    assert_eq!(change.comment.as_deref(), Some("why"));
    let now = hosted_zones::find(&store, &made.id).unwrap().unwrap();
    assert_eq!(now.visibility, Visibility::Private { vpcs: vec![vpc("vpc-1"), vpc("vpc-2")] });
    assert!(matches!(part(&store, &made, "vpc-3").await, Err(DisassociateError::NotAssociated(_))));
    let (a, b) = tokio::join!(part(&store, &made, "vpc-1"), part(&store, &made, "vpc-2"));
    assert!(a.is_ok() && matches!(b, Err(DisassociateError::Last(_))));
    assert_eq!((names_in(&store, "vpc-1"), names_in(&store, "vpc-2").len()), (vec![], 1));
    private(&store, "corp.test", "vpc-1").await.unwrap();

    let public = zone(&store, "example.com").await;
    assert!(matches!(join(&store, &public, "vpc-1").await, Err(AssociateError::PublicZone { .. })));
    assert!(matches!(part(&store, &public, "vpc-1").await, Err(DisassociateError::NotAssociated(_))));
    let limits = Limits { vpcs_per_zone_max: Some(1), ..Limits::default() };
    let full = associate(&store, meta(), &random(), &made.id, vpc("vpc-4"), None, &limits).await;
    assert!(matches!(full, Err(AssociateError::TooMany(1))));
    assert_eq!(names_in(&store, "vpc-4"), Vec::<String>::new());
}

#[tokio::test]
async fn zones_of_a_vpc_come_in_pages() {
    let scratch = Scratch::new();
    let store = scratch.store();
    for text in ["b.test", "a.test", "x.a.test"] {
        private(&store, text, "vpc-1").await.unwrap();
    }
    let first = list_zones(&store, &vpc("vpc-1"), None, 2).unwrap();
    let (name, id) = first.next.unwrap();
    let rest = list_zones(&store, &vpc("vpc-1"), Some((&name, &id)), 2).unwrap();
    assert_eq!((first.items.len(), rest.items.len(), name.to_string().as_str()), (2, 1, "b.test."));
    assert_eq!(rest.next, None);
}

#[tokio::test]
async fn authorizations_are_kept_until_they_or_their_zone_go() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let made = private(&store, "corp.test", "vpc-1").await.unwrap();
    let limits = Limits { vpc_authorizations_per_zone_max: Some(2), ..Limits::default() };
    for id in ["vpc-2", "vpc-3", "vpc-2"] {
        authorize(&store, meta(), &made.id, vpc(id), &limits).await.unwrap();
    }
    let full = authorize(&store, meta(), &made.id, vpc("vpc-4"), &limits).await;
    assert!(matches!(full, Err(AuthorizeError::TooMany(2))));
    let first = list_authorizations(&store, &made.id, None, 1).unwrap();
    assert_eq!((first.items, first.next.clone()), (vec![vpc("vpc-2")], Some(vpc("vpc-3"))));
    let rest = list_authorizations(&store, &made.id, first.next.as_ref(), 1).unwrap();
    assert_eq!((rest.items, rest.next), (vec![vpc("vpc-3")], None));

    deauthorize(&store, meta(), &made.id, vpc("vpc-2")).await.unwrap();
    let gone = deauthorize(&store, meta(), &made.id, vpc("vpc-2")).await;
    assert!(matches!(gone, Err(DeauthorizeError::NotAuthorized(_))));
    let public = zone(&store, "example.com").await;
    let refused = authorize(&store, meta(), &public.id, vpc("vpc-1"), &limits).await;
    assert!(matches!(refused, Err(AuthorizeError::PublicZone(_))));

    hosted_zones::delete(&store, meta(), &random(), &made.id).await.unwrap();
    assert!(grants_left(&store).is_empty() && names_in(&store, "vpc-1").is_empty());
    assert_eq!(hosted_zones::list_private(&store, None, 9).unwrap().items, []);
    let gone = list_authorizations(&store, &made.id, None, 1);
    assert!(matches!(gone, Err(ListAuthorizationsError::NoSuchHostedZone(_))));
}

fn grants_left(store: &Store) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let listed = read(store, |reader| {
        scan(reader, b"vpc-grant/", b"", |key, _| {
            found.push(key.to_vec());
            Ok(ControlFlow::Continue(()))
        })
    });
    listed.unwrap();
    found
}
