"""Changes of grade have their cause; figures are kept as long as they should be."""

from datetime import date, timedelta

import pytest
from django.db import Error, connection, transaction

from crm.models import Customer, Order
from tests.factories import AS_OF, NightRunFactory, UserFactory
from tests.tiering.books import book_of_values, customers, new_policy, order, shares
from tiering.models import (
    GradeChange,
    NightRun,
    NightSummary,
    OwnerSummary,
    StandingSnapshot,
)
from tiering.past import customers_on
from tiering.services import run_night
from tiering.services.history import prune_snapshots

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]

TOMORROW = AS_OF + timedelta(days=1)


def last_changes() -> list[tuple]:
    """(customer, from, to, cause) of the newest night that changed anything."""
    newest = GradeChange.objects.order_by("-as_of", "-id").values("as_of")[:1]
    rows = GradeChange.objects.filter(as_of=newest).order_by("customer_id", "id")
    return list(rows.values_list("customer_id", "from_grade", "to_grade", "cause"))


def test_first_grades_have_their_cause():
    (customer,) = book_of_values(100)

    run_night(as_of=AS_OF)

    assert last_changes() == [(customer.pk, "", "key", "first")]
    change = GradeChange.objects.get()
    assert (change.was_eligible, change.eligible, change.before) == (None, True, {})
    assert change.after == {
        "value": "100.00",
        "continuing_value": None,
        "p_none": None,
        "rank": 1,
        "order_days_365": 1,
        "score": 100_00,
        "computed_level": "key",
        "basis": "value",
        "policy": 1,
        "as_of": "2025-03-10",
    }


def test_a_change_by_orders_keeps_the_figures_before_and_after():
    rich, poor = book_of_values(5000, 100)
    run_night(as_of=AS_OF)
    order(poor, -1, "200000.00")

    run_night(as_of=TOMORROW)

    assert last_changes() == [
        (rich.pk, "key", "maintain", "data"),
        (poor.pk, "maintain", "key", "data"),
    ]
    change = GradeChange.objects.get(customer=poor, as_of=TOMORROW)
    assert [change.before[name] for name in ("value", "rank", "as_of")] == [
        "100.00",
        2,
        "2025-03-10",
    ]
    assert [change.after[name] for name in ("value", "rank", "as_of")] == [
        "200100.00",
        1,
        "2025-03-11",
    ]


def test_leaving_and_coming_back_are_causes_of_their_own():
    customer, other = customers(2)
    order(customer, 364, "9000.00")
    order(other, 0)
    run_night(as_of=AS_OF)

    run_night(as_of=TOMORROW)

    assert last_changes() == [
        (customer.pk, "key", "maintain", "left"),
        (other.pk, "maintain", "key", "data"),
    ]
    order(customer, -2, "9000.00")
    run_night(as_of=AS_OF + timedelta(days=2))
    assert last_changes()[0] == (customer.pk, "maintain", "key", "back")


def test_leaving_and_coming_back_within_the_last_grade_are_changes_too():
    """Else a past day would say of a customer that it was active when it was not."""
    poor, rich = customers(2)
    order(poor, 364, "1.00")
    order(rich, 0, "9000.00")
    run_night(as_of=AS_OF)
    run_night(as_of=TOMORROW)
    order(poor, -2, "1.00")
    run = run_night(as_of=AS_OF + timedelta(days=2))

    rows = GradeChange.objects.filter(customer=poor).order_by("as_of")
    assert list(rows.values_list("from_grade", "to_grade", "cause", "eligible")) == [
        ("", "maintain", "first", True),
        ("maintain", "maintain", "left", False),
        ("maintain", "maintain", "back", True),
    ]
    assert [
        customers_on(night, user=UserFactory(role="admin")).get(pk=poor.pk).then_eligible
        for night in NightRun.objects.order_by("as_of")
    ] == [True, False, True]
    assert run.changed == 1


def test_a_new_policy_is_the_cause_of_what_moves_in_its_first_night():
    book = book_of_values(*range(400, 300, -1))
    run_night(as_of=AS_OF)
    new_policy(shares=shares(2, 18, 30, 50), valid_from=TOMORROW)

    run = run_night(as_of=TOMORROW)

    assert run.policy.version == 2
    assert last_changes() == [(book[1].pk, "secondary", "key", "policy")]
    change = GradeChange.objects.get(customer=book[1], as_of=TOMORROW)
    assert (change.before["policy"], change.after["policy"]) == (1, 2)
    order(book[5], -1, "900.00")
    run_night(as_of=TOMORROW, force=True)
    again = GradeChange.objects.filter(as_of=TOMORROW, correction=1)
    assert set(again.values_list("customer_id", "to_grade", "cause")) == {
        (book[1].pk, "secondary", "data"),
        (book[5].pk, "key", "data"),
    }


def test_who_begins_to_buy_is_a_newcomer_and_not_moved_by_data():
    book_of_values(100)
    run_night(as_of=AS_OF)
    (new,) = customers(1, "N")
    order(new, -1, "1.00")

    run_night(as_of=TOMORROW)

    assert last_changes() == [(new.pk, "", "maintain", "newcomer")]


