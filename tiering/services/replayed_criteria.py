"""The criteria of weighted points on each day of a replay, from what was known by that day."""

from datetime import timedelta

import numpy as np
import pandas as pd

from tiering import rules
from tiering.criteria import criteria
from tiering.facts import LONGEST_WINDOW
from tiering.ledger import Documents, Ledger, between
from tiering.points import RATED, column
from tiering.records import categories_of, dues_of, ratings_of
from tiering.replay import More
from tiering.windows import EPOCH

OF_DUES = {"promptness", "credit"}
OF_LINES = {"breadth"}


def criteria_by_day(documents: Documents, policy: rules.Policy) -> More | None:
    """What a replay adds to the facts of a day; None for a policy that needs nothing more.

    Payments, lines and ratings are read anew for each day, as its night would have read them,
    and only those that the policy weighs; the breakpoints are those frozen in the policy.
    """
    if policy.basis != "points" or policy.points is None:
        return None
    weighed = list(policy.points.weights)
    sorted_by_day = documents.chosen(np.argsort(documents.day, kind="stable"))

    def of_day(ledger: Ledger, facts: pd.DataFrame) -> pd.DataFrame:
        as_of = EPOCH + timedelta(days=ledger.day)
        found = criteria(
            facts,
            between(sorted_by_day, ledger.day - LONGEST_WINDOW, ledger.day),
            as_of=ledger.day,
            value_is_profit=ledger.value_is_profit,
            dues=dues_of(facts.index, as_of=as_of) if OF_DUES & {*weighed} else None,
            categories=categories_of(as_of=as_of) if OF_LINES & {*weighed} else None,
        )
        if {*RATED} & {*weighed}:
            found = found.join(ratings_of(facts.index, as_of=as_of))
        return found[[column(name) for name in weighed]]

    return of_day
