"""The signals of a night, kept with the standings, and how often each was right in the past."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from tiering.bulk import copy_out, temporary_table
from tiering.facts import WHOLE, Shard, put_together, read_part
from tiering.models import NightRun, SignalQuality, SignalSwitch
from tiering.services.figures import figures_of_night
from tiering.services.standings import written
from tiering.signal_records import known_of
from tiering.signals import CODES, flagged
from tiering.windows import day_number

WEEK, MONTH, HORIZON = timedelta(days=7), timedelta(days=30), timedelta(days=90)
ORIGINS = 12
FEWEST = 100
SAMPLE = 20_000

DAY = "to_jsonb(date '1970-01-01' + nullif(n.{0}, 'NaN')::int)"
NUMBER = "to_jsonb(round(nullif(n.{0}, 'NaN'))::bigint)"
# Days are kept, not their distance: a night then rewrites only what is new.
FIGURES = {
    "complaint": [DAY.format("complaint_day"), NUMBER.format("satisfaction")],
    "contact": [DAY.format("contact_day"), NUMBER.format("promised_days")],
    "spending": [NUMBER.format("spent"), NUMBER.format("spent_then")],
    "item": ["to_jsonb(p.name)", DAY.format("item_day")],
    "categories": [NUMBER.format("categories_recent"), NUMBER.format("categories_before")],
    "payments": [NUMBER.format("late_recent"), NUMBER.format("late_before")],
    "owner": [DAY.format("owner_day")],
    "late": [],
}
SHOWN = ", ".join(
    f"'{code}', CASE WHEN n.is_{code} THEN jsonb_build_array({', '.join(parts)}) END"
    for code, parts in FIGURES.items()
)
# Nulls inside an array stay; codes that are not shown go.
KEEP = f"""
UPDATE tiering_standing s SET signals = x.signals FROM (
    SELECT t.customer_id, f.signals FROM tiering_standing t LEFT JOIN (
        SELECT n.customer_id, jsonb_strip_nulls(jsonb_build_object({SHOWN})) AS signals
        FROM signals_of_night n LEFT JOIN crm_product p ON p.id = nullif(n.item, 'NaN')::bigint
    ) f ON f.customer_id = t.customer_id
    WHERE t.signals IS DISTINCT FROM f.signals
) x WHERE x.customer_id = s.customer_id
"""
FIELDS = [
    "complaint_day",
    "satisfaction",
    "contact_day",
    "promised_days",
    "spent",
    "spent_then",
    "item",
    "item_day",
    "categories_recent",
    "categories_before",
    "late_recent",
    "late_before",
    "owner_day",
]
ORDERED = """
SELECT DISTINCT o.customer_id FROM crm_order o
WHERE o.status <> 'cancelled' AND o.base_amount > 0
  AND o.ordered_on > %(origin)s AND o.ordered_on <= %(until)s{only}
"""


def keep_signals(figures: pd.DataFrame, run: NightRun) -> None:
    """Look for every signal that is switched on, and keep what is found with the standings."""
    known = known_of(figures, as_of=run.as_of)
    shown = flagged(known, as_of=day_number(run.as_of))
    off = SignalSwitch.objects.filter(is_on=False).values_list("signal", flat=True)
    shown[list(off)] = False
    some = shown.any(axis=1)
    money = {"spent": known["spent_90"] / 100, "spent_then": known["spent_season"] / 100}
    found = known.assign(**money)[some]
    columns = {"customer_id": found.index.to_numpy(dtype="i8")}
    columns |= {name: found[name].to_numpy(dtype="f8") for name in FIELDS}
    columns |= {f"is_{code}": shown.loc[some, code].to_numpy(dtype="?") for code in CODES}
    with temporary_table("signals_of_night", columns):
        written(KEEP, {})


def quality_of_the_week(run: NightRun) -> dict[str, list[int]]:
    """By signal how many customers showed it and how many of them did not order, and the same
    of all under "base"; measured once a week, empty for a book too small to say."""
    of_week = SignalQuality.objects.filter(as_of__lte=run.as_of, as_of__gt=run.as_of - WEEK)
    if found := list(of_week.order_by("-as_of", "id")):
        return _as_json(found[: len(CODES)])
    if run.graded < FEWEST:
        return {}
    rows = _measured(as_of=run.as_of, shard=Shard(0, -(-run.customers // SAMPLE)))
    return _as_json(SignalQuality.objects.bulk_create(rows))


def _as_json(rows: list[SignalQuality]) -> dict[str, list[int]]:
    found = {row.signal: [row.n, row.right] for row in rows}
    return found | {"base": [rows[0].base_n, rows[0].base_right]}


def _measured(*, as_of: date, shard: Shard) -> list[SignalQuality]:
    """Replay of the months whose 90 days are over, each as it was known then."""
    counts = np.zeros((len(CODES) + 1, 2), dtype=np.int64)
    for number in range(ORIGINS):
        origin = as_of - HORIZON - MONTH * number
        shown = signals_then(origin, shard=shard)
        if len(shown) < FEWEST:
            break
        silent = ~shown.index.isin(_ordered(origin, shard))
        counts[:, 0] += shown.sum().to_numpy()
        counts[:, 1] += shown[silent].sum().to_numpy()
    base_n, base_right = (int(each) for each in counts[-1])
    return [
        SignalQuality(
            as_of=as_of, signal=code, n=n, right=right, base_n=base_n, base_right=base_right
        )
        for code, (n, right) in zip(CODES, counts[:-1].tolist(), strict=True)
    ]


def signals_then(origin: date, *, shard: Shard = WHOLE) -> pd.DataFrame:
    """Signals of the customers eligible on a past day, from what was known then; and `base`,
    which they all have."""
    facts = put_together([read_part(as_of=origin, shard=shard)], as_of=origin)
    figures = figures_of_night(facts, params=None, threshold=1.0)
    figures = figures[figures["order_days_365"] > 0]
    shown = flagged(known_of(figures, as_of=origin, shard=shard), as_of=day_number(origin))
    return shown.assign(base=True)


def _ordered(origin: date, shard: Shard) -> np.ndarray:
    only = f" AND mod(o.customer_id, {shard.of:d}) = {shard.number:d}" if shard.of > 1 else ""
    params = {"origin": origin, "until": origin + HORIZON}
    return copy_out(ORDERED.format(only=only), params, {"customer": "i8"})["customer"]
