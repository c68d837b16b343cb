"""Every table opens in the admin, for administrators."""

import pytest
from django.contrib import admin
from django.urls import reverse

from crm.models import OwnerChange, User
from tests.factories import (
    PASSWORD,
    CaseFactory,
    ChurnAlertFactory,
    ContactFactory,
    CustomerFactory,
    ExchangeRateFactory,
    FollowUpFactory,
    NoticeFactory,
    OrderLineFactory,
    OverrideFactory,
    PaymentFactory,
    PromiseFactory,
    StandingFactory,
    UserFactory,
)
from tiering.models import Policy
from tiering.services.policies import new_draft

pytestmark = pytest.mark.django_db
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = [m for m in MODELS if m._meta.app_label in {"crm", "tiering", "followups"}]


@pytest.fixture
def rows():
    customer = CustomerFactory()
    for make in (
        ContactFactory,
        CaseFactory,
        StandingFactory,
        FollowUpFactory,
        OverrideFactory,
    ):
        make(customer=customer)
    alert = ChurnAlertFactory(customer=customer)
    NoticeFactory(alert=alert, user=customer.owner or UserFactory())
    alert.events.create(event="raised", to_state="held", happened_on=alert.opened_on)
    OrderLineFactory()
    PaymentFactory()
    PromiseFactory()
    ExchangeRateFactory()


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_list_add_and_change_pages_open(model, rows, ada, client):
    client.force_login(ada)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"

    assert client.get(reverse(f"{name}_changelist"), {"q": "a b"}).status_code == 200
    assert client.get(reverse(f"{name}_add")).status_code in {200, 403}
    one = model._default_manager.first()
    if one:
        assert client.get(reverse(f"{name}_change", args=[one.pk])).status_code == 200


def test_an_administrator_makes_a_user(ada, east, client):
    client.force_login(ada)
    data = {
        "username": "bob",
        "name": "Bob Bo",
        "role": "rep",
        "team": east.pk,
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }

    client.post(reverse("admin:crm_user_add"), data)

    bob = User.objects.get(username="bob")
    assert (bob.role, bob.team, bob.is_staff) == ("rep", east, False)
    assert bob.check_password(PASSWORD)


@pytest.fixture
def give(ada, client):
    """Send the change page of a customer with another owner."""

    def send(customer, to_owner):
        client.force_login(ada)
        url = reverse("admin:crm_customer_change", args=[customer.pk])
        page = client.get(url)
        shown = page.context["adminform"].form.initial
        data = {name: value for name, value in shown.items() if value is not None}
        for each in page.context["inline_admin_formsets"]:
            forms = each.formset.management_form.initial.items()
            data |= {f"{each.formset.prefix}-{name}": value for name, value in forms}
        return client.post(url, data | {"owner": to_owner.pk})

    return send


def test_a_new_owner_leaves_a_trace(ada, alice, otto, give):
    customer = CustomerFactory(owner=alice)

    give(customer, otto)

    customer.refresh_from_db()
    change = OwnerChange.objects.get()
    assert (customer.owner, change.from_owner, change.to_owner, change.by) == (
        otto,
        alice,
        otto,
        ada,
    )


def test_an_administrator_cannot_own_customers(ada, alice, give):
    customer = CustomerFactory(owner=alice)

    assert give(customer, ada).context["adminform"].form.errors["owner"]
    customer.refresh_from_db()
    assert customer.owner == alice


def test_a_published_policy_is_never_changed(ada, client):
    client.force_login(ada)
    policy = Policy.objects.get(version=1)

    response = client.post(
        reverse("admin:tiering_policy_change", args=[policy.pk]), {"name": "Other"}
    )

    policy.refresh_from_db()
    assert response.status_code == 403
    assert policy.name == "1 / 19 / 30 / 50"


def test_nobody_publishes_a_draft_past_its_checks(ada, client):
    client.force_login(ada)
    draft = new_draft(name="Draft", by=ada)

    response = client.post(
        reverse("admin:tiering_policy_change", args=[draft.pk]), {"valid_from": "2001-01-01"}
    )

    draft.refresh_from_db()
    assert response.status_code == 403
    assert not draft.is_published
    assert client.get(reverse("admin:tiering_policy_add")).status_code == 403
