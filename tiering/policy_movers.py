"""The list of the customers that a draft would move, confined to what its reader may see."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, ModelChoiceFilter

from crm import exports
from crm.exports import Column
from crm.listfilters import FlagFilter, ListFilter, people_seen
from crm.lists import EXPORT_CHUNK, PAGE_SIZE, SEARCH_COLUMNS, Sort, Sorting
from crm.models import Customer, User
from tiering.models import Grade
from tiering.models.grade import name_of
from tiering.rules import GRADES
from tiering.services.what_if_rows import Levels, WhatIf, codes, has_own

POOL = 0
# More than these are not asked for by their keys.
FEW_MOVERS = 20_000
WAYS = [("up", _("Up")), ("down", _("Down"))]
KINDS = [("grade", _("The grade changes")), ("level", _("Only the level changes"))]
SORTS = {
    "value": Sort(_("Value, 12 months"), ("cents",), falling=True),
    "from": Sort(_("From"), ("origin", "was", "target", "becomes")),
    "to": Sort(_("To"), ("target", "becomes", "origin", "was")),
    "owner": Sort(_("Owner"), ("owner_name",)),
}


@dataclass(frozen=True)
class Mover:
    """`was` and `becomes` name the levels; empty where they say no more than the grades."""

    customer: Customer
    origin: str
    target: str
    was: str
    becomes: str
    is_up: bool
    value: Decimal

    @property
    def is_only_level(self) -> bool:
        return self.origin == self.target


class MoverFilter(ListFilter):
    """What a reader asked for; the rows are numbers, which `MoverList` sifts."""

    origin = ChoiceFilter(label=_("From"), choices=Grade.choices)
    target = ChoiceFilter(label=_("To"), choices=Grade.choices)
    was = ChoiceFilter(label=_("From level"))
    becomes = ChoiceFilter(label=_("To level"))
    kind = ChoiceFilter(label=_("What changes"), choices=KINDS)
    way = ChoiceFilter(label=_("Movement"), choices=WAYS)
    owner = ModelChoiceFilter(label=_("Owner"), queryset=people_seen)
    pool = FlagFilter(label=_("In the pool"), narrow="in_pool")

    def offer(self, what_if: WhatIf) -> None:
        """The levels of today and of the draft; nothing of levels where there are none."""
        for name, levels in (("was", what_if.before), ("becomes", what_if.after)):
            choices = [(level["code"], name_of(level)) for level in levels]
            self.filters[name].extra["choices"] = choices
            if not has_own(levels):
                del self.filters[name]
        if not what_if.has_levels:
            del self.filters["kind"]


COLUMNS = [
    Column(_("Customer"), "customer.code"),
    Column(_("Name"), "customer.name"),
    Column(_("From"), lambda mover: Grade(mover.origin).label),
    Column(_("To"), lambda mover: Grade(mover.target).label),
    Column(_("Value, 12 months"), "value"),
    Column(_("Owner"), "customer.owner.name"),
]
OF_LEVELS = [Column(_("From level"), "was"), Column(_("To level"), "becomes")]


def owners_in_scope(user: User) -> set[int] | None:
    """Whose customers a reader sees, 0 for the pool; None: everybody's."""
    if user.is_admin:
        return None
    seen = Customer.objects.visible_to(user).order_by()
    return {owner or POOL for owner in seen.values_list("owner", flat=True).distinct()}


def seen_today(rows: pd.DataFrame, customers: QuerySet[Customer], user: User) -> pd.DataFrame:
    """Those of the movers whom the user sees now, with the owners of now: a preview is kept
    for an hour, and customers go to other people meanwhile."""
    asked = customers.order_by()
    if len(rows) <= FEW_MOVERS:
        asked = asked.filter(pk__in=rows["customer"].tolist())
    elif user.is_admin:
        return rows
    owners = dict(asked.values_list("pk", "owner"))
    rows = rows[np.isin(rows["customer"], list(owners))]
    return rows.assign(owner=[owners[each] or POOL for each in rows["customer"]])


