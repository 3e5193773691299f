"""octoDNS's dynamic records, unmodified: pools with weights and health checks, rules by place and by network.

octoDNS makes each of them a tree of record sets: geolocation or IP-based rules, aliases to failover pairs, aliases to
weighted sets with a health check each. Planned, applied, planned again to nothing, answered by rule, weight and health,
changed and deleted. All values are addresses of loopback, so that the checks probe endpoints of ours.
"""

import http.server
import os
import subprocess
import sys
import tempfile
import threading

import boto3
import yaml

from expecting import dig, dig_many, eventually, expect, run, step

SYNC = os.path.join(os.path.dirname(sys.executable), "octodns-sync")
ZONE = "dynamic.example."
folder = tempfile.mkdtemp()
client = boto3.client("route53")
made = {}


class Endpoints:
    """One HTTP server on all of loopback, that is healthy or not by the address it was asked at."""

    def __init__(self):
        ill = self.ill = set()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(500 if self.connection.getsockname()[0] in ill else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()


endpoints = Endpoints()
# What octoDNS checks: by name, so that it is told which of the addresses to ask.
CHECK = {"healthcheck": {"protocol": "HTTP", "port": endpoints.port, "path": "/"},
         "route53": {"healthcheck": {"request_interval": 10, "failure_threshold": 1, "measure_latency": False}}}
EUROPE, AMERICA, OFFICE, LAST = "127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.99"
HEAVY, LIGHT = "127.0.0.21", "127.0.0.22"


def by_place(america=AMERICA):
    return {
        "type": "A", "ttl": 5, "value": LAST, "octodns": CHECK,
        "dynamic": {
            "pools": {"europe": {"fallback": "america", "values": [{"value": EUROPE}]}, "america": {"values": [{"value": america}]}},
            "rules": [{"geos": ["EU", "AS-JP", "NA-US-CA"], "pool": "europe"}, {"pool": "america"}]}}


def by_network():
    return {
        "type": "A", "ttl": 5, "value": LAST, "octodns": CHECK,
        "dynamic": {
            "pools": {"office": {"values": [{"value": OFFICE}]}, "rest": {"values": [{"value": AMERICA}]}},
            "rules": [{"subnets": ["10.1.0.0/16", "2001:db8::/32"], "pool": "office"}, {"pool": "rest"}]}}


def by_weight(light="obey"):
    return {
        "type": "A", "ttl": 5, "value": LAST, "octodns": CHECK,
        "dynamic": {
            "pools": {"all": {"values": [{"value": HEAVY, "weight": 9}, {"value": LIGHT, "weight": 1, "status": light}]}},
            "rules": [{"pool": "all"}]}}


def write(records):
    with open(os.path.join(folder, f"{ZONE}yaml"), "w") as file:
        yaml.safe_dump(records, file)


def sync(*words):
    configuration = os.path.join(folder, "octodns.yaml")
    with open(configuration, "w") as file:
        yaml.safe_dump({
            "providers": {
                "config": {"class": "octodns.provider.yaml.YamlProvider", "directory": folder, "enforce_order": False},
                "route53": {"class": "octodns_route53.Route53Provider", "access_key_id": "env/AWS_ACCESS_KEY_ID",
                            "secret_access_key": "env/AWS_SECRET_ACCESS_KEY"}},
            "zones": {ZONE: {"sources": ["config"], "targets": ["route53"]}}}, file)
    done = subprocess.run([SYNC, "--config-file", configuration, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def applied():
    """Applies, and plans once more: nothing may be left to do."""
    sync("--doit", "--force")
    again = sync()
    assert "No changes were planned" in again, again
    infos = [z["Id"] for z in client.list_hosted_zones()["HostedZones"]]
    expect(len(infos), 1)
    made["zone"] = infos[0]


def record_sets():
    pages = client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=made["zone"])
    return [r for page in pages for r in page["ResourceRecordSets"] if r["Type"] not in ("NS", "SOA")]


def answers(name, value, *options):
    eventually(lambda: dig(f"{name}.{ZONE}", "A", *options) == [value], f"{name} {options} answers {value}")


def place(subnet):
    return f"+subnet={subnet}"


@step
def a_plan_changes_nothing():
    write({"weight": by_weight(), "place": by_place(), "network": by_network()})
    plan = sync()
    assert "Summary: Creates=3, Updates=0, Deletes=0" in plan, plan
    expect(client.list_hosted_zones()["HostedZones"], [])
    expect(client.list_health_checks()["HealthChecks"], [])


@step
def it_is_applied_and_then_there_is_nothing_to_plan():
    applied()
    kinds = {kind for r in record_sets() for kind in ("GeoLocation", "CidrRoutingConfig", "Failover", "Weight", "AliasTarget", "HealthCheckId") if kind in r}
    expect(kinds, {"GeoLocation", "CidrRoutingConfig", "Failover", "Weight", "AliasTarget", "HealthCheckId"})
    checks = client.list_health_checks()["HealthChecks"]
    expect(sorted(c["HealthCheckConfig"]["IPAddress"] for c in checks), sorted([EUROPE, AMERICA, OFFICE, AMERICA, HEAVY, LIGHT]))


@step
def weights_share():
    seen = dig_many([f"weight.{ZONE}"] * 400)
    # A tenth of 400 is 40; outside 15 to 75 it would be a chance of less than one in a hundred thousand.
    assert sum(seen.values()) == 400 and 15 <= seen[LIGHT] <= 75, seen


@step
def networks_and_places_choose():
    answers("network", OFFICE, place("10.1.2.3/32"))
    answers("network", OFFICE, place("2001:db8:1::/48"))
    answers("network", AMERICA, place("10.2.0.0/16"))
    # Germany, California and New York, by places.csv.
    for subnet, value in (("192.0.2.0/24", EUROPE), ("198.51.100.0/24", EUROPE), ("203.0.113.0/24", AMERICA)):
        answers("place", value, place(subnet))
    answers("place", AMERICA)


@step
def health_decides_within_and_between_pools():
    endpoints.ill.add(HEAVY)
    eventually(lambda: dig_many([f"weight.{ZONE}"] * 50) == {LIGHT: 50}, "the unhealthy value is left out")
    endpoints.ill.add(LIGHT)
    answers("weight", LAST)
    endpoints.ill.add(EUROPE)
    answers("place", AMERICA, place("192.0.2.0/24"))
    endpoints.ill.clear()
    answers("place", EUROPE, place("192.0.2.0/24"))
    eventually(lambda: dig_many([f"weight.{ZONE}"] * 50)[HEAVY] > 0, "the value is back")


@step
def a_change_is_applied():
    write({"weight": by_weight(light="down"), "place": by_place(america=OFFICE), "network": by_network()})
    plan = sync()
    assert "Summary: Creates=0, Updates=2, Deletes=0" in plan, plan
    applied()
    answers("place", OFFICE)
    eventually(lambda: dig_many([f"weight.{ZONE}"] * 50) == {HEAVY: 50}, "a value that is down by hand gets nothing")


@step
def everything_is_deleted():
    write({"network": by_network()})
    applied()
    checks = client.list_health_checks()["HealthChecks"]
    expect(sorted(c["HealthCheckConfig"]["IPAddress"] for c in checks), sorted([OFFICE, AMERICA]))
    write({})
    applied()
    expect((record_sets(), client.list_health_checks()["HealthChecks"]), ([], []))
    client.delete_hosted_zone(Id=made["zone"])


if __name__ == "__main__":
    run()
