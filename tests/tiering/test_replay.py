"""A book moves on day by day as it would be read anew; nights are counted."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiering.criteria import criteria
from tiering.ledger import NO_COST, Documents, Ledger
from tiering.replay import _Count, replay, share_of_top
from tiering.rules import Calmness, PointRules, Policy
from tiering.windows import order_rhythm

CONTINUING = Policy(basis="continuing_value")

rows = st.lists(
    st.tuples(
        st.integers(1, 5),
        st.integers(0, 800),
        st.integers(-50, 100),
        st.none() | st.integers(0, 60),
    ),
    min_size=1,
    max_size=60,
)


def documents_of(rows):
    """Documents from (customer, day, cents, cost or None)."""
    columns = zip(*((c, d, e, NO_COST if k is None else k) for c, d, e, k in rows), strict=True)
    return Documents(*(np.array(column, dtype=np.int64) for column in columns))


def read_anew(documents, day):
    """The facts of a day without a ledger: one look at all documents."""
    frame = pd.DataFrame(documents._asdict())
    index = pd.Index(np.unique(documents.customer), name="customer")
    frame = frame[frame["day"] <= day]
    recent = frame[frame["day"] > day - 365]
    known = recent["cost"] != NO_COST
    sold = recent["cents"].clip(lower=0)
    is_profit = sold.sum() > 0 and sold[known].sum() >= 0.95 * sold.sum()
    profit = recent["cents"] - recent["cost"].where(known, 0)
    sales = frame.loc[frame["cents"] > 0, ["customer", "day"]].drop_duplicates()
    sales = sales.sort_values(["customer", "day"]).to_numpy().T
    rhythm = order_rhythm(*sales, as_of=day).reindex(index, fill_value=0)
    columns = ["order_days_365", "order_days", "repeats", "recency", "age", "silent_days"]
    columns += ["silence", "worked_age", "worked_recency", "ahead_90", "ahead_180"]
    rhythm = rhythm.assign(ahead_90=90, ahead_180=180)
    sums = {
        "value_cents": profit if is_profit else recent["cents"],
        "revenue_cents": recent["cents"],
    }
    by = {name: each.groupby(recent["customer"]).sum() for name, each in sums.items()}
    return pd.DataFrame(by).reindex(index, fill_value=0).join(rhythm[columns])


@given(rows, st.data())
def test_a_book_that_moves_on_is_the_book_read_anew(rows, data):
    """On any days, and on those on which a document enters or leaves the window."""
    edges = [day + step for _, day, _, _ in rows for step in (0, 364, 365)]
    moments = st.integers(-10, 1_200) | st.sampled_from(edges)
    documents = documents_of(rows)
    ledger = Ledger(documents)

    for day in sorted(data.draw(st.lists(moments, min_size=1, max_size=6))):
        ledger.advance(day)
        pd.testing.assert_frame_equal(
            ledger.facts().astype("int64"), read_anew(documents, day).astype("int64")
        )


def test_a_ledger_only_goes_forward():
    ledger = Ledger(documents_of([(1, 5, 100, None)]))
    ledger.advance(10)

    with pytest.raises(ValueError, match="forward"):
        ledger.advance(9)


def counted(*levels):
    """Changes and flip-backs of one customer; None: inactive that night."""
    count = _Count(1)
    for day, (before, after) in enumerate(pairwise(levels)):
        stayed = np.array([before is not None and after is not None])
        count.add(
            day, *(np.array([3 if level is None else level]) for level in (before, after)), stayed
        )
    return count.changes, count.flip_backs


def test_a_change_that_is_taken_back_is_a_flip_back():
    assert counted(1, 1, 2, 2, 1, 1) == (2, 1)


def test_a_change_to_a_third_grade_is_none():
    assert counted(1, 2, 3) == (2, 0)


def test_after_sixty_days_it_is_no_flip_back():
    assert counted(1, *[2] * 60, 1) == (2, 1)
    assert counted(1, *[2] * 61, 1) == (2, 0)


def test_moves_into_and_out_of_inactivity_are_left_out():
    assert counted(1, None, None, 0) == (0, 0)
    assert counted(1, 2, None, 2, 1) == (2, 0)


def test_share_of_the_top_takes_ties_at_their_mean():
    scores = np.array([9.0, 5.0, 5.0, 1.0, 0.0])

    assert share_of_top(scores, np.array([6, 4, 0, 0, 0]), 20) == 0.6
    assert share_of_top(scores, np.array([6, 4, 0, 0, 0]), 40) == 0.8
    assert share_of_top(scores, np.zeros(5, dtype=int), 20) is None
    assert share_of_top(scores[:0], np.zeros(0, dtype=int), 20) is None


def test_a_small_book_is_replayed_by_hand():
    """Two customers change places for good: one rises after 7 nights, the other falls after 30."""
    lines = Policy(scheme="lines", lines={"key": 900, "secondary": 500, "general": 100})
    documents = documents_of(
        [(1, 0, 950, None), (2, 0, 400, None), (2, 100, 200, None), (1, 100, -200, None)]
    )

    found = replay(documents, policy=lines, start=90, end=200)

    # Customer 1 falls from key to secondary, customer 2 rises from general to secondary.
    assert found.changes_per_customer_year == pytest.approx(2 / (2 * 110 / 365))
    assert found.flip_backs_per_100_customer_years == 0
    assert found.nights == 111


def test_the_top_by_net_revenue_stands_beside_the_top_by_score():
    """Customer 2 sells more at a loss; of five, the top 20 per cent is one."""
    sales = [(1, 100, 50), (2, 200, 300), (3, 10, 0), (4, 10, 0), (5, 10, 0)]
    past = [(customer, 0, cents, cost) for customer, cents, cost in sales]
    future = [(1, 20, 70, 0), (2, 20, 30, 0), (2, 20, -500, 0), (3, 200, 999, 0)]

    found = replay(
        documents_of(past + future), policy=Policy(basis="value"), start=9, end=9, origins=[10]
    )

    assert (found.share_top20, found.share_top1) == (0.7, 0.7)
    assert (found.revenue_share_top20, found.revenue_share_top1) == (0.3, 0.3)


def test_alerts_open_at_the_threshold_that_is_asked_for():
    """An open alert keeps a grade: where nobody reaches the threshold, grades fall."""
    chance = np.random.default_rng(3)
    rows = [
        (customer, int(day), int(chance.integers(50, 900)), None)
        for customer in range(120)
        for day in np.cumsum(chance.integers(5, 60, 24))
    ]
    span = {"policy": Policy(calmness=Calmness(alert_days=365)), "start": 500, "end": 560}

    kept, fallen = (
        replay(documents_of(rows), alert_threshold=threshold, **span) for threshold in (0.05, 0.99)
    )

    assert kept.changes_per_customer_year < fallen.changes_per_customer_year


def test_a_span_without_eligible_customers_has_no_rates():
    found = replay(documents_of([(1, 500, 100, None)]), policy=Policy(), start=0, end=3)

    assert (found.customer_years, found.changes_per_customer_year) == (0, None)


def test_a_span_must_not_end_before_it_begins():
    with pytest.raises(ValueError, match="end before"):
        replay(documents_of([(1, 5, 100, None)]), policy=Policy(), start=5, end=4)


@settings(max_examples=15)
@given(rows, st.randoms())
def test_the_order_of_documents_does_not_matter(rows, random):
    span = {"policy": CONTINUING, "start": 380, "end": 400, "origins": [390]}
    shuffled = random.sample(rows, len(rows))

    assert replay(documents_of(rows), **span) == replay(documents_of(shuffled), **span)


def test_what_comes_later_is_not_known():
    rows = [(customer, 10 * customer, 100 * customer, None) for customer in range(1, 30)]
    later = [(customer, 401, 10_000, None) for customer in range(1, 30)]
    span = {"policy": CONTINUING, "start": 300, "end": 400}

    assert replay(documents_of(rows), **span) == replay(documents_of(rows + later), **span)


def test_points_are_replayed_with_the_figures_of_every_night():
    """Customer 1 buys ever more, customer 2 ever less, so that points see what value does not."""
    rows = [(1, day, 10 * day + 1, None) for day in range(0, 600, 20)]
    rows += [(2, day, 10 * (600 - day), None) for day in range(0, 600, 20)]
    documents = documents_of(rows)
    rules = PointRules({"growth": 100}, {"growth": ((-1, 0), (1, 100))})
    lines = {"key": 5_500, "secondary": 5_000, "general": 4_500}
    policy = Policy(basis="points", points=rules, scheme="lines", lines=lines)

    def figures(ledger, facts):
        return criteria(facts, documents, as_of=ledger.day, value_is_profit=False)

    found = replay(documents, policy=policy, start=400, end=500, origins=[400], more=figures)

    assert found.nights == 101
    # The top 20 per cent of two are one: the one that grows holds more of what comes.
    assert found.share_top20 > 0.6
