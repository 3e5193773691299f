"""Private hosted zones: their VPCs, authorizations, listings; and the features of a zone.

The server's configuration has the VPCs `vpc-1` and so on, all in one region.
"""

from expecting import dig_header, expect, step
from judge import client, ok, pages, refused, settled
from quotas import limit

REGION = "eu-west-1"
made = {}


def vpc(number):
    return {"VPCRegion": REGION, "VPCId": f"vpc-{number}"}


def create(name, number, reference, **more):
    return ok("CreateHostedZone", Name=name, CallerReference=reference, VPC=vpc(number), **more)


@step
def a_private_zone_is_created_field_by_field():
    reply = create("corp.example", 1, "private", HostedZoneConfig={"Comment": "c", "PrivateZone": True})
    zone = made["zone"] = reply["HostedZone"]["Id"]
    expect((reply["VPC"], reply["HostedZone"]["Config"]), (vpc(1), {"Comment": "c", "PrivateZone": True}))
    expect("DelegationSet" in reply, False)
    told = ok("GetHostedZone", Id=zone)
    expect((told["VPCs"], "DelegationSet" in told), ([vpc(1)], False))
    settled(reply["ChangeInfo"])
    # We ask from none of its VPCs.
    expect(dig_header("corp.example", "SOA")[0], "REFUSED")


@step
def a_private_zone_is_refused():
    more = {"Name": "corp.example", "CallerReference": "refused"}
    refused("ConflictingDomainExists", "CreateHostedZone", "is already associated with another private hosted zone", **more, VPC=vpc(1))
    refused("InvalidVPCId", "CreateHostedZone", **more, VPC=vpc(99))
    refused("InvalidInput", "CreateHostedZone", **more, HostedZoneConfig={"PrivateZone": True})


@step
def vpcs_come_and_go():
    zone = made["zone"]
    info = ok("AssociateVPCWithHostedZone", HostedZoneId=zone, VPC=vpc(2), Comment="why")["ChangeInfo"]
    expect(settled(info)["Comment"], "why")
    expect(ok("GetHostedZone", Id=zone)["VPCs"], [vpc(1), vpc(2)])
    refused("ConflictingDomainExists", "AssociateVPCWithHostedZone", HostedZoneId=zone, VPC=vpc(2))
    refused("InvalidVPCId", "AssociateVPCWithHostedZone", HostedZoneId=zone, VPC=vpc(99))
    for number in range(3, limit("vpcs_per_zone") + 1):
        ok("AssociateVPCWithHostedZone", HostedZoneId=zone, VPC=vpc(number))
    refused("LimitsExceeded", "AssociateVPCWithHostedZone", HostedZoneId=zone, VPC=vpc(limit("vpcs_per_zone") + 1))
    kind = "MAX_VPCS_ASSOCIATED_BY_ZONE"
    told = ok("GetHostedZoneLimit", HostedZoneId=zone, Type=kind)
    expect((told["Limit"], told["Count"]), ({"Type": kind, "Value": limit("vpcs_per_zone")}, limit("vpcs_per_zone")))
    for number in range(2, limit("vpcs_per_zone") + 1):
        ok("DisassociateVPCFromHostedZone", HostedZoneId=zone, VPC=vpc(number), Comment="gone")
    refused("VPCAssociationNotFound", "DisassociateVPCFromHostedZone", HostedZoneId=zone, VPC=vpc(2))
    refused("LastVPCAssociation", "DisassociateVPCFromHostedZone", HostedZoneId=zone, VPC=vpc(1))
    refused("InvalidVPCId", "DisassociateVPCFromHostedZone", HostedZoneId=zone, VPC=vpc(1) | {"VPCId": "v p c"})


