"""The list of changes of grade that wait for a person, the first to lapse on top."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from crm.exports import Column
from crm.listfilters import OfCustomerFilter
from crm.lists import SEARCH_COLUMNS, ListSpec, Sort
from tiering.models import Grade, GradeProposal, NightRun, Policy

ALL = "all"
STATES = [*GradeProposal.State.choices, (ALL, _("All"))]
WAYS = [("up", _("Rises")), ("down", _("Falls"))]


class ProposalFilter(OfCustomerFilter):
    """Those that wait, unless something else is asked for."""

    day = "proposed_on"
    defaults = {"state": GradeProposal.State.WAITING}

    state = ChoiceFilter(label=_("State"), choices=STATES, empty_label=None, method="of_state")
    way = ChoiceFilter(label=_("Change"), choices=WAYS, method="of_way")
    grade = ChoiceFilter(
        label=_("Present grade"), choices=Grade.choices, field_name="customer__standing__grade"
    )

    def __init__(self, data, *args, **kwargs):
        super().__init__({**self.defaults, **data.dict()}, *args, **kwargs)

    def of_state(self, proposals, name, state):
        return proposals if state == ALL else proposals.filter(state=state)

    def of_way(self, proposals, name, way):
        return proposals.filter(rises()) if way == "up" else proposals.exclude(rises())


def rises() -> Q:
    """To a better level of the policy of the night that proposed it."""
    found = Q(pk__in=[])
    nights = NightRun.objects.filter(as_of__in=GradeProposal.objects.values("proposed_on"))
    for policy in Policy.objects.filter(pk__in=nights.values("policy")):
        own, codes = nights.filter(policy=policy).values("as_of"), list(policy.classes)
        for place, code in enumerate(codes):
            found |= Q(from_level=code, to_level__in=codes[:place], proposed_on__in=own)
    return found


def named(field: str) -> Callable[[GradeProposal], str]:
    return lambda proposal: proposal.policy.name_of_level(getattr(proposal, field))


def totals(proposals: QuerySet, asked: dict[str, Any]) -> dict[str, Any]:
    return proposals.aggregate(
        count=Count("pk"),
        waiting=Count("pk", filter=Q(state=GradeProposal.State.WAITING)),
        value=Sum("customer__standing__value"),
    )


def detailed(proposals: QuerySet) -> QuerySet:
    related = proposals.worded().select_related(
        "customer__standing", "customer__owner", "decided_by"
    )
    return related.defer(*(f"customer__{column}" for column in SEARCH_COLUMNS))


PROPOSALS = ListSpec(
    name="proposals",
    template="tiering/proposals",
    filterset=ProposalFilter,
    sorts={
        "deadline": Sort(_("Decide by"), ("deadline",)),
        "value": Sort(_("Value"), ("customer__standing__value",), falling=True),
        "name": Sort(_("Name"), ("customer__name",)),
        "proposed": Sort(_("Proposed on"), ("proposed_on",), falling=True),
    },
    default="deadline",
    totals=totals,
    detailed=detailed,
    columns=[
        Column(_("Customer"), "customer.code"),
        Column(_("Name"), "customer.name"),
        Column(_("Owner"), "customer.owner.name"),
        Column(_("Grade before"), named("from_level")),
        Column(_("Grade after"), named("to_level")),
        Column(_("Value, 12 months"), "customer.standing.value"),
        Column(_("Proposed on"), "proposed_on"),
        Column(_("Decide by"), "deadline"),
        Column(_("State"), lambda proposal: proposal.get_state_display()),
        Column(_("Decided by"), "decided_by.name"),
        Column(_("Decided on"), "decided_on"),
    ],
)
