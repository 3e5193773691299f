"""TestDNSAnswer, which runs what answers DNS, and the addresses that probes come from."""

from expecting import expect, step
from judge import ok, refused, settled

made = {}


@step
def an_answer_is_tested():
    zone = made["zone"] = ok("CreateHostedZone", Name="answers.example", CallerReference="answers")["HostedZone"]["Id"]
    made["set"] = {"Name": "*.answers.example", "Type": "TXT", "TTL": 1, "ResourceRecords": [{"Value": '"a b" "c"'}]}
    settled(ok("ChangeResourceRecordSets", HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": made["set"]}]})["ChangeInfo"])
    told = ok("TestDNSAnswer", HostedZoneId=zone, RecordName="x.answers.example", RecordType="TXT")
    expect((told["RecordName"], told["RecordType"], told["RecordData"], told["ResponseCode"], told["Protocol"]),
           ("x.answers.example", "TXT", ['"a b" "c"'], "NOERROR", "UDP"))
    assert told["Nameserver"], told
    told = ok("TestDNSAnswer", HostedZoneId=zone, RecordName="x.answers.example", RecordType="A", ResolverIP="192.0.2.1",
              EDNS0ClientSubnetIP="2001:db8::", EDNS0ClientSubnetMask="48")
    expect((told["RecordData"], told["ResponseCode"]), ([], "NOERROR"))


@step
def a_question_that_is_none_is_refused():
    ask = {"HostedZoneId": made["zone"], "RecordName": "x.answers.example", "RecordType": "TXT"}
    refused("NoSuchHostedZone", "TestDNSAnswer", **ask | {"HostedZoneId": "ZNOSUCHZONE"})
    # The server of this zone knows nothing of others.
    expect(ok("TestDNSAnswer", **ask | {"RecordName": "www.elsewhere.example"})["ResponseCode"], "REFUSED")
    refused("InvalidInput", "TestDNSAnswer", **ask, ResolverIP="resolver")
    refused("InvalidInput", "TestDNSAnswer", **ask, EDNS0ClientSubnetMask="24")
    refused("InvalidInput", "TestDNSAnswer", **ask, EDNS0ClientSubnetIP="192.0.2.0", EDNS0ClientSubnetMask="33")
    ok("ChangeResourceRecordSets", HostedZoneId=made["zone"], ChangeBatch={"Changes": [{"Action": "DELETE", "ResourceRecordSet": made["set"]}]})
    ok("DeleteHostedZone", Id=made["zone"])


@step
def the_checkers_addresses_are_told():
    ranges = ok("GetCheckerIpRanges")["CheckerIpRanges"]
    expect([one for one in ranges if "/" not in one], [])
