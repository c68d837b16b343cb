"""What retention figures are made of: for each customer now, and summed up at month ends."""

from django.db import models

from crm.models import Customer
from crm.models.fields import MoneySumField
from crm.models.order import OfCustomerQuerySet
from tiering.models.grade import Grade
from tiering.models.night import NightRun, SummaryQuerySet


class Measures(models.Model):
    """See `tiering.retention.figures`; each is 0 where there is nothing to count."""

    bought = models.IntegerField(default=0)
    bought_again = models.IntegerField(default=0)
    bought_before = models.IntegerField(default=0)
    stayed = models.IntegerField(default=0)
    revenue_before = MoneySumField(default=0)
    revenue_stayed = MoneySumField(default=0)
    order_days = models.IntegerField(default=0)
    complaints = models.IntegerField(default=0)
    complaints_judged = models.IntegerField(default=0)
    complaints_forgiven = models.IntegerField(default=0)
    satisfaction_sum = models.IntegerField(default=0)
    satisfaction_answers = models.IntegerField(default=0)
    contacts = models.IntegerField(default=0)
    contacts_by_them = models.IntegerField(default=0)
    competitor_named = models.IntegerField(default=0)
    need = MoneySumField(default=0)
    need_covered = MoneySumField(default=0)
    need_known = models.IntegerField(default=0)
    dependent = models.IntegerField(default=0)
    priced_orders = models.IntegerField(default=0)
    discounted_orders = models.IntegerField(default=0)
    revenue = MoneySumField(default=0)
    largest = MoneySumField(default=0)

    class Meta:
        abstract = True


class CustomerRetention(Measures):
    """One row per customer, as of the latest night."""

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="retention"
    )
    # Bit k: ordered k quarters ago; and how many quarters ago the first order was.
    quarters = models.BigIntegerField(default=0)
    first_age = models.SmallIntegerField(null=True)

    objects = OfCustomerQuerySet.as_manager()

    def __str__(self):
        return f"{self.customer_id}"


class RetentionSummary(Measures):
    """One row per night, owner, region, industry and grade; of month ends and the latest."""

    run = models.ForeignKey(NightRun, models.CASCADE, related_name="retention")
    owner = models.ForeignKey("crm.User", models.PROTECT, null=True, related_name="+")
    region = models.CharField(max_length=80, blank=True)
    industry = models.CharField(max_length=80, blank=True)
    grade = models.CharField(max_length=10, choices=Grade)

    objects = SummaryQuerySet.as_manager()

    def __str__(self):
        return f"{self.run_id} {self.grade}"
