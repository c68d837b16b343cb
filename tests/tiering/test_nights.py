"""A late or failed night is told: to administrators everywhere, to managers on the dashboard."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import AS_OF, NightRunFactory
from tiering.models import NightRun

pytestmark = pytest.mark.django_db

FAILED = "The night of 11 Mar 2025 failed (OperationalError)."
LATE = "The last night is overdue"


def finished(hours: float) -> NightRun:
    finished_at = timezone.now() - timedelta(hours=hours)
    return NightRunFactory(as_of=AS_OF, state="finished", finished_at=finished_at)


def failed() -> NightRun:
    night = AS_OF + timedelta(days=1)
    return NightRunFactory(
        as_of=night, state="failed", error="OperationalError", finished_at=None
    )  # fmt: skip


def page(client, user, name) -> str:
    client.force_login(user)
    return client.get(reverse(name)).content.decode()


@pytest.mark.parametrize(
    ("who", "name", "told"),
    [
        ("ada", "customers", True),
        ("ada", "dashboard", True),
        ("mona", "dashboard", True),
        ("mona", "customers", False),
        ("alice", "customers", False),
    ],
)
def test_a_failed_night_is_told(who, name, told, client, request):
    finished(1)
    failed()

    shown = page(client, request.getfixturevalue(who), name)

    assert (FAILED in shown) == told
    assert ("All figures are still those of 10 Mar 2025" in shown) == told
    assert shown.count('class="trouble"') == told


def test_a_night_that_never_came_is_told(ada, client):
    finished(31)

    assert LATE in page(client, ada, "customers")


def test_a_first_night_that_failed_has_no_figures(ada, client):
    failed()

    shown = page(client, ada, "customers")
    assert FAILED in shown
    assert "There are no figures yet." in shown


def test_all_is_well(ada, client):
    finished(29)

    assert "trouble" not in page(client, ada, "customers")


def test_a_night_that_is_still_running_is_no_trouble(ada, client):
    finished(20)
    NightRunFactory(as_of=AS_OF + timedelta(days=1), state="running", finished_at=None)

    assert "trouble" not in page(client, ada, "customers")
