"""Retention figures: what they divide, and how a night measures it. Figures by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from crm.models import Customer
from tests.factories import (
    AS_OF,
    CaseFactory,
    OrderLineFactory,
    TeamFactory,
    UserFactory,
    VisitFactory,
)
from tests.tiering.books import ago, customers, order
from tiering.models import CustomerRetention, NightRun, RetentionSummary
from tiering.retention import FIGURES, MEASURES, by_code, cohorts_of, quarter_starts
from tiering.retention.cohorts import quarter_start
from tiering.services import run_night


def sums(**known):
    return dict.fromkeys(MEASURES, 0) | known


def test_a_figure_divides_sums_and_is_none_of_nothing():
    repeat, complaints = by_code("repeat"), by_code("complaints")

    assert repeat.of(sums(bought=8, bought_again=6)) == 0.75
    assert complaints.of(sums(order_days=250, complaints=3)) == pytest.approx(1.2)
    assert [figure.of(sums()) for figure in FIGURES] == [None] * len(FIGURES)
    assert by_code("nonsense") is None


def test_quarters_end_with_the_running_one():
    starts = quarter_starts(date(2025, 3, 10))

    assert len(starts) == 62
    assert starts[-1] == date(2025, 1, 1)
    assert starts[-2] == date(2024, 10, 1)
    assert quarter_start(date(2025, 12, 31), back=4) == date(2024, 10, 1)


def test_cohorts_are_shares_of_those_who_began():
    row = {"first_age": 2, "customers": 4, "kept_0": 4, "kept_1": 3, "kept_2": 1}

    (cohort,) = cohorts_of([row], as_of=date(2025, 3, 10))

    assert (cohort.starts_on, cohort.kept) == (date(2024, 7, 1), (4, 3, 1))
    assert cohort.shares == [1, 0.75, 0.25]


def measured(customer: Customer) -> CustomerRetention:
    return CustomerRetention.objects.get(customer=customer)


def only(row, *names):
    return tuple(getattr(row, name) for name in names)


@pytest.mark.django_db
class TestMeasures:
    def night(self, as_of=AS_OF):
        return run_night(as_of=as_of)

    def test_orders_of_two_years_each_in_its_window(self):
        stays, once, left, new = customers(4)
        for days, amount in ((0, "100.00"), (364, "50.00"), (365, "80.00"), (729, "20.00")):
            order(stays, days, amount)
        order(stays, 730, "999.00")
        order(once, 10)
        order(left, 400, "300.00")
        order(new, 5, "40.00")
        order(new, 5, "2.00")
        order(new, 6, "-12.00")
        order(new, 7, "1.00", status="cancelled")
        order(new, -1, "1.00")

        self.night()

        bought = ("bought", "bought_again", "bought_before", "stayed", "order_days")
        money = ("revenue_before", "revenue_stayed", "revenue")
        assert only(measured(stays), *bought, *money) == (1, 1, 1, 1, 2, 100, 150, 150)
        assert only(measured(once), *bought, *money) == (1, 0, 0, 0, 1, 0, 0, 100)
        assert only(measured(left), *bought, *money) == (0, 0, 1, 0, 0, 300, 0, 0)
        assert only(measured(new), *bought, *money) == (1, 0, 0, 0, 1, 0, 0, 30)

    def test_returns_count_in_revenue_but_are_no_buying(self):
        (one,) = customers(1)
        order(one, 400, "-50.00")
        order(one, 400, "0.00")
        order(one, 3, "20.00")

        self.night()

        assert only(measured(one), "bought_before", "revenue_before", "revenue_stayed") == (0, 0, 0)

    def test_complaints_and_who_ordered_again_within_90_days(self):
        (one,) = customers(1)
        for days in (0, 364, 365, 90, 89):
            CaseFactory(customer=one, opened_on=ago(days), due_on=ago(days))
        CaseFactory(customer=one, kind="training", opened_on=ago(5), due_on=ago(5))
        CaseFactory(customer=one, opened_on=ago(-1), due_on=ago(-1))
        order(one, 365)  # the day of a complaint, not after it
        order(one, 275)  # 90 days after it, and 89 after that of 364
        order(one, 90)

        self.night()

        names = ("complaints", "complaints_judged", "complaints_forgiven", "order_days")
        # Judged: 365, 364 and 90 days ago; after the last one nothing was ordered.
        assert only(measured(one), *names) == (4, 3, 2, 2)

    def test_contacts_of_a_year_by_company_time(self):
        (one,) = customers(1)
        common = {"customer": one, "by": UserFactory()}
        VisitFactory(**common, satisfaction=4, competitor="Bolt & Co", happened_at=at(AS_OF, 15))
        VisitFactory(**common, satisfaction=1, direction="inbound", happened_at=at(ago(364), 0))
        VisitFactory(**common, channel="came_to_us", happened_at=at(ago(9), 3))
        VisitFactory(**common, outcome="missed", competitor="Bolt & Co", happened_at=at(ago(8), 3))
        VisitFactory(**common, satisfaction=5, happened_at=at(AS_OF, 16))  # tomorrow in Shanghai
        VisitFactory(**common, satisfaction=5, happened_at=at(ago(365), 3))

        self.night()

        names = ("satisfaction_sum", "satisfaction_answers", "contacts")
        assert only(measured(one), *names) == (5, 2, 3)
        assert only(measured(one), "contacts_by_them", "competitor_named") == (2, 1)

    def test_need_and_what_we_cover_of_it(self):
        half, little, unknown, none = customers(4)
        Customer.objects.filter(pk=half.pk).update(yearly_need=200)
        Customer.objects.filter(pk=little.pk).update(yearly_need=1000)
        Customer.objects.filter(pk=none.pk).update(yearly_need=0)
        for each in (half, little, unknown, none):
            order(each, 1)

        self.night()

        names = ("need", "need_known", "need_covered", "dependent", "largest")
        assert only(measured(half), *names) == (200, 1, 100, 1, 100)
        assert only(measured(little), *names) == (1000, 1, 100, 0, 100)
        assert only(measured(unknown), *names) == (0, 0, 0, 0, 100)
        assert only(measured(none), *names) == (0, 0, 0, 0, 100)

    def test_orders_with_a_discount_where_lines_know_the_list_price(self):
        (one,) = customers(1)
        cheap, full, unknown, old = (order(one, days) for days in (1, 2, 3, 365))
        OrderLineFactory(order=cheap, unit_price=9, list_price=10)
        OrderLineFactory(order=cheap, unit_price=10, list_price=10, position=2)
        OrderLineFactory(order=full, unit_price=10, list_price=10)
        OrderLineFactory(order=unknown, unit_price=10)
        OrderLineFactory(order=old, unit_price=9, list_price=10)
        cancelled = order(one, 4, status="cancelled")
        OrderLineFactory(order=cancelled, unit_price=9, list_price=10)

        self.night()

        assert only(measured(one), "priced_orders", "discounted_orders") == (2, 1)

    def test_quarters_are_kept_as_bits(self):
        steady, silent = customers(2)
        for day in (date(2025, 1, 1), date(2024, 12, 31), date(2024, 4, 1)):
            order(steady, (AS_OF - day).days)
        order(steady, (AS_OF - date(1999, 1, 1)).days, "-5.00")

        self.night()

        assert only(measured(steady), "quarters", "first_age") == (0b1011, 3)
        assert only(measured(silent), "quarters", "first_age") == (0, None)

    def test_orders_before_all_remembered_quarters_are_the_oldest(self):
        (one,) = customers(1)
        order(one, (AS_OF - date(1965, 1, 1)).days)

        self.night()

        assert only(measured(one), "quarters", "first_age") == (1 << 62, 62)

    def test_an_empty_book_is_measured(self):
        run = self.night()

        assert run.state == "finished"
        assert not RetentionSummary.objects.exists()

    def test_a_night_run_again_and_the_next_one_measure_anew(self):
        (one,) = customers(1)
        order(one, 0)
        self.night()
        order(one, 1)
        run_night(as_of=AS_OF, force=True)
        assert measured(one).bought_again == 1
        order(one, -1)

        self.night(AS_OF + timedelta(days=1))

        assert measured(one).order_days == 3

    def test_summaries_add_up_and_stay_for_the_last_night_of_a_month(self):
        owner = UserFactory(team=TeamFactory())
        hers = customers(3, "A", owner=owner, region="East", industry="Metal")
        (free,) = customers(1, "P")
        for place, each in enumerate([*hers, free]):
            order(each, place, f"{(place + 1) * 100}.00")
            order(each, 400, "100.00")
        for day in (date(2025, 3, 30), date(2025, 3, 31), date(2025, 4, 1), date(2025, 4, 2)):
            run_night(as_of=day)

        nights = NightRun.objects.filter(retention__isnull=False).order_by("as_of").distinct()
        assert [run.as_of for run in nights] == [date(2025, 3, 31), date(2025, 4, 2)]
        rows = RetentionSummary.objects.filter(run=nights[1])
        assert sum(row.revenue for row in rows) == Decimal(1000)
        assert sum(row.revenue for row in rows.filter(owner=owner)) == Decimal(600)
        assert max(row.largest for row in rows.filter(owner=owner)) == Decimal(300)
        assert sum(row.bought_before for row in rows) == 4
        assert {(row.region, row.industry) for row in rows} == {("East", "Metal"), ("", "")}


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
