"""CIDR collections: created, changed with a version that guards, listed, deleted."""

from expecting import expect, step
from judge import client, ok, pages, refused
from quotas import limit

NONE = "11111111-2222-3333-4444-555555555555"
made = {}


def put(location, *blocks, action="PUT"):
    return {"LocationName": location, "Action": action, "CidrList": list(blocks)}


@step
def a_collection_is_created_field_by_field():
    reply = ok("CreateCidrCollection", Name="offices", CallerReference="cidr-1")
    one = made["collection"] = reply["Collection"]
    expect((one["Name"], one["Version"], one["Arn"].endswith(f"cidrcollection/{one['Id']}")), ("offices", 1, True))
    assert reply["Location"].endswith(f"/2013-04-01/cidrcollection/{one['Id']}"), reply["Location"]
    # The same request once more is the same collection.
    expect(ok("CreateCidrCollection", Name="offices", CallerReference="cidr-1")["Collection"]["Id"], one["Id"])
    refused("CidrCollectionAlreadyExistsException", "CreateCidrCollection", Name="offices", CallerReference="cidr-2")
    refused("InvalidInput", "CreateCidrCollection", Name="no spaces", CallerReference="cidr-3")


@step
def blocks_are_put_moved_and_taken():
    id = made["collection"]["Id"]
    change = ok("ChangeCidrCollection", Id=id, CollectionVersion=1, Changes=[put("here", "192.0.2.0/24", "2001:db8::/32"), put("there", "198.51.100.0/24")])
    assert ok("GetChange", Id=change["Id"])["ChangeInfo"]["Status"] in ("PENDING", "INSYNC")
    refused("CidrCollectionVersionMismatchException", "ChangeCidrCollection", Id=id, CollectionVersion=1, Changes=[put("here", "203.0.113.0/24")])
    refused("CidrBlockInUseException", "ChangeCidrCollection", Id=id, Changes=[put("there", "192.0.2.0/24")])
    ok("ChangeCidrCollection", Id=id, Changes=[put("here", "192.0.2.0/24", action="DELETE_IF_EXISTS"), put("there", "192.0.2.0/24")])
    listed = ok("ListCidrBlocks", CollectionId=id)["CidrBlocks"]
    expect(sorted((b["LocationName"], b["CidrBlock"]) for b in listed), [
        ("here", "2001:db8::/32"), ("there", "192.0.2.0/24"), ("there", "198.51.100.0/24")])
    expect(ok("ListCidrCollections")["CidrCollections"], [made["collection"] | {"Version": 3}])
    for block in ("192.0.2.0", "192.0.2.0/33", "10.0.0.0/25", "0.0.0.0/0", "2001:db8::/49", "words"):
        refused("InvalidInput", "ChangeCidrCollection", Id=id, Changes=[put("bad", block)])
    refused("InvalidInput", "ChangeCidrCollection", Id=id, Changes=[put("no spaces", "10.0.0.0/8")])
    refused("NoSuchCidrCollectionException", "ChangeCidrCollection", Id=NONE, Changes=[put("here", "10.0.0.0/8")])
    many = [f"10.{n}.0.0/16" for n in range(limit("blocks_per_cidr_collection"))]
    refused("LimitsExceeded", "ChangeCidrCollection", Id=id, Changes=[put("many", *many)])


@step
def what_is_there_is_listed_in_pages():
    id = made["collection"]["Id"]
    token = {"NextToken": "NextToken"}
    blocks = ok("ListCidrBlocks", CollectionId=id)["CidrBlocks"]
    expect(pages("ListCidrBlocks", "CidrBlocks", token, limit="MaxResults", CollectionId=id), blocks)
    expect(ok("ListCidrBlocks", CollectionId=id, LocationName="here")["CidrBlocks"], [{"CidrBlock": "2001:db8::/32", "LocationName": "here"}])
    locations = ok("ListCidrLocations", CollectionId=id)["CidrLocations"]
    expect([location["LocationName"] for location in locations], ["here", "there"])
    expect(pages("ListCidrLocations", "CidrLocations", token, limit="MaxResults", CollectionId=id), locations)
    rest = [ok("CreateCidrCollection", Name=f"rest{n}", CallerReference=f"rest {n}")["Collection"]["Id"] for n in range(limit("cidr_collections") - 1)]
    refused("LimitsExceeded", "CreateCidrCollection", Name="more", CallerReference="more")
    collections = ok("ListCidrCollections")["CidrCollections"]
    expect(pages("ListCidrCollections", "CidrCollections", token, limit="MaxResults"), collections)
    for name, key, arguments in (("blocks", "CidrBlocks", {"CollectionId": id}), ("locations", "CidrLocations", {"CollectionId": id}), ("collections", "CidrCollections", {})):
        through_sdk = client.get_paginator(f"list_cidr_{name}").paginate(**arguments, PaginationConfig={"PageSize": 1})
        expect([one for page in through_sdk for one in page[key]], {"blocks": blocks, "locations": locations, "collections": collections}[name])
    for one in rest:
        ok("DeleteCidrCollection", Id=one)
    refused("NoSuchCidrCollectionException", "ListCidrBlocks", CollectionId=NONE)
    refused("NoSuchCidrCollectionException", "ListCidrLocations", CollectionId=NONE)
    refused("NoSuchCidrLocationException", "ListCidrBlocks", CollectionId=id, LocationName="nowhere")
    for operation, arguments in (("ListCidrBlocks", {"CollectionId": id}), ("ListCidrLocations", {"CollectionId": id}), ("ListCidrCollections", {})):
        refused("InvalidInput", operation, **arguments, NextToken="made up")
        refused("InvalidInput", operation, **arguments, MaxResults="none")


@step
def a_collection_that_is_used_or_full_stays():
    id = made["collection"]["Id"]
    zone = ok("CreateHostedZone", Name="cidr.example", CallerReference="cidr")["HostedZone"]["Id"]
    by_cidr = {"Name": "www.cidr.example", "Type": "A", "TTL": 60, "SetIdentifier": "here", "ResourceRecords": [{"Value": "192.0.2.1"}],
               "CidrRoutingConfig": {"CollectionId": id, "LocationName": "here"}}

    def change(action, **more):
        return {"HostedZoneId": zone, "ChangeBatch": {"Changes": [{"Action": action, "ResourceRecordSet": by_cidr | more}]}}

    ok("ChangeResourceRecordSets", **change("CREATE"))
    listed = [r for r in ok("ListResourceRecordSets", HostedZoneId=zone)["ResourceRecordSets"] if r["Type"] == "A"]
    expect([r["CidrRoutingConfig"] for r in listed], [by_cidr["CidrRoutingConfig"]])
    refused("CidrCollectionInUseException", "DeleteCidrCollection", Id=id)
    ok("ChangeResourceRecordSets", **change("DELETE"))
    ok("DeleteHostedZone", Id=zone)
    refused("CidrCollectionInUseException", "DeleteCidrCollection", Id=id)
    ok("ChangeCidrCollection", Id=id, Changes=[
        put("here", "2001:db8::/32", action="DELETE_IF_EXISTS"), put("there", "192.0.2.0/24", "198.51.100.0/24", action="DELETE_IF_EXISTS")])
    ok("DeleteCidrCollection", Id=id)
    refused("NoSuchCidrCollectionException", "DeleteCidrCollection", Id=id)
