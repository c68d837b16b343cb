"""Grades that people decide on, in a browser: set ones, judged ones, and proposals by thumb."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.factories import (
    AS_OF,
    CustomerFactory,
    GradeProposalFactory,
    OverrideFactory,
    StandingFactory,
)
from tiering.models import GradeProposal, Standing

NAME = "Kunshan Hengli Precision Fasteners and Machinery Trading"


@pytest.fixture
def book(alice, mona):
    """Three customers, each with a change that waits, a set grade and one that was judged."""
    for place in range(3):
        customer = CustomerFactory(owner=alice, code=f"C-{place}", name=f"{place} {NAME}")
        StandingFactory(
            customer=customer, grade="general", level="general", state=bytes([2, 1] + [0] * 9)
        )
        GradeProposalFactory(
            customer=customer, from_level="general", to_level="key", deadline="2099-01-01"
        )
        OverrideFactory(
            customer=customer, by=mona, ended_on=AS_OF, deserved_grade="key",
            verdict=["person", "rule", "equal"][place], revenue_after=12_345,
        )  # fmt: skip
        override = OverrideFactory(customer=customer, by=mona, grade="key", until="2099-01-01")
        Standing.objects.filter(customer=customer).update(override=override, grade="key")


@pytest.mark.parametrize("address", ["/overrides/", "/overrides/hindsight/", "/overrides/{}/end/"])
def test_set_and_judged_grades_are_read_with_a_thumb(address, book, page_as, check_axe, fits):
    page = page_as("mona", PHONE)
    shown = Standing.objects.order_by("pk").first().override_id

    page.goto(address.format(shown))

    expect(page.get_by_text(NAME).first).to_be_visible()
    fits(page)
    check_axe(page)


def test_some_of_the_proposals_are_decided_on_a_phone(book, page_as, check_axe, fits):
    page = page_as("mona", PHONE)
    page.goto("/proposals/")
    fits(page)
    check_axe(page)
    page.set_viewport_size(PHONE)

    boxes = page.get_by_role("checkbox", name="Choose")
    boxes.nth(0).check()
    boxes.nth(2).check()
    expect(page.locator("[data-chosen]")).to_have_text("Chosen: 2")
    page.get_by_role("button", name="Decide on the chosen ones").click()
    page.get_by_role("button", name="Decline").click()

    page.wait_for_url("**/proposals/**")
    expect(page.get_by_text("2 changes of grade are declined")).to_be_visible()
    assert GradeProposal.objects.filter(state="waiting").count() == 1
