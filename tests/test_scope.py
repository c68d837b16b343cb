"""Every address of the product, asked by every role, with somebody else's rows."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.conftest import make_people
from tests.factories import (
    AS_OF,
    CaseFactory,
    ContactFactory,
    CustomerFactory,
    FollowUpFactory,
    GradeChangeFactory,
    GradeProposalFactory,
    ImportBatchFactory,
    LostCustomerFactory,
    NightRunFactory,
    NoticeFactory,
    OrderFactory,
    OverrideFactory,
    PaymentFactory,
    PromiseFactory,
    StandingFactory,
    TeamFactory,
    UserFactory,
    WinBackTouchFactory,
)
from tiering.models import CustomerRetention

pytestmark = pytest.mark.django_db

SECRET = "Zanzibar Bolts"


@pytest.fixture(scope="module")
def people_of_module(rows_of_module):
    return make_people("alice", "mona")


@pytest.fixture
def foreign(foreign_of_module):
    return deepcopy(foreign_of_module)


@pytest.fixture(scope="module")
def foreign_of_module(people_of_module):
    """Alice's customer with one of everything; what it is called appears nowhere else."""
    alice = people_of_module["alice"]
    customer = CustomerFactory(owner=alice, code="ZZ-1", name=SECRET, alias=SECRET)
    promise = PromiseFactory(visit__customer=customer, visit__by=alice, what=SECRET)
    order = OrderFactory(customer=customer, number="ZZ-SO-1")
    PaymentFactory(order=order)
    override = OverrideFactory(customer=customer, reason=SECRET, verdict="person")
    GradeProposalFactory(customer=customer)
    lost = LostCustomerFactory(customer=customer)
    touch = WinBackTouchFactory(plan__customer=customer, plan__state="lost")
    CustomerRetention.objects.create(customer=customer, bought=1, bought_again=1, first_age=0)
    return {
        "customer": customer,
        "contact": ContactFactory(customer=customer, name=SECRET),
        "order": order,
        "standing": StandingFactory(customer=customer, override=override),
        "change": GradeChangeFactory(customer=customer),
        "later_night": NightRunFactory(as_of=AS_OF + timedelta(days=1)),
        "alert": NoticeFactory(alert__customer=customer, user=alice).alert,
        "case": CaseFactory(customer=customer, subject=SECRET),
        "promise": promise,
        "visit": promise.visit,
        "followup": FollowUpFactory(customer=customer),
        "winback": touch.plan,
        "lost": lost,
        "override": override,
        "batch": ImportBatchFactory(file_name=f"{SECRET}.csv"),
    }


def leaves(resolver, prefix=""):
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":  # tests/test_admin.py; nobody but administrators
                yield from leaves(entry, route)
        elif isinstance(entry, URLPattern):
            yield entry.name or route


# Addresses that show rows: who may open them. None of them may show a foreign customer.
EVERYBODY = ["rep", "manager", "admin"]
LISTS = {
    "home": EVERYBODY,
    "today": EVERYBODY,
    "today_more": EVERYBODY,
    "customers": EVERYBODY,
    "followups": EVERYBODY,
    "orders": EVERYBODY,
    "visits": EVERYBODY,
    "cases": EVERYBODY,
    "alerts": EVERYBODY,
    "notices": EVERYBODY,
    "alerts_quality": EVERYBODY,
    "changes": EVERYBODY,
    "winback": EVERYBODY,
    "winback_plans": EVERYBODY,
    "retention": EVERYBODY,
    "retention_rows": EVERYBODY,
    "retention_cohort": EVERYBODY,
    "customer_new": EVERYBODY,
    "visit_new": EVERYBODY,
    "dashboard": ["manager", "admin"],
    "policy": ["manager", "admin"],
    "overrides": ["manager", "admin"],
    "hindsight": ["manager", "admin"],
    "proposals": ["manager", "admin"],
    "imports": ["admin"],
    "import_new": ["admin"],
    "customer-list": EVERYBODY,
    "order-list": EVERYBODY,
    "visit-list": EVERYBODY,
    "standing-list": EVERYBODY,
    "churnalert-list": EVERYBODY,
    "followup-list": EVERYBODY,
    "winback-list": EVERYBODY,
    "lostcustomer-list": EVERYBODY,
}
LIST_PARTS = {"today_more": {"code": "overdue"}, "retention_rows": {"code": "repeat"}}

