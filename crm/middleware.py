"""The language and time zone that a user chose, else the company's."""

import zoneinfo

from django.conf import settings
from django.utils import timezone, translation


class LanguageAndTimeZone:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        language = getattr(user, "language", "") or self.asked_for(request)
        zone = getattr(user, "time_zone", "") or settings.TIME_ZONE
        with translation.override(language), timezone.override(zoneinfo.ZoneInfo(zone)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response

    def asked_for(self, request) -> str:
        """Before sign-in: the language picked on the sign-in page, else the company's."""
        picked = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        return picked if picked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
