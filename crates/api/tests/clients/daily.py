"""What people do with boto3 every day. Run by tests/clients.rs."""

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

r53 = boto3.client("route53", config=Config(retries={"max_attempts": 1}))


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response["Error"]["Message"]
    raise AssertionError(f"{call.__name__} was not refused with {code}")


def record(name, record_type, *values, ttl=60, **more):
    return {"Name": name, "Type": record_type, "TTL": ttl, "ResourceRecords": [{"Value": v} for v in values], **more}


def change(zone, *changes, **more):
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": rrset} for action, rrset in changes], **more}
    return r53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"]


# Hosted zones.
made = r53.create_hosted_zone(Name="Example.com", CallerReference="1", HostedZoneConfig={"Comment": "first"})
zone = made["HostedZone"]["Id"]
assert zone.startswith("/hostedzone/Z") and made["HostedZone"]["Name"] == "example.com."
assert made["ChangeInfo"]["Status"] == "PENDING" and len(made["DelegationSet"]["NameServers"]) == 4
assert made["Location"].endswith("/2013-04-01" + zone), made["Location"]
refused("HostedZoneAlreadyExists", r53.create_hosted_zone, Name="example.com", CallerReference="1")
refused("InvalidInput", r53.create_hosted_zone, Name="p.test", CallerReference="2", VPC={"VPCRegion": "us-east-1", "VPCId": "vpc-1"})
refused("NoSuchHostedZone", r53.get_hosted_zone, Id="Z1NOPE")
for i in range(5):
    r53.create_hosted_zone(Name=f"z{i}.test", CallerReference=f"z{i}")
zones = [z for page in r53.get_paginator("list_hosted_zones").paginate(PaginationConfig={"PageSize": 2}) for z in page["HostedZones"]]
assert len(zones) == 6 and [z["Id"] for z in zones] == sorted(z["Id"] for z in zones)
assert all(z["Config"]["PrivateZone"] is False for z in zones)
by_name = r53.list_hosted_zones_by_name(DNSName="z2.test", MaxItems="1")
assert by_name["HostedZones"][0]["Name"] == "z2.test." and by_name["IsTruncated"] and by_name["NextDNSName"] == "z3.test."
assert r53.get_hosted_zone(Id=zone)["HostedZone"]["Config"]["Comment"] == "first"
assert "Comment" not in r53.update_hosted_zone_comment(Id=zone)["HostedZone"]["Config"]
assert r53.get_hosted_zone_count()["HostedZoneCount"] == 6
assert r53.get_dnssec(HostedZoneId=zone)["Status"]["ServeSignature"] == "NOT_SIGNING"
assert r53.get_account_limit(Type="MAX_HOSTED_ZONES_BY_OWNER")["Count"] == 6
assert r53.get_hosted_zone_limit(Type="MAX_RRSETS_BY_ZONE", HostedZoneId=zone)["Count"] == 2