# Addresses of one row: which of Alice's. Outside the scope they are not found.
ROWS = {
    "customer": {"code": "customer"},
    "customer_edit": {"code": "customer"},
    "customer_give": {"code": "customer"},
    "customer_grade": {"code": "customer"},
    "customer_row": {"code": "customer"},
    "customer_timeline": {"code": "customer"},
    "customer_ratings": {"code": "customer"},
    "customer_grades": {"code": "customer"},
    "contact_new": {"code": "customer"},
    "case_new": {"code": "customer"},
    "contact_edit": {"pk": "contact"},
    "contact_delete": {"pk": "contact"},
    "contact_first": {"pk": "contact"},
    "case": {"pk": "case"},
    "case_close": {"pk": "case"},
    "case_reopen": {"pk": "case"},
    "promise_settle": {"pk": "promise"},
    "alert": {"pk": "alert"},
    "override_end": {"pk": "override"},
    "override_approve": {"pk": "override"},
    "override_decline": {"pk": "override"},
    "order": {"number": "order"},
    "visit_undo": {"pk": "visit"},
    "followup_row": {"pk": "followup"},
    "followup_visit": {"pk": "followup"},
    "followup_snooze": {"pk": "followup"},
    "followup_done": {"pk": "followup"},
    "followup_back": {"pk": "followup"},
    "winback_plan": {"pk": "winback"},
    "customer-detail": {"code": "customer"},
    "standing-detail": {"customer": "standing"},
    "order-detail": {"number": "order"},
    "visit-detail": {"pk": "visit"},
    "churnalert-detail": {"pk": "alert"},
    "followup-detail": {"pk": "followup"},
    "winback-detail": {"pk": "winback"},
    "lostcustomer-detail": {"pk": "lost"},
}

# Imports are the administrators' alone; for everybody else they do not exist.
IMPORTS = {
    name: {"pk": "batch"}
    for name in (
        "import",
        "import_check",
        "import_commit",
        "import_progress",
        "import_rejects",
        "import_undo",
    )
}

# Policies: nobody's rows, and no matter of salespeople. Managers read, administrators write.
POLICIES = {
    "policy_new": {},
    "policy_version": {"version": 1},
    "policy_drop": {"version": 1},
    "policy_pairs": {"version": 1},
    "policy_preview": {"version": 1},
    "policy_movers": {"version": 1, "key": "0" * 40},
    "policy_publish": {"version": 1},
    "policy_publishing": {"version": 1},
}

# Addresses that take the customer as data, tested by hand below, or show nothing of anybody.
BY_DATA = {
    "followup_new",
    "customers_assign",
    "proposals_decide",
    "alerts_act",
    "winback_start",
    "winback_decline",
}
NEUTRAL = {
    "account_login",
    "account_logout",
    "account_change_password",
    "set_language",
    "me",
    "schema",
    "api_docs",
    "notices_read",
    "notices_of_day",  # by hand: tests/tiering/test_notices_page.py
    "healthz",
    "readyz",
}


def test_every_address_has_a_line_here():
    known = LISTS.keys() | ROWS.keys() | IMPORTS.keys() | POLICIES.keys() | BY_DATA | NEUTRAL

    assert set(leaves(get_resolver())) == known


@pytest.fixture(scope="module")
def outsiders(rows_of_module):
    """Whoever must not see Alice's customers: three kinds of them, each with a browser."""
    west = TeamFactory(name="West")
    people = [
        UserFactory(username="otto", team=west),
        UserFactory(username="maria", role="manager", team=west),
        UserFactory(username="nobody", role="manager", team=None),
    ]
    return [(person, signed_in(person)) for person in people]


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def address(name, parts, foreign):
    keys = {"code": "code", "number": "number", "pk": "pk"}
    values = {}
    for part, what in parts.items():
        row = foreign[what]
        values[part] = row.customer.code if what == "standing" else getattr(row, keys[part])
    return reverse(name, kwargs=values)


