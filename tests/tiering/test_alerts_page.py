"""The list of churn alerts: dearest first, in scope, with reasons; or why there is none."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from tests.factories import ChurnAlertFactory, CustomerFactory, StandingFactory, UserFactory
from tiering.churn.ladder import Why
from tiering.ladder_words import SENTENCES
from tiering.models import ChurnAlert, ChurnFit

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-03-11 04:00")]

URL = "/alerts/"


def listing(client, **query):
    return client.get(URL, query).context["listing"]


def seen(client, **query):
    return list(listing(client, **query).page)


def exported(client, **query):
    response = client.get(URL, {**query, "export": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def fit(state, **figures):
    return ChurnFit.objects.create(as_of=date(2025, 3, 10), state=state, **figures)


@pytest.fixture
def closed(alice):
    return ChurnAlertFactory(
        customer__owner=alice,
        state=ChurnAlert.State.CLOSED,
        closed_on=date(2025, 3, 9),
        outcome=ChurnAlert.Outcome.ORDERED,
    )


@pytest.mark.parametrize(
    ("viewer", "sees"), [("alice", True), ("mona", True), ("ada", True), ("otto", False)]
)
def test_rows_totals_and_file_are_in_scope(viewer, sees, alice, client, request):
    alert = ChurnAlertFactory(customer__owner=alice, value_at_risk=70)
    client.force_login(request.getfixturevalue(viewer))

    assert seen(client) == ([alert] if sees else [])
    assert listing(client).totals["count"] == int(sees)
    assert listing(client).totals["at_risk"] == (Decimal(70) if sees else None)
    assert len(exported(client)) == int(sees)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_length(count, alice, client, django_assert_num_queries):
    for _ in range(count):
        ChurnAlertFactory(customer=StandingFactory(customer__owner=alice).customer)
    client.force_login(alice)

    with django_assert_num_queries(7):
        client.get(URL)


def test_the_dearest_open_alert_comes_first_and_totals_are_of_the_filtered_rows(
    alice, closed, client
):
    cheap = ChurnAlertFactory(customer__owner=alice, value_at_risk=10)
    dear_customer = StandingFactory(customer__owner=alice, grade="key", value=500).customer
    dear = ChurnAlertFactory(customer=dear_customer, value_at_risk=90)
    client.force_login(alice)

    assert seen(client) == [dear, cheap]
    assert listing(client).totals["at_risk"] == 100
    assert seen(client, grade="key") == [dear]
    assert listing(client, grade="key").totals == {
        "count": 1,
        "at_risk": Decimal(90),
        "value": Decimal(500),
        "ordered": 0,
    }
    assert [row["Value at risk"] for row in exported(client)] == ["90.00", "10.00"]


def test_open_closed_and_all(alice, closed, client):
    alert = ChurnAlertFactory(customer__owner=alice)
    client.force_login(alice)

    assert seen(client, state="open") == [alert]
    assert seen(client, state="closed") == [closed]
    assert set(seen(client, state="all")) == {alert, closed}
    assert seen(client, state="nonsense") == []
    of_closed = client.get(URL, {"state": "closed"}).content.decode()
    assert "Ordered again" in of_closed
    assert "At risk when closed" in of_closed
    assert "when closed" not in client.get(URL).content.decode()
    assert listing(client, state="closed").totals["ordered"] == 1
    assert [chip.value for chip in listing(client, state="closed").filter.chips] == ["Closed"]
    assert listing(client).filter.chips == []


def test_a_manager_filters_by_owner_and_team(alice, mona, otto, east, client):
    hers = ChurnAlertFactory(customer__owner=alice)
    his = ChurnAlertFactory(customer__owner=UserFactory(team=east))
    ChurnAlertFactory(customer__owner=otto)
    client.force_login(mona)

    assert seen(client, owner=alice.pk) == [hers]
    assert set(seen(client, team=east.pk)) == {hers, his}
    assert seen(client, owner=otto.pk) == []


def test_the_order_is_the_readers_choice(alice, client):
    sure = ChurnAlertFactory(customer__owner=alice, p_none=0.9, value_at_risk=1)
    dear = ChurnAlertFactory(customer__owner=alice, p_none=0.6, value_at_risk=2)
    client.force_login(alice)

    assert seen(client) == [dear, sure]
    assert seen(client, sort="-chance") == [sure, dear]


@pytest.mark.parametrize(
    ("gaps", "said"),
    [
        ({"long_gap": 41.2}, "9 of 10 of its gaps were under 41 days."),
        ({"long_gap": None, "usual_gap": 20.4}, "its usual gap is 20 days."),
        ({"long_gap": None, "usual_gap": None}, "after too few orders to know its rhythm."),
        (
            {"long_gap": 41.2, "order_days": 5},
            "for a rhythm like its own 9 of 10 gaps are under 41 days.",
        ),
    ],
)
def test_a_row_says_why_and_how_sure(gaps, said, alice, client):
    customer = CustomerFactory(owner=alice, code="C7")
    ChurnAlertFactory(customer=customer, silent_days=63, p_none=0.7, **gaps)
    client.force_login(alice)

    page = client.get(URL).content.decode()

    for each in (
        "Silent <b>63</b> days",
        said,
        "Chance of no order by 8 Jun: 70 %.",
        "10 Mar",
        "/customers/C7/",
    ):
        assert each in page


@pytest.mark.parametrize(
    ("rung", "figures", "said"),
    [
        ("logistic", {}, "“Chance of no order” 71.0"),
        ("mbg", {"why": "few_slices"}, "of the 3 past months that it takes, 2 lie"),
        ("mbg", {"why": "few_rows"}, "there are 280 of the 300 past cases"),
        ("mbg", {"why": "few_positives"}, "40 fell silent and 240 ordered, and it takes 50"),
        ("mbg", {"why": "not_measured"}, "there is no older past to try it on"),
        ("mbg", {"why": "worse"}, "it told 73.2 apart, this one 71.0"),
        ("mbg", {"why": "no_convergence"}, "its computation did not come to an answer"),
        ("mbg", {"why": "not_finite"}, "cannot be computed with"),
        ("cadence", {"why": "too_little_data"}, "“Chance of no order” is not used: there is too"),
    ],
)
def test_the_signal_is_named_and_why_it_is_not_a_better_one(rung, figures, said, alice, client):
    known = {"slices": 2, "rows": 280, "positives": 40, "auc_mbg": 0.71, "auc_logistic": 0.732}
    made = fit(ChurnFit.State.FITTED, rung=rung, **known, **figures)
    client.force_login(alice)

    page = client.get(URL).content.decode()

    assert f"Signal: {made.get_rung_display()}<" in page
    assert said in page


def test_every_reason_of_the_ladder_has_its_words():
    assert set(SENTENCES) == set(Why)


def test_the_page_does_not_claim_a_precision_that_nobody_has_measured(alice, client):
    client.force_login(alice)

    page = client.get(URL).content.decode()

    assert "How often such alerts come true cannot be said yet." in page


def test_too_little_data_is_said_in_figures(alice, client):
    fit(ChurnFit.State.TOO_LITTLE, customers=37, repeats=150)
    client.force_login(alice)

    page = client.get(URL).content.decode()

    assert "37 of the 100 customers and 150 of the 200 repeat orders" in page


def test_a_fit_that_failed_and_a_company_without_nights_are_explained(alice, client):
    client.force_login(alice)
    assert "no night has run" in client.get(URL).content.decode()

    fit(ChurnFit.State.NO_ANSWER)

    assert "did not come to an answer" in client.get(URL).content.decode()


def test_nothing_is_explained_where_the_model_works(alice, client):
    fit(ChurnFit.State.FITTED, r=1, alpha=1, a=1, b=1)
    client.force_login(alice)

    page = client.get(URL).content.decode()

    assert "No new alerts are opened" not in page
    assert "no night has run" not in page
