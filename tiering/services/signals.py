"""The signals of a night, looked for and kept with the standings."""

from collections.abc import Mapping

import pandas as pd

from tiering.bulk import Columns, temporary_table
from tiering.models import ChurnFit, Grade, NightRun, Signal, SignalSwitch
from tiering.services.standings import written
from tiering.services.trading import look_through
from tiering.signal_records import Events
from tiering.signals import CODES, flagged, known_of
from tiering.windows import day_number

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
    f"'{code}', CASE WHEN n.is_{code} AND g.grade = ANY (%(of_{code})s) THEN jsonb_build_array({', '.join(parts)}) END"
    for code, parts in FIGURES.items()
)
# What lines and payments say; of customers who were not looked at it stays what it was.
TRADE = ("item", "categories", "payments")
STAYS = """CASE WHEN %(is_whole)s OR NOT s.eligible THEN NULL
    ELSE nullif(s.signals - %(others)s::text[], '{}') END"""
SHOWS = f"""nullif(f.signals || CASE WHEN f.is_looked THEN '{{}}'
    ELSE coalesce({STAYS}, '{{}}') END, '{{}}')"""
# Nulls inside an array stay; codes that are not shown go.
FOUND = f"""
UPDATE tiering_standing s SET signals = {SHOWS} FROM (
    SELECT n.customer_id, n.is_looked, jsonb_strip_nulls(jsonb_build_object({SHOWN})) AS signals
    FROM signals_of_night n JOIN tiering_standing g ON g.customer_id = n.customer_id
    LEFT JOIN crm_product p ON p.id = nullif(n.item, 'NaN')::bigint
) f WHERE f.customer_id = s.customer_id AND s.signals IS DISTINCT FROM {SHOWS}
"""
NOT_FOUND = f"""
UPDATE tiering_standing s SET signals = {STAYS}
WHERE s.signals IS NOT NULL AND s.signals IS DISTINCT FROM {STAYS}
    AND NOT EXISTS (SELECT FROM signals_of_night n WHERE n.customer_id = s.customer_id)
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


Grades = Mapping[str, list[str]]


def grades_shown(run: NightRun) -> dict[str, list[str]]:
    """By signal the grades whose customers show it; none of one that is off. Where there are no
    chances, "later than usual" is all that is said of silences, and all show it."""
    found = {
        each.signal: [] if each.use == SignalSwitch.Use.OFF else each.grades
        for each in SignalSwitch.objects.all()
    }
    has_chances = run.fit is not None and run.fit.rung != ChurnFit.Rung.CADENCE
    if found[Signal.LATE] and not has_chances:
        found[Signal.LATE] = Grade.values
    return found


def keep_signals(figures: pd.DataFrame, run: NightRun, grades: Grades, *, again: bool) -> None:
    """Look for every signal that is switched on, and keep what is found with the standings.

    `grades`: see `grades_shown`; `again`: the night was finished before.
    """
    off = [code for code in CODES if not grades[code]]
    look = look_through(figures, run, grades=grades, again=again)
    day = day_number(run.as_of)
    known = known_of(figures, [look.figures, *Events([run.as_of]).on(day)])
    shown = flagged(known, as_of=day)
    shown[off] = False
    is_looked = known.index.isin(look.figures.index) & (not look.is_whole)
    columns = _columns(known.assign(is_looked=is_looked), shown, shown.any(axis=1) | is_looked)
    with temporary_table("signals_of_night", columns):
        others = [code for code in CODES if code not in TRADE]
        for statement in (FOUND, NOT_FOUND):
            told = {"is_whole": look.is_whole, "others": others}
            written(statement, told | {f"of_{code}": grades[code] for code in CODES})
    run.signals_seen = look.seen


def _columns(known: pd.DataFrame, shown: pd.DataFrame, some: pd.Series) -> Columns:
    money = {"spent": known["spent_90"] / 100, "spent_then": known["spent_season"] / 100}
    found = known.assign(**money)[some]
    columns = {"customer_id": found.index.to_numpy(dtype="i8")}
    columns |= {name: found[name].to_numpy(dtype="f8") for name in FIELDS}
    columns |= {"is_looked": found["is_looked"].to_numpy(dtype="?")}
    return columns | {f"is_{code}": shown.loc[some, code].to_numpy(dtype="?") for code in CODES}
