"""A real browser on a real server; a page that complains or calls out fails its test."""

import os
import shutil
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from crm.models import User

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--no-first-run",
]
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 30_000  # milliseconds: what never comes fails, and the machine may be slow
expect.set_options(timeout=PATIENCE)
# What is in order need not be described node by node.
WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
REPORT_CSP = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP: " + event.violatedDirective + " " + event.blockedURI));
"""


def pytest_collection_modifyitems(items):
    """Everything here needs Chromium, and rows that the server's thread can see."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True))
            if CHROMIUM is None:
                reason = "Chromium is not installed; on Debian: apt-get install chromium"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser(django_db_setup):
    # Playwright keeps an event loop in this thread, which Django would take for async code:
    # it would refuse queries, and use another connection, one that knows of no first rows.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    first_rows = connection._test_serialized_contents
    with sync_playwright() as playwright:
        connection._test_serialized_contents = first_rows
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page_as(live_server, browser):
    """A page signed in as somebody: `page_as("alice", PHONE, theme="dark")`.

    Addresses may be given from the root on. What the page says on the console as an error,
    what the content policy refuses and every call to another host fails the test.
    """
    contexts, faults = [], []

    def open_page(username, viewport=DESKTOP, *, theme="light"):
        is_phone = viewport["width"] < 768
        context = browser.new_context(
            base_url=live_server.url,
            viewport=viewport,
            color_scheme=theme,
            has_touch=is_phone,
            is_mobile=is_phone,
            locale="en",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.add_cookies([session_cookie(username, live_server.url)])
        context.add_init_script(REPORT_CSP)
        page = context.new_page()
        listen(page, urlsplit(live_server.url).netloc, faults)
        page.set_default_timeout(PATIENCE)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def session_cookie(username: str, url: str) -> dict:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}


def listen(page, host: str, faults: list[str]) -> None:
    def on_console(message):
        if message.type == "error":
            faults.append(f"console: {message.text}")

    def on_request(request):
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != host:
            faults.append(f"foreign request: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("request", on_request)


@pytest.fixture
def check_axe():
    """Fails with the rules that a page breaks (WCAG 2.2 AA) and where."""

    def check(page):
        whole_page_in_view(page)
        found = Axe().run(page, options=WCAG).response["violations"]
        broken = [
            f"{rule['id']}: {node['target']} {node['html'][:160]}"
            for rule in found
            for node in rule["nodes"]
        ]
        assert broken == []

    return check


def whole_page_in_view(page) -> None:
    """Bars that stay at the edge of the screen then cover nothing that axe looks at."""
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height + 100})


@pytest.fixture
def fits():
    """Fails when a page can be scrolled sideways, once its charts have found their width."""

    def check(page):
        for _look in range(150):
            if page.evaluate(TOO_WIDE) <= 0:
                break
            page.wait_for_timeout(100)
        assert page.evaluate(TOO_WIDE) <= 0

    return check
