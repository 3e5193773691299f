//! Key-signing keys on a store: real pairs, sealed; their status; what keeps a zone.

use model::hosted_zone::{Delegation, Visibility, Vpc};
use model::id::{Region, VpcId};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use super::*;
use crate::hosted_zones;
use crate::stored::Stored as _;
use crate::testing::{Scratch, meta, meta_at, name, random, zone};

fn new(text: &str, status: KeyStatus) -> NewKeySigningKey {
    NewKeySigningKey {
        name: KeySigningKeyName::parse(text).unwrap(),
        kms_arn: KmsArn::parse(&format!("arn:aws:kms:us-east-1:1:key/{text}")).unwrap(),
        caller_reference: text.to_owned(),
        status,
    }
}

fn seal() -> Seal {
    Seal::new(&[7; 32])
}

async fn make(store: &Store, zone: &HostedZone, new: NewKeySigningKey) -> Result<ListedKey, CreateError> {
    let made = create(store, meta(), &random(), &seal(), &zone.id, new, &Limits::default()).await;
    made.map(|(key, _)| key)
}

/// RFC 6605 §6.1.
#[test]
fn the_digest_of_the_rfc() {
    let hex = "1A88C88615D437FBB8BF9E1942A1929F28562706AE6C2BD399E7B1BFB6D1E9E75B92B4AA42917AE1C61B701EF035C3FE7BE3009CBAFE5A2F71316C902DCF0D00";
    let public_key: Vec<u8> =
        hex.as_bytes().chunks(2).map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap()).collect();
    let NewKeySigningKey { name: key_name, kms_arn, caller_reference, status } = new("ksk", KeyStatus::Active);
    let public_key = public_key.try_into().unwrap();
    let (created_ms, modified_ms) = (0, 0);
    let key = KeySigningKey { name: key_name, kms_arn, caller_reference, public_key, status, created_ms, modified_ms };
    let listed = listed(key, &name("example.net"), true);
    assert_eq!(listed.digest, "B4C8C1FE2E7477127B27115656AD6256F424625BF5C1E2770CE6D6E37DF61D17");
}

#[tokio::test]
async fn a_key_is_a_real_pair_whose_private_half_is_sealed() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let made = zone(&store, "example.com").await;
    let listed_key = make(&store, &made, new("one", KeyStatus::Active)).await.unwrap();
    assert_eq!(list(&store, &seal(), &made.id).unwrap()[0], listed_key);
    let rows = read(&store, |reader| rows_of(reader, &made.id)).unwrap();
    let private = seal().open(&purpose(&made.id, &listed_key.key.name), &rows[0].sealed).unwrap();
    let signature = pair(&private).unwrap().sign(&ring::rand::SystemRandom::new(), b"message").unwrap();
    let point = [&[4][..], &listed_key.key.public_key].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).verify(b"message", signature.as_ref()).unwrap();
    let private_number = &private[36..68];
    assert!(!rows[0].encode().windows(32).any(|window| window == private_number));
    // Another master key opens nothing, and the list says so.
    assert!(!list(&store, &Seal::new(&[8; 32]), &made.id).unwrap()[0].is_usable);
}

#[tokio::test]
async fn names_arns_and_references_are_unique_in_a_zone_which_has_two_keys_at_most() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (made, other) = (zone(&store, "example.com").await, zone(&store, "example.org").await);
    make(&store, &made, new("one", KeyStatus::Active)).await.unwrap();
    make(&store, &other, new("one", KeyStatus::Active)).await.unwrap();
    let taken = make(&store, &made, new("one", KeyStatus::Active)).await;
    assert!(matches!(taken, Err(CreateError::NameTaken(_))));
    let like = |kms_arn: &str, caller_reference: &str| NewKeySigningKey {
        kms_arn: KmsArn::parse(kms_arn).unwrap(),
        caller_reference: caller_reference.to_owned(),
        ..new("two", KeyStatus::Inactive)
    };
    let taken = make(&store, &made, like("arn:aws:kms:us-east-1:1:key/one", "two")).await;
    assert!(matches!(taken, Err(CreateError::ArnTaken(_))));
    let taken = make(&store, &made, like("arn:aws:kms:us-east-1:1:key/two", "one")).await;
    assert!(matches!(taken, Err(CreateError::CallerReferenceTaken(_))));
    let (a, b) = tokio::join!(
        make(&store, &made, new("two", KeyStatus::Inactive)),
        make(&store, &made, new("three", KeyStatus::Inactive))
    );
    assert!(a.is_ok() && matches!(b, Err(CreateError::TooMany(2))));
    let gone = HostedZone { id: HostedZoneId::parse("Z1").unwrap(), ..made };
    assert!(matches!(make(&store, &gone, new("one", KeyStatus::Active)).await, Err(CreateError::NoSuchHostedZone(_))));
}

#[tokio::test]
async fn a_key_is_deactivated_then_deleted_then_its_zone_can_go() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let made = zone(&store, "example.com").await;
    let key = make(&store, &made, new("one", KeyStatus::Active)).await.unwrap().key;
    let set =
        async |status| set_status(&store, meta_at(1_700_000_000_001), &random(), &made.id, &key.name, status).await;
    let remove = async || delete(&store, meta(), &random(), &made.id, &key.name).await;

    assert!(matches!(enable(&store, &seal(), &made.id), Err(EnableError::NotOffered(_))));
    assert!(matches!(set(KeyStatus::Active).await, Err(SetStatusError::Already { .. })));
    assert!(matches!(remove().await, Err(DeleteError::NotInactive(_))));
    set(KeyStatus::Inactive).await.unwrap();
    assert_eq!(list(&store, &seal(), &made.id).unwrap()[0].key.modified_ms, key.created_ms + 1);
    assert!(matches!(enable(&store, &seal(), &made.id), Err(EnableError::NoActiveKey(_))));
    let kept = hosted_zones::delete(&store, meta(), &random(), &made.id).await;
    assert!(matches!(kept, Err(hosted_zones::DeleteError::HasKeySigningKeys)));
    let change = remove().await.unwrap();
    assert_eq!(change.revision, store.revision().0);
    assert!(matches!(remove().await, Err(DeleteError::NoSuchKeySigningKey(_))));
    assert!(matches!(set(KeyStatus::Active).await, Err(SetStatusError::NoSuchKeySigningKey(_))));
    hosted_zones::delete(&store, meta(), &random(), &made.id).await.unwrap();
    assert!(matches!(list(&store, &seal(), &made.id), Err(ListError::NoSuchHostedZone(_))));
}

#[tokio::test]
async fn a_private_zone_has_no_keys() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let vpc = Vpc { region: Region::parse("eu-west-1").unwrap(), id: VpcId::parse("vpc-1").unwrap() };
    let visibility = Visibility::Private { vpcs: vec![vpc] };
    let (name, caller_reference) = (name("corp.test"), "p".to_owned());
    let private = hosted_zones::NewHostedZone { name, caller_reference, comment: None, visibility };
    let (delegation, limits) = (Delegation::default(), Limits::default());
    let (private, _) = hosted_zones::create(&store, meta(), &random(), private, &delegation, &limits).await.unwrap();
    let refused = make(&store, &private, new("one", KeyStatus::Active)).await.unwrap_err();
    assert_eq!(refused.to_string(), "Operation is unsupported for private hosted zones.");
    assert!(matches!(list(&store, &seal(), &private.id), Err(ListError::PrivateZone)));
}
