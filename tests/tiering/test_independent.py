"""The night of 2011-12-09 reckoned a second time from the raw invoice lines.

The second reckoning shares no code with the product: it reads the files itself, in whole
thousandths of a pound, and takes from the exported night nothing but the chance of no order.
The product's side is the night itself: documents in the database, `run_night`, `export_grades`.
"""

import csv
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import pandas as pd
import pytest
from django.db import transaction

from crm.models import Customer
from tests.real_data import REAL_DATA, needs_real_data, online_retail_documents
from tests.tiering.books import enter, new_policy
from tiering.services import export_grades, run_night

pytestmark = [pytest.mark.django_db, pytest.mark.real_data, needs_real_data]

NIGHT = date(2011, 12, 9)
WINDOW = ("2010-12-10", "2011-12-09")
CENT = Decimal("0.01")
EPOCH = date(1970, 1, 1)


def second_reckoning(chances):
    """By customer: value, continuing value, rank and grade; chances of no order as exported."""
    cents, eligible = cents_of_the_year()
    value = {who: Decimal(cents.get(who, 0)) / 100 for who in chances}
    going_on = {who: left(value[who], chances[who]) for who in chances}
    ranked = sorted((going_on[who] for who in eligible), reverse=True)
    first, last = {}, {}
    for place, amount in enumerate(ranked, start=1):
        first.setdefault(amount, place)
        last[amount] = place
    rank = {who: (first[going_on[who]] + last[going_on[who]]) / 2 for who in eligible}
    # Of 100 customers 1, 20 and 50 places, a part of a place being a whole one.
    edges = {"key": 1, "secondary": 20, "general": 50, "maintain": 100}
    places = {name: -(-len(eligible) * share // 100) for name, share in edges.items()}
    grade = {who: next(name for name in edges if rank[who] <= places[name]) for who in eligible}
    return {
        who: (value[who], going_on[who], rank.get(who), grade.get(who, "maintain"))
        for who in chances
    }


def cents_of_the_year():
    """Net cents by customer, every document rounded once, and who has an order day."""
    file = REAL_DATA / "online_retail" / "online_retail_2010_2011.csv.gz"
    lines = pd.read_csv(file, dtype=str).dropna(subset=["Customer ID"])
    lines = lines[lines["InvoiceDate"].str[:10].between(*WINDOW)]
    thousandths = (lines["Price"].astype(float) * 1000).round().astype(int)
    amount = lines["Quantity"].astype(int) * thousandths
    by_document = amount.groupby([lines["Customer ID"], lines["Invoice"]]).sum()
    cents = (by_document.abs() + 5) // 10 * by_document.map(lambda each: 1 if each > 0 else -1)
    by_customer = cents.groupby(level=0).sum()
    named = {str(int(float(who))): int(sum_) for who, sum_ in by_customer.items()}
    bought = cents[cents > 0].index.get_level_values(0)
    return named, {str(int(float(who))) for who in bought}


def left(value, chance):
    if value <= 0:
        return Decimal(0)
    return (value * (1 - Decimal(chance))).quantize(CENT, ROUND_HALF_EVEN)


@pytest.fixture
def exported(tmp_path):
    """The rows of the first night under continuing value, all customers of both files known."""
    documents = online_retail_documents()
    codes = [str(code) for code in sorted(documents["customer"].unique())]
    customers = Customer.objects.bulk_create(Customer(code=code, name=code) for code in codes)
    by_code = {int(each.code): each for each in customers}
    enter(
        (by_code[row.customer], EPOCH + timedelta(days=row.day), Decimal(row.cents) / 100)
        for row in documents.itertuples(index=False)
    )
    new_policy(basis="continuing_value", valid_from=date(2011, 1, 1))
    run_night(as_of=NIGHT)
    export_grades(tmp_path / "grades.csv", as_of=NIGHT)
    with (tmp_path / "grades.csv").open() as file:
        return {row["customer"]: row for row in csv.DictReader(file)}


def test_a_second_reckoning_gives_the_same_night(exported):
    expected = second_reckoning({who: row["p_none"] for who, row in exported.items()})

    found = {
        who: (
            Decimal(row["value"]),
            Decimal(row["continuing_value"]),
            float(row["rank"]) if row["rank"] else None,
            row["grade"],
        )
        for who, row in exported.items()
    }

    assert len(found) == 5_939
    assert {who: row for who, row in found.items() if row != expected[who]} == {}
    assert all(row["computed_grade"] == row["grade"] for row in exported.values())
    transaction.set_rollback(True)  # no key of so many rows need be checked: nothing stays
