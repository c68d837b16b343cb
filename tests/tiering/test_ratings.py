"""What the owner of an account thinks of it: who may say it, what is kept, what the pages show."""

from datetime import timedelta

import pytest

from tests.factories import AS_OF, CustomerFactory
from tiering.models import Rating
from tiering.services.ratings import CannotRate, Given, opinions, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(alice):
    return CustomerFactory(owner=alice, code="R-1")


@pytest.fixture
def address(customer):
    return f"/customers/{customer.code}/ratings/"


def rows() -> list[tuple]:
    return list(Rating.objects.order_by("id").values_list("criterion", "points", "note"))


def counting(customer, day=AS_OF) -> dict[str, int]:
    found = opinions(customer, today=day)
    return {each.criterion: each.rating.points for each in found if each.rating}


def test_a_later_rating_counts_and_the_earlier_one_is_kept(customer, alice, mona):
    later = AS_OF + timedelta(days=30)
    rate(customer=customer, given={"fit": Given(2, "Buys nails only")}, by=alice, today=AS_OF)

    rate(customer=customer, given={"fit": Given(5)}, by=mona, today=later)

    assert rows() == [("fit", 2, "Buys nails only"), ("fit", 5, "")]
    assert (counting(customer), counting(customer, later)) == ({"fit": 2}, {"fit": 5})


def test_a_form_sent_twice_is_one_rating(customer, alice):
    given = {"fit": Given(3), "strength": Given(4, "New plant")}

    added = [rate(customer=customer, given=given, by=alice, today=AS_OF) for _ in range(2)]

    assert [len(each) for each in added] == [2, 0]
    assert len(rows()) == 2


@pytest.mark.parametrize(
    "given", [{"fit": Given(0)}, {"fit": Given(6)}, {"profit": Given(3)}, {"x": Given(1)}]
)
def test_what_is_no_rating_is_refused_and_nothing_is_added(customer, alice, given):
    with pytest.raises(CannotRate):
        rate(customer=customer, given={"influence": Given(2)} | given, by=alice, today=AS_OF)

    assert rows() == []


def test_only_the_owner_a_manager_in_scope_and_administrators_rate(
    customer, alice, mona, ada, otto
):
    for by in (alice, mona, ada):
        rate(customer=customer, given={"fit": Given(1 + len(rows()))}, by=by, today=AS_OF)

    with pytest.raises(CannotRate):
        rate(customer=customer, given={"fit": Given(5)}, by=otto, today=AS_OF)

    assert len(rows()) == 3


@pytest.mark.parametrize(
    ("viewer", "status", "added"),
    [("alice", 302, 1), ("mona", 302, 1), ("ada", 302, 1), ("otto", 404, 0)],
)
def test_three_people_send_the_form(viewer, status, added, address, client, request):
    client.force_login(request.getfixturevalue(viewer))

    assert client.get(address).status_code == (200 if added else 404)
    response = client.post(address, {"potential": "4", "potential_note": "Second plant"})

    assert response.status_code == status
    assert rows() == [("potential", 4, "Second plant")] * added


def test_a_wrong_form_keeps_what_was_typed(address, alice, client):
    client.force_login(alice)

    response = client.post(address, {"fit": "9", "strength_note": "They built a third hall"})

    assert response.status_code == 200
    assert "They built a third hall" in response.text
    assert "A note needs a rating." in response.text
    assert rows() == []


def test_the_page_begins_with_what_counts_and_shows_the_history(address, customer, alice, client):
    rate(customer=customer, given={"fit": Given(2, "Nails")}, by=alice, today=AS_OF)
    rate(customer=customer, given={"fit": Given(5, "Bolts too")}, by=alice, today=AS_OF)
    client.force_login(alice)

    text = client.get(address).text

    assert 'name="fit" value="5" id="id_fit_4" checked' in text
    assert 'value="Bolts too"' in text
    assert "Nails" in text
    assert text.count("not rated yet") == 5


def test_the_customer_page_says_what_we_think_or_that_nobody_has(customer, alice, client):
    client.force_login(alice)
    assert "Not rated yet." in client.get(customer.get_absolute_url()).text

    rate(customer=customer, given={"influence": Given(4)}, by=alice, today=AS_OF)

    text = client.get(customer.get_absolute_url()).text
    assert "4 of 5" in text
    assert text.count("not rated yet") == 5


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_history(
    count, address, customer, alice, client, django_assert_num_queries
):
    for points in range(1, 1 + count):
        rate(customer=customer, given={"fit": Given(points)}, by=alice, today=AS_OF)
    client.force_login(alice)

    with django_assert_num_queries(6):
        client.get(address)
