"""Grade by behaviour: how many customers of which value buy how."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Sum

from crm.models.customer import CustomerQuerySet
from followups.dashboard import heat
from tiering.models import Behaviour, Grade, Standing


@dataclass
class Cell:
    """Customers of one grade and behaviour; of all of a grade where `behaviour` is empty."""

    grade: str
    behaviour: str
    customers: int = 0
    value: Decimal = Decimal(0)
    heat: int = 0

    def add(self, customers: int, value: Decimal) -> None:
        self.customers += customers
        self.value += value


@dataclass
class Matrix:
    """`rows`: a grade, its cells by behaviour, and all of it. `unknown`: whose behaviour no
    night has said yet."""

    rows: list[tuple[str, list[Cell], Cell]]
    sums: list[Cell]
    all: Cell
    unknown: int = 0
    behaviours: list[tuple[str, Any]] = field(default_factory=lambda: list(Behaviour.choices))

    @property
    def is_known(self) -> bool:
        return self.unknown < self.all.customers


def matrix_of_today(customers: CustomerQuerySet) -> Matrix:
    rows = Standing.objects.filter(customer__in=customers).values("grade", "behaviour")
    return matrix(rows.annotate(n=Count("pk"), money=Sum("value")).order_by())


def matrix_of_sums(sums: Any) -> Matrix:
    """From the rows of OwnerSummary of one night."""
    rows = sums.values("grade", "behaviour")
    return matrix(rows.annotate(n=Sum(F("customers")), money=Sum(F("value"))).order_by())


def matrix(counted: Iterable[Mapping[str, Any]]) -> Matrix:
    """From rows of grade, behaviour, n and money; adds up to all of them."""
    cells = {(g, b): Cell(g, b) for g in Grade.values for b in Behaviour.values}
    grades = {grade: Cell(grade, "") for grade in Grade.values}
    sums = {name: Cell("", name) for name in Behaviour.values}
    found = Matrix([], list(sums.values()), Cell("", ""))
    for row in counted:
        known = row["behaviour"] in sums
        for cell in (found.all, grades[row["grade"]]):
            cell.add(row["n"], row["money"])
        for cell in (
            (cells[row["grade"], row["behaviour"]], sums[row["behaviour"]]) if known else ()
        ):
            cell.add(row["n"], row["money"])
        found.unknown += 0 if known else row["n"]
    top = max(cell.value for cell in cells.values())
    for cell in cells.values():
        cell.heat = heat(cell.value, top)
    found.rows = [(g, [cells[g, b] for b in Behaviour.values], grades[g]) for g in Grade.values]
    return found
