"""Win-back plans brought up to what orders, days and follow-ups say: a look at what is there.

An order of the customer wins its plan, an order undone lets it run on, the end of its days
loses it; the next touch of a running plan becomes a follow-up. One statement each.
"""

from typing import Any

from django.db.backends.utils import CursorWrapper

SALE = "o.status <> 'cancelled' AND o.base_amount > 0 AND o.ordered_on <= %(today)s"
FIRST_ORDER = f"""
SELECT min(o.ordered_on) FROM crm_order o
WHERE o.customer_id = {{0}}.customer_id AND o.ordered_on >= {{0}}.started_on AND {SALE}
"""
RECORDED = """
WITH changed AS ({change} RETURNING w.id, w.state)
INSERT INTO followups_winbackevent
    (plan_id, event, from_state, to_state, happened_on, happened_at, reason)
SELECT id, '{event}', '{before}', state, %(today)s, now(), '' FROM changed
"""
# A customer that had ordered before the plan began, which nobody knew, was not won by it.
NOT_LOST = RECORDED.format(
    event="closed",
    before="running",
    change=f"""
UPDATE followups_winback w SET state = 'taken_back', closed_on = %(today)s, closed_by_id = NULL
WHERE w.state = 'running' AND EXISTS (
    SELECT FROM crm_order o WHERE o.customer_id = w.customer_id
      AND o.ordered_on > w.silent_since AND o.ordered_on < w.started_on AND {SALE})
""",
)
WON = RECORDED.format(
    event="closed",
    before="running",
    change=f"""
UPDATE followups_winback w SET state = 'won', closed_on = %(today)s, closed_by_id = NULL,
    returned_on = back.on_day
FROM followups_winback k CROSS JOIN LATERAL ({FIRST_ORDER.format("k")}) AS back (on_day)
WHERE k.id = w.id AND k.state = 'running' AND back.on_day IS NOT NULL
""",
)
REOPENED = RECORDED.format(
    event="reopened",
    before="won",
    change=f"""
UPDATE followups_winback w SET state = 'running', closed_on = NULL, returned_on = NULL
WHERE w.state = 'won' AND w.closed_by_id IS NULL AND ({FIRST_ORDER.format("w")}) IS NULL
  AND NOT EXISTS (
    SELECT FROM followups_winback x WHERE x.customer_id = w.customer_id AND x.id > w.id)
""",
)
# What a person knew first is in the orders now, or an older order has come in.
RETURN_DAY = f"""
UPDATE followups_winback w SET returned_on = back.on_day
FROM followups_winback k CROSS JOIN LATERAL ({FIRST_ORDER.format("k")}) AS back (on_day)
WHERE k.id = w.id AND k.state = 'won' AND k.returned_on IS DISTINCT FROM back.on_day
"""
ENDED = RECORDED.format(
    event="closed",
    before="running",
    change="""
UPDATE followups_winback w SET state = 'lost', closed_on = %(today)s, closed_by_id = NULL
WHERE w.state = 'running' AND w.ends_on < %(today)s
""",
)
DROP = """
UPDATE followups_followup AS f SET state = 'dropped', closed_at = now()
WHERE f.state = 'open' AND f.reason = 'winback' AND NOT EXISTS (
    SELECT FROM followups_winbacktouch t JOIN followups_winback w ON w.id = t.plan_id
    WHERE t.id = f.touch_id AND w.state = 'running')
"""
# One after the other: a touch waits until the one before it is done.
OPEN = """
INSERT INTO followups_followup
    (customer_id, assignee_id, reason, state, note, opened_on, due_on, first_due_on, touch_id)
SELECT c.id, c.owner_id, 'winback', 'open', '', %(today)s,
    greatest(next.due_on, %(today)s), greatest(next.due_on, %(today)s), next.id
FROM followups_winback w JOIN crm_customer c ON c.id = w.customer_id
CROSS JOIN LATERAL (
    SELECT t.id, t.due_on FROM followups_winbacktouch t
    WHERE t.plan_id = w.id AND NOT EXISTS (
        SELECT FROM followups_followup f WHERE f.touch_id = t.id AND f.state = 'done')
    ORDER BY t.due_on, t.id LIMIT 1
) AS next
WHERE w.state = 'running' AND next.due_on <= %(soon)s AND NOT EXISTS (
    SELECT FROM followups_followup f WHERE f.touch_id = next.id AND f.state = 'open')
ON CONFLICT DO NOTHING
"""


def review_winbacks(cursor: CursorWrapper, figures: dict[str, Any]) -> int:
    """Returns how many follow-ups were opened; `figures` has today and soon."""
    for statement in (REOPENED, NOT_LOST, WON, RETURN_DAY, ENDED, DROP, OPEN):
        cursor.execute(statement, figures)
    return cursor.rowcount
