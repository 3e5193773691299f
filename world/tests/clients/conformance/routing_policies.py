"""Record sets of every routing policy are kept as they were given, and refused where policies do not mix."""

from expecting import expect, step
from judge import ok, refused


@step
def record_sets_of_every_policy_are_kept():
    zone = ok("CreateHostedZone", Name="policies.example", CallerReference="policies")["HostedZone"]["Id"]
    policies = {
        "latency": {"Region": "eu-west-1"}, "country": {"GeoLocation": {"CountryCode": "DE"}}, "default": {"GeoLocation": {"CountryCode": "*"}},
        "continent": {"GeoLocation": {"ContinentCode": "EU"}}, "state": {"GeoLocation": {"CountryCode": "US", "SubdivisionCode": "CA"}},
        "near-region": {"GeoProximityLocation": {"AWSRegion": "eu-west-1", "Bias": -10}},
        "near-place": {"GeoProximityLocation": {"Coordinates": {"Latitude": "51.50", "Longitude": "-0.12"}}},
        "weighted": {"Weight": 255}, "failover": {"Failover": "SECONDARY"}, "multivalue": {"MultiValueAnswer": True}}
    names = {"country": "geo", "default": "geo", "continent": "geo", "state": "geo", "near-region": "near", "near-place": "near"}
    sets = [{"Name": f"{names.get(key, key)}.policies.example.", "Type": "A", "SetIdentifier": key, **fields, "TTL": 60,
             "ResourceRecords": [{"Value": "192.0.2.1"}]} for key, fields in policies.items()]

    def batch(action, of):
        return {"HostedZoneId": zone, "ChangeBatch": {"Changes": [{"Action": action, "ResourceRecordSet": s} for s in of]}}

    ok("ChangeResourceRecordSets", **batch("CREATE", sets))
    listed = {s["SetIdentifier"]: s for s in ok("ListResourceRecordSets", HostedZoneId=zone)["ResourceRecordSets"] if s["Type"] == "A"}
    for one in sets:
        shown = listed[one["SetIdentifier"]]
        expect({key: shown[key] for key in one if key != "GeoProximityLocation"}, {key: one[key] for key in one if key != "GeoProximityLocation"})
        expect({k: v for k, v in shown.get("GeoProximityLocation", {}).items() if k != "Bias" or v}, one.get("GeoProximityLocation", {}))
    twice = sets[1] | {"SetIdentifier": "again"}
    refused("InvalidChangeBatch", "ChangeResourceRecordSets", **batch("CREATE", [twice]))
    refused("InvalidInput", "ChangeResourceRecordSets", **batch("CREATE", [sets[0] | {"Name": "x.policies.example", "Weight": 1}]))
    nowhere = sets[1] | {"SetIdentifier": "nowhere", "GeoLocation": {"CountryCode": "ZZ"}}
    refused("InvalidInput", "ChangeResourceRecordSets", **batch("CREATE", [nowhere]))
    ok("ChangeResourceRecordSets", **batch("DELETE", sets))
    ok("DeleteHostedZone", Id=zone)
