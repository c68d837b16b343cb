"""The words against bad lines, and the file they come back in."""

import pytest

from crm.exports import Column, write_file
from crm.imports.wording import REASONS, REFUSALS
from crm.models import Customer
from crm.sheets.problems import Problem, Refusal
from tests.crm.import_files import amounts, bring_in, counts
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def somebody_buys():
    return CustomerFactory(code="C1")


def test_every_reason_has_its_words():
    assert set(REASONS) == set(Problem)
    assert set(REFUSALS) == set(Refusal)


def test_rejected_lines_start_no_formula_and_can_come_back(orders, tmp_path):
    batch = orders('=1+1,C1,2025-03-01,x\n"-2+3",C1,2025-03-01,-5x\n')

    with batch.rejects.open() as file:
        text = file.read().decode("utf-8-sig")
    assert "\n'=1+1,C1," in text.replace("\r", "")
    mended = tmp_path / "mended.csv"
    mended.write_text(text.replace(",x,", ",4,").replace(",-5x,", ",-5,").replace("'-5x", "-5"))
    again = bring_in(mended, "orders")

    assert counts(again) == {"rows": 2, "created": 2}
    assert amounts() == {"=1+1": 4, "-2+3": -5}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_that_was_exported_comes_back_as_it_was(kind, tmp_path):
    for code, name in [("=1+1", "@home"), ("-7", "+Plus"), ("+8", "-Minus"), ("@9", "'t Hooft")]:
        CustomerFactory(code=code, name=name)
    rows = Customer.objects.order_by("id")
    columns = [Column("code", "code"), Column("name", "name")]
    with write_file(rows, columns, kind)[0] as file:
        (tmp_path / f"list.{kind}").write_bytes(file.read())

    again = bring_in(tmp_path / f"list.{kind}", "customers")

    assert counts(again) == {"rows": 5, "unchanged": 5}