# Health checks.
config = {"Type": "HTTP", "IPAddress": "192.0.2.1", "ResourcePath": "/health"}
check = r53.create_health_check(CallerReference="c1", HealthCheckConfig=config)["HealthCheck"]
assert check["HealthCheckConfig"]["RequestInterval"] == 30 and check["HealthCheckVersion"] == 1
assert r53.create_health_check(CallerReference="c1", HealthCheckConfig=config)["HealthCheck"]["Id"] == check["Id"]
refused("HealthCheckAlreadyExists", r53.create_health_check, CallerReference="c1", HealthCheckConfig={**config, "Port": 81})
updated = r53.update_health_check(HealthCheckId=check["Id"], HealthCheckVersion=1, ResetElements=["ResourcePath"])["HealthCheck"]
assert updated["HealthCheckVersion"] == 2 and "ResourcePath" not in updated["HealthCheckConfig"]
refused("HealthCheckVersionMismatch", r53.update_health_check, HealthCheckId=check["Id"], HealthCheckVersion=1, Disabled=True)
for i in range(4):
    r53.create_health_check(CallerReference=f"n{i}", HealthCheckConfig={"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 80})
checks = [c for page in r53.get_paginator("list_health_checks").paginate(PaginationConfig={"PageSize": 2}) for c in page["HealthChecks"]]
assert len(checks) == 5 == r53.get_health_check_count()["HealthCheckCount"]
status = r53.get_health_check_status(HealthCheckId=check["Id"])["HealthCheckObservations"]
assert status[0]["StatusReport"]["Status"].startswith("Success"), status
assert r53.get_health_check_last_failure_reason(HealthCheckId=check["Id"])["HealthCheckObservations"] == []
assert "/" in r53.get_checker_ip_ranges()["CheckerIpRanges"][0]

# Record sets: every policy, and back unchanged.
weighted = [record("w.example.com.", "A", f"192.0.2.{i}", SetIdentifier=f"s{i}", Weight=i, HealthCheckId=check["Id"]) for i in range(3)]
failover = [record("f.example.com.", "A", f"192.0.2.{i}", SetIdentifier=role, Failover=role) for i, role in enumerate(["PRIMARY", "SECONDARY"])]
multivalue = [record("m.example.com.", "A", f"192.0.2.{i}", SetIdentifier=f"m{i}", MultiValueAnswer=True) for i in range(2)]
alias = {"Name": "a.example.com.", "Type": "A", "AliasTarget": {"HostedZoneId": zone.split("/")[2], "DNSName": "w.example.com.", "EvaluateTargetHealth": True}}
txt = record("t.example.com.", "TXT", '"v=spf1 <a> & b"  "c"', '"\\052"', ttl=0)
everything = [*failover, *multivalue, *weighted, alias, txt]
info = change(zone, *[("CREATE", rrset) for rrset in everything], Comment="all <of> it & more")
assert info["Status"] == "PENDING" and info["Comment"] == "all <of> it & more"
r53.get_waiter("resource_record_sets_changed").wait(Id=info["Id"], WaiterConfig={"Delay": 0.1, "MaxAttempts": 50})
pages = r53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone, PaginationConfig={"PageSize": 2})
listed = [rrset for page in pages for rrset in page["ResourceRecordSets"]]
key = lambda rrset: (rrset["Name"], rrset["Type"], rrset.get("SetIdentifier", ""))
assert sorted((r for r in listed if r["Type"] not in ("NS", "SOA")), key=key) == sorted(everything, key=key), listed
assert [r["Type"] for r in listed[:2]] == ["NS", "SOA"]
refused("InvalidInput", r53.list_resource_record_sets, HostedZoneId=zone, StartRecordType="A")

# Refusals.
message = refused("InvalidChangeBatch", lambda: change(zone, ("CREATE", txt), ("DELETE", {**weighted[0], "TTL": 61}), ("CREATE", record("n.example.com", "A", "192.0.2.1"))))
assert message.startswith("[Tried to create") and "but the values provided do not match the current values]" in message, message
assert not [r for r in r53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"] if r["Name"] == "n.example.com."]
message = refused("InvalidInput", lambda: change(zone, ("CREATE", {"Name": "x", "Type": "A"})))
assert "Expected exactly one of [AliasTarget, " in message
message = refused("InvalidInput", lambda: change(zone, ("CREATE", record("x", "A", "192.0.2.1", SetIdentifier="e", Region="eu-west-1"))))
assert "'Region' is not supported" in message
refused("InvalidInput", lambda: change(zone, ("CREATE", record("x", "A", "192.0.2.1", SetIdentifier="e", Weight=256))))

# What DNS says.
answer = r53.test_dns_answer(HostedZoneId=zone, RecordName="w.example.com", RecordType="A", ResolverIP="198.51.100.1")
assert answer["ResponseCode"] == "NOERROR" and answer["RecordData"][0] in ("192.0.2.1", "192.0.2.2") and answer["Protocol"] == "UDP", answer
assert r53.test_dns_answer(HostedZoneId=zone, RecordName="no.example.com", RecordType="A")["ResponseCode"] == "NXDOMAIN"
long = record("long.example.com.", "A", *[f"198.18.{i}.{j}" for i in range(2) for j in range(200)])
info = change(zone, ("UPSERT", long))
r53.get_waiter("resource_record_sets_changed").wait(Id=info["Id"], WaiterConfig={"Delay": 0.1, "MaxAttempts": 50})
answer = r53.test_dns_answer(HostedZoneId=zone, RecordName="long.example.com", RecordType="A")
assert answer["Protocol"] == "TCP" and len(answer["RecordData"]) == 400, answer["Protocol"]

# Tags.
r53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone.split("/")[2], AddTags=[{"Key": "team", "Value": "dns"}])
r53.change_tags_for_resource(ResourceType="healthcheck", ResourceId=check["Id"], AddTags=[{"Key": "Name", "Value": "front"}])
assert r53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone)["ResourceTagSet"]["Tags"] == [{"Key": "team", "Value": "dns"}]
sets = r53.list_tags_for_resources(ResourceType="healthcheck", ResourceIds=[check["Id"], checks[0]["Id"]])["ResourceTagSets"]
assert [s["ResourceId"] for s in sets] == [check["Id"], checks[0]["Id"]]

# And away with it, exactly as it was listed.
refused("HostedZoneNotEmpty", r53.delete_hosted_zone, Id=zone)
change(zone, ("DELETE", alias), ("DELETE", long), *[("DELETE", r) for r in [*weighted, *failover, *multivalue, txt]])
r53.delete_hosted_zone(Id=zone)
refused("NoSuchHostedZone", r53.get_hosted_zone, Id=zone)
for c in checks:
    r53.delete_health_check(HealthCheckId=c["Id"])
assert r53.get_health_check_count()["HealthCheckCount"] == 0
