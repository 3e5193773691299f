"""Breaks, one at a time, every member of a call that was accepted, as far as the model says what breaks it.

Values that are too long, too short, out of range, outside an enumeration or missing must be refused with `InvalidInput`,
naming the member, before anything is looked up or changed.
"""

from expecting import expect
from judge import accepted, model, modelled, refused

# Members whose lower bound is not AWS's here, on purpose: faster checks are a reason to run this yourself.
FREER = {"RequestInterval"}


def broken(shape, value):
    """What this value can become that the model forbids, with the words that must be told."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name == "string":
        if shape.enum:
            yield "Nonsense", "Member must satisfy enum value set: ["
        if most is not None and most <= 10_000:
            yield "Z" * (most + 1), f"Member must have length less than or equal to {most}"
        if least and shape.serialization.get("location") != "uri":
            yield "", f"Member must have length greater than or equal to {least}"
    elif shape.type_name in ("integer", "long"):
        if least is not None:
            yield least - 1, f"Member must have value greater than or equal to {least}"
        if most is not None and most < 2**31 - 1:
            yield most + 1, f"Member must have value less than or equal to {most}"
    elif shape.type_name == "list" and value:
        if least:
            yield [], f"Member must have length greater than or equal to {least}"
        if most is not None and most <= 1000:
            yield value[:1] * (most + 1), f"Member must have length less than or equal to {most}"
        for inner, told in broken(shape.member, value[0]):
            yield [inner, *value[1:]], told
    elif shape.type_name == "structure" and value:
        for inner, told in broken_members(shape, value):
            yield inner, told


def broken_members(shape, value):
    """The structure with one member broken or, where it is required, missing."""
    for name, member in shape.members.items():
        if value.get(name) is not None:
            for inner, told in broken(member, value[name]):
                if name in FREER and inner < value[name]:
                    continue
                yield {**value, name: inner}, told
        if name in shape.required_members and name in value and member.serialization.get("location") != "uri":
            # A query without it breaks a constraint, a body AWS's XML schema. Without its only member a body is empty.
            rest = {key: inner for key, inner in value.items() if key != name}
            yield rest, ("Member must not be null", "is not complete", "Premature end of file")


def everything_the_model_forbids_is_refused():
    count, faults = 0, []
    for operation, arguments in sorted(accepted.items()):
        if "InvalidInput" not in modelled(operation):
            expect(model.operation_model(operation).input_shape.members, {})
            continue
        for worse, told in broken_members(model.operation_model(operation).input_shape, arguments):
            try:
                refused("InvalidInput", operation, told, **worse)
            except AssertionError as fault:
                faults.append(str(fault)[:600])
            count += 1
    assert not faults, f"{len(faults)} of {count}:\n" + "\n".join(faults)
    print(f"{count} broken calls of {len(accepted)} operations were refused")
