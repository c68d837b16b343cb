"""What every filter of a list has: scope, strictness, and chips that take it off again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django_filters import (
    CharFilter,
    ChoiceFilter,
    DateFilter,
    Filter,
    FilterSet,
    ModelChoiceFilter,
)

from crm.models import Customer, Team, User
from crm.permissions import Permission
from crm.templatetags.format import day as in_words

SELECTED = mark_safe(" selected")
# Asks for the rows in which a word is missing. No word is like it: all are kept without the
# blanks around them.
NOT_GIVEN = " "
NO_TEAM = "none"


@dataclass(frozen=True)
class Chip:
    """One filter in force: its name, its value in words, and the address without it."""

    label: Any
    value: str
    without: str


class Menu(forms.Select):
    """A select written in one go: a template for each option costs more than the list itself."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = set(self.format_value(value))
        options = (
            (key, SELECTED if str(key) in chosen else "", word) for key, word in self.choices
        )
        return format_html(
            '<select name="{}" id="{}">{}</select>',
            name,
            (attrs or {}).get("id", ""),
            format_html_join("", '<option value="{}"{}>{}</option>', options),
        )


class FlagFilter(Filter):
    """A box to tick. `narrow` names the method of the filter that is called when it is."""

    field_class = forms.BooleanField

    def __init__(self, *, narrow: str, sent: str = "1", **kwargs: Any):
        super().__init__(widget=forms.CheckboxInput(attrs={"value": sent}), **kwargs)
        self.narrow = narrow

    def filter(self, qs, value):
        return getattr(self.parent, self.narrow)(qs) if value else qs


class WordFilter(ChoiceFilter):
    """One of the words that are in use, or those rows that have none."""

    def offer(self, words: Iterable[str]) -> None:
        found = set(words)
        missing = [(NOT_GIVEN, _("not given"))] if "" in found else []
        self.extra["choices"] = [*((word, word) for word in sorted(found - {""})), *missing]

    def filter(self, qs, value):
        return (
            qs.filter(**{self.field_name: ""}) if value == NOT_GIVEN else super().filter(qs, value)
        )


class MarkField(forms.IntegerField):
    """A place in a sequence: it means nothing to people, so no chip shows it."""

    widget = forms.HiddenInput


class AfterFilter(Filter):
    """Rows that were entered after the one with this key."""

    field_class = MarkField

    def __init__(self, **kwargs: Any):
        super().__init__(
            field_name="pk", lookup_expr="gt", min_value=0, max_value=2**63 - 1, **kwargs
        )


class DayFilter(DateFilter):
    def __init__(self, **kwargs: Any):
        picker = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=picker, input_formats=["%Y-%m-%d"], **kwargs)


class ListFilter(FilterSet):
    """A filter in which a value that does not exist finds nothing, and says so.

    `defaults` are the values in force when nothing is asked for; they make no chips.
    `looks_in` tells the reader what the search looks in. `kept` are the parts of the address
    that say which list this is: they stay when every filter is taken off.
    """

    kept: tuple[str, ...] = ()
    looks_in: Any = _("Customer: code, name, phone or contact")
    defaults: dict[str, str] = {}

    q = CharFilter(label=_("Search"), method="by_text", widget=forms.TextInput)

    def __init__(self, data: QueryDict, queryset, *, request: HttpRequest, today: date):
        self.today = today
        super().__init__(data, queryset, request=request)
        for each in self.filters.values():
            if issubclass(each.field_class, forms.ChoiceField):
                each.extra.setdefault("widget", Menu)
                if each.extra.get("empty_label", "") is not None:
                    each.extra["empty_label"] = _("any")

    @property
    def qs(self):
        return super().qs if self.form.is_valid() else self.queryset.none()

    def by_text(self, rows, name, value):
        raise NotImplementedError

    @property
    def flags(self) -> list[forms.BoundField]:
        return [f for f in self.shown if isinstance(f.field, forms.BooleanField)]

    @property
    def choices(self) -> list[forms.BoundField]:
        return [f for f in self.shown if not isinstance(f.field, forms.BooleanField)]

    @cached_property
    def shown(self) -> list[forms.BoundField]:
        return [field for field in self.form.visible_fields() if field.name != "q"]

    @cached_property
    def chips(self) -> list[Chip]:
        return list(self.chips_in_force()) if self.form.is_valid() else []

    def chips_in_force(self) -> Iterator[Chip]:
        for name, value in self.form.cleaned_data.items():
            if value and value != self.defaults.get(name) and name not in self.kept:
                field = self.form.fields[name]
                yield Chip(field.label, words_for(field, value), self.address_without(name))

    @property
    def address_without_any(self) -> str:
        kept = {name: self.data[name] for name in self.kept if name in self.data}
        return f"?{urlencode(kept)}" if kept else ""

    def address_without(self, name: str) -> str:
        rest = self.request.GET.copy()
        for gone in (name, "page"):
            rest.pop(gone, None)
        return f"?{rest.urlencode()}"


def words_for(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool) or isinstance(field, MarkField):
        return ""
    if isinstance(value, date):
        return str(in_words(value))
    if isinstance(field, forms.ChoiceField) and isinstance(value, str):
        return str(dict(field.choices)[value])
    return str(value)


def people_seen(request: HttpRequest):
    return User.objects.visible_to(request.user).order_by("-is_active", "name", "id")


def teams_seen(request: HttpRequest):
    teams = Team.objects.order_by("name", "id")
    if request.user.is_admin:
        return teams
    if not request.user.may(Permission.SEE_TEAM):
        return teams.none()
    return teams.filter(pk__in=request.user.team_with_subteams)


def customers_seen(request: HttpRequest):
    return Customer.objects.visible_to(request.user)


class OwnedFilter(ListFilter):
    """A filter by the salesperson and the team that look after the customer of a row."""

    to_customer = "customer__"

    owner = ModelChoiceFilter(label=_("Owner"), queryset=people_seen, method="of_owner")
    team = ModelChoiceFilter(label=_("Team"), queryset=teams_seen, method="of_team")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not self.request.user.may(Permission.SEE_TEAM):
            for name in ("owner", "team"):
                self.filters[name].extra["widget"] = forms.HiddenInput

    def of_owner(self, rows, name, owner):
        return rows.filter(**{f"{self.to_customer}owner": owner})

    def of_team(self, rows, name, team):
        return rows.filter(**{f"{self.to_customer}owner__team__in": team.with_subteams()})


class OfCustomerFilter(OwnedFilter):
    """A filter of rows that belong to a customer; `day` is the field a period speaks of."""

    day = ""

    customer = ModelChoiceFilter(
        label=_("Customer"),
        queryset=customers_seen,
        to_field_name="code",
        widget=forms.HiddenInput,
    )

    def by_text(self, rows, name, text):
        return rows.filter(customer__in=Customer.objects.search(text).values("pk"))

    @classmethod
    def get_filters(cls):
        """Period included: `from` and `to` are words that Python keeps for itself."""
        if not cls.day:
            return super().get_filters()
        period = {
            "from": DayFilter(label=_("From"), field_name=cls.day, lookup_expr="gte"),
            "to": DayFilter(label=_("Until"), field_name=cls.day, lookup_expr="lte"),
        }
        return super().get_filters() | period
