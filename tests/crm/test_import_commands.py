"""The commands by their contract: options, the last line of stdout, exit codes."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
import xlsxwriter
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from crm.models import Customer, ImportBatch, Order, Payment, Visit
from tests.factories import CustomerFactory, OrderFactory

pytestmark = pytest.mark.django_db

KEYS = {"batch", "rows", "created", "updated", "unchanged", "rejected", "rejects_file"}


@pytest.fixture
def write(tmp_path):
    def write(text, name="file.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


@pytest.fixture
def call(capsys):
    """Call a command with --json; what it said last."""

    def call(*args, **options):
        call_command(*map(str, args), "--json", **options)
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    return call


ORDERS = (
    "number,customer,ordered_on,amount\n1,C1,2125-03-01,5\n2,C2,2125-03-01,6\n3,,2125-03-01,7\n"
)


def test_orders_by_command(call, write, alice):
    CustomerFactory(code="C1")

    said = call("import_orders", write(ORDERS), "--create-customers", "--owner", "alice")

    assert said.keys() == KEYS | {"dated_ahead"}
    batch = ImportBatch.objects.get(pk=said["batch"])
    assert {**said, "batch": 0, "rejects_file": ""} == {
        "batch": 0, "rows": 3, "created": 2, "updated": 0, "unchanged": 0, "rejected": 1,
        "rejects_file": "", "dated_ahead": 2,
    }  # fmt: skip
    assert Path(said["rejects_file"]).read_text("utf-8-sig").splitlines() == [
        "number,customer,ordered_on,amount,line,reason",
        "3,,2125-03-01,7,4,customer is empty.",
    ]
    assert batch.state == "committed"
    assert Customer.objects.get(code="C2").owner == alice


def test_a_dry_run_only_counts(call, write):
    said = call("import_orders", write(ORDERS), "--dry-run", "--create-customers")

    assert (said["created"], said["rejected"], said["dated_ahead"]) == (2, 1, 2)
    assert not Order.objects.exists()
    assert not Customer.objects.exists()


def test_no_rejected_lines_no_file(call, write):
    said = call("import_customers", write("code,name\nC1,Li\n"))

    assert (said["created"], said["rejected"], said["rejects_file"]) == (1, 0, None)


def test_visits_and_payments_by_command(call, write, alice):
    customer = CustomerFactory(code="C1")
    OrderFactory(number="1", customer=customer)
    visits = "customer,by,happened_at,channel,summary\nC1,alice,2025-03-01,phone,Hello\n"

    assert call("import_visits", write(visits))["created"] == 1
    assert call("import_payments", write("order,paid_on,amount\n1,2025-03-01,5\n"))["created"] == 1
    assert (Visit.objects.count(), Payment.objects.count()) == (1, 1)


def test_foreign_columns_by_a_mapping_file(call, write):
    CustomerFactory(code="C1")
    toml = write(
        'decimal = ","\n[columns]\nnumber = "Beleg"\ncustomer = "Kunde"\nordered_on = "Tag"\n'
        'amount = "Summe"\n[values]\ncurrency = "CNY"\n',
        "map.toml",
    )

    said = call(
        "import_orders",
        write("Beleg;Kunde;Tag;Summe\n1;C1;09.12.2024;1.234,5\n"),
        "--mapping",
        toml,
    )

    assert said["created"] == 1
    assert Order.objects.get().amount == pytest.approx(1234.5)


def test_a_workbook_by_command(call, tmp_path):
    CustomerFactory(code="C1")
    path = tmp_path / "orders.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["number", "customer", "ordered_on", "amount"])
        sheet.write_row(1, 0, [1, "C1", "2025-03-01", 5.25])

    assert call("import_orders", path)["created"] == 1
    assert Order.objects.get().number == "1"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("photo.csv", b"\x89PNG\r\n\x1a\n"),
        ("cut.xlsx", b"PK\x03\x04 and then nothing"),
        ("other.csv", b"colour,taste\nred,sweet\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_exit_2(name, content, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(CommandError) as error:
        call_command("import_orders", str(path), "--json")

    assert error.value.returncode == 2
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("args", [["none.csv"], ["file.csv", "--mapping", "none.toml"]])
def test_files_that_are_not_there_are_exit_2(args, write, monkeypatch):
    monkeypatch.chdir(write(ORDERS).parent)

    with pytest.raises(CommandError) as error:
        call_command("import_orders", *args)

    assert error.value.returncode == 2


def test_an_owner_who_is_nobody_or_no_seller_is_refused(write, ada):
    for name in ("nobody", "ada"):
        with pytest.raises(CommandError, match="There is no salesperson"):
            call_command("import_orders", str(write(ORDERS)), "--owner", name)


def test_undo_by_command(call, write):
    batch = call("import_orders", write(ORDERS), "--create-customers")["batch"]

    assert call("undo_import", batch) == {"batch": batch, "state": "undone", "kept": 0}
    assert not Order.objects.exists()
    with pytest.raises(CommandError):
        call("undo_import", batch)
    with pytest.raises(CommandError, match="There is no import"):
        call("undo_import", 999_999)


def test_undo_that_is_refused_says_why(call, write):
    batch = call("import_orders", write(ORDERS), "--create-customers")["batch"]
    call("import_orders", write(ORDERS.replace(",5", ",8")), "--create-customers")

    with pytest.raises(CommandError, match="Undo them first"):
        call("undo_import", batch)


def test_without_json_it_speaks_in_sentences(write, capsys):
    call_command("import_orders", str(write(ORDERS)), "--create-customers")

    said = capsys.readouterr().out
    assert "Lines: 3. New: 2, changed: 0, unchanged: 0. Rejected lines: 1. They are in " in said
    assert "2 orders are dated after the day of the import: they are kept" in said


def test_the_process_ends_with_2(tmp_path):
    """On the database of the tests: a new one would first be migrated."""
    (tmp_path / "empty.csv").touch()
    own = connection.settings_dict
    environment = {
        "DATABASE_URL": f"postgres://{own['USER']}@{quote(own['HOST'], safe='')}/{own['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": "localhost",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "import_orders", str(tmp_path / "empty.csv")],
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (2, "")
    assert "The file is empty." in done.stderr
