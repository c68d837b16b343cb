"""Nights of the database follow the computed grades exactly as the pure engine says."""

from collections import defaultdict
from datetime import timedelta

import numpy as np
import pytest

from crm.models import Order
from tests.factories import AS_OF
from tests.tiering.books import new_policy, restless_book, shares
from tiering.calm import DOWN, UP
from tiering.ledger import without_costs
from tiering.models import GradeChange, NightRun, Policy, Standing
from tiering.replay import replay
from tiering.services import run_night
from tiering.windows import EPOCH, day_number

NIGHTS = 40
FIRST = AS_OF - timedelta(days=NIGHTS - 1)


@pytest.fixture
def policy():
    return new_policy(
        basis=Policy.Basis.CONTINUING_VALUE,
        shares=shares(5, 25, 30, 40),
        band=10,
        nights_up=2,
        nights_down=5,
        alert_days=20,
        new_days=90,
        valid_from=EPOCH,
    )


@pytest.fixture
def nights(policy):
    """By night the levels, what was promised, and the states; of every tenth also computed again."""
    restless_book()
    said = defaultdict(dict)
    for day in (FIRST + timedelta(days=each) for each in range(NIGHTS)):
        run_night(as_of=day)
        said[day] = {"first": what_stands(), "promised": promised()}
        if day.day % 10 == 0:
            run_night(as_of=day, force=True)
            said[day]["again"] = what_stands()
    return dict(said)


def what_stands() -> dict:
    """Level and state by customer."""
    rows = Standing.objects.values_list("customer_id", "level", "state")
    return {key: (level, bytes(state)) for key, level, state in rows}


def promised() -> dict:
    """By customer the day of the next change and the level it brings."""
    watched = Standing.objects.filter(watch__in=[UP, DOWN])
    rows = watched.values_list("customer_id", "watch_on", "watch_level")
    return {key: (day, level) for key, day, level in rows}


def documents():
    rows = Order.objects.values_list("customer_id", "ordered_on", "base_amount")
    columns = [(customer, day_number(day), int(amount * 100)) for customer, day, amount in rows]
    return without_costs(*(np.array(column) for column in zip(*columns, strict=True)))


@pytest.mark.django_db
def test_forty_nights_keep_what_they_say(policy, nights):
    """One test: the nights take longer than all that is asked of them."""
    changes_are_those_of_the_replay(policy)
    what_a_watch_says_comes_true_unless_something_changes(nights)
    a_night_computed_again_begins_where_the_night_before_it_ended(nights)


def changes_are_those_of_the_replay(policy):
    replayed = replay(
        documents(), policy=policy.rules(), start=day_number(FIRST), end=day_number(AS_OF)
    )

    stayed = GradeChange.objects.filter(was_eligible=True, eligible=True, as_of__gt=FIRST)
    said = replayed.changes_per_customer_year * replayed.customer_years
    assert stayed.count() == round(said) > 20
    assert set(stayed.values_list("cause", flat=True)) == {"data"}


def what_a_watch_says_comes_true_unless_something_changes(nights):
    before, kept, broken = {}, 0, 0
    for today, said in nights.items():
        levels = {key: level for key, (level, _state) in said["first"].items()}
        due = {key: level for key, (day, level) in before.items() if day == today}
        kept += sum(levels[key] == level for key, level in due.items())
        broken += sum(levels[key] != level for key, level in due.items())
        before = said["promised"]

    assert kept > 20
    # Whoever crosses a line on the very day is not held to what was said the night before.
    assert broken < kept / 4


def a_night_computed_again_begins_where_the_night_before_it_ended(nights):
    again = {day: said for day, said in nights.items() if "again" in said}

    assert len(again) == 4
    assert all(said["again"] == said["first"] for said in again.values())
    assert NightRun.objects.count() == NIGHTS
