"""The file of a customer: written by those in scope, never over somebody else's text."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from crm.forms.customers import CustomerForm
from crm.models import Contact, Customer, OwnerChange, Tag
from crm.models.customer import validate_code
from crm.permissions import PERMISSIONS
from tests.factories import ContactFactory, CustomerFactory, TeamFactory, UserFactory, VisitFactory

pytestmark = pytest.mark.django_db

SEEN = "Somebody else has changed this while you were editing."


@pytest.fixture
def customer(alice):
    customer = CustomerFactory(
        owner=alice, code="C-1", name="昆山恒力", phone="0512 5555 0101", city="Suzhou"
    )
    customer.tags.add(Tag.objects.create(name="月结"))
    return customer


@pytest.fixture
def contact(customer):
    return ContactFactory(customer=customer, name="周敏", mobile="138 0000 2217")


def sent_by(page, **changes):
    """What a browser sends back of a page's form: every input, the hidden ones too."""
    form = page.context["form"]
    sent = {}
    for field in form:
        sent[field.html_name] = form_text(field)
        if field.field.show_hidden_initial:
            sent[field.html_initial_name] = form_text(field)
    return sent | changes


def form_text(field):
    value = field.field.widget.format_value(field.value())
    value = value[0] if isinstance(value, list) else value
    return "" if value is None else str(value)


def pages_of(customer, contact):
    return [
        reverse("customer_edit", args=[customer.code]),
        reverse("contact_new", args=[customer.code]),
        reverse("contact_edit", args=[contact.pk]),
        reverse("contact_delete", args=[contact.pk]),
    ]


def posts_of(customer, contact):
    return [
        *pages_of(customer, contact),
        reverse("contact_first", args=[contact.pk]),
        reverse("customer_give", args=[customer.code]),
    ]


def everything():
    return [
        list(Customer.objects.order_by("pk").values()),
        list(Contact.objects.order_by("pk").values()),
        OwnerChange.objects.count(),
    ]


@pytest.mark.parametrize(
    ("viewer", "status"), [("alice", 200), ("mona", 200), ("ada", 200), ("otto", 404)]
)
def test_pages_open_for_those_in_scope_only(viewer, status, customer, contact, client, request):
    client.force_login(request.getfixturevalue(viewer))

    for address in pages_of(customer, contact):
        assert client.get(address).status_code == status


def test_an_outsider_changes_nothing_by_any_post(otto, customer, contact, client):
    client.force_login(otto)
    before = everything()

    for address in posts_of(customer, contact):
        assert client.post(address, {"name": "Mine", "owner": otto.pk}).status_code == 404

    assert everything() == before


def test_a_file_is_edited_and_keeps_what_the_form_does_not_show(alice, customer, client):
    client.force_login(alice)
    address = reverse("customer_edit", args=["C-1"])

    sent = sent_by(client.get(address), name="昆山恒力紧固件", tag_names="月结， Exporter,月结")
    response = client.post(address, sent)

    assert response.url == customer.get_absolute_url()
    customer.refresh_from_db()
    assert (customer.name, customer.city, customer.owner) == ("昆山恒力紧固件", "Suzhou", alice)
    assert sorted(customer.tags.values_list("name", flat=True)) == ["Exporter", "月结"]


def test_nobody_sets_code_owner_or_grade_by_adding_keys(alice, otto, customer, client):
    client.force_login(alice)
    address = reverse("customer_edit", args=["C-1"])
    added = {"code": "C-2", "owner": otto.pk, "batch": 1, "id": 99, "created_at": "2001-01-01"}

    client.post(address, sent_by(client.get(address), **added))

    after = Customer.objects.get(pk=customer.pk)
    assert (after.code, after.owner, after.batch_id) == ("C-1", alice, None)
    assert after.created_at == customer.created_at


def test_the_second_of_two_editors_sees_the_conflict_and_loses_nothing(
    alice, mona, customer, client
):
    address = reverse("customer_edit", args=["C-1"])
    client.force_login(alice)
    hers = sent_by(client.get(address), name="Alice's name", note="Alice's note")
    client.force_login(mona)
    client.post(address, sent_by(client.get(address), name="Mona's name", city="Kunshan"))

    client.force_login(alice)
    conflict = client.post(address, hers)

    assert SEEN in conflict.text
    customer.refresh_from_db()
    assert (customer.name, customer.city, customer.note) == ("Mona's name", "Kunshan", "")
    form = conflict.context["form"]
    assert (form["name"].value(), form["note"].value()) == ("Alice's name", "Alice's note")
    assert form["city"].value() == "Kunshan"
    assert "Somebody else has just written: Mona&#x27;s name" in conflict.text
    assert "Just changed by somebody else." in conflict.text

    client.post(address, sent_by(conflict))
    customer.refresh_from_db()
    assert (customer.name, customer.city, customer.note) == (
        "Alice's name",
        "Kunshan",
        "Alice's note",
    )


