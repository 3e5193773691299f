"""Unmodified boto3 against Cutover: zones, record sets of every policy, health checks, waiters, paginators, errors."""

import boto3
import botocore.config
import botocore.exceptions

from expecting import Endpoint, dig, dig_header, dig_many, eventually, expect, run, step

client = boto3.client("route53")
blue, green = Endpoint(), Endpoint()
made = {}


def change(action, **record_set):
    record_set.setdefault("TTL", 60) if "ResourceRecords" in record_set else None
    return {"Action": action, "ResourceRecordSet": record_set}


def values(*texts):
    return [{"Value": text} for text in texts]


def apply(*changes):
    batch = {"Comment": "a test", "Changes": list(changes)}
    return client.change_resource_record_sets(HostedZoneId=made["zone"], ChangeBatch=batch)["ChangeInfo"]


def refused(code, function, *parts, **arguments):
    try:
        function(**arguments)
    except botocore.exceptions.ClientError as error:
        expect(error.response["Error"]["Code"], code)
        for part in parts:
            assert part in error.response["Error"]["Message"], f"{part!r} is not in {error}"
        return error.response
    raise AssertionError(f"was not refused with {code}")


def listed():
    pages = client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=made["zone"], PaginationConfig={"PageSize": 2})
    return [record_set for page in pages for record_set in page["ResourceRecordSets"]]


@step
def a_hosted_zone_is_created():
    reply = client.create_hosted_zone(
        Name="Example.com", CallerReference="first", HostedZoneConfig={"Comment": "<tea> & \"cake\"", "PrivateZone": False}
    )
    expect(reply["ResponseMetadata"]["HTTPStatusCode"], 201)
    zone = reply["HostedZone"]
    made["zone"] = zone["Id"]
    assert zone["Id"].startswith("/hostedzone/Z"), zone["Id"]
    expect((zone["Name"], zone["CallerReference"]), ("example.com.", "first"))
    expect(zone["Config"], {"Comment": "<tea> & \"cake\"", "PrivateZone": False})
    expect(zone["ResourceRecordSetCount"], 2)
    assert reply["Location"].endswith(zone["Id"]), reply["Location"]
    assert reply["ChangeInfo"]["Status"] in ("PENDING", "INSYNC")
    servers = reply["DelegationSet"]["NameServers"]
    assert servers and not servers[0].endswith("."), servers
    client.get_waiter("resource_record_sets_changed").wait(Id=reply["ChangeInfo"]["Id"], WaiterConfig={"Delay": 1})
    expect(dig("example.com", "NS"), sorted(f"{server}." for server in servers))
    expect(dig_header("missing.example.com")[0], "NXDOMAIN")


@step
def the_same_caller_reference_is_refused():
    refused("HostedZoneAlreadyExists", client.create_hosted_zone, Name="example.com", CallerReference="first")


@step
def records_are_created_and_answered():
    info = apply(
        change("CREATE", Name="www.example.com", Type="A", ResourceRecords=values("192.0.2.1", "192.0.2.2")),
        change("CREATE", Name="*.wild.example.com.", Type="TXT", ResourceRecords=values('"v=spf1 -all" "second"')),
        change("CREATE", Name="example.com", Type="MX", ResourceRecords=values("10 mail.example.com")),
        change("CREATE", Name="alias.example.com", Type="CNAME", ResourceRecords=values("www.example.com")),
        change("CREATE", Name="sub.example.com", Type="NS", ResourceRecords=values("ns.sub.example.com.")),
        change("CREATE", Name="ns.sub.example.com", Type="A", ResourceRecords=values("192.0.2.53")),
        change("CREATE", Name="A@B.example.com", Type="AAAA", ResourceRecords=values("2001:db8::1")),
        change("CREATE", Name="caa.example.com", Type="CAA", ResourceRecords=values('0 issue "ca.example.net"')),
        change("CREATE", Name="_s._tcp.example.com", Type="SRV", ResourceRecords=values("1 2 443 www.example.com")),
    )
    expect(info["Comment"], "a test")
    assert info["Id"].startswith("/change/C"), info
    client.get_waiter("resource_record_sets_changed").wait(Id=info["Id"], WaiterConfig={"Delay": 1})
    expect(dig("www.example.com"), ["192.0.2.1", "192.0.2.2"])
    expect(dig("WwW.eXample.com", "A", "+tcp"), ["192.0.2.1", "192.0.2.2"])
    expect(dig("x.wild.example.com", "TXT"), ['"v=spf1 -all" "second"'])
    expect(dig("example.com", "MX"), ["10 mail.example.com."])
    expect(dig("alias.example.com"), ["192.0.2.1", "192.0.2.2", "www.example.com."])
    expect(dig(r"a\@b.example.com", "AAAA"), ["2001:db8::1"])
    expect(dig("caa.example.com", "CAA"), ['0 issue "ca.example.net"'])
    expect(dig("_s._tcp.example.com", "SRV"), ["1 2 443 www.example.com."])
    status, flags = dig_header("host.sub.example.com")
    assert status == "NOERROR" and "aa" not in flags, (status, flags)


