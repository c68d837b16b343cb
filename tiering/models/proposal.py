"""Changes of grade that wait for a person, where the policy only proposes."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from crm.models import Customer
from crm.models.order import OfCustomerQuerySet
from tiering.models.night import NightRun
from tiering.models.policy import Policy


class ProposalQuerySet(OfCustomerQuerySet):
    def waiting(self):
        return self.filter(state=GradeProposal.State.WAITING)

    def decidable(self, *, today):
        """Waiting, and not past the deadline."""
        return self.waiting().filter(deadline__gte=today)

    def worded(self):
        """With what names its levels: those of the policy of the night that proposed it."""
        night = NightRun.objects.filter(as_of=OuterRef("proposed_on"))
        return self.annotate(levels=Subquery(night.values("policy__levels")[:1]))


class GradeProposal(models.Model):
    """At most one waits for each customer; past the deadline it lapses, and may come again."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Lapsed")
        WITHDRAWN = "withdrawn", _("No longer due")

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="grade_proposals", verbose_name=_("customer")
    )
    from_level = models.CharField(_("from"), max_length=12)
    to_level = models.CharField(_("to"), max_length=12)
    proposed_on = models.DateField(_("proposed on"))
    deadline = models.DateField(_("decide by"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_on = models.DateField(_("decided on"), null=True, blank=True)

    # Of rows that are `worded`.
    levels: list[dict[str, Any]] | None

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed change of grade")
        verbose_name_plural = _("proposed changes of grade")
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(state="waiting"),
                name="one_waiting_proposal_per_customer",
            )
        ]

    def __str__(self):
        return f"{self.customer_id} {self.from_level} → {self.to_level}"

    @property
    def policy(self) -> Policy:
        """What names the levels and says what each was served as."""
        return Policy(levels=self.levels or [])
