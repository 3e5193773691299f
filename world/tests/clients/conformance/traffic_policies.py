"""Traffic policies and their versions."""

import json

from expecting import expect, step
from judge import ok, pages, refused
from quotas import limit

NONE = "11111111-2222-3333-4444-555555555555"
made = {}


def document(*values, record_type="A"):
    """A document of one weighted rule."""
    endpoints = {f"e{n}": {"Type": "value", "Value": value} for n, value in enumerate(values)}
    items = [{"EndpointReference": name, "Weight": "1"} for name in endpoints]
    return json.dumps({"AWSPolicyFormatVersion": "2015-10-01", "RecordType": record_type, "StartRule": "start",
                       "Endpoints": endpoints, "Rules": {"start": {"RuleType": "weighted", "Items": items}}})


@step
def a_policy_is_created_field_by_field():
    reply = ok("CreateTrafficPolicy", Name="shop", Document=document("192.0.2.1"), Comment="first")
    one = made["policy"] = reply["TrafficPolicy"]
    expect({key: one[key] for key in one if key != "Id"}, {
        "Version": 1, "Name": "shop", "Type": "A", "Document": document("192.0.2.1"), "Comment": "first"})
    assert reply["Location"].endswith(f"/2013-04-01/trafficpolicy/{one['Id']}/1"), reply["Location"]
    refused("TrafficPolicyAlreadyExists", "CreateTrafficPolicy", Name="shop", Document=document("192.0.2.1"))
    for wrong in ("{}", "words", document("192.0.2.1").replace("weighted", "heavy"), document("192.0.2.1").replace('"start", "End', '"none", "End')):
        refused("InvalidTrafficPolicyDocument", "CreateTrafficPolicy", Name="wrong", Document=wrong)
        refused("InvalidTrafficPolicyDocument", "CreateTrafficPolicyVersion", Id=one["Id"], Document=wrong)
    refused("NoSuchTrafficPolicy", "CreateTrafficPolicyVersion", Id=NONE, Document=document("192.0.2.1"))


@step
def versions_are_numbered_and_read():
    id = made["policy"]["Id"]
    reply = ok("CreateTrafficPolicyVersion", Id=id, Document=document("192.0.2.1", "192.0.2.2"), Comment="second")
    expect((reply["TrafficPolicy"]["Version"], reply["Location"].endswith(f"/trafficpolicy/{id}/2")), (2, True))
    expect(ok("GetTrafficPolicy", Id=id, Version=2)["TrafficPolicy"], reply["TrafficPolicy"])
    changed = ok("UpdateTrafficPolicyComment", Id=id, Version=2, Comment="<ü>")["TrafficPolicy"]
    expect(changed, reply["TrafficPolicy"] | {"Comment": "<ü>"})
    for operation, more in (("GetTrafficPolicy", {}), ("UpdateTrafficPolicyComment", {"Comment": "c"}), ("DeleteTrafficPolicy", {})):
        refused("NoSuchTrafficPolicy", operation, Id=NONE, Version=1, **more)
        refused("NoSuchTrafficPolicy", operation, Id=id, Version=9, **more)
    made["versions"] = [2]
    for n in range(3, limit("versions_per_traffic_policy") + 1):
        ok("CreateTrafficPolicyVersion", Id=id, Document=document("192.0.2.1"))
        made["versions"].append(n)
    refused("TooManyTrafficPolicyVersionsForCurrentPolicy", "CreateTrafficPolicyVersion", Id=id, Document=document("192.0.2.1"))


@step
def policies_and_versions_are_listed():
    id = made["policy"]["Id"]
    rest = [ok("CreateTrafficPolicy", Name=f"rest{n}", Document=document("192.0.2.1"))["TrafficPolicy"]["Id"] for n in range(limit("traffic_policies") - 1)]
    refused("TooManyTrafficPolicies", "CreateTrafficPolicy", Name="more", Document=document("192.0.2.1"))
    every = ok("ListTrafficPolicies")["TrafficPolicySummaries"]
    expect(every[0], {"Id": id, "Name": "shop", "Type": "A", "LatestVersion": 1 + len(made["versions"]), "TrafficPolicyCount": 1 + len(made["versions"])})
    expect([p["Id"] for p in every], [id, *rest])
    expect(pages("ListTrafficPolicies", "TrafficPolicySummaries", {"TrafficPolicyIdMarker": "TrafficPolicyIdMarker"}), every)
    versions = ok("ListTrafficPolicyVersions", Id=id)["TrafficPolicies"]
    expect([v["Version"] for v in versions], [1, *made["versions"]])
    by_page = pages("ListTrafficPolicyVersions", "TrafficPolicies", {"TrafficPolicyVersionMarker": "TrafficPolicyVersionMarker"}, Id=id)
    expect(by_page, versions)
    refused("NoSuchTrafficPolicy", "ListTrafficPolicyVersions", Id=NONE)
    refused("InvalidInput", "ListTrafficPolicies", MaxItems="0")
    refused("InvalidInput", "ListTrafficPolicyVersions", Id=id, MaxItems="0")
    kind = "MAX_TRAFFIC_POLICIES_BY_OWNER"
    told = ok("GetAccountLimit", Type=kind)
    expect((told["Limit"], told["Count"]), ({"Type": kind, "Value": limit("traffic_policies")}, limit("traffic_policies")))
    for one in rest:
        ok("DeleteTrafficPolicy", Id=one, Version=1)


@step
def a_version_is_deleted_and_its_number_never_comes_again():
    id, last = made["policy"]["Id"], made["versions"][-1]
    ok("DeleteTrafficPolicy", Id=id, Version=last)
    # What was deleted stays readable by who knows its id, and is not listed.
    expect(ok("GetTrafficPolicy", Id=id, Version=last)["TrafficPolicy"]["Version"], last)
    expect([v["Version"] for v in ok("ListTrafficPolicyVersions", Id=id)["TrafficPolicies"]], [1, *made["versions"][:-1]])
    reply = ok("CreateTrafficPolicyVersion", Id=id, Document=document("2001:db8::1", record_type="AAAA"))
    expect((reply["TrafficPolicy"]["Version"], reply["TrafficPolicy"]["Type"]), (last + 1, "AAAA"))
    made["aaaa"] = last + 1
