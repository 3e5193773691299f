"""Modelled errors that cannot occur here, each with the reason. `None` for the operation means all of them."""

ONE_WRITER = "changes are carried out one after the other, so none meets another half done"
MARKER = "a marker is a place in the order, and what stood there may be gone by now"
UNSIGNED = "it is about zones that are signed, and none is yet"

NEVER = {
    (None, "ConcurrentModification"): ONE_WRITER,
    (None, "PriorRequestNotComplete"): ONE_WRITER,
    (None, "IncompatibleVersion"): "AWS's own history; there is one version of the API here",
    (None, "DelegationSetNotReusable"): "only reusable sets have ids",
    **{(None, code): UNSIGNED for code in (
        "HostedZonePartiallyDelegated", "InvalidSigningStatus", "KeySigningKeyInParentDSRecord", "KeySigningKeyInUse")},
    **{(f"{word}HostedZoneDNSSEC", "InvalidKeySigningKeyStatus"): UNSIGNED for word in ("Enable", "Disable")},
    ("EnableHostedZoneDNSSEC", "DNSSECNotFound"): UNSIGNED,
    **{(operation, "InvalidKMSArn"): "the name of a key is judged when it is created" for operation in (
        "ActivateKeySigningKey", "DeleteKeySigningKey", "DisableHostedZoneDNSSEC", "EnableHostedZoneDNSSEC")},
    (None, "ThrottlingException"): "requests above a rate are told `Throttling`, as AWS does for all operations",
    ("CreateHostedZone", "DelegationSetNotAvailable"): "name servers may serve any number of zones of one name",
    ("CreateReusableDelegationSet", "DelegationSetNotAvailable"): "there is no stock of name servers that could run out",
    ("AssociateVPCWithHostedZone", "NotAuthorizedException"): "all VPCs are of one account",
    ("UpdateHostedZoneFeatures", "LimitsExceeded"): "accelerated recovery is AWS's, and refused as a whole",
    ("ListTrafficPolicyInstances", "NoSuchTrafficPolicyInstance"): MARKER,
    ("ListTrafficPolicyInstancesByHostedZone", "NoSuchTrafficPolicyInstance"): MARKER,
    ("ListTrafficPolicyInstancesByPolicy", "NoSuchTrafficPolicyInstance"): MARKER,
    ("CreateQueryLoggingConfig", "NoSuchCloudWatchLogsLogGroup"): "a log group is a name for where lines go; it need not exist",
    ("CreateQueryLoggingConfig", "InsufficientCloudWatchLogsResourcePolicy"): "the server writes the lines itself",
    ("DeleteHostedZone", "InvalidDomainName"): "a zone is named by its id",
    ("DeleteHealthCheck", "HealthCheckInUse"): "AWS marks it as no longer used: checks that are in use are deleted",
    ("GetHostedZoneCount", "InvalidInput"): "it takes no input",
}

# Operations that are refused whatever is asked, in AWS's terms.
BY_DESIGN = {
    "EnableHostedZoneDNSSEC": "zones are not signed yet, and none may believe that it is",
    "DisableHostedZoneDNSSEC": "no zone is signed",
}