def test_a_third_change_between_keeps_the_text_again(alice, customer, client):
    client.force_login(alice)
    address = reverse("customer_edit", args=["C-1"])
    hers = sent_by(client.get(address), note="Alice's note")
    for city in ("Kunshan", "Wuxi"):
        customer.city = city
        customer.save()
        conflict = client.post(address, hers)
        assert SEEN in conflict.text
        hers = sent_by(conflict)
        hers |= {
            name: value
            for name, value in conflict.context["form"].data.items()
            if "initial" in name
        }

    client.post(address, hers)

    customer.refresh_from_db()
    assert (customer.city, customer.note) == ("Wuxi", "Alice's note")


def test_saving_leaves_the_columns_of_others_alone(alice, otto, customer):
    seen = CustomerForm(instance=customer)
    data = {field.html_name: form_text(field) for field in seen} | {"name": "New"}
    form = CustomerForm(data, instance=Customer.objects.get(pk=customer.pk))
    assert form.is_valid()
    Customer.objects.filter(pk=customer.pk).update(owner=otto)

    form.save_unless_changed()

    customer.refresh_from_db()
    assert (customer.name, customer.owner) == ("New", otto)


def test_a_role_that_sees_but_may_not_edit_is_refused(
    alice, customer, contact, client, monkeypatch
):
    monkeypatch.setitem(PERMISSIONS, "rep", frozenset())
    client.force_login(alice)
    before = everything()

    for address in [*posts_of(customer, contact), reverse("customer_new")]:
        assert client.post(address, {"name": "Mine", "code": "N"}).status_code == 403

    assert everything() == before


def test_a_form_that_does_not_say_what_it_saw_is_a_conflict(alice, customer, client):
    client.force_login(alice)

    response = client.post(
        reverse("customer_edit", args=["C-1"]), {"name": "Blind", "credit_days": 3}
    )

    assert SEEN in response.text
    customer.refresh_from_db()
    assert customer.name == "昆山恒力"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"latitude": "31.4"}, "longitude"),
        ({"latitude": "91", "longitude": "1"}, "latitude"),
        ({"credit_limit": "-1"}, "credit_limit"),
        ({"email": "no"}, "email"),
        ({"tag_names": "x" * 41}, "tag_names"),
        ({"note": "a\x00b"}, "note"),
        ({"credit_days": "99999"}, "credit_days"),
    ],
)
def test_errors_keep_all_that_was_typed(changes, field, alice, customer, client):
    client.force_login(alice)
    address = reverse("customer_edit", args=["C-1"])

    response = client.post(address, sent_by(client.get(address), alias="kept", **changes))

    assert response.status_code == 200
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert form["alias"].value() == "kept"
    assert "everything you typed is kept" in response.text
    customer.refresh_from_db()
    assert customer.alias == ""


def test_full_width_digits_are_numbers(alice, customer, client):
    client.force_login(alice)
    address = reverse("customer_edit", args=["C-1"])

    client.post(address, sent_by(client.get(address), credit_limit="１２００００"))

    customer.refresh_from_db()
    assert customer.credit_limit == Decimal(120000)


# New customers


def new(client, **changes):
    sent = {"code": "N-1", "name": "太仓精密", "credit_days": 30} | changes
    return client.post(reverse("customer_new"), sent)


def test_a_new_customer_belongs_to_whoever_enters_it(alice, client):
    client.force_login(alice)

    response = new(client)

    customer = Customer.objects.get(code="N-1")
    assert response.url == customer.get_absolute_url()
    assert customer.owner == alice
    change = OwnerChange.objects.get()
    assert (change.from_owner, change.to_owner, change.by) == (None, alice, alice)


def test_one_entered_by_an_administrator_waits_in_the_pool(ada, client):
    client.force_login(ada)
    new(client)

    assert Customer.objects.get(code="N-1").owner is None


