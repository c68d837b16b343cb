from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.db.models import Case, IntegerField, When
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Grade(models.TextChoices):
    """The four grades, best first."""

    KEY = "key", _("Key")
    SECONDARY = "secondary", _("Secondary")
    GENERAL = "general", _("General")
    MAINTAIN = "maintain", _("Maintain")


def place_of(field: str) -> Case:
    """In a query: 0 for the best grade, one more for each below it."""
    whens = [When(**{field: grade}, then=place) for place, grade in enumerate(Grade.values)]
    return Case(*whens, output_field=IntegerField())


class Behaviour(models.TextChoices):
    """How a customer buys, beside what it is worth."""

    LOYAL = "loyal", _("Loyal")
    GROWING = "growing", _("Growing")
    SLEEPING = "sleeping", _("Sleeping")
    PROMISING = "promising", _("Promising")


def name_in(levels: Iterable[Mapping[str, Any]], code: str) -> str:
    """Of the level with a code, among those of its policy; a code that is not there speaks for
    itself."""
    unknown = {"code": code, "names": {}}
    return name_of(next((level for level in levels if level["code"] == code), unknown))


def name_of(level: Mapping[str, Any]) -> str:
    """Of a level as it is kept, in the language of the reader."""
    names: Mapping[str, str] = level["names"]
    if own := names.get(get_language() or "") or next(iter(names.values()), ""):
        return own
    code: str = level["code"]
    return str(Grade(code).label) if code in Grade else code
