"""Books of documents in memory, for tests of signals on past days."""

import numpy as np

from tiering.ledger import Documents, without_costs

TODAY = 15_000


def documents(*rows) -> Documents:
    """One (customer, day, cents) each."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return without_costs(*columns)


def steady_buyers(number: int = 300, *, days: int = 800, seed: int = 3) -> Documents:
    """Customers with a pace of their own and fairly even gaps, who leave now and then.

    So a silence says more to whoever knows the pace; returns come in between.
    """
    chance = np.random.default_rng(seed)
    rows = []
    for customer in range(number):
        pace = np.exp(chance.normal(3.2, 0.6))
        day = TODAY - days + chance.integers(0, days // 2)
        while day <= TODAY + 90:
            rows.append((customer, day, chance.integers(1_000, 90_000)))
            if chance.random() < 0.1:
                rows.append((customer, day + 3, -500))
            if chance.random() < 0.06:
                break
            day += 1 + int(chance.gamma(4, pace / 4))
    return documents(*rows)
