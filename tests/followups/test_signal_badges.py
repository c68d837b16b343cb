"""The signals of a customer on its page, in the list and on Today, with how often they were right."""

import pytest
from django.urls import reverse

from tests.factories import (
    ChurnAlertFactory,
    CustomerFactory,
    FollowUpFactory,
    NightRunFactory,
    StandingFactory,
)
from tiering.signal_words import signals_of
from tiering.templatetags.signals import strongest_signal

pytestmark = pytest.mark.django_db
SHOWN = {
    "spending": [2000, 9000],
    "owner": ["2025-02-01"],
    "contact": ["2025-01-05", 14],
    "item": ["Green tea", "2024-11-30"],
    "late": [],
}
QUALITY = {
    "spending": [142, 87],
    "owner": [900, 300],
    "contact": [50, 20],
    "item": [12, 12],
    "base": [1000, 250],
}


def narrowed(client, signal):
    return client.get(reverse("customers"), {"signal": signal}).content.decode()


@pytest.fixture
def shown(alice):
    run = NightRunFactory(signal_quality=QUALITY)
    customer = CustomerFactory(owner=alice, name="Huaxing")
    return StandingFactory(customer=customer, run=run, signals=SHOWN).customer


def test_the_page_says_each_with_its_figures_and_how_often_it_was_right(shown, alice, client):
    client.force_login(alice)

    page = client.get(reverse("customer", args=[shown.code])).content.decode()

    assert "¥2,000 in the last 90 days, ¥9,000 in the same days a year ago." in page
    right = "Right 61\u202f% of the time (142): no order in the next 90 days; of all customers 25\u202f%."
    assert right.replace("\u202f", "") in page.replace("\u202f", "").replace(" %", "%")
    assert "Green tea was last bought on" in page
    assert page.count("Too rarely seen so far") == 2
    order = [page.index(f"</svg>{label}") for label in ("Spending down", "Contact overdue")]
    assert order == sorted(order)


def test_the_list_is_narrowed_to_a_signal_and_shows_the_strongest(shown, alice, client):
    CustomerFactory(owner=alice, name="Jinqiao")
    client.force_login(alice)

    body = narrowed(client, "owner")

    assert "Huaxing" in body
    assert "Jinqiao" not in body
    assert "Spending down</span>" in body
    assert "Owner changed</span>" not in body
    assert "Huaxing" not in narrowed(client, "payments")


def test_whoever_may_not_see_the_customer_sees_no_signal(shown, otto, client):
    client.force_login(otto)

    assert client.get(reverse("customer", args=[shown.code])).status_code == 404
    assert "Huaxing" not in narrowed(client, "owner")


def test_a_row_of_today_does_not_say_twice_what_its_reason_says(shown, alice, client):
    FollowUpFactory(customer=shown, reason="cadence")
    client.force_login(alice)

    page = client.get(reverse("today")).content.decode()

    assert "Spending down" in page
    standing, night = shown.standing, shown.standing.run
    standing.signals = {"contact": ["2025-01-05", 14]}
    assert strongest_signal(standing, night, "cadence") is None
    assert strongest_signal(standing, night, "planned").code == "contact"
    alert = ChurnAlertFactory(customer=shown, badge="spending")
    FollowUpFactory(customer=shown, reason="gone_quiet", alert=alert)

    page = client.get(reverse("today")).content.decode()

    assert "Raised by “Spending down”. ¥2,000 in the last 90 days" in page
    assert "Spending down</span>" not in page.split("Raised by")[1].split("</li>")[0]


def test_below_the_threshold_a_signal_is_as_right_as_what_it_would_add(shown):
    standing, night = shown.standing, shown.standing.run
    cases = {"all": [90, 80], "signal:spending": [40, 10], "signal:owner": [30, 21]}
    night.alert_quality = {"threshold": 0.65, "cases": cases | {"signal:contact": [29, 29]}}

    standing.p_none_90 = 0.64
    first, second, third, *_ = signals_of(standing, night)
    assert [first.code, second.code, third.code] == ["owner", "spending", "contact"]
    assert first.measured.startswith("Right 70 % of the time (30) where the chance alone raised no")
    assert third.measured.startswith("Too rarely seen")

    for chance, threshold in [(0.65, 0.65), (None, 0.65), (0.64, 0.6)]:
        standing.p_none_90, night.alert_quality["threshold"] = chance, threshold
        assert signals_of(standing, night)[0].measured.startswith("Right 61 % of the time (142):")
