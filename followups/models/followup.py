"""One thing to do for one customer, with a reason and a day."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from crm.models import Case, Customer, Promise, Visit
from crm.models.order import OfCustomerQuerySet
from tiering.models import ChurnAlert, Grade, Override


class ServicePolicy(models.Model):
    """How often a customer of a grade is to be contacted."""

    grade = models.CharField(_("grade"), max_length=10, choices=Grade, unique=True)
    every_days = models.PositiveSmallIntegerField(_("contact every (days)"))
    channel = models.CharField(
        _("channel"), max_length=10, choices=Visit.Channel, default=Visit.Channel.ON_SITE
    )

    class Meta:
        verbose_name = _("service policy")
        verbose_name_plural = _("service policies")

    def __str__(self):
        return self.get_grade_display()


def promised_contact() -> dict[str, int]:
    """Days between two contacts that each grade promises."""
    return dict(ServicePolicy.objects.values_list("grade", "every_days"))


DEAREST = F("customer__standing__value_at_risk").desc(nulls_last=True)


class FollowUpQuerySet(OfCustomerQuerySet):
    def open(self):
        return self.filter(state=FollowUp.State.OPEN)

    def on_list_of(self, user):
        """What this user has to do; for a manager also what nobody else can do.

        Those are follow-ups of the pool and of colleagues who may not sign in any more.
        """
        mine = Q(assignee=user)
        if user.role != user.Role.REP:
            mine |= Q(assignee=None) | Q(assignee__is_active=False)
        return self.visible_to(user).filter(mine)

    def of_contact(self):
        """Those that one conversation settles; a promise or a case needs more than that."""
        return self.filter(reason__in=FollowUp.SETTLED_BY_CONTACT)

    def closed_on(self, day):
        return self.filter(state=FollowUp.State.DONE, closed_at__date=day)

    def overdue(self, *, today):
        return self.open().filter(due_on__lt=today)

    def due(self, *, today):
        return self.open().filter(due_on=today)

    def due_this_week(self, *, today):
        return self.open().filter(due_on__gt=today, due_on__lte=today + timedelta(days=7))

    def due_later(self, *, today):
        return self.open().filter(due_on__gt=today + timedelta(days=7))

    def by_day(self):
        return self.order_by("due_on", DEAREST, "id")

    def for_queue(self):
        """By day, then dearest first, with all that a row of the queue shows."""
        related = self.select_related("customer__standing", "assignee", "alert")
        # Few rows have these: to join them all costs more than to ask for those there are.
        rare = related.prefetch_related("case", "promise", "dated_by", "override__by", "touch")
        rows = rare.defer("customer__folded", "customer__bigrams")
        return rows.with_last_contact().with_others().by_day()

    def with_others(self):
        """`others`: how many more are open for the same customer."""
        open_ones = FollowUp.objects.open().filter(customer=OuterRef("customer"))
        rest = open_ones.exclude(pk=OuterRef("pk")).order_by().values("customer")
        return self.annotate(others=Subquery(rest.annotate(number=Count("pk")).values("number")))

    def with_last_contact(self):
        """`last_contact_at`: when somebody of the customer was last reached."""
        reached = Visit.objects.reached().filter(customer=OuterRef("customer")).latest_first()
        return self.annotate(last_contact_at=Subquery(reached.values("happened_at")[:1]))


class FollowUp(models.Model):
    class Reason(models.TextChoices):
        GONE_QUIET = "gone_quiet", _("Churn alert")
        CADENCE = "cadence", _("Regular contact")
        PLANNED = "planned", _("Planned")
        PROMISE = "promise", _("Promise")
        CASE = "case", _("Case")
        SECOND_ORDER = "second", _("Second order due")
        WIN_BACK = "winback", _("Win-back")
        OVERRIDE_ENDS = "override", _("Set grade ends")
        OWN_OVERRIDE_ENDS = "set_grade", _("Set grade ends (to its author)")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Not needed any more")

    SETTLED_BY_CONTACT = (
        Reason.GONE_QUIET,
        Reason.CADENCE,
        Reason.PLANNED,
        Reason.SECOND_ORDER,
        Reason.WIN_BACK,
    )

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="followups", verbose_name=_("customer")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followups",
        verbose_name=_("salesperson"),
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    due_on = models.DateField(_("due on"))
    first_due_on = models.DateField(_("first due on"))
    opened_on = models.DateField(_("opened on"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    visit = models.ForeignKey(
        Visit,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="closed_followups",
        verbose_name=_("visit"),
    )
    alert = models.ForeignKey(
        ChurnAlert, models.SET_NULL, null=True, blank=True, related_name="followups"
    )
    case = models.ForeignKey(Case, models.CASCADE, null=True, blank=True, related_name="followups")
    promise = models.ForeignKey(
        Promise, models.CASCADE, null=True, blank=True, related_name="followups"
    )
    override = models.ForeignKey(
        Override, models.CASCADE, null=True, blank=True, related_name="followups"
    )
    touch = models.ForeignKey(
        "followups.WinBackTouch",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="followups",
        verbose_name=_("touch of a win-back plan"),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    dated_by = models.ForeignKey(
        Visit,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="dated_followups",
        verbose_name=_("day agreed in"),
    )
    due_before = models.DateField(_("due on, before it was moved"), null=True, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        indexes = [
            models.Index(fields=["assignee", "state", "due_on"], name="followup_of_assignee"),
            models.Index(fields=["customer", "state"], name="followup_of_customer"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "reason"],
                condition=Q(state="open", case=None, promise=None),
                name="one_open_followup_per_customer_and_reason",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="open"), name="one_open_followup_per_case"
            ),
            models.UniqueConstraint(
                fields=["promise"], condition=Q(state="open"), name="one_open_followup_per_promise"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="closed_followup_has_a_time",
            ),
        ]

    def __str__(self):
        return f"{self.customer_id} {self.reason} {self.due_on}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def subject(self) -> str:
        """What it is about in somebody's own words, where there are any."""
        if self.promise:
            return self.promise.what
        if self.case:
            return self.case.subject
        if self.override:
            return self.override.reason
        if self.touch:
            return self.touch.what
        return self.note
