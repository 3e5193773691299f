"""Modelled errors that cannot occur here, each with the reason. `None` for the operation means all of them."""

ONE_WRITER = "changes are carried out one after the other, so none meets another half done"

NEVER = {
    (None, "ConcurrentModification"): ONE_WRITER,
    (None, "PriorRequestNotComplete"): ONE_WRITER,
    (None, "IncompatibleVersion"): "AWS's own history; there is one version of the API here",
    (None, "DelegationSetNotReusable"): "only reusable sets have ids",
    (None, "ThrottlingException"): "requests above a rate are told `Throttling`, as AWS does for all operations",
    ("CreateHostedZone", "DelegationSetNotAvailable"): "name servers may serve any number of zones of one name",
    ("CreateReusableDelegationSet", "DelegationSetNotAvailable"): "there is no stock of name servers that could run out",
    ("AssociateVPCWithHostedZone", "NotAuthorizedException"): "all VPCs are of one account",
    ("UpdateHostedZoneFeatures", "LimitsExceeded"): "accelerated recovery is AWS's, and refused as a whole",
    ("DeleteHostedZone", "InvalidDomainName"): "a zone is named by its id",
    ("DeleteHealthCheck", "HealthCheckInUse"): "AWS marks it as no longer used: checks that are in use are deleted",
    ("GetHostedZoneCount", "InvalidInput"): "it takes no input",
}

# Operations that are refused whatever is asked, in AWS's terms.
BY_DESIGN = {}

# Errors whose cause is not offered yet.
NEVER |= {pair: "the server takes no VPCs yet" for pair in (
    ("CreateHostedZone", "InvalidVPCId"), ("CreateReusableDelegationSet", "InvalidArgument"))}

# Operations whose part of this test is not written yet.
NOT_YET = {
    "ActivateKeySigningKey", "AssociateVPCWithHostedZone", "CreateKeySigningKey", "CreateQueryLoggingConfig",
    "CreateTrafficPolicy", "CreateTrafficPolicyInstance", "CreateTrafficPolicyVersion",
    "CreateVPCAssociationAuthorization", "DeactivateKeySigningKey", "DeleteKeySigningKey",
    "DeleteQueryLoggingConfig", "DeleteTrafficPolicy", "DeleteTrafficPolicyInstance",
    "DeleteVPCAssociationAuthorization", "DisableHostedZoneDNSSEC", "DisassociateVPCFromHostedZone",
    "EnableHostedZoneDNSSEC", "GetDNSSEC", "GetQueryLoggingConfig", "GetTrafficPolicy",
    "GetTrafficPolicyInstance", "GetTrafficPolicyInstanceCount", "ListHostedZonesByVPC",
    "ListQueryLoggingConfigs", "ListTrafficPolicies", "ListTrafficPolicyInstances",
    "ListTrafficPolicyInstancesByHostedZone", "ListTrafficPolicyInstancesByPolicy", "ListTrafficPolicyVersions",
    "ListVPCAssociationAuthorizations", "UpdateHostedZoneFeatures", "UpdateTrafficPolicyComment",
    "UpdateTrafficPolicyInstance",
}
