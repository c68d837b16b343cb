"""Drafts: begun, changed, discarded. Whatever is refused keeps what was typed."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.permissions import Permission
from crm.views.scope import allow
from tiering.models import NightRun, Policy
from tiering.models.preset_titles import PRESET_TITLES
from tiering.points import DEFAULT_WEIGHTS
from tiering.policy_digest import fingerprint
from tiering.policy_form import DraftForm
from tiering.policy_levels import with_one_more, without
from tiering.policy_words import CRITERION_NAMES
from tiering.services.policies import (
    DraftChanged,
    PolicyRefused,
    change_draft,
    drop_draft,
    new_draft,
    settings_of,
)
from tiering.services.presets import settings_of_preset
from tiering.views.policies.access import draft_or_404, for_editors, for_readers, version_or_404
from tiering.views.policies.reading import to_read


@for_readers
@require_http_methods(["GET", "HEAD", "POST"])
def version(request, version):
    policy = version_or_404(version)
    if request.method == "POST":
        allow(request.user, Permission.EDIT_POLICY)
        return save(request, draft_or_404(version))
    if policy.is_published or not request.user.may(Permission.EDIT_POLICY):
        return to_read(request, policy)
    return edit(request, policy, DraftForm(policy=policy))


def edit(request, policy, form, *, quiet=False):
    context = {
        "here": "policy",
        "policy": policy,
        "form": form,
        "quiet": quiet,
        "can_preview": NightRun.objects.finished().exists(),
    }
    return render(request, "tiering/policies/edit.html", context)


def save(request, policy):
    do, _sep, place = request.POST.get("do", "").partition("-")
    if do in {"add", "remove"}:
        data = with_one_more(request.POST) if do == "add" else without(request.POST, place)
        return edit(request, policy, DraftForm(data, policy=policy), quiet=True)
    if do == "anew":
        policy.breakpoints = {}
    form = DraftForm(request.POST, policy=policy)
    if form.is_valid() and kept(request, policy, form):
        messages.success(request, _("The draft is saved."))
        return redirect("policy_publish" if do == "publish" else "policy_version", policy.version)
    return edit(request, policy, form)


def kept(request, policy, form) -> bool:
    """Whether the draft was saved; if not, the form says why."""
    seen = form.cleaned_data["seen"]
    try:
        change_draft(policy=policy, fields=form.settings, by=request.user, seen=seen)
    except DraftChanged as error:
        form.data = form.data.copy()
        form.data["seen"] = fingerprint(Policy.objects.get(pk=policy.pk))
        ask = _("What you typed is still here: save again to put it in place of theirs.")
        form.add_error(None, f"{error} {ask}")
    except PolicyRefused as error:
        form.add_error(None, str(error))
    return not form.errors


@for_editors
@require_POST
def new(request):
    try:
        draft = begun(request)
        say_what_is_left_out(request, draft)
        return redirect("policy_version", draft.version)
    except PolicyRefused as error:
        messages.error(request, str(error))
        return redirect("policy")


def begun(request) -> Policy:
    """A new draft from a version that is there, or from a preset."""
    start = request.POST.get("start", "")
    if start in PRESET_TITLES:
        name, fields = str(PRESET_TITLES[start]), settings_of_preset(start)
    elif start.isdecimal() and len(start) < 9:
        like = get_object_or_404(Policy, version=int(start))
        name, fields = like.name, settings_of(like)
    else:
        raise Http404
    return new_draft(name=name, by=request.user, **fields)


def say_what_is_left_out(request, draft) -> None:
    """A preset weighs only criteria of which this book knows something."""
    left_out = [name for name in DEFAULT_WEIGHTS if name not in draft.weights]
    if request.POST.get("start") == "point_lines" and left_out:
        names = ", ".join(str(CRITERION_NAMES[name]) for name in left_out)
        text = _("Nothing is known yet of: %(names)s. The weights are shared out over the rest.")
        messages.info(request, text % {"names": names})


@for_editors
@require_POST
def drop(request, version):
    try:
        drop_draft(policy=draft_or_404(version), by=request.user)
        messages.success(request, _("The draft is discarded."))
    except PolicyRefused as error:
        messages.error(request, str(error))
    return redirect("policy")