@step
def record_sets_are_listed_in_order_and_in_pages():
    names = [(r["Name"], r["Type"]) for r in listed()]
    expect(names, [
        ("example.com.", "MX"), ("example.com.", "NS"), ("example.com.", "SOA"),
        ("_s._tcp.example.com.", "SRV"), ("a\\100b.example.com.", "AAAA"), ("alias.example.com.", "CNAME"),
        ("caa.example.com.", "CAA"), ("sub.example.com.", "NS"), ("ns.sub.example.com.", "A"),
        ("\\052.wild.example.com.", "TXT"), ("www.example.com.", "A"),
    ])
    page = client.list_resource_record_sets(HostedZoneId=made["zone"], StartRecordName="www.example.com", StartRecordType="A")
    expect([r["ResourceRecords"] for r in page["ResourceRecordSets"]], [values("192.0.2.1", "192.0.2.2")])
    expect(page["IsTruncated"], False)


@step
def what_is_wrong_is_refused_and_changes_nothing():
    before = listed()
    arguments = {"HostedZoneId": made["zone"]}

    def batch(*changes):
        return {**arguments, "ChangeBatch": {"Changes": list(changes)}}

    www = dict(Name="www.example.com", Type="A")
    refused("InvalidChangeBatch", client.change_resource_record_sets, "but it already exists",
            **batch(change("CREATE", **www, ResourceRecords=values("192.0.2.9"))))
    refused("InvalidChangeBatch", client.change_resource_record_sets,
            "Tried to delete resource record set [name='gone.example.com.', type='A'] but it was not found",
            **batch(change("DELETE", Name="gone.example.com", Type="A", ResourceRecords=values("192.0.2.1"))))
    refused("InvalidChangeBatch", client.change_resource_record_sets, "but the values provided do not match the current values",
            **batch(change("DELETE", **www, TTL=61, ResourceRecords=values("192.0.2.1", "192.0.2.2"))))
    refused("InvalidChangeBatch", client.change_resource_record_sets, "is not permitted at apex in zone example.com.",
            **batch(change("CREATE", Name="example.com", Type="CNAME", ResourceRecords=values("x.test"))))
    refused("InvalidChangeBatch", client.change_resource_record_sets, "ARRDATAIllegalIPv4Address",
            **batch(change("CREATE", Name="good.example.com", Type="A", ResourceRecords=values("192.0.2.5")),
                    change("CREATE", Name="bad.example.com", Type="A", ResourceRecords=values("999.1.1.1"))))
    refused("InvalidChangeBatch", client.change_resource_record_sets, "is not permitted in zone example.com.",
            **batch(change("CREATE", Name="www.other.test", Type="A", ResourceRecords=values("192.0.2.5"))))
    refused("NoSuchHostedZone", client.list_resource_record_sets, "No hosted zone found with ID", HostedZoneId="ZDOESNOTEXIST")
    refused("NoSuchChange", client.get_change, Id="CDOESNOTEXIST")
    refused("NoSuchHealthCheck", client.get_health_check, HealthCheckId="11111111-2222-3333-4444-555555555555")
    expect(listed(), before)
    expect(dig_header("good.example.com")[0], "NXDOMAIN")