class MoverList:
    """The movers of a preview as one reader asked for them; see `crm.lists.Listing`."""

    def __init__(self, what_if: WhatIf, request: HttpRequest, *, today: date):
        self.request, self.today, self.user = request, today, request.user
        self.customers = Customer.objects.visible_to(request.user)
        self.filter = MoverFilter(request.GET, self.customers, request=request, today=today)
        self.sorting = Sorting(SORTS, request.GET.get("sort", ""), "-value")
        self.filter.offer(what_if)
        self.what_if = what_if
        self.rows = self._sifted(seen_today(what_if.movers(None), self.customers, self.user))

    @cached_property
    def totals(self) -> dict[str, Any]:
        return totals_of(self.rows)

    @cached_property
    def page(self) -> Page:
        page = Paginator(self._sorted(), PAGE_SIZE).get_page(self.request.GET.get("page"))
        page.object_list = self.shown(page.object_list)
        return page

    def shown(self, rows: pd.DataFrame) -> list[Mover]:
        """With names and owners; whoever was removed meanwhile is left out."""
        related = self.customers.select_related("owner").defer(*SEARCH_COLUMNS)
        was, becomes = (level_names(each) for each in (self.what_if.before, self.what_if.after))
        found = related.in_bulk(rows["customer"].tolist())
        return [
            Mover(
                found[row.customer],
                GRADES[row.origin],
                GRADES[row.target],
                was[row.was],
                becomes[row.becomes],
                bool(row.up),
                Decimal(row.cents).scaleb(-2),
            )
            for row in rows.itertuples()
            if row.customer in found
        ]

    def file(self, kind: str) -> HttpResponse:
        columns = [*COLUMNS[:4], *OF_LEVELS, *COLUMNS[4:]] if self.what_if.has_levels else COLUMNS
        return exports.send(
            self._all(), columns, name="movers", kind=kind, by=self.user, on=self.today
        )

    def _all(self) -> Iterator[Mover]:
        rows = self._sorted()
        for start in range(0, len(rows), EXPORT_CHUNK):
            yield from self.shown(rows[start : start + EXPORT_CHUNK])

    def _sifted(self, rows: pd.DataFrame) -> pd.DataFrame:
        if not self.filter.form.is_valid():
            return rows[:0]
        asked = self.filter.form.cleaned_data
        for name in ("origin", "target"):
            if asked[name]:
                rows = rows[rows[name] == GRADES.index(asked[name])]
        for name, levels in (("was", self.what_if.before), ("becomes", self.what_if.after)):
            if asked.get(name):
                rows = rows[rows[name] == codes(levels).index(asked[name])]
        if asked.get("kind"):
            rows = rows[(rows["origin"] == rows["target"]) == (asked["kind"] == "level")]
        if asked["way"]:
            rows = rows[rows["up"] == (asked["way"] == "up")]
        if asked["owner"]:
            rows = rows[rows["owner"] == asked["owner"].pk]
        if asked["pool"]:
            rows = rows[rows["owner"] == POOL]
        return self._by_text(rows, asked["q"])

    def _by_text(self, rows: pd.DataFrame, text: str) -> pd.DataFrame:
        if not text:
            return rows
        found = self.customers.search(text).order_by().values_list("pk", flat=True)
        return rows[np.isin(rows["customer"], list(found))]

    def _sorted(self) -> pd.DataFrame:
        """By the chosen order, then by value, then by customer."""
        fields = list(self.sorting.sorts[self.sorting.key].fields)
        rows = self._named() if "owner_name" in fields else self.rows
        rising = [not self.sorting.falling] * len(fields)
        return rows.sort_values([*fields, "cents", "customer"], ascending=[*rising, False, True])

    def _named(self) -> pd.DataFrame:
        names = dict(User.objects.values_list("pk", "name"))
        return self.rows.assign(owner_name=self.rows["owner"].map(names).fillna(""))


def totals_of(rows: pd.DataFrame) -> dict[str, Any]:
    """Of movers: how many, those of a level only, up, down, and their value in base currency."""
    up = int(rows["up"].sum())
    levels = int((rows["target"] == rows["origin"]).sum())
    return {
        "count": len(rows),
        "grades": len(rows) - levels,
        "levels": levels,
        "up": up,
        "down": len(rows) - up,
        "value": Decimal(int(rows["cents"].sum())) / 100,
    }


def level_names(levels: Levels) -> list[str]:
    """By position, in the language of the reader; empty for each of the four grades."""
    return [name_of(level) if has_own(levels) else "" for level in levels]
