"""A draft in a browser: lines move by pointer and by keyboard, the figures follow, it rules."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import AS_OF
from tests.tiering.books import book_of_values
from tiering.models import Policy, Standing
from tiering.services import run_night
from tiering.services.policies import new_draft

KEY = '[data-step="key"] [data-after]'


@pytest.fixture
def draft(ada, db):
    book_of_values(*range(300, 100, -1))
    run_night(as_of=AS_OF)
    return new_draft(name="Next", by=ada, basis=Policy.Basis.VALUE)


@pytest.fixture
def sober(check_axe, fits):
    """Axe and no sideways scrolling, on a desktop and on a phone."""

    def sober(page):
        page.locator(".waits").wait_for(state="detached")
        for viewport in (PHONE, DESKTOP):
            page.set_viewport_size(viewport)
            fits(page)
            check_axe(page)
        page.set_viewport_size(DESKTOP)

    return sober


def share(page, place):
    return page.locator(f'[name="levels-{place}-share"]')


def line_under(page, name):
    return page.get_by_role("slider", name=f"Line below {name}")


def test_a_line_is_moved_the_figures_follow_and_the_policy_rules(ada, draft, page_as, sober):
    page = page_as("ada")
    page.goto("/policy/2/")
    expect(page.locator(KEY)).to_have_text("2")
    sober(page)

    line = line_under(page, "Key")
    line.focus()
    page.keyboard.press("PageUp")
    expect(share(page, 0)).to_have_value("2")
    expect(share(page, 1)).to_have_value("18")
    expect(page.locator(KEY)).to_have_text("4")
    expect(line).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(share(page, 0)).to_have_value("2.1")
    expect(line).to_have_attribute("aria-valuenow", "2.1")

    drag_to_the_right(page, line_under(page, "Secondary"))
    assert float(share(page, 1).input_value()) > 17.9
    expect(page.locator(KEY)).to_have_text("5")
    share(page, 0).fill("10")
    expect(page.locator("#not-yet")).to_contain_text("must add up to exactly 100")
    share(page, 1).fill("10")
    expect(page.locator(KEY)).to_have_text("5")  # the last figures, until the sum is whole
    share(page, 2).fill("30")
    share(page, 3).fill("50")
    expect(page.locator(KEY)).to_have_text("20")
    assert Policy.objects.get(version=2).shares["key"] == 1

    page.get_by_role("button", name="Save and publish…").click()
    page.get_by_role("heading", name="Publish policy 2").wait_for()
    expect(page.locator(".lead")).to_contain_text("18 customers change grade")
    sober(page)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The policy is published.")).to_be_visible()
    sober(page)
    assert Standing.objects.filter(grade="key").count() == 20
    page.goto("/policy/")
    expect(page.locator(".version").first).to_contain_text("In force")
    sober(page)


def drag_to_the_right(page, handle):
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=4)
    page.mouse.up()


def test_a_level_comes_and_goes_and_everybody_who_moves_is_listed(ada, draft, page_as, sober):
    page = page_as("ada", theme="dark")
    page.goto("/policy/2/")
    page.get_by_role("button", name="Add a level").click()
    expect(page.locator(".levels tbody tr")).to_have_count(5)
    page.get_by_role("button", name="Remove level 4").click()
    expect(page.locator(".levels tbody tr")).to_have_count(4)
    share(page, 0).fill("5")
    share(page, 1).fill("15")
    page.get_by_role("link", name="All 8 customers").click()
    expect(page.locator(".movers tbody tr")).to_have_count(8)
    sober(page)
    page.locator("#main").get_by_role("searchbox").fill("V00003")
    expect(page.locator(".movers tbody tr")).to_have_count(1)


def test_a_line_above_everybody_stays_inside_the_chart(ada, draft, page_as):
    page = page_as("ada")
    page.goto("/policy/2/")
    page.locator('[name="scheme"]').select_option("lines")
    for place, line in enumerate(("9000", "250", "150")):
        page.locator(f'[name="levels-{place}-line"]').fill(line)

    expect(page.get_by_text("Nobody would have the grade Key.")).to_be_visible()
    assert page.locator(".cut-line i").first.bounding_box()["y"] > top_of(page, "[data-canvas]")
    color = "getComputedStyle(document.documentElement).getPropertyValue('--vf-{}').trim()"
    drawn = [
        page.locator(f'[data-canvas] path[stroke="{page.evaluate(color.format(grade))}"]').count()
        for grade in ("key", "secondary", "general", "maintain")
    ]
    assert drawn == [0, 1, 1, 1]


def top_of(page, selector):
    return page.locator(selector).bounding_box()["y"]


def test_a_draft_is_discarded_only_when_it_is_meant(ada, draft, page_as):
    page = page_as("ada")
    page.goto("/policy/2/")
    expect(page.locator(KEY)).to_have_text("2")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Discard").click()
    assert Policy.objects.filter(version=2).exists()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Discard").click()

    expect(page.get_by_text("The draft is discarded.")).to_be_visible()
    assert page.url.endswith("/policy/")
    assert not Policy.objects.filter(version=2).exists()