def written() -> list[tuple]:
    """Rows written so far to each table of ours, to see that nothing has changed; that somebody
    has signed in is no change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE relname ~ '^(crm|tiering|followups)_' AND relname <> 'crm_user' ORDER BY 1"
        )
        return cursor.fetchall()


@pytest.mark.parametrize("name", sorted(ROWS | IMPORTS))
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_row_outside_the_scope_is_not_found_and_nothing_changes(name, method, foreign, outsiders):
    url = address(name, (ROWS | IMPORTS)[name], foreign)
    before = written()

    for person, client in outsiders:
        status = getattr(client, method)(url).status_code
        allowed = {404, 405, 403} if name in IMPORTS else {404, 405}
        assert status in allowed, (person.username, status)

    assert written() == before


# What its owner sees and may not do.
NOT_THE_OWNERS = {"customer_give", "customer_grade", "override_end"}


@pytest.mark.parametrize("name", sorted(set(ROWS) - NOT_THE_OWNERS))
def test_the_owner_and_her_manager_find_the_row(name, foreign, alice, mona, client):
    url = address(name, ROWS[name], foreign)

    for person in (alice, mona):
        client.force_login(person)
        assert client.get(url).status_code in {200, 405}


OF_A_DAY = ["", "?as_of=2025-03-10"]
OF_A_LIST = ["?q=Zanzibar", "?export=csv", "?customer=ZZ-1", OF_A_DAY[1] + "&q=Zanzibar&export=csv"]
# Pages that cannot be searched, filtered or exported: asked so they are the same page.
WHOLE = {
    *("home", "today", "today_more", "dashboard", "notices", "alerts_quality", "retention"),
    *("policy", "customer_new", "import_new"),
}
FORMS = [(name, form) for name in sorted(LISTS) for form in OF_A_DAY] + [
    (name, form) for name in sorted(LISTS.keys() - WHOLE) for form in OF_A_LIST
]


@pytest.mark.parametrize(("name", "query"), FORMS)
def test_no_list_shows_a_foreign_customer_in_any_form(name, query, foreign, outsiders):
    for person, client in outsiders:
        response = client.get(reverse(name, kwargs=LIST_PARTS.get(name, {})) + query)
        body = response.getvalue().decode()
        if person.role not in LISTS[name]:
            assert response.status_code == 403
        assert f"<b>{SECRET}" not in body
        assert SECRET not in body
        assert "ZZ-SO-1" not in body


SHOW_CUSTOMERS = [
    name
    for name in LISTS
    if name
    not in {
        "customer_new",
        "visit_new",
        "policy",
        "proposals",
        "imports",
        "import_new",
        "dashboard",
        "retention",
        "alerts_quality",
    }
]
OF_MANAGERS = ["overrides", "hindsight"]


@pytest.mark.parametrize("name", OF_MANAGERS)
def test_the_lists_of_managers_show_it_to_hers(name, foreign, mona, client):
    client.force_login(mona)

    assert SECRET in client.get(reverse(name)).getvalue().decode()


@pytest.mark.parametrize("name", sorted(set(SHOW_CUSTOMERS) - set(OF_MANAGERS)))
def test_the_same_lists_show_it_to_its_owner(name, foreign, alice, client):
    client.force_login(alice)

    body = client.get(reverse(name, kwargs=LIST_PARTS.get(name, {}))).getvalue().decode()

    assert SECRET in body or "ZZ-1" in body


def test_a_follow_up_cannot_be_planned_for_a_foreign_customer(foreign, outsiders):
    before = written()
    for _person, client in outsiders:
        for send in (client.get, client.post):
            answer = send(reverse("followup_new") + "?customer=ZZ-1", {"customer": "ZZ-1"})
            assert answer.status_code in {404, 405}
            assert SECRET not in answer.content.decode()
        assert written() == before


def test_foreign_customers_cannot_be_given_to_anybody(foreign, alice, outsiders):
    for person, client in outsiders:
        data = {"customers": [foreign["customer"].pk], "to_owner": person.pk, "confirmed": "on"}
        status = client.post(reverse("customers_assign"), data).status_code
        assert status == (404 if person.is_manager else 403)

    foreign["customer"].refresh_from_db()
    assert foreign["customer"].owner == alice


@pytest.mark.parametrize("name", sorted(POLICIES))
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_policies_are_no_matter_of_salespeople_and_nothing_changes(
    name, method, foreign, alice, client
):
    client.force_login(alice)
    before = written()

    assert getattr(client, method)(reverse(name, kwargs=POLICIES[name])).status_code == 403
    assert written() == before


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_policies_show_no_foreign_customer_to_a_manager(name, foreign, outsiders):
    for _person, client in outsiders[1:]:
        response = client.get(reverse(name, kwargs=POLICIES[name]), follow=True)
        assert SECRET not in response.getvalue().decode()


def test_foreign_changes_of_grade_cannot_be_decided(foreign, outsiders):
    proposal = foreign["customer"].grade_proposals.get()
    for person, client in outsiders:
        data = {"proposals": [proposal.pk], "decision": "approve"}
        status = client.post(reverse("proposals_decide"), data).status_code
        assert status == (404 if person.is_manager else 403)

    assert foreign["customer"].grade_proposals.get().state == "waiting"


ADDRESSES = sorted(LISTS.keys() | ROWS.keys() | IMPORTS.keys() | POLICIES.keys() | BY_DATA)


@pytest.mark.parametrize("name", ADDRESSES)
def test_nobody_sees_anything_without_signing_in(name, foreign, client):
    parts = (ROWS | IMPORTS).get(name)
    fixed = (LIST_PARTS | POLICIES).get(name, {})
    url = address(name, parts, foreign) if parts else reverse(name, kwargs=fixed)

    response = client.get(url)

    assert response.status_code in {302, 403, 405}
    if response.status_code == 302:
        assert response["Location"].startswith("/accounts/login/")
