"""Weights from comparisons in pairs, taken over into a draft when they please."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tiering.points import DEFAULT_WEIGHTS
from tiering.policy_digest import fingerprint
from tiering.policy_pairs import CriteriaForm, PairsForm, named_weights
from tiering.services.breakpoints import frozen
from tiering.services.policies import PolicyRefused, change_draft
from tiering.views.policies.access import draft_or_404, for_editors


@for_editors
@require_http_methods(["GET", "HEAD", "POST"])
def pairs(request, version):
    policy = draft_or_404(version)
    chosen = criteria_form(request, policy)
    criteria = chosen.cleaned_data["c"] if chosen.is_valid() else []
    form = PairsForm(request.POST if request.method == "POST" else None, criteria=criteria)
    weighing = form.weighing() if criteria and form.is_valid() else None
    if weighing and request.POST.get("do") == "take" and taken_over(request, policy, weighing):
        return redirect("policy_version", version)
    context = {"here": "policy", "policy": policy, "chosen": chosen, "form": form}
    if weighing:
        context |= {"weighing": weighing, "weights": named_weights(weighing)}
    context["seen"] = request.POST.get("seen") or fingerprint(policy)
    return render(request, "tiering/policies/pairs.html", context)


def criteria_form(request, policy):
    """Those asked for, else those that the draft weighs."""
    data = request.POST if request.method == "POST" else request.GET
    asked = data.getlist("c")
    return CriteriaForm({"c": asked or list(policy.weights) or list(DEFAULT_WEIGHTS)})


def taken_over(request, policy, weighing) -> bool:
    weights = dict(weighing.weights)
    fields = {"weights": weights, "breakpoints": frozen(policy, list(weights))}
    seen = request.POST.get("seen")
    try:
        change_draft(policy=policy, fields=fields, by=request.user, seen=seen)
    except PolicyRefused as error:
        messages.error(request, str(error))
        return False
    messages.success(request, _("The weights stand in the draft now."))
    return True
