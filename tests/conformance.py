"""What every connector must do. One harness per connector; the same checks for all of them.

A connector's author reads the docstring of `Harness`, subclasses it and parametrises one test with
`checks_for`. The checks are plain async functions in `tests/conformance_kit`, so that they can be run against
connectors that are broken on purpose: `tests/test_conformance_kit.py` does.
"""

from tests.conformance_kit import declared, held, life, receiving, sending, webhooks
from tests.conformance_kit.harness import Broken, Check, Failure, Harness, kit_for

__all__ = ["CHECKS", "Broken", "Check", "Failure", "Harness", "checks_for", "kit_for"]

CHECKS: tuple[Check, ...] = (
    *declared.CHECKS,
    *receiving.CHECKS,
    *webhooks.CHECKS,
    *sending.CHECKS,
    *held.CHECKS,
    *life.CHECKS,
)


def checks_for(harness: type[Harness]) -> list[Check]:
    """The checks that concern this connector: by the protocols it implements, less what is exempt."""
    return [check for check in CHECKS if check.is_for(harness)]
