"""A publication that takes longer than a request: carried out by a worker, watched by a page."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.cache import cache

from crm.models import User
from tiering.models import NightRun, Policy
from tiering.services.guard import NightRefused
from tiering.services.heartbeat import SILENCE_SECONDS, beating
from tiering.services.policies import PolicyRefused, publish
from tiering.services.what_if import takes_long

# For so long an order waits for a worker, and a refusal for its reader.
PATIENCE_SECONDS = 1800
# An order that a dying worker left behind may be given to the next one hours later.
ORDER_SECONDS = 86_400


def is_long(policy: Policy, day: date, run: NightRun | None) -> bool:
    """Whether the book is graded anew at once, and that takes long."""
    return run is not None and run.as_of == day and takes_long(policy, run)


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
    if not cache.add(_name(policy.pk), {"percent": 10}, PATIENCE_SECONDS):
        return False
    cache.set(_ordered(policy.pk), True, ORDER_SECONDS)
    return True


def progress(policy: Policy) -> Mapping[str, Any] | None:
    """Per cent, or the message why it was refused; None where nothing is under way."""
    return cache.get(_name(policy.pk))


def has_died(policy: Policy) -> bool:
    """Whether a worker had begun, or should have, and nothing was heard of it since."""
    return progress(policy) is None and cache.get(_ordered(policy.pk)) is not None


def forget(policy: Policy) -> None:
    cache.delete_many([_name(policy.pk), _ordered(policy.pk)])


def carry_out(order: Mapping[str, Any], *, now: datetime) -> None:
    """Publish; a refusal is kept for the page that waits. An order that somebody was told to
    be broken off is not carried out any more."""
    policy = Policy.objects.get(pk=order["policy"])
    if cache.get(_ordered(policy.pk)) is None:
        return
    cache.set(_name(policy.pk), {"percent": 30}, SILENCE_SECONDS)
    try:
        with beating(_name(policy.pk)):
            _publish(policy, order, now)
    except (PolicyRefused, NightRefused) as error:
        cache.set(_name(policy.pk), {"refused": str(error)}, PATIENCE_SECONDS)
        return
    except Exception as error:
        cache.set(_name(policy.pk), {"refused": type(error).__name__}, PATIENCE_SECONDS)
        raise
    forget(policy)


def _publish(policy: Policy, order: Mapping[str, Any], now: datetime) -> None:
    publish(
        policy=policy,
        valid_from=date.fromisoformat(order["valid_from"]),
        note=order["note"],
        by=User.objects.get(pk=order["by"]),
        now=now,
        seen=order["seen"],
    )


def _name(pk: int) -> str:
    return f"publishing:{pk}"


def _ordered(pk: int) -> str:
    return f"publishing-ordered:{pk}"
