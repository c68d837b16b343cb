"""Alerts are measured with each weekly fit, and the night opens them at the threshold found."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from crm.models import Customer, Order, OwnerChange
from tests.factories import AS_OF, ChurnAlertFactory, CustomerFactory
from tests.policies import rewrite_policies
from tests.tiering.books import order, restless_book
from tiering.churn.risk import is_at_risk
from tiering.facts import WHOLE
from tiering.models import AlertQuality, ChurnAlert, ChurnFit, NightRun, Policy, SignalSwitch
from tiering.services import run_night
from tiering.services.backtesting import read_book
from tiering.services.looking_back import Replay, books_drawn, owners_of
from tiering.services.quality import as_shares, replay_list
from tiering.services.thresholds import badges_in_fact, threshold_of_night
from tiering.windows import day_number

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


@pytest.fixture
def fit():
    return ChurnFit.objects.create(as_of=AS_OF, state="fitted")


@pytest.fixture
def policy():
    return Policy.objects.get(version=1)


def measured(fit, *tried):
    """(threshold, n, right) each; the list as shown has a row for each of them."""
    names = ("threshold", "n", "right")
    rows = [dict(zip(names, each, strict=True)) for each in tried]
    lists = [row | {"list": "shown", "part": "all", "n": 5 + row["n"]} for row in rows]
    lists += [row | {"list": "by_chance", "part": "all", "n": 1} for row in rows]
    return AlertQuality.objects.create(fit=fit, weeks=26, tried=rows, lists=lists)


WITHDRAWN = {"state": "closed", "closed_on": AS_OF, "outcome": "withdrawn"}


def judged(number, *, right, p=0.72, days_ago=5, **fields):
    opened = AS_OF - timedelta(days=90 + days_ago)
    for place in range(number):
        ChurnAlertFactory(
            opened_on=opened,
            p_opened=p,
            judged_on=AS_OF - timedelta(days=days_ago),
            was_right=place < right,
            **{"acted": False} | fields,
        )


def found(fit, policy):
    return threshold_of_night(fit, policy, as_of=AS_OF)


def test_the_threshold_is_found_by_the_wanted_precision(fit, policy):
    measured(fit, (0.5, 200, 110), (0.65, 100, 70), (0.7, 80, 70))

    chosen = found(fit, policy)

    assert (chosen["threshold"], chosen["how"], chosen["raised"]) == (0.65, "measured", False)
    assert chosen["cases"] == {"all": [105, 70]}
    policy.alert_precision = "0.80"
    assert found(fit, policy)["threshold"] == 0.7


def test_the_list_as_it_is_shown_must_be_as_right_as_is_wanted(fit, policy):
    quality = measured(fit, (0.65, 100, 90), (0.7, 100, 90))
    quality.lists[0]["right"] = 10
    quality.save()

    assert found(fit, policy)["threshold"] == 0.7


@pytest.mark.parametrize(
    ("tried", "wanted", "how"),
    [
        ([(0.65, 100, 30)], "0.60", "not_reached"),
        ([], "0.60", "too_little"),
        ([(0.65, 100, 90)], None, "fixed"),
    ],
)
def test_where_none_can_be_found_the_fixed_one_of_the_policy_counts(tried, wanted, how, fit):
    measured(fit, *tried)

    chosen = found(fit, Policy(alert_precision=wanted, alert_threshold="0.62"))

    assert (chosen["threshold"], chosen["how"]) == (0.62, how)


@pytest.mark.parametrize(
    ("cases", "raised"),
    [
        ({"number": 40, "right": 20}, True),  # .50 where .60 is wanted
        ({"number": 40, "right": 22}, False),  # .55 is not below .60 - .05
        ({"number": 29, "right": 0}, False),  # too few to say
        ({"number": 40, "right": 0, "acted": True}, False),  # saved, not wrong
        ({"number": 40, "right": 0, "p": 0.64}, False),  # today's threshold leaves these out
        ({"number": 40, "right": 0, "p": 0.65}, True),
        ({"number": 40, "right": 0, "p": None, "p_none": 0.72}, True),  # from before it was kept
        ({"number": 40, "right": 0, "p": None, "p_none": 0.64}, False),
        ({"number": 30, "right": 0}, True),
        ({"number": 40, "right": 0, "days_ago": 365}, False),
        ({"number": 40, "right": 0, "days_ago": 364}, True),
        ({"number": 40, "right": 0, **WITHDRAWN}, False),
        ({"number": 40, "right": 0, "days_ago": 0}, False),  # this night judges them itself
        ({"number": 40, "right": 0, "state": "held", "told_on": None}, True),  # the shadow list
    ],
)
def test_alerts_less_right_than_wanted_raise_it_by_one_step(cases, raised, fit, policy):
    measured(fit, (0.65, 100, 70), (0.7, 80, 70))
    judged(**cases)

    chosen = found(fit, policy)

    assert chosen["raised"] is raised
    assert chosen["threshold"] == (0.7 if raised else 0.65)
    assert chosen["cases"] == {"all": [85, 70] if raised else [105, 70]}


@pytest.mark.parametrize(("start", "raised"), [("0.93", True), ("0.95", False)])
def test_the_threshold_never_rises_above_the_highest(start, raised, fit):
    judged(40, right=0, p=0.97)

    chosen = found(fit, Policy(alert_precision="0.60", alert_threshold=start))

    assert (chosen["threshold"], chosen["raised"]) == (0.95, raised)


def test_as_far_behind_as_is_tolerated_is_not_further(fit):
    judged(40, right=24, p=0.97)

    assert not found(fit, Policy(alert_precision="0.65", alert_threshold="0.60"))["raised"]


def test_cases_on_which_somebody_acted_are_not_cases_enough(fit, policy):
    judged(20, right=0)
    judged(20, right=0, acted=True)

    assert not found(fit, policy)["raised"]


@pytest.mark.parametrize(("days_on", "raised"), [(90, True), (91, False)])
def test_told_within_its_90_days_it_speaks_for_its_band(days_on, raised, fit, policy):
    judged(30, right=0, p=0.65, told_on=AS_OF - timedelta(days=95 - days_on))
    judged(90, right=90, p=0.95, state="held", told_on=None)
    policy.alert_threshold = "0.65"

    assert found(fit, policy)["raised"] is raised


def test_what_badges_did_in_fact_is_told_apart(fit, policy):
    """Alerts of badges say nothing of the threshold of chances, nor those of chances of a badge."""
    quality = measured(fit, (0.65, 300, 210))
    late = {"signal": "late", "threshold": 0.65, "n": 40, "right": 31, "why": ""}
    failed = {"signal": "item", "why": "failed", "in_fact": 0.25, "alone": 36}
    quality.badges = [late, late | failed, late | {"threshold": 0.7, "why": "not_sure"}]
    quality.save()
    judged(31, right=16, badge="late")
    judged(31, right=20, p=0.9)

    night = found(fit, policy)

    assert badges_in_fact(AS_OF) == {"late": (16 / 31, 31)}
    assert night["raising"] == ["late"]  # as it was decided with the fit
    # An alert of the one that raises no more tells what became of its alerts.
    assert night["cases"] == {"all": [305, 210], "signal:late": [40, 31], "signal:item": [36, 9]}
    assert (night["threshold"], night["raised"]) == (0.65, False)
    assert night["realised"] == [20 / 31, 31]


def test_a_list_in_shares():
    row = {"list": "shown", "threshold": 0.6, "part": "all", "n": 8, "right": 4, "warning": None}
    sums = {"lost": 16, "caught": 4, "lost_value": 1_000, "caught_value": 100}

    shares = as_shares(row | sums)

    assert [shares[name] for name in ("precision", "recall", "value_caught")] == [0.5, 0.25, 0.1]


def test_owners_of_past_days_are_those_that_the_changes_name(alice, mona, otto):
    customer = CustomerFactory(owner=otto)
    for former, at in ((mona, "2025-02-01T16:00:00Z"), (alice, "2025-01-01T15:59:00Z")):
        OwnerChange.objects.create(
            customer=customer, from_owner=former, to_owner=otto, changed_at=at
        )

    owners = owners_of(np.array([customer.pk]))

    days = [day_number(date(2025, 1, 1)), day_number(date(2025, 2, 2))]  # of company time
    assert (owners.owner.tolist(), owners.former.tolist()) == ([otto.pk], [alice.pk, mona.pk])
    assert owners.changed_day.tolist() == days


def test_a_large_book_is_sampled_by_whole_salespeople():
    customers = np.arange(100)
    owner = np.repeat([1, 2, 3, 4], 25)

    some = books_drawn(customers, owner, limit=60)

    sizes = {each: int((owner[some.customers] == each).sum()) for each in range(1, 5)}
    assert sorted(sizes.values()) == [0, 10, 25, 25]
    assert (sizes[some.cut_owner], some.share) == (10, 0.4)
    rows = np.array([some.cut_owner, *(each for each in sizes if sizes[each] == 25)])
    assert some.budgets(rows, 5).tolist() == [2, 5, 5]
    assert some.budgets(rows, 4).tolist() == [2, 4, 4]  # 1.6 of the part that was drawn
    assert some.budgets(rows, 0).tolist() == [0, 0, 0]
    assert books_drawn(customers, owner, limit=60).customers.tolist() == some.customers.tolist()
    whole = books_drawn(customers, owner, limit=100)
    assert (whole.customers.tolist(), whole.share) == (customers.tolist(), 1.0)
    assert whole.budgets(rows, None).tolist() == [np.inf] * 3


def test_a_night_measures_with_its_fit_and_opens_alerts_at_what_it_found(alice, monkeypatch):
    monkeypatch.setattr("tiering.churn.weeks.WEEKS", 4)
    monkeypatch.setattr("tiering.services.looking_back.WEEKS_LOOKED", 4)
    SignalSwitch.objects.update(least_grade="maintain")
    SignalSwitch.objects.filter(signal="owner").update(use="badge")
    restless_book(200)
    Customer.objects.filter(code__lt="R00100").update(owner=alice)
    rewrite_policies(alert_precision="0.90")
    judged(31, right=4, badge="late")

    run = run_night(as_of=AS_OF)

    quality = AlertQuality.objects.get()
    days = [AS_OF - timedelta(days=111), AS_OF - timedelta(days=90)]
    assert (quality.fit, quality.weeks, quality.customers) == (run.fit, 4, 200)
    assert [quality.first_on, quality.last_on] == days
    assert run.alert_quality["how"] == "measured"
    threshold = run.alert_quality["threshold"]
    assert float(run.policy.alert_threshold) in {row["threshold"] for row in quality.lists}
    assert threshold > 0.6
    opened = ChurnAlert.objects.filter(badge="").values_list("p_none", "p_opened")
    assert min(p for p, _ in opened) >= threshold
    assert all(p == raised for p, raised in opened)
    n, right = run.alert_quality["cases"]["all"]
    row = next(
        row
        for row in quality.lists
        if (row["list"], row["part"], row["threshold"]) == ("shown", "all", threshold)
    )
    assert [n, right] == [row["n"], row["right"]]
    assert 0 < right <= n

    late, *others = [row for row in quality.badges if row["signal"] == "late"]
    replay = Replay([*days, days[0] + WEEK, days[1] - WEEK], until=AS_OF, shard=WHOLE)
    weeks = [int(replay.shown(days[0] + WEEK * each)["late"].sum()) for each in range(4)]
    assert max(weeks) < late["seen"] <= sum(weeks)
    assert {row["seen"] for row in others} == {late["seen"]}
    assert late["over"] >= max(row["over"] for row in others)
    assert "owner" not in {row["signal"] for row in quality.badges}
    assert (late["in_fact"], late["alone"], others[0]["alone"]) == (4 / 31, 31, 31)
    assert (late["wanted"], run.alert_quality["raising"]) == (0.9, [])
    replayed = replay_list(as_of=AS_OF, policy=run.policy)
    told = [each for each in replayed["lists"] if each["n"]]
    assert [each["precision"] for each in told] == [
        each["right"] / each["n"] for each in quality.lists if each["n"]
    ]
    assert all(each["low"] <= each["precision"] <= each["high"] for each in told)
    assert (replayed["tried"], replayed["first_on"]) == (quality.tried, str(days[0]))

    monkeypatch.setattr("tiering.services.looking_back.SAMPLE", 180)
    part = replay_list(as_of=AS_OF, policy=run.policy)
    seen = next(row["seen"] for row in part["badges"] if row["signal"] == "late")
    assert (part["customers"], 0 < seen < late["seen"]) == (180, True)

    again = run_night(as_of=AS_OF + timedelta(days=6))
    assert again.alert_quality["cases"] == run.alert_quality["cases"]
    assert AlertQuality.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "is_left"),
    [
        ({}, True),
        ({"acknowledged_on": AS_OF}, False),
        ({"acknowledged_on": AS_OF + timedelta(days=1)}, True),
        ({"judged_on": AS_OF - timedelta(days=1), "acted": True}, False),
        ({"judged_on": AS_OF - timedelta(days=1), "acted": False}, True),
        ({"acknowledged_on": AS_OF, "silent_since": AS_OF - timedelta(days=99)}, True),
    ],
)
def test_a_silence_on_which_somebody_acted_teaches_nothing(fields, is_left):
    customer = CustomerFactory()
    order(customer, 140)
    opened = {"opened_on": AS_OF - timedelta(days=60), "silent_since": AS_OF - timedelta(days=140)}
    ChurnAlertFactory(customer=customer, **opened | fields)
    book, day = read_book(as_of=AS_OF, customers=None), day_number(AS_OF) - 90

    assert book.left_alone(day, book.known_on(day)).tolist() == [is_left]


def test_a_small_book_has_the_fixed_threshold_and_nothing_to_say(policy, monkeypatch):
    monkeypatch.setattr("tiering.churn.weeks.WEEKS", 1)
    restless_book(160)
    frame = read_book(as_of=AS_OF, customers=None).known_on(day_number(AS_OF) - 90)
    concerned = frame.index[is_at_risk(frame, pd.Series(1.0, frame.index))]
    Order.objects.filter(customer__in=concerned[100:].tolist()).delete()
    enough = replay_list(as_of=AS_OF, policy=policy)
    assert (enough["weeks"], bool(enough["tried"])) == (1, True)
    Order.objects.filter(customer=concerned[0]).delete()

    run_night(as_of=AS_OF)

    assert NightRun.objects.get().alert_quality["how"] == "too_little"
    assert (AlertQuality.objects.get().weeks, AlertQuality.objects.get().lists) == (0, [])
