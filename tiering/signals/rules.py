"""Pure: who shows which signal, from what is known of each customer as of a day.

The frame has one row per customer, index `customer`; what is not known is NaN. Days are
numbers since 1970-01-01, money is in cents of the base currency.

eligible                            an order day in the last 365 days
later_than_usual                    see `tiering.churn.cadence`
age                                 days since the first order day
last_order_day                      day
spent_90, spent_season              net revenue of the last 90 days, and of the same days a year ago
categories_recent, _before          categories bought in the 180 days up to the last order, and
                                    the 180 before
late_recent, late_before            mean days late of what fell due in the last 180 days, and
                                    in the 365 before those, by amount
dues_recent, dues_before            number of documents behind these two
item_lost                           whether a key item is lost, see `lost_items`
contact_day, promised_days          last contact in which somebody was reached; days between
                                    contacts that the grade promises
complaint_day                       when the oldest open complaint was opened
satisfaction                        the last one told within 365 days, 1 to 5
owner_day                           when the customer last went from one person to another
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

# Until they are measured the first one is shown first.
CODES = ("complaint", "contact", "spending", "item", "categories", "payments", "owner", "late")

FIFTEEN_MONTHS = 455
HALF = 0.5
FEWEST_CATEGORIES = 3
LATER_DAYS = 7
FEWEST_DUES = 3
UNHAPPY = 2
OWNER_DAYS = 90
ITEM_DAYS = 3
ITEM_SHARE = 0.1


FACTS = ["later_than_usual", "age", "last_order_day", "spent_90", "spent_season"]


def known_of(figures: pd.DataFrame, found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The frame that `flagged` reads, with item and item_day of the lost items.

    `figures`: those of a night, see `services.figures`; `found`: all else that is known of
    some of these customers, index `customer`.
    """
    known = figures[FACTS].assign(eligible=figures["order_days_365"] > 0)
    for each in found:
        known = known.join(each)
    return known.assign(item_lost=known["item"].notna())


def flagged(known: pd.DataFrame, *, as_of: int) -> pd.DataFrame:
    """A column of booleans for each of CODES, index as `known`; the inactive show none."""
    columns = {
        "complaint": known["complaint_day"].notna() | (known["satisfaction"] <= UNHAPPY),
        "contact": as_of - known["contact_day"] > known["promised_days"],
        "spending": spends_less(known),
        "item": known["item_lost"].eq(True),
        "categories": buys_fewer_categories(known),
        "payments": pays_later(known),
        "owner": as_of - known["owner_day"] < OWNER_DAYS,
        "late": known["later_than_usual"].eq(True),
    }
    shown = {code: columns[code].to_numpy(dtype=bool) & known["eligible"] for code in CODES}
    return pd.DataFrame(shown, index=known.index)


def spends_less(known: pd.DataFrame) -> pd.Series:
    """Less than half of what the same 90 days brought a year ago; from 15 months on."""
    before = known["spent_season"]
    return (known["age"] >= FIFTEEN_MONTHS) & (before > 0) & (known["spent_90"] < HALF * before)


def buys_fewer_categories(known: pd.DataFrame) -> pd.Series:
    """At most half as many as before, of three or more; who buys nothing at all is silent."""
    recent, before = known["categories_recent"], known["categories_before"]
    return (before >= FEWEST_CATEGORIES) & (recent > 0) & (recent <= HALF * before)


def pays_later(known: pd.DataFrame) -> pd.Series:
    """A week later on average than before, with three documents or more on either side."""
    enough = (known["dues_recent"] >= FEWEST_DUES) & (known["dues_before"] >= FEWEST_DUES)
    return enough & (known["late_recent"] - known["late_before"] >= LATER_DAYS)


def lost_items(items: pd.DataFrame, last_order_day: pd.Series) -> pd.DataFrame:
    """The lost key item of each customer that has one: index `customer`, columns item, item_day.

    `items`: one row per customer and product bought on three days or more of 545 and worth a tenth of what it bought then: customer, product, last_day, longest_gap (days),
    share. It is lost when it has been missing for longer than ever between two purchases, and
    the customer has ordered other things since it was due. The largest share is shown.
    """
    last_order = last_order_day.reindex(items["customer"]).to_numpy(dtype=np.float64)
    due = items["last_day"] + items["longest_gap"]
    lost = items[last_order > due]
    lost = lost.sort_values(["customer", "share", "product"], ascending=[True, False, True])
    first = lost.drop_duplicates("customer").set_index("customer")
    return first[["product", "last_day"]].rename(
        columns={"product": "item", "last_day": "item_day"}
    )


def strongest(shown: list[str], quality: dict[str, list[int]], *, enough: int) -> str:
    """The signal of these that was right most often; those measured on too few come after."""

    def place(code: str) -> tuple[float, int]:
        n, right = quality.get(code, [0, 0])[:2]
        return (-right / n if n >= enough else 0.0, CODES.index(code))

    return min((code for code in shown if code in CODES), key=place, default="")
