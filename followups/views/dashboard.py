"""A manager's dashboard: the team's book in figures, each of which opens its rows."""

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from crm.models import Customer, Team
from crm.permissions import Permission
from followups import dashboard as figures
from followups.matrix import matrix_of_today
from followups.outlook import outlook
from followups.past_board import past_board
from followups.trend import trend, trend_chart
from tiering.models import GradeChange, GradeProposal, Override
from tiering.views.past import around, book_asked_for, no_book


class TeamForm(forms.Form):
    team = forms.ModelChoiceField(
        Team.objects.none(), required=False, label=_("Team"), empty_label=_("All teams")
    )

    def __init__(self, data, *, user):
        super().__init__(data)
        teams = Team.objects.order_by("name", "id")
        if not user.is_admin:
            teams = teams.filter(pk__in=user.team_with_subteams)
        self.fields["team"].queryset = teams


def book_of(user, team):
    """The customers shown: all that the user may see, or those of one team and its sub-teams."""
    customers = Customer.objects.visible_to(user)
    if team is None:
        return customers
    return customers.filter(owner__team__in=team.with_subteams())


@require_GET
def dashboard(request):
    if not request.user.may(Permission.SEE_TEAM):
        raise PermissionDenied
    book = book_asked_for(request)
    if book.problem:
        return no_book(request, book, here="dashboard")
    form = TeamForm(request.GET, user=request.user)
    team = form.cleaned_data["team"] if form.is_valid() else None
    context = {"here": "dashboard", "form": form, "team": team} | around(request, book)
    context |= nights(book.night, user=request.user, team=team)
    if book.is_past:
        context |= past_board(book.night, user=request.user, team=team)
        return render(request, "followups/past/dashboard.html", context)
    context["waiting_overrides"] = waiting_overrides(request.user)
    context |= board(book_of(request.user, team), today=timezone.localdate())
    return render(request, "followups/dashboard.html", context)


def waiting_overrides(user):
    """How many set grades ask for a second person; nobody looks where one is enough."""
    return Override.objects.visible_to(user).waiting().count() if settings.SECOND_PERSON else 0


def nights(night, *, user, team):
    """What a night changed, and how the book came to be as it was that night."""
    if night is None:
        return {}
    changes = GradeChange.objects.visible_to(user).filter(as_of=night.as_of)
    if team:
        changes = changes.filter(customer__owner__team__in=team.with_subteams())
    points = trend(night, user=user, team=team)
    return {
        "changed": changes.count(),
        "trend": points,
        "trend_chart": trend_chart(points, team=team),
    }


def board(customers, *, today):
    grades = figures.by_grade(customers)
    sellers = figures.by_seller(customers, today=today)
    return {
        "grades": grades,
        "sellers": sellers,
        "customers_total": sum(line.customers for line in grades),
        "value_total": sum(line.value for line in grades),
        "at_risk_total": sum(line.at_risk for line in sellers),
        "at_risk_most": max((line.at_risk for line in sellers), default=0),
        "alerts_total": sum(line.alerts for line in sellers),
        "overdue_total": sum(line.overdue for line in sellers),
        "overdue_most": max((line.overdue for line in sellers), default=0),
        "curve": figures.vital_few(customers),
        "structure": figures.structure(customers),
        "outlook": outlook(customers),
        "waiting": GradeProposal.objects.filter(customer__in=customers).waiting().count(),
        "matrix": matrix_of_today(customers),
        "opens_behaviour": True,
    }