def test_a_manager_of_no_team_would_not_see_it_and_is_refused(client):
    client.force_login(UserFactory(role="manager", team=None))

    assert client.get(reverse("customer_new")).status_code == 403
    assert new(client).status_code == 403
    assert not Customer.objects.exists()


def test_the_owner_of_a_new_customer_cannot_be_chosen_by_adding_a_key(alice, otto, client):
    client.force_login(alice)
    new(client, owner=otto.pk)

    assert Customer.objects.get().owner == alice


def test_a_code_is_suggested_and_one_that_is_taken_is_told(alice, otto, client):
    CustomerFactory(owner=otto, code="N-1", name="Secret Bolts")
    client.force_login(alice)
    assert client.get(reverse("customer_new")).context["form"]["code"].value().startswith("N")

    response = new(client)

    assert list(response.context["form"].errors) == ["code"]
    assert "Secret Bolts" not in response.text


@pytest.mark.parametrize("code", ["a/b", "a\\b", "a\nb", "a\x7f", ".", "..", "\u2028"])
def test_codes_that_no_address_can_hold_are_refused(code):
    with pytest.raises(ValidationError):
        validate_code(code)


@pytest.mark.parametrize("code", ["C-1", "客户 1", "a.b", "50%", "#", "new", ".x"])
def test_other_codes_are_taken(code):
    validate_code(code)


@pytest.mark.parametrize(
    ("known", "typed"),
    [
        ({"name": "ＨＥＮＧＬＩ fasteners"}, {"name": "Hengli Fasteners"}),
        ({"name": "X", "alias": "太仓精密"}, {"name": "太仓 精密"}),
        ({"name": "X", "phone": "+86 512 5555-0101"}, {"phone": "(0512) 55550101"}),
        ({"name": "X", "tax_id": "91320583ma1x"}, {"tax_id": "91320583MA1X"}),
    ],
)
def test_somebody_who_is_known_already_is_told_first(known, typed, alice, client):
    customer = CustomerFactory(owner=alice, **known)
    client.force_login(alice)

    response = new(client, **typed)

    assert response.status_code == 200
    assert [one.customer for one in response.context["similar"]] == [customer]
    assert customer.get_absolute_url() in response.text
    assert not Customer.objects.filter(code="N-1").exists()

    new(client, anyway="on", **typed)
    assert Customer.objects.filter(code="N-1").exists()


def test_the_phone_of_a_contact_counts_too(alice, client):
    ContactFactory(customer__owner=alice, mobile="+86 138 0000 2217")
    client.force_login(alice)

    assert "same phone number" in new(client, phone="13800002217").text


@pytest.mark.parametrize(
    ("owner", "told"),
    [
        ({"team__name": "West"}, "One exists, team West"),
        ({"team": None}, "One exists, with another salesperson"),
        (None, "One exists, in the pool"),
    ],
)
def test_outside_the_scope_only_the_team_is_told(owner, told, alice, client):
    CustomerFactory(
        owner=owner and UserFactory(name="Otto Ou", **owner), code="ZZ-9", name="太仓精密"
    )
    client.force_login(alice)

    text = new(client).text

    assert told in text
    assert "ZZ-9" not in text
    assert "Otto Ou" not in text


def test_a_short_phone_number_and_other_names_warn_of_nobody(alice, client):
    CustomerFactory(owner=alice, name="太仓精密 2", phone="110")
    client.force_login(alice)
    new(client, phone="110")

    assert Customer.objects.filter(code="N-1").exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_warning_costs_the_same_for_any_number_of_customers(
    count, alice, client, django_assert_num_queries
):
    CustomerFactory.create_batch(count, owner=alice, name="太仓精密", phone="0512 5555 0101")
    client.force_login(alice)

    # user, session (3), code, phone, name; navigation (2)
    with django_assert_num_queries(9):
        new(client, phone="0512 5555 0101")


# Owners


def test_a_manager_gives_a_customer_with_a_reason(mona, alice, east, customer, client):
    bob = UserFactory(name="Bob", team=east)
    client.force_login(mona)
    assert "Give the customer" in client.get(reverse("customer_edit", args=["C-1"])).text

    client.post(reverse("customer_give", args=["C-1"]), {"owner": bob.pk, "reason": "Kunshan"})

    change = OwnerChange.objects.get()
    assert (change.from_owner, change.to_owner, change.by, change.reason) == (
        alice,
        bob,
        mona,
        "Kunshan",
    )


