"""Key-signing keys and their states. Zones are not signed yet, and what would sign them is refused in AWS's terms."""

import base64
import hashlib

from expecting import expect, step
from judge import ok, refused
from quotas import limit

ARN = "arn:aws:kms:us-east-1:111122223333:key/{}"
made = {}


def create(name, code=None, **more):
    arguments = {"HostedZoneId": made["zone"], "Name": name, "CallerReference": name,
                 "KeyManagementServiceArn": ARN.format(name), "Status": "INACTIVE"} | more
    return refused(code, "CreateKeySigningKey", **arguments) if code else ok("CreateKeySigningKey", **arguments)


def key(name):
    return {"HostedZoneId": made["zone"], "Name": name}


@step
def a_zone_that_is_not_signed_says_so():
    made["zone"] = ok("CreateHostedZone", Name="keys.example", CallerReference="keys")["HostedZone"]["Id"].rsplit("/")[-1]
    told = ok("GetDNSSEC", HostedZoneId=made["zone"])
    expect((told["Status"]["ServeSignature"], told["KeySigningKeys"]), ("NOT_SIGNING", []))
    for operation in ("GetDNSSEC", "EnableHostedZoneDNSSEC", "DisableHostedZoneDNSSEC"):
        refused("NoSuchHostedZone", operation, HostedZoneId="ZNOSUCHZONE")
        refused("InvalidInput", operation, HostedZoneId="Z" * 33)
    refused("KeySigningKeyWithActiveStatusNotFound", "EnableHostedZoneDNSSEC", HostedZoneId=made["zone"])
    refused("DNSSECNotFound", "DisableHostedZoneDNSSEC", HostedZoneId=made["zone"])


@step
def a_key_is_created_field_by_field():
    reply = create("one")
    one = made["one"] = reply["KeySigningKey"]
    assert reply["Location"].endswith(f"/2013-04-01/keysigningkey/{made['zone']}/one"), reply["Location"]
    fixed = {"Name": "one", "KmsArn": ARN.format("one"), "Flag": 257, "SigningAlgorithmMnemonic": "ECDSAP256SHA256",
             "SigningAlgorithmType": 13, "DigestAlgorithmMnemonic": "SHA-256", "DigestAlgorithmType": 2, "Status": "INACTIVE"}
    expect({field: one[field] for field in fixed}, fixed)
    # RFC 4034 §5.1.4: the digest is over the owner's name and the record; appendix B: the key's tag.
    record = bytes([1, 1, 3, 13]) + base64.b64decode(one["PublicKey"])
    tag = sum(byte << 8 if n % 2 == 0 else byte for n, byte in enumerate(record))
    digest = hashlib.sha256(b"\x04keys\x07example\x00" + record).hexdigest().upper()
    expect((one["KeyTag"], one["DigestValue"]), ((tag + (tag >> 16)) & 0xFFFF, digest))
    expect((one["DSRecord"], one["DNSKEYRecord"]), (f"{one['KeyTag']} 13 2 {digest}", f"257 3 13 {one['PublicKey']}"))
    expect(ok("GetDNSSEC", HostedZoneId=made["zone"])["KeySigningKeys"], [one])


@step
def a_key_is_refused():
    create("one", "KeySigningKeyAlreadyExists", KeyManagementServiceArn=ARN.format("other"), CallerReference="other")
    create("other", "KeySigningKeyAlreadyExists", KeyManagementServiceArn=ARN.format("one"))
    create("other", "InvalidKMSArn", KeyManagementServiceArn="alias/other")
    create("other-key", "InvalidKeySigningKeyName")
    create("other", "InvalidKeySigningKeyStatus", Status="DELETING")
    create("other", "NoSuchHostedZone", HostedZoneId="ZNOSUCHZONE")
    rest = [f"rest{n}" for n in range(limit("key_signing_keys_per_zone") - 1)]
    for name in rest:
        create(name)
    create("more", "TooManyKeySigningKeys")
    for name in rest:
        ok("DeleteKeySigningKey", **key(name))


@step
def a_key_is_activated_deactivated_deleted():
    ok("ActivateKeySigningKey", **key("one"))
    refused("InvalidKeySigningKeyStatus", "ActivateKeySigningKey", **key("one"))
    refused("InvalidKeySigningKeyStatus", "DeleteKeySigningKey", **key("one"))
    refused("HostedZoneNotEmpty", "DeleteHostedZone", Id=made["zone"])
    # By design; see `never`.
    refused("InvalidArgument", "EnableHostedZoneDNSSEC", HostedZoneId=made["zone"])
    ok("DeactivateKeySigningKey", **key("one"))
    refused("InvalidKeySigningKeyStatus", "DeactivateKeySigningKey", **key("one"))
    for operation in ("ActivateKeySigningKey", "DeactivateKeySigningKey", "DeleteKeySigningKey"):
        refused("NoSuchKeySigningKey", operation, **key("none"))
    ok("DeleteKeySigningKey", **key("one"))
    ok("DeleteHostedZone", Id=made["zone"])
