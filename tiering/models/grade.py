from django.db import models
from django.utils.translation import gettext_lazy as _


class Grade(models.TextChoices):
    """The four grades, best first."""

    KEY = "key", _("Key")
    SECONDARY = "secondary", _("Secondary")
    GENERAL = "general", _("General")
    MAINTAIN = "maintain", _("Maintain")


class Behaviour(models.TextChoices):
    """How a customer buys, beside what it is worth."""

    LOYAL = "loyal", _("Loyal")
    GROWING = "growing", _("Growing")
    SLEEPING = "sleeping", _("Sleeping")
    PROMISING = "promising", _("Promising")
