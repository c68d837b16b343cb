"""Short names for what a policy says, so that two of them can be compared at a glance."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tiering.models import Policy
from tiering.models.policy import SETTINGS

# What decides who stands where; the rest says when a grade is shown, and how it is called.
GRADING = [
    "basis",
    "scheme",
    "shares",
    "value_shares",
    "lines",
    "floor",
    "weights",
    "breakpoints",
]


def fingerprint(policy: Policy) -> str:
    """Of everything in a draft that somebody may have changed meanwhile."""
    fields = {name: getattr(policy, name) for name in [*SETTINGS, "name", "note"]}
    return _digest(fields)


def grading_digest(policy: Policy) -> str:
    """Of what decides who stands in which grade: equal ones grade a book equally."""
    fields = {name: getattr(policy, name) for name in GRADING}
    return _digest(fields | {"levels": [[row["code"], row["grade"]] for row in policy.levels]})


def _digest(fields: Mapping[str, Any]) -> str:
    text = json.dumps(_plain(fields), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    """Numbers as they are written shortest: 10, 10.0 and 10.00 are one."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    return format(Decimal(str(value)).normalize(), "f")
