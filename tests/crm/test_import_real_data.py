"""Both files of Online Retail II, line by line against a second, independent reading of them."""

import pandas as pd
import pytest

from crm.models import Customer, Order, OrderLine
from tests.crm.import_files import bring_in, counts
from tests.real_data import REAL_DATA, needs_real_data

pytestmark = [pytest.mark.django_db, pytest.mark.real_data, needs_real_data]

FOLDER = REAL_DATA / "online_retail"


def lines(name):
    types = {"Invoice": "str", "Customer ID": "str"}
    return pd.read_csv(FOLDER / name, dtype=types)


def with_customer(frame):
    return frame[frame["Customer ID"].notna()]


def totals(frame):
    amounts = frame["Quantity"] * frame["Price"]
    return amounts.groupby(frame["Invoice"]).sum()


def test_both_files_and_what_they_share(alice):
    names = ["online_retail_2009_2010.csv.gz", "online_retail_2010_2011.csv.gz"]
    frames = [lines(name) for name in names]
    kept = [with_customer(frame) for frame in frames]
    invoices = [set(frame["Invoice"]) for frame in kept]

    batches = [
        bring_in(FOLDER / name, "orders", "order_lines", create_customers=True, owner=alice)
        for name in names
    ]

    assert counts(batches[0]) == {"rows": 525_461, "created": 23_587, "rejected": 107_927}
    assert len(invoices[0]) == 23_587
    shared = len(invoices[0] & invoices[1])
    assert counts(batches[1]) == {
        "rows": 541_909,
        "created": 22_190 - shared,
        "unchanged": shared,
        "rejected": 135_080,
    }
    assert shared > 900

    both = pd.concat([kept[0], kept[1][~kept[1]["Invoice"].isin(invoices[0])]])
    assert Customer.objects.count() == both["Customer ID"].nunique()
    assert OrderLine.objects.count() == len(both)
    imported = pd.Series(dict(Order.objects.values_list("number", "amount"))).astype(float)
    off = (imported - totals(both)).abs()
    assert imported.index.symmetric_difference(totals(both).index).empty
    assert off.max() < 0.0051
    cancelled = imported[imported.index.str.startswith("C")]
    assert (cancelled <= 0).all()
