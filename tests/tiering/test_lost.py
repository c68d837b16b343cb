"""Who is lost as of a night, what it was worth, and when it comes back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crm.models import Order
from tests.factories import AS_OF, ChurnAlertFactory
from tests.tiering.books import ago, customers, order
from tiering.models import ChurnAlert, LostCustomer, ReturnChance
from tiering.services import run_night
from tiering.services.lost import measure_returns

pytestmark = pytest.mark.django_db


def night(days_later=0, **kwargs):
    return run_night(as_of=AS_OF + timedelta(days=days_later), **kwargs)


def lost():
    rows = LostCustomer.objects.order_by("customer__code").select_related("customer")
    return {row.customer.code: row for row in rows}


def closed_as_lost(customer, days_silent):
    return ChurnAlertFactory(
        customer=customer,
        state="closed",
        outcome="lost",
        closed_on=AS_OF,
        silent_since=ago(days_silent),
        reason="Bought by a rival",
    )


def test_a_year_without_an_order_or_an_alert_closed_as_lost():
    still, gone, told, never, again = customers(5)
    order(still, 364)
    order(gone, 365)
    order(told, 100)
    order(never, 100, "-5.00")
    alert = closed_as_lost(told, 100)
    order(again, 50)
    order(again, 200)
    closed_as_lost(again, 200)
    ChurnAlertFactory(
        customer=still, state="closed", outcome="saved", closed_on=AS_OF, silent_since=ago(364)
    )

    night()

    found = lost()
    assert list(found) == [gone.code, told.code]
    assert found[told.code].reason == "Bought by a rival"
    assert (found[told.code].alert, found[gone.code].alert) == (alert, None)
    assert {row.lost_on for row in found.values()} == {AS_OF}


def test_the_value_is_net_of_the_year_before_the_last_order_and_of_nothing_later():
    (gone,) = customers(1)
    order(gone, 400, "100.00")
    order(gone, 764, "20.00")
    order(gone, 765, "1000.00")
    order(gone, 500, "-15.00")
    order(gone, 450, "7.00", status="cancelled")
    order(gone, 399, "-3.00")

    night()

    row = lost()[gone.code]
    assert (row.value, row.order_days, row.silent_since) == (Decimal("105.00"), 3, ago(400))


def test_the_value_is_profit_where_the_book_measures_that():
    buys, gone = customers(2)
    order(buys, 10, base_cost="40.00")
    order(gone, 400, base_cost="60.00")
    order(gone, 450, "7.00")  # no cost is known

    night()

    assert lost()[gone.code].value == 47


def test_the_last_grade_is_that_while_it_still_bought():
    top, *_rest = found = customers(5)
    for number, each in enumerate(found):
        order(each, 364, f"{1000 - number}.00")
    night()
    change = top.grade_changes.get()
    assert change.to_grade != "maintain"
    change.pk, change.correction, change.to_grade = None, change.correction + 1, "general"
    change.save()  # corrected on the same day
    night(1)

    assert lost()[top.code].last_grade == "general"
    assert lost()[found[1].code].last_grade == found[1].grade_changes.earliest("as_of").to_grade


def test_an_order_ends_it_and_an_undone_order_goes_on_with_it():
    (gone,) = customers(1)
    order(gone, 400)
    night()
    order(gone, -2)
    order(gone, -3)
    night(3)
    assert lost()[gone.code].returned_on == ago(-2)

    Order.objects.filter(ordered_on__gt=AS_OF).delete()
    night(4)

    assert lost()[gone.code].returned_on is None


def test_an_order_that_came_in_late_says_it_never_was_lost():
    gone, earlier, today, wrong = customers(4)
    for each in (gone, today, wrong):
        order(each, 400)
    latest = order(earlier, 400)
    order(earlier, 700)
    night()
    assert len(lost()) == 4
    order(gone, 100)
    order(today, 0)
    Order.objects.filter(pk=latest.pk).delete()
    Order.objects.filter(customer=wrong).delete()

    night(1)

    assert {code: row.silent_since for code, row in lost().items()} == {earlier.code: ago(700)}


@pytest.mark.parametrize(
    "fields",
    [{"state": "open", "outcome": "", "closed_on": None}, {"outcome": "saved"}],
    ids=["opened again", "closed with another outcome"],
)
def test_an_alert_that_no_longer_says_so_gives_the_customer_back(fields):
    (told,) = customers(1)
    order(told, 100)
    alert = closed_as_lost(told, 100)
    night()
    assert told.code in lost()
    ChurnAlert.objects.filter(pk=alert.pk).update(**fields)

    night(1)

    assert lost() == {}


def test_said_to_be_lost_after_the_year_is_one_row_with_the_reason():
    (gone,) = customers(1)
    order(gone, 400)
    night()
    closed_as_lost(gone, 400)

    night(1)

    row = lost()[gone.code]
    assert (row.reason, row.lost_on) == ("Bought by a rival", AS_OF)


def test_a_second_night_and_a_forced_one_change_nothing():
    (gone,) = customers(1)
    order(gone, 400)
    night()
    before = list(LostCustomer.objects.values())

    night(force=True)

    assert list(LostCustomer.objects.values()) == before


def chances(**known):
    """Measured yesterday, so that the night does not measure again."""
    ReturnChance.objects.create(
        away=5, orders=1, measured_on=ago(1), n=known["n"], share=0.25, low=0.1, high=0.4
    )


@pytest.mark.parametrize(
    ("n", "returned", "expected"),
    [(30, "0.00", Decimal("25.00")), (29, "0.00", None), (30, "-150.00", Decimal("0.00"))],
)
def test_chance_times_value_where_there_are_cases_enough(n, returned, expected):
    (gone,) = customers(1)
    order(gone, 400)
    order(gone, 410, returned)
    chances(n=n)

    night()

    row = lost()[gone.code]
    assert (row.chance.n, row.expected) == (n, expected)
    assert row.share == (None if n < 30 else 0.25)


def test_the_chance_of_who_came_back_stays_as_it_was_said():
    gone, away = customers(2)
    for each in (gone, away):
        order(each, 400)
    chances(n=30)
    night()
    order(gone, -1)
    ReturnChance.objects.update(share=0.1, measured_on=AS_OF)

    night(1)

    assert (lost()[gone.code].share, lost()[gone.code].expected) == (0.25, Decimal("25.00"))
    assert (lost()[away.code].share, lost()[away.code].expected) == (0.1, Decimal("10.00"))


def test_the_class_changes_with_the_months():
    (gone,) = customers(1)
    order(gone, 547)
    chances(n=50)
    night()
    assert lost()[gone.code].expected == 25

    night(1)

    assert (lost()[gone.code].expected, lost()[gone.code].chance) == (None, None)


def test_chances_are_measured_on_the_own_book_once_a_week(monkeypatch):
    for each in customers(40):
        order(each, 600)
        if each.pk % 4 == 0:
            order(each, 200)
        order(each, 190, status="cancelled")
        order(each, 190, "-1.00")

    run = night()
    cell = ReturnChance.objects.get(away=5, orders=1)
    assert (cell.n, cell.measured_on) == (40, AS_OF)
    # On two origins 30 were away as long, on one the others too; these came back.
    assert cell.share == pytest.approx(10 / (30 * 2 + 10))
    assert cell.low < cell.share < cell.high
    gone = next(iter(lost().values()))
    assert gone.expected is None or gone.chance.is_known
    assert not measure_returns(run, customers=40)  # the same night once more
    night(6)
    assert set(ReturnChance.objects.values_list("measured_on", flat=True)) == {AS_OF}

    monkeypatch.setattr("tiering.services.lost.SAMPLE", 20)
    night(7)

    # Of a book twice as large as what is read every second customer, the same ones each time:
    # those still away on three origins, the others on two.
    cell = ReturnChance.objects.get(away=5, orders=1)
    assert (cell.n, cell.share) == (20, pytest.approx(10 * 2 / (10 * 3 + 10 * 2)))
    assert ReturnChance.objects.count() == 32
    assert set(ReturnChance.objects.values_list("measured_on", flat=True)) == {
        AS_OF + timedelta(days=7)
    }


def test_the_value_is_counted_anew_with_the_chances_until_the_customer_returns():
    gone, back = customers(2)
    chances(n=50)
    for each in (gone, back):
        order(each, 545)
    night()
    for each in (gone, back):
        order(each, 600, "50.00")
    order(back, -1)
    night(1)
    assert lost()[gone.code].value == 100

    night(7)

    found = {code: (row.value, row.chance.away, row.expected) for code, row in lost().items()}
    assert found == {gone.code: (150, 6, None), back.code: (100, 5, 25)}
