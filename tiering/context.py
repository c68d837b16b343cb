"""The night whose figures a page shows, and how many alerts wait."""

from django.utils.functional import SimpleLazyObject

from tiering.models import ChurnAlert, NightRun


def figures(request):
    if not request.user.is_authenticated:
        return {}
    user = request.user
    return {
        "night": SimpleLazyObject(NightRun.objects.latest_finished),
        "open_alerts": SimpleLazyObject(ChurnAlert.objects.visible_to(user).open().count),
    }