@step
def other_credentials_are_refused():
    stranger = boto3.client("route53", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="nonsense")
    refused("InvalidClientTokenId", stranger.list_hosted_zones)
    liar = boto3.client("route53", aws_secret_access_key="nonsense",
                        aws_access_key_id=client._request_signer._credentials.access_key)
    refused("SignatureDoesNotMatch", liar.list_hosted_zones)


@step
def health_checks_are_created():
    for name, endpoint in (("blue", blue), ("green", green)):
        config = {
            "Type": "HTTP", "IPAddress": "127.0.0.1", "Port": endpoint.port, "ResourcePath": "/health",
            "RequestInterval": 10, "FailureThreshold": 1,
        }
        reply = client.create_health_check(CallerReference=name, HealthCheckConfig=config)
        made[name] = reply["HealthCheck"]["Id"]
        expect(reply["HealthCheck"]["HealthCheckVersion"], 1)
        again = client.create_health_check(CallerReference=name, HealthCheckConfig=config)
        expect(again["HealthCheck"]["Id"], made[name])
    expect(client.get_health_check_count()["HealthCheckCount"], 2)
    ids = [c["Id"] for page in client.get_paginator("list_health_checks").paginate(MaxItems="1") for c in page["HealthChecks"]]
    expect(sorted(ids), sorted([made["blue"], made["green"]]))

    def checked():
        reply = client.get_health_check_status(HealthCheckId=made["blue"])
        return any("Success" in o["StatusReport"]["Status"] for o in reply["HealthCheckObservations"])

    eventually(checked, "a successful observation")


@step
def weighted_record_sets_share_and_follow_health():
    def weighted(action, name, weight, address):
        return change(action, Name="app.example.com", Type="A", SetIdentifier=name, Weight=weight, TTL=5,
                      HealthCheckId=made[name], ResourceRecords=values(address))

    made["weighted"] = [("blue", 95, "192.0.2.10"), ("green", 5, "192.0.2.20")]
    info = apply(*(weighted("CREATE", *w) for w in made["weighted"]))
    client.get_waiter("resource_record_sets_changed").wait(Id=info["Id"], WaiterConfig={"Delay": 1})
    seen = dig_many(["app.example.com"] * 400)
    expect(sum(seen.values()), 400)
    # 5 % of 400 is 20; outside 4 to 45 it would be a chance of less than one in a hundred thousand.
    assert 4 <= seen["192.0.2.20"] <= 45, seen
    green.healthy = False
    eventually(lambda: dig_many(["app.example.com"] * 200)["192.0.2.20"] == 0, "the unhealthy one is left out")
    blue.healthy, green.healthy = False, True
    eventually(lambda: dig_many(["app.example.com"] * 20) == {"192.0.2.20": 20}, "the other one takes over")
    blue.healthy = True
    made["weighted"][1] = ("green", 0, "192.0.2.20")
    apply(weighted("UPSERT", *made["weighted"][1]))
    eventually(lambda: dig_many(["app.example.com"] * 200) == {"192.0.2.10": 200}, "weight 0 gets nothing")
    got = [(r["SetIdentifier"], r["Weight"], r["HealthCheckId"]) for r in listed() if r["Name"] == "app.example.com."]
    expect(got, [("blue", 95, made["blue"]), ("green", 0, made["green"])])


@step
def failover_follows_health_and_comes_back():
    for name, role, address in (("blue", "PRIMARY", "192.0.2.30"), ("green", "SECONDARY", "192.0.2.40")):
        apply(change("CREATE", Name="db.example.com", Type="A", SetIdentifier=name, Failover=role, TTL=5,
                     HealthCheckId=made[name], ResourceRecords=values(address)))
    apply(change("CREATE", Name="top.example.com", Type="A", AliasTarget={
        "HostedZoneId": made["zone"].removeprefix("/hostedzone/"), "DNSName": "db.example.com", "EvaluateTargetHealth": True}))
    for name in ("db.example.com", "top.example.com"):
        eventually(lambda: dig(name) == ["192.0.2.30"], "the primary answers")
    blue.healthy = False
    for name in ("db.example.com", "top.example.com"):
        eventually(lambda: dig(name) == ["192.0.2.40"], "the secondary answers")
    eventually(lambda: any("500" in o["StatusReport"]["Status"] for o in client.get_health_check_last_failure_reason(
        HealthCheckId=made["blue"])["HealthCheckObservations"]), "the reason of the failure")
    blue.healthy = True
    for name in ("db.example.com", "top.example.com"):
        eventually(lambda: dig(name) == ["192.0.2.30"], "the primary is back")


