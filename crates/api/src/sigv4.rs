//! Who sent a request: AWS Signature Version 4, in the `Authorization` header or in a presigned URL.
//!
//! Before: `listen` has the whole body. After: the route gets an [`Identity`]. Pure: the time and the look-up of
//! keys are arguments. Why this is not a crate: `docs/decisions/0001-sigv4.md`. Left out on purpose: what the
//! identity may do (`caller`), chunked payloads and SigV4A, which Route 53's clients do not send.

mod canonical;

use std::collections::HashSet;
use std::sync::Arc;

use control::access_keys::OpenedSession;
use http::request::Parts;
use model::id::AccessKeyId;
use ring::hmac;

use crate::keyring::Credential;
use crate::route53::call::pairs;
use crate::same::same;
use crate::time::{basic, parse_basic, parse_http};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// How far a signature's date may be from ours, in seconds. AWS: five minutes.
const SKEW_SECONDS: u64 = 5 * 60;

/// Longest life of a presigned URL, in seconds. AWS: seven days.
const EXPIRES_SECONDS_MAX: u64 = 7 * 86_400;

/// A proven sender.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The key whose secret made the signature, as it was then.
    pub credential: Arc<Credential>,
    /// The region the client believes in; any is accepted.
    pub region: String,
}

/// Why a sender is not proven. The messages are AWS's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no signature at all.
    #[error("Missing Authentication Token")]
    Absent,
    /// Parts of the signature are missing.
    #[error("{missing}")]
    Incomplete {
        /// A sentence for each missing part.
        missing: String,
    },
    /// A part is there and cannot be read.
    #[error("{message}")]
    Malformed {
        /// What AWS says about that part.
        message: String,
    },
    /// The credential is for something else.
    #[error("{message}")]
    Scope {
        /// What AWS says about that part.
        message: String,
    },
    /// The host could be swapped under the signature.
    #[error("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")]
    HostUnsigned,
    /// Signed too long ago.
    #[error("Signature expired: {signed} is now earlier than {oldest} ({now} - 5 min.)")]
    TooOld {
        /// When it was signed.
        signed: String,
        /// The oldest date accepted now.
        oldest: String,
        /// Now.
        now: String,
    },
    /// Signed in our future.
    #[error("Signature not yet current: {signed} is still later than {latest} ({now} + 5 min.)")]
    TooEarly {
        /// When it was signed.
        signed: String,
        /// The latest date accepted now.
        latest: String,
        /// Now.
        now: String,
    },
    /// A presigned URL past its life.
    #[error("Request has expired: it was signed at {signed} for {expires_seconds} seconds, and now is {now}")]
    Expired {
        /// When it was signed.
        signed: String,
        /// Its life.
        expires_seconds: u64,
        /// Now.
        now: String,
    },
    /// Nobody has that access key, or its session has another token.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    /// The session is over.
    #[error("The security token included in the request is expired")]
    SessionOver,
    /// The signature is another's: a wrong secret, or the request was altered on the way.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    )]
    Different,
}

/// What a client says about its signature, wherever it says it.
struct Claim {
    credential: String,
    signed_headers: String,
    signature: String,
    /// As written, and in seconds since 1970.
    signed_at: (String, u64),
    /// Seconds of life; only presigned URLs have one.
    expires: Option<u64>,
}

/// What the headers alone can tell: a claim that could hold, of a key that exists.
struct Claimed {
    claim: Claim,
    date: String,
    region: String,
    credential: Arc<Credential>,
}

/// Judges what stands in the headers, before the body is there. Success proves nothing.
///
/// # Errors
/// As [`verify`] for the same request, whatever its body is.
pub fn check_claim(
    parts: &Parts,
    now_seconds: u64,
    service: &str,
    find: impl FnOnce(&AccessKeyId) -> Option<Arc<Credential>>,
) -> Result<(), SignatureError> {
    claimed(parts, now_seconds, service, find).map(drop)
}

