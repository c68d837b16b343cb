"""A salesperson's morning, in a browser: on the phone, by keyboard, in light and dark."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.models import Visit
from followups.models import FollowUp
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import (
    CaseFactory,
    ChurnAlertFactory,
    ContactFactory,
    CustomerFactory,
    FollowUpFactory,
    PromiseFactory,
    StandingFactory,
    VisitFactory,
)

SMALLEST = {"width": 360, "height": 740}


@pytest.fixture
def morning(alice):
    """Late, due, of this week and unplanned: a customer of each, the late one by alert."""
    today = timezone.localdate()
    names = ["Boyuan Machinery", "Hengli Fasteners", "Jingtai Hardware", "Liren Tooling"]
    customers = [CustomerFactory(owner=alice, name=name, alias="博远机械") for name in names]
    for customer, grade in zip(customers, ["key", "secondary", "general", "maintain"], strict=True):
        StandingFactory(customer=customer, grade=grade, value_at_risk=Decimal(2000), p_none_90=0.3)
    late, due, week, _unplanned = customers
    ContactFactory(customer=late, name="Zhou Min", mobile="138 0000 2217", is_primary=True)
    CaseFactory(customer=late, subject="Boxes mislabelled", opened_on=today, due_on=today)
    visit = VisitFactory(customer=late, happened_at=timezone.now() - timedelta(days=40))
    PromiseFactory(visit=visit, due_on=today)
    alert = ChurnAlertFactory(customer=late, silent_days=63)
    FollowUpFactory(customer=late, alert=alert, due_on=today - timedelta(days=3))
    FollowUpFactory(customer=due, reason="planned", due_on=today, note="after the fair")
    FollowUpFactory(customer=week, reason="cadence", due_on=today + timedelta(days=2))
    return customers


def row_of(page, name):
    return page.locator(".todo", has_text=name)


def test_a_visit_takes_at_most_four_taps(page_as, fits, morning, alice):
    page = page_as("alice", PHONE)
    page.goto("/")
    row = row_of(page, "Boyuan")
    row.get_by_role("link", name="Visit Boyuan Machinery").tap()
    row.get_by_role("radio", name="Phone").tap()
    row.get_by_role("button", name="Save and next").tap()

    done = page.locator(".todo.done", has_text="Boyuan")
    done.get_by_text("Next on").wait_for()
    expect(page.locator("#stats")).to_contain_text("1 of 2")
    expect(page.locator("#sec-overdue .sub")).to_have_text("0")
    fits(page)

    visit = Visit.objects.get(by=alice, outcome="spoke", channel="phone", minutes=30)
    planned = FollowUp.objects.open().get(customer=morning[0], reason="planned")
    assert planned.due_on == visit.next_on
    page.reload()
    assert row_of(page, "Boyuan").count() == 0


def test_undo_brings_the_row_and_the_text_back(page_as, morning):
    page = page_as("alice")
    page.goto("/")
    row = row_of(page, "Boyuan")
    row.get_by_role("link", name="Visit Boyuan").click()
    row.get_by_label("Note").fill("Stock-take until Friday")
    row.get_by_role("button", name="Save and next").click()
    page.locator(".todo.done").get_by_role("button", name="Undo").click()

    expect(row.get_by_label("Note")).to_have_value("Stock-take until Friday")
    expect(page.locator("#sec-overdue .sub")).to_have_text("1")
    assert Visit.objects.count() == 1


def test_a_draft_outlives_the_page(page_as, morning):
    page = page_as("alice")
    page.goto("/")
    row = row_of(page, "Boyuan")
    row.get_by_role("link", name="Visit Boyuan").click()
    row.get_by_label("Note").fill("Stock-take until Friday")
    row.get_by_text("Draft kept").wait_for()
    page.reload()
    row.get_by_role("link", name="Visit Boyuan").click()

    expect(row.get_by_label("Note")).to_have_value("Stock-take until Friday")
    row.get_by_role("button", name="Save and next").click()
    page.locator(".todo.done").wait_for()
    assert page.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('draft'))") == []


def test_the_whole_list_by_keyboard(page_as, morning):
    page = page_as("alice")
    page.goto("/")
    page.keyboard.press("j")
    page.keyboard.press("v")
    page.locator(".todo.open [name=summary]").wait_for()
    page.keyboard.type("Wants 40 boxes")
    page.keyboard.press("Control+Enter")
    page.locator(".todo.done", has_text="Boyuan").wait_for()
    expect(page.locator("[data-row][aria-current]")).to_contain_text("Hengli")
    page.keyboard.press("s")
    page.get_by_role("button", name="+1 w").wait_for()
    page.keyboard.press("Escape")
    page.locator(".todo.open").wait_for(state="detached")
    page.wait_for_load_state("networkidle")
    page.wait_for_function(
        "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
    )
    page.keyboard.press("e")
    page.locator(".todo.done", has_text="Hengli").wait_for()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()

    assert Visit.objects.filter(summary="Wants 40 boxes").count() == 1
    assert FollowUp.objects.filter(state="done").count() == 2


def test_later_moves_the_row_under_its_new_heading(page_as, morning):
    page = page_as("alice")
    page.goto("/")
    row_of(page, "Hengli").get_by_role("link", name="Snooze: Hengli").click()
    page.get_by_role("button", name="+3 d").click()

    page.locator("#rows-week .todo", has_text="Hengli").wait_for()
    expect(page.locator("#sec-today .sub")).to_have_text("0")
    page.locator("#rows-today .todo.done").get_by_role("button", name="Undo").click()
    page.locator("#rows-today [data-row]", has_text="Hengli").wait_for()
    assert page.locator("#rows-week .todo", has_text="Hengli").count() == 0


def test_nobody_reached_proposes_an_early_day(page_as, morning):
    page = page_as("alice")
    page.goto("/")
    row = row_of(page, "Boyuan")
    row.get_by_role("link", name="Visit Boyuan").click()
    row.get_by_role("radio", name="Missed").click()

    expect(row.locator("[data-code='3d']")).to_be_checked()


def test_a_day_can_be_picked(page_as, morning):
    page = page_as("alice", PHONE)
    page.goto("/")
    row = row_of(page, "Boyuan")
    row.get_by_role("link", name="Visit Boyuan").tap()
    assert not row.get_by_label("Next day").is_visible()
    row.get_by_role("radio", name="Pick").tap()
    day = timezone.localdate() + timedelta(days=40)
    row.get_by_label("Next day").fill(day.isoformat())
    row.get_by_role("button", name="Save and next").tap()
    page.locator(".todo.done").wait_for()

    assert FollowUp.objects.open().get(reason="planned", customer=morning[0]).due_on == day


def test_a_customer_is_found_as_one_types(page_as, morning):
    page = page_as("alice", PHONE)
    page.goto("/visits/new/")
    page.get_by_role("searchbox", name="Search customers").fill("liren")
    page.get_by_role("link", name="Liren Tooling").tap()
    page.get_by_role("button", name="Save the visit").tap()

    page.get_by_text("Liren Tooling: the visit is saved.").wait_for()
    assert morning[3].visits.count() == 1


def test_without_a_line_the_text_stays(page_as, morning):
    page = page_as("alice")
    page.goto("/")
    row = row_of(page, "Boyuan")
    row.get_by_role("link", name="Visit Boyuan").click()
    row.get_by_label("Note").fill("Wants 40 boxes")
    told = page.get_by_text("That did not reach the server.")
    page.evaluate(
        "document.addEventListener('htmx:beforeRequest', (e) => {"
        " e.preventDefault(); e.target.dispatchEvent("
        "new CustomEvent('htmx:sendError', { bubbles: true })); })"
    )
    row.get_by_role("button", name="Save and next").click()

    told.wait_for()
    expect(row.get_by_label("Note")).to_have_value("Wants 40 boxes")


def test_signed_out_meanwhile_the_text_waits_behind_the_door(page_as, morning):
    page = page_as("alice")
    page.goto("/")
    row = row_of(page, "Boyuan")
    row.get_by_role("link", name="Visit Boyuan").click()
    row.get_by_label("Note").fill("Wants 40 boxes")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    row.get_by_role("button", name="Save and next").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.context.add_cookies(cookies)
    page.goto("/")
    row.get_by_role("link", name="Visit Boyuan").click()

    expect(row.get_by_label("Note")).to_have_value("Wants 40 boxes")


@pytest.mark.parametrize(("viewport", "theme"), [(DESKTOP, "light"), (SMALLEST, "dark")])
def test_today_is_accessible(theme, viewport, page_as, check_axe, fits, morning):
    page = page_as("alice", viewport, theme=theme)
    page.goto("/")
    check_axe(page)
    row_of(page, "Boyuan").get_by_role("link", name="Visit Boyuan").click()
    page.locator(".todo.open .log").wait_for()
    page.locator(".fold summary").click()
    check_axe(page)
    fits(page)
    row_of(page, "Hengli").get_by_role("link", name="Snooze: Hengli").click()
    page.locator(".log.short").wait_for()
    row_of(page, "Jingtai").get_by_role("button", name="Done: Jingtai").click()
    page.locator(".todo.done").wait_for()
    check_axe(page)
    fits(page)


@pytest.mark.parametrize("address", ["/visits/new/?q=li", "/follow-ups/", "/today/"])
def test_the_other_pages_are_accessible(address, page_as, check_axe, fits, morning, mona):
    for viewport in (DESKTOP, SMALLEST):
        page = page_as("mona", viewport)
        page.goto(address)
        check_axe(page)
        fits(page)
