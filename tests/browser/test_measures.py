"""The pages of measures in a browser: how right alerts are, and retention."""

from datetime import timedelta

import pytest

from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import AS_OF, NightRunFactory, StandingFactory
from tests.tiering.test_quality_page import judged, measured_night
from tiering.models import CustomerRetention, RetentionSummary

LAST_MONTH = AS_OF - timedelta(days=10)
LOOKS = [(DESKTOP, "light"), (PHONE, "dark")]
MEASURES = {
    **dict.fromkeys(["bought", "bought_before", "contacts", "priced_orders"], 4),
    **dict.fromkeys(["bought_again", "stayed", "contacts_by_them", "discounted_orders"], 3),
    **dict.fromkeys(["complaints_judged", "complaints_forgiven", "competitor_named"], 1),
    **dict.fromkeys(["satisfaction_sum", "satisfaction_answers", "need_known", "dependent"], 2),
    **dict.fromkeys(["revenue_before", "revenue_stayed", "need", "need_covered"], 900),
    **dict.fromkeys(["order_days", "complaints", "revenue", "largest"], 5),
}


@pytest.fixture
def book(alice, mona):
    """Two regions, one of them not given, a night and the end of the month before."""
    night, before = measured_night(), NightRunFactory(as_of=LAST_MONTH)
    for place, region in enumerate(["Yangtze River Delta", ""]):
        fields = {"customer__owner": alice, "customer__region": region, "run": night}
        standing = StandingFactory(**fields)
        CustomerRetention.objects.create(
            customer=standing.customer, quarters=7, first_age=2 + place, **MEASURES
        )
        for run in (before, night):
            RetentionSummary.objects.create(
                run=run, owner=alice, region=region, grade=standing.grade, **MEASURES
            )
    judged(3, alice, right=1)
    judged(2, alice, right=1, acted=True)


def test_pages_of_measures_pass_axe_and_fit(book, page_as, check_axe, fits):
    page = page_as("mona")
    for address, drawn in [
        ("/alerts/quality/", "[data-calibration] svg"),
        ("/retention/?by=region", "[data-retention] svg"),
    ]:
        page.set_viewport_size(DESKTOP)
        page.goto(address)
        page.locator(drawn).first.wait_for()
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        for viewport, theme in LOOKS:
            page.evaluate("(theme) => document.documentElement.dataset.bsTheme = theme", theme)
            page.set_viewport_size(viewport)
            fits(page)
            check_axe(page)


def test_a_point_of_a_line_opens_its_night(book, page_as, check_axe, fits):
    page = page_as("mona", PHONE)
    page.goto("/retention/")
    line = page.locator("[data-retention=repeat] svg")
    line.wait_for()

    line.click(position={"x": 8, "y": 20})  # the first of two points

    page.wait_for_url(f"**/retention/?as_of={LAST_MONTH}")
    page.get_by_text("The figures of the night of").wait_for()
    fits(page)
    check_axe(page)
    page.locator("#parts td a").first.click()
    page.wait_for_url("**/retention/repeat/?*as_of=*")
    assert page.locator("#list tbody tr").count() == 2
    fits(page)
    check_axe(page)
