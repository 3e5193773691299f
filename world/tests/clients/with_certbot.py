"""certbot with certbot-dns-route53, unmodified, obtains a wildcard certificate by DNS-01.

The authority is Debian's Pebble. Its validator resolves through Cutover only, so what certbot writes over the API must be
what the authority reads over DNS. Pebble wants a certificate for its own HTTPS; we make one and certbot trusts it.
"""

import datetime
import ipaddress
import json
import os
import socket
import subprocess
import sys
import tempfile

import boto3
import botocore.exceptions
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from expecting import DNS_HOST, DNS_PORT, dig, dig_header, eventually, expect, run, step

CERTBOT = os.path.join(os.path.dirname(sys.executable), "certbot")
folder = tempfile.mkdtemp()
client = boto3.client("route53")
made = {}


def place(name):
    return os.path.join(folder, name)


def certificate_for_loopback():
    """A key and a certificate that signs itself, for the authority's own server."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pebble")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    with open(place("key.pem"), "wb") as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    with open(place("cert.pem"), "wb") as file:
        file.write(signed.public_bytes(serialization.Encoding.PEM))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start_pebble():
    """The authority, and the address of its directory. It cannot tell a port that it chose, so we look for one."""
    port = free_port()
    config = {"pebble": {
        "listenAddress": f"127.0.0.1:{port}", "managementListenAddress": "", "certificate": place("cert.pem"),
        "privateKey": place("key.pem"), "httpPort": 1, "tlsPort": 1, "ocspResponderURL": "",
        "externalAccountBindingRequired": False}}
    with open(place("pebble.json"), "w") as file:
        json.dump(config, file)
    # No pause before validating, no pretended bad nonces, and no authorization taken over from an earlier order.
    environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0"}
    with open(place("pebble.log"), "w") as log:
        made["pebble"] = subprocess.Popen(
            ["pebble", "-config", place("pebble.json"), "-dnsserver", f"{DNS_HOST}:{DNS_PORT}"],
            stdout=log, stderr=log, env=environment)

    def listening():
        expect(made["pebble"].poll(), None)
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    eventually(listening, "pebble listens")
    made["server"] = f"https://127.0.0.1:{port}/dir"


def certbot(*words, fails=False, key=None):
    command = [CERTBOT, "certonly", "--non-interactive", "--agree-tos", "--register-unsafely-without-email",
               "--server", made["server"], "--dns-route53", *words]
    for option in ("config", "work", "logs"):
        command += [f"--{option}-dir", place(option)]
    environment = {**os.environ, "REQUESTS_CA_BUNDLE": place("cert.pem"), **(key or {})}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    with open(place("pebble.log")) as log:
        expect((done.returncode != 0, "" if fails == (done.returncode != 0) else done.stderr + log.read()), (fails, ""))
    return done.stdout + done.stderr


def key_with(policy):
    """A key that may do what the policy says, in the words of the environment."""
    command = [os.environ["CUTOVER_BINARY"], "keys", "create", "--data", os.environ["CUTOVER_DATA"], "--name", "certbot",
               "--policy", policy, "--json"]
    key = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {"AWS_ACCESS_KEY_ID": key["access_key_id"], "AWS_SECRET_ACCESS_KEY": key["secret_access_key"]}


def iam_policy():
    """The policy of certbot-dns-route53's own documentation, with the conditions that AWS offers for it."""
    zone = made["zone"].rsplit("/")[-1]
    condition = {"route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.example.test"],
                 "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]}
    statements = [
        {"Effect": "Allow", "Action": ["route53:ListHostedZones", "route53:GetChange"], "Resource": ["*"]},
        {"Effect": "Allow", "Action": ["route53:ChangeResourceRecordSets"], "Resource": [f"arn:aws:route53:::hostedzone/{zone}"],
         "Condition": {"ForAllValues:StringEquals": condition}}]
    with open(place("policy.json"), "w") as file:
        json.dump({"Version": "2012-10-17", "Statement": statements}, file)
    return place("policy.json")


def names_of(name):
    with open(place(f"config/live/{name}/cert.pem"), "rb") as file:
        certificate = x509.load_pem_x509_certificate(file.read())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return sorted(names.get_values_for_type(x509.DNSName))


def challenges():
    listed = client.list_resource_record_sets(HostedZoneId=made["zone"])["ResourceRecordSets"]
    return [r["Name"] for r in listed if r["Type"] == "TXT"]


@step
def an_authority_and_a_zone_are_there():
    certificate_for_loopback()
    start_pebble()
    reply = client.create_hosted_zone(Name="example.test", CallerReference="certbot")
    made["zone"] = reply["HostedZone"]["Id"]


@step
def a_wildcard_certificate_is_obtained():
    # Both names are proven at one TXT record set, with two values.
    certbot("-d", "example.test", "-d", "*.example.test")
    expect(names_of("example.test"), ["*.example.test", "example.test"])


@step
def the_challenges_are_gone():
    expect(challenges(), [])
    expect(dig_header("_acme-challenge.example.test", "TXT")[0], "NXDOMAIN")


@step
def it_is_renewed():
    certbot("-d", "example.test", "-d", "*.example.test", "--force-renewal")
    expect(names_of("example.test"), ["*.example.test", "example.test"])
    expect(challenges(), [])


@step
def a_key_that_may_only_write_the_challenge_is_enough():
    for policy in (iam_policy(), "acme:example.test"):
        key = key_with(policy)
        certbot("-d", "example.test", "-d", "*.example.test", "--force-renewal", key=key)
        expect(challenges(), [])
        limited = boto3.client("route53", aws_access_key_id=key["AWS_ACCESS_KEY_ID"], aws_secret_access_key=key["AWS_SECRET_ACCESS_KEY"])
        for name, record_type, value in (("www.example.test", "TXT", '"x"'), ("_acme-challenge.example.test", "A", "192.0.2.1")):
            record_set = {"Name": name, "Type": record_type, "TTL": 1, "ResourceRecords": [{"Value": value}]}
            batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record_set}]}
            try:
                limited.change_resource_record_sets(HostedZoneId=made["zone"], ChangeBatch=batch)
            except botocore.exceptions.ClientError as error:
                expect(error.response["Error"]["Code"], "AccessDenied")
            else:
                raise AssertionError(f"{policy} allows {name} {record_type}")


@step
def a_name_without_a_zone_is_told():
    told = certbot("-d", "example.net", fails=True)
    assert "Unable to find a Route53 hosted zone for" in told, told


@step
def the_validator_asks_cutover_and_nobody_else():
    # A delegation to nowhere hides the challenge: the authority refuses, whatever the API holds.
    client.change_resource_record_sets(HostedZoneId=made["zone"], ChangeBatch={"Changes": [{
        "Action": "CREATE", "ResourceRecordSet": {
            "Name": "hidden.example.test", "Type": "NS", "TTL": 60, "ResourceRecords": [{"Value": "ns.elsewhere.test."}]}}]})
    told = certbot("-d", "hidden.example.test", fails=True)
    assert "No TXT records found" in told or "DNS problem" in told, told
    expect(challenges(), [])
    expect(dig("hidden.example.test"), [])


if __name__ == "__main__":
    try:
        run()
    finally:
        if "pebble" in made:
            made["pebble"].terminate()
            made["pebble"].wait()
