"""Churn alerts of a night: one for each silence, closed by an order, updated in place.

All three steps look at the state after the standings are written: an alert is right while
the customer's last order day is the one that its silence began on.
"""

from tiering.models import ChurnAlert, NightRun
from tiering.services.standings import written

CLOSE = """
UPDATE tiering_churnalert a SET state = 'closed', closed_on = %(as_of)s,
    outcome = CASE WHEN s.last_order_on > a.silent_since THEN 'ordered' ELSE 'withdrawn' END
FROM tiering_standing s
WHERE s.customer_id = a.customer_id AND a.state <> 'closed'
  AND s.last_order_on IS DISTINCT FROM a.silent_since
"""
FIGURES = ["p_none", "value_at_risk", "silent_days", "usual_gap", "long_gap", "seen_on"]
UPDATE = f"""
UPDATE tiering_churnalert a SET ({", ".join(FIGURES)}) =
    (s.p_none_90, s.value_at_risk, s.silent_days, s.usual_gap, s.long_gap, %(as_of)s)
FROM tiering_standing s
WHERE s.customer_id = a.customer_id AND a.state <> 'closed' AND s.p_none_90 IS NOT NULL
"""
# The one alert of a silence that proves to last after all (its order was undone) opens again.
OPEN = f"""
INSERT INTO tiering_churnalert AS a
    (customer_id, signal, state, silent_since, opened_on, outcome, {", ".join(FIGURES)})
SELECT s.customer_id, 'mbg', 'open', s.last_order_on, %(as_of)s, '',
    s.p_none_90, s.value_at_risk, s.silent_days, s.usual_gap, s.long_gap, %(as_of)s
FROM night n JOIN tiering_standing s ON s.customer_id = n.customer_id
WHERE n.at_risk
ON CONFLICT (customer_id, silent_since) DO UPDATE SET
    state = 'open', closed_on = NULL, outcome = '',
    ({", ".join(FIGURES)}) = ROW ({", ".join(f"excluded.{name}" for name in FIGURES)})
WHERE a.state = 'closed' AND a.outcome IN ('ordered', 'withdrawn')
"""


def review_alerts(run: NightRun) -> int:
    """Close, update and open alerts of this night; how many were opened."""
    day = {"as_of": run.as_of}
    written(CLOSE, day)
    written(UPDATE, day)
    return written(OPEN, day)


def count_open() -> int:
    return ChurnAlert.objects.open().count()
