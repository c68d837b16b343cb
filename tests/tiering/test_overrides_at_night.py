"""The night goes on computing under a grade that a person set, and ends it on its day."""

from datetime import timedelta

import pytest

from tests.factories import AS_OF
from tests.tiering.books import book_of_values, new_policy, order
from tests.tiering.test_overrides import TODAY, changes, put, shown, standing_of
from tiering.models import Override
from tiering.services import run_night
from tiering.services.overrides import end

pytestmark = pytest.mark.django_db


@pytest.fixture
def book():
    """A key customer and one that maintain fits, graded without calmness."""
    policy = new_policy(valid_from=AS_OF)
    book = book_of_values(5000, 100)
    assert run_night(as_of=AS_OF).policy == policy
    return book


def night(days: int, **options):
    return run_night(as_of=TODAY + timedelta(days=days), **options)


def test_it_holds_through_the_nights_which_compute_underneath(book, mona):
    rich, poor = book
    override = put(poor, mona, grade="general", until=TODAY + timedelta(days=9))
    order(poor, -1, "900000.00")

    night(0)
    assert shown(poor) == ("general", "key", override)
    assert standing_of(poor).level == "key"
    assert changes(rich)[-1][:3] == ("key", "maintain", "data")

    night(9)
    assert shown(poor) == ("general", "key", override)


def test_it_ends_by_itself_in_the_night_after_its_last_day(book, mona):
    _, poor = book
    put(poor, mona, until=TODAY)
    night(0)
    assert shown(poor)[0] == "key"

    night(1)

    assert shown(poor) == ("maintain", "maintain", None)
    assert changes(poor)[-1] == ("key", "maintain", "expiry", TODAY + timedelta(days=1), 0)
    assert Override.objects.get().ended_on is None


def test_nights_that_were_missed_end_it_too(book, mona):
    _, poor = book
    put(poor, mona, until=TODAY)

    night(20)

    assert shown(poor)[0] == "maintain"


@pytest.mark.parametrize("times", [1, 2])
def test_a_forced_night_of_the_day_before_keeps_what_was_set_since(times, book, mona):
    _, poor = book
    override = put(poor, mona)
    assert override.starts_on > AS_OF

    for _ in range(times):
        run_night(as_of=AS_OF, force=True)

    assert shown(poor) == ("key", "maintain", override)
    assert [change[2] for change in changes(poor)] == ["first", "override"]


def test_a_forced_night_does_not_bring_back_what_was_ended(book, mona):
    _, poor = book
    override = put(poor, mona)
    night(0)
    end(override=override, by=mona, today=TODAY + timedelta(days=1))

    night(0, force=True)

    assert shown(poor) == ("maintain", "maintain", None)
    assert [change[2] for change in changes(poor)] == ["first", "override", "expiry"]


def test_a_late_night_keeps_it_and_a_night_run_again_changes_nothing(book, mona):
    _, poor = book
    set_late = TODAY + timedelta(days=5)
    put(poor, mona)
    Override.objects.update(starts_on=set_late)

    night(2)
    before = changes(poor)
    night(2)

    assert shown(poor)[0] == "key"
    assert changes(poor) == before


def test_what_waits_is_not_in_force_in_any_night(book, mona, settings):
    settings.SECOND_PERSON = True
    _, poor = book
    put(poor, mona)

    night(0)

    assert shown(poor) == ("maintain", "maintain", None)


def test_a_kept_grade_stays_where_the_orders_would_lower_it(book, mona):
    rich, poor = book
    put(rich, mona, grade="key")
    order(poor, -1, "900000.00")

    night(0)

    assert shown(rich)[:2] == ("key", "maintain")
    assert [change[2] for change in changes(rich)] == ["first"]
