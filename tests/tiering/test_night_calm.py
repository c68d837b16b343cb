"""Nights of the database follow the computed grades exactly as the pure engine says."""

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

pytestmark = pytest.mark.django_db

NIGHTS = 50
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


def every_night():
    for days in range(NIGHTS):
        yield run_night(as_of=FIRST + timedelta(days=days))


def documents():
    rows = Order.objects.values_list("customer_id", "ordered_on", "base_amount")
    columns = [(customer, day_number(day), int(amount * 100)) for customer, day, amount in rows]
    return without_costs(*(np.array(column) for column in zip(*columns, strict=True)))


def test_changes_of_fifty_nights_are_those_of_the_replay(policy):
    restless_book()
    for _run in every_night():
        pass

    replayed = replay(
        documents(), policy=policy.rules(), start=day_number(FIRST), end=day_number(AS_OF)
    )

    stayed = GradeChange.objects.filter(was_eligible=True, eligible=True, as_of__gt=FIRST)
    said = replayed.changes_per_customer_year * replayed.customer_years
    assert stayed.count() == round(said) > 20
    assert set(stayed.values_list("cause", flat=True)) == {"data"}


def test_what_a_watch_says_comes_true_unless_something_changes(policy):
    restless_book()
    promised, kept, broken = {}, 0, 0
    for run in every_night():
        levels = dict(Standing.objects.values_list("customer_id", "level"))
        due = {key: level for key, (day, level) in promised.items() if day == run.as_of}
        kept += sum(levels[key] == level for key, level in due.items())
        broken += sum(levels[key] != level for key, level in due.items())
        watched = Standing.objects.filter(watch__in=[UP, DOWN])
        promised = {
            standing.customer_id: (standing.watch_on, standing.watch_level) for standing in watched
        }

    assert kept > 20
    # Whoever crosses a line on the very day is not held to what was said the night before.
    assert broken < kept / 4


def test_a_calm_night_computed_again_begins_where_the_night_before_it_ended(policy):
    restless_book()
    for run in every_night():
        levels = dict(Standing.objects.values_list("customer_id", "level"))
        states = dict(Standing.objects.values_list("customer_id", "state"))
        if run.as_of.day % 10 == 0:
            run_night(as_of=run.as_of, force=True)
            again = Standing.objects.values_list("customer_id", "level")
            assert dict(again) == levels
            after = Standing.objects.values_list("customer_id", "state")
            assert {key: bytes(state) for key, state in after} == {
                key: bytes(state) for key, state in states.items()
            }
    assert NightRun.objects.count() == NIGHTS
