"""Churn alerts of a night: one for each silence, closed by an order, updated in place.

All steps look at the state after the standings are written: an alert is right while the
customer's last order day is the one that its silence began on. What is new stands next in
line first; the budget of the week then lets the dearest through. Each change of a state is
appended to the history of the alert by the statement that makes it.
"""

from datetime import date, timedelta
from typing import Any

from crm.models import Holiday
from tiering.churn.risk import HABIT_ORDER_DAYS, NEW_DAYS
from tiering.models import ChurnAlert, NightRun
from tiering.services.notices import escalate, tell
from tiering.services.standings import written

FIGURES = [
    "signal",
    "p_none",
    "value_at_risk",
    "silent_days",
    "silent_holidays",
    "usual_gap",
    "long_gap",
    "order_days",
    "seen_on",
]
# The place of a day among the holidays is how many there were by then.
HOLIDAYS = """width_bucket(%(as_of)s::date, %(holidays)s::date[])
    - width_bucket(s.last_order_on, %(holidays)s::date[])"""
SEEN = f"""s.signal, s.p_none_90, s.value_at_risk, s.silent_days, {HOLIDAYS}, s.usual_gap, s.long_gap,
    s.order_days, %(as_of)s"""
RECORDED = """
WITH changed AS ({change})
INSERT INTO tiering_alertevent
    (alert_id, event, from_state, to_state, happened_on, happened_at, reason)
SELECT id, {event}, from_state, to_state, %(as_of)s, now(), '' FROM changed
"""
# Of those whom an alert could concern, see churn.risk; the best one of those they show.
CONCERNED = """n.eligible AND n.order_days >= %(habit)s AND s.p_none_90 IS NOT NULL
    AND %(as_of)s - s.first_order_on >= %(new)s"""
BY_CHANCE = "n.at_risk"
BY_BADGE = f"(n.at_risk OR {CONCERNED} AND s.signals ?| %(raising)s::text[])"
BADGE = """CASE WHEN n.at_risk THEN '' ELSE (
    SELECT code FROM unnest(%(raising)s::text[]) WITH ORDINALITY AS b (code, place)
    WHERE s.signals ? code ORDER BY place LIMIT 1) END"""
