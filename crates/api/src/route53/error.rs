//! The faults of Route 53's API: the one place that knows AWS's error codes, their HTTP status and their words.
//!
//! Each operation turns the error enum of its command into a [`Fault`] by an exhaustive match in `error/commands.rs`;
//! `respond` writes it. The codes are those of the service model and of AWS's common errors; where a message is known from the live
//! service it stands in the table, elsewhere the caller words it.

mod cidr_collections;
mod commands;
mod delegation_sets;
mod dnssec;
mod query_logging;
mod vpcs;

use super::read::DecodeError;
use crate::caller::Denied;
use crate::route::Refusal;
use crate::sigv4::SignatureError;

macro_rules! faults {
    ($($(#[$doc:meta])* $code:ident $({ $($field:ident: $type:ty),+ })? $status:literal $message:literal;)*) => {
        /// A refusal in AWS's terms. The variant's name is the code on the wire.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[allow(dead_code, reason = "codes that AWS models and that cannot occur here stand in the table all the same")]
        pub(crate) enum Fault {
            $($(#[$doc])* #[error($message)] $code $({ $($field: $type),+ })?,)*
        }

        impl Fault {
            /// The code on the wire.
            pub(crate) fn code(&self) -> &'static str {
                match self { $(Fault::$code { .. } => stringify!($code),)* }
            }

            /// The HTTP status.
            pub(crate) fn status(&self) -> u16 {
                match self { $(Fault::$code { .. } => $status,)* }
            }
        }
    };
}

faults! {
    // AWS's common errors.
    IncompleteSignature { message: String } 400 "{message}";
    InternalFailure 500 "The request processing has failed because of an unknown error, exception or failure.";
    InvalidClientTokenId 403 "The security token included in the request is invalid.";
    MissingAuthenticationToken 403 "Missing Authentication Token";
    RequestExpired { message: String } 400 "{message}";
    ServiceUnavailable 503 "The request has failed due to a temporary failure of the server.";
    SignatureDoesNotMatch { message: String } 403 "{message}";
    Throttling 400 "Rate exceeded";
    UnknownOperationException { method: String, path: String } 404 "There is no operation at {method} {path}";
    AccessDenied { message: String } 403 "{message}";
    ExpiredToken 403 "The security token included in the request is expired";
    // Ours.
    RequestEntityTooLarge { limit_bytes: usize } 413 "Request body is larger than {limit_bytes} bytes";

    // The service model's.
    CidrBlockInUseException { message: String } 400 "{message}";
    CidrCollectionAlreadyExistsException { message: String } 400 "{message}";
    CidrCollectionInUseException { message: String } 400 "{message}";
    CidrCollectionVersionMismatchException { message: String } 409 "{message}";
    ConcurrentModification 400 "Another user submitted a request to create, update, or delete the object at the same time that you did. Retry the request.";
    ConflictingDomainExists { message: String } 400 "{message}";
    ConflictingTypes { message: String } 400 "{message}";
    DNSSECNotFound { id: String } 400 "DNSSEC is not enabled for hosted zone {id}";
    DelegationSetAlreadyCreated 400 "A delegation set with the same owner and caller reference combination has already been created.";
    DelegationSetAlreadyReusable 400 "The specified delegation set has already been marked as reusable.";
    DelegationSetInUse { id: String } 400 "Delegation set with id {id} is still in use by a hosted zone";
    DelegationSetNotAvailable { message: String } 400 "{message}";
    DelegationSetNotReusable { id: String } 400 "A reusable delegation set with the specified ID does not exist: {id}";
    HealthCheckAlreadyExists 409 "A health check with the same caller reference and other settings exists already.";
    HealthCheckInUse { message: String } 400 "{message}";
    HealthCheckVersionMismatch { given: i64, current: i64 } 409 "The value of HealthCheckVersion in the request doesn't match the value of HealthCheckVersion in the health check: {given} is not {current}";
    HostedZoneAlreadyExists 409 "A hosted zone has already been created with the specified caller reference.";
    HostedZoneNotEmpty { message: String } 400 "{message}";
    HostedZoneNotFound { id: String } 400 "The specified HostedZone can't be found: {id}";
    HostedZoneNotPrivate { id: String } 400 "The specified hosted zone is a public hosted zone: {id}";
    HostedZonePartiallyDelegated { message: String } 400 "{message}";
    IncompatibleVersion { message: String } 400 "{message}";
    InsufficientCloudWatchLogsResourcePolicy { message: String } 400 "{message}";
    InvalidArgument { message: String } 400 "{message}";
    InvalidChangeBatch { messages: Messages } 400 "{messages}";
    InvalidDomainName { message: String } 400 "{message}";
    InvalidInput { message: String } 400 "{message}";
    InvalidKMSArn { message: String } 400 "{message}";
    InvalidKeySigningKeyName { message: String } 400 "{message}";
    InvalidKeySigningKeyStatus { message: String } 400 "{message}";
    InvalidPaginationToken 400 "The value that you specified to get the second or subsequent page of results is invalid.";
    InvalidSigningStatus { message: String } 400 "{message}";
    InvalidTrafficPolicyDocument { message: String } 400 "{message}";
    InvalidVPCId { message: String } 400 "{message}";
    KeySigningKeyAlreadyExists { message: String } 409 "{message}";
    KeySigningKeyInParentDSRecord { message: String } 400 "{message}";
    KeySigningKeyInUse { message: String } 400 "{message}";
    KeySigningKeyWithActiveStatusNotFound { message: String } 400 "{message}";
    LastVPCAssociation { message: String } 400 "{message}";
    LimitsExceeded { message: String } 400 "{message}";
    NoSuchChange { id: String } 404 "Could not find resource with ID: {id}";
    NoSuchCidrCollectionException { id: String } 404 "The CIDR collection you specified, {id}, doesn't exist.";
    NoSuchCidrLocationException { location: String } 404 "The CIDR collection location doesn't match any locations in your account: {location}";
    NoSuchCloudWatchLogsLogGroup { message: String } 404 "{message}";
    NoSuchDelegationSet { id: String } 400 "A reusable delegation set with the specified ID does not exist: {id}";
    NoSuchGeoLocation { message: String } 404 "{message}";
    NoSuchHealthCheck { id: String } 404 "No health check exists with the specified ID: {id}";
    NoSuchHostedZone { id: String } 404 "No hosted zone found with ID: {id}";
    NoSuchKeySigningKey { name: String } 404 "The specified key-signing key (KSK) doesn't exist: {name}";
    NoSuchQueryLoggingConfig { id: String } 404 "There is no DNS query logging configuration with the specified ID: {id}";
    NoSuchTrafficPolicy { id: String } 404 "No traffic policy exists with the specified ID: {id}";
    NoSuchTrafficPolicyInstance { id: String } 404 "No traffic policy instance exists with the specified ID: {id}";
    NotAuthorizedException { message: String } 401 "{message}";
    PriorRequestNotComplete 400 "The request was rejected because Route 53 was still processing a prior request.";
    PublicZoneVPCAssociation { message: String } 400 "{message}";
    QueryLoggingConfigAlreadyExists { id: String } 409 "A query logging configuration already exists for this hosted zone: {id}";
    TooManyHealthChecks { message: String } 400 "{message}";
    TooManyHostedZones { message: String } 400 "{message}";
    TooManyKeySigningKeys { message: String } 400 "{message}";
    TooManyTrafficPolicies { message: String } 400 "{message}";
    TooManyTrafficPolicyInstances { message: String } 400 "{message}";
    TooManyTrafficPolicyVersionsForCurrentPolicy { message: String } 400 "{message}";
    TooManyVPCAssociationAuthorizations { message: String } 400 "{message}";
    TrafficPolicyAlreadyExists { name: String } 409 "A traffic policy with the name {name} already exists.";
    TrafficPolicyInUse { message: String } 400 "{message}";
    TrafficPolicyInstanceAlreadyExists { message: String } 409 "{message}";
    VPCAssociationAuthorizationNotFound { vpc: String } 404 "The VPC that you specified is not authorized to be associated with the hosted zone: {vpc}";
    VPCAssociationNotFound { vpc: String } 404 "The specified VPC and hosted zone are not currently associated: {vpc}";
}

impl Fault {
    /// Whose fault it is, in AWS's terms.
    pub(crate) fn side(&self) -> &'static str {
        if self.status() < 500 { "Sender" } else { "Receiver" }
    }
}

/// Every fault of a change batch. AWS prints them as a list in brackets, even when there is only one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Messages(pub(crate) Vec<String>);

impl std::fmt::Display for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}]", self.0.join(", "))
    }
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Fault {
        Fault::InvalidInput { message: error.to_string() }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Fault {
        match refusal {
            Refusal::Signature(error) => Fault::from(error),
            Refusal::Origin { .. } | Refusal::Host { .. } => Fault::AccessDenied { message: refusal.to_string() },
            Refusal::TooLarge { limit_bytes } => Fault::RequestEntityTooLarge { limit_bytes },
            Refusal::Broken => Fault::InvalidInput { message: refusal.to_string() },
        }
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Fault {
        Fault::AccessDenied { message: denied.to_string() }
    }
}

impl From<SignatureError> for Fault {
    fn from(error: SignatureError) -> Fault {
        let message = error.to_string();
        match error {
            SignatureError::Absent => Fault::MissingAuthenticationToken,
            SignatureError::UnknownKey => Fault::InvalidClientTokenId,
            SignatureError::SessionOver => Fault::ExpiredToken,
            SignatureError::Malformed { .. } | SignatureError::Incomplete { .. } => {
                Fault::IncompleteSignature { message }
            }
            SignatureError::Expired { .. } => Fault::RequestExpired { message },
            SignatureError::Different
            | SignatureError::TooOld { .. }
            | SignatureError::TooEarly { .. }
            | SignatureError::Scope { .. }
            | SignatureError::HostUnsigned => Fault::SignatureDoesNotMatch { message },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_tells_its_code_status_and_words() {
        let fault = Fault::NoSuchHostedZone { id: "Z1NOPE".to_owned() };
        assert_eq!((fault.code(), fault.status(), fault.side()), ("NoSuchHostedZone", 404, "Sender"));
        assert_eq!(fault.to_string(), "No hosted zone found with ID: Z1NOPE");
        assert_eq!(Fault::ServiceUnavailable.side(), "Receiver");
    }

    #[test]
    fn one_message_of_a_batch_stands_in_brackets_too() {
        let fault = Fault::InvalidChangeBatch { messages: Messages(vec!["one".to_owned()]) };
        assert_eq!(fault.to_string(), "[one]");
    }
}
