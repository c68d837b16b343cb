"""A night runs once, goes forward, and is made good when it failed."""

from datetime import date, timedelta

import pytest
from django.db import Error, connection

from tests.factories import AS_OF, CustomerFactory, NightRunFactory
from tests.tiering.books import (
    ago,
    book_of_values,
    customers,
    grades_of,
    new_policy,
    order,
    restless_book,
    shares,
)
from tests.tiering.checksums import left_behind
from tiering.models import (
    ChurnFit,
    GradeChange,
    NightRun,
    NightSummary,
    Standing,
    StandingSnapshot,
)
from tiering.services import NightRefused, run_night

pytestmark = pytest.mark.django_db

TOMORROW = AS_OF + timedelta(days=1)


def test_a_night_run_again_changes_nothing():
    restless_book()
    first = run_night(as_of=AS_OF)
    before = left_behind()

    again = run_night(as_of=AS_OF)

    assert left_behind() == before
    assert (again.pk, again.finished_at) == (first.pk, first.finished_at)


def test_a_night_forced_on_the_same_orders_gives_the_same_rows():
    restless_book()
    run_night(as_of=AS_OF)
    before = left_behind()

    run_night(as_of=AS_OF, force=True)

    assert left_behind() == before


def test_a_forced_night_sees_new_orders_and_corrects_by_further_rows():
    first, second = book_of_values(5000, 100)
    run_night(as_of=AS_OF)
    order(second, 0, "200000.00")

    run = run_night(as_of=AS_OF, force=True)

    assert grades_of(first, second) == ["maintain", "key"]
    assert run.changed == 4
    history = GradeChange.objects.filter(customer=second).order_by("id")
    assert list(history.values_list("from_grade", "to_grade", "correction")) == [
        ("", "maintain", 0),
        ("maintain", "key", 1),
    ]
    assert StandingSnapshot.objects.get(customer=second).grade == "key"
    assert NightSummary.objects.filter(run=run).count() == 2


@pytest.mark.parametrize("force", [False, True])
def test_a_day_before_the_latest_finished_night_is_refused(force):
    book_of_values(100)
    run_night(as_of=AS_OF)
    before = left_behind()

    with pytest.raises(NightRefused, match=r"2025-03-09 .* 2025-03-10"):
        run_night(as_of=ago(1), force=force)

    assert left_behind() == before


def test_a_day_without_a_policy_is_refused():
    with pytest.raises(NightRefused, match="No grading policy is in force on 1899-12-31"):
        run_night(as_of=date(1899, 12, 31))

    assert not NightRun.objects.exists()


def test_a_policy_that_cannot_grade_is_refused():
    new_policy(shares=shares(1, 19, 0, 80), valid_from=AS_OF)

    with pytest.raises(
        NightRefused, match="2 Next cannot grade a book: Every level needs a share above 0"
    ):
        run_night(as_of=AS_OF)


def test_a_night_that_was_left_running_is_taken_over():
    book_of_values(100)
    NightRunFactory(as_of=ago(1), state="running", finished_at=None)
    NightRunFactory(as_of=AS_OF, state="running", finished_at=None)

    run_night(as_of=AS_OF)

    rows = NightRun.objects.order_by("as_of").values_list("state", "error")
    assert list(rows) == [("failed", "interrupted"), ("finished", "")]


@pytest.fixture
def no_room_for_summaries(db):
    """A night that fails on its last steps."""

    def rename(old, new):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")

    rename("tiering_nightsummary", "elsewhere")
    return lambda: rename("elsewhere", "tiering_nightsummary")


def test_a_failed_night_leaves_nothing_but_its_row_and_is_made_good(no_room_for_summaries):
    book_of_values(300, 200, 100)
    with pytest.raises(Error):
        run_night(as_of=AS_OF)

    run = NightRun.objects.get()
    assert (run.state, run.error, run.finished_at) == ("failed", "ProgrammingError", None)
    assert not Standing.objects.exists()
    assert not ChurnFit.objects.exists()

    no_room_for_summaries()
    again = run_night(as_of=AS_OF)
    assert (again.state, again.error, again.changed) == ("finished", "", 3)


def test_a_forced_night_that_fails_leaves_the_finished_one(request):
    book_of_values(300, 200, 100)
    run_night(as_of=AS_OF)
    before = left_behind()
    order(CustomerFactory(), 0, "999.00")

    restore = request.getfixturevalue("no_room_for_summaries")
    with pytest.raises(Error):
        run_night(as_of=AS_OF, force=True)

    restore()
    assert left_behind() == before


def test_the_churn_model_is_fitted_once_a_week():
    restless_book()

    fits = [run_night(as_of=AS_OF + timedelta(days=each)).fit.as_of for each in (0, 6, 7, 8)]

    assert fits == [AS_OF, AS_OF, AS_OF + timedelta(days=7), AS_OF + timedelta(days=7)]


def test_too_little_data_is_recorded_and_tried_again_the_next_night():
    book = restless_book(99)

    run = run_night(as_of=AS_OF)

    assert (run.fit.state, run.fit.customers, run.fit.r) == ("too_little", 99, None)
    assert run.alerts_open == 0
    assert not Standing.objects.exclude(p_none_90=None).filter(value__gt=0).exists()
    order(CustomerFactory(), 30)
    again = run_night(as_of=TOMORROW)
    assert (again.fit.state, again.fit.customers) == ("fitted", len(book) + 1)


@pytest.mark.parametrize("number", [3, 300])
def test_a_night_takes_as_many_queries_for_any_book(number, django_assert_num_queries):
    for customer in customers(number):
        order(customer, 40)
    run_night(as_of=AS_OF)

    with django_assert_num_queries(99):
        run_night(as_of=TOMORROW)
