"""Server time and number of queries of the pages that people open all day."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.db.models import Count, F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Customer, User
from followups.benchmark.database import BenchmarkError

LETTERS = 4
MINUTE = 60


@dataclass(frozen=True)
class Page:
    name: str
    user: User
    path: str


def measure_pages(*, times: int) -> tuple[dict[str, dict[str, object]], list[str]]:
    """By page the role of the reader, ms (median of `times`) and queries; and what is missing.

    Nothing is written but a session in the cache. Raises BenchmarkError without customers.
    """
    pages, notes = chosen_pages()
    return {page.name: measured(page, times) for page in pages}, notes


def chosen_pages() -> tuple[list[Page], list[str]]:
    """Those of the people who see most, and who is missing; raises BenchmarkError for none."""
    seller, leader = seller_with_most(), leader_with_most()
    notes = [note for note, who in ((no_seller(), seller), (no_leader(), leader)) if not who]
    pages = [*(of_seller(seller) if seller else []), *(of_leader(leader) if leader else [])]
    if not pages:
        raise BenchmarkError(_("Nobody here has customers to look at, so there is no page."))
    return pages, notes


def no_seller() -> str:
    return _("No salesperson here owns customers, so their pages are not measured.")


def no_leader() -> str:
    return _("No manager or administrator here sees customers, so their pages are not measured.")


def seller_with_most() -> User | None:
    sellers = User.objects.active().filter(role=User.Role.REP)
    counted = sellers.annotate(owned=Count("customers")).filter(owned__gt=0)
    return counted.order_by("-owned", "id").first()


def leader_with_most() -> User | None:
    """The manager who sees most customers; an administrator where no manager sees any."""
    leaders = User.objects.active().exclude(role=User.Role.REP).order_by("id")
    counts = {user: Customer.objects.visible_to(user).count() for user in leaders}
    seen = [user for user, customers in counts.items() if customers]
    return max(seen, key=lambda user: (user.is_manager, counts[user]), default=None)


def of_seller(user: User) -> list[Page]:
    customer = dearest_of(user)
    paths = {
        "today": reverse("today"),
        "customers": reverse("customers"),
        "search": searching(customer),
        "customer": customer.get_absolute_url(),
        "alerts": reverse("alerts"),
        "followups": reverse("followups"),
        "orders": reverse("orders"),
    }
    return [Page(name, user, path) for name, path in paths.items()]


def of_leader(user: User) -> list[Page]:
    customer = dearest_of(user)
    paths = {
        "dashboard": reverse("dashboard"),
        "team_customers": reverse("customers"),
        "team_search": searching(customer),
        "team_alerts": reverse("alerts"),
        "team_followups": reverse("followups"),
        "team_orders": reverse("orders"),
    }
    return [Page(name, user, path) for name, path in paths.items()]


def dearest_of(user: User) -> Customer:
    dearest = F("standing__value").desc(nulls_last=True)
    return Customer.objects.visible_to(user).order_by(dearest, "id")[0]


def searching(customer: Customer) -> str:
    """As people search: with the first few letters of a name."""
    return reverse("customers", query={"q": customer.name.split()[0][:LETTERS]})


def measured(page: Page, times: int) -> dict[str, object]:
    client, session = signed_in(page.user)
    try:
        ask(client, page)  # the first time everything is looked up that stays
        with CaptureQueriesContext(connection) as captured:
            ask(client, page)
        queries = len(captured)
        seconds = [seconds_of(lambda: ask(client, page)) for _time in range(times)]
    finally:
        session.delete()
    ms = round(statistics.median(seconds) * 1000, 1)
    return {"role": page.user.role, "ms": ms, "queries": queries}


def seconds_of(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ask(client: Client, page: Page) -> None:
    response = client.get(page.path, secure=True)
    if response.status_code != 200:
        message = _("The page %(page)s answered %(status)s instead of 200.")
        raise BenchmarkError(message % {"page": page.name, "status": response.status_code})


def signed_in(user: User) -> tuple[Client, SessionBase]:
    """A client with a session, made without signing in: that would be written down."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.set_expiry(10 * MINUTE)
    session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client, session
