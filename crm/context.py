"""What every page shows around its content."""

from django.conf import settings
from django.utils import timezone


def page(request):
    return {
        "trial": settings.TRIAL,
        "today": timezone.localdate(),
        "base_currency": settings.BASE_CURRENCY,
        "languages": settings.LANGUAGES,
    }
