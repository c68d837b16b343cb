import pytest

from tests.crm.import_files import HEADER, bring_in
from tests.factories import CustomerFactory


@pytest.fixture(autouse=True)
def no_file_left_behind(files_of_the_test):
    """Any test here may upload or reject something."""


@pytest.fixture
def run(tmp_path):
    """Import a text; the kinds are those of the command."""

    def run(text, *kinds, **options):
        path = tmp_path / "file.csv"
        path.write_text(text)
        return bring_in(path, *(kinds or ("orders", "order_lines")), **options)

    return run


@pytest.fixture
def buyer():
    return CustomerFactory(code="C1")


@pytest.fixture
def orders(tmp_path):
    """Import a file of orders; `text` without the header."""

    def orders(text, *, encoding="utf-8", header=HEADER, name="orders.csv", **options):
        path = tmp_path / name
        content = text if isinstance(text, bytes) else (header + text).encode(encoding)
        path.write_bytes(content)
        return bring_in(path, "orders", "order_lines", **options)

    return orders
