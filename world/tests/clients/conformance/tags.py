"""Tags of hosted zones and health checks."""

from expecting import expect, step
from judge import ok, refused

NONE = "11111111-2222-3333-4444-555555555555"
made = {}


def tags(**pairs):
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


@step
def tags_are_added_overwritten_removed():
    zone = ok("CreateHostedZone", Name="tags.example", CallerReference="tags")["HostedZone"]["Id"].rsplit("/")[-1]
    config = {"Type": "TCP", "IPAddress": "127.0.0.1", "Port": 9}
    check = ok("CreateHealthCheck", CallerReference="tags", HealthCheckConfig=config)["HealthCheck"]["Id"]
    made.update(hostedzone=zone, healthcheck=check)
    for kind, id in made.items():
        of = {"ResourceType": kind, "ResourceId": id}
        ok("ChangeTagsForResource", **of, AddTags=tags(team="<web>", empty=""))
        ok("ChangeTagsForResource", **of, AddTags=tags(team="mail"), RemoveTagKeys=["empty"])
        expect(ok("ListTagsForResource", **of)["ResourceTagSet"], {**of, "Tags": tags(team="mail")})
        sets = ok("ListTagsForResources", ResourceType=kind, ResourceIds=[id])["ResourceTagSets"]
        expect(sets, [{**of, "Tags": tags(team="mail")}])


@step
def tags_of_nothing_and_tags_that_are_none_are_refused():
    for kind, none, code in (("hostedzone", "ZNOSUCHZONE", "NoSuchHostedZone"), ("healthcheck", NONE, "NoSuchHealthCheck")):
        refused(code, "ChangeTagsForResource", ResourceType=kind, ResourceId=none, AddTags=tags(a="b"))
        refused(code, "ListTagsForResource", ResourceType=kind, ResourceId=none)
        refused(code, "ListTagsForResources", ResourceType=kind, ResourceIds=[made[kind], none])
    zone = {"ResourceType": "hostedzone", "ResourceId": made["hostedzone"]}
    refused("InvalidInput", "ChangeTagsForResource", **zone)
    refused("InvalidInput", "ChangeTagsForResource", **zone, AddTags=[{"Key": "", "Value": "x"}])
    refused("InvalidInput", "ChangeTagsForResource", **zone, AddTags=tags(**{f"k{n}": "" for n in range(11)}))
    refused("InvalidInput", "ListTagsForResources", ResourceType="hostedzone", ResourceIds=[])
    ok("DeleteHostedZone", Id=made["hostedzone"])
    ok("DeleteHealthCheck", HealthCheckId=made["healthcheck"])
