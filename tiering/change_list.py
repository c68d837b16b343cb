"""What the list of changes of grade shows, adds up and exports."""

from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from crm.exports import Column
from crm.lists import SEARCH_COLUMNS, ListSpec, Sort
from crm.models.fields import MoneySumField
from tiering.filters import ChangeFilter
from tiering.models.grade_change import steps


def with_values(changes: QuerySet) -> QuerySet:
    """`value_before` and `value_after`: the value that each of the two nights computed."""
    return changes.annotate(
        **{
            f"value_{when}": Cast(KeyTextTransform("value", when), MoneySumField())
            for when in ("before", "after")
        }
    )


def totals(changes: QuerySet, asked: dict[str, Any]) -> dict[str, Any]:
    """`value` in base currency only of a single night, or a customer would count twice."""
    is_one_night = asked.get("from") and asked["from"] == asked.get("to")
    value = {"value": Sum("value_after")} if is_one_night else {}
    return with_values(changes).aggregate(
        **value,
        count=Count("pk"),
        customers=Count("customer", distinct=True),
        rises=Count("pk", filter=steps(up=True)),
        falls=Count("pk", filter=steps(up=False)),
    )


def detailed(changes: QuerySet) -> QuerySet:
    hidden = [f"customer__{column}" for column in SEARCH_COLUMNS]
    related = changes.worded().select_related("customer__owner").defer(*hidden)
    return with_values(related).annotate(name=F("customer__name"))


CHANGES = ListSpec(
    name="changes",
    template="tiering/changes",
    filterset=ChangeFilter,
    sorts={
        "day": Sort(_("Day"), ("as_of", "correction"), falling=True),
        "name": Sort(_("Customer"), ("name",)),
        "value": Sort(_("Value"), ("value_after",), falling=True),
        "cause": Sort(_("Cause"), ("cause",)),
    },
    default="-day",
    totals=totals,
    detailed=detailed,
    columns=[
        Column(_("Day"), "as_of"),
        Column(_("Code"), "customer.code"),
        Column(_("Customer"), "customer.name"),
        Column(_("Owner"), "customer.owner.name"),
        Column(_("From grade"), lambda change: change.get_from_grade_display()),
        Column(_("To grade"), lambda change: change.get_to_grade_display()),
        Column(_("From level"), "level_before"),
        Column(_("To level"), "level_after"),
        Column(_("Cause"), lambda change: change.get_cause_display()),
        Column(_("Value before"), "value_before"),
        Column(_("Value after"), "value_after"),
        Column(_("Grading policy"), "policy_version"),
    ],
)
