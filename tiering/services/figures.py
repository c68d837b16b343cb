"""What a night says of every customer: facts and churn model in, then a policy.

No table is read or written here.
"""

import numpy as np
import pandas as pd

from tiering import rules, scoring
from tiering.behaviour import behaviour
from tiering.churn.cadence import own_cadence
from tiering.churn.fit import Params
from tiering.churn.ladder import SIGNALS, Rung, live_features
from tiering.churn.logistic import Logistic
from tiering.churn.newcomers import with_first_gaps
from tiering.churn.risk import (
    ALERT_HORIZON,
    CHANCE_DECIMALS,
    chances,
    continuing_value,
    is_at_risk,
    value_at_risk,
)
from tiering.facts import Facts
from tiering.windows import is_live

OF_ORDERS = ("order_days", "first_order_day", "last_order_day", "silent_days")
COUNTS = (*OF_ORDERS, "signal")
SIGNS = ("later_than_usual", "at_risk")


def figures_of_night(
    facts: Facts, *, params: Params | None, threshold: float, model: Logistic | None = None
) -> pd.DataFrame:
    """What is known of every customer whatever the policy; index as `facts.book`.

    All columns of `facts.book`, and
    continuing_cents, risk_cents                whole cents; NaN where not known
    p_none_90, p_none_180                       chances; NaN without order day or model
    signal                                      of p_none_90: its place in `ladder.SIGNALS`
    order_days, first_order_day, last_order_day, silent_days
                                                whole numbers; 0 where there is no order day
    usual_gap, most_gaps_under, silence_quantile    days, days, share; NaN where not known
    later_than_usual, at_risk                   of the eligible only
    """
    frame = facts.book.join(_judged(facts, _chances(facts, params, model), threshold))
    eligible = frame["order_days_365"] > 0
    value, worthless = frame["value_cents"], frame["value_cents"] <= 0
    return frame.assign(
        **{name: frame[name].fillna(0).astype("i4") for name in COUNTS},
        **{name: frame[name].eq(True) & eligible for name in SIGNS},
        # Nothing is left of nothing, whether or not a chance is known.
        continuing_cents=continuing_value(value, frame["p_none_180"].mask(worthless, 1)),
        risk_cents=value_at_risk(frame["p_none_90"].mask(worthless, 0), value),
    )


def graded(figures: pd.DataFrame, policy: rules.Policy) -> tuple[pd.DataFrame, rules.Applied]:
    """The figures with the columns of `scoring.grade` and `behaviour`, and what of the policy
    the book allowed."""
    eligible = int((figures["order_days_365"] > 0).sum())
    has_model = bool(figures["p_none_180"].notna().any())
    applied = rules.applied(policy, eligible=eligible, has_model=has_model)
    frame = figures.join(scoring.grade(figures, policy=applied.policy))
    return frame.join(behaviour(figures)), applied


def _judged(facts: Facts, chance: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Everything that follows from the order days alone, for those who have any."""
    rhythm, book = facts.rhythm, facts.usual.cadence
    risk = is_at_risk(rhythm, chance["p_none_90"], threshold=threshold)
    cadence = with_first_gaps(own_cadence(rhythm, book), rhythm, book)
    return chance.join([rhythm[list(OF_ORDERS)], cadence, risk.rename("at_risk")])


def _chances(facts: Facts, params: Params | None, model: Logistic | None) -> pd.DataFrame:
    """By MBG/NBD; of 90 days by the regression where there is one, for the live."""
    rhythm, revenue = facts.rhythm, facts.book["revenue_cents"]
    if not params:
        none = pd.DataFrame(np.nan, rhythm.index, ["p_none_90", "p_none_180"])
        return none.assign(signal=SIGNALS.index(""))
    found = chances(rhythm, params).assign(signal=SIGNALS.index(Rung.MBG))
    if model is None:
        return found
    live = is_live(rhythm)
    rows = live_features(rhythm, revenue, params, ALERT_HORIZON, facts.usual)
    learned = model.chances(rows)
    found.loc[live, "p_none_90"] = learned.round(CHANCE_DECIMALS)
    found.loc[live, "signal"] = SIGNALS.index(Rung.LOGISTIC)
    return found
