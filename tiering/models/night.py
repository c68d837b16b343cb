"""The nights: one row for each business day that was graded."""

from django.db import models
from django.db.models import OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.models.fields import MoneySumField
from tiering.models.grade import Behaviour, Grade


class NightRunQuerySet(models.QuerySet):
    def finished(self):
        return self.filter(state=NightRun.State.FINISHED)

    def latest_finished(self):
        return self.finished().order_by("-as_of").first()

    def with_night_before(self):
        """`night_before`: the day of the last finished night before each."""
        before = NightRun.objects.finished().filter(as_of__lt=OuterRef("as_of"))
        return self.annotate(night_before=before.order_by("-as_of").values("as_of")[:1])


class NightRun(models.Model):
    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed")

    as_of = models.DateField(_("as of"), unique=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    policy = models.ForeignKey(
        "tiering.Policy", models.PROTECT, related_name="runs", verbose_name=_("grading policy")
    )
    fit = models.ForeignKey(
        "tiering.ChurnFit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="runs",
        verbose_name=_("churn model"),
    )
    value_is_profit = models.BooleanField(
        _("value is gross profit"),
        default=False,
        help_text=_("Gross profit where 95 % of revenue has a cost, else revenue."),
    )
    # What the book allowed of the policy, and codes of why that differs: see rules.applied.
    basis = models.CharField(_("basis"), max_length=20, default="value")
    scheme = models.CharField(_("scheme"), max_length=10, default="shares")
    reasons = models.JSONField(_("why the policy was adapted"), default=list, blank=True)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    customers = models.PositiveIntegerField(_("customers"), default=0)
    graded = models.PositiveIntegerField(_("graded"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    counts = models.JSONField(_("by grade"), default=dict)
    lines = models.JSONField(_("score at each line"), default=dict)
    alerts_open = models.PositiveIntegerField(_("alerts open"), default=0)
    alerts_opened = models.PositiveIntegerField(_("alerts opened"), default=0)
    alerts_held = models.PositiveIntegerField(_("alerts next in line"), default=0)
    # By signal how often it was seen and right, as last measured; and "base" of all customers.
    signal_quality = models.JSONField(default=dict, editable=False)
    # What the figures of one customer leaned on: see churn.features. Empty for nights from
    # before it was kept.
    usual = models.JSONField(null=True, editable=False)
    # How far lines and payments were read for signals, and when last as a whole.
    signals_seen = models.JSONField(default=dict, editable=False)
    # The threshold of alerts, how it was found, and how right such alerts were: see
    # services.thresholds. Empty for nights from before it was measured.
    alert_quality = models.JSONField(default=dict, editable=False)
    # The newest order that was entered when it began; None for nights from before it was kept.
    last_order = models.BigIntegerField(null=True, editable=False)
    error = models.TextField(_("error"), blank=True)

    objects = NightRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("night run")
        verbose_name_plural = _("night runs")

    def __str__(self):
        return f"{self.as_of}"

    @property
    def seconds(self) -> float | None:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


class ChurnFit(models.Model):
    """Parameters of the churn model, fitted once a week; or why there are none."""

    class Rung(models.TextChoices):
        LOGISTIC = "logistic", _("Learned from our own past")
        MBG = "mbg", _("Chance of no order")
        CADENCE = "cadence", _("Overdue by own cadence")

    class State(models.TextChoices):
        FITTED = "fitted", _("Fitted")
        TOO_LITTLE = "too_little", _("Too little data")
        NO_ANSWER = "no_answer", _("Did not converge")

    as_of = models.DateField(_("as of"), unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State)
    r = models.FloatField(null=True, blank=True)
    alpha = models.FloatField(null=True, blank=True)
    a = models.FloatField(null=True, blank=True)
    b = models.FloatField(null=True, blank=True)
    log_likelihood = models.FloatField(_("log-likelihood"), null=True, blank=True)
    customers = models.PositiveIntegerField(_("customers"), default=0)
    repeats = models.PositiveIntegerField(_("repeat orders"), default=0)
    # The signal of alerts, and the code of why not a better one: see churn.ladder. Fits from
    # before there was a choice have neither.
    rung = models.CharField(_("signal"), max_length=10, choices=Rung, blank=True)
    why = models.CharField(_("why not a better signal"), max_length=20, blank=True)
    logistic = models.JSONField(_("regression"), null=True, blank=True)
    slices = models.PositiveIntegerField(_("past months learned from"), default=0)
    rows = models.PositiveIntegerField(_("rows learned from"), default=0)
    positives = models.PositiveIntegerField(_("of these silent"), default=0)
    auc_mbg = models.FloatField(_("AUC of the chance of no order"), null=True, blank=True)
    auc_logistic = models.FloatField(_("AUC of the regression"), null=True, blank=True)

    class Meta:
        verbose_name = _("churn model")
        verbose_name_plural = _("churn models")

    def __str__(self):
        return f"{self.as_of} {self.get_state_display()}"


class SummaryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Rows of the people whom this user may look at today, whatever they owned that night."""
        if user.role == user.Role.ADMIN:
            return self
        if user.role == user.Role.MANAGER:
            if not user.team_with_subteams:
                return self.none()
            team = User.objects.filter(team__in=user.team_with_subteams)
            return self.filter(Q(owner__in=team) | Q(owner=user) | Q(owner=None))
        return self.filter(owner=user)

    def of_team(self, team):
        return self.filter(owner__team__in=team.with_subteams())


class NightSummary(models.Model):
    """One row per night, owner, region, industry and grade. The owner is that of the night."""

    run = models.ForeignKey(NightRun, models.CASCADE, related_name="summaries")
    owner = models.ForeignKey("crm.User", models.PROTECT, null=True, related_name="+")
    region = models.CharField(max_length=80, blank=True)
    industry = models.CharField(max_length=80, blank=True)
    grade = models.CharField(max_length=10, choices=Grade)
    customers = models.PositiveIntegerField()
    eligible = models.PositiveIntegerField()
    value = MoneySumField()

    objects = SummaryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["run", "owner"], name="summary_of_night_by_owner")]

    def __str__(self):
        return f"{self.run_id} {self.grade}"


class OwnerSummary(models.Model):
    """One row per night, owner, grade and behaviour; few enough to draw a year of nights."""

    run = models.ForeignKey(NightRun, models.CASCADE, related_name="owner_summaries")
    owner = models.ForeignKey("crm.User", models.PROTECT, null=True, related_name="+")
    grade = models.CharField(max_length=10, choices=Grade)
    # Empty for nights that did not know it yet.
    behaviour = models.CharField(max_length=10, choices=Behaviour, blank=True)
    customers = models.PositiveIntegerField()
    eligible = models.PositiveIntegerField()
    value = MoneySumField()

    objects = SummaryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["run", "owner"], name="owner_summary_of_night")]

    def __str__(self):
        return f"{self.run_id} {self.owner_id} {self.grade} {self.behaviour}"
