"""The AWS CLI (version 1), unmodified, as people type it."""

import json
import os
import subprocess
import sys
import tempfile

from expecting import dig, dig_header, expect, run, step

AWS = os.path.join(os.path.dirname(sys.executable), "aws")
made = {}


def aws(*words, fails=False):
    done = subprocess.run([AWS, "route53", *words, "--output", "json"], capture_output=True, text=True)
    expect((done.returncode != 0, done.stderr if not fails else ""), (fails, ""))
    return done.stderr if fails else json.loads(done.stdout or "null")


def batch(*changes):
    file = tempfile.NamedTemporaryFile("w", suffix=".json", delete=False)
    json.dump({"Changes": list(changes)}, file)
    file.close()
    return f"file://{file.name}"


def a(action, name, address, **more):
    record_set = {"Name": name, "Type": "A", "TTL": 30, "ResourceRecords": [{"Value": address}], **more}
    return {"Action": action, "ResourceRecordSet": record_set}


@step
def a_zone_is_created():
    reply = aws("create-hosted-zone", "--name", "cli.test", "--caller-reference", "1", "--hosted-zone-config", "Comment=hello")
    made["zone"] = reply["HostedZone"]["Id"].split("/")[-1]
    expect(reply["HostedZone"]["Config"]["Comment"], "hello")


@step
def a_batch_is_applied_waited_for_and_answered():
    reply = aws("change-resource-record-sets", "--hosted-zone-id", made["zone"], "--change-batch", batch(
        a("CREATE", "www.cli.test", "192.0.2.1"),
        a("CREATE", "w.cli.test", "192.0.2.2", SetIdentifier="one", Weight=1),
        a("CREATE", "w.cli.test", "192.0.2.3", SetIdentifier="two", Weight=0)))
    aws("wait", "resource-record-sets-changed", "--id", reply["ChangeInfo"]["Id"])
    expect(aws("get-change", "--id", reply["ChangeInfo"]["Id"])["ChangeInfo"]["Status"], "INSYNC")
    expect(dig("www.cli.test"), ["192.0.2.1"])
    expect(dig("w.cli.test"), ["192.0.2.2"])


@step
def record_sets_are_listed():
    reply = aws("list-resource-record-sets", "--hosted-zone-id", made["zone"], "--query", "ResourceRecordSets[?Type=='A'].[Name,SetIdentifier,Weight]")
    expect(reply, [["w.cli.test.", "one", 1], ["w.cli.test.", "two", 0], ["www.cli.test.", None, None]])
    reply = aws("list-resource-record-sets", "--hosted-zone-id", made["zone"], "--max-items", "3")
    assert "NextToken" in reply, reply
    rest = aws("list-resource-record-sets", "--hosted-zone-id", made["zone"], "--starting-token", reply["NextToken"])
    expect(len(rest["ResourceRecordSets"]), 2)


@step
def a_fault_is_told():
    fault = aws("change-resource-record-sets", "--hosted-zone-id", made["zone"], "--change-batch", batch(
        a("UPSERT", "x.cli.test", "192.0.2.300")), fails=True)
    assert "(InvalidChangeBatch)" in fault and "ARRDATAIllegalIPv4Address" in fault, fault
    expect(dig_header("x.cli.test")[0], "NXDOMAIN")


@step
def a_health_check_is_created_and_deleted():
    reply = aws("create-health-check", "--caller-reference", "1", "--health-check-config",
                "Type=TCP,IPAddress=127.0.0.1,Port=9,RequestInterval=10,FailureThreshold=3")
    id = reply["HealthCheck"]["Id"]
    expect([c["Id"] for c in aws("list-health-checks")["HealthChecks"]], [id])
    aws("delete-health-check", "--health-check-id", id)
    expect(aws("list-health-checks")["HealthChecks"], [])


@step
def everything_is_deleted():
    aws("change-resource-record-sets", "--hosted-zone-id", made["zone"], "--change-batch", batch(
        a("DELETE", "www.cli.test", "192.0.2.1"),
        a("DELETE", "w.cli.test", "192.0.2.2", SetIdentifier="one", Weight=1),
        a("DELETE", "w.cli.test", "192.0.2.3", SetIdentifier="two", Weight=0)))
    aws("delete-hosted-zone", "--id", made["zone"])
    expect(aws("list-hosted-zones")["HostedZones"], [])
    expect(dig_header("www.cli.test")[0], "REFUSED")


if __name__ == "__main__":
    run()
