"""Why a customer has its level: what the night kept, put into the pure explanation."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
from django.db.models import Count, Min, Q, Sum

from crm.models import Order
from tiering import rules
from tiering.explain import Book, Customer, Documents, Explanation, Line, Trade, Typical, explain
from tiering.facts import LONGEST_WINDOW
from tiering.models import CriterionFigures, NightRun, Standing
from tiering.points import column
from tiering.schemes import floors
from tiering.services.fitting import holidays_of, params_of
from tiering.windows import YEAR, day_number

HUNDREDTHS = 100
WINDOW = timedelta(days=YEAR)
SUMS = {
    "sales": Sum("base_amount", filter=Q(base_amount__gt=0)),
    "returns": Sum("base_amount", filter=Q(base_amount__lt=0)),
    "costs": Sum("base_cost"),
    "oldest": Min("ordered_on"),
}


def why(standing: Standing) -> Explanation:
    """The explanation of a computed level, from its run (select `run__policy`, `run__fit`)."""
    book = book_of_run(standing.run)
    is_points = book.basis == "points"
    return explain(
        customer_of(standing, book),
        book,
        documents=documents_of(standing),
        figures=figures_of(standing) if is_points else None,
        trade=trade_of(standing) if is_points else None,
    )


def book_of_run(run: NightRun) -> Book:
    """The policy as the night could apply it, with the lines that it drew."""
    asked = run.policy.rules()
    policy = replace(asked, basis=run.basis, scheme=run.scheme)
    known = dict(zip(policy.codes[:-1], floors(policy), strict=True))
    return Book(
        basis=run.basis,
        scheme=run.scheme,
        levels=policy.levels,
        lines={code: _line(run.lines.get(code, {}), known[code]) for code in known},
        eligible=run.graded,
        value_is_profit=run.value_is_profit,
        params=params_of(run.fit) if run.fit else None,
        points=policy.points,
        day=day_number(run.as_of),
        holidays=holidays_of(run),
        one_more_changes=asked.scheme == "shares" and run.graded == rules.SMALL_BOOK - 1,
    )


def customer_of(standing: Standing, book: Book) -> Customer:
    value = _hundredths(standing.value)
    return Customer(
        level=standing.computed_level,
        score=value if standing.score is None else round(standing.score),
        eligible=standing.eligible,
        rank=standing.rank if standing.eligible else None,
        value=value,
        revenue=_hundredths(standing.revenue),
        order_days=standing.order_days,
        order_days_365=standing.order_days_365,
        age=_days(standing.first_order_on, standing.run.as_of),
        silent_days=_days(standing.last_order_on, standing.run.as_of),
        p_none=standing.p_none,
        line_above=_whole(standing.line_above),
        line_below=_whole(standing.line_below),
    )


def documents_of(standing: Standing) -> Documents:
    """What the year of a standing holds today."""
    as_of = standing.run.as_of
    orders = Order.objects.filter(customer=standing.customer_id, ordered_on__gt=as_of - WINDOW)
    sums = orders.counted().until(as_of).aggregate(**SUMS, **_entered_after(standing.run))
    oldest = sums.pop("oldest")
    return Documents(
        later=sums.pop("later"),
        days_left=(oldest + WINDOW - as_of).days if oldest else None,
        **{name: _hundredths(amount or 0) for name, amount in sums.items()},
    )


def trade_of(standing: Standing) -> Trade:
    """What criteria look at of the orders and returns of a customer, as they stand today."""
    as_of = standing.run.as_of
    since = as_of - timedelta(days=LONGEST_WINDOW)
    orders = Order.objects.filter(customer=standing.customer_id, ordered_on__gt=since)
    found = orders.counted().until(as_of).values_list("ordered_on", "base_amount")
    rows = [(day_number(day), _hundredths(amount)) for day, amount in found]
    return Trade([day for day, _ in rows], [cents for _, cents in rows])


def _entered_after(run: NightRun) -> dict[str, Any]:
    """Sums of documents entered after a night began; of none where that is not known."""
    after = Q(pk=None) if run.last_order is None else Q(pk__gt=run.last_order)
    return {
        "later": Count("pk", filter=after),
        "later_revenue": Sum("base_amount", filter=after),
        "later_costs": Sum("base_cost", filter=after),
    }


def figures_of(standing: Standing) -> pd.DataFrame | None:
    """The raw figures of the criteria on that night; None where they are not kept yet."""
    kept = CriterionFigures.objects.filter(
        customer=standing.customer_id, as_of=standing.run.as_of
    ).first()
    if kept is None:
        return None
    return pd.DataFrame([{column(name): each for name, each in kept.figures.items()}])


def _line(kept: Mapping[str, Any], floor: float) -> Line:
    near = kept.get("typical")
    return Line(
        places=kept.get("places", 0),
        inside=_kept(kept.get("inside")),
        outside=_kept(kept.get("outside")),
        floor=None if floor == float("-inf") else round(floor),
        typical=Typical(**near) if near else None,
    )


def _kept(amount: str | None) -> int | None:
    return None if amount is None else _hundredths(Decimal(amount))


def _hundredths(amount: Decimal | int) -> int:
    return round(amount * HUNDREDTHS)


def _whole(score: float | None) -> int | None:
    return None if score is None else round(score)


def _days(day: date | None, as_of: date) -> int | None:
    return None if day is None else (as_of - day).days
