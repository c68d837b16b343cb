"""The facts of the last night as the standings keep them: what previews and publications grade.

Nothing is read twice from the orders: a policy changes what follows from the figures of a
night, never the figures.
"""

from typing import Any

import numpy as np
import pandas as pd

from tiering.bulk import copy_out
from tiering.churn import ladder
from tiering.models import NightRun, Policy
from tiering.points import column
from tiering.services import criteria
from tiering.windows import day_number

MISSING = "'NaN'::float8"
DAY = "coalesce({0} - date '1970-01-01', 0)"
KEPT = f"""
SELECT s.customer_id, (s.value * 100)::bigint, (s.revenue * 100)::bigint,
    s.order_days, s.order_days_365, s.order_days_180, coalesce(s.silent_days, 0),
    {DAY.format("s.first_order_on")}, {DAY.format("s.last_order_on")},
    coalesce(s.p_none, {MISSING}), coalesce(s.p_none_90, {MISSING}),
    coalesce((s.continuing_value * 100)::float8, {MISSING}),
    coalesce((s.value_at_risk * 100)::float8, {MISSING}),
    coalesce(s.usual_gap, {MISSING}), coalesce(s.long_gap, {MISSING}),
    coalesce(s.cadence, {MISSING}), coalesce(s.growth, {MISSING}), s.later_than_usual,
    array_position({{grades}}, s.grade::text) - 1, coalesce(c.owner_id, 0),
    s.override_id IS NOT NULL, array_position({{signals}}, s.signal::text) - 1,
    coalesce(array_position(%(codes)s::text[], s.level::text) - 1, -1)
FROM tiering_standing s JOIN crm_customer c ON c.id = s.customer_id
WHERE s.run_id = %(run)s ORDER BY s.customer_id
"""
SIGNALS = f"ARRAY{list(ladder.SIGNALS)}"
GRADES = "ARRAY['key', 'secondary', 'general', 'maintain']"
TYPES = {
    "customer": "i8",
    "value_cents": "i8",
    "revenue_cents": "i8",
    "order_days": "i4",
    "order_days_365": "i4",
    "order_days_180": "i4",
    "silent_days": "i4",
    "first_order_day": "i4",
    "last_order_day": "i4",
    "p_none_180": "f8",
    "p_none_90": "f8",
    "continuing_cents": "f8",
    "risk_cents": "f8",
    "usual_gap": "f8",
    "most_gaps_under": "f8",
    "silence_quantile": "f8",
    column("growth"): "f8",
    "later_than_usual": "?",
    "shown_grade": "i4",
    "owner": "i8",
    "is_set": "?",
    "signal": "i4",
    "shown_level": "i4",
}


def book_of(run: NightRun) -> pd.DataFrame:
    """One row per customer of a finished night that is still the latest; index `customer`.

    The columns of `figures_of_night` (at_risk is False: alerts are no matter of a policy),
    and shown_grade (0 is key), shown_level (0 is the best one of the policy of the night),
    owner (0: the pool), is_set (a person set the grade).
    """
    told = {"run": run.pk, "codes": list(run.policy.classes)}
    columns: dict[str, Any] = copy_out(KEPT.format(grades=GRADES, signals=SIGNALS), told, TYPES)
    index = pd.Index(columns.pop("customer"), name="customer")
    book = pd.DataFrame(columns, index=index)
    ordered = book["order_days"] > 0
    age = (day_number(run.as_of) - book["first_order_day"]).where(ordered, np.nan)
    return book.assign(age=age.astype(np.float64), at_risk=False)


def book_under(run: NightRun, policy: Policy) -> pd.DataFrame:
    """`book_of` with what the policy needs of the criteria: what `figures.graded` reads."""
    return criteria.under(book_of(run), run, policy)
