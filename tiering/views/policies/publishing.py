"""A draft becomes the rule: asked for, agreed to by a second person, carried out."""

from celery import current_app
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from tiering import tasks
from tiering.models import NightRun
from tiering.policy_movers import totals_of
from tiering.policy_preview import warnings
from tiering.policy_publish_form import PublishForm
from tiering.services import publishing, what_if
from tiering.services.guard import NightRefused
from tiering.services.policies import PolicyRefused, propose, publish
from tiering.views.policies.access import draft_or_404, for_editors, version_or_404

DIED = gettext_lazy(
    "The publication broke off: the worker that graded the book was stopped. Nothing is changed;"
    " publish the policy again."
)


@for_editors
@require_http_methods(["GET", "HEAD", "POST"])
def publication(request, version):
    """The last page before a draft rules: who moves, from which day on, and why."""
    policy, night = draft_or_404(version), NightRun.objects.latest_finished()
    data = request.POST if request.method == "POST" else None
    form = PublishForm(data, policy=policy, night=night, today=timezone.localdate())
    if form.is_valid() and (done := carried_out(request, policy, form, night)):
        return done
    context = {
        "here": "policy",
        "policy": policy,
        "form": form,
        "moves": moves_of(policy, night),
        "second_person": second_person(request.user, policy),
    }
    return render(request, "tiering/policies/publish.html", context)


def second_person(user, policy) -> str:
    """What stands between this user and the publication: "propose", "wait", or nothing."""
    if not settings.SECOND_PERSON:
        return ""
    if policy.proposed_at is None:
        return "propose"
    return "wait" if policy.by_id == user.pk else ""


def moves_of(policy, night):
    """How many move and which grades stay empty, if the preview of just these settings is at
    hand or quickly reckoned."""
    if night is None:
        return None
    key = what_if.key_of(policy, night)
    found = what_if.at_hand(policy, night, key=key)
    if found is None:
        return None
    told = {"key": key, "notes": warnings(found, policy), "has_levels": found.has_levels}
    return told | totals_of(found.movers(None))


def carried_out(request, policy, form, night):
    """Where to go from here, or None where it was refused, with the reason in the form."""
    try:
        if request.POST.get("do") == "propose":
            return proposed(request, policy, form)
        if publishing.is_long(policy, form.cleaned_data["valid_from"], night):
            return ordered(request, policy, form)
        return published(request, policy, form)
    except (PolicyRefused, NightRefused) as error:
        form.add_error(None, str(error))
        return None


def proposed(request, policy, form):
    asked = {name: form.cleaned_data[name] for name in ("note", "seen")}
    propose(policy=policy, **asked, by=request.user, now=timezone.now())
    messages.success(request, _("The draft is proposed: a second person can publish it now."))
    return redirect("policy_version", policy.version)


def published(request, policy, form):
    """Follow-ups look at the grades by themselves every hour; now they do at once."""
    publish(policy=policy, **form.cleaned_data, by=request.user, now=timezone.now())
    transaction.on_commit(lambda: current_app.send_task("followups.refresh"))
    messages.success(request, _("The policy is published."))
    return redirect("policy_version", policy.version)


def ordered(request, policy, form):
    """A large book: a worker grades it, and the page shows how far it is."""
    if publishing.begin(policy):
        order = publishing.order_of(policy, **form.cleaned_data, by=request.user)
        tasks.publish_policy.delay_on_commit(order=order)
    return redirect("policy_publishing", policy.version)


@for_editors
@require_safe
def progress(request, version):
    policy = version_or_404(version)
    state = publishing.progress(policy)
    if state is None or "refused" in state:
        return ended(request, policy, state)
    context = {"here": "policy", "policy": policy, "state": state}
    part = "_publishing" if request.htmx else "publishing"
    return render(request, f"tiering/policies/{part}.html", context)


def ended(request, policy, state):
    if policy.is_published:
        messages.success(request, _("The policy is published."))
    elif state is not None:
        messages.error(request, state["refused"])
    elif publishing.has_died(policy):
        messages.error(request, DIED)
    publishing.forget(policy)
    if request.htmx:
        return HttpResponseClientRedirect(policy_url(policy))
    return redirect(policy_url(policy))


def policy_url(policy) -> str:
    name = "policy_version" if policy.is_published else "policy_publish"
    return reverse(name, args=[policy.version])
