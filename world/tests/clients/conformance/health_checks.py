"""Health checks: every type that is offered, updates guarded by a version, what probes saw."""

from expecting import Endpoint, eventually, expect, step
from judge import client, ok, pages, refused

NONE = "11111111-2222-3333-4444-555555555555"
endpoint = Endpoint()
made = {}


def tcp(**more):
    return {"Type": "TCP", "IPAddress": "127.0.0.1", "Port": endpoint.port, "RequestInterval": 10, "FailureThreshold": 1} | more


def http(**more):
    return tcp() | {"Type": "HTTP", "ResourcePath": "/health"} | more


def create(reference, **config):
    return ok("CreateHealthCheck", CallerReference=reference, HealthCheckConfig=config)["HealthCheck"]


@step
def a_check_is_created_field_by_field():
    reply = ok("CreateHealthCheck", CallerReference="check", HealthCheckConfig=http())
    check = made["check"] = reply["HealthCheck"]
    assert reply["Location"].endswith(f"/2013-04-01/healthcheck/{check['Id']}"), reply["Location"]
    shown = http() | {"MeasureLatency": False, "Inverted": False, "Disabled": False, "EnableSNI": False}
    expect(check, {"Id": check["Id"], "CallerReference": "check", "HealthCheckVersion": 1, "HealthCheckConfig": shown})
    expect(ok("GetHealthCheck", HealthCheckId=check["Id"])["HealthCheck"], check)
    # The same request once more is the same check.
    expect(create("check", **http())["Id"], check["Id"])
    refused("HealthCheckAlreadyExists", "CreateHealthCheck", CallerReference="check", HealthCheckConfig=tcp())


@step
def every_type_that_is_offered_is_created():
    found = http(SearchString="OK")
    https = {"FullyQualifiedDomainName": "localhost", "RequestInterval": 30, "FailureThreshold": 3}
    configs = {
        "tcp": tcp(), "http": http(), "str": found | {"Type": "HTTP_STR_MATCH"},
        "https": https | {"Type": "HTTPS", "EnableSNI": True, "Port": 1},
        "https-str": https | {"Type": "HTTPS_STR_MATCH", "SearchString": "<ok>", "Port": 1},
        "calculated": {"Type": "CALCULATED", "ChildHealthChecks": [made["check"]["Id"]], "HealthThreshold": 1}}
    for name, config in configs.items():
        check = made[name] = create(name, **config)
        expect({key: check["HealthCheckConfig"][key] for key in config}, config)


@step
def a_check_is_refused():
    def no(message="", **config):
        refused("InvalidInput", "CreateHealthCheck", message, CallerReference="bad", HealthCheckConfig=config)

    no(**tcp(RequestInterval=15))
    no(**tcp(IPAddress="999.1.1.1"))
    no(**tcp(IPAddress="255.255.255.255"))
    no(**tcp(ResourcePath="/"))
    no(**tcp(SearchString="x"))
    no(**http(Type="HTTP_STR_MATCH"))
    no(Type="HTTP", Port=80)
    no(Type="TCP", IPAddress="127.0.0.1")
    no(Type="CALCULATED", ChildHealthChecks=[NONE], HealthThreshold=1)
    no(Type="CALCULATED", ChildHealthChecks=[made["calculated"]["Id"]], HealthThreshold=1)
    no(**http(Regions=["us-east-1", "us-west-1"]))
    for operation in ("GetHealthCheck", "DeleteHealthCheck", "UpdateHealthCheck", "GetHealthCheckStatus", "GetHealthCheckLastFailureReason"):
        refused("NoSuchHealthCheck", operation, f"No health check exists with the specified ID: {NONE}", HealthCheckId=NONE)


@step
def checks_are_listed_and_counted():
    every = ok("ListHealthChecks")
    expect((len(every["HealthChecks"]), every["IsTruncated"], every["MaxItems"]), (7, False, "100"))
    expect(pages("ListHealthChecks", "HealthChecks", {"Marker": "NextMarker"}), every["HealthChecks"])
    through_sdk = client.get_paginator("list_health_checks").paginate(PaginationConfig={"PageSize": 2})
    expect([c for page in through_sdk for c in page["HealthChecks"]], every["HealthChecks"])
    expect(ok("GetHealthCheckCount")["HealthCheckCount"], 7)
    refused("InvalidInput", "ListHealthChecks", MaxItems="none")


@step
def an_update_counts_and_its_version_guards():
    id = made["check"]["Id"]
    check = ok("UpdateHealthCheck", HealthCheckId=id, HealthCheckVersion=1, FailureThreshold=2, ResourcePath="/other", Inverted=True)["HealthCheck"]
    expect((check["HealthCheckVersion"], check["HealthCheckConfig"]["ResourcePath"], check["HealthCheckConfig"]["Inverted"]), (2, "/other", True))
    refused("HealthCheckVersionMismatch", "UpdateHealthCheck", HealthCheckId=id, HealthCheckVersion=1, Port=81)
    check = ok("UpdateHealthCheck", HealthCheckId=id, ResetElements=["ResourcePath"], Inverted=False, FailureThreshold=1)["HealthCheck"]
    assert check["HealthCheckConfig"].get("ResourcePath") in (None, "/"), check
    refused("InvalidInput", "UpdateHealthCheck", HealthCheckId=id, IPAddress="nowhere")
    refused("InvalidInput", "UpdateHealthCheck", HealthCheckId=id, ChildHealthChecks=[NONE])


@step
def what_was_probed_is_told():
    id = made["http"]["Id"]

    def status(word, operation="GetHealthCheckStatus"):
        told = ok(operation, HealthCheckId=id)["HealthCheckObservations"]
        return any(word in o["StatusReport"]["Status"] for o in told) and told

    eventually(lambda: status("Success: HTTP Status Code 200"), "a successful probe")
    endpoint.healthy = False
    eventually(lambda: status("Failure: HTTP Status Code 500"), "a failed probe")
    told = eventually(lambda: status("500", "GetHealthCheckLastFailureReason"), "the reason of the failure")
    expect({"Region", "IPAddress", "StatusReport"} >= set(told[0]), True)
    for operation in ("GetHealthCheckStatus", "GetHealthCheckLastFailureReason"):
        refused("InvalidInput", operation, HealthCheckId=made["calculated"]["Id"])


@step
def checks_are_deleted():
    for name in ("calculated", "tcp", "http", "str", "https", "https-str", "check"):
        ok("DeleteHealthCheck", HealthCheckId=made[name]["Id"])
    expect(ok("ListHealthChecks")["HealthChecks"], [])
