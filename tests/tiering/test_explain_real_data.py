"""On a real book: what is said to lift a customer lifts it, and what is said to lower it does."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.real_data import needs_real_data, online_retail_documents
from tests.tiering.explained import book_of, customer_of, graded
from tiering import scoring
from tiering.churn.risk import chances
from tiering.explain import explain
from tiering.ledger import Ledger, without_costs
from tiering.replay import fitted
from tiering.rules import Policy
from tiering.windows import day_number

pytestmark = [pytest.mark.real_data, needs_real_data]

AS_OF = day_number(pd.Timestamp("2011-12-09").date())
SAMPLE = 200


def facts_from(documents, params):
    ledger = Ledger(
        without_costs(*(documents[name].to_numpy() for name in ("customer", "day", "cents")))
    )
    ledger.advance(AS_OF)
    facts = ledger.facts()
    return facts.join(chances(facts, params).where(facts["order_days"] > 0))


@cache
def night():
    documents = online_retail_documents()
    ledger = Ledger(
        without_costs(*(documents[name].to_numpy() for name in ("customer", "day", "cents")))
    )
    ledger.advance(AS_OF)
    params = fitted(ledger.facts())
    return facts_from(documents, params), params


def place_after(facts, params, policy, customer, cents):
    """The position of its level with one document more on the day of the night, the figures
    of the customer reckoned from its documents anew."""
    documents = online_retail_documents()
    own = documents[documents["customer"] == customer]
    entered = pd.DataFrame({"customer": [customer], "day": [AS_OF], "cents": [cents]})
    changed = facts.copy()
    changed.loc[customer] = facts_from(pd.concat([own, entered]), params).loc[customer]
    table = scoring.grade(changed, policy=policy)
    return policy.codes.index(table.loc[customer, "level"])


@pytest.mark.parametrize("basis", ["continuing_value", "value"])
def test_the_amounts_said_to_200_customers_move_every_one_of_them(basis):
    facts, params = night()
    policy = Policy(basis=basis)
    table = graded(facts, policy)
    book = book_of(table, policy, params=params)
    chosen = np.random.default_rng(3).choice(facts.index.to_numpy(), SAMPLE, replace=False)
    lifted = lowered = 0

    for customer in chosen:
        why = explain(customer_of(table, customer), book)
        now = policy.codes.index(why.customer.level)
        if why.up:
            after = place_after(facts, params, policy, customer, int(why.up.amount * 100))
            assert after <= policy.codes.index(why.up.to) < now
            lifted += 1
        if why.down:
            after = place_after(facts, params, policy, customer, -int(why.down.amount * 100))
            assert after == policy.codes.index(why.down.to) > now
            lowered += 1

    best = int((table.loc[chosen, "level"] == "key").sum())
    last = int((table.loc[chosen, "level"] == "maintain").sum())
    assert (lifted, lowered) == (SAMPLE - best, SAMPLE - last)


def test_a_unit_less_is_not_enough():
    facts, params = night()
    policy = Policy(basis="continuing_value")
    table = graded(facts, policy)
    book = book_of(table, policy, params=params)
    for customer in table.index[table["level"] == "general"][:60]:
        why = explain(customer_of(table, customer), book)
        less = int(why.up.amount * 100) - 200
        assert place_after(facts, params, policy, customer, less) == 2
