"""Addresses that name nothing, and the language and time zone that a user chose."""

import zoneinfo

from django.conf import settings
from django.http import Http404
from django.utils import timezone, translation


class NoNullCharacters:
    """No code and no number has one, and the database cannot even be asked for it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\0" in request.path_info:
            raise Http404
        return self.get_response(request)


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
