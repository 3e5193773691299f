//! Keys and sessions on a real store.

use super::*;
use crate::testing::{Scratch, meta, meta_at, random, zone};

fn seal() -> Seal {
    Seal::new(&[7; 32])
}

const ALL: [KeyPolicy; 1] = [KeyPolicy::FullAccess];

async fn key(store: &Store, name: &str, policies: &[KeyPolicy]) -> Issued {
    create(store, meta(), &random(), &seal(), name.to_owned(), policies.to_vec()).await.unwrap()
}

fn opened(store: &Store, id: &AccessKeyId) -> Opened {
    row(store, id).unwrap().unwrap().open(id, &seal()).unwrap()
}

#[tokio::test]
async fn keys_are_found_until_they_are_deleted() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let issued = key(&store, "terraform", &ALL).await;
    let other = key(&store, "ci", &[KeyPolicy::ReadOnly]).await;
    assert_eq!(find(&store, &issued.key.id).unwrap(), Some(issued.key.clone()));
    assert_eq!(opened(&store, &issued.key.id).secret, issued.secret);
    assert_eq!(list(&store).unwrap().len(), 2);
    delete(&store, meta(), &issued.key.id).await.unwrap();
    assert_eq!(find(&store, &issued.key.id).unwrap(), None);
    assert!(row(&store, &issued.key.id).unwrap().is_none());
    assert!(matches!(delete(&store, meta(), &issued.key.id).await, Err(ChangeError::NoSuchAccessKey(_))));
    assert_eq!(list(&store).unwrap(), [other.key]);
}

#[tokio::test]
async fn policies_change_with_the_next_row() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let issued = key(&store, "ci", &ALL).await;
    let before = row(&store, &issued.key.id).unwrap().unwrap();
    assert!(before == row(&store, &issued.key.id).unwrap().unwrap());
    let changed = set_policies(&store, meta(), &seal(), &random(), &issued.key.id, vec![KeyPolicy::ReadOnly]).await;
    assert_eq!(changed.unwrap().policies, [KeyPolicy::ReadOnly]);
    assert!(before != row(&store, &issued.key.id).unwrap().unwrap());
    assert_eq!(opened(&store, &issued.key.id).secret, issued.secret);
    let nobody = AccessKeyId::parse("CUTONOBODY").unwrap();
    let missing = set_policies(&store, meta(), &seal(), &random(), &nobody, vec![]).await;
    assert!(matches!(missing, Err(ChangeError::NoSuchAccessKey(_))));
}

/// No file of the store, its log among them, and no row tells a secret or a token.
#[tokio::test]
async fn nothing_on_the_disk_tells_a_secret() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let issued = key(&store, "ci", &ALL).await;
    let session = open_session(&store, meta(), &random(), &seal(), &issued.key.id, 900, vec![]).await.unwrap();
    let backup = scratch.folder().join("backup.db");
    store.backup(&backup).unwrap();
    let secrets = [issued.secret.as_str(), session.secret.as_str(), session.token.as_deref().unwrap()];
    let mut files = 0;
    for file in std::fs::read_dir(scratch.folder()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        files += usize::from(!bytes.is_empty());
        for secret in secrets {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
    }
    assert!(files >= 2, "the store and its backup have been looked at");
    assert!(!format!("{issued:?} {session:?}").contains(&issued.secret));
}

#[tokio::test]
async fn another_master_key_is_noticed() {
    let scratch = Scratch::new();
    let store = scratch.store();
    assert_eq!(prepare(&store, meta(), &random(), &seal()).await.unwrap(), 0);
    let other = Seal::new(&[8; 32]);
    // Nothing is sealed yet: a new master key is as good.
    assert_eq!(prepare(&store, meta(), &random(), &other).await.unwrap(), 0);
    assert_eq!(prepare(&store, meta(), &random(), &seal()).await.unwrap(), 0);
    let issued = key(&store, "ci", &ALL).await;
    let before = store.revision();
    let refused = prepare(&store, meta(), &random(), &other).await;
    assert!(matches!(refused, Err(PrepareError::OtherMasterKey { keys: 1 })), "{refused:?}");
    assert_eq!(prepare(&store, meta(), &random(), &seal()).await.unwrap(), 0);
    assert_eq!(store.revision(), before);
    let row = row(&store, &issued.key.id).unwrap().unwrap();
    assert!(matches!(row.open(&issued.key.id, &other), Err(OpenError::Sealed(_))));
}

