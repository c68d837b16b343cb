"""What a draft would do: followed live by the form, then customer by customer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm import exports
from crm.permissions import Permission
from crm.views.scope import allow
from tiering import tasks
from tiering.models import NightRun
from tiering.policy_form import DraftForm
from tiering.policy_movers import MoverList
from tiering.policy_preview import FEW, shown
from tiering.services import what_if
from tiering.views.policies.access import for_readers, version_or_404


@for_readers
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request, version):
    """Of the settings as they are kept, or as they stand in the form; nothing is saved."""
    policy = version_or_404(version)
    if request.method == "POST":
        allow(request.user, Permission.EDIT_POLICY)
        form = DraftForm(request.POST, policy=policy)
        if not form.is_valid():
            return not_yet(request, form)
        policy = form.unsaved()
    run = NightRun.objects.latest_finished()
    if run is None:
        return render(request, "tiering/policies/_no_night.html")
    return answer(request, policy, run)


def not_yet(request, form) -> HttpResponse:
    """The last figures stay; a note above them says why there are no new ones."""
    response = render(request, "tiering/policies/_not_yet.html", {"form": form})
    response["HX-Retarget"], response["HX-Reswap"] = "#not-yet", "outerHTML"
    return response


def answer(request, policy, run) -> HttpResponse:
    key = what_if.key_of(policy, run)
    found = what_if.at_hand(policy, run, key=key)
    if found is None:
        return under_way(request, policy, key)
    return figures(request, policy, key, found)


def under_way(request, policy, key) -> HttpResponse:
    """A large book is reckoned elsewhere; the page asks again every second."""
    if what_if.claim(key):
        tasks.preview_policy.delay_on_commit(fields=what_if.as_plain(policy), key=key)
    state = what_if.progress(key) or {"percent": 0}
    context = {"policy": policy, "state": state, "is_typed": request.method == "POST"}
    return render(request, "tiering/policies/_progress.html", context)


def figures(request, policy, key, found) -> HttpResponse:
    few = MoverList(found, request, today=timezone.localdate())
    context = {
        "policy": policy,
        "key": key,
        "shown": shown(found, policy, user=request.user),
        "movers": few.shown(few.rows[:FEW]),
    }
    return render(request, "tiering/policies/_preview.html", context)


@for_readers
@require_safe
def movers(request, version, key):
    """Everybody whom the settings of that preview would move: filtered, sorted, as a file."""
    policy = version_or_404(version)
    found = found_again(policy, key)
    if found is None:
        return gone(request, policy)
    listing = MoverList(found, request, today=timezone.localdate())
    if (kind := request.GET.get("export")) in exports.KINDS:
        return as_file(request, listing, kind)
    context = {"here": "policy", "policy": policy, "listing": listing, "meta": found.meta}
    part = "movers_rows" if request.htmx else "movers"
    return render(request, f"tiering/policies/{part}.html", context)


def found_again(policy, key):
    """What is kept under this name, or reckoned anew if that is what the policy says."""
    if (found := what_if.kept(key)) is not None:
        return found
    run = NightRun.objects.latest_finished()
    if run is None or key != what_if.key_of(policy, run):
        return None
    return what_if.at_hand(policy, run, key=key)


def gone(request, policy) -> HttpResponse:
    messages.info(request, _("That preview is no longer kept. Here it is reckoned anew."))
    return redirect("policy_version", policy.version)


def as_file(request, listing, kind) -> HttpResponse:
    allow(request.user, Permission.EXPORT_LISTS)
    return listing.file(kind)
