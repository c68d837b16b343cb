"""Logging a visit inside its row: short, safe against double clicks, no text lost."""

import json
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from crm.models import Case, Promise, Visit
from followups.models import FollowUp
from tests.factories import (
    CaseFactory,
    ContactFactory,
    CustomerFactory,
    FollowUpFactory,
    OrderFactory,
    PromiseFactory,
    StandingFactory,
    VisitFactory,
)
from tiering.models import NightRun, Standing

NOW = datetime(2025, 3, 11, 2, 0, tzinfo=UTC)  # Tuesday, 10:00 in Shanghai
TODAY = date(2025, 3, 11)
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://testserver/"}
PEOPLE = [("alice", 200), ("mona", 200), ("ada", 200), ("otto", 404)]


@pytest.fixture(autouse=True)
def tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def followup(alice):
    followup = FollowUpFactory(customer__owner=alice, customer__name="Boyuan", due_on=TODAY)
    StandingFactory(customer=followup.customer, grade="key")
    return followup


def address(followup):
    return reverse("followup_visit", args=[followup.pk])


def as_it_opens(client, url) -> dict:
    """The fields as they are filled when the form opens: what a tap on Save sends."""
    form = client.get(url, **HTMX).context["form"]
    names = ["outcome", "minutes", "summary", "next", "settled", "key"]
    return {name: form[name].value() or "" for name in names}


def save(client, followup, **said):
    url = address(followup)
    return client.post(url, as_it_opens(client, url) | said, **HTMX)


@pytest.mark.django_db
@pytest.mark.parametrize(("person", "status"), PEOPLE)
def test_the_form_opens_for_those_who_see_the_customer(person, status, followup, client, request):
    client.force_login(request.getfixturevalue(person))

    assert client.get(address(followup)).status_code == status
    assert client.get(address(followup), **HTMX).status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize(("person", "status"), PEOPLE)
def test_the_visit_is_saved_for_those_who_see_the_customer(
    person, status, followup, alice, client, request
):
    client.force_login(alice)
    said = as_it_opens(client, address(followup))
    client.force_login(request.getfixturevalue(person))

    response = client.post(address(followup), said, **HTMX)

    followup.refresh_from_db()
    assert response.status_code == status
    assert Visit.objects.count() == (status == 200)
    assert followup.is_open == (status == 404)


@pytest.mark.django_db
def test_open_and_save_is_enough(followup, alice, client):
    client.force_login(alice)

    response = save(client, followup)

    visit = Visit.objects.get()
    assert (visit.by, visit.channel, visit.outcome, visit.minutes) == (
        alice,
        "on_site",
        "spoke",
        30,
    )
    assert (visit.happened_at, visit.next_on) == (NOW, date(2025, 3, 25))
    assert FollowUp.objects.open().get().due_on == date(2025, 3, 25)
    assert response.context["counts"].done == 1
    assert 'id="stats" hx-swap-oob="true"' in response.content.decode()


@pytest.mark.django_db
def test_without_javascript_it_comes_back_to_the_list(followup, alice, client):
    client.force_login(alice)
    page = client.get(address(followup))
    assert "followups/act.html" in [used.name for used in page.templates]

    response = client.post(address(followup), as_it_opens(client, address(followup)), follow=True)

    assert "Boyuan: the visit is saved." in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("chip", "channel", "outcome"),
    [
        ("met", "on_site", "spoke"),
        ("phone", "phone", "spoke"),
        ("message", "message", "spoke"),
        ("missed", "on_site", "missed"),
        ("ordered", "on_site", "ordered"),
    ],
)
def test_one_tap_says_channel_and_outcome(chip, channel, outcome, followup, alice, client):
    client.force_login(alice)

    save(client, followup, outcome=chip)

    assert (Visit.objects.get().channel, Visit.objects.get().outcome) == (channel, outcome)


@pytest.mark.django_db
def test_a_missed_visit_does_not_close(followup, alice, client):
    client.force_login(alice)

    response = save(client, followup, outcome="missed", next="2025-03-14")

    followup.refresh_from_db()
    assert (followup.is_open, followup.due_on) == (True, date(2025, 3, 14))
    assert "Nobody reached. Next try on <b>Fri 14 Mar</b>." in response.content.decode()
    assert [row.followup for _code, row in response.context["added"]] == [followup]


