"""Cases are opened, edited and closed from the customer's page; rounds follow one another."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Case, Promise
from crm.permissions import PERMISSIONS
from tests.crm.test_customer_forms import SEEN, sent_by
from tests.factories import (
    CaseFactory,
    ContactFactory,
    CustomerFactory,
    OrderFactory,
    PromiseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(alice):
    return CustomerFactory(owner=alice, code="C-1")


@pytest.fixture
def case(customer):
    return CaseFactory(customer=customer, subject="标签贴错")


@pytest.fixture
def inspection(customer):
    return CaseFactory(customer=customer, kind="inspection", repeat_days=90, subject="Hoists")


def new(client, **changes):
    sent = {"kind": "complaint", "subject": "3 箱标签贴错", "due_on": "2025-03-20"} | changes
    return client.post(reverse("case_new", args=["C-1"]), sent)


def close(client, case, resolution="Sent new labels."):
    return client.post(reverse("case_close", args=[case.pk]), {"resolution": resolution})


@pytest.mark.parametrize(
    ("viewer", "status"), [("alice", 200), ("mona", 200), ("ada", 200), ("otto", 404)]
)
def test_only_those_in_scope_see_a_case(viewer, status, case, client, request):
    client.force_login(request.getfixturevalue(viewer))

    for address in (reverse("case", args=[case.pk]), reverse("case_new", args=["C-1"])):
        assert client.get(address).status_code == status


def test_an_outsider_changes_no_case(otto, case, client):
    client.force_login(otto)
    before = list(Case.objects.values())
    sent = {"kind": "training", "subject": "x", "due_on": "2025-01-01", "resolution": "x"}

    for address in (
        reverse("case_new", args=["C-1"]),
        *(reverse(name, args=[case.pk]) for name in ("case", "case_close", "case_reopen")),
    ):
        assert client.post(address, sent).status_code == 404

    assert list(Case.objects.values()) == before


def test_a_role_that_sees_but_may_not_edit_changes_no_case(
    alice, case, promise, client, monkeypatch
):
    monkeypatch.setitem(PERMISSIONS, "rep", frozenset())
    client.force_login(alice)
    before = list(Case.objects.values())

    assert new(client).status_code == close(client, case).status_code == 403
    assert client.post(reverse("case_reopen", args=[case.pk])).status_code == 403
    assert settle(client, promise, "yes").status_code == 403
    assert list(Case.objects.values()) == before
    assert Promise.objects.open().exists()


def test_a_case_is_opened_today_for_the_owner(alice, customer, client):
    client.force_login(alice)
    offered = client.get(reverse("case_new", args=["C-1"])).context["form"]
    assert offered["assignee"].value() == alice.pk

    response = new(client, assignee=alice.pk)

    case = Case.objects.get()
    assert response.url == customer.get_absolute_url()
    assert (case.customer, case.opened_on, case.assignee, case.subject) == (
        customer,
        timezone.localdate(),
        alice,
        "3 箱标签贴错",
    )


def test_a_case_takes_contact_and_order_of_its_own_customer_only(alice, customer, client):
    client.force_login(alice)
    other = CustomerFactory(owner=alice)
    stranger, foreign = ContactFactory(customer=other), OrderFactory(customer=other)

    response = new(client, contact=stranger.pk, order_number=foreign.number)

    assert sorted(response.context["form"].errors) == ["contact", "order_number"]
    assert response.context["form"]["subject"].value() == "3 箱标签贴错"

    mine, own = ContactFactory(customer=customer), OrderFactory(customer=customer)
    new(client, contact=mine.pk, order_number=own.number)
    case = Case.objects.get()
    assert (case.contact, case.order) == (mine, own)


def test_a_case_goes_to_nobody_the_user_does_not_see(alice, otto, customer, client):
    client.force_login(alice)

    assert list(new(client, assignee=otto.pk).context["form"].errors) == ["assignee"]


def test_only_inspection_rounds_repeat(alice, customer, client):
    client.force_login(alice)

    assert list(new(client, repeat_days=30).context["form"].errors) == ["repeat_days"]
    new(client, kind="inspection", repeat_days=30)
    assert Case.objects.get().repeat_days == 30


def test_a_case_is_edited_without_touching_what_the_form_does_not_show(alice, case, client):
    order = OrderFactory(customer=case.customer)
    client.force_login(alice)
    address = reverse("case", args=[case.pk])
    added = {"customer": CustomerFactory(owner=alice).pk, "closed_on": "2025-03-11"}

    client.post(
        address,
        sent_by(client.get(address), order_number=order.number, due_on="2025-04-01", **added),
    )

    after = Case.objects.get(pk=case.pk)
    assert (after.order, str(after.due_on)) == (order, "2025-04-01")
    assert (after.customer, after.closed_on) == (case.customer, None)


def test_two_who_edit_a_case_lose_nothing(alice, case, client):
    client.force_login(alice)
    address = reverse("case", args=[case.pk])
    hers = sent_by(client.get(address), description="All ten boxes.")
    Case.objects.filter(pk=case.pk).update(subject="Ten boxes")

    conflict = client.post(address, hers)
    assert SEEN in conflict.text
    client.post(address, sent_by(conflict))

    case.refresh_from_db()
    assert (case.subject, case.description) == ("Ten boxes", "All ten boxes.")


def test_a_case_is_closed_with_what_was_done(alice, case, client):
    client.force_login(alice)

    assert close(client, case).url == case.customer.get_absolute_url()

    case.refresh_from_db()
    assert (case.closed_on, case.resolution) == (timezone.localdate(), "Sent new labels.")
    assert not Case.objects.exclude(pk=case.pk).exists()


def test_a_case_is_not_closed_without_a_word(alice, case, client):
    client.force_login(alice)

    response = close(client, case, resolution=" ")

    assert list(response.context["closing"].errors) == ["resolution"]
    case.refresh_from_db()
    assert case.is_open


def test_closing_a_round_opens_the_next_one_and_says_when(alice, inspection, client):
    client.force_login(alice)
    assert "The next round opens at once" in client.get(reverse("case", args=[inspection.pk])).text

    close(client, inspection)

    following = Case.objects.get(follows=inspection)
    assert following.due_on == timezone.localdate() + timedelta(days=90)
    assert (following.is_open, following.repeat_days, following.subject) == (True, 90, "Hoists")
    assert following.number in client.get(inspection.customer.get_absolute_url()).text


def test_what_was_typed_for_a_closed_case_is_kept_and_changes_nothing(alice, inspection, client):
    client.force_login(alice)
    address = reverse("case", args=[inspection.pk])
    sent = sent_by(client.get(address), subject="Changed")
    close(client, inspection)

    edited = client.post(address, sent)
    closed_again = close(client, inspection, resolution="A second word.")

    for answer in (edited, closed_again):
        assert "This case is closed." in answer.text
    assert edited.context["form"]["subject"].value() == "Changed"
    assert "A second word." in closed_again.text
    inspection.refresh_from_db()
    assert (inspection.subject, inspection.resolution) == ("Hoists", "Sent new labels.")
    assert Case.objects.count() == 2


def test_a_case_closed_by_mistake_is_opened_again(alice, inspection, client):
    client.force_login(alice)
    close(client, inspection)
    assert "Open it again" in client.get(reverse("case", args=[inspection.pk])).text

    client.post(reverse("case_reopen", args=[inspection.pk]))

    assert Case.objects.get().is_open


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_a_case_costs_the_same(count, alice, case, client, django_assert_num_queries):
    ContactFactory.create_batch(count, customer=case.customer)
    CaseFactory.create_batch(count, customer=case.customer)
    UserFactory.create_batch(count, team=alice.team)
    client.force_login(alice)

    # user, case, contacts, assignees; navigation (2)
    with django_assert_num_queries(6):
        client.get(reverse("case", args=[case.pk]))


# Promises


@pytest.fixture
def promise(customer):
    return PromiseFactory(visit__customer=customer, what="价目表")


def settle(client, promise, kept, **how):
    return client.post(reverse("promise_settle", args=[promise.pk]), {"kept": kept}, **how)


@pytest.mark.parametrize(("said", "kept"), [("yes", True), ("no", False)])
def test_a_promise_is_settled_and_can_be_taken_back(said, kept, alice, promise, client):
    client.force_login(alice)

    assert settle(client, promise, said).url == promise.visit.customer.get_absolute_url()
    promise.refresh_from_db()
    assert (promise.kept, promise.settled_on) == (kept, timezone.localdate())

    settle(client, promise, "open")
    promise.refresh_from_db()
    assert (promise.kept, promise.settled_on) == (None, None)


def test_in_the_page_the_row_alone_comes_back(alice, promise, client):
    client.force_login(alice)

    response = settle(client, promise, "yes", headers={"HX-Request": "true"})

    assert response.text.startswith("<li")
    assert "Undo" in response.text
    assert "<html" not in response.text


def test_an_outsider_settles_no_promise(otto, promise, client):
    client.force_login(otto)

    assert settle(client, promise, "yes").status_code == 404
    assert Promise.objects.open().exists()


@pytest.mark.parametrize("said", ["", "maybe"])
def test_nonsense_settles_no_promise(said, alice, promise, client):
    client.force_login(alice)

    assert settle(client, promise, said).status_code == 400
    assert Promise.objects.open().exists()