@step
def multivalue_and_test_dns_answer():
    apply(*(change("CREATE", Name="mv.example.com", Type="A", SetIdentifier=str(n), MultiValueAnswer=True,
                   ResourceRecords=values(f"192.0.2.{n}")) for n in range(10)))
    eventually(lambda: len(dig("mv.example.com")) == 8, "eight of ten")
    reply = client.test_dns_answer(HostedZoneId=made["zone"], RecordName="www.example.com", RecordType="A")
    expect((reply["ResponseCode"], sorted(reply["RecordData"]), reply["Protocol"]), ("NOERROR", ["192.0.2.1", "192.0.2.2"], "UDP"))
    reply = client.test_dns_answer(HostedZoneId=made["zone"], RecordName="nothing.example.com", RecordType="A")
    expect((reply["ResponseCode"], reply.get("RecordData", [])), ("NXDOMAIN", []))


@step
def a_health_check_is_updated_and_its_version_guards_it():
    reply = client.update_health_check(HealthCheckId=made["blue"], HealthCheckVersion=1, FailureThreshold=2)
    expect((reply["HealthCheck"]["HealthCheckVersion"], reply["HealthCheck"]["HealthCheckConfig"]["FailureThreshold"]), (2, 2))
    refused("HealthCheckVersionMismatch", client.update_health_check, HealthCheckId=made["blue"], HealthCheckVersion=1, Port=81)


@step
def tags_and_comments():
    zone = made["zone"].removeprefix("/hostedzone/")
    client.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=[{"Key": "team", "Value": "web"}, {"Key": "x", "Value": ""}])
    client.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, RemoveTagKeys=["x"])
    reply = client.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone)
    expect(reply["ResourceTagSet"]["Tags"], [{"Key": "team", "Value": "web"}])
    client.update_hosted_zone_comment(Id=zone, Comment="ünïcode ✓")
    expect(client.get_hosted_zone(Id=zone)["HostedZone"]["Config"]["Comment"], "ünïcode ✓")


@step
def zones_are_listed_by_name():
    for name in ("zz.test", "a.test", "m.test"):
        client.create_hosted_zone(Name=name, CallerReference=name)
    expect(client.get_hosted_zone_count()["HostedZoneCount"], 4)
    reply = client.list_hosted_zones_by_name(DNSName="n.test", MaxItems="1")
    expect([z["Name"] for z in reply["HostedZones"]], ["zz.test."])
    names = [z["Name"] for page in client.get_paginator("list_hosted_zones").paginate(PaginationConfig={"PageSize": 1}) for z in page["HostedZones"]]
    expect(sorted(names), ["a.test.", "example.com.", "m.test.", "zz.test."])


@step
def a_zone_is_emptied_and_deleted():
    refused("HostedZoneNotEmpty", client.delete_hosted_zone, Id=made["zone"])
    rest = [r for r in listed() if not (r["Name"] == "example.com." and r["Type"] in ("NS", "SOA"))]
    # Aliases go before their targets.
    rest.sort(key=lambda r: "AliasTarget" not in r)
    apply(*({"Action": "DELETE", "ResourceRecordSet": r} for r in rest))
    expect(dig_header("www.example.com")[0], "NXDOMAIN")
    info = client.delete_hosted_zone(Id=made["zone"])["ChangeInfo"]
    client.get_waiter("resource_record_sets_changed").wait(Id=info["Id"], WaiterConfig={"Delay": 1})
    expect(dig_header("example.com")[0], "REFUSED")
    for name in ("blue", "green"):
        client.delete_health_check(HealthCheckId=made[name])
    refused("NoSuchHealthCheck", client.delete_health_check, HealthCheckId=made["blue"])


if __name__ == "__main__":
    run()
