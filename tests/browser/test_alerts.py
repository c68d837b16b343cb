"""Alerts on a phone: what is ticked is acted on by a bar that comes up; and what one is told."""

import pytest

from tests.browser.conftest import DESKTOP
from tests.factories import ChurnAlertFactory, CustomerFactory, NoticeFactory, StandingFactory
from tiering.models import ChurnAlert

SMALLEST = {"width": 360, "height": 740}
NAME = "Kunshan Hengli Precision Fasteners and Machinery Trading"


@pytest.fixture
def alerts(alice):
    customers = [CustomerFactory(owner=alice, name=f"{NAME} {n}") for n in range(3)]
    for customer in customers:
        StandingFactory(customer=customer, grade="key")
    return [NoticeFactory(alert=ChurnAlertFactory(customer=each)).alert for each in customers]


def test_on_a_phone_a_bar_comes_up_when_something_is_ticked(
    alerts, alice, page_as, fits, check_axe
):
    page = page_as("alice", SMALLEST)
    page.goto("/alerts/")
    bar = page.locator("#act")
    assert not bar.is_visible()

    page.locator(".fold tbody input[type=checkbox]").first.check()
    page.locator(".fold tbody input[type=checkbox]").last.check()
    assert bar.get_by_text("Chosen: 2").is_visible()
    fits(page)
    bar.get_by_text("Snooze or close").click()
    bar.get_by_label("What came of it").select_option("saved")
    fits(page)
    bar.get_by_role("button", name="Close").click()

    page.get_by_text("2 alerts are done.").wait_for()
    assert ChurnAlert.objects.filter(state="closed", outcome="saved").count() == 2
    page.locator(".fold tbody input[type=checkbox]").first.check()
    check_axe(page)


@pytest.mark.parametrize(
    ("viewport", "theme"), [(DESKTOP, "light"), (SMALLEST, "dark")], ids=["desktop", "phone"]
)
def test_the_bell_leads_to_what_one_is_told(
    viewport, theme, alerts, alice, page_as, fits, check_axe
):
    page = page_as("alice", viewport, theme=theme)
    page.goto("/customers/")

    page.locator("a[href='/notices/']:visible").click()
    page.get_by_text("3 unread notices").wait_for()
    fits(page)
    check_axe(page)
    page.locator(".notice .name").first.click()
    page.wait_for_url("**/alerts/*/")
    page.goto("/notices/")
    page.get_by_text("2 unread notices").wait_for()
