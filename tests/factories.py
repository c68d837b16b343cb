"""One factory for each model; figures small enough to check by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from crm.models import (
    Case,
    Contact,
    Customer,
    ExchangeRate,
    ImportBatch,
    ImportKind,
    Order,
    OrderLine,
    Payment,
    Product,
    Promise,
    Team,
    User,
    Visit,
)
from followups.models import FollowUp, WinBack, WinBackTouch
from tiering.models import (
    ChurnAlert,
    GradeChange,
    GradeProposal,
    LostCustomer,
    NightRun,
    Notice,
    Override,
    Policy,
    ReturnChance,
    Standing,
)

AS_OF = date(2025, 3, 10)
PASSWORD = "a long enough pass phrase"


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = Team

    name = factory.Sequence(lambda n: f"Team {n}")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.Sequence(lambda n: f"User {n}")
    role = User.Role.REP
    team = factory.SubFactory(TeamFactory)


class CustomerFactory(DjangoModelFactory):
    class Meta:
        model = Customer

    code = factory.Sequence(lambda n: f"C{n:05}")
    name = factory.Sequence(lambda n: f"Customer {n}")
    owner = factory.SubFactory(UserFactory)


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = Contact

    customer = factory.SubFactory(CustomerFactory)
    name = factory.Sequence(lambda n: f"Contact {n}")


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    sku = factory.Sequence(lambda n: f"P{n:04}")
    name = factory.Sequence(lambda n: f"Product {n}")


class ExchangeRateFactory(DjangoModelFactory):
    class Meta:
        model = ExchangeRate

    currency = "EUR"
    valid_from = date(2020, 1, 1)
    rate = Decimal("7.8")


class OrderFactory(DjangoModelFactory):
    class Meta:
        model = Order

    number = factory.Sequence(lambda n: f"SO{n:06}")
    customer = factory.SubFactory(CustomerFactory)
    ordered_on = AS_OF
    currency = "CNY"
    amount = Decimal("100.00")
    base_amount = factory.SelfAttribute("amount")


class OrderLineFactory(DjangoModelFactory):
    class Meta:
        model = OrderLine

    order = factory.SubFactory(OrderFactory)
    product = factory.SubFactory(ProductFactory)
    position = factory.Sequence(lambda n: n)
    quantity = Decimal(10)
    unit_price = Decimal(10)


class PaymentFactory(DjangoModelFactory):
    class Meta:
        model = Payment

    order = factory.SubFactory(OrderFactory)
    paid_on = AS_OF
    amount = Decimal("100.00")


class VisitFactory(DjangoModelFactory):
    class Meta:
        model = Visit

    customer = factory.SubFactory(CustomerFactory)
    by = factory.SelfAttribute("customer.owner")
    happened_at = datetime(2025, 3, 10, 2, 0, tzinfo=UTC)
    channel = Visit.Channel.PHONE


class PromiseFactory(DjangoModelFactory):
    class Meta:
        model = Promise

    visit = factory.SubFactory(VisitFactory)
    what = "Send the price list"
    due_on = AS_OF


class CaseFactory(DjangoModelFactory):
    class Meta:
        model = Case

    customer = factory.SubFactory(CustomerFactory)
    kind = Case.Kind.COMPLAINT
    subject = "Boxes mislabelled"
    opened_on = AS_OF
    due_on = AS_OF


class NightRunFactory(DjangoModelFactory):
    class Meta:
        model = NightRun
        django_get_or_create = ("as_of",)

    as_of = AS_OF
    state = NightRun.State.FINISHED
    policy = factory.LazyFunction(lambda: Policy.objects.get(version=1))
    started_at = datetime(2025, 3, 10, 18, 0, tzinfo=UTC)
    finished_at = datetime(2025, 3, 10, 18, 1, tzinfo=UTC)


class StandingFactory(DjangoModelFactory):
    class Meta:
        model = Standing

    customer = factory.SubFactory(CustomerFactory)
    run = factory.SubFactory(NightRunFactory)
    grade = "general"
    computed_grade = factory.SelfAttribute("grade")
    level = factory.SelfAttribute("grade")
    computed_level = factory.SelfAttribute("computed_grade")
    eligible = True
    value = Decimal("1000.00")
    rank = 1.0
    order_days = 5
    order_days_365 = 5
    first_order_on = date(2024, 4, 1)
    last_order_on = date(2025, 2, 1)
    silent_days = 37


class ChurnAlertFactory(DjangoModelFactory):
    class Meta:
        model = ChurnAlert

    customer = factory.SubFactory(CustomerFactory)
    signal = ChurnAlert.Signal.MBG
    state = ChurnAlert.State.OPEN
    silent_since = date(2025, 1, 1)
    opened_on = AS_OF
    told_on = factory.LazyAttribute(
        lambda alert: None if alert.state == "held" else alert.opened_on
    )
    seen_on = AS_OF
    p_none = 0.7
    value_at_risk = Decimal("170.00")
    silent_days = 68
    usual_gap = 20.0
    long_gap = 41.0


class FollowUpFactory(DjangoModelFactory):
    class Meta:
        model = FollowUp

    customer = factory.SubFactory(CustomerFactory)
    assignee = factory.SelfAttribute("customer.owner")
    reason = FollowUp.Reason.GONE_QUIET
    due_on = AS_OF
    first_due_on = factory.SelfAttribute("due_on")
    opened_on = AS_OF


class ImportBatchFactory(DjangoModelFactory):
    class Meta:
        model = ImportBatch

    kind = ImportKind.ORDERS
    file_name = "orders.csv"


class OverrideFactory(DjangoModelFactory):
    """Approved by nobody but its author, and shown only where the standing says so."""

    class Meta:
        model = Override
        skip_postgeneration_save = True

    customer = factory.SubFactory(CustomerFactory)
    grade = "key"
    computed_grade = "general"
    reason = "They open three new plants"
    starts_on = AS_OF
    until = date(2025, 9, 6)
    by = factory.SubFactory(UserFactory, role="manager")
    approved_at = datetime(2025, 3, 10, 18, 0, tzinfo=UTC)

    @factory.post_generation
    def created_at(self, create, moment, **kwargs):
        """The database sets it; `created_at=…` moves it."""
        if moment:
            Override.objects.filter(pk=self.pk).update(created_at=moment)


class GradeProposalFactory(DjangoModelFactory):
    """A general customer that would become secondary."""

    class Meta:
        model = GradeProposal

    customer = factory.SubFactory(CustomerFactory)
    from_level = "general"
    to_level = "secondary"
    proposed_on = AS_OF
    deadline = AS_OF + timedelta(days=14)


class GradeChangeFactory(DjangoModelFactory):
    class Meta:
        model = GradeChange

    customer = factory.SubFactory(CustomerFactory)
    run = factory.SubFactory(NightRunFactory)
    as_of = factory.SelfAttribute("run.as_of")
    to_grade = "general"
    to_level = factory.SelfAttribute("to_grade")
    eligible = True
    cause = GradeChange.Cause.FIRST
    after = {"value": "1000.00", "policy": 1, "as_of": "2025-03-10", "basis": "value"}


class ReturnChanceFactory(DjangoModelFactory):
    class Meta:
        model = ReturnChance

    away = 5
    orders = 3
    measured_on = AS_OF
    n = 100
    share = 0.1
    low = 0.05
    high = 0.17


class LostCustomerFactory(DjangoModelFactory):
    class Meta:
        model = LostCustomer

    customer = factory.SubFactory(CustomerFactory)
    silent_since = date(2024, 1, 10)
    lost_on = date(2025, 1, 9)
    order_days = 5
    value = Decimal("1000.00")
    last_grade = "general"
    chance = None
    share = factory.LazyAttribute(
        lambda loss: loss.chance.share if loss.chance and loss.chance.is_known else None
    )


class NoticeFactory(DjangoModelFactory):
    class Meta:
        model = Notice

    alert = factory.SubFactory(ChurnAlertFactory)
    user = factory.SelfAttribute("alert.customer.owner")
    kind = Notice.Kind.OPENED
    told_on = factory.SelfAttribute("alert.opened_on")


class WinBackFactory(DjangoModelFactory):
    class Meta:
        model = WinBack

    customer = factory.SubFactory(CustomerFactory)
    owner = factory.SelfAttribute("customer.owner")
    state = WinBack.State.RUNNING
    silent_since = date(2024, 1, 10)
    value = Decimal("1000.00")
    started_on = AS_OF
    started_by = factory.SelfAttribute("customer.owner")
    ends_on = factory.LazyAttribute(lambda plan: plan.started_on + timedelta(days=180))
    closed_on = factory.LazyAttribute(lambda p: None if p.state == "running" else p.started_on)


class WinBackTouchFactory(DjangoModelFactory):
    class Meta:
        model = WinBackTouch

    plan = factory.SubFactory(WinBackFactory)
    due_on = factory.SelfAttribute("plan.started_on")
    channel = Visit.Channel.PHONE
    what = "Call and ask why"
