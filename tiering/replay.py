"""Pure: every night of a span in memory, under one policy: how calm are the grades, and do
the customers on top keep buying?

The model is fitted on the first night and then weekly, as the product does; alerts open and
close as the product's do, because an open one keeps a grade from falling.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.bases import amounts, measured
from tiering.calm import Tonight, step, unknown
from tiering.churn import mbg
from tiering.churn.fit import Params
from tiering.churn.risk import ALERT_THRESHOLD, chances, is_at_risk
from tiering.churn.slices import history_of
from tiering.ledger import Documents, Ledger
from tiering.rules import Policy, applied
from tiering.schemes import cuts
from tiering.scoring import book_of, positions
from tiering.windows import NO_HOLIDAYS, YEAR

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
More = Callable[[Ledger, pd.DataFrame], pd.DataFrame]

WEEK = 7
FLIP_BACK_DAYS = 60
FUTURE = 180
NO_DAY = -1
SHARES = ("share_top20", "share_top1", "revenue_share_top20", "revenue_share_top1")


@dataclass(frozen=True)
class Replayed:
    """What a span of nights would have been like.

    changes_per_customer_year                 shown levels that changed, per year in which a
                                              customer was eligible
    flip_backs_per_100_customer_years         of these, back to the former level within 60 days
    share_top20, share_top1                   see `share_of_top`; mean of the origins, None
                                              without an origin that has a future
    revenue_share_top20, revenue_share_top1   the same by plain net revenue of 365 days
    Moves into and out of inactivity are left out.
    """

    nights: int
    customer_years: float
    changes_per_customer_year: float | None
    flip_backs_per_100_customer_years: float | None
    share_top20: float | None
    share_top1: float | None
    revenue_share_top20: float | None
    revenue_share_top1: float | None


def replay(
    documents: Documents,
    *,
    policy: Policy,
    start: int,
    end: int,
    origins: Sequence[int] = (),
    more: More | None = None,
    alert_threshold: float = ALERT_THRESHOLD,
    holidays: IntArray = NO_HOLIDAYS,
) -> Replayed:
    """Grade every night from `start` to `end` (days since 1970-01-01, both included).

    `more` gives further columns to the facts of a day, from these and the ledger of that day,
    for bases that need them; `alert_threshold` is the chance of no order in 90 days that opens an alert;
    chances leave out `holidays`.
    Raises ValueError for a span that ends before it begins.
    """
    if end < start:
        raise ValueError("A replay must not end before it begins.")
    ledger = Ledger(documents, holidays=holidays)
    model = _Model(len(ledger.customers), policy, alert_threshold)
    count = _nights(ledger, model, policy, range(start, end + 1), more)
    shares = [_shares(Ledger(documents, holidays=holidays), policy, day, more) for day in origins]
    years = count.nights_eligible / YEAR
    return Replayed(
        nights=end - start + 1,
        customer_years=years,
        changes_per_customer_year=count.changes / years if years else None,
        flip_backs_per_100_customer_years=100 * count.flip_backs / years if years else None,
        **{name: _mean([each[name] for each in shares]) for name in SHARES},
    )


def share_of_top(scores: FloatArray, future: IntArray, per_cent: int) -> float | None:
    """Share of `future` held by the top per cent by score, rounded up to whole customers.

    Customers with equal scores across the edge count with the mean of their future.
    """
    count = -(-len(scores) * per_cent // 100)
    if not count or not future.sum():
        return None
    edge = np.sort(scores)[-count]
    above, tied = scores > edge, scores == edge
    held = future[above].sum() + (count - above.sum()) * future[tied].mean()
    return float(held / future.sum())


class _Count:
    """Changes of shown levels between neighbouring nights on which a customer was eligible."""

    def __init__(self, customers: int):
        self.changes = self.flip_backs = self.nights_eligible = 0
        self._former = np.full(customers, NO_DAY)
        self._changed_on = np.full(customers, NO_DAY)

    def add(
        self,
        day: int,
        before: npt.NDArray[np.int8],
        after: npt.NDArray[np.int8],
        stayed: npt.NDArray[np.bool_],
    ) -> None:
        """`stayed`: eligible tonight and the night before."""
        self._former[~stayed] = NO_DAY
        changed = stayed & (before != after)
        soon = day - self._changed_on <= FLIP_BACK_DAYS
        self.flip_backs += int((changed & soon & (after == self._former)).sum())
        self.changes += int(changed.sum())
        self.nights_eligible += int(stayed.sum())
        self._former[changed] = before[changed]
        self._changed_on[changed] = day


class _Model:
    """The churn model and the alerts of a replay, where grades depend on them at all."""

    def __init__(self, customers: int, policy: Policy, alert_threshold: float):
        self._alert_threshold = alert_threshold
        self._needed = policy.basis == "continuing_value" or policy.calmness.alert_days > 0
        self.params: Params | None = None
        self._fitted_on: int | None = None
        self._opened_on = np.full(customers, NO_DAY)

    def fit_weekly(self, facts: pd.DataFrame, day: int) -> None:
        is_young = self._fitted_on is not None and day - self._fitted_on < WEEK
        if not self._needed or (self.params and is_young):
            return
        self.params, self._fitted_on = fitted(facts), day

    def alert_days(self, facts: pd.DataFrame, day: int) -> IntArray:
        """Days since each open alert was opened, -1 where none is; an order closes it."""
        self._opened_on[facts["silent_days"] == 0] = NO_DAY
        if self.params:
            at_risk = is_at_risk(facts, facts["p_none_90"], threshold=self._alert_threshold)
            self._opened_on[at_risk & (self._opened_on == NO_DAY)] = day
        return np.where(self._opened_on == NO_DAY, -1, day - self._opened_on)


def fitted(facts: pd.DataFrame) -> Params | None:
    """The model over all customers with an order day; None where there is too little."""
    known = facts[facts["order_days"] > 0]
    return mbg.fit(*history_of(known)).params


def _nights(
    ledger: Ledger, model: _Model, policy: Policy, days: range, more: More | None
) -> _Count:
    count = _Count(len(ledger.customers))
    state = unknown(len(ledger.customers), len(policy.levels) - 1)
    for day in days:
        ledger.advance(day)
        facts = ledger.facts()
        model.fit_weekly(facts, day)
        facts = _complete(ledger, facts, model.params, more)
        tonight = _tonight(facts, policy, model, day, at_once=day == days[0])
        after = step(state, tonight, calmness=policy.calmness).state
        count.add(day, state.level, after.level, after.eligible & state.eligible)
        state = after
    return count


def _complete(
    ledger: Ledger, facts: pd.DataFrame, params: Params | None, more: More | None
) -> pd.DataFrame:
    """The facts with chances, where there is a model, and what the caller adds."""
    if params:
        facts = facts.join(chances(facts, params))
    return facts.join(more(ledger, facts)) if more else facts


def _tonight(
    facts: pd.DataFrame, policy: Policy, model: _Model, day: int, *, at_once: bool
) -> Tonight:
    eligible = facts["order_days_365"] > 0
    rules = applied(policy, eligible=int(eligible.sum()), has_model=model.params is not None).policy
    scores = measured(facts, rules)
    rank = scores.where(eligible).rank(ascending=False, method="average").to_numpy()
    edges = cuts(
        book_of(scores, eligible, policy=rules, amounts=amounts(facts, scores, rules)), rules
    )
    return Tonight(
        score=scores.to_numpy(),
        rank=rank,
        eligible=eligible.to_numpy(),
        computed=positions(rank, edges),
        age=facts["age"].to_numpy(),
        silent_days=facts["silent_days"].to_numpy(),
        alert_days=model.alert_days(facts, day),
        cuts=edges,
        at_once=at_once,
    )


def _shares(ledger: Ledger, policy: Policy, day: int, more: More | None) -> dict[str, float | None]:
    """Of the positive orders of 180 days after a day, among all with an order day by then."""
    ledger.advance(day)
    facts = ledger.facts()
    params = fitted(facts)
    facts = _complete(ledger, facts, params, more)
    eligible = int((facts["order_days_365"] > 0).sum())
    rules = applied(policy, eligible=eligible, has_model=params is not None).policy
    known = (facts["order_days"] > 0).to_numpy()
    scores = measured(facts, rules).to_numpy()[known]
    revenue = facts["revenue_cents"].to_numpy(dtype=np.float64)[known]
    future = ledger.orders_after(day, FUTURE)[known]
    tops = [share_of_top(by, future, top) for by in (scores, revenue) for top in (20, 1)]
    return dict(zip(SHARES, tops, strict=True))


def _mean(shares: Sequence[float | None]) -> float | None:
    found = [share for share in shares if share is not None]
    return float(np.mean(found)) if found else None
