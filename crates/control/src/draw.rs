//! Random identifiers and secrets. The randomness is an argument, so that a whole history can be replayed.

use model::dnssec::PUBLIC_KEY_BYTES;
use model::id::{
    AccessKeyId, ChangeId, CidrCollectionId, DelegationSetId, DeploymentId, HealthCheckId, HostedZoneId,
    QueryLoggingConfigId, TrafficPolicyId, TrafficPolicyInstanceId,
};
use ring::rand::SecureRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

/// Where random bytes come from: `ring::rand::SystemRandom`.
pub type Random = dyn SecureRandom + Sync;

const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const SECRET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Crockford's base 32.
const CROCKFORD: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `Z` and 19 characters: 98 bits, so that two zones never get one id.
pub(crate) fn hosted_zone_id(random: &Random) -> HostedZoneId {
    HostedZoneId::parse(&text(random, "Z", 19, LETTERS_AND_DIGITS)).expect("letters and digits")
}

/// `C` and 20 characters.
pub(crate) fn change_id(random: &Random) -> ChangeId {
    ChangeId::parse(&text(random, "C", 20, LETTERS_AND_DIGITS)).expect("letters and digits")
}

/// `N` and 19 characters.
pub(crate) fn delegation_set_id(random: &Random) -> DelegationSetId {
    DelegationSetId::parse(&text(random, "N", 19, LETTERS_AND_DIGITS)).expect("letters and digits")
}

pub(crate) fn health_check_id(random: &Random) -> HealthCheckId {
    HealthCheckId::parse(&uuid(random)).expect("hexadecimal digits and hyphens")
}

pub(crate) fn cidr_collection_id(random: &Random) -> CidrCollectionId {
    CidrCollectionId::parse(&uuid(random)).expect("hexadecimal digits and hyphens")
}

pub(crate) fn traffic_policy_id(random: &Random) -> TrafficPolicyId {
    TrafficPolicyId::parse(&uuid(random)).expect("hexadecimal digits and hyphens")
}

pub(crate) fn traffic_policy_instance_id(random: &Random) -> TrafficPolicyInstanceId {
    TrafficPolicyInstanceId::parse(&uuid(random)).expect("hexadecimal digits and hyphens")
}

pub(crate) fn query_logging_config_id(random: &Random) -> QueryLoggingConfigId {
    QueryLoggingConfigId::parse(&uuid(random)).expect("hexadecimal digits and hyphens")
}

/// A UUID of version 4 (RFC 9562 §5.4).
fn uuid(random: &Random) -> String {
    let mut bytes = [0u8; 16];
    fill(random, &mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let n = u128::from_be_bytes(bytes);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        n >> 96,
        n >> 80 & 0xffff,
        n >> 64 & 0xffff,
        n >> 48 & 0xffff,
        n & 0xffff_ffff_ffff
    )
}

/// A ULID: 48 bits of time in ms and 80 random ones, so that ids sort by time.
pub(crate) fn deployment_id(random: &Random, at_ms: u64) -> DeploymentId {
    let mut bytes = [0u8; 16];
    fill(random, &mut bytes[6..]);
    bytes[..6].copy_from_slice(&at_ms.to_be_bytes()[2..]);
    let n = u128::from_be_bytes(bytes);
    let digit = |place: u32| char::from(CROCKFORD[(n >> (5 * place) & 31) as usize]);
    let ulid: String = (0..26).rev().map(digit).collect();
    DeploymentId::parse(&ulid).expect("letters and digits")
}

/// `CUTO` and 16 characters.
pub(crate) fn access_key_id(random: &Random) -> AccessKeyId {
    AccessKeyId::parse(&text(random, "CUTO", 16, LETTERS_AND_DIGITS)).expect("letters and digits")
}

/// `CUTS` and 16 characters.
pub(crate) fn session_key_id(random: &Random) -> AccessKeyId {
    AccessKeyId::parse(&text(random, "CUTS", 16, LETTERS_AND_DIGITS)).expect("letters and digits")
}

/// 96 characters: 576 bits, twice what anybody needs; tokens of AWS are longer.
pub(crate) fn token(random: &Random) -> String {
    text(random, "", 96, SECRET)
}

/// Random bytes.
pub(crate) fn bytes<const N: usize>(random: &Random) -> [u8; N] {
    let mut bytes = [0; N];
    fill(random, &mut bytes);
    bytes
}

/// A key pair for ECDSA with P-256: both coordinates of the public key, and PKCS #8 of both halves.
pub(crate) fn key_pair(random: &Random) -> ([u8; PUBLIC_KEY_BYTES], Vec<u8>) {
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let drawn = EcdsaKeyPair::generate_pkcs8(algorithm, random).expect("the operating system gives random bytes");
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, drawn.as_ref(), random).expect("it was made just now");
    // SEC 1 §2.3.3: a byte that says "not compressed", then X and Y.
    let public_key = pair.public_key().as_ref()[1..].try_into().expect("points of P-256 have 64 bytes");
    (public_key, drawn.as_ref().to_vec())
}

/// 40 characters: 240 bits.
pub(crate) fn secret(random: &Random) -> String {
    text(random, "", 40, SECRET)
}

fn text(random: &Random, prefix: &str, count: usize, alphabet: &[u8]) -> String {
    let mut text = prefix.to_owned();
    // Bytes beyond the last multiple of the alphabet's size are drawn again: every character is equally likely.
    let fair = 256 - 256 % alphabet.len();
    while text.len() < prefix.len() + count {
        let mut bytes = [0u8; 64];
        fill(random, &mut bytes);
        let missing = prefix.len() + count - text.len();
        let drawn = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair).take(missing);
        text.extend(drawn.map(|byte| char::from(alphabet[byte % alphabet.len()])));
    }
    text
}

fn fill(random: &Random, bytes: &mut [u8]) {
    random.fill(bytes).expect("the operating system gives random bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_their_shape_and_differ() {
        let random = ring::rand::SystemRandom::new();
        let upper = |text: &str| text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let (zone, change) = (hosted_zone_id(&random), change_id(&random));
        assert!(zone.as_str().starts_with('Z') && zone.as_str().len() == 20 && upper(zone.as_str()));
        assert!(change.as_str().starts_with('C') && change.as_str().len() == 21 && upper(change.as_str()));
        assert_ne!(zone, hosted_zone_id(&random));
        let check = health_check_id(&random);
        let parts: Vec<usize> = check.as_str().split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(&check.as_str()[14..15], "4");
        let (early, late) = (deployment_id(&random, 1_700_000_000_000), deployment_id(&random, 1_700_000_000_001));
        assert!(early < late && early.as_str().starts_with("01HF7YAT00") && early.as_str().len() == 26);
        let key = access_key_id(&random);
        assert!(key.as_str().starts_with("CUTO") && key.as_str().len() == 20);
        assert_eq!(secret(&random).len(), 40);
    }
}
