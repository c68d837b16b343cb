"""Setting a grade on the page of a customer, and the list of what people have set."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse

from tests.factories import CustomerFactory, OverrideFactory, StandingFactory, UserFactory
from tiering.models import GradeChange, Override, Standing

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-03-11 04:00")]

TODAY = date(2025, 3, 11)
ASKED = {"grade": "key", "until": "2025-09-07", "reason": "They open three new plants"}


@pytest.fixture
def customer(alice):
    customer = CustomerFactory(owner=alice, code="K7", name="Kunshan Fasteners")
    StandingFactory(customer=customer, grade="maintain", level="maintain")
    return customer


@pytest.fixture
def in_force(customer, mona):
    return shown(customer, mona)


def shown(customer, by, **fields) -> Override:
    """An override that the standing shows."""
    override = OverrideFactory(customer=customer, by=by, **fields)
    Standing.objects.filter(customer=customer).update(override=override, grade=override.grade)
    return override


def of_alice(alice, by, **fields) -> Override:
    return shown(StandingFactory(customer__owner=alice).customer, by, **fields)


def address(name, row) -> str:
    return reverse(name, args=[row.code if name == "customer_grade" else row.pk])


def grade_of(customer) -> str:
    return Standing.objects.get(customer=customer).grade


@pytest.mark.parametrize(
    ("viewer", "status"), [("alice", 403), ("mona", 200), ("ada", 200), ("otto", 404)]
)
def test_who_may_open_the_page(viewer, status, customer, client, request):
    client.force_login(request.getfixturevalue(viewer))

    assert client.get(address("customer_grade", customer)).status_code == status


@pytest.mark.parametrize(
    ("viewer", "status"), [("alice", 403), ("mona", 302), ("ada", 302), ("otto", 404)]
)
def test_who_may_set_a_grade(viewer, status, customer, client, request):
    client.force_login(request.getfixturevalue(viewer))

    response = client.post(address("customer_grade", customer), ASKED)

    assert response.status_code == status
    done = status == 302
    assert grade_of(customer) == ("key" if done else "maintain")
    assert (Override.objects.count(), GradeChange.objects.count()) == (done, done)


@pytest.mark.parametrize(
    ("viewer", "status"), [("alice", 403), ("mona", 302), ("ada", 302), ("otto", 404)]
)
@pytest.mark.parametrize("name", ["override_approve", "override_decline", "override_end"])
def test_who_may_decide(name, viewer, status, customer, client, request, mona):
    row = shown(customer, mona) if name == "override_end" else None
    row = row or OverrideFactory(customer=customer, approved_at=None)
    before = list(Override.objects.values()), grade_of(customer)
    client.force_login(request.getfixturevalue(viewer))

    assert client.post(address(name, row)).status_code == status

    after = list(Override.objects.values()), grade_of(customer)
    assert (before != after) == (status == 302)


def test_a_manager_of_another_team_finds_nothing(customer, in_force, client):
    client.force_login(UserFactory(role="manager"))

    assert client.post(address("customer_grade", customer), ASKED).status_code == 404
    assert client.get(reverse("overrides")).context["listing"].totals["count"] == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"until": "2025-03-10"}, "in the past"),
        ({"until": "2026-03-12"}, "365 days at most"),
        ({"until": "soon"}, "Enter a valid date"),
        ({"reason": "  "}, "This field is required"),
        ({"reason": "x" * 1001}, "at most 1000"),
        ({"grade": "platinum"}, "Select a valid choice"),
        ({"grade": ""}, "This field is required"),
    ],
)
def test_bad_input_is_explained_and_what_was_typed_is_kept(wrong, said, customer, mona, client):
    client.force_login(mona)

    page = client.post(address("customer_grade", customer), ASKED | wrong).content.decode()

    assert said in page
    assert wrong.get("reason", ASKED["reason"]) in page
    assert (grade_of(customer), Override.objects.count()) == ("maintain", 0)


def test_the_last_possible_day_is_accepted(customer, mona, client):
    client.force_login(mona)

    client.post(address("customer_grade", customer), ASKED | {"until": "2026-03-11"})

    assert Override.objects.get().until == date(2026, 3, 11)


def test_the_form_proposes_180_days_and_shows_both_grades(customer, mona, client):
    client.force_login(mona)

    page = client.get(address("customer_grade", customer)).content.decode()

    assert 'value="2025-09-07"' in page
    assert page.count('data-g="maintain"') == 2


def test_a_customer_without_a_night_is_told_to_wait(alice, mona, client):
    customer = CustomerFactory(owner=alice)
    client.force_login(mona)

    page = client.get(address("customer_grade", customer)).content.decode()

    assert "No night has graded this customer yet" in page
    answer = client.post(address("customer_grade", customer), ASKED)
    assert (answer.status_code, Override.objects.count()) == (200, 0)


def test_the_page_of_the_customer_says_who_why_and_until_when(in_force, customer, alice, client):
    client.force_login(alice)

    page = client.get(customer.get_absolute_url()).content.decode()

    for said in (
        "Set by a person; computed: Maintain",
        "Mona Mo, 10 Mar",
        "6 Sep",
        "179 days left",
        "They open three new plants",
        "Mona Mo sets Key",
    ):
        assert said in page
    assert address("override_end", in_force) not in page
    assert address("customer_grade", customer) not in page


def test_a_manager_finds_what_she_may_do_there(in_force, customer, mona, client):
    client.force_login(mona)

    page = client.get(customer.get_absolute_url()).content.decode()

    assert address("override_end", in_force) in page
    assert address("customer_grade", customer) in page


def test_ending_is_asked_about_first_and_says_what_follows(in_force, customer, mona, client):
    client.force_login(mona)

    page = client.get(address("override_end", in_force)).content.decode()
    assert "End the set grade of Kunshan Fasteners?" in page
    assert 'data-g="maintain"' in page
    assert grade_of(customer) == "key"

    client.post(address("override_end", in_force))
    assert grade_of(customer) == "maintain"
    page = client.get(address("override_end", in_force)).content.decode()
    assert "This grade is not in force" in page


def test_ending_twice_says_so(in_force, mona, client):
    client.force_login(mona)
    client.post(address("override_end", in_force))

    page = client.post(address("override_end", in_force), follow=True).content.decode()

    assert "no longer in force" in page


def test_a_second_person_is_asked_for_and_decides(customer, mona, ada, client, settings):
    settings.SECOND_PERSON = True
    client.force_login(mona)
    page = client.post(address("customer_grade", customer), ASKED, follow=True).content.decode()
    assert "waits until another person approves it" in page
    row = Override.objects.get()
    assert address("override_approve", row) not in page

    said = client.post(address("override_approve", row), follow=True).content.decode()
    assert "another person approves it" in said
    assert grade_of(customer) == "maintain"

    client.force_login(ada)
    listed = client.get(reverse("overrides"), {"state": "waiting"}).content.decode()
    assert address("override_approve", row) in listed
    answer = client.post(address("override_approve", row), {"back": "list"})
    assert answer["Location"] == "/overrides/?state=waiting"
    assert grade_of(customer) == "key"


def test_the_dashboard_says_what_waits_in_scope(alice, otto, mona, client, settings):
    OverrideFactory(customer__owner=alice, approved_at=None)
    OverrideFactory(customer__owner=otto, approved_at=None)
    client.force_login(mona)
    assert "waits for approval" not in client.get(reverse("dashboard")).content.decode()

    settings.SECOND_PERSON = True

    assert "1 grade waits for approval." in client.get(reverse("dashboard")).content.decode()


def test_while_one_waits_no_other_is_asked_for(customer, mona, client):
    OverrideFactory(customer=customer, approved_at=None, by=mona)
    client.force_login(mona)
    address_of = address("customer_grade", customer)

    assert 'name="reason"' not in client.get(address_of).content.decode()

    said = client.post(address_of, ASKED).content.decode()
    assert "Another grade waits for approval" in said
    assert ASKED["reason"] in said  # what was typed is not lost


def listing(client, **query):
    return client.get(reverse("overrides"), query).context["listing"]


def seen(client, **query):
    return list(listing(client, **query).page)


@pytest.mark.parametrize(
    ("viewer", "status"), [("alice", 403), ("mona", 200), ("ada", 200), ("otto", 403)]
)
@pytest.mark.parametrize("name", ["overrides", "hindsight"])
def test_who_may_open_the_lists(name, viewer, status, client, request):
    client.force_login(request.getfixturevalue(viewer))

    assert client.get(reverse(name)).status_code == status
    assert client.post(reverse(name)).status_code == 405


def test_the_list_in_its_states(alice, mona, client):
    of = {"customer__owner": alice, "by": mona}
    force = of_alice(alice, mona)
    waits = OverrideFactory(approved_at=None, **of)
    over = OverrideFactory(ended_on=TODAY, **of)
    declined = OverrideFactory(approved_at=None, ended_on=TODAY, **of)
    client.force_login(mona)

    assert seen(client) == [force]
    assert seen(client, state="waiting") == [waits]
    assert seen(client, state="over") == [over]
    assert seen(client, state="declined") == [declined]
    assert set(seen(client, state="all")) == {force, waits, over, declined}
    assert seen(client, state="nonsense") == []
    assert "1 grade waits for approval" in client.get(reverse("overrides")).content.decode()


def test_filters_sorts_totals_and_file(alice, mona, ada, client):
    near = of_alice(alice, mona, grade="secondary", until=TODAY + timedelta(days=14))
    far = of_alice(alice, ada, grade="key", until=TODAY + timedelta(days=15))
    Standing.objects.filter(customer=near.customer).update(value=70)
    Standing.objects.filter(customer=far.customer).update(value=30)
    client.force_login(ada)

    assert seen(client) == [near, far]
    assert seen(client, sort="-until") == [far, near]
    assert seen(client, sort="-apart") == [far, near]
    assert seen(client, sort="-value") == [near, far]
    assert seen(client, soon="1") == [near]
    assert seen(client, apart="1") == [far]
    assert seen(client, by=mona.pk) == [near]
    assert seen(client, grade="key") == [far]
    assert seen(client, q=near.customer.code) == [near]
    assert listing(client).totals == {"count": 2, "far": 1, "value": 100}
    text = client.get(reverse("overrides"), {"export": "csv"}).getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Grades apart"] for row in rows] == ["1", "2"]
    assert [row["State"] for row in rows] == ["In force", "In force"]
    assert rows[0]["Computed grade now"] == "General"


def test_the_value_of_a_customer_counts_once(customer, in_force, mona, client):
    OverrideFactory(customer=customer, ended_on=TODAY)
    Standing.objects.filter(customer=customer).update(value=70)
    client.force_login(mona)

    assert listing(client, state="all").totals == {"count": 2, "far": 2, "value": 70}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("state", ["shown", "all"])
def test_the_list_costs_the_same_for_any_length(
    count, state, alice, ada, client, django_assert_num_queries
):
    for _ in range(count):
        of_alice(alice, UserFactory(), approved_by=UserFactory(), ended_by=UserFactory())
    client.force_login(ada)

    with django_assert_num_queries(10):
        client.get(reverse("overrides"), {"state": state})


@pytest.mark.parametrize("count", [1, 3])
def test_the_form_costs_the_same_for_any_history(
    count, customer, mona, client, django_assert_num_queries
):
    shown(customer, mona)
    for _ in range(count):
        OverrideFactory(customer=customer, ended_on=TODAY, ended_by=UserFactory())
    client.force_login(mona)

    with django_assert_num_queries(8):
        client.get(address("customer_grade", customer))


def judged(alice, by, verdict, **fields) -> Override:
    known = {"deserved_grade": "key", "revenue_after": 5, "customer__owner": alice}
    return OverrideFactory(verdict=verdict, by=by, **(known | fields))


def test_hindsight_counts_and_each_count_opens_its_rows(alice, otto, mona, client):
    person = judged(alice, mona, "person")
    rules = [judged(alice, mona, "rule"), judged(alice, mona, "rule")]
    OverrideFactory(customer__owner=alice)
    judged(otto, mona, "rule")
    client.force_login(mona)

    page = client.get(reverse("hindsight"))

    totals = page.context["listing"].totals
    assert totals == {"count": 3, "person": 1, "rule": 2, "equal": 0}
    for verdict, rows in (("person", [person]), ("rule", rules), ("equal", [])):
        assert f"?verdict={verdict}" in page.content.decode()
        found = client.get(reverse("hindsight"), {"verdict": verdict}).context["listing"].page
        assert set(found) == set(rows)


def test_the_revenue_opens_the_orders_that_it_adds_up(alice, mona, client):
    row = judged(alice, mona, "person", starts_on=date(2024, 3, 1))
    client.force_login(mona)

    page = client.get(reverse("hindsight")).content.decode()

    orders = f"/orders/?customer={row.customer.code}&amp;from=2024-03-02&amp;to=2024-08-28"
    assert orders in page


@pytest.mark.parametrize("count", [1, 3])
def test_hindsight_costs_the_same_for_any_length(
    count, alice, ada, client, django_assert_num_queries
):
    for _ in range(count):
        judged(alice, UserFactory(), "equal")
    client.force_login(ada)

    with django_assert_num_queries(8):
        client.get(reverse("hindsight"))
