"""The policy in force, and every version of it."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tiering import policy_page as page
from tiering.models import NightRun, Policy
from tiering.policy_sentences import adapted
from tiering.policy_words import PRESET_NAMES
from tiering.views.policies.access import for_readers


@for_readers
@require_safe
def policy(request):
    day, night = timezone.localdate(), NightRun.objects.latest_finished()
    versions = page.versions_of(Policy.objects.select_related("by", "approved_by"), day=day)
    ruling = next((each.policy for each in versions if each.state == "in_force"), None)
    context = {
        "here": "policy",
        "versions": versions,
        "presets": PRESET_NAMES.items(),
        "adapted": adapted(night),
        "told": page.told(ruling, night) if ruling else None,
        "can_preview": ruling is not None and night is not None,
    }
    return render(request, "tiering/policies/index.html", context)


def to_read(request, version):
    """A version in words, for whoever may not or cannot change it."""
    day, night = timezone.localdate(), NightRun.objects.latest_finished()
    versions = page.versions_of(Policy.objects.all(), day=day)
    context = {
        "here": "policy",
        "policy": version,
        "state": next(each for each in versions if each.policy == version),
        "told": page.told(version, night),
        "can_preview": night is not None,
    }
    return render(request, "tiering/policies/version.html", context)
