//! DNSSEC: key-signing keys and their states. Zones are not signed yet, and switching signing on says so.
//!
//! `Differs:` the ARN of a key names a key pair that is made and kept here. docs/route53/dnssec-keys.md

use control::Meta;
use control::dnssec::{self, ListedKey};
use model::dnssec::{ALGORITHM, DIGEST, FLAGS, KeyStatus, KmsArn};
use model::id::{HostedZoneId, KeySigningKeyName};

use super::Route53;
use super::changes;
use super::error::Fault;
use super::generated::shapes::{
    ActivateKeySigningKeyRequest, ActivateKeySigningKeyResponse, CreateKeySigningKeyRequest,
    CreateKeySigningKeyResponse, DNSSECStatus, DeactivateKeySigningKeyRequest, DeactivateKeySigningKeyResponse,
    DeleteKeySigningKeyRequest, DeleteKeySigningKeyResponse, DisableHostedZoneDNSSECRequest,
    DisableHostedZoneDNSSECResponse, EnableHostedZoneDNSSECRequest, EnableHostedZoneDNSSECResponse, GetDNSSECRequest,
    GetDNSSECResponse, KeySigningKey,
};
use super::ids;
use crate::time::Timestamp;

/// CreateKeySigningKey.
pub(super) async fn create_key(
    to: &Route53,
    meta: Meta,
    request: CreateKeySigningKeyRequest,
) -> Result<CreateKeySigningKeyResponse, Fault> {
    let CreateKeySigningKeyRequest { caller_reference, hosted_zone_id, key_management_service_arn, name, status } =
        request;
    let zone = ids::hosted_zone(&hosted_zone_id)?;
    let name = KeySigningKeyName::parse(&name).map_err(|_| {
        let message = format!("the name of a key-signing key has letters, digits and underscores only: {name}");
        Fault::InvalidKeySigningKeyName { message }
    })?;
    let status = KeyStatus::parse(&status);
    let status = status.map_err(|fault| Fault::InvalidKeySigningKeyStatus { message: fault.to_string() })?;
    let kms_arn = KmsArn::parse(&key_management_service_arn);
    let kms_arn = kms_arn.map_err(|fault| Fault::InvalidKMSArn { message: fault.to_string() })?;
    let new = dnssec::NewKeySigningKey { name, kms_arn, caller_reference, status };
    let (key, change) = dnssec::create(&to.store, meta, to.random, &to.seal, &zone, new, &to.limits).await?;
    Ok(CreateKeySigningKeyResponse {
        location: format!("{}keysigningkey/{zone}/{}", super::respond::VERSION, key.key.name),
        change_info: changes::submitted(change),
        key_signing_key: shown(key),
    })
}

/// ActivateKeySigningKey.
pub(super) async fn activate_key(
    to: &Route53,
    meta: Meta,
    request: &ActivateKeySigningKeyRequest,
) -> Result<ActivateKeySigningKeyResponse, Fault> {
    let (zone, name) = key(&request.hosted_zone_id, &request.name)?;
    let change = dnssec::set_status(&to.store, meta, to.random, &zone, &name, KeyStatus::Active).await?;
    Ok(ActivateKeySigningKeyResponse { change_info: changes::submitted(change) })
}

/// DeactivateKeySigningKey.
pub(super) async fn deactivate_key(
    to: &Route53,
    meta: Meta,
    request: &DeactivateKeySigningKeyRequest,
) -> Result<DeactivateKeySigningKeyResponse, Fault> {
    let (zone, name) = key(&request.hosted_zone_id, &request.name)?;
    let change = dnssec::set_status(&to.store, meta, to.random, &zone, &name, KeyStatus::Inactive).await?;
    Ok(DeactivateKeySigningKeyResponse { change_info: changes::submitted(change) })
}

/// DeleteKeySigningKey.
pub(super) async fn delete_key(
    to: &Route53,
    meta: Meta,
    request: &DeleteKeySigningKeyRequest,
) -> Result<DeleteKeySigningKeyResponse, Fault> {
    let (zone, name) = key(&request.hosted_zone_id, &request.name)?;
    let change = dnssec::delete(&to.store, meta, to.random, &zone, &name).await?;
    Ok(DeleteKeySigningKeyResponse { change_info: changes::submitted(change) })
}

/// GetDNSSEC. Terraform asks before it destroys a zone.
pub(super) fn get(to: &Route53, request: &GetDNSSECRequest) -> Result<GetDNSSECResponse, Fault> {
    let keys = dnssec::list(&to.store, &to.seal, &ids::hosted_zone(&request.hosted_zone_id)?)?;
    let status = DNSSECStatus { serve_signature: Some("NOT_SIGNING".to_owned()), status_message: None };
    Ok(GetDNSSECResponse { status, key_signing_keys: keys.into_iter().map(shown).collect() })
}

/// EnableHostedZoneDNSSEC: refused, as nothing would be signed.
pub(super) fn enable(
    to: &Route53,
    request: &EnableHostedZoneDNSSECRequest,
) -> Result<EnableHostedZoneDNSSECResponse, Fault> {
    match dnssec::enable(&to.store, &to.seal, &ids::hosted_zone(&request.hosted_zone_id)?)? {}
}

/// DisableHostedZoneDNSSEC: no zone is signed.
pub(super) fn disable(
    to: &Route53,
    request: &DisableHostedZoneDNSSECRequest,
) -> Result<DisableHostedZoneDNSSECResponse, Fault> {
    let zone = ids::hosted_zone(&request.hosted_zone_id)?;
    dnssec::list(&to.store, &to.seal, &zone)?;
    Err(Fault::DNSSECNotFound { id: zone.to_string() })
}

/// The zone and the name of a key. What is neither names no key.
fn key(zone: &str, name: &str) -> Result<(HostedZoneId, KeySigningKeyName), Fault> {
    let both = HostedZoneId::parse(zone).ok().zip(KeySigningKeyName::parse(name).ok());
    both.ok_or_else(|| Fault::NoSuchKeySigningKey { name: name.to_owned() })
}

fn shown(listed: ListedKey) -> KeySigningKey {
    let ListedKey { key, digest, is_usable } = listed;
    let lost = "the master key of this server is not the one that this key was sealed with: put the right one back, or \
                deactivate and delete this key";
    let (status, status_message) = match is_usable {
        true => (key.status.as_str(), None),
        false => ("INTERNAL_FAILURE", Some(lost.to_owned())),
    };
    KeySigningKey {
        name: Some(key.name.to_string()),
        kms_arn: Some(key.kms_arn.as_str().to_owned()),
        flag: Some(FLAGS.into()),
        signing_algorithm_mnemonic: Some("ECDSAP256SHA256".to_owned()),
        signing_algorithm_type: Some(ALGORITHM.into()),
        digest_algorithm_mnemonic: Some("SHA-256".to_owned()),
        digest_algorithm_type: Some(DIGEST.into()),
        key_tag: Some(key.tag().into()),
        public_key: Some(key.public_key_text()),
        ds_record: Some(key.ds(&digest)),
        dnskey_record: Some(key.dnskey()),
        digest_value: Some(digest),
        status: Some(status.to_owned()),
        status_message,
        created_date: Some(Timestamp { ms: key.created_ms }),
        last_modified_date: Some(Timestamp { ms: key.modified_ms }),
    }
}
