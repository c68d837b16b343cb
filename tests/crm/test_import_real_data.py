"""Both files of Online Retail II, line by line against a second, independent reading.

Six weeks around the days that both files have; what all of it takes is in the README.
"""

import pandas as pd
import pytest

from crm.models import Customer, Order, OrderLine
from tests.crm.import_files import bring_in, counts
from tests.real_data import REAL_DATA, needs_real_data

pytestmark = [pytest.mark.django_db, pytest.mark.real_data, needs_real_data]

FOLDER = REAL_DATA / "online_retail"
# The end of one file and the beginning of the other, with the nine days that stand in both.
SLICES = {
    "online_retail_2009_2010.csv.gz": ("2010-11-15", "2010-12-31"),
    "online_retail_2010_2011.csv.gz": ("2010-12-01", "2010-12-23"),
}


@pytest.fixture
def files(tmp_path):
    """The two slices, written as the files are written."""
    paths = []
    for name, (first, last) in SLICES.items():
        frame = lines(FOLDER / name)
        days = frame["InvoiceDate"].str[:10]
        paths.append(tmp_path / name.removesuffix(".gz"))
        frame[(days >= first) & (days <= last)].to_csv(paths[-1], index=False)
    return paths


def lines(path):
    types = {"Invoice": "str", "Customer ID": "str"}
    return pd.read_csv(path, dtype=types)


def with_customer(frame):
    return frame[frame["Customer ID"].notna()]


def totals(frame):
    amounts = frame["Quantity"] * frame["Price"]
    return amounts.groupby(frame["Invoice"]).sum()


def test_both_files_and_what_they_share(alice, files):
    frames = [lines(path) for path in files]
    kept = [with_customer(frame) for frame in frames]
    invoices = [set(frame["Invoice"]) for frame in kept]

    batches = [
        bring_in(path, "orders", "order_lines", create_customers=True, owner=alice)
        for path in files
    ]

    without = [len(frame) - len(own) for frame, own in zip(frames, kept, strict=True)]
    assert counts(batches[0]) == {
        "rows": len(frames[0]),
        "created": len(invoices[0]),
        "rejected": without[0],
    }
    shared = len(invoices[0] & invoices[1])
    assert counts(batches[1]) == {
        "rows": len(frames[1]),
        "created": len(invoices[1]) - shared,
        "unchanged": shared,
        "rejected": without[1],
    }
    assert shared > 900
    assert min(*without, len(invoices[0]), len(invoices[1])) > 1000

    both = pd.concat([kept[0], kept[1][~kept[1]["Invoice"].isin(invoices[0])]])
    assert Customer.objects.count() == both["Customer ID"].nunique()
    assert OrderLine.objects.count() == len(both)
    imported = pd.Series(dict(Order.objects.values_list("number", "amount"))).astype(float)
    off = (imported - totals(both)).abs()
    assert imported.index.symmetric_difference(totals(both).index).empty
    assert off.max() < 0.0051
    cancelled = imported[imported.index.str.startswith("C")]
    assert (cancelled <= 0).all()
