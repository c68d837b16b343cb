"""The page of a customer in a browser: chart, timeline, promises, edits; phone, dark, keyboard."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from crm.models import Contact, Customer, Promise, Visit
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import (
    CaseFactory,
    ChurnAlertFactory,
    ContactFactory,
    CustomerFactory,
    FollowUpFactory,
    NightRunFactory,
    OrderFactory,
    PaymentFactory,
    PromiseFactory,
    StandingFactory,
    VisitFactory,
)

SMALLEST = {"width": 360, "height": 740}
LINES = {
    "key": {"places": 1, "inside": "194000.00", "outside": "180000.00"},
    "secondary": {"places": 20, "inside": "51940.00", "outside": "47080.00"},
    "general": {"places": 50, "inside": "3800.00", "outside": "3700.00"},
}


@pytest.fixture
def hengli(alice):
    """A secondary customer, silent for 63 days, with everything that a page can show."""
    as_of = timezone.localdate() - timedelta(days=1)
    customer = CustomerFactory(
        owner=alice,
        code="C-10482",
        name="Kunshan Hengli Fasteners",
        alias="昆山恒力紧固件有限公司",
        industry="Fasteners",
        district="Kunshan",
        address="No. 88 Qianjin East Road",
        latitude=Decimal("31.384"),
        longitude=Decimal("120.981"),
        credit_limit=Decimal(120000),
        note="Loading dock behind the hall.",
    )
    figures(customer, as_of)
    duties(customer)
    return customer


def figures(customer, as_of):
    for number in range(30):
        order = OrderFactory(
            customer=customer,
            ordered_on=as_of - timedelta(days=63 + 14 * number),
            due_on=as_of - timedelta(days=33 + 14 * number),
            amount=Decimal(4000 + 350 * (number % 7)),
        )
        if number:
            PaymentFactory(order=order, paid_on=order.due_on, amount=order.amount)
    StandingFactory(
        customer=customer,
        run=NightRunFactory(as_of=as_of, lines=LINES, graded=932),
        grade="secondary",
        value=Decimal(58940),
        continuing_value=Decimal(41000),
        p_none=0.3,
        p_none_90=0.62,
        rank=186.0,
        order_days=30,
        order_days_365=22,
        usual_gap=14.0,
        long_gap=18.0,
        silent_days=63,
        later_than_usual=True,
        last_order_on=as_of - timedelta(days=63),
    )
    ChurnAlertFactory(
        customer=customer, silent_days=63, silent_since=as_of - timedelta(days=63), opened_on=as_of
    )


def duties(customer):
    today, now = timezone.localdate(), timezone.now()
    birthday = (today + timedelta(days=3)).replace(year=1984)
    zhou = ContactFactory(
        customer=customer, name="周敏", title="Purchasing", mobile="13800002217", birthday=birthday
    )
    ContactFactory(customer=customer, name="陆建国", mobile="13800006034", is_primary=True)
    visit = VisitFactory(
        customer=customer, contact=zhou, happened_at=now - timedelta(days=39), summary="Will wait."
    )
    PromiseFactory(visit=visit, what="Price list", due_on=today - timedelta(days=3))
    CaseFactory(customer=customer, opened_on=today - timedelta(days=9), due_on=today)
    FollowUpFactory(customer=customer, due_on=today - timedelta(days=4))


@pytest.mark.parametrize(
    ("viewport", "theme"), [(DESKTOP, "dark"), (PHONE, "light"), (SMALLEST, "dark")]
)
def test_the_page_passes_axe_and_fits(viewport, theme, page_as, check_axe, fits, hengli):
    page = page_as("alice", viewport, theme=theme)
    page.goto("/customers/C-10482/")
    page.locator("[data-rhythm] canvas").wait_for()

    check_axe(page)
    fits(page)


@pytest.mark.parametrize(
    "address",
    [
        "/new/customer/",
        "/customers/C-10482/edit/",
        "/customers/C-10482/contacts/new/",
        "/customers/C-10482/cases/new/",
    ],
)
def test_the_forms_pass_axe_and_fit(address, page_as, check_axe, fits, hengli):
    page = page_as("alice", SMALLEST)
    page.goto(address)

    check_axe(page)
    fits(page)


def test_the_chart_draws_again_in_the_other_theme_and_leads_to_its_orders(page_as, hengli):
    page = page_as("alice")
    page.goto("/customers/C-10482/")
    chart = page.locator("[data-rhythm]")
    pixels = "chart => chart.querySelector('canvas').toDataURL()"
    light = chart.evaluate(pixels)

    page.locator(".side [data-theme-toggle]").click()
    assert chart.evaluate(pixels) != light

    marks = page.evaluate("JSON.parse(document.getElementById('rhythm-data').textContent)")
    place = chart.evaluate(
        "(chart, mark) => echarts.getInstanceByDom(chart).convertToPixel({seriesIndex: 2},"
        " [mark.on, mark.amount / 2])",
        marks["months"][-5],
    )
    chart.click(position={"x": place[0], "y": place[1]})
    page.wait_for_url("**/orders/?customer=C-10482&from=*")


def test_the_table_says_what_the_chart_says(page_as, hengli):
    page = page_as("alice")
    page.goto("/customers/C-10482/")
    page.get_by_text("As a table").click()

    assert page.locator(".twins table").first.locator("tbody tr").count() == 30


def test_the_timeline_is_filtered_and_paged_in_place(page_as, hengli):
    page = page_as("alice")
    page.goto("/customers/C-10482/")
    timeline = page.locator("#timeline")

    timeline.get_by_role("link", name="Orders", exact=True).click()
    timeline.locator('[aria-current="true"]', has_text="Orders").wait_for()
    assert timeline.locator(".tl-i").count() == 12
    assert timeline.get_by_text("Will wait.").count() == 0

    for last in (23, 35, 47, 58):
        timeline.get_by_role("link", name="Show older").click()
        timeline.locator(".tl-i").nth(last).wait_for()
    assert timeline.locator(".tl-i").count() == 59
    months = timeline.locator(".tl-m").all_inner_texts()
    assert len(months) == len(set(months))


def test_a_promise_is_settled_in_place_and_taken_back(page_as, hengli):
    page = page_as("alice", PHONE)
    page.goto("/customers/C-10482/")
    row = page.locator(".promise", has_text="Price list")

    row.get_by_role("button", name="Kept", exact=True).tap()
    row.get_by_role("button", name="Undo").wait_for()
    assert Promise.objects.get(what="Price list").kept is True

    row.get_by_role("button", name="Undo").tap()
    row.get_by_role("button", name="Not kept").wait_for()
    assert Promise.objects.get(what="Price list").kept is None


def test_a_visit_is_logged_on_the_page_by_keyboard(page_as, hengli):
    page = page_as("alice")
    page.goto("/customers/C-10482/")
    page.keyboard.press("v")
    note = page.locator("#log textarea").first
    note.wait_for()
    note.fill("They will order on Monday.")
    page.keyboard.press("Control+Enter")

    page.locator("#timeline", has_text="They will order on Monday.").wait_for()
    assert Visit.objects.filter(summary="They will order on Monday.").count() == 1


def test_two_editors_meet_in_the_browser_and_both_texts_stay(page_as, hengli):
    page = page_as("alice")
    page.goto("/customers/C-10482/edit/")
    page.get_by_label("Note").fill("Alice's note")
    other = Customer.objects.get(pk=hengli.pk)
    other.city, other.note = "Suzhou", "Somebody's note"
    other.save()

    page.get_by_role("button", name="Save").click()
    page.get_by_text("Somebody else has just written: Somebody's note").wait_for()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Kunshan Hengli Fasteners").wait_for()

    hengli.refresh_from_db()
    assert (hengli.city, hengli.note) == ("Suzhou", "Alice's note")


def test_a_contact_is_deleted_after_a_question(page_as, check_axe, hengli):
    page = page_as("alice", PHONE)
    page.goto("/customers/C-10482/")
    page.get_by_role("link", name="周敏", exact=True).tap()
    page.get_by_role("link", name="Delete").tap()
    page.get_by_role("heading", name="Delete 周敏?").wait_for()
    check_axe(page)
    page.get_by_role("button", name="Delete").tap()

    page.get_by_text("周敏 is deleted.").wait_for()
    assert not Contact.objects.filter(name="周敏").exists()
