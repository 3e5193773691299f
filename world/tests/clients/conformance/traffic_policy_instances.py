"""Traffic policy instances: what a policy makes of a name, listed in three ways, moved between versions."""

from expecting import dig, eventually, expect, step
from judge import ok, pages, refused
from quotas import limit
from traffic_policies import NONE
from traffic_policies import made as policies

made = {}


def create(name, version, **more):
    arguments = {"HostedZoneId": made["zone"], "Name": name, "TTL": 60, "TrafficPolicyId": policies["policy"]["Id"], "TrafficPolicyVersion": version}
    return ok("CreateTrafficPolicyInstance", **arguments | more)


def applied(id):
    def state():
        one = ok("GetTrafficPolicyInstance", Id=id)["TrafficPolicyInstance"]
        return one if one["State"] == "Applied" else None

    return eventually(state, "the instance is applied")


@step
def an_instance_is_created_field_by_field():
    made["zone"] = ok("CreateHostedZone", Name="flow.example", CallerReference="flow")["HostedZone"]["Id"].rsplit("/")[-1]
    id = policies["policy"]["Id"]
    reply = create("www.flow.example", 1)
    one = made["instance"] = reply["TrafficPolicyInstance"]
    assert reply["Location"].endswith(f"/2013-04-01/trafficpolicyinstance/{one['Id']}"), reply["Location"]
    assert one["State"] in ("Creating", "Applied"), one
    told = applied(one["Id"])
    expect({key: told[key] for key in told if key not in ("Id", "Message")}, {
        "HostedZoneId": made["zone"], "Name": "www.flow.example.", "TTL": 60, "State": "Applied",
        "TrafficPolicyId": id, "TrafficPolicyVersion": 1, "TrafficPolicyType": "A"})
    eventually(lambda: dig("www.flow.example") == ["192.0.2.1"], "the policy answers")
    root = [r for r in ok("ListResourceRecordSets", HostedZoneId=made["zone"])["ResourceRecordSets"] if r["Name"] == "www.flow.example."]
    expect([(r["Type"], r.get("TrafficPolicyInstanceId")) for r in root], [("A", one["Id"])])


@step
def an_instance_is_refused():
    id = policies["policy"]["Id"]
    arguments = {"HostedZoneId": made["zone"], "Name": "x.flow.example", "TTL": 60, "TrafficPolicyId": id, "TrafficPolicyVersion": 1}
    refused("TrafficPolicyInstanceAlreadyExists", "CreateTrafficPolicyInstance", **arguments | {"Name": "www.flow.example"})
    refused("NoSuchHostedZone", "CreateTrafficPolicyInstance", **arguments | {"HostedZoneId": "ZNOSUCHZONE"})
    refused("NoSuchTrafficPolicy", "CreateTrafficPolicyInstance", **arguments | {"TrafficPolicyId": NONE})
    refused("NoSuchTrafficPolicy", "CreateTrafficPolicyInstance", **arguments | {"TrafficPolicyVersion": 99})
    refused("InvalidInput", "CreateTrafficPolicyInstance", **arguments | {"Name": "www.elsewhere.example"})
    update = {"Id": made["instance"]["Id"], "TTL": 60, "TrafficPolicyId": id, "TrafficPolicyVersion": 1}
    refused("ConflictingTypes", "UpdateTrafficPolicyInstance", **update | {"TrafficPolicyVersion": policies["aaaa"]})
    refused("NoSuchTrafficPolicy", "UpdateTrafficPolicyInstance", **update | {"TrafficPolicyId": NONE})
    for operation in ("GetTrafficPolicyInstance", "DeleteTrafficPolicyInstance"):
        refused("NoSuchTrafficPolicyInstance", operation, Id=NONE)
    refused("NoSuchTrafficPolicyInstance", "UpdateTrafficPolicyInstance", **update | {"Id": NONE})
    refused("TrafficPolicyInUse", "DeleteTrafficPolicy", Id=id, Version=1)


@step
def an_instance_moves_to_another_version():
    update = {"Id": made["instance"]["Id"], "TTL": 30, "TrafficPolicyId": policies["policy"]["Id"], "TrafficPolicyVersion": 2}
    told = ok("UpdateTrafficPolicyInstance", **update)["TrafficPolicyInstance"]
    assert told["State"] in ("Updating", "Applied"), told
    told = applied(update["Id"])
    expect((told["TTL"], told["TrafficPolicyVersion"]), (30, 2))
    eventually(lambda: dig("www.flow.example") == ["192.0.2.2"], "the second version answers")
    ok("UpdateTrafficPolicyInstance", **update | {"TrafficPolicyVersion": 1})
    eventually(lambda: {tuple(dig("www.flow.example")) for _ in range(20)} == {("192.0.2.1",)}, "the first version is back")


@step
def instances_are_listed_in_three_ways():
    rest = [create(f"n{n}.flow.example", 1)["TrafficPolicyInstance"]["Id"] for n in range(limit("traffic_policy_instances") - 1)]
    refused("TooManyTrafficPolicyInstances", "CreateTrafficPolicyInstance", HostedZoneId=made["zone"], Name="more.flow.example", TTL=60,
            TrafficPolicyId=policies["policy"]["Id"], TrafficPolicyVersion=1)
    for one in rest:
        applied(one)
    expect(ok("GetTrafficPolicyInstanceCount")["TrafficPolicyInstanceCount"], limit("traffic_policy_instances"))
    kind = "MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER"
    told = ok("GetAccountLimit", Type=kind)
    expect((told["Limit"], told["Count"]), ({"Type": kind, "Value": limit("traffic_policy_instances")}, limit("traffic_policy_instances")))
    after = {name: name for name in ("HostedZoneIdMarker", "TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker")}
    within = {name: name for name in after if name != "HostedZoneIdMarker"}
    policy = {"TrafficPolicyId": policies["policy"]["Id"], "TrafficPolicyVersion": 1}
    expected = sorted([made["instance"]["Id"], *rest])
    for operation, markers, arguments in (
        ("ListTrafficPolicyInstances", after, {}),
        ("ListTrafficPolicyInstancesByHostedZone", within, {"HostedZoneId": made["zone"]}),
        ("ListTrafficPolicyInstancesByPolicy", after, policy),
    ):
        every = ok(operation, **arguments)["TrafficPolicyInstances"]
        expect(sorted(one["Id"] for one in every), expected)
        expect(pages(operation, "TrafficPolicyInstances", markers, **arguments), every)
        refused("InvalidInput", operation, **arguments, MaxItems="0")
    refused("NoSuchHostedZone", "ListTrafficPolicyInstancesByHostedZone", HostedZoneId="ZNOSUCHZONE")
    refused("NoSuchTrafficPolicy", "ListTrafficPolicyInstancesByPolicy", **policy | {"TrafficPolicyId": NONE})
    made["rest"] = rest


@step
def instances_and_their_policy_go():
    for id in (made["instance"]["Id"], *made["rest"]):
        ok("DeleteTrafficPolicyInstance", Id=id)
    eventually(lambda: ok("GetTrafficPolicyInstanceCount")["TrafficPolicyInstanceCount"] == 0, "all instances are gone")
    eventually(lambda: dig("www.flow.example") == [], "the name is gone")
    ok("DeleteHostedZone", Id=made["zone"])
    for version in ok("ListTrafficPolicyVersions", Id=policies["policy"]["Id"])["TrafficPolicies"]:
        ok("DeleteTrafficPolicy", Id=policies["policy"]["Id"], Version=version["Version"])
    expect(ok("ListTrafficPolicies")["TrafficPolicySummaries"], [])
