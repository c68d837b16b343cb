"""What holds for every basis and every scheme, whatever the book."""

import random
from collections import Counter
from fractions import Fraction
from math import ceil

import numpy as np
import pandas as pd
import pytest
from django.db import transaction
from django.utils import timezone, translation
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from crm.models import Order
from tests.factories import AS_OF
from tests.tiering.books import restless_book
from tests.tiering.checksums import left_behind
from tiering.churn.fit import Params
from tiering.churn.risk import chances
from tiering.criteria import Dues, criteria
from tiering.ledger import NO_COST, Documents, Ledger
from tiering.points import COMPUTED, CRITERIA, RATED, column
from tiering.rules import BASES, PointRules, Policy
from tiering.schemes import PRESETS
from tiering.scoring import grade
from tiering.services import run_night

fewer = settings(max_examples=30)  # each grades whole books
BOOK = Params(r=0.73, alpha=68.0, a=0.22, b=3.4)
VALUE_BASES = tuple(basis for basis in BASES if basis != "points")
SHARE_PRESETS = tuple(name for name, each in PRESETS.items() if each["scheme"] == "shares")
TODAY = 900
# Every criterion counts, a rated one too; in whole per cent.
WEIGHTS = dict(zip(CRITERIA, [10] * 5 + [5] * 10, strict=True))
EDGES = {
    "profit": ((-1_000, 0), (100_000, 100)),
    "margin": ((0, 0), (1, 100)),
    "continuity": ((0, 0), (365, 100)),
    "promptness": ((-90, 0), (0, 100)),
    "growth": ((-1, 0), (1, 100)),
    "loyalty": ((0, 0), (1, 100)),
    "breadth": ((0, 0), (9, 100)),
    "order_size": ((0, 0), (100_000, 100)),
    "credit": ((0, 0), (1, 100)),
}
POINTS = PointRules(WEIGHTS, EDGES)


def policy_of(basis, preset):
    return Policy(basis=basis, points=POINTS, **PRESETS[preset])


policies = st.builds(policy_of, st.sampled_from(BASES), st.sampled_from(list(PRESETS)))

figure = st.integers(-50, 50_000) | st.sampled_from([0, 300, 300, 7_200])
row = st.tuples(figure, figure, st.integers(0, 1), st.integers(0, 100), st.integers(0, 900))


def book_of(rows):
    """One customer for each (value, revenue, order days, chance in per cent, age)."""
    columns = ["value_cents", "revenue_cents", "order_days_365", "p_none_180", "age"]
    index = pd.RangeIndex(1, len(rows) + 1, name="customer")
    book = pd.DataFrame(rows, columns=columns, index=index).astype("int64")
    raw = np.random.default_rng(len(rows)).random((len(rows), len(COMPUTED)))
    raw[raw < 0.1] = np.nan
    for place, name in enumerate(COMPUTED):
        (low, _), (high, _) = EDGES[name]
        book[column(name)] = np.round(low + (high - low) * raw[:, place], 1)
    for name in RATED:
        book[column(name)] = np.where(book["age"] % 3, 1 + book["age"] % 5, np.nan)
    return book.assign(p_none_180=book["p_none_180"] / 100)


books = st.lists(row, min_size=1, max_size=40).map(book_of)


@fewer
@given(books, policies, st.randoms())
def test_the_order_of_rows_is_nothing(book, policy, chance):
    shuffled = book.loc[chance.sample(list(book.index), len(book))]

    found = grade(shuffled, policy=policy).loc[book.index]

    pd.testing.assert_frame_equal(found, grade(book, policy=policy), check_exact=True)


@fewer
@given(books, policies)
def test_equal_scores_share_the_mean_of_their_places_and_the_level(book, policy):
    graded = grade(book, policy=policy)
    active = graded[graded["eligible"]].sort_values("score", ascending=False)
    active = active.assign(place=np.arange(1, len(active) + 1))
    by_score = active.groupby("score")

    assert (by_score["place"].transform("mean") == active["rank"]).all()
    assert (by_score["level"].nunique() == 1).all()


@fewer
@given(books, policies)
def test_a_better_score_is_never_a_worse_level(book, policy):
    graded = grade(book, policy=policy)
    active = graded[graded["eligible"]].sort_values("score", ascending=False)

    assert active["level"].map(policy.codes.index).is_monotonic_increasing
    assert set(graded.loc[~graded["eligible"], "level"]) <= {policy.codes[-1]}


