"""Record sets: batches whole or not at all, listings, and AWS's words for what is wrong."""

from expecting import dig, expect, step
from judge import client, ok, pages, refused, settled

made = {}


def values(*texts):
    return [{"Value": text} for text in texts]


def change(action, name, record_type="A", **fields):
    if "AliasTarget" not in fields:
        fields = {"TTL": 60, "ResourceRecords": values("192.0.2.1")} | fields
    return {"Action": action, "ResourceRecordSet": {"Name": name, "Type": record_type, **fields}}


def batch(*changes, **more):
    return {"HostedZoneId": made["zone"], "ChangeBatch": {"Changes": list(changes), **more}}


def apply(*changes):
    return settled(ok("ChangeResourceRecordSets", **batch(*changes))["ChangeInfo"])


def no(message, *changes, code="InvalidChangeBatch"):
    """The batch is refused, and leaves nothing behind."""
    before = listed()
    told = refused(code, "ChangeResourceRecordSets", message, **batch(*changes))
    expect(listed(), before)
    return told["Error"]["Message"]


def listed(**more):
    return ok("ListResourceRecordSets", HostedZoneId=made["zone"], **more)["ResourceRecordSets"]


@step
def a_batch_is_applied_and_told_field_by_field():
    made["zone"] = ok("CreateHostedZone", Name="sets.example", CallerReference="sets")["HostedZone"]["Id"]
    info = ok("ChangeResourceRecordSets", **batch(
        change("CREATE", "www.sets.example", ResourceRecords=values("192.0.2.1", "192.0.2.2")),
        change("CREATE", "w.sets.example", SetIdentifier="a", Weight=3),
        change("UPSERT", "w.sets.example", SetIdentifier="b", Weight=0),
        Comment="why"))["ChangeInfo"]
    settled(info)
    expect((info["Comment"], info["Status"] in ("PENDING", "INSYNC")), ("why", True))
    expect(dig("www.sets.example"), ["192.0.2.1", "192.0.2.2"])
    expect([r for r in listed() if r["Type"] == "A"], [
        {"Name": "w.sets.example.", "Type": "A", "SetIdentifier": "a", "Weight": 3, "TTL": 60, "ResourceRecords": values("192.0.2.1")},
        {"Name": "w.sets.example.", "Type": "A", "SetIdentifier": "b", "Weight": 0, "TTL": 60, "ResourceRecords": values("192.0.2.1")},
        {"Name": "www.sets.example.", "Type": "A", "TTL": 60, "ResourceRecords": values("192.0.2.1", "192.0.2.2")}])


@step
def every_record_type_is_kept():
    every = {
        "A": "192.0.2.9", "AAAA": "2001:db8::1", "CAA": '0 issue "ca.example.net"', "CNAME": "www.sets.example", "MX": "10 mail.sets.example",
        "NAPTR": '10 100 "S" "SIP+D2U" "" _sip._udp.sets.example', "PTR": "www.sets.example", "SPF": '"v=spf1 -all"',
        "SRV": "1 2 443 www.sets.example", "TXT": '"a" "b"', "NS": "ns1.elsewhere.example",
        "DS": "12345 13 2 " + "AB" * 32, "HTTPS": "1 . alpn=h2", "SVCB": "1 svc.sets.example", "SSHFP": "4 2 " + "CD" * 32, "TLSA": "3 1 1 " + "EF" * 32}
    names = {"DS": "child.sets.example", "NS": "child.sets.example"}
    for record_type, value in every.items():
        apply(change("CREATE", names.get(record_type, f"t-{record_type}.sets.example"), record_type, ResourceRecords=values(value)))
    there = {r["Type"]: r["ResourceRecords"][0]["Value"] for r in listed() if r["Name"].startswith(("t-", "child"))}
    expect(there, every)
    apply(*(change("DELETE", r["Name"], r["Type"], TTL=r["TTL"], ResourceRecords=r["ResourceRecords"])
            for r in listed() if r["Name"].startswith(("t-", "child"))))