#[tokio::test]
async fn secrets_of_older_versions_are_sealed() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let old = [&b"\x01\x05CUTO1\x01s\x02ci"[..], &[0xe8, 0x07]].concat();
    let id = AccessKeyId::parse("CUTO1").unwrap();
    let at = keys::access_key(&id);
    write(&store, meta(), move |transaction| {
        transaction.put(&at, &old);
        Ok::<_, StorageError>(())
    })
    .await
    .unwrap();
    assert_eq!(opened(&store, &id).secret, "s");
    assert_eq!(prepare(&store, meta(), &random(), &seal()).await.unwrap(), 1);
    assert_eq!(prepare(&store, meta(), &random(), &seal()).await.unwrap(), 0);
    let found = opened(&store, &id);
    assert_eq!((found.secret.as_str(), found.name.as_str()), ("s", "ci"));
    assert_eq!(find(&store, &id).unwrap().unwrap().policies, ALL);
    let found: StoredKey = read(&store, |reader| find_row(reader, &keys::access_key(&id))).unwrap().unwrap();
    assert!(matches!(found.secret, StoredSecret::Sealed(_)));
}

#[tokio::test]
async fn a_session_is_of_a_key_and_ends_with_it() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let parent = key(&store, "ci", &[KeyPolicy::ReadOnly]).await.key;
    let open = async |of: &AccessKeyId, seconds: u64, policies: Vec<KeyPolicy>| {
        open_session(&store, meta_at(1000), &random(), &seal(), of, seconds, policies).await
    };
    let wide = open(&parent.id, 900, vec![]).await.unwrap();
    let narrow = open(&parent.id, 900, ALL.to_vec()).await.unwrap();
    assert!(wide.key.id.as_str().starts_with("CUTS") && wide.token.as_ref().unwrap().len() == 96);
    let found = opened(&store, &wide.key.id);
    assert_eq!((found.name.as_str(), found.layers.len()), ("ci", 1));
    assert_eq!(opened(&store, &narrow.key.id).layers.len(), 2);
    let session = found.session.unwrap();
    assert_eq!((session.of, session.expires_ms), (parent.id.clone(), 901_000));
    assert_eq!(session.token_sha256, sha256(wide.token.unwrap().as_bytes()));
    assert!(matches!(open(&wide.key.id, 900, vec![]).await, Err(SessionError::OfSession(_))));
    for seconds in [0, 59, 36 * 3600 + 1, u64::MAX] {
        assert!(matches!(open(&parent.id, seconds, vec![]).await, Err(SessionError::Seconds { .. })));
    }
    let nobody = AccessKeyId::parse("CUTONOBODY").unwrap();
    assert!(matches!(open(&nobody, 900, vec![]).await, Err(SessionError::NoSuchAccessKey(_))));
    let changed = set_policies(&store, meta(), &seal(), &random(), &wide.key.id, vec![]).await;
    assert!(matches!(changed, Err(ChangeError::Session(_))));
    delete(&store, meta(), &wide.key.id).await.unwrap();
    assert_eq!(list(&store).unwrap().len(), 2);
    delete(&store, meta(), &parent.id).await.unwrap();
    assert_eq!(list(&store).unwrap(), []);
}

#[tokio::test]
async fn one_key_opens_so_many_sessions_and_no_more() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let (parent, other) = (key(&store, "ci", &ALL).await.key, key(&store, "cd", &ALL).await.key);
    let open = async |of: &AccessKeyId, at_ms: u64| {
        open_session(&store, meta_at(at_ms), &random(), &seal(), of, 60, vec![]).await
    };
    for _ in 0..SESSIONS_PER_KEY_MAX {
        open(&parent.id, 1000).await.unwrap();
    }
    assert!(matches!(open(&parent.id, 2000).await, Err(SessionError::TooMany(_))));
    assert!(open(&other.id, 2000).await.is_ok(), "another key has its own");
    assert!(open(&parent.id, 61_001).await.is_ok(), "those that ended do not count");
}

#[tokio::test]
async fn sessions_long_past_are_forgotten() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let parent = key(&store, "ci", &ALL).await.key;
    let open = async |at_ms: u64| {
        open_session(&store, meta_at(at_ms), &random(), &seal(), &parent.id, 60, vec![]).await.unwrap().key.id
    };
    let first = open(1000).await;
    open(61_000 + KEPT_MS).await;
    assert!(find(&store, &first).unwrap().is_some());
    open(61_001 + KEPT_MS).await;
    assert!(find(&store, &first).unwrap().is_none());
    assert_eq!(list(&store).unwrap().len(), 3);
}

#[tokio::test]
async fn a_policy_for_challenges_is_of_the_closest_zone() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let name = |text: &str| Name::parse(text).unwrap();
    assert!(matches!(acme_policy(&store, &name("www.example.com")), Err(AcmeError::NoZone(_))));
    let parent = zone(&store, "example.com").await;
    let policy = acme_policy(&store, &name("www.example.com")).unwrap();
    assert!(policy.document().contains(&format!("hostedzone/{}", parent.id)), "{}", policy.document());
    assert!(policy.document().contains("_acme-challenge.www.example.com"));
    let child = zone(&store, "www.example.com").await;
    let policy = acme_policy(&store, &name("www.example.com")).unwrap();
    assert!(policy.document().contains(&format!("hostedzone/{}", child.id)));
    zone(&store, "example.com").await;
    assert!(matches!(acme_policy(&store, &name("example.com")), Err(AcmeError::SeveralZones(_))));
}