@step
def a_public_zone_has_no_vpcs():
    zone = made["public"] = ok("CreateHostedZone", Name="public.example", CallerReference="public")["HostedZone"]["Id"]
    refused("PublicZoneVPCAssociation", "AssociateVPCWithHostedZone", HostedZoneId=zone, VPC=vpc(1))
    for operation in ("AssociateVPCWithHostedZone", "DisassociateVPCFromHostedZone", "CreateVPCAssociationAuthorization", "DeleteVPCAssociationAuthorization"):
        refused("NoSuchHostedZone", operation, HostedZoneId="ZNOSUCHZONE", VPC=vpc(1))
    # And the other way round.
    refused("InvalidArgument", "CreateReusableDelegationSet", CallerReference="private", HostedZoneId=made["zone"])
    for operation in ("GetDNSSEC", "DisableHostedZoneDNSSEC"):
        refused("InvalidArgument", operation, "unsupported for private hosted zones", HostedZoneId=made["zone"])
    refused("InvalidArgument", "CreateKeySigningKey", HostedZoneId=made["zone"], Name="key", CallerReference="key", Status="ACTIVE",
            KeyManagementServiceArn="arn:aws:kms:us-east-1:111122223333:key/private")


@step
def zones_are_listed_by_vpc_and_by_kind():
    made["below"] = create("a.corp.example", 1, "below")["HostedZone"]["Id"]
    every = ok("ListHostedZonesByVPC", VPCId="vpc-1", VPCRegion=REGION)
    expect([(s["HostedZoneId"], s["Name"]) for s in every["HostedZoneSummaries"]], [
        (made[name].rsplit("/")[-1], f"{zone}.") for name, zone in (("zone", "corp.example"), ("below", "a.corp.example"))])
    arguments = {"VPCId": "vpc-1", "VPCRegion": REGION}
    by_page = pages("ListHostedZonesByVPC", "HostedZoneSummaries", {"NextToken": "NextToken"}, **arguments)
    expect(by_page, every["HostedZoneSummaries"])
    refused("InvalidPaginationToken", "ListHostedZonesByVPC", **arguments, NextToken="made up")
    private = ok("ListHostedZones", HostedZoneType="PrivateHostedZone")["HostedZones"]
    expect(sorted(z["Name"] for z in private), ["a.corp.example.", "corp.example."])


@step
def authorizations_come_and_go():
    zone, most = made["zone"], limit("vpc_authorizations_per_zone")
    for number in range(1, most + 1):
        told = ok("CreateVPCAssociationAuthorization", HostedZoneId=zone, VPC=vpc(number))
        expect((told["HostedZoneId"], told["VPC"]), (zone.rsplit("/")[-1], vpc(number)))
    refused("TooManyVPCAssociationAuthorizations", "CreateVPCAssociationAuthorization", HostedZoneId=zone, VPC=vpc(most + 1))
    refused("InvalidVPCId", "CreateVPCAssociationAuthorization", HostedZoneId=zone, VPC=vpc(99) | {"VPCId": "v p c"})
    every = ok("ListVPCAssociationAuthorizations", HostedZoneId=zone)["VPCs"]
    expect(every, [vpc(number) for number in range(1, most + 1)])
    through_sdk = client.get_paginator("list_vpc_association_authorizations").paginate(HostedZoneId=zone, MaxResults="2")
    expect([v for page in through_sdk for v in page["VPCs"]], every)
    refused("InvalidPaginationToken", "ListVPCAssociationAuthorizations", HostedZoneId=zone, NextToken="made up")
    refused("NoSuchHostedZone", "ListVPCAssociationAuthorizations", HostedZoneId="ZNOSUCHZONE")
    for number in range(1, most + 1):
        ok("DeleteVPCAssociationAuthorization", HostedZoneId=zone, VPC=vpc(number))
    refused("VPCAssociationAuthorizationNotFound", "DeleteVPCAssociationAuthorization", HostedZoneId=zone, VPC=vpc(1))
    refused("InvalidVPCId", "DeleteVPCAssociationAuthorization", HostedZoneId=zone, VPC=vpc(1) | {"VPCId": "v p c"})


@step
def features_that_need_aws_are_refused():
    ok("UpdateHostedZoneFeatures", HostedZoneId=made["public"], EnableAcceleratedRecovery=False)
    refused("InvalidInput", "UpdateHostedZoneFeatures", HostedZoneId=made["public"], EnableAcceleratedRecovery=True)
    refused("NoSuchHostedZone", "UpdateHostedZoneFeatures", HostedZoneId="ZNOSUCHZONE", EnableAcceleratedRecovery=False)
    for name in ("below", "zone", "public"):
        ok("DeleteHostedZone", Id=made[name])