@step
def record_sets_are_listed_in_pages():
    after = {"StartRecordName": "NextRecordName", "StartRecordType": "NextRecordType", "StartRecordIdentifier": "NextRecordIdentifier"}
    arguments = {"HostedZoneId": made["zone"]}
    expect(pages("ListResourceRecordSets", "ResourceRecordSets", after, **arguments), listed())
    through_sdk = client.get_paginator("list_resource_record_sets").paginate(**arguments, PaginationConfig={"PageSize": 2})
    expect([r for page in through_sdk for r in page["ResourceRecordSets"]], listed())
    expect([r["SetIdentifier"] for r in listed(StartRecordName="w.sets.example", StartRecordType="A", StartRecordIdentifier="b", MaxItems="1")], ["b"])
    expect(ok("ListResourceRecordSets", **arguments, MaxItems="1000")["MaxItems"], "300")
    refused("InvalidInput", "ListResourceRecordSets", **arguments, StartRecordType="A")
    refused("InvalidInput", "ListResourceRecordSets", **arguments, MaxItems="-1")
    refused("NoSuchHostedZone", "ListResourceRecordSets", HostedZoneId="ZNOSUCHZONE")


@step
def what_cannot_be_done_is_refused_with_words():
    www = "www.sets.example"
    no("Tried to create resource record set [name='www.sets.example.', type='A'] but it already exists", change("CREATE", www))
    no("Tried to delete resource record set [name='x.sets.example.', type='A'] but it was not found", change("DELETE", "x.sets.example"))
    no("but the values provided do not match the current values", change("DELETE", www))
    no("is not permitted as it conflicts with other records", change("CREATE", www, "CNAME", ResourceRecords=values("a.example")))
    no("is not permitted at apex in zone sets.example.", change("CREATE", "sets.example", "CNAME", ResourceRecords=values("a.example")))
    no("is not permitted in zone sets.example.", change("CREATE", "www.other.example"))
    no("cannot be created as a non-weighted set exists with the same name and type.", change("CREATE", www, SetIdentifier="a", Weight=1))
    no("ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '999.1.1.1'",
       change("CREATE", "x.sets.example", ResourceRecords=values("999.1.1.1")))
    no("InvalidCharacterString (Value should be enclosed in quotation marks)", change("CREATE", "x.sets.example", "TXT", ResourceRecords=values("bare")))
    no("CharacterStringTooLong (Value is too long)", change("CREATE", "x.sets.example", "TXT", ResourceRecords=values(f'"{"x" * 256}"')))
    no("Duplicate Resource Record", change("CREATE", "x.sets.example", ResourceRecords=values("192.0.2.1", "192.0.2.1")))
    no("invalid set of changes for a resource record set", change("UPSERT", "x.sets.example"), change("UPSERT", "x.sets.example"))
    no("A HostedZone must contain exactly one SOA record.", *(
        change("DELETE", r["Name"], r["Type"], TTL=r["TTL"], ResourceRecords=r["ResourceRecords"]) for r in listed() if r["Type"] == "SOA"))
    alias = {"HostedZoneId": made["zone"].rsplit("/")[-1], "DNSName": "none.sets.example", "EvaluateTargetHealth": False}
    no("but that target was not found", change("CREATE", "x.sets.example", AliasTarget=alias))
    no("does not lie within the target zone", change("CREATE", "x.sets.example", AliasTarget=alias | {"DNSName": "www.example"}))
    no("Number of records limit of 1000 exceeded.", *(change("CREATE", f"n{n}.sets.example") for n in range(1001)))


@step
def all_faults_are_told_and_nothing_is_done():
    told = no("", change("CREATE", "good.sets.example"), change("CREATE", "www.sets.example"), change("DELETE", "gone.sets.example"))
    assert told.startswith("[") and told.endswith("]") and "already exists, Tried to delete" in told, told
    expect(dig("good.sets.example"), [])


@step
def structure_is_refused_before_anything_else():
    no("Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found",
       change("CREATE", "x.sets.example", TTL=None), code="InvalidInput")
    no("", change("CREATE", "x.sets.example", SetIdentifier="a"), code="InvalidInput")
    no("", change("CREATE", "x.sets.example", Weight=1), code="InvalidInput")
    no("", change("CREATE", "x.sets.example", SetIdentifier="a", Weight=1, Failover="PRIMARY"), code="InvalidInput")
    no("", change("CREATE", "x.sets.example", HealthCheckId="11111111-2222-3333-4444-555555555555", SetIdentifier="a", Weight=1), code="NoSuchHealthCheck")
    refused("NoSuchHostedZone", "ChangeResourceRecordSets", **batch(change("CREATE", "a.example")) | {"HostedZoneId": "ZNOSUCHZONE"})


@step
def the_zone_goes():
    own = ("NS", "SOA")
    apply(*({"Action": "DELETE", "ResourceRecordSet": r} for r in listed() if r["Type"] not in own))
    ok("DeleteHostedZone", Id=made["zone"])
