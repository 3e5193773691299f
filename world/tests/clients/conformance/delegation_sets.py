"""Reusable delegation sets, and hosted zones with one."""

from expecting import expect, step
from judge import client, ok, pages, refused
from quotas import limit

made = {}


def zone(name, **more):
    return ok("CreateHostedZone", Name=name, CallerReference=f"set {name}", **more)


@step
def a_set_is_created_field_by_field():
    reply = ok("CreateReusableDelegationSet", CallerReference="set-1")
    one = made["set"] = reply["DelegationSet"]
    assert one["Id"].startswith("/delegationset/N"), one
    expect((one["CallerReference"], set(one)), ("set-1", {"Id", "CallerReference", "NameServers"}))
    assert reply["Location"].endswith("/2013-04-01" + one["Id"]), reply["Location"]
    refused("DelegationSetAlreadyCreated", "CreateReusableDelegationSet", CallerReference="set-1")
    refused("HostedZoneNotFound", "CreateReusableDelegationSet", CallerReference="set-2", HostedZoneId="ZNOSUCHZONE")
    expect(ok("GetReusableDelegationSet", Id=one["Id"])["DelegationSet"], one)
    for operation in ("GetReusableDelegationSet", "DeleteReusableDelegationSet"):
        refused("NoSuchDelegationSet", operation, Id="NNOSUCHSET")


@step
def a_zones_servers_become_a_set_once():
    made["zone"] = zone("reuse.example")["HostedZone"]["Id"]
    one = made["of zone"] = ok("CreateReusableDelegationSet", CallerReference="set-3", HostedZoneId=made["zone"])["DelegationSet"]
    shown = ok("GetHostedZone", Id=made["zone"])["DelegationSet"]
    expect((shown["Id"], shown["NameServers"]), (one["Id"], one["NameServers"]))
    refused("DelegationSetAlreadyReusable", "CreateReusableDelegationSet", CallerReference="set-4", HostedZoneId=made["zone"])


@step
def zones_are_created_with_a_set():
    made["zones"] = []
    for n in range(limit("zones_per_delegation_set")):
        reply = zone(f"shared{n}.example", DelegationSetId=made["set"]["Id"])
        expect(reply["DelegationSet"]["Id"], made["set"]["Id"])
        made["zones"].append(reply["HostedZone"]["Id"])
    arguments = {"Id": made["set"]["Id"], "Type": "MAX_ZONES_BY_REUSABLE_DELEGATION_SET"}
    reply = ok("GetReusableDelegationSetLimit", DelegationSetId=arguments["Id"], Type=arguments["Type"])
    expect((reply["Limit"], reply["Count"]), ({"Type": arguments["Type"], "Value": limit("zones_per_delegation_set")}, len(made["zones"])))
    refused("NoSuchDelegationSet", "GetReusableDelegationSetLimit", DelegationSetId="NNOSUCHSET", Type=arguments["Type"])
    refused("TooManyHostedZones", "CreateHostedZone", Name="more.example", CallerReference="more", DelegationSetId=made["set"]["Id"])
    refused("ConflictingDomainExists", "CreateHostedZone", Name="reuse.example", CallerReference="twice", DelegationSetId=made["of zone"]["Id"])
    refused("NoSuchDelegationSet", "CreateHostedZone", Name="more.example", CallerReference="none", DelegationSetId="NNOSUCHSET")
    listed = [z["Id"] for z in ok("ListHostedZones", DelegationSetId=made["set"]["Id"])["HostedZones"]]
    expect(sorted(listed), sorted(made["zones"]))


@step
def sets_are_listed_and_limited():
    every = ok("ListReusableDelegationSets")
    expect(sorted(s["CallerReference"] for s in every["DelegationSets"]), ["set-1", "set-3"])
    expect(pages("ListReusableDelegationSets", "DelegationSets", {"Marker": "NextMarker"}), every["DelegationSets"])
    refused("InvalidInput", "ListReusableDelegationSets", MaxItems="0")
    kind = "MAX_REUSABLE_DELEGATION_SETS_BY_OWNER"
    told = ok("GetAccountLimit", Type=kind)
    expect((told["Limit"], told["Count"]), ({"Type": kind, "Value": limit("delegation_sets")}, 2))
    rest = [ok("CreateReusableDelegationSet", CallerReference=f"rest {n}")["DelegationSet"]["Id"] for n in range(limit("delegation_sets") - 2)]
    refused("LimitsExceeded", "CreateReusableDelegationSet", CallerReference="too many")
    for one in rest:
        ok("DeleteReusableDelegationSet", Id=one)


@step
def a_set_is_deleted_when_no_zone_has_it():
    refused("DelegationSetInUse", "DeleteReusableDelegationSet", Id=made["set"]["Id"])
    for id in (*made["zones"], made["zone"]):
        ok("DeleteHostedZone", Id=id)
    for one in ("set", "of zone"):
        ok("DeleteReusableDelegationSet", Id=made[one]["Id"])
    expect(client.list_reusable_delegation_sets()["DelegationSets"], [])
