"""Calls an operation through boto3 and judges the answer by AWS's own service model.

A success must have the modelled status and, read as XML, exactly the modelled members: required ones present, none unknown,
none repeated, all in the model's order, types, lengths, ranges and enumerations as modelled. A refusal must have AWS's form
and one of the operation's codes with its status. What was seen is kept for the table at the end.

The SDK's own validation is off, so that what it would refuse reaches the server.
"""

import collections
import re
import xml.etree.ElementTree

import boto3
import botocore.config
import botocore.exceptions

NAMESPACE = "{https://route53.amazonaws.com/doc/2013-04-01/}"
# Every operation may answer these (AWS's "Common Errors").
COMMON = {"AccessDenied": 403, "InvalidClientTokenId": 403, "SignatureDoesNotMatch": 403, "Throttling": 400, "NotImplemented": 501}

client = boto3.client("route53", config=botocore.config.Config(parameter_validation=False, retries={"total_max_attempts": 1}))
model = client.meta.service_model
# Modelled as required, and left out by the live service where there is nothing to tell.
OPTIONAL = {"Marker", "DelegationSet"}
# Operation → how often each code was seen; "" is success.
seen = collections.defaultdict(collections.Counter)
# Operation → the arguments of all calls that succeeded.
accepted = collections.defaultdict(list)
_raw = {}


def _keep_raw(response_dict, **_):
    _raw.update(response_dict)


client.meta.events.register("before-parse.route53.*", _keep_raw)


def ok(operation, **arguments):
    """Calls it; it must succeed and be well formed. What the SDK makes of the answer."""
    try:
        reply = client._make_api_call(operation, arguments)
    except botocore.exceptions.ClientError as error:
        seen[operation][error.response["Error"]["Code"]] += 1
        raise
    shape = model.operation_model(operation)
    _same(_raw["status_code"], shape.http.get("responseCode", 200), operation)
    _same(_raw["headers"].get("Content-Type"), "text/xml" if _raw["body"] else _raw["headers"].get("Content-Type"), operation)
    assert reply["ResponseMetadata"]["RequestId"], operation
    if _raw["body"]:
        root = xml.etree.ElementTree.fromstring(_raw["body"])
        _same(root.tag, NAMESPACE + shape.output_shape.name, operation)
        _structure(root, shape.output_shape, operation)
        assert b">\n<" not in _raw["body"].split(b"?>\n", 1)[1], f"{operation}: blanks between elements"
    for name in shape.output_shape.required_members if shape.output_shape else []:
        assert name in reply or name in OPTIONAL, f"{operation} has no {name}"
    seen[operation][""] += 1
    accepted[operation].append(arguments)
    return reply


def settled(info):
    """Waits until DNS answers from a change, as the SDK's waiter does, with less patience."""
    client.get_waiter("resource_record_sets_changed").wait(Id=info["Id"], WaiterConfig={"Delay": 1})
    return info


def refused(code, operation, message="", **arguments):
    """Calls it; it must be refused with this code, in AWS's form; `message`, or one of several, must be part of what is said."""
    try:
        reply = client._make_api_call(operation, arguments)
    except botocore.exceptions.ClientError as error:
        told = error.response
    else:
        raise AssertionError(f"{operation} {arguments} was not refused with {code}:\n{reply}")
    root = xml.etree.ElementTree.fromstring(_raw["body"])
    found = [element.tag.removeprefix(NAMESPACE) for element in root.iter()]
    _same(found, ["ErrorResponse", "Error", "Type", "Code", "Message", "RequestId"], operation)
    _same((told["Error"]["Code"], told["Error"]["Type"]), (code, "Sender"), f"{operation} {arguments}: {told['Error']}")
    _same(told["ResponseMetadata"]["HTTPStatusCode"], _statuses(operation)[code], f"{operation} {code}")
    _same(root.findtext(f"{NAMESPACE}RequestId"), _raw["headers"]["x-amzn-RequestId"], operation)
    assert told["Error"]["Message"].strip(), f"{operation} {code} says nothing"
    parts = (message,) if isinstance(message, str) else message
    assert any(part in told["Error"]["Message"] for part in parts), f"{operation}: not {message!r}, but {told['Error']['Message']!r}"
    seen[operation][code] += 1
    return told


def modelled(operation):
    """The error codes that the model gives an operation."""
    return {_code(shape) for shape in model.operation_model(operation).error_shapes}


def pages(operation, items, after, size="1", limit="MaxItems", **arguments):
    """All items of a listing, a page at a time. `after` maps the request's members to the response's."""
    found, more = [], {}
    while True:
        page = ok(operation, **{limit: size}, **arguments, **more)
        assert len(page[items]) <= int(size), f"{operation}: a page of {len(page[items])}"
        found += page[items]
        more = {ask: page[told] for ask, told in after.items() if told in page}
        if not page.get("IsTruncated", bool(more) and "NextToken" in page):
            return found
        assert more, f"{operation}: truncated, and no word where to go on"


def _code(shape):
    return shape.metadata.get("error", {}).get("code", shape.name)


def _statuses(operation):
    shapes = model.operation_model(operation).error_shapes
    return COMMON | {_code(shape): shape.metadata.get("error", {}).get("httpStatusCode", 400) for shape in shapes}


def _same(actual, expected, where):
    assert actual == expected, f"{where}:\nexpected {expected!r}\nactual   {actual!r}"


def _structure(element, shape, path):
    members = {}
    for name, member in shape.members.items():
        if "location" not in member.serialization:
            members[member.serialization.get("name", name)] = (name, member)
    names = [child.tag.removeprefix(NAMESPACE) for child in element]
    _same(sorted(set(names), key=names.index), names, f"{path}: repeated members")
    _same([name for name in members if name in names], names, f"{path}: unknown members or another order")
    for child, name in zip(element, names):
        _value(child, members[name][1], f"{path}.{name}")
    required = [wire for wire, (name, _) in members.items() if name in shape.required_members and name not in OPTIONAL]
    missing = [name for name in required if name not in names]
    assert not missing, f"{path}: without {missing}"


def _value(element, shape, path):
    text = element.text or ""
    if shape.type_name == "structure":
        _structure(element, shape, path)
    elif shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        _same({child.tag for child in element} - {NAMESPACE + item}, set(), path)
        _between(len(element), shape, path)
        for child in element:
            _value(child, shape.member, f"{path}[]")
    elif shape.type_name == "string" and path.endswith("Marker") and not text:
        # Required, with nothing to tell: there is no next page.
        pass
    elif shape.type_name == "string":
        # The limit of an id is that of its last part; AWS's own are longer than the model with the path before them.
        _between(len(text.rsplit("/")[-1] if text.startswith("/") else text), shape, path)
        assert not shape.enum or text in shape.enum, f"{path}: {text!r} is none of {shape.enum}"
    elif shape.type_name in ("integer", "long"):
        _between(int(text), shape, path)
    elif shape.type_name == "boolean":
        assert text in ("true", "false"), f"{path}: {text!r}"
    elif shape.type_name == "timestamp":
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z", text), f"{path}: {text!r}"
    else:
        assert shape.type_name == "double" and float(text) is not None, f"{path}: {shape.type_name}"


def _between(value, shape, path):
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    assert least is None or value >= least, f"{path}: {value} is below {least}"
    assert most is None or value <= most, f"{path}: {value} is above {most}"