def test_who_was_known_before_the_first_order_is_a_newcomer_too():
    (new,) = customers(1, "N")
    book_of_values(100)
    run_night(as_of=AS_OF)
    order(new, -1, "100000.00")

    run_night(as_of=TOMORROW)

    assert (new.pk, "maintain", "key", "newcomer") in last_changes()


def test_a_policy_rules_from_its_first_day_on():
    book_of_values(100)
    new_policy(valid_from=TOMORROW)

    assert run_night(as_of=AS_OF).policy.version == 1
    assert run_night(as_of=TOMORROW).policy.version == 2


def test_summaries_add_up_to_the_book():
    alice, book = UserFactory(), book_of_values(*range(100, 130))
    Customer.objects.filter(pk__in=[each.pk for each in book[:10]]).update(
        owner=alice, region="North", industry="Cafés"
    )
    customers(5)

    run = run_night(as_of=AS_OF)

    rows = NightSummary.objects.filter(run=run)
    totals = dict.fromkeys(run.counts, 0)
    for row in rows:
        totals[row.grade] += row.customers
    assert totals == run.counts
    assert sum(row.eligible for row in rows) == run.graded == 30
    assert sum(row.value for row in rows) == sum(range(100, 130))
    own = rows.filter(owner=alice, region="North", industry="Cafés")
    assert sum(row.customers for row in own) == 10
    by_owner = OwnerSummary.objects.filter(run=run)
    assert totals == {
        grade: sum(row.customers for row in by_owner if row.grade == grade) for grade in totals
    }
    assert sum(row.value for row in by_owner) == sum(range(100, 130))
    assert {row.behaviour for row in by_owner} == {"promising"}
    assert sum(row.customers for row in by_owner.filter(owner=alice)) == 10


def test_a_night_computed_again_replaces_its_sums():
    book_of_values(300, 200, 100)
    for force in (False, True):
        run = run_night(as_of=AS_OF, force=force)
        for sums in (run.summaries, run.owner_summaries):
            assert sum(sums.values_list("customers", flat=True)) == 3


def test_figures_are_kept_for_35_nights_for_month_ends_and_at_a_change_of_their_own():
    book = book_of_values(400, 300, 200, 100)
    days = [date(2025, 1, 20) + timedelta(days=each) for each in range(49)]
    change, month_end = date(2025, 1, 25), date(2025, 1, 31)
    Order.objects.update(ordered_on=days[0])
    for day in days:
        if day == change:
            order(book[3], (AS_OF - day).days, "250.00")
        run_night(as_of=day)

    moved = GradeChange.objects.filter(as_of=change).values_list("customer", flat=True)
    assert book[3].pk in moved
    assert set(moved) != {each.pk for each in book}
    always = {days[0], month_end, *days[-35:]}
    for customer in book:
        kept = set(
            StandingSnapshot.objects.filter(customer=customer).values_list("as_of", flat=True)
        )
        assert kept == (always | {change} if customer.pk in moved else always)


def test_history_is_never_changed():
    book_of_values(100)
    run_night(as_of=AS_OF)

    with pytest.raises(Error, match="never changed"), transaction.atomic():
        GradeChange.objects.update(to_grade="key")
    with pytest.raises(Error, match="never changed"), transaction.atomic():
        GradeChange.objects.all().delete()


@pytest.mark.parametrize("table", ["tiering_gradechange", "crm_customer CASCADE"])
def test_history_is_never_emptied(table):
    """Only connections of the tests may: Django empties tables after tests that commit."""
    book_of_values(100)
    run_night(as_of=AS_OF)

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('vital_few.testing')")
        assert cursor.fetchone() == ("on",)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL vital_few.testing = off")
        with pytest.raises(Error, match="never changed"), transaction.atomic():
            cursor.execute(f"TRUNCATE {table}")
        assert GradeChange.objects.count() == 1
        cursor.execute("SET LOCAL vital_few.undoing = on")
        cursor.execute(f"TRUNCATE {table}")
    assert not GradeChange.objects.exists()


def test_whoever_has_a_snapshot_cannot_go():
    """Snapshots have no key of their own that is checked: the changes of grade have."""
    (customer,) = book_of_values(100)
    run_night(as_of=AS_OF)
    Order.objects.all().delete()
    customer.standing.delete()

    found = Customer.objects.filter(pk=customer.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(Error, match="tiering_gradechange"), transaction.atomic():
        found._raw_delete("default")


def test_the_last_night_of_a_month_is_kept_though_the_next_one_came_a_year_later():
    book_of_values(100)
    latest = run_night(as_of=AS_OF)
    for days in range(1, 35):
        NightRunFactory(as_of=AS_OF - timedelta(days=days))
    NightRunFactory(as_of=date(2024, 2, 20))
    StandingSnapshot.objects.update(as_of=date(2024, 2, 20))

    prune_snapshots(latest)

    assert StandingSnapshot.objects.count() == 1
