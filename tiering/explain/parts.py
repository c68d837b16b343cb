"""Pure: a score as a sum, to the cent or to the hundredth of a point."""

from collections.abc import Sequence

import numpy as np

from tiering.explain.shapes import (
    Book,
    Criterion,
    Customer,
    Documents,
    Figures,
    Part,
    Since,
    decimal,
)
from tiering.points import Breakdown, breakdown, column


def parts(
    customer: Customer, book: Book, documents: Documents | None, judged: Sequence[Criterion]
) -> list[Part]:
    """Empty where the score cannot be split: points without the figures of that night."""
    if book.basis == "points":
        return [Part(each.name, each.contribution) for each in judged if each.weight]
    found = _revenue(customer, documents)
    if book.basis in ("continuing_value", "value") and book.value_is_profit:
        found["costs"] = customer.value - customer.revenue
    if book.basis == "continuing_value":
        found["no_loss"] = max(-customer.value, 0)
        found["fall_away"] = customer.score - max(customer.value, 0)
    if book.basis == "arpu":
        found = _by_month(found, customer.score)
    named = {name: cents for name, cents in found.items() if cents}
    return [Part(name, decimal(cents)) for name, cents in named.items()]


def documents_agree(customer: Customer, book: Book, documents: Documents | None) -> bool:
    """Whether the documents of the 365 days still are those that the night added up."""
    if documents is None:
        return False
    revenue = documents.sales + documents.returns
    return _are_of_the_night(customer, book, revenue, documents.costs)


def since_the_night(customer: Customer, book: Book, documents: Documents | None) -> Since | None:
    """What has come in since, where the documents no longer are those of the night."""
    if documents is None or documents_agree(customer, book, documents):
        return None
    revenue = documents.sales + documents.returns - documents.later_revenue
    costs = documents.costs - documents.later_costs
    return Since(documents.later, _are_of_the_night(customer, book, revenue, costs))


def _are_of_the_night(customer: Customer, book: Book, revenue: int, costs: int) -> bool:
    known = customer.revenue - customer.value
    return revenue == customer.revenue and (not book.value_is_profit or costs == known)


def _revenue(customer: Customer, documents: Documents | None) -> dict[str, int]:
    if documents:
        return {"sales": documents.sales, "returns": documents.returns}
    return {"revenue": customer.revenue}


def _by_month(found: dict[str, int], score: int) -> dict[str, int]:
    """Each share of the monthly figure; the last one takes what rounding leaves."""
    total = sum(found.values())
    *first, last = found
    shared = {name: round(found[name] * score / total) if total else 0 for name in first}
    return shared | {last: score - sum(shared.values())}


def criteria(customer: Customer, book: Book, code: str, figures: Figures | None) -> list[Criterion]:
    """Every weighted criterion, known or not; empty where the figures are not those of the
    score. `figures` has one row; a column that is not there is not known."""
    if book.basis != "points" or book.points is None or figures is None:
        return []
    names = [column(name) for name in book.points.weights]
    row = figures.reindex(columns=names).astype(np.float64)
    found = breakdown(row, book.points)
    if int(found.score.iloc[0]) != customer.score:
        return []
    line = book.lines.get(code)
    typical = line.typical.points if line and line.typical else {}
    return [
        _criterion(name, row, found, float(book.points.weights[name]), typical.get(name))
        for name in found.points.columns
    ]


def _criterion(
    name: str, row: Figures, found: Breakdown, own: float, at_line: float | None
) -> Criterion:
    figure, points = row[column(name)].iloc[0], found.points[name].iloc[0]
    is_known = not np.isnan(points)
    return Criterion(
        name=name,
        figure=float(figure) if is_known else None,
        points=decimal(int(points)) if is_known else None,
        weight=float(found.weights[name].iloc[0]),
        own=own,
        contribution=decimal(int(found.contributions[name].iloc[0])),
        at_line=at_line,
    )
