"""Grades and alerts of a night as files for other programs."""

import csv
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from crm.models import Customer
from tests.factories import AS_OF, CustomerFactory, NightRunFactory
from tests.tiering.books import book_of_values, customers, order, restless_book
from tiering import past
from tiering.models import ChurnAlert, Standing
from tiering.services import history, run_night

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_once")]

GRADE_COLUMNS = "customer,grade,computed_grade,value,p_none,continuing_value,rank,eligible"
ALERT_COLUMNS = "customer,signal,p_none,value_at_risk,opened_on,state"


@pytest.fixture
def export(tmp_path):
    """Run an export command; its rows as dictionaries."""

    def rows(command: str, as_of: date = AS_OF) -> list[dict[str, str]]:
        path = tmp_path / "out.csv"
        call_command(command, path, as_of=as_of)
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return rows


@pytest.mark.parametrize(
    ("command", "columns"), [("export_grades", GRADE_COLUMNS), ("export_alerts", ALERT_COLUMNS)]
)
def test_a_book_without_rows_still_has_its_columns(command, columns, tmp_path, capsys):
    run_night(as_of=AS_OF)

    call_command(command, str(tmp_path / "out.csv"), "--as-of", "2025-03-10")

    assert (tmp_path / "out.csv").read_text() == f"{columns}\n"
    assert capsys.readouterr().out == f"0 rows in {tmp_path / 'out.csv'}\n"


def test_every_customer_has_a_row_with_the_figures_of_the_night(export):
    restless_book()
    CustomerFactory(code="never")

    run = run_night(as_of=AS_OF)

    rows = export("export_grades")
    assert [row["customer"] for row in rows] == sorted(
        Customer.objects.values_list("code", flat=True)
    )
    for row in rows:
        standing = Standing.objects.get(customer__code=row["customer"])
        assert row["grade"] == row["computed_grade"] == standing.grade
        assert Decimal(row["value"]) == standing.value
        assert row["p_none"] == ("" if standing.p_none is None else f"{standing.p_none:.6g}")
        assert Decimal(row["continuing_value"]) == standing.continuing_value
        assert row["rank"] == ("" if standing.rank is None else f"{standing.rank:g}")
        assert row["eligible"] == ("true" if standing.eligible else "false")
    assert sum(row["eligible"] == "true" for row in rows) == run.graded


def test_a_past_night_keeps_its_own_figures(export):
    book = book_of_values(5000, 100)
    run_night(as_of=AS_OF)
    order(book[1], -1, "200000.00")
    run_night(as_of=AS_OF + timedelta(days=1))

    assert [(row["grade"], row["value"]) for row in export("export_grades")] == [
        ("key", "5000.00"),
        ("maintain", "100.00"),
    ]
    tomorrow = export("export_grades", AS_OF + timedelta(days=1))
    assert [row["grade"] for row in tomorrow] == ["maintain", "key"]


@pytest.fixture
def five_nights_kept(monkeypatch):
    """That it is 35 is tested where figures are let go of."""
    for module in (history, past):
        monkeypatch.setattr(module, "NIGHTS_KEPT", 5)


@pytest.mark.usefixtures("five_nights_kept")
def test_of_a_night_long_past_the_grades_are_known_and_the_figures_are_not(export):
    book = book_of_values(5000, 100)
    days = [AS_OF + timedelta(days=each) for each in range(8)]
    for day in days[:2]:
        run_night(as_of=day)
    order(book[1], -2, "200000.00")
    for day in days[2:]:
        run_night(as_of=day)

    rows = export("export_grades", days[1])

    assert [list(row.values())[1:] for row in rows] == [
        ["key", "", "", "", "", "", ""],
        ["maintain", "", "", "", "", "", ""],
    ]


@pytest.mark.usefixtures("five_nights_kept")
def test_a_night_computed_again_exports_its_last_word(export):
    book = book_of_values(5000, 100)
    run_night(as_of=AS_OF)
    order(book[1], 0, "200000.00")
    run_night(as_of=AS_OF, force=True)
    for days_on in range(1, 8):
        run_night(as_of=AS_OF + timedelta(days=days_on))

    rows = export("export_grades", AS_OF + timedelta(days=1))
    grades = {row["customer"]: row["grade"] for row in rows}
    assert {row["value"] for row in rows} == {""}

    assert grades == {book[0].code: "maintain", book[1].code: "key"}


def test_a_customer_who_came_later_has_a_row_without_a_grade(export):
    book_of_values(100)
    run_night(as_of=AS_OF)
    CustomerFactory(code="Z")

    assert list(export("export_grades")[-1].values()) == ["Z", "", "", "", "", "", "", ""]


@pytest.mark.parametrize("code", ["=1+1", "+1", "-1", "@A1", "\tA"])
def test_no_code_becomes_a_formula(code, export):
    CustomerFactory(code=code)
    run_night(as_of=AS_OF)

    assert export("export_grades")[0]["customer"] == f"'{code}"


def test_alerts_are_those_that_were_open_at_the_end_of_the_day(export):
    restless_book()
    (quiet,) = customers(1, "Q")
    for days_ago in range(120, 400, 14):
        order(quiet, days_ago)
    run_night(as_of=AS_OF)
    order(quiet, -1)
    tomorrow = AS_OF + timedelta(days=1)
    run_night(as_of=tomorrow)

    before, after = export("export_alerts"), export("export_alerts", tomorrow)

    alert = ChurnAlert.objects.get(customer=quiet)
    assert alert.state == "closed"
    assert next(row for row in before if row["customer"] == quiet.code) == {
        "customer": quiet.code,
        "signal": "mbg",
        "p_none": f"{alert.p_none:.6g}",
        "value_at_risk": f"{alert.value_at_risk}",
        "opened_on": "2025-03-10",
        "state": "open",
    }
    assert quiet.code not in {row["customer"] for row in after}
    assert {row["customer"] for row in after} == set(
        ChurnAlert.objects.open().values_list("customer__code", flat=True)
    )
    money = [Decimal(row["value_at_risk"]) for row in before]
    assert money == sorted(money, reverse=True)


def test_alerts_of_later_nights_are_not_those_of_an_earlier_one(export):
    restless_book()
    run_night(as_of=AS_OF)
    before = {row["customer"] for row in export("export_alerts")}

    assert run_night(as_of=AS_OF + timedelta(days=60)).alerts_opened > 0

    assert {row["customer"] for row in export("export_alerts")} == before


@pytest.mark.parametrize("command", ["export_grades", "export_alerts"])
@pytest.mark.parametrize("state", ["running", "failed", None])
def test_a_day_without_a_finished_night_is_refused(command, state, tmp_path):
    if state:
        NightRunFactory(state=state, finished_at=None)

    with pytest.raises(CommandError, match="No night of 2025-03-10 has finished"):
        call_command(command, tmp_path / "out.csv", as_of=AS_OF)

    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    run_night(as_of=AS_OF)

    with pytest.raises(CommandError, match=r"nowhere/out.csv cannot be written: No such file"):
        call_command("export_grades", tmp_path / "nowhere" / "out.csv", as_of=AS_OF)
