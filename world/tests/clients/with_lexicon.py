"""dns-lexicon's command line, unmodified: records come, are listed, change and go.

Its command line always looks for the zone with the resolver of the machine, which knows nothing of ours; so the process
is started with a resolver that asks Cutover.
"""

import json
import os
import subprocess
import sys

import boto3

from expecting import DNS_HOST, DNS_PORT, dig, dig_header, expect, run, step

DOMAIN = "example.com"
LEXICON = f"""
import dns.resolver
dns.resolver.default_resolver = dns.resolver.Resolver(configure=False)
dns.resolver.default_resolver.nameservers = ["{DNS_HOST}"]
dns.resolver.default_resolver.port = {DNS_PORT}
from lexicon._private.cli import main
main()
"""


def lexicon(action, record_type, *words, fails=False):
    command = [sys.executable, "-c", LEXICON, "route53", action, DOMAIN, record_type,
               *words, "--output", "JSON", "--log-level", "ERROR"]
    done = subprocess.run(command, capture_output=True, text=True)
    expect((done.returncode != 0, done.stderr if not fails else ""), (fails, ""))
    return done.stderr if fails else json.loads(done.stdout or "null")


def listed(record_type):
    return sorted((r["name"], r["content"], r["ttl"]) for r in lexicon("list", record_type))


@step
def a_zone_is_there():
    boto3.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="lexicon")
    expect(listed("A"), [])


@step
def a_wrong_secret_is_told():
    fault = lexicon("list", "A", "--auth-access-key", os.environ["AWS_ACCESS_KEY_ID"], "--auth-access-secret", "x", fails=True)
    assert "SignatureDoesNotMatch" in fault, fault


@step
def records_are_created():
    lexicon("create", "A", "--name", "www", "--content", "192.0.2.1", "--ttl", "60")
    lexicon("create", "TXT", "--name", "_acme-challenge.www.example.com.", "--content", "token 1")
    expect(listed("A"), [("www.example.com", "192.0.2.1", 60)])
    # 3600 is lexicon's own default.
    expect(listed("TXT"), [("_acme-challenge.www.example.com", "token 1", 3600)])
    expect(dig("www.example.com"), ["192.0.2.1"])
    expect(dig("_acme-challenge.www.example.com", "TXT"), ['"token 1"'])


@step
def a_second_value_joins_and_the_same_once_more_changes_nothing():
    for _ in range(2):
        lexicon("create", "TXT", "--name", "_acme-challenge.www", "--content", "token 2")
    expect(dig("_acme-challenge.www.example.com", "TXT"), ['"token 1"', '"token 2"'])
    expect([content for _, content, _ in listed("TXT")], ["token 1", "token 2"])


@step
def a_record_is_updated_by_name_and_by_identifier():
    lexicon("update", "A", "--name", "www", "--content", "192.0.2.2", "--ttl", "60")
    expect(dig("www.example.com"), ["192.0.2.2"])
    identifier = lexicon("list", "A")[0]["id"]
    lexicon("update", "A", "--identifier", identifier, "--content", "192.0.2.3", "--ttl", "60")
    expect(listed("A"), [("www.example.com", "192.0.2.3", 60)])


@step
def values_and_records_are_deleted():
    lexicon("delete", "TXT", "--name", "_acme-challenge.www", "--content", "token 1")
    expect(dig("_acme-challenge.www.example.com", "TXT"), ['"token 2"'])
    lexicon("delete", "TXT", "--name", "_acme-challenge.www")
    lexicon("delete", "A", "--name", "www", "--ttl", "60")
    expect((listed("TXT"), listed("A")), ([], []))
    expect(dig_header("www.example.com")[0], "NXDOMAIN")


if __name__ == "__main__":
    run()
