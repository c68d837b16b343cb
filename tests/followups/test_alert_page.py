"""The page of an alert: why in one sentence and in full, the same for all who may see it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import (
    AS_OF,
    CaseFactory,
    ChurnAlertFactory,
    FollowUpFactory,
    NightRunFactory,
    OrderFactory,
    PromiseFactory,
    StandingFactory,
    VisitFactory,
)
from tiering.models import AlertEvent, ChurnFit, NightRun, Notice

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2025-03-11 04:00")]

SILENCE = 63
SENTENCE = (
    "Silent 63 days; 9 of 10 of its gaps were under 41 days. Chance of no order by 8 Jun: 58 %."
)


def make_alert(owner, *, rows=3, **fields):
    """A customer with so many rows of everything that the page shows, and a night with a fit."""
    fit, _ = ChurnFit.objects.get_or_create(
        as_of=AS_OF, defaults={"state": "fitted", "r": 1.2, "alpha": 40, "a": 0.9, "b": 3.1}
    )
    run = NightRunFactory(fit=fit)
    run.fit = fit
    run.save()
    customer = StandingFactory(customer__owner=owner, run=run, signals={"late": []}).customer
    fields = {"silent_days": SILENCE, "p_none": 0.58, "order_days": 8} | fields
    alert = ChurnAlertFactory(customer=customer, **fields)
    for number in range(rows):
        day = AS_OF - timedelta(days=SILENCE + 20 * number)
        OrderFactory(customer=customer, ordered_on=day, amount=100 + number)
        noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        visit = VisitFactory(customer=customer, happened_at=noon, summary=f"Said {number}")
        PromiseFactory(visit=visit, what=f"Sample {number}")
        CaseFactory(customer=customer, subject=f"Box {number}")
        FollowUpFactory(customer=customer, due_on=AS_OF, case=customer.cases.last(), reason="case")
        AlertEvent.objects.create(alert=alert, event="told", happened_on=day, to_state="open")
    Notice.objects.create(user=owner, alert=alert, kind="opened", told_on=AS_OF)
    return alert


def page_of(client, person, alert):
    client.force_login(person)
    return client.get(f"/alerts/{alert.pk}/")


def main(response) -> str:
    """What a person reads; without the keys of forms, which nobody shares."""
    text = response.content.decode().split("<main")[1].split("</main>")[0]
    return " ".join(re.sub(r'<input type="hidden"[^>]*>', "", text).split())


def test_the_page_says_why_in_full(alice, client):
    alert = make_alert(alice)
    FollowUpFactory(customer=alert.customer, alert=alert, due_on=AS_OF + timedelta(days=9))

    found = page_of(client, alice, alert)
    text = re.sub(r"<[^>]+>", "", main(found))

    assert SENTENCE in text.replace("&nbsp;", " ")
    for each in ("Its gaps, and this silence", "It has left for good", "Who was told", "Alice Ai"):
        assert each in text
    for each in ("Said 0", "Sample 2", "Box 1", "Later than usual", "History"):
        assert each in text
    assert found.context["row"].followup.alert == alert
    parts = found.context["why"].parts
    shares = [float(row["share"].split()[0]) for row in found.context["parts"]["rows"]]
    assert sum(shares) == pytest.approx(100 * parts.chance, abs=0.11)
    assert not found.context["why"].agrees  # .58 was written by hand
    assert "no longer make the 58.0 %" in text


def test_its_manager_reads_what_its_owner_reads(alice, mona, client):
    alert = make_alert(alice)

    hers = main(page_of(client, alice, alert))
    theirs = main(page_of(client, mona, alert)).replace('<span class="sub">Alice Ai</span>', "", 1)

    assert theirs.replace(" </p>", "</p>") == hers.replace(" </p>", "</p>")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_any_length(rows, alice, client, django_assert_num_queries):
    alert = make_alert(alice, rows=rows)
    client.force_login(alice)

    with django_assert_num_queries(22):
        client.get(f"/alerts/{alert.pk}/")


def test_gaps_stand_in_order_with_the_silence_beside_them(alice, client):
    alert = make_alert(alice, rows=2)
    OrderFactory(customer=alert.customer, ordered_on=AS_OF - timedelta(days=SILENCE + 50))

    found = page_of(client, alice, alert).context

    assert [gap["days"] for gap in found["gaps"]["gaps"]] == [30, 20]
    assert (found["gaps"]["silence"], found["gaps"]["line"]) == (SILENCE, 41)
    assert found["silence"] == found["rhythm"].silent_days == SILENCE


def test_an_order_since_the_night_is_said(alice, client):
    alert = make_alert(alice)
    OrderFactory(customer=alert.customer, ordered_on=AS_OF + timedelta(days=1))

    assert "the next night closes this alert" in main(page_of(client, alice, alert))


def test_a_closed_one_and_one_in_line_say_how_it_went(alice, client):
    came_back = AS_OF + timedelta(days=1)
    closed = make_alert(alice, state="closed", closed_on=came_back, outcome="ordered")
    OrderFactory(customer=closed.customer, ordered_on=came_back)
    held = ChurnAlertFactory(customer__owner=alice, state="held")

    text = main(page_of(client, alice, closed))

    assert "It ordered again on 11 Mar." in text
    assert "Close the alert" not in text
    assert "it is next in line" in main(page_of(client, alice, held))


def test_one_without_orders_visits_or_plans_has_a_page_too(alice, client):
    alert = ChurnAlertFactory(customer__owner=alice, long_gap=None, usual_gap=None)

    text = main(page_of(client, alice, alert))

    assert "after too few orders to know its rhythm" in text
    assert "did not keep what they are made of" in text
    assert "Nobody has visited yet" in text
    assert "Nothing planned" in text or "Never visited" in text


def test_programs_and_pages_tell_the_same_with_how_often_it_was_right(alice, client):
    alert = make_alert(alice)
    NightRun.objects.update(alert_quality={"cases": {"all": [142, 87]}})
    measured = "Alerts like this were right 61 % of the time (142 cases)."

    told = page_of(client, alice, alert)
    for address in ("/alerts/", alert.customer.get_absolute_url()):
        assert measured in client.get(address).content.decode()
    row = client.get(f"/api/v1/alerts/{alert.pk}/").json()

    assert row["sentence"] == f"{SENTENCE} {measured}"
    assert row["sentence"] in re.sub(r"<[^>]+>", "", main(told))
