"""The places of geolocation routing."""

from expecting import expect, step
from judge import ok, pages, refused


@step
def places_are_told_one_by_one():
    for asked, told in (
        ({"ContinentCode": "EU"}, {"ContinentCode": "EU", "ContinentName": "Europe"}),
        ({"CountryCode": "DE"}, {"CountryCode": "DE", "CountryName": "Germany"}),
        ({"CountryCode": "US", "SubdivisionCode": "CA"},
         {"CountryCode": "US", "CountryName": "United States", "SubdivisionCode": "CA", "SubdivisionName": "California"}),
        ({"CountryCode": "*"}, {"CountryCode": "*", "CountryName": "Default"}),
    ):
        details = ok("GetGeoLocation", **asked)["GeoLocationDetails"]
        expect({key: details.get(key) for key in told}, told)
    for asked in ({"ContinentCode": "XX"}, {"CountryCode": "ZZ"}, {"CountryCode": "US", "SubdivisionCode": "ZZ"}):
        refused("NoSuchGeoLocation", "GetGeoLocation", **asked)
    refused("InvalidInput", "GetGeoLocation", SubdivisionCode="CA")


@step
def all_places_are_listed():
    after = {"StartContinentCode": "NextContinentCode", "StartCountryCode": "NextCountryCode", "StartSubdivisionCode": "NextSubdivisionCode"}
    every = pages("ListGeoLocations", "GeoLocationDetailsList", after, size="100")
    codes = [(p.get("ContinentCode"), p.get("CountryCode"), p.get("SubdivisionCode")) for p in every]
    expect(len(set(codes)), len(codes))
    assert len(codes) > 250 and {(None, "*", None), ("EU", None, None), (None, "US", "WA")} <= set(
        codes) | {(None, c, s) for _, c, s in codes if c}, len(codes)
    expect(sorted({code for code, country, _ in codes if code and not country}), ["AF", "AN", "AS", "EU", "NA", "OC", "SA"])
    one_by_one = pages("ListGeoLocations", "GeoLocationDetailsList", after, size="3")[:50]
    expect(one_by_one, every[:50])
    refused("InvalidInput", "ListGeoLocations", MaxItems="0")
    refused("InvalidInput", "ListGeoLocations", StartSubdivisionCode="CA")
