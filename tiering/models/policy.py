"""How grades are computed; a published policy never changes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.fields import MoneyField
from tiering.models.grade import Grade, name_in
from tiering.models.preset_titles import note_of, title_of
from tiering.models.wording import explained
from tiering.points import check
from tiering.rules import (
    DEFAULT_SHARES,
    FOUR_LEVELS,
    Calmness,
    Level,
    PointRules,
    PolicyError,
)
from tiering.rules import Policy as Rules

# Stored in money or points, reckoned in cents or hundredths of a point.
HUNDREDTHS = 100
# What a draft takes over from another policy.
SETTINGS = [
    "basis",
    "scheme",
    "levels",
    "shares",
    "value_shares",
    "lines",
    "floor",
    "weights",
    "breakpoints",
    "band",
    "nights_up",
    "nights_down",
    "one_step",
    "propose_only",
    "alert_days",
    "new_days",
    "alert_threshold",
    "alert_precision",
    "alert_budget",
]


def four_levels() -> list[dict[str, Any]]:
    return levels_as_kept(FOUR_LEVELS)


def levels_as_kept(levels: Sequence[Level]) -> list[dict[str, Any]]:
    return [{"code": level.code, "grade": level.grade, "names": {}} for level in levels]


def default_shares() -> dict[str, float]:
    return dict(DEFAULT_SHARES)


class PolicyQuerySet(models.QuerySet):
    def published(self):
        return self.exclude(valid_from=None)

    def drafts(self):
        return self.filter(valid_from=None)

    def in_force(self, *, day):
        """The policy that rules on a day: of those valid by then, the latest; of two that
        begin on one day the later version."""
        return (
            self.published().filter(valid_from__lte=day).order_by("-valid_from", "-version").first()
        )


class Policy(models.Model):
    class Basis(models.TextChoices):
        CONTINUING_VALUE = "continuing_value", _("Value likely to continue")
        VALUE = "value", _("Value of the last 12 months")
        REVENUE = "revenue", _("Revenue of the last 12 months")
        ARPU = "arpu", _("Average revenue a month")
        POINTS = "points", _("Weighted points")

    class Scheme(models.TextChoices):
        SHARES = "shares", _("Shares of the customers")
        CUMULATIVE = "cumulative", _("Shares of the value")
        LINES = "lines", _("Fixed lines")

    version = models.PositiveIntegerField(_("version"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    basis = models.CharField(
        _("basis"), max_length=20, choices=Basis, default=Basis.CONTINUING_VALUE
    )
    scheme = models.CharField(_("scheme"), max_length=10, choices=Scheme, default=Scheme.SHARES)
    levels = models.JSONField(_("levels"), default=four_levels)
    shares = models.JSONField(_("share of customers by level"), default=default_shares, blank=True)
    value_shares = models.JSONField(_("share of value by level"), default=dict, blank=True)
    lines = models.JSONField(_("line by level"), default=dict, blank=True)
    floor = MoneyField(_("no key below"), null=True, blank=True)
    weights = models.JSONField(_("weights"), default=dict, blank=True)
    breakpoints = models.JSONField(_("breakpoints"), default=dict, blank=True)
    band = models.DecimalField(_("rank band, per cent"), max_digits=5, decimal_places=2, default=10)
    nights_up = models.PositiveSmallIntegerField(_("nights until a rise"), default=7)
    nights_down = models.PositiveSmallIntegerField(_("nights until a fall"), default=30)
    one_step = models.BooleanField(_("one level at a time"), default=False)
    propose_only = models.BooleanField(_("changes wait for approval"), default=False)
    alert_days = models.PositiveSmallIntegerField(
        _("days for which an open alert prevents a fall"), default=60
    )
    new_days = models.PositiveSmallIntegerField(
        _("days for which a newcomer does not fall"), default=90
    )
    alert_threshold = models.DecimalField(
        _("alert at a chance of no order in 90 days of"),
        max_digits=3,
        decimal_places=2,
        default=Decimal("0.60"),
        validators=[MinValueValidator(Decimal("0.05")), MaxValueValidator(Decimal("0.99"))],
    )
    alert_precision = models.DecimalField(
        _("alerts should be right, share"),
        max_digits=3,
        decimal_places=2,
        null=True,
        blank=True,
        default=Decimal("0.60"),
        validators=[MinValueValidator(Decimal("0.05")), MaxValueValidator(Decimal("0.99"))],
        help_text=_("Empty: the threshold is always the fixed one."),
    )
    alert_budget = models.PositiveSmallIntegerField(
        _("new alerts a week for each salesperson"),
        null=True,
        blank=True,
        default=5,
        validators=[MaxValueValidator(1000)],
        help_text=_("0: no alerts. Empty: no limit."),
    )
    valid_from = models.DateField(
        _("valid from"), null=True, blank=True, help_text=_("Empty: a draft.")
    )
    note = models.TextField(_("note"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("author"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    proposed_at = models.DateTimeField(_("proposed"), null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("approved by"),
    )

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("grading policy")
        verbose_name_plural = _("grading policies")

    def __str__(self):
        return f"{self.version} {self.title}"

    @property
    def title(self) -> str:
        """The name of an unedited preset in the language of the reader; else as it was typed."""
        return title_of(self.name)

    @property
    def remark(self) -> str:
        """The note, as `title` is the name."""
        return note_of(self.note)

    @property
    def is_published(self) -> bool:
        return self.valid_from is not None

    @property
    def is_points(self) -> bool:
        return self.basis == self.Basis.POINTS

    @property
    def classes(self) -> dict[str, str]:
        """What each level is served as, by its code, best first."""
        return {level["code"]: level["grade"] for level in self.levels}

    def rules(self) -> Rules:
        """As the pure modules read it; raises PolicyError for what cannot grade a book."""
        points = PointRules(self.weights, self.breakpoints) if self.is_points else None
        if points:
            check(points)
        return Rules(
            self.version,
            self.basis,
            self.scheme,
            shares=self.shares,
            levels=[Level(level["code"], level["grade"]) for level in self.levels],
            value_shares=self.value_shares,
            lines={code: _hundredths(line) for code, line in self.lines.items()},
            floor=None if self.floor is None else _hundredths(self.floor),
            points=points,
            calmness=self.calmness(),
        )

    def calmness(self) -> Calmness:
        names = asdict(Calmness())
        return Calmness(
            **{name: getattr(self, name) for name in names} | {"band": float(self.band)}
        )

    def grade_of_level(self, code: str) -> str:
        """The service class of a level; the last one for a code that the policy does not have."""
        return self.classes.get(code, Grade.MAINTAIN)

    def name_of_level(self, code: str) -> str:
        """In the language of the reader; the four grades have names of their own."""
        return name_in(self.levels, code)

    def level(self, code: str) -> Mapping[str, Any]:
        """As it is kept; a nameless one for a code that the policy does not have."""
        unknown = {"code": code, "grade": self.grade_of_level(code), "names": {}}
        return next((level for level in self.levels if level["code"] == code), unknown)

    def clean(self):
        try:
            self.rules()
        except PolicyError as error:
            raise ValidationError(explained(error.code)) from error


def _hundredths(figure: Any) -> float:
    return float(round(Decimal(str(figure)) * HUNDREDTHS))
