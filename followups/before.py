"""What to know before calling on a customer."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.models import Case, Contact, Customer, Promise, Visit
from crm.receivables import Receivables, receivables
from followups.changes import moves
from tiering.models import Standing
from tiering.why import why

MOST = 3


@dataclass(frozen=True)
class Before:
    contacts: list[Contact]
    promises: list[Promise]
    cases: list[Case]
    visits: list[Visit]
    money: Receivables
    moves: list[dict[str, Any]]
    today: date

    @property
    def is_empty(self) -> bool:
        return not (self.contacts or self.promises or self.cases or self.visits or self.money.late)


def before(customer: Customer, *, today: date) -> Before:
    """A handful of lines; the customer has been found in the reader's scope."""
    promises = Promise.objects.of_customer(customer).open().order_by("due_on", "id")
    cases = Case.objects.filter(customer=customer).open().order_by("due_on", "id")
    visits = Visit.objects.filter(customer=customer).select_related("contact").latest_first()
    return Before(
        contacts=list(customer.contacts.order_by("-is_primary", "id")[:MOST]),
        promises=list(promises[:MOST]),
        cases=list(cases[:MOST]),
        visits=list(visits[:MOST]),
        money=receivables(customer, today=today),
        moves=distance(customer),
        today=today,
    )


def distance(customer: Customer) -> list[dict[str, Any]]:
    """What would lift and what would lower it, where the last night has said so."""
    standings = Standing.objects.select_related("run__policy", "run__fit", "override", "customer")
    standing = standings.filter(customer=customer, eligible=True).first()
    return moves(why(standing), standing) if standing and standing.run.lines else []
