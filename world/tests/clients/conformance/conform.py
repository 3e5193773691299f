"""Calls each of Route 53's operations with valid and invalid input; see `judge` for what is asked of an answer.

The last steps are about the whole: every operation of the model was called with success (or stands, with the reason, in
`never` as refused by design), what the model forbids is refused,
and every modelled error was seen or is told, with the reason, in `never`.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import hosted_zones  # noqa: E402, F401: the modules' steps run in this order
import record_sets  # noqa: E402, F401
import routing_policies  # noqa: E402, F401
import cidr_collections  # noqa: E402, F401
import geo_locations  # noqa: E402, F401
import health_checks  # noqa: E402, F401
import tags  # noqa: E402, F401
import quotas  # noqa: E402, F401
import delegation_sets  # noqa: E402, F401
import private_zones  # noqa: E402, F401
import dnssec  # noqa: E402, F401
import traffic_policies  # noqa: E402, F401
import traffic_policy_instances  # noqa: E402, F401
import query_logging  # noqa: E402, F401
import answers  # noqa: E402, F401
from expecting import run, step  # noqa: E402
from judge import model, modelled, seen  # noqa: E402
from mutations import everything_the_model_forbids_is_refused  # noqa: E402
from never import BY_DESIGN, NEVER  # noqa: E402

step(everything_the_model_forbids_is_refused)


@step
def every_operation_was_called_with_success():
    expected = set(model.operation_names) - set(BY_DESIGN)
    called = {operation for operation in seen if seen[operation][""]}
    assert not set(BY_DESIGN) - set(seen), f"never asked for: {sorted(set(BY_DESIGN) - set(seen))}"
    assert called == expected, f"not called with success: {sorted(expected - called)}; offered by now: {sorted(called - expected)}"


@step
def every_modelled_error_was_seen_or_cannot_occur():
    faults = []
    for operation in sorted(model.operation_names):
        for code in sorted(modelled(operation)):
            reason = NEVER.get((operation, code)) or NEVER.get((None, code))
            if seen[operation][code]:
                if (operation, code) in NEVER:
                    faults.append(f"{operation} {code} was seen, and `never` says it cannot be")
            elif not reason:
                faults.append(f"{operation} {code} was not seen")
    print_table()
    assert not faults, "\n" + "\n".join(faults)


def print_table():
    for operation in sorted(seen):
        codes = [f"{code or 'success'} {count}" for code, count in sorted(seen[operation].items())]
        unseen = [f"({code})" for code in sorted(modelled(operation) - set(seen[operation]))]
        print(f"  {operation:42} {', '.join(codes + unseen)}")


if __name__ == "__main__":
    run()
