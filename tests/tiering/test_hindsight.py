"""Whose grade was right: ranked by what was really bought in the 180 days after."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest

from tests.factories import AS_OF, NightRunFactory, OverrideFactory
from tests.tiering.books import customers, order
from tiering.hindsight import deserved_grades, edges_of_counts, edges_of_shares, verdict
from tiering.models import Override, Policy
from tiering.rules import FOUR_LEVELS
from tiering.schemes import TEN_LEVELS, TEN_SHARES
from tiering.services import run_night
from tiering.services.hindsight import judge_overrides

EDGES = [Fraction(1, 100), Fraction(20, 100), Fraction(50, 100)]
START = AS_OF - timedelta(days=180)


def test_edges_are_those_of_the_shares():
    shares = {"key": 1, "secondary": 19, "general": 30, "maintain": 50}

    assert edges_of_shares(shares, FOUR_LEVELS) == EDGES


def test_levels_of_one_grade_are_added_up():
    key, secondary, general = edges_of_shares(TEN_SHARES, TEN_LEVELS)

    assert (key, secondary, general) == (Fraction(5, 100), Fraction(35, 100), Fraction(65, 100))


def test_without_shares_the_night_says_how_it_cut_its_active_customers():
    counts = {"key": 2, "secondary": 3, "general": 5, "maintain": 90}  # 80 of them inactive

    assert edges_of_counts(counts, graded=20) == [
        Fraction(2, 20),
        Fraction(5, 20),
        Fraction(10, 20),
    ]
    assert edges_of_counts({}, graded=0) == [0, 0, 0]
    assert edges_of_counts({"general": 30}, graded=20) == [0, 0, 1]


def test_the_example_of_the_document():
    """Ten customers; I bought nothing net, J nothing at all: eight buyers."""
    thousands = {"A": 90, "B": 70, "C": 50, "D": 40, "E": 40, "F": 20, "G": 10, "H": 5, "I": 0}
    revenue = pd.Series(thousands) * 1000_00

    grades = deserved_grades(revenue, EDGES)

    # ceil(.08) = 1 place, ceil(1.6) = 2 places, ceil(4.0) = 4 places; D and E share 4.5.
    assert grades.to_dict() == {
        "A": "key",
        "B": "secondary",
        "C": "general",
        **dict.fromkeys("DEFGH", "maintain"),
    }
    assert deserved_grades(revenue[::-1], EDGES).to_dict() == grades.to_dict()


def test_a_book_that_bought_nothing_deserves_nothing():
    assert deserved_grades(pd.Series([], dtype="int64"), EDGES).empty
    assert deserved_grades(pd.Series({1: -5}), EDGES).empty


@pytest.mark.parametrize(
    ("person", "rule", "deserved", "right"),
    [
        ("key", "general", "key", "person"),
        ("key", "general", "secondary", "equal"),
        ("key", "maintain", "secondary", "person"),
        ("key", "general", "general", "rule"),
        ("key", "general", "maintain", "rule"),
        ("general", "key", "maintain", "person"),
        ("key", "key", "maintain", "equal"),
    ],
)
def test_whoever_is_nearer_was_right(person, rule, deserved, right):
    assert verdict(person=person, rule=rule, deserved=deserved) == right


@pytest.fixture
def book(db):
    """A hundred buyers; the first spent most in the 180 days that are judged."""
    NightRunFactory(as_of=START, scheme=Policy.Scheme.SHARES)
    book = customers(100)
    for place, customer in enumerate(book):
        order(customer, 0, f"{1000 - place}.00")
    return book


def judged(customer, **fields) -> Override:
    override = OverrideFactory(customer=customer, **({"starts_on": START, "until": AS_OF} | fields))
    judge_overrides(as_of=AS_OF)
    override.refresh_from_db()
    return override


@pytest.mark.parametrize(
    ("place", "deserved", "right"),
    [
        (0, "key", "person"),
        (1, "secondary", "equal"),
        (20, "general", "rule"),
        (50, "maintain", "rule"),
    ],
)
def test_the_book_of_the_180_days_is_cut_by_the_policy_of_the_time(place, deserved, right, book):
    override = judged(book[place])  # key by the person, general by the rule

    assert (override.deserved_grade, override.verdict) == (deserved, right)
    assert override.revenue_after == Decimal(1000 - place)


def test_only_the_180_days_after_the_first_day_count(book):
    last = book[-1]
    order(last, 180, "90000.00")  # on the first day itself
    order(last, -1, "90000.00")  # a day too late
    order(last, 30, "70000.00", status="cancelled")
    order(last, 179, "500.00")
    order(last, 30, "-100.00")

    override = judged(last)

    assert override.revenue_after == Decimal("1301.00")  # 901 + 500 − 100
    assert override.deserved_grade == "key"


def test_who_bought_nothing_deserved_maintain(book):
    (quiet,) = customers(1, "Q")

    override = judged(quiet)

    assert (override.revenue_after, override.deserved_grade) == (0, "maintain")


def test_nights_that_cut_by_value_are_taken_as_they_cut(book):
    counts = {"key": 0, "secondary": 1, "general": 1, "maintain": 98}
    run = NightRunFactory(as_of=START)
    run.scheme, run.counts, run.graded = Policy.Scheme.CUMULATIVE, counts, 100
    run.save()

    assert [judged(each).deserved_grade for each in book[:3]] == [
        "secondary",
        "general",
        "maintain",
    ]


def test_it_is_judged_on_the_180th_day_and_once(book):
    override = OverrideFactory(customer=book[0], starts_on=START, until=AS_OF)

    assert judge_overrides(as_of=AS_OF - timedelta(days=1)) == 0
    assert judge_overrides(as_of=AS_OF + timedelta(days=40)) == 1  # a missed night heals
    order(book[0], 0, "-999.00")
    assert judge_overrides(as_of=AS_OF + timedelta(days=41)) == 0

    override.refresh_from_db()
    assert override.verdict == "person"


def test_what_never_took_effect_is_not_judged_and_what_ended_early_is(book):
    waits = judged(book[0], approved_at=None)
    early = judged(book[0], ended_on=START + timedelta(days=5))

    waits.refresh_from_db()
    assert (waits.verdict, early.verdict) == ("", "person")


def test_the_night_judges(book):
    override = OverrideFactory(customer=book[0], starts_on=START, until=AS_OF)

    run_night(as_of=AS_OF)

    override.refresh_from_db()
    assert override.verdict == "person"
