//! Access keys as they are stored: version 2 with sealed secrets and policies; version 1 had its secret in clear and
//! could do everything.
//!
//! Never change a type here: what it wrote is on disks.

use model::access_key::{AccessKey, KeyPolicy, KeyPolicyFault, Session};
use model::id::AccessKeyId;
use serde::{Deserialize, Serialize};

use super::v1::{self, AccessKeyV1};
use super::{Stored, StoredFault};

const VERSION: u8 = 2;

/// A key and what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredKey {
    pub(crate) key: AccessKey,
    pub(crate) secret: StoredSecret,
    /// SHA-256 of a session's token.
    pub(crate) token_sha256: Option<[u8; 32]>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum StoredSecret {
    /// Written by version 1 only.
    Clear(String),
    Sealed(Vec<u8>),
}

impl std::fmt::Debug for StoredSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredSecret")
    }
}

#[derive(Serialize, Deserialize)]
struct AccessKeyV2<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(borrow)]
    policies: Vec<PolicyV2<'a>>,
    created_ms: u64,
    sealed: &'a [u8],
    session: Option<SessionV2<'a>>,
}

#[derive(Serialize, Deserialize)]
enum PolicyV2<'a> {
    FullAccess,
    ReadOnly,
    Document(&'a str),
}

#[derive(Serialize, Deserialize)]
struct SessionV2<'a> {
    of: &'a str,
    expires_ms: u64,
    token_sha256: [u8; 32],
}

impl Stored for StoredKey {
    /// # Panics
    /// The secret is in clear, or a session has no token: nobody writes either.
    fn encode(&self) -> Vec<u8> {
        let Self { key: AccessKey { id, name, policies, created_ms, session }, secret, token_sha256 } = self;
        let StoredSecret::Sealed(sealed) = secret else { unreachable!("secrets are sealed before they are written") };
        let policies = policies.iter().map(|policy| match policy {
            KeyPolicy::FullAccess => PolicyV2::FullAccess,
            KeyPolicy::ReadOnly => PolicyV2::ReadOnly,
            KeyPolicy::Document(text) => PolicyV2::Document(text),
        });
        let session = session.as_ref().map(|Session { of, expires_ms }| SessionV2 {
            of: of.as_str(),
            expires_ms: *expires_ms,
            token_sha256: token_sha256.expect("a session has a token"),
        });
        let twin = AccessKeyV2 {
            id: id.as_str(),
            name,
            policies: policies.collect(),
            created_ms: *created_ms,
            sealed,
            session,
        };
        postcard::to_extend(&twin, vec![VERSION]).expect("a vector takes everything")
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoredFault> {
        let Some(twin) = second(bytes)? else { return first(bytes) };
        let AccessKeyV2 { id, name, policies, created_ms, sealed, session } = twin;
        let policy = |policy| match policy {
            PolicyV2::FullAccess => Ok(KeyPolicy::FullAccess),
            PolicyV2::ReadOnly => Ok(KeyPolicy::ReadOnly),
            PolicyV2::Document(text) => KeyPolicy::parse(text),
        };
        let policies = policies.into_iter().map(policy).collect::<Result<_, KeyPolicyFault>>();
        let (mut of_session, mut token) = (None, None);
        if let Some(SessionV2 { of, expires_ms, token_sha256 }) = session {
            of_session = Some(Session { of: AccessKeyId::parse(of).map_err(StoredFault::Id)?, expires_ms });
            token = Some(token_sha256);
        }
        let key = AccessKey {
            id: AccessKeyId::parse(id).map_err(StoredFault::Id)?,
            name: name.to_owned(),
            policies: policies.map_err(|fault| StoredFault::Policy(fault.to_string()))?,
            created_ms,
            session: of_session,
        };
        Ok(Self { key, secret: StoredSecret::Sealed(sealed.to_vec()), token_sha256: token })
    }
}

/// The key that a session stands for; none for a key. Reads no policies, as every request asks this.
pub(crate) fn parent(bytes: &[u8]) -> Result<Option<AccessKeyId>, StoredFault> {
    let session = second(bytes)?.and_then(|twin| twin.session);
    session.map(|session| AccessKeyId::parse(session.of)).transpose().map_err(StoredFault::Id)
}

/// The twin of version 2; none if the bytes are of version 1.
fn second(bytes: &[u8]) -> Result<Option<AccessKeyV2<'_>>, StoredFault> {
    let twin = match bytes.split_first() {
        Some((&v1::VERSION, _)) => return Ok(None),
        Some((&VERSION, twin)) => twin,
        Some((&version, _)) => return Err(StoredFault::Version(version)),
        None => return Err(StoredFault::Empty),
    };
    let (twin, rest) = postcard::take_from_bytes(twin).map_err(StoredFault::Form)?;
    if rest.is_empty() { Ok(Some(twin)) } else { Err(StoredFault::Long(rest.len())) }
}

fn first(bytes: &[u8]) -> Result<StoredKey, StoredFault> {
    let AccessKeyV1 { id, secret, comment, created_ms } = v1::decode(bytes)?;
    let id = AccessKeyId::parse(id).map_err(StoredFault::Id)?;
    let policies = vec![KeyPolicy::FullAccess];
    let key = AccessKey { id, name: comment.to_owned(), policies, created_ms, session: None };
    Ok(StoredKey { key, secret: StoredSecret::Clear(secret.to_owned()), token_sha256: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    fn key(policies: Vec<KeyPolicy>, session: Option<Session>) -> StoredKey {
        let id = AccessKeyId::parse("CUTO1").unwrap();
        let token_sha256 = session.as_ref().map(|_| [7; 32]);
        let key = AccessKey { id, name: "ci".into(), policies, created_ms: 1000, session };
        StoredKey { key, secret: StoredSecret::Sealed(vec![1, 2]), token_sha256 }
    }

    /// Golden bytes: what was written must be read for ever.
    #[test]
    fn version_2() {
        let document = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        let policies = vec![KeyPolicy::FullAccess, KeyPolicy::ReadOnly, KeyPolicy::Document(document.into())];
        let session = Session { of: AccessKeyId::parse("CUTO2").unwrap(), expires_ms: 300 };
        let seven = "07".repeat(32);
        let text: String = document.bytes().map(|byte| format!("{byte:02x}")).collect();
        for (key, golden) in [
            (key(policies, None), format!("02054355544f31026369030001023c{text}e80702010200")),
            (
                key(vec![], Some(session)),
                format!("02054355544f3102636900e807020102010543 55544f32ac02{seven}").replace(' ', ""),
            ),
        ] {
            assert_eq!(key.encode().iter().map(|byte| format!("{byte:02x}")).collect::<String>(), golden);
            assert_eq!(StoredKey::decode(&bytes(&golden)).unwrap(), key);
        }
    }

    #[test]
    fn version_1_could_do_everything() {
        let found = StoredKey::decode(&bytes("01054355544f310173026369e807")).unwrap();
        assert_eq!(found.key, key(vec![KeyPolicy::FullAccess], None).key);
        assert_eq!(found.secret, StoredSecret::Clear("s".into()));
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        let good = key(vec![], None).encode();
        assert_eq!(StoredKey::decode(&[]), Err(StoredFault::Empty));
        assert_eq!(StoredKey::decode(&[&[3], &good[1..]].concat()), Err(StoredFault::Version(3)));
        assert_eq!(StoredKey::decode(&[&good[..], &[0]].concat()), Err(StoredFault::Long(1)));
        let odd = key(vec![KeyPolicy::Document("{}".into())], None).encode();
        assert!(matches!(StoredKey::decode(&odd), Err(StoredFault::Policy(_))));
    }
}
