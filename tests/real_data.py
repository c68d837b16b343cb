"""Real order histories beside the repository; tests that need them skip where they are absent."""

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

needs_real_data = pytest.mark.skipif(
    not REAL_DATA.is_dir(),
    reason="The real order histories (../shared/data) are not here.",
)


def cdnow_summary() -> pd.DataFrame:
    """One row per customer: frequency, recency and T in weeks, to 1997-09-30."""
    return pd.read_csv(REAL_DATA / "cdnow" / "cdnow_customers_summary.csv")


def cdnow_order_days() -> pd.DataFrame:
    """One row per customer and day of the sample: id, day (YYYYMMDD as text), dollars."""
    names = ["master", "id", "day", "disks", "dollars"]
    file = REAL_DATA / "cdnow" / "CDNOW_sample.txt"
    lines = pd.read_csv(file, sep=r"\s+", header=None, names=names, dtype={"day": str})
    return lines.groupby(["id", "day"], as_index=False)["dollars"].sum()


@cache
def online_retail_order_days() -> pd.DataFrame:
    """Distinct (customer, day) of positive, uncancelled orders, sorted; day since 1970-01-01."""
    lines = _online_retail_lines()
    is_order = lines["Invoice"].str.isdigit() & (lines["Price"] > 0) & (lines["Quantity"] > 0)
    orders = lines[is_order].dropna(subset=["Customer ID"])
    days = pd.DataFrame(
        {
            "customer": orders["Customer ID"].astype(int),
            "day": _days(orders["InvoiceDate"]),
        }
    )
    return days.drop_duplicates().sort_values(["customer", "day"], ignore_index=True)


@cache
def online_retail_documents() -> pd.DataFrame:
    """One row per order or return with a customer: customer, day since 1970-01-01, cents."""
    lines = _online_retail_lines()
    lines = lines[(lines["Price"] > 0) & lines["Customer ID"].notna()]
    by_invoice = lines.assign(cents=100 * lines["Quantity"] * lines["Price"]).groupby("Invoice")
    first = by_invoice[["Customer ID", "InvoiceDate"]].first()
    return pd.DataFrame(
        {
            "customer": first["Customer ID"].astype(int),
            "day": _days(first["InvoiceDate"]),
            "cents": by_invoice["cents"].sum().round().astype(int),
        }
    )


def _online_retail_lines() -> pd.DataFrame:
    """Both files; the days that are in both are taken from the second."""
    folder = REAL_DATA / "online_retail"
    first = _lines(folder / "online_retail_2009_2010.csv.gz")
    second = _lines(folder / "online_retail_2010_2011.csv.gz")
    overlap = first["InvoiceDate"] >= second["InvoiceDate"].min()
    return pd.concat([first[~overlap], second])


def _days(moments: pd.Series) -> pd.Series:
    return moments.str[:10].astype("datetime64[s]").astype("int64") // 86_400


def _lines(path: Path) -> pd.DataFrame:
    columns = ["Invoice", "InvoiceDate", "Quantity", "Price", "Customer ID"]
    return pd.read_csv(path, usecols=columns, dtype={"Invoice": "str"})
