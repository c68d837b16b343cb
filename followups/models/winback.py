"""Plans to win a lost customer back: their touches, what came of them, and their history."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from crm.models import Customer, Order, Visit
from crm.models.fields import MoneySumField
from crm.models.order import OfCustomerQuerySet

YEAR = timedelta(days=365)


class WinBackQuerySet(OfCustomerQuerySet):
    def running(self):
        return self.filter(state=WinBack.State.RUNNING)

    def not_worth_it(self, *, today):
        """Whose customers are not proposed again yet."""
        return self.filter(state=WinBack.State.NOT_WORTH, closed_on__gt=today - YEAR)

    def plans(self):
        """Those that asked for something: without customers declined and plans taken back."""
        touched = Exists(WinBackTouch.objects.filter(plan=OuterRef("pk")))
        return self.filter(touched).exclude(state=WinBack.State.TAKEN_BACK)

    def with_regained(self, *, today):
        """`regained`: net orders of the 365 days that begin with the return, as far as they
        are over; 0 without a return."""
        orders = Order.objects.counted().until(today).filter(customer=OuterRef("customer"))
        year = orders.filter(
            ordered_on__gte=OuterRef("returned_on"), ordered_on__lt=OuterRef("returned_on") + YEAR
        )
        sums = year.order_by().values("customer").annotate(sum=Sum("base_amount")).values("sum")
        return self.annotate(regained=Coalesce(Subquery(sums), 0, output_field=MoneySumField()))


class WinBack(models.Model):
    """One row for each decision on a lost customer: a plan, or that it is not worth one.

    silent_since, value, chance   of the loss, as they stood on that day
    owner        whose customer it was then
    ends_on      the last day; a customer who has not ordered by then is not won
    returned_on  the first order day from the start on, of those that are won
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        WON = "won", _("Won back")
        LOST = "lost", _("Lost")
        NOT_WORTH = "not_worth", _("Not worth it")
        TAKEN_BACK = "taken_back", _("Taken back")

    # What a person may say; the night says won and lost too.
    BY_PERSON = (State.WON, State.LOST, State.NOT_WORTH)

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="winbacks", verbose_name=_("customer")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    silent_since = models.DateField(_("last order"))
    value = MoneySumField(_("value before, 12 months"))
    chance = models.FloatField(_("chance of return in 180 days"), null=True)
    started_on = models.DateField(_("started on"))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("started by")
    )
    ends_on = models.DateField(_("ends on"))
    closed_on = models.DateField(_("closed on"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    reason = models.TextField(_("reason"), blank=True)
    returned_on = models.DateField(_("ordered again on"), null=True)

    objects = WinBackQuerySet.as_manager()

    class Meta:
        verbose_name = _("win-back plan")
        verbose_name_plural = _("win-back plans")
        indexes = [models.Index(fields=["state", "started_on"], name="winback_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(state="running"),
                name="one_running_winback_per_customer",
            ),
            models.CheckConstraint(
                condition=Q(state="running", closed_on=None)
                | (~Q(state="running") & Q(closed_on__isnull=False)),
                name="closed_winback_has_a_day",
            ),
        ]

    def __str__(self):
        return f"{self.customer_id} {self.started_on}"

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    def record(self, event, *, to, by, on, reason=""):
        """Go to another state and append that to the history."""
        self.events.create(
            event=event, by=by, happened_on=on, from_state=self.state, to_state=to, reason=reason
        )
        self.state, self.reason = to, reason
        self.save()


class WinBackTouchQuerySet(models.QuerySet):
    def in_order(self):
        """With `done_at`, when its follow-up was done."""
        done = Max("followups__closed_at", filter=Q(followups__state="done"))
        return self.annotate(done_at=done).order_by("due_on", "id")

    def not_done(self):
        return self.in_order().filter(done_at=None)


class WinBackTouch(models.Model):
    """One thing to do in a plan; it becomes a follow-up when its turn has come."""

    plan = models.ForeignKey(WinBack, models.CASCADE, related_name="touches")
    due_on = models.DateField(_("day"))
    channel = models.CharField(_("channel"), max_length=10, choices=Visit.Channel)
    what = models.CharField(_("what"), max_length=200)

    objects = WinBackTouchQuerySet.as_manager()

    class Meta:
        verbose_name = _("touch of a win-back plan")
        verbose_name_plural = _("touches of win-back plans")

    def __str__(self):
        return f"{self.plan_id} {self.due_on}"

    @property
    def days(self) -> int:
        """After the start of the plan."""
        return (self.due_on - self.plan.started_on).days


class WinBackEvent(models.Model):
    """One row for each change of a plan; never changed. `by` is empty for the night."""

    class Event(models.TextChoices):
        STARTED = "started", _("Started")
        DECLINED = "declined", _("Not worth a plan")
        CHANGED = "changed", _("Touches changed")
        CLOSED = "closed", _("Closed")
        REOPENED = "reopened", _("Opened again")
        UNDONE = "undone", _("Undone")

    plan = models.ForeignKey(WinBack, models.CASCADE, related_name="events")
    event = models.CharField(_("event"), max_length=10, choices=Event)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    happened_on = models.DateField(_("day"))
    happened_at = models.DateTimeField(_("time"), auto_now_add=True)
    from_state = models.CharField(max_length=10, choices=WinBack.State, blank=True)
    to_state = models.CharField(max_length=10, choices=WinBack.State)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("event of a win-back plan")
        verbose_name_plural = _("events of win-back plans")

    def __str__(self):
        return f"{self.plan_id} {self.event} {self.happened_on}"
