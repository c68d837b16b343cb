"""How right and how calm the grades would have been in two years of a real wholesaler."""

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from tests.real_data import needs_real_data, online_retail_documents
from tiering.ledger import without_costs
from tiering.replay import replay
from tiering.rules import AT_ONCE, Calmness, Policy
from tiering.windows import day_number

pytestmark = [pytest.mark.real_data, needs_real_data]

CONTINUING = Policy(basis="continuing_value")
NIGHTS_ONLY = Calmness(alert_days=0, new_days=0)
ORIGINS = ("2010-12-13", "2011-03-14", "2011-06-12")


def number_of(day):
    return day_number(pd.Timestamp(day).date())


@cache
def default_nights():
    """Continuing value, default calmness and lines, returns netted."""
    return replay(
        without_costs(*online_retail_documents().to_numpy().T),
        policy=CONTINUING,
        start=number_of("2010-12-01"),
        end=number_of("2011-09-30"),
        origins=[number_of(day) for day in ORIGINS],
    )


def test_the_top_of_a_real_book_keeps_buying():
    found = default_nights()

    assert found.share_top20 >= 0.74
    assert found.share_top20 >= found.revenue_share_top20
    assert found.share_top1 >= 0.30


def test_the_shares_are_the_measured_ones():
    """Without randomness: a wider miss is another formula, a narrower one another optimizer."""
    found = default_nights()

    assert found.share_top20 == pytest.approx(0.7477, abs=0.001)
    assert found.share_top1 == pytest.approx(0.3209, abs=0.002)
    assert found.revenue_share_top20 == pytest.approx(0.7428, abs=0.0005)


def test_the_default_policy_is_calm_on_a_real_book():
    """Newcomers and alerted customers held: measured .515 and 2.3."""
    found = default_nights()

    assert found.changes_per_customer_year <= 0.55
    assert found.flip_backs_per_100_customer_years <= 3
    # Not calm because it stands still.
    assert found.changes_per_customer_year >= 0.45


@pytest.mark.parametrize(
    ("policy", "changes", "flip_backs"),
    [
        (Policy(calmness=AT_ONCE), 1.1155, 46.54),
        (Policy(calmness=replace(AT_ONCE, band=10)), 0.5221, 4.56),
        (Policy(calmness=NIGHTS_ONLY), 0.4108, 1.62),
    ],
    ids=["raw cut", "band", "band and nights"],
)
def test_calmness_of_a_real_book_is_the_measured_one(policy, changes, flip_backs):
    """Gross value, 2010-12-01 to 2011-09-10: published 1.11, .52, .41 and 46, 4.6, 1.6."""
    documents = online_retail_documents()
    orders = without_costs(*documents[documents["cents"] > 0].to_numpy().T)

    found = replay(
        orders, policy=policy, start=number_of("2010-12-01"), end=number_of("2011-09-10")
    )

    assert found.changes_per_customer_year == pytest.approx(changes, abs=0.0005)
    assert found.flip_backs_per_100_customer_years == pytest.approx(flip_backs, abs=0.05)
