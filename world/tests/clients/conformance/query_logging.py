"""Query logging configurations: one of a zone, with a log group that stands for where lines go."""

from expecting import expect, step
from judge import client, ok, pages, refused

GROUP = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/route53/{}"
NONE = "11111111-2222-3333-4444-555555555555"
made = {}


@step
def a_configuration_is_created_field_by_field():
    made["zones"] = [ok("CreateHostedZone", Name=f"log{n}.example", CallerReference=f"log {n}")["HostedZone"]["Id"].rsplit("/")[-1] for n in range(2)]
    zone = made["zones"][0]
    reply = ok("CreateQueryLoggingConfig", HostedZoneId=zone, CloudWatchLogsLogGroupArn=GROUP.format("one"))
    one = made["one"] = reply["QueryLoggingConfig"]
    expect({key: one[key] for key in one if key != "Id"}, {"HostedZoneId": zone, "CloudWatchLogsLogGroupArn": GROUP.format("one")})
    assert reply["Location"].endswith(f"/2013-04-01/queryloggingconfig/{one['Id']}"), reply["Location"]
    expect(ok("GetQueryLoggingConfig", Id=one["Id"])["QueryLoggingConfig"], one)
    refused("QueryLoggingConfigAlreadyExists", "CreateQueryLoggingConfig", HostedZoneId=zone, CloudWatchLogsLogGroupArn=GROUP.format("two"))
    refused("NoSuchHostedZone", "CreateQueryLoggingConfig", HostedZoneId="ZNOSUCHZONE", CloudWatchLogsLogGroupArn=GROUP.format("one"))
    refused("InvalidInput", "CreateQueryLoggingConfig", HostedZoneId=made["zones"][1], CloudWatchLogsLogGroupArn="not an arn")
    for operation in ("GetQueryLoggingConfig", "DeleteQueryLoggingConfig"):
        refused("NoSuchQueryLoggingConfig", operation, Id=NONE)


@step
def configurations_are_listed_and_deleted():
    two = ok("CreateQueryLoggingConfig", HostedZoneId=made["zones"][1], CloudWatchLogsLogGroupArn=GROUP.format("two"))["QueryLoggingConfig"]
    every = ok("ListQueryLoggingConfigs")["QueryLoggingConfigs"]
    expect(sorted(c["Id"] for c in every), sorted([made["one"]["Id"], two["Id"]]))
    expect(pages("ListQueryLoggingConfigs", "QueryLoggingConfigs", {"NextToken": "NextToken"}, limit="MaxResults"), every)
    through_sdk = client.get_paginator("list_query_logging_configs").paginate(PaginationConfig={"PageSize": 1})
    expect([c for page in through_sdk for c in page["QueryLoggingConfigs"]], every)
    expect(ok("ListQueryLoggingConfigs", HostedZoneId=made["zones"][0])["QueryLoggingConfigs"], [made["one"]])
    refused("NoSuchHostedZone", "ListQueryLoggingConfigs", HostedZoneId="ZNOSUCHZONE")
    refused("InvalidPaginationToken", "ListQueryLoggingConfigs", NextToken="made up")
    refused("InvalidInput", "ListQueryLoggingConfigs", MaxResults="none")
    for one in every:
        ok("DeleteQueryLoggingConfig", Id=one["Id"])
    for zone in made["zones"]:
        ok("DeleteHostedZone", Id=zone)
