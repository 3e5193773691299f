"""Breaks, one at a time, every member of a call that was accepted, as far as the model says what breaks it.

Values that are too long, too short, out of range, outside an enumeration or missing must be refused with `InvalidInput`,
naming the member, before anything is looked up or changed.
"""

import re

from expecting import expect
from judge import accepted, model, modelled, refused

# Members whose lower bound is not AWS's here, on purpose: faster checks are a reason to run this yourself.
FREER = {"RequestInterval"}
# Enumerations of places, to which operators add their own.
OPEN = {"Region", "AWSRegion", "VPCRegion"}


def broken(shape, value, path):
    """What this value can become that the model forbids: where, how, and the words that must be told."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name == "string":
        if shape.enum:
            if path.rsplit(".")[-1] not in OPEN:
                yield path, "Nonsense", ("Member must satisfy enum value set: [", "not a record type: Nonsense")
            return
        if _misses(shape.metadata.get("pattern"), "~ ~"):
            yield path, "~ ~", "Member must satisfy regular expression pattern: "
        if most is not None and most <= 10_000:
            yield path, "Z" * (most + 1), f"Member must have length less than or equal to {most}"
        if least and "location" not in shape.serialization:
            # An empty segment of a path is another path, an empty parameter of a query is none.
            yield path, "", f"Member must have length greater than or equal to {least}"
    elif shape.type_name in ("integer", "long"):
        if least is not None and path.rsplit(".")[-1] not in FREER:
            yield path, least - 1, f"Member must have value greater than or equal to {least}"
        if most is not None and most < 2**31 - 1:
            yield path, most + 1, f"Member must have value less than or equal to {most}"
    elif shape.type_name == "list" and value:
        if least:
            yield path, [], f"Member must have length greater than or equal to {least}"
        if most is not None and most <= 1000:
            yield path, value[:1] * (most + 1), f"Member must have length less than or equal to {most}"
        for n, item in enumerate(value):
            for where, inner, told in broken(shape.member, item, f"{path}[]"):
                yield where, [*value[:n], inner, *value[n + 1:]], told
    elif shape.type_name == "structure" and value:
        yield from broken_members(shape, value, path)


def broken_members(shape, value, path):
    """The structure with one member broken or, where it is required, missing."""
    for name, member in shape.members.items():
        if value.get(name) is None:
            continue
        for where, inner, told in broken(member, value[name], f"{path}.{name}"):
            yield where, {**value, name: inner}, told
        if name in shape.required_members and member.serialization.get("location") != "uri":
            # A query without it breaks a constraint, a body AWS's XML schema. Without its only member a body is empty.
            rest = {key: inner for key, inner in value.items() if key != name}
            yield f"{path}.{name}", rest, ("Member must not be null", "is not complete", "Premature end of file")


def _misses(pattern, text):
    """Whether the text is against a pattern of the model; those that only Java reads are left out."""
    try:
        return pattern is not None and not re.fullmatch(pattern, text)
    except re.error:
        return False


def everything_the_model_forbids_is_refused():
    tried, faults = set(), []
    for operation, calls in sorted(accepted.items()):
        shape = model.operation_model(operation).input_shape
        if "InvalidInput" not in modelled(operation):
            expect(shape.members, {})
            continue
        for arguments in calls:
            for where, worse, told in broken_members(shape, arguments, operation):
                # Each member once in each way, whatever call it stood in.
                if (where, told) in tried:
                    continue
                tried.add((where, told))
                try:
                    refused("InvalidInput", operation, told, **worse)
                except AssertionError as fault:
                    faults.append(f"{where}: {str(fault)[:600]}")
    print(f"{len(tried)} broken calls of {len(accepted)} operations were refused")
    assert not faults, f"{len(faults)} of {len(tried)}:\n" + "\n".join(faults)
