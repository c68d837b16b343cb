"""The night whose figures a page shows, what is wrong with the nights, and how much waits."""

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from tiering.nights import nights_now
from tiering.waiting import waiting_for


def figures(request):
    if not request.user.is_authenticated:
        return {}
    user, nights = request.user, SimpleLazyObject(nights_now)
    return {
        "nights": nights,
        "night": SimpleLazyObject(lambda: nights.latest),
        "trouble": SimpleLazyObject(lambda: nights.trouble(now=timezone.now())),
        "unseen": SimpleLazyObject(lambda: waiting_for(user)),
    }
