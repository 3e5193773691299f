"""Limits as numbers, and what happens at them. The server runs with small ones, see `conformance.rs`."""

import os

from expecting import expect, step
from judge import ok, refused

LIMITS = dict(pair.split("=") for pair in os.environ["CUTOVER_LIMITS"].split())


def limit(key):
    return int(LIMITS[key])


@step
def limits_of_the_account_are_told():
    for kind, key in {"MAX_HOSTED_ZONES_BY_OWNER": "hosted_zones", "MAX_HEALTH_CHECKS_BY_OWNER": "health_checks"}.items():
        told = ok("GetAccountLimit", Type=kind)
        expect((told["Limit"], told["Count"]), ({"Type": kind, "Value": limit(key)}, 0))


@step
def a_zone_too_many_is_refused():
    zones = [ok("CreateHostedZone", Name=f"z{n}.example", CallerReference=f"quota {n}")["HostedZone"]["Id"] for n in range(limit("hosted_zones"))]
    expect(ok("GetAccountLimit", Type="MAX_HOSTED_ZONES_BY_OWNER")["Count"], len(zones))
    refused("TooManyHostedZones", "CreateHostedZone", Name="more.example", CallerReference="too many")
    told = ok("GetHostedZoneLimit", HostedZoneId=zones[0], Type="MAX_RRSETS_BY_ZONE")
    expect((told["Limit"], told["Count"]), ({"Type": "MAX_RRSETS_BY_ZONE", "Value": limit("record_sets_per_zone")}, 2))
    changes = [{"Action": "CREATE", "ResourceRecordSet": {
        "Name": f"r{n}.z0.example", "Type": "A", "TTL": 1, "ResourceRecords": [{"Value": "192.0.2.1"}]}} for n in range(limit("record_sets_per_zone") - 1)]
    refused("InvalidChangeBatch", "ChangeResourceRecordSets", HostedZoneId=zones[0], ChangeBatch={"Changes": changes})
    refused("HostedZoneNotPrivate", "GetHostedZoneLimit", HostedZoneId=zones[0], Type="MAX_VPCS_ASSOCIATED_BY_ZONE")
    refused("NoSuchHostedZone", "GetHostedZoneLimit", HostedZoneId="ZNOSUCHZONE", Type="MAX_RRSETS_BY_ZONE")
    for zone in zones:
        ok("DeleteHostedZone", Id=zone)


@step
def a_health_check_too_many_is_refused():
    config = {"Type": "TCP", "IPAddress": "127.0.0.1", "Port": 9}
    checks = [ok("CreateHealthCheck", CallerReference=f"quota {n}", HealthCheckConfig=config)["HealthCheck"]["Id"] for n in range(limit("health_checks"))]
    refused("TooManyHealthChecks", "CreateHealthCheck", CallerReference="too many", HealthCheckConfig=config)
    for check in checks:
        ok("DeleteHealthCheck", HealthCheckId=check)
