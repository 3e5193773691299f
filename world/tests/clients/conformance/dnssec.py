"""Signing of hosted zones: key-signing keys and their states."""

from expecting import expect, step
from judge import ok, refused
from quotas import limit

ARN = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-{:012}"
made = {}


def key(name, number=1, **more):
    return {"HostedZoneId": made["zone"], "Name": name, "CallerReference": name, "KeyManagementServiceArn": ARN.format(number), "Status": "INACTIVE"} | more


def of(name):
    return {"HostedZoneId": made["zone"], "Name": name}


@step
def a_zone_that_is_not_signed_says_so():
    made["zone"] = ok("CreateHostedZone", Name="signed.example", CallerReference="signed")["HostedZone"]["Id"].rsplit("/")[-1]
    told = ok("GetDNSSEC", HostedZoneId=made["zone"])
    expect((told["Status"]["ServeSignature"], told["KeySigningKeys"]), ("NOT_SIGNING", []))
    refused("NoSuchHostedZone", "GetDNSSEC", HostedZoneId="ZNOSUCHZONE")
