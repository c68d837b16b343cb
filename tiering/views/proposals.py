"""Changes of grade that wait: the list, and deciding on many of them at once."""

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from crm.lists import show
from crm.permissions import Permission
from crm.views.scope import allow
from tiering.decision_form import APPROVE, DecisionForm
from tiering.models import GradeProposal, NightRun
from tiering.proposal_list import PROPOSALS
from tiering.services.proposals import CannotDecide, approve, decline

SHOWN = 50


@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    allow(request.user, Permission.APPROVE_GRADES)
    rows = GradeProposal.objects.visible_to(request.user)
    return show(request, PROPOSALS, rows, policy=policy_of_the_night())


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Show what would change; change it when a decision comes with it."""
    allow(request.user, Permission.APPROVE_GRADES)
    form = DecisionForm(request, today=timezone.localdate())
    if not form.is_valid():
        messages.error(request, next(iter(form.errors.values()))[0])
        return back_to_list(request)
    if form.cleaned_data["decision"]:
        carry_out(request, form)
        return back_to_list(request)
    return render(request, "tiering/proposals_decide.html", asked_for(form))


def asked_for(form: DecisionForm) -> dict:
    rows = form.rows().decidable(today=form.today)
    groups = rows.order_by().values("from_level", "to_level")
    found = groups.annotate(n=Count("pk"), money=Sum("customer__standing__value"))
    return {
        "here": "proposals",
        "form": form,
        "groups": found.order_by("-n", "from_level", "to_level"),
        "changes": rows.count(),
        "rows": rows.select_related("customer").order_by("customer__name", "id")[:SHOWN],
        "policy": policy_of_the_night(),
    }


def carry_out(request: HttpRequest, form: DecisionForm) -> None:
    act = approve if form.cleaned_data["decision"] == APPROVE else decline
    rows, expected = form.rows(), None
    if form.cleaned_data["everything"]:
        rows, expected = rows.decidable(today=form.today), form.cleaned_data["expected"]
    try:
        decided = act(proposals=rows, by=request.user, today=form.today, expected=expected)
    except CannotDecide as error:
        messages.error(request, str(error))
        return
    if decided.count:
        messages.success(request, said(decided.count, approved=act is approve))
    if decided.missed:
        messages.warning(request, said_of_missed(decided.missed))


def said(count: int, *, approved: bool) -> str:
    if approved:
        words = ngettext(
            "%(count)s change of grade is approved and holds from now on.",
            "%(count)s changes of grade are approved and hold from now on.",
            count,
        )
    else:
        words = ngettext(
            "%(count)s change of grade is declined; its nights are counted from the beginning.",
            "%(count)s changes of grade are declined; their nights are counted from the beginning.",
            count,
        )
    return words % {"count": count}


def said_of_missed(count: int) -> str:
    words = ngettext(
        "%(count)s change no longer waited: somebody else has decided it, or it is no longer due.",
        "%(count)s changes no longer waited: somebody else has decided them, or they are no"
        " longer due.",
        count,
    )
    return words % {"count": count}


def policy_of_the_night():
    run = NightRun.objects.select_related("policy").latest_finished()
    return run and run.policy


def back_to_list(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('proposals')}?{request.POST.get('back', '')}")
