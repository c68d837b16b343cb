"""A publication that takes longer than a request: carried out by a worker, watched by a page."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.cache import cache

from crm.models import User
from tiering.models import NightRun, Policy
from tiering.services.guard import NightRefused
from tiering.services.policies import PolicyRefused, publish
from tiering.services.what_if import LARGEST_AT_ONCE

# Longer than the longest publication: else a page would say that nothing is under way.
PATIENCE_SECONDS = 1800


def is_long(day: date, run: NightRun | None) -> bool:
    """Whether the book is graded anew at once, and is a large one."""
    return run is not None and run.as_of == day and run.customers > LARGEST_AT_ONCE


def order_of(policy: Policy, *, valid_from: date, note: str, seen: str, by: User) -> dict[str, Any]:
    """What a worker needs to know, in plain JSON."""
    return {
        "policy": policy.pk,
        "valid_from": valid_from.isoformat(),
        "note": note,
        "seen": seen,
        "by": by.pk,
    }


def begin(policy: Policy) -> bool:
    """Whether it is the caller who has to give the order; of two who publish at once, one."""
    return cache.add(_name(policy.pk), {"percent": 10}, PATIENCE_SECONDS)


def progress(policy: Policy) -> Mapping[str, Any] | None:
    """Per cent, or the message why it was refused; None where nothing is under way."""
    return cache.get(_name(policy.pk))


def forget(policy: Policy) -> None:
    cache.delete(_name(policy.pk))


def carry_out(order: Mapping[str, Any], *, now: datetime) -> None:
    """Publish; a refusal is kept for the page that waits."""
    policy = Policy.objects.get(pk=order["policy"])
    cache.set(_name(policy.pk), {"percent": 30}, PATIENCE_SECONDS)
    try:
        publish(
            policy=policy,
            valid_from=date.fromisoformat(order["valid_from"]),
            note=order["note"],
            by=User.objects.get(pk=order["by"]),
            now=now,
            seen=order["seen"],
        )
    except (PolicyRefused, NightRefused) as error:
        cache.set(_name(policy.pk), {"refused": str(error)}, PATIENCE_SECONDS)
        return
    except Exception as error:
        cache.set(_name(policy.pk), {"refused": type(error).__name__}, PATIENCE_SECONDS)
        raise
    forget(policy)


def _name(pk: int) -> str:
    return f"publishing:{pk}"
