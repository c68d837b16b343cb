"""The night whose figures a page shows, what is wrong with the nights, and how many alerts wait."""

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from tiering.models import ChurnAlert
from tiering.nights import nights_now


def figures(request):
    if not request.user.is_authenticated:
        return {}
    user, nights = request.user, SimpleLazyObject(nights_now)
    return {
        "nights": nights,
        "night": SimpleLazyObject(lambda: nights.latest),
        "trouble": SimpleLazyObject(lambda: nights.trouble(now=timezone.now())),
        "open_alerts": SimpleLazyObject(ChurnAlert.objects.visible_to(user).open().count),
    }