@pytest.mark.django_db
def test_all_that_was_said_is_kept(followup, alice, client):
    contact = ContactFactory(customer=followup.customer)
    client.force_login(alice)

    save(
        client,
        followup,
        summary="Stock-take until Friday",
        needs="M8 zinc flange nuts",
        competitor="Ningbo",
        satisfaction="4",
        contact=contact.pk,
        promise="A2-70 price list",
        promise_on="2025-03-14",
        happened_at="2025-03-10T16:30",
        next="pick",
        next_on="2025-03-20",
    )

    visit, promise = Visit.objects.get(), Promise.objects.get()
    assert (visit.summary, visit.needs) == ("Stock-take until Friday", "M8 zinc flange nuts")
    assert (visit.competitor, visit.satisfaction, visit.contact) == ("Ningbo", 4, contact)
    assert visit.happened_at == datetime(2025, 3, 10, 8, 30, tzinfo=UTC)
    assert (promise.what, promise.due_on) == ("A2-70 price list", date(2025, 3, 14))
    assert FollowUp.objects.open().get().due_on == date(2025, 3, 20)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"next": "2025-03-10"},
        {"next": "pick", "next_on": "2027-03-12"},
        {"next": "someday"},
        {"outcome": "dreamt"},
        {"minutes": "7"},
        {"satisfaction": "6"},
        {"happened_at": "2025-03-12T10:00"},
        {"contact": "foreign"},
    ],
)
def test_an_error_keeps_the_text_and_changes_nothing(wrong, followup, alice, client):
    if "contact" in wrong:
        wrong = {"contact": ContactFactory().pk}
    client.force_login(alice)

    response = save(client, followup, summary="Wants 40 boxes", **wrong)

    followup.refresh_from_db()
    assert response.status_code == 200
    assert "Wants 40 boxes" in response.content.decode()
    assert 'role="alert"' in response.content.decode()
    assert followup.is_open
    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_a_double_click_is_one_visit(followup, alice, client):
    client.force_login(alice)
    said = as_it_opens(client, address(followup))

    for _ in range(2):
        assert client.post(address(followup), said, **HTMX).status_code == 200

    assert Visit.objects.count() == 1
    assert FollowUp.objects.open().count() == 1


@pytest.mark.django_db
def test_the_second_tab_keeps_its_text_and_saves_a_visit_of_its_own(followup, alice, mona, client):
    client.force_login(mona)
    hers = as_it_opens(client, address(followup)) | {"summary": "Heard at the fair"}
    client.force_login(alice)
    save(client, followup)
    client.force_login(mona)

    response = client.post(address(followup), hers, **HTMX)

    page = response.content.decode()
    assert "Alice Ai has already closed this follow-up." in page
    assert "Heard at the fair" in page
    assert Visit.objects.count() == 1
    own = f"{reverse('visit_new')}?customer={followup.customer.code}"
    assert f'hx-post="{own}"' in page
    client.post(own, hers, **HTMX)
    assert list(Visit.objects.order_by("id").values_list("by__username", "summary")) == [
        ("alice", ""),
        ("mona", "Heard at the fair"),
    ]