/// Proves the sender of a request to `service`.
///
/// `now_seconds` counts from 1970. `find` gives a key that may be used now.
///
/// # Errors
/// See [`SignatureError`]; nothing about a request that fails may be believed.
pub fn verify(
    parts: &Parts,
    body: &[u8],
    now_seconds: u64,
    service: &str,
    find: impl FnOnce(&AccessKeyId) -> Option<Arc<Credential>>,
) -> Result<Identity, SignatureError> {
    let Claimed { claim, date, region, credential } = claimed(parts, now_seconds, service, find)?;
    let signature = unhex(&claim.signature).ok_or(SignatureError::Different)?;
    let key = signing_key(&credential.secret, &date, &region, service);
    let scope = format!("{date}/{region}/{service}/aws4_request");
    let signed_headers: Vec<&str> = claim.signed_headers.split(';').collect();
    let matches = canonical::spellings(parts, &signed_headers, body).iter().any(|request| {
        let request = canonical::hex(ring::digest::digest(&ring::digest::SHA256, request.as_bytes()).as_ref());
        let text = format!("{ALGORITHM}\n{}\n{scope}\n{request}", basic(claim.signed_at.1));
        // Compares in constant time.
        hmac::verify(&key, text.as_bytes(), &signature).is_ok()
    });
    if !matches || !body_as_announced(parts, body) {
        return Err(SignatureError::Different);
    }
    Ok(Identity { credential, region })
}

fn claimed(
    parts: &Parts,
    now_seconds: u64,
    service: &str,
    find: impl FnOnce(&AccessKeyId) -> Option<Arc<Credential>>,
) -> Result<Claimed, SignatureError> {
    let claim = match parts.headers.get("authorization") {
        Some(value) => in_header(parts, &String::from_utf8_lossy(value.as_bytes()))?,
        None => in_query(parts.uri.query().unwrap_or_default())?,
    };
    let scope: Vec<&str> = claim.credential.split('/').collect();
    let &[key, date, region, scope_service, terminator] = scope.as_slice() else {
        let message = format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{}'",
            claim.credential
        );
        return Err(SignatureError::Malformed { message });
    };
    check_scope(&claim, date, scope_service, terminator, service)?;
    check_time(&claim, now_seconds)?;
    if !claim.signed_headers.split(';').any(|name| name == "host") {
        return Err(SignatureError::HostUnsigned);
    }
    // Each is spelled out with its values: named thousands of times, one long header would fill the memory.
    let mut names = HashSet::new();
    if !claim.signed_headers.split(';').all(|name| names.insert(name.to_ascii_lowercase())) {
        return Err(SignatureError::Different);
    }
    let access_key = AccessKeyId::parse(key).map_err(|_| SignatureError::UnknownKey)?;
    let credential = find(&access_key).ok_or(SignatureError::UnknownKey)?;
    if let Some(session) = &credential.session {
        check_session(session, parts, now_seconds)?;
    }
    let (date, region) = (date.to_owned(), region.to_owned());
    Ok(Claimed { claim, date, region, credential })
}

fn in_header(parts: &Parts, text: &str) -> Result<Claim, SignatureError> {
    let Some(parameters) = text.strip_prefix(ALGORITHM) else {
        let scheme = text.split(' ').next().unwrap_or_default();
        return Err(SignatureError::Malformed { message: format!("Unsupported AWS 'algorithm': '{scheme}'.") });
    };
    let parameters: Vec<(&str, &str)> = parameters.split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let find = |name: &str| parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let (credential, signed_headers, signature) = (find("Credential"), find("SignedHeaders"), find("Signature"));
    let date = ["x-amz-date", "date"].into_iter().find_map(|name| parts.headers.get(name));
    let date = date.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    match (credential, signed_headers, signature, date) {
        (Some(credential), Some(signed_headers), Some(signature), Some(date)) => {
            Ok(Claim { credential, signed_headers, signature, signed_at: moment(date)?, expires: None })
        }
        (credential, signed_headers, signature, date) => {
            let lacks = |name: &str| format!("Authorization header requires '{name}' parameter.");
            let missing = [
                credential.is_none().then(|| lacks("Credential")),
                signature.is_none().then(|| lacks("Signature")),
                signed_headers.is_none().then(|| lacks("SignedHeaders")),
                date.is_none().then(|| {
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.".to_owned()
                }),
            ];
            let missing = missing.into_iter().flatten().collect::<Vec<_>>().join(" ");
            Err(SignatureError::Incomplete { missing })
        }
    }
}

