"""The criteria of weighted points: computed for a night, and kept with it while points are used."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
from django.db import transaction

from tiering.bulk import copy_out, temporary_table
from tiering.criteria import criteria
from tiering.models import CriterionFigures, NightRun, Policy
from tiering.points import COMPUTED, CRITERIA, column
from tiering.records import categories_of, documents_of, dues_of, ratings_of
from tiering.services.standings import written
from tiering.windows import day_number

COLUMNS = {name: column(name) for name in CRITERIA}
RATED_HERE = column("potential")
KEEP = f"""
INSERT INTO tiering_criterionfigures AS k (customer_id, as_of, figures)
SELECT n.customer_id, %(as_of)s, jsonb_build_object(
    {", ".join(f"'{name}', nullif(n.{each}, 'NaN')" for name, each in COLUMNS.items())})
FROM criteria_of_night n JOIN crm_customer c ON c.id = n.customer_id ORDER BY n.customer_id
ON CONFLICT (customer_id) DO UPDATE SET (as_of, figures) = ROW (excluded.as_of, excluded.figures)
WHERE k.as_of <= excluded.as_of
  AND (k.as_of, k.figures) IS DISTINCT FROM (excluded.as_of, excluded.figures)
"""
KEPT = f"""
SELECT customer_id,
    {", ".join(f"coalesce((figures->>'{name}')::float8, 'NaN')" for name in CRITERIA)}
FROM tiering_criterionfigures WHERE %(all)s OR customer_id = ANY (%(customers)s)
"""
Said = Callable[[int], None]
# More than these are read as the whole book: an array of a million numbers is no filter.
FEW = 1000


def _silent(_percent: int) -> None:
    """For whom nobody waits."""


def with_criteria(
    figures: pd.DataFrame, *, as_of: date, value_is_profit: bool, policy: Policy
) -> pd.DataFrame:
    """The figures of a night with what the basis and the behaviour need of the criteria.

    Under weighted points a column `criterion_<code>` for every criterion, computed from the
    documents, payments, lines and ratings known by the day; under any other basis only the
    rated potential, which behaviour looks at. NaN where nothing is known of a customer.
    """
    if policy.is_points:
        return _with_all(figures, as_of=as_of, value_is_profit=value_is_profit)
    return _replaced(figures, ratings_of(figures.index, as_of=as_of)[[RATED_HERE]])


def of_night(figures: pd.DataFrame, run: NightRun, policy: Policy) -> pd.DataFrame:
    """`with_criteria`, and the criteria of all customers kept for as long as the policy in
    force or a draft weighs them; let go of when none does."""
    asked: dict[str, Any] = {"as_of": run.as_of, "value_is_profit": run.value_is_profit}
    if not _are_weighed(policy):
        CriterionFigures.objects.all().delete()
        return with_criteria(figures, **asked, policy=policy)
    frame = _with_all(figures, **asked)
    _keep(frame, as_of=run.as_of)
    return frame


def under(book: pd.DataFrame, run: NightRun, policy: Policy) -> pd.DataFrame:
    """A book of `services.book` with what a policy needs of the criteria of that night."""
    if policy.is_points:
        return with_criteria_of(book, run)
    asked: dict[str, Any] = {"as_of": run.as_of, "value_is_profit": run.value_is_profit}
    return with_criteria(book, **asked, policy=policy)


def with_criteria_of(book: pd.DataFrame, run: NightRun) -> pd.DataFrame:
    """A book of the latest night with a column for every criterion.

    They are computed once, for whoever asks first, and kept until the next night.
    """
    if are_kept(run):
        return _replaced(book, criteria_kept(book.index))
    return weigh(book, run)


def weigh(book: pd.DataFrame, run: NightRun, *, said: Said = _silent) -> pd.DataFrame:
    """Compute the criteria of the latest night and keep them; `said` hears per cent done."""
    frame = _with_all(book, as_of=run.as_of, value_is_profit=run.value_is_profit, said=said)
    with transaction.atomic():
        _keep(frame, as_of=run.as_of)
    return frame


def are_kept(run: NightRun) -> bool:
    """Whether the criteria of this night need not be computed any more."""
    return CriterionFigures.objects.filter(as_of=run.as_of).exists()


def criteria_kept(index: pd.Index) -> pd.DataFrame:
    """Columns `criterion_<code>` of these customers as of the latest night that kept them.

    NaN where nothing is known, and for customers of whom nothing is kept.
    """
    few = index.tolist() if len(index) <= FEW else []
    types = {"customer": "i8"} | dict.fromkeys(COLUMNS.values(), "f8")
    found = copy_out(KEPT, {"all": len(index) > FEW, "customers": few}, types)
    kept = pd.DataFrame(found).set_index("customer")
    return kept.reindex(index)


def _are_weighed(policy: Policy) -> bool:
    return policy.is_points or Policy.objects.drafts().filter(basis=Policy.Basis.POINTS).exists()


def _with_all(
    figures: pd.DataFrame, *, as_of: date, value_is_profit: bool, said: Said = _silent
) -> pd.DataFrame:
    documents = documents_of(figures.index, as_of=as_of)
    said(20)
    dues = dues_of(figures.index, as_of=as_of)
    said(45)
    categories = categories_of(as_of=as_of)
    said(65)
    computed = criteria(
        figures,
        documents,
        as_of=day_number(as_of),
        value_is_profit=value_is_profit,
        dues=dues,
        categories=categories,
    )
    rated = ratings_of(figures.index, as_of=as_of)
    said(80)
    return _replaced(figures, computed[[column(name) for name in COMPUTED]].join(rated))


def _replaced(figures: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    return figures.assign(**{str(name): columns[name] for name in columns})


def _keep(frame: pd.DataFrame, *, as_of: date) -> None:
    columns = {"customer_id": frame.index.to_numpy(dtype="i8")}
    columns |= {each: frame[each].to_numpy(dtype="f8") for each in COLUMNS.values()}
    with temporary_table("criteria_of_night", columns):
        written(KEEP, {"as_of": as_of})