def signed_in(person) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_people_at_once_close_it_once(followup, alice, mona):
    together, answers = Barrier(2), []

    def send(browser, said):
        together.wait(timeout=60)
        answers.append(browser.post(address(followup), said, **HTMX).content.decode())
        connection.close()

    browsers = [signed_in(alice), signed_in(mona)]
    forms = [as_it_opens(browser, address(followup)) for browser in browsers]
    threads = [Thread(target=send, args=pair) for pair in zip(browsers, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Visit.objects.count() == 1
    assert sum("has already closed" in answer for answer in answers) == 1
    assert FollowUp.objects.open().count() == 1


@pytest.mark.django_db
def test_a_case_is_closed_only_when_said_so(alice, client):
    case = CaseFactory(customer__owner=alice)
    followup = FollowUpFactory(customer=case.customer, reason="case", case=case, due_on=TODAY)
    client.force_login(alice)

    assert "The case is closed with this" in client.get(address(followup)).content.decode()
    save(client, followup, settled="")

    followup.refresh_from_db()
    assert Case.objects.open().exists()
    assert (followup.is_open, followup.due_on > TODAY) == (True, True)


@pytest.mark.django_db
def test_what_to_know_before_calling(followup, alice, client):
    customer = followup.customer
    ContactFactory(customer=customer, name="Zhou Min", mobile="138 0000 2217", is_primary=True)
    visit = VisitFactory(
        customer=customer, summary="prices up again", happened_at=NOW - timedelta(days=9)
    )
    PromiseFactory(visit=visit, what="A2-70 price list", due_on=TODAY)
    CaseFactory(customer=customer, subject="mislabelled M10", opened_on=date(2025, 3, 2))
    NightRun.objects.update(lines={"secondary": {"places": 20, "inside": "4000.00"}})
    levels = {"grade": "general", "computed_level": "general"}
    Standing.objects.filter(customer=customer).update(**levels, line_above=400_000.0)
    OrderFactory(customer=customer, amount=18600, due_on=TODAY - timedelta(days=21))
    client.force_login(alice)

    page = client.get(address(followup), **HTMX).content.decode()

    assert '<a href="tel:13800002217"><b>Zhou Min</b> 138 0000 2217</a>' in page
    assert "A2-70 price list" in page
    assert "open 9 days:</b> mislabelled M10" in page
    assert "<b>¥18,600 overdue</b> for 21 days" in page
    assert "prices up again" in page
    assert "¥3,001 more revenue, or 16 orders of the usual size → Secondary" in page


@pytest.mark.django_db
def test_the_form_costs_the_same_for_any_customer(alice, client, django_assert_num_queries):
    client.force_login(alice)
    for count in (1, 3):
        followup = FollowUpFactory(customer__owner=alice)
        ContactFactory.create_batch(count, customer=followup.customer)
        for visit in VisitFactory.create_batch(count, customer=followup.customer):
            PromiseFactory(visit=visit)
        CaseFactory.create_batch(count, customer=followup.customer)

        with django_assert_num_queries(11):
            client.get(address(followup), **HTMX)


def undo(client, visit, followup):
    url = reverse("visit_undo", args=[visit.pk])
    return client.post(url, {"followup": str(followup.pk)}, **HTMX)


@pytest.mark.django_db
def test_undo_opens_the_row_again_with_what_was_written(followup, alice, client):
    client.force_login(alice)
    save(client, followup, summary="Wants 40 boxes", outcome="phone")

    response = undo(client, Visit.objects.get(), followup)

    followup.refresh_from_db()
    assert followup.is_open
    assert not Visit.objects.exists()
    assert "Wants 40 boxes" in response.content.decode()
    assert response.context["form"]["outcome"].value() == "phone"
    assert response.context["counts"].done == 0


@pytest.mark.django_db
def test_undo_too_late_says_so_and_changes_nothing(followup, alice, client):
    client.force_login(alice)
    save(client, followup)

    with time_machine.travel(NOW + timedelta(minutes=11)):
        url = reverse("visit_undo", args=[Visit.objects.get().pk])
        response = client.post(url, follow=True)

    assert "A visit can be undone for ten minutes." in response.content.decode()
    assert Visit.objects.count() == 1


@pytest.mark.django_db
def test_an_outsider_undoes_nothing(followup, alice, otto, client):
    client.force_login(alice)
    save(client, followup)
    client.force_login(otto)

    assert undo(client, Visit.objects.get(), followup).status_code == 404
    assert Visit.objects.count() == 1


@pytest.mark.django_db
def test_other_rows_of_the_customer_step_back_too(followup, alice, client):
    other = FollowUpFactory(customer=followup.customer, reason="planned", due_on=TODAY)
    client.force_login(alice)

    changes = json.loads(save(client, followup).headers["HX-Trigger"])["rows-changed"]

    assert changes["closed"] == [f"followup-{other.pk}"]


@pytest.mark.django_db
@pytest.mark.parametrize(("person", "status"), PEOPLE)
def test_a_visit_from_anywhere(person, status, followup, alice, client, request):
    user = request.getfixturevalue(person)
    client.force_login(alice)
    url = f"{reverse('visit_new')}?customer={followup.customer.code}"
    said = as_it_opens(client, url)
    client.force_login(user)

    assert client.get(url).status_code == status
    assert client.post(url, said).status_code == (302 if status == 200 else 404)
    assert Visit.objects.count() == (status == 200)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("person", "names"), [("alice", ["博远机械"]), ("mona", ["博远机械"]), ("otto", [])]
)
def test_customers_are_found_as_one_types(person, names, alice, client, request):
    CustomerFactory(owner=alice, name="博远机械", code="B1")
    CustomerFactory(owner=alice, name="Else")
    client.force_login(request.getfixturevalue(person))

    for extra in ({}, HTMX):
        page = client.get(reverse("visit_new"), {"q": "博远"}, **extra)
        assert [customer.name for customer in page.context["found"]] == names


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_finding_costs_the_same_for_any_number(count, alice, client, django_assert_num_queries):
    for customer in CustomerFactory.create_batch(count, owner=alice, name="Boyuan"):
        StandingFactory(customer=customer)
    CustomerFactory(owner=alice, name="Boyuan, new")
    client.force_login(alice)

    with django_assert_num_queries(2):  # user, customers
        client.get(reverse("visit_new"), {"q": "boyuan"}, **HTMX)
