"""How right alerts are: the page of figures, and the sentence beside an alert."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories import (
    AS_OF,
    ChurnAlertFactory,
    GradeChangeFactory,
    NightRunFactory,
    OrderFactory,
    StandingFactory,
)
from tiering.models import AlertQuality, ChurnAlert, ChurnFit, NightRun, SignalSwitch

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-03-11 04:00")]

URL = "/alerts/quality/"
OPENED = AS_OF - timedelta(days=100)


def row(name="shown", part="all", threshold=0.65, n=142, right=87):
    figures = {"lost": 200, "caught": right, "lost_value": 1000, "caught_value": 300}
    named = {"list": name, "part": part, "threshold": threshold, "n": n, "right": right}
    return named | figures | {"warning": 45.0}


def badge(signal, n, right, why=None, threshold=0.65):
    why = ("" if n >= 30 else "few") if why is None else why
    figures = {"n": n, "right": right, "at_least": 0.5, "wanted": 0.6, "why": why}
    return {"signal": signal, "threshold": threshold, "seen": 200, "over": 150} | figures


@pytest.fixture
def night():
    return measured_night()


def measured_night():
    """One whose fit could be measured."""
    fit = ChurnFit.objects.create(as_of=AS_OF, state="fitted", rung="mbg", why="worse")
    AlertQuality.objects.create(
        fit=fit,
        weeks=26,
        customers=500,
        first_on=AS_OF - timedelta(days=265),
        last_on=AS_OF - timedelta(days=90),
        budget=5,
        lists=[
            row(),
            row("by_chance", right=110),
            row("mbg", n=0, right=0),
            row("revenue", right=12),
            row(part="grade:key", n=40, right=10),
            row(part="grade:general", n=29, right=1),
            row(threshold=0.3, n=500, right=200),
            row("by_chance", threshold=0.3, n=500, right=300),
            row("mbg", threshold=0.3, n=500, right=300),
        ],
        badges=[
            badge("late", 40, 31),
            badge("item", 40, 20, why="not_sure"),
            badge("spending", 9, 9),
            badge("payments", 40, 31, why="failed") | {"in_fact": 0.25, "alone": 36},
        ],
        tried=[{"threshold": 0.65, "n": 300, "right": 200}],
        compared={"shipped": {"auc": 0.75, "precision": 0.7, "value": None}},
        calibration=[{"n": 50, "chance": 0.62, "share": 0.58}],
    )
    quality = {"threshold": 0.65, "how": "measured", "wanted": 0.6, "raised": True}
    quality |= {
        "raising": ["late"],
        "realised": [0.5, 31],
        "cases": {"all": [142, 87], "grade:key": [40, 10]},
    }
    return NightRunFactory(fit=fit, alert_quality=quality | {"threshold": 0.7})


def judged(number, owner=None, *, right=0, **fields):
    yesterday = AS_OF - timedelta(days=1)
    fields = {"acted": False, "p_opened": 0.72, "judged_on": yesterday} | fields
    return [
        ChurnAlertFactory(
            customer__owner=owner,
            opened_on=OPENED,
            was_right=place < right,
            **fields,
        )
        for place in range(number)
    ]


def text(client, url=URL):
    return " ".join(client.get(url).content.decode().split())


@pytest.mark.parametrize(
    ("viewer", "people"), [("alice", False), ("mona", True), ("ada", True), ("otto", False)]
)
def test_all_read_the_company_and_managers_their_own_people(
    viewer, people, night, alice, otto, client, request
):
    judged(3, alice, right=1)
    judged(2, otto, right=1, p_opened=0.95)
    client.force_login(request.getfixturevalue(viewer))

    page = text(client)

    assert "61 % (53 % to 69 %)" in page  # of the list as shown: 87 of 142
    assert "77 % (70 % to 84 %)" in page  # ranked by chance alone
    context = client.get(URL).context
    assert context["became"].alone == (5, 2)
    names = [line.cells[0] for line in context["people"].lines] if people else None
    everybody = [alice.name, otto.name] if viewer == "ada" else [alice.name]
    assert names == (everybody if people else None)
    assert ("By salesperson" in page) is people


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_number(
    count, night, alice, mona, client, django_assert_num_queries
):
    judged(count, alice)
    client.force_login(mona)

    with django_assert_num_queries(13):
        client.get(URL)


def test_why_the_threshold_is_what_it_is_and_the_table_of_it(night, ada, client):
    client.force_login(ada)

    page = text(client)

    assert "Alerts open from a chance of no order in 90 days of 70 %." in page
    assert "raised by one step" in page
    assert "50 % of 31 on which nobody acted" in page
    assert "of 100 pairs" in page  # why not the regression
    context = client.get(URL).context
    assert context["step"] == 0.65  # the next lower one that was measured
    used = [line.cells[0] for line in context["steps"].lines if line.is_used]
    assert used == ["65 %"]
    assert [line.cells[0] for line in context["parts"].lines] == ["Key", "General"]


def test_which_badges_have_earned_alerts_and_why_the_others_have_not(night, ada, client):
    SignalSwitch.objects.filter(signal="owner").update(use="badge")
    SignalSwitch.objects.filter(signal="contact").update(use="off")
    client.force_login(ada)

    page = text(client)

    lines = {line.cells[0]: line for line in client.get(URL).context["earning"].lines}
    late = lines.pop("Later than usual (Key)")
    assert late.is_used
    assert late.cells[1:] == ["Yes", "40", "78 % (62 % to 88 %)", "50 %", "75 %"]
    item, spending = lines["Key item lost"], lines["Spending down"]
    assert item.cells[1] == "No: at least 60 % is asked for"
    assert spending.cells[1:] == ["No: fewer than 30 such alerts", "9", "–", "–", "75 %"]
    failed = "No: of 36 of its alerts on which nobody acted, only 25 % were right"
    assert lines["Pays later"].cells[1] == failed
    answers = [
        lines[name].cells[1] for name in ("Owner changed", "Contact overdue", "Fewer categories")
    ]
    assert answers == ["No: a badge only, by its switch", "No: switched off", "Not measured yet"]
    assert "right in 60 % of the cases or more with 90 % confidence" in page

    NightRun.objects.update(alert_quality=night.alert_quality | {"raising": []})
    lines = client.get(URL).context["earning"].lines
    assert lines[-1].cells[1] == "From the next night on"  # allowed since the night ran


def test_what_became_of_alerts_and_what_acting_did(night, ada, alice, client):
    judged(4, right=3)  # told, left alone
    judged(2, right=0, state="held", told_on=None)  # the shadow list
    saved = judged(2, right=1, acted=True)[1]
    for days, amount in [(1, "900.00"), (90, "80.00"), (91, "7000.00"), (0, "7000.00")]:
        ordered_on = OPENED + timedelta(days=days)
        OrderFactory(
            customer=saved.customer, ordered_on=ordered_on, amount=amount, base_amount=amount
        )
    client.force_login(ada)

    past = client.get(URL).context["became"]

    assert (past.alone, past.held, past.acted) == ((4, 3), (2, 0), (2, 1))
    assert past.share == pytest.approx(0.5)
    assert past.gap == pytest.approx(3 / 6 - 1 / 2)
    judged(2, right=2, acted=True)
    assert client.get(URL).context["became"].gap == pytest.approx(3 / 6 - 3 / 4)
    assert "more frequent by 25 pp where somebody acted" in text(client)
    assert client.get(URL).context["regained"] == {"customers": 1, "revenue": Decimal("980.00")}
    assert "Of the customers you see, 1 on whom somebody acted ordered again" in text(client)
    assert "no proof" in text(client)
    client.force_login(alice)  # money of customers of others is not told
    assert client.get(URL).context["regained"] == {"customers": 0, "revenue": 0}


def test_whose_alerts_are_counted_and_whose_money(night, alice, mona, client):
    judged(2, alice, right=1)
    judged(1, alice, acted=True, state="held", told_on=None)
    judged(3, alice, right=1, acted=True)
    for fields in (
        {"judged_on": AS_OF},
        {"judged_on": AS_OF - timedelta(days=365)},
        {"state": "closed", "closed_on": OPENED, "outcome": "withdrawn"},
    ):
        judged(1, alice, acted=True, **fields)
    for alert in ChurnAlert.objects.all():
        OrderFactory(customer=alert.customer, ordered_on=OPENED + timedelta(days=1), amount=10)
        OrderFactory(
            customer=alert.customer, ordered_on=OPENED + timedelta(days=2), status="cancelled"
        )
    client.force_login(mona)

    context = client.get(URL).context

    assert [line.cells for line in context["people"].lines] == [
        [alice.name, "6", "4", "75 %", "2", "50 %"]
    ]
    assert context["regained"] == {"customers": 3, "revenue": 30}
    past = context["became"]
    assert (past.alone, past.held, past.acted) == ((2, 1), (0, 0), (4, 1))


def test_how_right_alerts_were_by_signal_and_grade_of_the_night_that_raised_them(
    night, alice, otto, client
):
    learned = ChurnFit.objects.create(as_of=OPENED, state="fitted", rung="logistic")
    raised = NightRunFactory(as_of=OPENED, fit=learned)
    live = {"order_days": 3, "silent_since": OPENED - timedelta(days=180)}
    for alert in [*judged(3, right=2, **live), *judged(2, right=1, acted=True, **live)]:
        GradeChangeFactory(customer=alert.customer, run=raised, to_grade="key")
        GradeChangeFactory(customer=alert.customer, run=night, to_grade="general")
    judged(2, right=1, **live | {"order_days": 2, "signal": "logistic"})
    judged(2, right=0, **live | {"silent_since": OPENED - timedelta(days=181)})
    client.force_login(otto)  # of the whole company, as all figures above it

    table = client.get(URL).context["in_fact"]

    assert [line.cells for line in table.lines] == [
        ["Key", "5", "2", "50 %", "3", "67 %"],
        ["Chance of no order", "4", "0", "–", "4", "25 %"],
        ["Learned from our own past", "5", "2", "50 %", "3", "67 %"],
    ]
    assert "In fact, by grade and by signal" in text(client)


def test_a_book_without_a_past_says_from_when_on(alice, ada, client):
    client.force_login(ada)
    assert "No night has run yet" in text(client)

    OrderFactory(ordered_on=date(9999, 12, 31))  # still to come, it is no past
    fit = ChurnFit.objects.create(as_of=AS_OF, state="fitted", rung="mbg", why="few_slices")
    AlertQuality.objects.create(fit=fit)
    found = {"threshold": 0.6, "how": "too_little", "wanted": 0.6, "raised": False}
    NightRunFactory(fit=fit, alert_quality=found | {"realised": [None, 0], "cases": {}})

    assert "From 6 Sep on at the earliest." in text(client)
    OrderFactory(ordered_on=AS_OF - timedelta(days=100))
    page = text(client)
    assert "From 29 May on at the earliest." in page
    assert "there is too little past" in page
    ChurnFit.objects.update(state="no_answer", rung="cadence", why="no_convergence")
    assert "its computation did not come to an answer. No chances can be computed" in text(client)


def test_a_night_from_before_it_was_measured_has_a_page(ada, client):
    NightRunFactory()
    client.force_login(ada)

    assert "No alert has been judged yet" in text(client)


@pytest.mark.parametrize(
    ("grade", "says"),
    [("key", "25 % of the time (40 cases)"), ("general", "61 % of the time (142 cases)")],
)
def test_the_sentence_beside_an_alert(grade, says, night, alice, client):
    standing = StandingFactory(customer__owner=alice, grade=grade, run=night)
    alert = ChurnAlertFactory(customer=standing.customer)
    client.force_login(alice)

    for url in (
        "/alerts/",
        f"/alerts/{alert.pk}/",
        f"/customers/{standing.customer.code}/",
    ):
        assert f"Alerts like this were right {says}." in text(client, url), url
    row = client.get("/api/v1/alerts/").json()["results"][0]
    expected = (0.25, 40) if grade == "key" else (87 / 142, 142)
    assert (row["precision"], row["cases"]) == expected


def test_with_few_cases_nothing_is_said(alice, client):
    NightRunFactory(alert_quality={"cases": {"all": [29, 20]}})
    ChurnAlertFactory(customer__owner=alice)
    client.force_login(alice)

    assert "cannot be said yet" in text(client, "/alerts/")
    row = client.get("/api/v1/alerts/").json()["results"][0]
    assert (row["precision"], row["cases"]) == (None, None)
