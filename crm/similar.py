"""Is a new customer one that we have already? Same phone, tax number or folded name."""

from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Right, Upper
from django.utils.translation import gettext_lazy as _

from crm.models import Contact, Customer, User
from crm.models.search import Folded

MOST_SHOWN = 5
DIGITS, FEWEST_DIGITS = 10, 6
NAME, PHONE, TAX_ID = _("same name"), _("same phone number"), _("same tax number")


@dataclass
class Similar:
    """`customer` is None outside the reader's scope; of such a one only the team is told.

    `team` is the name of the owner's team, empty for an owner of no team.
    """

    customer: Customer | None
    team: str
    in_pool: bool
    reasons: list = field(default_factory=list)


def similar_customers(*, name: str, phone: str, tax_id: str, to_user: User) -> list[Similar]:
    """At most five, whoever's they are, with the reasons why."""
    found: dict[int, Similar] = {}
    for reason, rows in (
        (PHONE, _of_phone(phone)),
        (TAX_ID, _of_tax_id(tax_id)),
        (NAME, _of_name(name)),
    ):
        for customer in _marked(rows, to_user):
            found.setdefault(customer.pk, _told(customer)).reasons.append(reason)
    return list(found.values())[:MOST_SHOWN]


def _marked(rows: QuerySet[Customer], to_user: User) -> QuerySet[Customer]:
    mine = Customer.objects.visible_to(to_user).filter(pk=OuterRef("pk"))
    marked = rows.annotate(is_visible=Exists(mine)).select_related("owner__team")
    return marked.order_by("-is_visible", "id")[:MOST_SHOWN]


def _told(customer: Customer) -> Similar:
    owner = customer.owner
    team = owner.team.name if owner and owner.team else ""
    is_visible = getattr(customer, "is_visible", False)  # annotated by _marked
    return Similar(customer if is_visible else None, team, in_pool=owner is None)


def _of_name(name: str) -> QuerySet[Customer]:
    """`matching` asks the index, which knows parts; the folded name must be the whole."""
    same = Folded(Value(name))
    rows = Customer.objects.matching(name).alias(
        folded_name=Folded("name"), folded_alias=Folded("alias")
    )
    return rows.filter(Q(folded_name=same) | Q(folded_alias=same))


def _of_phone(phone: str) -> QuerySet[Customer]:
    """The last ten digits: a number is written with and without its country or its zero."""
    end = "".join(character for character in phone if character.isdecimal())[-DIGITS:]
    if len(end) < FEWEST_DIGITS:
        return Customer.objects.none()
    own = Customer.objects.holding(end).alias(end=_end_of("phone")).filter(end=_end(end))
    people = Contact.objects.holding(end).alias(end=_end_of("phone"), mobile_end=_end_of("mobile"))
    theirs = people.filter(Q(end=_end(end)) | Q(mobile_end=_end(end))).values("customer")
    return Customer.objects.filter(Q(pk__in=own.values("pk")) | Q(pk__in=theirs))


def _end_of(column: str) -> Right:
    return Right(Folded(column), DIGITS)


def _end(digits: str) -> Folded:
    return Folded(Value(digits))


def _of_tax_id(tax_id: str) -> QuerySet[Customer]:
    if not tax_id:
        return Customer.objects.none()
    return Customer.objects.alias(upper=Upper("tax_id")).filter(upper=tax_id.upper())
