"""The page of an alert in a browser: charts, parts, acting in place; phone, dark."""

import pytest

from followups.models import FollowUp
from tests.browser.conftest import DESKTOP
from tests.factories import FollowUpFactory
from tests.followups.test_alert_page import make_alert

SMALLEST = {"width": 360, "height": 740}


@pytest.fixture
def alert(alice):
    alert = make_alert(alice, rows=6)
    FollowUpFactory(customer=alert.customer, alert=alert)
    return alert


@pytest.mark.parametrize(("viewport", "theme"), [(DESKTOP, "dark"), (SMALLEST, "light")])
def test_the_page_passes_axe_fits_and_is_acted_on_in_place(
    viewport, theme, page_as, check_axe, fits, alert
):
    page = page_as("alice", viewport, theme=theme)
    page.goto(f"/alerts/{alert.pk}/")
    for chart in ("[data-rhythm]", "[data-gaps]"):
        page.locator(f"{chart} canvas").wait_for()

    check_axe(page)
    fits(page)
    page.locator("section[aria-labelledby=ga]").get_by_text("As a table").click()
    assert page.locator("section[aria-labelledby=ga] tbody tr").count() == 6
    page.locator("[data-act=done]").click()
    page.locator(".todo.done").wait_for()
    assert FollowUp.objects.get(alert=alert).state == "done"
