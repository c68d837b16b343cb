"""How each customer came to its grade: history that only grows."""

from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from crm.models import Customer
from crm.models.order import OfCustomerQuerySet
from tiering.models.grade import Grade, name_in
from tiering.models.policy import Policy


def steps(*, up: bool) -> models.Q:
    """From a grade to a better one, or to a worse one."""
    steps = models.Q()
    for place, grade in enumerate(Grade.values):
        others = Grade.values[:place] if up else Grade.values[place + 1 :]
        if others:
            steps |= models.Q(from_grade=grade, to_grade__in=others)
    return steps


def policy_of(side: str, field: str) -> Coalesce:
    """Of the policy that a change was served under before or after it. The night may rest on
    another one since: a policy that is published on its day applies to it at once."""
    version = Cast(KeyTextTransform("policy", OuterRef(side)), models.IntegerField())
    named = Policy.objects.filter(version=version).values(field)
    return Coalesce(Subquery(named), F(f"run__policy__{field}"))


class GradeChangeQuerySet(OfCustomerQuerySet):
    def in_force_on(self, day):
        """Of each customer the change that gave the grade of that day, the last word of its night."""
        by_then = self.filter(as_of__lte=day)
        return by_then.order_by("-customer_id", "-as_of", "-correction").distinct("customer_id")

    def latest_first(self):
        return self.order_by("-as_of", "-correction", "-id")

    def worded(self):
        """With what names the levels on both sides and the policy: see `policy_of`."""
        return self.annotate(
            levels_before=policy_of("before", "levels"),
            levels_after=policy_of("after", "levels"),
            policy_version=policy_of("after", "version"),
        )

    def rises(self):
        return self.filter(steps(up=True))

    def falls(self):
        return self.filter(steps(up=False))

    def without_step(self):
        return self.exclude(steps(up=True)).exclude(steps(up=False))


class GradeChange(models.Model):
    """One row per change of a customer's grade; never changed, never deleted by hand."""

    class Cause(models.TextChoices):
        FIRST = "first", _("First grade")
        DATA = "data", _("Orders")
        LEFT = "left", _("No order for a year")
        BACK = "back", _("Ordered again")
        NEWCOMER = "newcomer", _("New customer")
        POLICY = "policy", _("New grading policy")
        OVERRIDE = "override", _("Set by a person")
        EXPIRY = "expiry", _("End of what a person set")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="grade_changes")
    run = models.ForeignKey("tiering.NightRun", models.PROTECT, related_name="changes")
    as_of = models.DateField(_("as of"))
    # Above 0 where the night was computed again and gave another grade: history only grows.
    correction = models.PositiveSmallIntegerField(default=0, editable=False)
    from_grade = models.CharField(_("from"), max_length=10, choices=Grade, blank=True)
    to_grade = models.CharField(_("to"), max_length=10, choices=Grade)
    from_level = models.CharField(_("from level"), max_length=12, blank=True)
    to_level = models.CharField(_("to level"), max_length=12, blank=True)
    was_eligible = models.BooleanField(null=True)
    eligible = models.BooleanField()
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    before = models.JSONField(_("figures before"), default=dict)
    after = models.JSONField(_("figures after"), default=dict)
    # Of rows that are `worded`.
    levels_before: list[dict[str, Any]]
    levels_after: list[dict[str, Any]]
    policy_version: int

    objects = GradeChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of grade")
        verbose_name_plural = _("changes of grade")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "as_of", "correction"],
                name="one_grade_change_per_customer_and_night",
            )
        ]

    def __str__(self):
        return f"{self.customer_id} {self.from_grade} → {self.to_grade}"

    @property
    def went(self) -> str:
        """Where it led: up, down, or nowhere (empty)."""
        before, after = self.from_grade, self.to_grade
        if not before or before == after:
            return ""
        return "up" if Grade.values.index(after) < Grade.values.index(before) else "down"

    @property
    def is_of_levels(self) -> bool:
        """Whether the policy after it has other levels than the four grades."""
        return self.to_level not in Grade

    @property
    def level_before(self) -> str:
        """By the policy of that time; of rows that are `worded`, as all below."""
        return name_in(self.levels_before, self.from_level) if self.from_level else ""

    @property
    def level_after(self) -> str:
        return name_in(self.levels_after, self.to_level)
