"""Lists: one scoped set of rows, filtered, sorted, totalled, paged and exported as one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from crm import exports
from crm.exports import Column
from crm.listfilters import ListFilter
from crm.permissions import Permission

PAGE_SIZE = 25
# Wide columns of a customer that no list shows.
SEARCH_COLUMNS = ("folded", "bigrams", "note")
EXPORT_CHUNK = 2_000


@dataclass(frozen=True)
class Sort:
    """One way to sort: its word, the fields it goes by, and whether it falls when chosen."""

    label: Any
    fields: tuple[str, ...]
    falling: bool = False

    def written(self, key: str, *, falling: bool) -> str:
        """As in the address: `name` rises, `-value` falls."""
        return f"-{key}" if falling else key


@dataclass(frozen=True)
class Heading:
    """What the heading of a column offers: the next order, and the one in force."""

    label: Any
    next: str
    state: str


class Sorting:
    """The order a reader asked for; anything that is not on offer is the default order."""

    def __init__(self, sorts: dict[str, Sort], asked: str, default: str):
        self.sorts = sorts
        self.key, self.falling = self.parse(asked if self.parse(asked)[0] in sorts else default)

    @staticmethod
    def parse(asked: str) -> tuple[str, bool]:
        return asked.removeprefix("-"), asked.startswith("-")

    def apply(self, rows: QuerySet) -> QuerySet:
        """In this order, missing figures last, and by `id` where all else is equal."""
        fields = [F(field) for field in self.sorts[self.key].fields]
        order = [
            field.desc(nulls_last=True) if self.falling else field.asc(nulls_last=True)
            for field in fields
        ]
        return rows.order_by(*order, "id")

    @property
    def headings(self) -> dict[str, Heading]:
        return {key: self.heading(key, sort) for key, sort in self.sorts.items()}

    def heading(self, key: str, sort: Sort) -> Heading:
        chosen = key == self.key
        falls_next = not self.falling if chosen else sort.falling
        state = ("descending" if self.falling else "ascending") if chosen else ""
        return Heading(sort.label, sort.written(key, falling=falls_next), state)

    @property
    def options(self) -> list[tuple[str, Any, bool]]:
        """For a menu: (as in the address, word, chosen)."""
        return [
            (
                sort.written(key, falling=self.falling if key == self.key else sort.falling),
                sort.label,
                key == self.key,
            )
            for key, sort in self.sorts.items()
        ]


class CountedPaginator(Paginator):
    """A paginator that is told how many rows there are, for the totals have counted them."""

    def __init__(self, rows: QuerySet, count: int):
        super().__init__(rows, PAGE_SIZE)
        self.count = count


@dataclass(frozen=True)
class ListSpec:
    """What makes one list different from another.

    `name` is its URL name and the name of its files; `template` the path of its page without
    the ending, beside which `…_rows.html` holds what changes with the filter. `totals` gives
    the sums of a set of rows, `count` among them, knowing what the filter asked for;
    `detailed` adds what a row shows; `on` is the day that the rows speak of, if it is past.
    """

    name: str
    template: str
    filterset: type[ListFilter]
    sorts: dict[str, Sort]
    default: str
    totals: Callable[[QuerySet, dict[str, Any]], dict[str, Any]]
    detailed: Callable[[QuerySet], QuerySet]
    columns: Sequence[Column]
    on: date | None = None


class Listing:
    """A list as one reader asked for it. Totals, page and file speak of the same rows."""

    def __init__(self, spec: ListSpec, rows: QuerySet, request: HttpRequest, *, today: date):
        self.spec = spec
        self.request = request
        self.today = today
        self.filter = spec.filterset(request.GET, rows, request=request, today=today)
        self.sorting = Sorting(spec.sorts, request.GET.get("sort", ""), spec.default)
        self.rows = self.filter.qs

    @cached_property
    def totals(self) -> dict[str, Any]:
        return self.spec.totals(self.rows, self.filter.form.cleaned_data)

    @property
    def detailed_rows(self) -> QuerySet:
        return self.sorting.apply(self.spec.detailed(self.rows))

    @cached_property
    def page(self) -> Page:
        paginator = CountedPaginator(self.detailed_rows, self.totals["count"])
        return paginator.get_page(self.request.GET.get("page"))

    def file(self, kind: str) -> HttpResponse:
        return exports.send(
            self.detailed_rows.iterator(chunk_size=EXPORT_CHUNK),
            self.spec.columns,
            name=self.spec.name,
            kind=kind,
            by=self.request.user,
            on=self.spec.on or self.today,
        )


def show(request: HttpRequest, spec: ListSpec, rows: QuerySet, **context: Any) -> HttpResponse:
    """The list as a page, as the changing part of it for htmx, or as a file."""
    listing = Listing(spec, rows, request, today=timezone.localdate())
    kind = request.GET.get("export")
    if kind in exports.KINDS:
        if not request.user.may(Permission.EXPORT_LISTS):
            raise PermissionDenied
        return listing.file(kind)
    only_rows = request.htmx and not request.htmx.history_restore_request
    template = f"{spec.template}_rows.html" if only_rows else f"{spec.template}.html"
    shared = {"listing": listing, "here": spec.name}
    shared["shows_owner"] = request.user.may(Permission.SEE_TEAM)
    response = render(request, template, shared | context)
    patch_vary_headers(response, ["HX-Request"])
    return response
