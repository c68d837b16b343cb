"""The lists in a browser: search as you type, filters, rows to choose; phone, dark, no script."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import Customer, Order
from tests.browser.conftest import DESKTOP, session_cookie
from tests.factories import (
    CaseFactory,
    ChurnAlertFactory,
    ContactFactory,
    CustomerFactory,
    FollowUpFactory,
    OrderFactory,
    OrderLineFactory,
    PaymentFactory,
    StandingFactory,
    UserFactory,
    VisitFactory,
)

SMALLEST = {"width": 360, "height": 740}
PAGES = [
    "/customers/?q=e",
    "/orders/",
    "/visits/",
    "/cases/",
    "/alerts/?state=all",
    "/orders/SO-1/",
]


@pytest.fixture
def book(alice):
    """Three customers with everything that a row of a list can show."""
    today = timezone.localdate()
    for n, grade in enumerate(["key", "secondary", "maintain"], start=1):
        customer = CustomerFactory(
            owner=alice,
            code=f"C-{n}",
            name="Kunshan Hengli Precision Fasteners and Machinery Trading",
            alias="昆山恒力紧固件有限公司" if n == 1 else "",
            district="Kunshan",
        )
        StandingFactory(
            customer=customer,
            grade=grade,
            eligible=n < 3,
            later_than_usual=n == 2,
            usual_gap=18,
            value_at_risk=1234,
        )
        ContactFactory(customer=customer, mobile="139 0000 1111")
        FollowUpFactory(customer=customer, due_on=today - timedelta(days=n))
        VisitFactory(customer=customer, summary="Wants M8 flange nuts, forty boxes.", minutes=20)
        CaseFactory(customer=customer, due_on=today - timedelta(days=n))
        documents(customer, n, today)
    ChurnAlertFactory(customer=Customer.objects.get(code="C-1"))
    closed = Customer.objects.get(code="C-2")
    ChurnAlertFactory(customer=closed, state="closed", closed_on=today, outcome="ordered")


def documents(customer, n, today):
    order = OrderFactory(customer=customer, number=f"SO-{n}", due_on=today - timedelta(days=9))
    OrderLineFactory(order=order)
    PaymentFactory(order=order, amount=40)
    OrderFactory(customer=customer, amount=-20, returns=order)
    OrderFactory(customer=customer, status=Order.Status.CANCELLED)


@pytest.mark.parametrize(
    ("viewport", "theme"), [(DESKTOP, "light"), (SMALLEST, "dark")], ids=["desktop", "phone"]
)
@pytest.mark.parametrize("address", PAGES)
def test_lists_pass_axe_and_do_not_scroll_sideways(
    address, viewport, theme, book, mona, page_as, check_axe, fits
):
    page = page_as("mona", viewport, theme=theme)

    page.goto(address)

    fits(page)
    check_axe(page)


def test_typing_lists_what_is_found_and_the_address_can_be_kept(book, mona, page_as):
    page = page_as("mona")
    page.goto("/customers/?focus=search")

    page.keyboard.type("恒力", delay=30)
    page.locator(".in-force").wait_for()

    assert page.locator(".fold tbody tr").count() == 1
    assert page.url.endswith("/customers/?q=%E6%81%92%E5%8A%9B")
    page.reload()
    assert page.locator(".fold tbody tr").count() == 1


def test_filters_add_up_and_a_chip_takes_one_off(book, mona, page_as):
    page = page_as("mona")
    page.goto("/customers/")

    page.select_option("select[name=grade]", "secondary")
    page.locator(".in-force").wait_for()
    page.get_by_role("checkbox", name="Later than usual").check()
    page.locator(".in-force li").nth(1).wait_for()
    assert page.locator(".fold tbody tr").count() == 1

    page.get_by_role("link", name="Grade Secondary").click()
    page.wait_for_url("**/customers/?late=1")
    assert page.locator("select[name=grade]").input_value() == ""


def test_filters_are_folded_on_a_phone_and_the_row_has_a_number_to_call(book, alice, page_as):
    page = page_as("alice", SMALLEST)
    page.goto("/customers/")

    assert page.locator("select[name=grade]").is_visible() is False
    page.locator(".more > summary").click()
    assert page.locator("select[name=grade]").is_visible()
    call = page.get_by_role("link", name="Call Kunshan Hengli").first
    assert call.get_attribute("href") == "tel:13900001111"
    assert call.bounding_box()["height"] >= 44


def test_search_and_filters_work_without_scripts(book, alice, browser, live_server):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([session_cookie("alice", live_server.url)])
    page = context.new_page()
    page.goto("/customers/")

    page.locator(".seek input").fill("恒力")
    page.get_by_role("button", name="Search").click()

    assert page.locator(".fold tbody tr").count() == 1
    context.close()


def test_a_manager_chooses_rows_and_gives_them_to_somebody(book, mona, east, page_as):
    bo = UserFactory(name="Bo Bai", team=east)
    page = page_as("mona")
    page.goto("/customers/")

    page.get_by_role("checkbox", name="Choose all on this page").check()
    page.locator(".fold tbody input[type=checkbox]").last.uncheck()
    assert page.get_by_text("Chosen: 2").is_visible()
    page.select_option("select[name=to_owner]", label="Bo Bai")
    page.get_by_role("button", name="Preview").click()
    assert page.get_by_role("heading", name="2 customers for Bo Bai").is_visible()
    page.get_by_role("button", name="Give").click()

    page.get_by_text("2 customers are with Bo Bai now.").wait_for()
    assert Customer.objects.filter(owner=bo).count() == 2