def test_a_salesperson_may_not_give_customers(alice, east, customer, client):
    client.force_login(alice)
    assert "Give the customer" not in client.get(reverse("customer_edit", args=["C-1"])).text

    response = client.post(
        reverse("customer_give", args=["C-1"]), {"owner": UserFactory(team=east).pk}
    )

    assert response.status_code == 403
    customer.refresh_from_db()
    assert customer.owner == alice


def test_a_manager_gives_to_nobody_outside_the_own_teams(mona, alice, otto, customer, client):
    client.force_login(mona)
    client.post(reverse("customer_give", args=["C-1"]), {"owner": otto.pk})

    customer.refresh_from_db()
    assert customer.owner == alice


# Contacts


def test_the_first_contact_is_the_one_to_call_first(alice, customer, client):
    client.force_login(alice)
    for name in ("周敏", "陆建国"):
        client.post(reverse("contact_new", args=["C-1"]), {"name": name})

    assert list(
        Contact.objects.order_by("pk").values_list("name", "is_primary", "customer__code")
    ) == [("周敏", True, "C-1"), ("陆建国", False, "C-1")]


def test_another_one_becomes_the_first_to_call(alice, customer, client):
    first = ContactFactory(customer=customer, is_primary=True)
    second = ContactFactory(customer=customer)
    client.force_login(alice)

    client.post(reverse("contact_first", args=[second.pk]))

    assert Contact.objects.get(is_primary=True) == second
    assert Contact.objects.filter(pk=first.pk, is_primary=False).exists()


def test_a_contact_is_edited_in_place(alice, contact, customer, client):
    client.force_login(alice)
    address = reverse("contact_edit", args=[contact.pk])
    elsewhere = CustomerFactory(owner=alice)

    sent = sent_by(client.get(address), title="Purchasing", customer=elsewhere.pk, is_primary="on")
    client.post(address, sent)

    contact.refresh_from_db()
    assert (contact.title, contact.customer, contact.is_primary) == ("Purchasing", customer, False)


def test_two_who_edit_a_contact_lose_nothing(alice, contact, client):
    client.force_login(alice)
    address = reverse("contact_edit", args=[contact.pk])
    hers = sent_by(client.get(address), note="likes tea")
    Contact.objects.filter(pk=contact.pk).update(mobile="139 0000 0000")

    conflict = client.post(address, hers)
    assert SEEN in conflict.text
    client.post(address, sent_by(conflict))

    contact.refresh_from_db()
    assert (contact.mobile, contact.note) == ("139 0000 0000", "likes tea")


def test_a_birthday_of_tomorrow_is_a_mistake(alice, customer, client):
    client.force_login(alice)
    tomorrow = timezone.localdate() + timedelta(days=1)

    response = client.post(
        reverse("contact_new", args=["C-1"]), {"name": "周敏", "birthday": tomorrow.isoformat()}
    )

    assert list(response.context["form"].errors) == ["birthday"]
    assert not Contact.objects.exists()


def test_a_contact_is_deleted_only_after_a_question(alice, contact, customer, client):
    visit = VisitFactory(customer=customer, contact=contact)
    client.force_login(alice)
    address = reverse("contact_delete", args=[contact.pk])

    assert "Delete 周敏?" in client.get(address).text
    assert Contact.objects.exists()

    client.post(address)
    assert not Contact.objects.exists()
    visit.refresh_from_db()
    assert visit.contact is None


@pytest.mark.parametrize("name", ["contact_first", "customer_give"])
def test_what_changes_something_is_not_done_by_a_link(name, alice, customer, contact, client):
    client.force_login(alice)
    argument = contact.pk if name == "contact_first" else customer.code

    assert client.get(reverse(name, args=[argument])).status_code == 405


def test_a_team_named_like_markup_stays_text(alice, client):
    CustomerFactory(owner=UserFactory(team=TeamFactory(name="<b>x</b>")), name="太仓精密")
    client.force_login(alice)

    assert "<b>x</b>" not in new(client).text


def test_dates_come_back_as_browsers_want_them(alice, customer, client):
    Customer.objects.filter(pk=customer.pk).update(since=date(2023, 2, 1))
    client.force_login(alice)

    assert 'value="2023-02-01"' in client.get(reverse("customer_edit", args=["C-1"])).text