@fewer
@given(
    st.sets(st.integers(-50, 10**6), min_size=1, max_size=130),
    st.sampled_from(VALUE_BASES),
    st.sampled_from(SHARE_PRESETS),
)
def test_computed_shares_hold_to_the_place(values, basis, preset):
    """Scores that differ fill every line: its share of the customers, rounded up."""
    policy = policy_of(basis, preset)
    book = book_of([(12 * each, 12 * each, 1, 0, 900) for each in values])
    assume(basis != "continuing_value" or min(values) >= 0)

    found = Counter(grade(book, policy=policy)["level"])

    filled = np.cumsum([found[code] for code in policy.codes]).tolist()
    shares = np.cumsum([Fraction(str(policy.shares[code])) for code in policy.codes])
    assert filled == [ceil(len(values) * share / 100) for share in shares]


# Whole money and per cent, so that no amount that follows from a chance has to be rounded.
whole = st.integers(-100, 5_000).map(lambda each: 12 * 100 * each)
money_row = st.tuples(whole, whole, st.integers(0, 1), st.integers(0, 100), st.integers(364, 900))


@fewer
@given(
    st.lists(money_row, min_size=1, max_size=40).map(book_of),
    st.integers(2, 1_000),
    st.sampled_from(VALUE_BASES),
    st.sampled_from([*SHARE_PRESETS, "cumulative"]),
)
def test_the_unit_of_money_moves_nobody(book, factor, basis, preset):
    policy = policy_of(basis, preset)
    money = ["value_cents", "revenue_cents"]
    scaled = book.assign(**{name: book[name] * factor for name in money})

    before, after = (grade(each, policy=policy) for each in (book, scaled))

    assert before["level"].tolist() == after["level"].tolist()
    assert before["rank"].equals(after["rank"])


# (days ago, cents, cost) of one customer's orders; all have a cost or none has.
order_of = st.tuples(st.integers(0, 900), st.integers(1, 90_000), st.integers(0, 500))
with_costs = st.lists(order_of, min_size=1, max_size=12)
without_costs = with_costs.map(lambda orders: [(ago, cents, NO_COST) for ago, cents, _ in orders])
histories = with_costs | without_costs
# More of it brings less margin, as the document says.
RISING = PointRules(dict.fromkeys((*CRITERIA[:1], *CRITERIA[2:11]), 10), EDGES)


def score_of(orders, basis):
    """The score of one customer with all that a policy can ask for; it owes, and is rated."""
    columns = [(1, TODAY - ago, cents, cost) for ago, cents, cost in orders]
    documents = Documents(*np.array(columns, dtype=np.int64).T)
    ledger = Ledger(documents)
    ledger.advance(TODAY)
    facts = ledger.facts()
    raw = criteria(
        facts,
        documents,
        as_of=TODAY,
        value_is_profit=ledger.value_is_profit,
        dues=Dues(*np.array([(1, TODAY - 20, TODAY - 15, 500)], dtype=np.int64).T),
        categories=pd.Series({1: 2}),
    )
    rated = {column(name): 4.0 for name in RATED}
    facts = facts.join(chances(facts, BOOK)).join(raw).assign(**rated)
    return grade(facts, policy=Policy(basis=basis, points=RISING)).loc[1, "score"]


@fewer
@given(histories, st.integers(1, 10**6), st.sampled_from(BASES))
def test_more_profit_on_an_order_day_never_lowers_a_score(orders, more, basis):
    """For points a day of the last 180: growth compares with the days before."""
    (ago, cents, cost), *others = orders
    ago = ago % 180 if basis == "points" else ago

    before = score_of([(ago, cents, cost), *others], basis)
    after = score_of([(ago, cents + more, cost), *others], basis)

    assert after >= before


@fewer
@given(histories, st.integers(1, 10**6), st.sampled_from(BASES))
@example([(700, 5_000, 0), (450, 5_000, 0)], 1, "points")  # the first order in a year, a small one
def test_a_new_order_today_never_lowers_a_score(orders, profit, basis):
    cost = NO_COST if orders[0][2] == NO_COST else 0

    assert score_of([*orders, (0, profit, cost)], basis) >= score_of(orders, basis)


def left_by_the_night():
    """What a night leaves behind; it is taken back."""
    with transaction.atomic():
        run_night(as_of=AS_OF)
        found = left_behind()
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_order_of_documents_time_zone_and_language_are_nothing():
    restless_book()
    found = left_by_the_night()
    orders = list(Order.objects.order_by("-ordered_on", "number"))
    Order.objects.all().delete()
    for each in orders:
        each.pk = None
    Order.objects.bulk_create(random.Random(5).sample(orders, len(orders)))

    with timezone.override("Pacific/Kiritimati"), translation.override("zh-hant"):
        assert left_by_the_night() == found
