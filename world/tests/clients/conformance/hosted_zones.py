"""Hosted zones: create, read, list, comment, count, delete; and the changes they start."""

from expecting import dig_header, expect, step
from judge import client, ok, pages, refused, settled

made = {}


def bare(id):
    return id.rsplit("/", 1)[1]


@step
def a_zone_is_created_field_by_field():
    reply = ok("CreateHostedZone", Name="Conform.Example", CallerReference="zone-1", HostedZoneConfig={"Comment": "c", "PrivateZone": False})
    zone = made["zone"] = reply["HostedZone"]
    assert zone["Id"].startswith("/hostedzone/Z"), zone
    expect({key: zone[key] for key in zone if key != "Id"}, {
        "Name": "conform.example.", "CallerReference": "zone-1", "Config": {"Comment": "c", "PrivateZone": False},
        "ResourceRecordSetCount": 2})
    expect(len(reply["DelegationSet"]["NameServers"]) > 0, True)
    expect("Id" in reply["DelegationSet"], False)
    assert reply["Location"].endswith("/2013-04-01" + zone["Id"]), reply["Location"]
    assert reply["ChangeInfo"]["Id"].startswith("/change/C"), reply["ChangeInfo"]
    made["change"] = reply["ChangeInfo"]


@step
def a_zone_is_refused():
    refused("HostedZoneAlreadyExists", "CreateHostedZone", "caller reference", Name="other.example", CallerReference="zone-1")
    for name in ("a..example", "x" * 64 + ".example", "example", "*.conform.example", "a b.example."):
        refused("InvalidDomainName", "CreateHostedZone", Name=name, CallerReference=name)
    refused("InvalidInput", "CreateHostedZone", Name="comment.example", CallerReference="c", HostedZoneConfig={"Comment": "x" * 257})
    refused("NoSuchDelegationSet", "CreateHostedZone", Name="set.example", CallerReference="s", DelegationSetId="NNOSUCHSET")


@step
def a_zone_is_read():
    zone = ok("GetHostedZone", Id=made["zone"]["Id"])
    expect(zone["HostedZone"], made["zone"])
    expect("VPCs" in zone, False)
    expect(ok("GetHostedZone", Id=bare(made["zone"]["Id"]))["HostedZone"], made["zone"])
    refused("NoSuchHostedZone", "GetHostedZone", "No hosted zone found with ID: ZNOSUCHZONE", Id="ZNOSUCHZONE")


@step
def changes_are_followed():
    told = ok("GetChange", Id=made["change"]["Id"])["ChangeInfo"]
    expect((told["Id"], told["SubmittedAt"]), (made["change"]["Id"], made["change"]["SubmittedAt"]))
    settled(told)
    expect(ok("GetChange", Id=told["Id"])["ChangeInfo"]["Status"], "INSYNC")
    refused("NoSuchChange", "GetChange", Id="CNOSUCHCHANGE")


@step
def a_comment_changes_and_goes():
    zone = made["zone"]["Id"]
    expect(ok("UpdateHostedZoneComment", Id=zone, Comment="<ü> & 'x'")["HostedZone"]["Config"]["Comment"], "<ü> & 'x'")
    expect("Comment" in ok("UpdateHostedZoneComment", Id=zone)["HostedZone"]["Config"], False)
    refused("NoSuchHostedZone", "UpdateHostedZoneComment", Id="ZNOSUCHZONE", Comment="c")


@step
def zones_are_listed_and_counted():
    for name in ("b.example", "a.b.example", "b.test"):
        ok("CreateHostedZone", Name=name, CallerReference=f"listed {name}")
    every = ok("ListHostedZones")
    expect((every["IsTruncated"], every["MaxItems"]), (False, "100"))
    by_page = pages("ListHostedZones", "HostedZones", {"Marker": "NextMarker"})
    expect(by_page, every["HostedZones"])
    expect(ok("GetHostedZoneCount")["HostedZoneCount"], len(by_page))
    through_sdk = [z for page in client.get_paginator("list_hosted_zones").paginate(PaginationConfig={"PageSize": 2}) for z in page["HostedZones"]]
    expect(through_sdk, by_page)
    refused("InvalidInput", "ListHostedZones", MaxItems="0")
    refused("InvalidInput", "ListHostedZones", MaxItems="many")
    refused("NoSuchDelegationSet", "ListHostedZones", DelegationSetId="NNOSUCHSET")


@step
def zones_are_listed_by_name():
    # By labels from the right.
    names = ["b.example.", "a.b.example.", "conform.example.", "b.test."]
    told = ok("ListHostedZonesByName")
    expect([z["Name"] for z in told["HostedZones"]], names)
    expect("DNSName" in told, False)
    after = {"DNSName": "NextDNSName", "HostedZoneId": "NextHostedZoneId"}
    expect([z["Name"] for z in pages("ListHostedZonesByName", "HostedZones", after)], names)
    told = ok("ListHostedZonesByName", DNSName="c.example")
    expect([z["Name"] for z in told["HostedZones"]], names[2:])
    expect(told["DNSName"], "c.example")
    refused("InvalidDomainName", "ListHostedZonesByName", DNSName="a..b")
    refused("InvalidInput", "ListHostedZonesByName", HostedZoneId="Z1")


@step
def a_zone_is_deleted():
    zone = made["zone"]["Id"]
    record_set = {"Name": "x.conform.example", "Type": "A", "TTL": 1, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    ok("ChangeResourceRecordSets", HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record_set}]})
    refused("HostedZoneNotEmpty", "DeleteHostedZone", "non-required resource record sets  and so cannot be deleted", Id=zone)
    ok("ChangeResourceRecordSets", HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "DELETE", "ResourceRecordSet": record_set}]})
    info = ok("DeleteHostedZone", Id=zone)["ChangeInfo"]
    settled(info)
    expect(dig_header("conform.example")[0], "REFUSED")
    refused("NoSuchHostedZone", "DeleteHostedZone", Id=zone)
    for zone in ok("ListHostedZones")["HostedZones"]:
        ok("DeleteHostedZone", Id=zone["Id"])
    expect(ok("GetHostedZoneCount")["HostedZoneCount"], 0)