CLOSE = RECORDED.format(
    event="'closed'",
    change="""
UPDATE tiering_churnalert a SET state = 'closed', closed_on = %(as_of)s, snoozed_until = NULL,
    reason = '', closed_by_id = NULL,
    outcome = CASE WHEN s.last_order_on > a.silent_since THEN 'ordered' ELSE 'withdrawn' END
FROM tiering_standing s, tiering_churnalert was
WHERE s.customer_id = a.customer_id AND was.id = a.id AND a.state <> 'closed'
  AND s.last_order_on IS DISTINCT FROM a.silent_since
RETURNING a.id, was.state AS from_state, a.state AS to_state
""",
)
UPDATE = f"""
UPDATE tiering_churnalert a SET ({", ".join(FIGURES)}) =
    ({SEEN})
FROM tiering_standing s
WHERE s.customer_id = a.customer_id AND a.state <> 'closed' AND s.p_none_90 IS NOT NULL
"""
# The one alert of a silence that proves to last after all (its order was undone) opens again;
# one that a person closed stays closed until the customer orders and falls silent anew.
RAISE = RECORDED.format(
    event="CASE WHEN from_state = '' THEN 'raised' ELSE 'reopened' END",
    change=f"""
INSERT INTO tiering_churnalert AS a
    (customer_id, state, silent_since, opened_on, outcome, reason, p_opened, badge,
    {", ".join(FIGURES)})
SELECT s.customer_id, 'held', s.last_order_on, %(as_of)s, '', '', s.p_none_90, {BADGE},
    {SEEN}
FROM night n JOIN tiering_standing s ON s.customer_id = n.customer_id
WHERE {{who}} AND NOT EXISTS (
    SELECT FROM tiering_churnalert u WHERE u.customer_id = n.customer_id AND u.state <> 'closed')
ON CONFLICT (customer_id, silent_since) DO UPDATE SET
    state = CASE WHEN a.told_on IS NULL THEN 'held' ELSE 'open' END, closed_on = NULL,
    outcome = '', woke_on = excluded.opened_on,
    ({", ".join(FIGURES)}) = ROW ({", ".join(f"excluded.{name}" for name in FIGURES)})
WHERE a.state = 'closed' AND a.outcome IN ('ordered', 'withdrawn')
RETURNING a.id, CASE WHEN xmax = 0 THEN '' ELSE 'closed' END AS from_state, a.state AS to_state
""",
)
# Customers of the pool have nobody whose week could be full. Key customers come first and are
# told in any case; they take their places of the budget like the others. Who reaches the threshold
# while a badge held a place is told of for the chance, as in the replay that says how right it was.
LET_THROUGH = RECORDED.format(
    event="'told'",
    change="""
UPDATE tiering_churnalert a SET state = 'open', told_on = %(as_of)s,
    badge = CASE WHEN line.at_risk THEN '' ELSE a.badge END
FROM (
    SELECT w.id, n.at_risk, c.owner_id, s.grade = 'key' AS is_key, coalesce(told.alerts, 0) + row_number()
        OVER (PARTITION BY c.owner_id ORDER BY s.grade = 'key' DESC, w.value_at_risk DESC, w.id)
        AS place
    FROM tiering_churnalert w
    JOIN night n ON n.customer_id = w.customer_id
    JOIN crm_customer c ON c.id = w.customer_id
    JOIN tiering_standing s ON s.customer_id = w.customer_id
        AND (n.at_risk OR w.badge = ANY (%(raising)s::text[]) AND s.signals ? w.badge)
    LEFT JOIN (
        SELECT c.owner_id, count(*) AS alerts
        FROM tiering_churnalert a JOIN crm_customer c ON c.id = a.customer_id
        WHERE a.told_on BETWEEN %(monday)s AND %(as_of)s GROUP BY c.owner_id
    ) told ON told.owner_id = c.owner_id
    WHERE w.state = 'held'
) line
WHERE a.id = line.id AND %(budget)s IS DISTINCT FROM 0 AND (
    %(budget)s IS NULL OR line.owner_id IS NULL OR line.is_key OR line.place <= %(budget)s)
RETURNING a.id, 'held' AS from_state, a.state AS to_state
""",
)
WAKE = RECORDED.format(
    event="'woke'",
    change="""
UPDATE tiering_churnalert a SET state = 'open', snoozed_until = NULL, reason = '',
    woke_on = a.snoozed_until
WHERE a.state = 'snoozed' AND a.snoozed_until <= %(as_of)s
RETURNING a.id, 'snoozed' AS from_state, a.state AS to_state
""",
)


def review_alerts(run: NightRun, *, followed: bool = False) -> None:
    """Close, update and raise alerts of this night, wake those whose day has come, and let
    through what the budget of the week has room for; the run counts them. Of a night that
    another one follows at once nobody is told: the last one tells of all."""
    told = _of_week(run)
    written(CLOSE, told)
    written(UPDATE, told)
    wake(on=run.as_of)
    before = count_open()
    written(RAISE.format(who=BY_BADGE if told["raising"] else BY_CHANCE), told)
    written(LET_THROUGH, told)
    if not followed:
        tell(on=run.as_of)
        escalate(on=run.as_of)
    run.alerts_open, run.alerts_held = count_open(), count_held()
    run.alerts_opened += run.alerts_open - before


def _of_week(run: NightRun) -> dict[str, Any]:
    """What the statements are told; a week is that of the calendar, from Monday on."""
    monday = run.as_of - timedelta(days=run.as_of.weekday())
    return {
        "as_of": run.as_of,
        "monday": monday,
        "budget": run.policy.alert_budget,
        "raising": run.alert_quality.get("raising", []),
        "habit": HABIT_ORDER_DAYS,
        "new": NEW_DAYS,
        "holidays": sorted(Holiday.objects.in_force().days()),
    }


def wake(*, on: date) -> int:
    """Open the snoozed alerts whose day has come; how many. The night does it, and every look
    at the follow-ups, so that they are there on the morning of their day."""
    return written(WAKE, {"as_of": on})


def count_open() -> int:
    return ChurnAlert.objects.open().count()


def count_held() -> int:
    return ChurnAlert.objects.held().count()
