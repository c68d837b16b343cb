"""How the customers of a dashboard behave, and whose grade is about to change."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from crm.models.customer import CustomerQuerySet
from tiering.models import Behaviour, Standing

WATCHED = {
    "up": Standing.Watch.UP,
    "down": Standing.Watch.DOWN,
    "leaves": Standing.Watch.LEAVES,
}


@dataclass
class Group:
    """Customers of one code: how many, and their value in base currency."""

    code: str
    label: str
    customers: int = 0
    value: Decimal = Decimal(0)

    def add(self, customers: int, value: Decimal) -> None:
        self.customers += customers
        self.value += value


@dataclass(frozen=True)
class Outlook:
    behaviours: list[Group]
    watched: list[Group]

    @property
    def changing(self) -> int:
        """Customers whose grade is about to change."""
        return sum(group.customers for group in self.watched)


def outlook(customers: CustomerQuerySet) -> Outlook:
    """Every behaviour and every kind of watch, nobody in it or not, in one query."""
    behaviours = {code: Group(code, str(label)) for code, label in Behaviour.choices}
    watched = {watch: Group(code, str(watch.label)) for code, watch in WATCHED.items()}
    rows = Standing.objects.filter(customer__in=customers).values_list("behaviour", "watch")
    for behaviour, watch, count, value in rows.annotate(n=Count("pk"), money=Sum("value")):
        for group in (behaviours.get(behaviour), watched.get(watch)):
            if group:
                group.add(count, value)
    return Outlook(list(behaviours.values()), list(watched.values()))