fn in_query(query: &str) -> Result<Claim, SignatureError> {
    let pairs = pairs(query);
    let find = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    if find("X-Amz-Signature").is_none() && find("X-Amz-Algorithm").is_none() {
        return Err(SignatureError::Absent);
    }
    let need = |name: &str| {
        let missing =
            format!("AWS query-string parameters must include '{name}'. Re-examine the query-string parameters.");
        find(name).ok_or(SignatureError::Incomplete { missing })
    };
    let algorithm = need("X-Amz-Algorithm")?;
    if algorithm != ALGORITHM {
        return Err(SignatureError::Malformed { message: format!("Unsupported AWS 'algorithm': '{algorithm}'.") });
    }
    let expires = need("X-Amz-Expires")?;
    let expires =
        expires.parse().ok().filter(|seconds| (1..=EXPIRES_SECONDS_MAX).contains(seconds)).ok_or_else(|| {
            let message = format!("X-Amz-Expires must be between 1 and {EXPIRES_SECONDS_MAX} seconds, got '{expires}'");
            SignatureError::Malformed { message }
        })?;
    Ok(Claim {
        credential: need("X-Amz-Credential")?,
        signed_headers: need("X-Amz-SignedHeaders")?,
        signature: need("X-Amz-Signature")?,
        signed_at: moment(need("X-Amz-Date")?)?,
        expires: Some(expires),
    })
}

fn moment(text: String) -> Result<(String, u64), SignatureError> {
    match parse_basic(&text).or_else(|| parse_http(&text)) {
        Some(seconds) => Ok((text, seconds)),
        None => Err(SignatureError::Malformed {
            message: format!(
                "Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ),
        }),
    }
}

fn check_scope(
    claim: &Claim,
    date: &str,
    given_service: &str,
    terminator: &str,
    service: &str,
) -> Result<(), SignatureError> {
    let signed_at = basic(claim.signed_at.1);
    let message = if given_service != service {
        format!("Credential should be scoped to correct service: '{service}'.")
    } else if terminator != "aws4_request" {
        format!("Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'.")
    } else if !signed_at.starts_with(date) || date.len() != 8 {
        format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{date}' != '{}', from '{signed_at}'.",
            &signed_at[..8]
        )
    } else {
        return Ok(());
    };
    Err(SignatureError::Scope { message })
}

fn check_time(claim: &Claim, now: u64) -> Result<(), SignatureError> {
    let at = claim.signed_at.1;
    let signed = basic(at);
    if at > now + SKEW_SECONDS {
        return Err(SignatureError::TooEarly { signed, latest: basic(now + SKEW_SECONDS), now: basic(now) });
    }
    match claim.expires {
        Some(expires_seconds) if at + expires_seconds < now => {
            Err(SignatureError::Expired { signed, expires_seconds, now: basic(now) })
        }
        None if at + SKEW_SECONDS < now => {
            Err(SignatureError::TooOld { signed, oldest: basic(now.saturating_sub(SKEW_SECONDS)), now: basic(now) })
        }
        Some(_) | None => Ok(()),
    }
}

/// A session needs its token, in a header or in the query; whether it is signed does not matter, as it is compared.
/// Differs: a token that comes with a key that is no session is not looked at.
fn check_session(session: &OpenedSession, parts: &Parts, now: u64) -> Result<(), SignatureError> {
    let given = match parts.headers.get("x-amz-security-token") {
        Some(token) => Some(token.as_bytes().to_vec()),
        None => {
            let pairs = pairs(parts.uri.query().unwrap_or_default());
            let token = pairs.into_iter().find(|(name, _)| name == "X-Amz-Security-Token");
            token.map(|(_, token)| token.into_bytes())
        }
    };
    let given = given.ok_or(SignatureError::UnknownKey)?;
    if !same(ring::digest::digest(&ring::digest::SHA256, &given).as_ref(), &session.token_sha256) {
        return Err(SignatureError::UnknownKey);
    }
    if session.expires_ms <= now * 1000 {
        return Err(SignatureError::SessionOver);
    }
    Ok(())
}

/// A client may say what its body's hash is; then it must be so. The signature covers the body in any case.
fn body_as_announced(parts: &Parts, body: &[u8]) -> bool {
    let body = || canonical::hex(ring::digest::digest(&ring::digest::SHA256, body).as_ref());
    parts.headers.get("x-amz-content-sha256").is_none_or(|hash| hash.as_bytes().eq_ignore_ascii_case(body().as_bytes()))
}

fn signing_key(secret: &str, date: &str, region: &str, service: &str) -> hmac::Key {
    let first = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{secret}").as_bytes());
    [date, region, service, "aws4_request"]
        .iter()
        .fold(first, |key, part| hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref()))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let pair = |pair: &[u8]| u8::try_from(digit(pair.first()?)? * 16 + digit(pair.get(1)?)?).ok();
    text.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
#[path = "sigv4/tests.rs"]
mod tests;
