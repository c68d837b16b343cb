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


@cache
def online_retail_order_days() -> pd.DataFrame:
    """Distinct (customer, day) of positive, uncancelled orders, sorted; day since 1970-01-01."""
    folder = REAL_DATA / "online_retail"
    first = _lines(folder / "online_retail_2009_2010.csv.gz")
    second = _lines(folder / "online_retail_2010_2011.csv.gz")
    overlap = first["InvoiceDate"] >= second["InvoiceDate"].min()
    lines = pd.concat([first[~overlap], second])
    is_order = lines["Invoice"].str.isdigit() & (lines["Price"] > 0) & (lines["Quantity"] > 0)
    orders = lines[is_order].dropna(subset=["Customer ID"])
    days = pd.DataFrame(
        {
            "customer": orders["Customer ID"].astype(int),
            "day": orders["InvoiceDate"].str[:10].astype("datetime64[s]").astype("int64") // 86_400,
        }
    )
    return days.drop_duplicates().sort_values(["customer", "day"], ignore_index=True)


def _lines(path: Path) -> pd.DataFrame:
    columns = ["Invoice", "InvoiceDate", "Quantity", "Price", "Customer ID"]
    return pd.read_csv(path, usecols=columns, dtype={"Invoice": "str"})
