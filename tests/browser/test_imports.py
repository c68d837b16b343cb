"""A file comes in and is taken back, in a browser and by keyboard, while a worker works."""

import csv

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from celery.signals import setup_logging, task_postrun
from django.db import connection, connections
from playwright.sync_api import expect

from crm.imports.runs import ONE_WRITER
from crm.models import Customer, ImportMapping, Order
from tests.browser.conftest import DESKTOP, PHONE

SMALLEST = {"width": 360, "height": 740}
FOREIGN = """Belegnr;Abnehmer;Vom;Ware;Stück;Preis
L-1;K1;2025-03-01;Bolt;10;2.50
L-1;K1;2025-03-01;Nut;4;1.25
L-2;K2;2025-03-02;Bolt;-2;2.50
L-3;K2;soon;Bolt;1;2.50
L-4;;2025-03-02;Bolt;1;2.50
"""
COLUMNS = {
    "Order number": "Belegnr",
    "Customer code": "Abnehmer",
    "Order date": "Vom",
    "Article number": "Ware",
    "Quantity": "Stück",
    "Unit price": "Preis",
}
MOST_TABS = 80
FOCUSED = """() => {
  const here = document.activeElement;
  return here.matches("a, button, summary") ? here.innerText.trim() : "";
}"""


@pytest.fixture
def worker(files_of_the_test):
    """A Celery worker for the tasks of this test, in a thread with connections of its own."""
    with current_app.connection_for_write() as broker:
        broker.SimpleQueue(current_app.conf.task_default_queue).clear()
    task_postrun.connect(close_connections)
    setup_logging.connect(leave_logging_alone)
    with start_worker(current_app._get_current_object(), perform_ping_check=False):
        yield
    setup_logging.disconnect(leave_logging_alone)
    task_postrun.disconnect(close_connections)


def close_connections(**_):
    connections.close_all()


def leave_logging_alone(**_):
    """With somebody who listens, Celery sets up no logging of its own."""


@pytest.fixture
def foreign_file(tmp_path):
    path = tmp_path / "lieferungen.csv"
    path.write_text(FOREIGN)
    return path


@pytest.fixture
def look_over(check_axe, fits):
    """Axe on a desktop and on a phone; nothing scrolls sideways on the smallest one."""

    def look_over(page):
        for viewport in (SMALLEST, PHONE, DESKTOP):
            page.set_viewport_size(viewport)
            fits(page)
            if viewport != SMALLEST:
                check_axe(page)
        page.set_viewport_size(DESKTOP)

    return look_over


def press(page, name):
    """Walk to a button or link by Tab, see that the focus shows, and press Enter."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == name:
            break
    assert page.evaluate(FOCUSED) == name
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")


def upload(page, path, *, like="Recognise the columns by their names"):
    page.goto("/imports/new/")
    page.get_by_label("File").set_input_files(path)
    page.get_by_label("Which column is what").select_option(label=like)
    press(page, "Read the file")
    page.get_by_role("heading", name=path.name).wait_for()


def figures(page):
    names, numbers = page.locator(".stats dt"), page.locator(".stats dd")
    return dict(zip(names.all_inner_texts(), numbers.all_inner_texts(), strict=True))


def test_a_file_comes_in_is_seen_through_and_taken_back(
    ada, page_as, worker, foreign_file, look_over
):
    page = page_as("ada")
    page.goto("/imports/")
    look_over(page)
    upload_first_file(page, foreign_file, look_over)
    try_it_out(page, look_over)
    commit(page, look_over)
    read_rejects(page)
    take_back(page, look_over)
    page.goto("/imports/")
    expect(page.locator(".imports tbody tr")).to_contain_text("Undone")
    look_over(page)
    use_kept_columns(page, foreign_file, look_over)


def upload_first_file(page, path, look_over):
    press(page, "Import a file")
    page.get_by_label("File").wait_for()
    look_over(page)
    upload(page, path)
    page.get_by_label("What is in it").select_option(label="Order lines")
    press(page, "Apply")
    page.wait_for_url("**?kind=order_lines")
    look_over(page)


def try_it_out(page, look_over):
    for label, column in COLUMNS.items():
        field = page.get_by_role("combobox", name=label).first
        field.select_option(value=column)
    page.get_by_label("Create customers that are not known yet").check()
    page.get_by_label("Keep these columns under a name").fill("Warehouse")
    press(page, "Show what it would do")
    page.get_by_role("heading", name="What this file would do").wait_for()
    assert figures(page) == {
        "Lines": "5",
        "New": "2",
        "Changed": "0",
        "Unchanged": "0",
        "New customers": "2",
        "Rejected lines": "2",
    }
    expect(page.get_by_text("Vom: “soon” is not a date.").first).to_be_visible()
    assert not Order.objects.exists()
    look_over(page)


def commit(page, look_over):
    """The progress is looked at while the worker waits for another one that writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_WRITER])
        press(page, "Import")
        page.get_by_text("Writing all of it at once").wait_for()
        assert page.get_by_role("progressbar").get_attribute("value") == "70"
        look_over(page)
        assert not Order.objects.exists()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_WRITER])
    page.get_by_role("heading", name="What this file did").wait_for()
    assert figures(page)["New"] == "2"
    found = Order.objects.order_by("number").values_list("number", "amount")
    assert [(number, str(amount)) for number, amount in found] == [
        ("L-1", "30.00"),
        ("L-2", "-5.00"),
    ]
    look_over(page)


def read_rejects(page):
    with page.expect_download() as download:
        press(page, "Rejected lines as a file")
    text = download.value.path().read_text("utf-8-sig")
    header, *lines = csv.reader(text.splitlines())
    assert header[-2:] == ["line", "reason"]
    assert [line[-2:] for line in lines] == [
        ["5", "Vom: “soon” is not a date."],
        ["6", "Abnehmer is empty."],
    ]


def take_back(page, look_over):
    press(page, "Undo this import")
    page.get_by_role("heading", name="Undo this import").wait_for()
    look_over(page)
    press(page, "Undo it")
    page.get_by_text("is as it was before").wait_for()
    assert not Order.objects.exists()
    assert not Customer.objects.exists()
    look_over(page)


def use_kept_columns(page, path, look_over):
    assert ImportMapping.objects.get().name == "Warehouse"
    upload(page, path, like="Warehouse")
    for label, column in COLUMNS.items():
        field = page.get_by_role("combobox", name=label).first
        expect(field).to_have_value(column)


def test_a_file_that_cannot_be_read_is_refused_where_it_was_chosen(
    ada, page_as, look_over, tmp_path
):
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7 and so on")
    page = page_as("ada", theme="dark")
    page.goto("/imports/new/")
    page.get_by_label("File").set_input_files(path)
    press(page, "Read the file")

    expect(page.get_by_role("alert")).to_contain_text("letter.pdf: This is not a table.")
    look_over(page)


def test_a_salesperson_is_not_led_to_the_imports(alice, page_as):
    page = page_as("alice")
    page.goto("/me/")

    assert page.locator("a[href='/imports/']").count() == 0
