"""Books for tests of explanations: frames as the night has them, and customers of theirs."""

import numpy as np
import pandas as pd

from tiering import scoring
from tiering.bases import amounts
from tiering.churn.fit import Params
from tiering.churn.risk import chances
from tiering.explain import Book, Customer, Line, Typical
from tiering.explain.typical import typical
from tiering.rules import Policy
from tiering.schemes import floors

# Of the CDNOW sample, in days.
PARAMS = Params(0.525, 43.0, 0.891, 1.614)


def graded(facts, policy):
    """The facts of a night with chances and grades; `facts` has what `Ledger.facts` has."""
    worked = {"worked_age": facts["age"], "worked_recency": facts["recency"]}
    if "p_none_180" not in facts:
        known = facts.assign(**worked, ahead_90=90, ahead_180=180)
        facts = facts.join(chances(known, PARAMS))
    return facts.join(scoring.grade(facts, policy=policy))


def book_of(table, policy, *, params=PARAMS):
    lines = scoring.cut_lines(
        table["score"],
        table["eligible"],
        policy=policy,
        amounts=amounts(table, table["score"], policy),
    )
    edges = {code: line.inside for code, line in lines.items()}
    near = typical(table, policy, edges)
    return Book(
        basis=policy.basis,
        scheme=policy.scheme,
        levels=policy.levels,
        lines={
            code: Line(
                line.places,
                whole(line.inside),
                whole(line.outside),
                None if np.isneginf(floor) else int(floor),
                Typical(**near[code]) if near[code] else None,
            )
            for (code, line), floor in zip(lines.items(), floors(policy), strict=True)
        },
        eligible=int(table["eligible"].sum()),
        params=params,
        points=policy.points,
    )


def customer_of(table, row):
    found = table.loc[row]
    ordered = found["order_days"] > 0
    return Customer(
        level=found["level"],
        score=int(found["score"]),
        eligible=bool(found["eligible"]),
        rank=None if pd.isna(found["rank"]) else float(found["rank"]),
        value=int(found["value_cents"]),
        revenue=int(found["revenue_cents"]),
        order_days=int(found["order_days"]),
        order_days_365=int(found["order_days_365"]),
        age=int(found["age"]) if ordered else None,
        silent_days=int(found["silent_days"]) if ordered else None,
        p_none=float(found["p_none_180"]) if ordered else None,
        line_above=whole(found["line_above"]),
        line_below=whole(found["line_below"]),
    )


def with_order(facts, row, cents, *, in_days=0):
    """The facts after one order more of one customer, everybody else unchanged: its day is
    that of the night, or so many days later."""
    facts = facts.astype({"age": float}).copy()
    own = facts.loc[row].copy()
    is_new_day = own["silent_days"] > 0 or in_days > 0 or not own["order_days"]
    age = own["age"] + in_days if own["order_days"] else 0
    own["value_cents"] += cents
    own["revenue_cents"] += cents
    own["order_days"] += is_new_day
    own["order_days_365"] += is_new_day
    own["repeats"] = own["order_days"] - 1
    own["age"] = own["recency"] = age
    own["silent_days"] = 0
    facts.loc[row] = own
    return facts


def with_return(facts, row, cents):
    facts = facts.copy()
    facts.loc[row, "value_cents"] -= cents
    facts.loc[row, "revenue_cents"] -= cents
    return facts


def whole(score):
    return None if pd.isna(score) else int(score)


def place_of(facts, row, policy: Policy):
    """The position of the level, everything reckoned anew with the parameters fixed."""
    facts = facts.drop(columns=[name for name in facts if name.startswith("p_")])
    table = graded(facts, policy)
    return policy.codes.index(table.loc[row, "level"])
