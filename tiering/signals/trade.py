"""Pure: what the lines of a book say as of a day: lost key items, categories before and now.

Windows end with the last order day of each customer, so that the answer changes only when
the customer orders. Days are numbers since 1970-01-01.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from tiering.signals.rules import ITEM_DAYS, ITEM_SHARE, lost_items
from tiering.windows import distinct

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

ITEM_WINDOW = 545
HALF = 180
NO_CATEGORY = -1
FIGURES = ["item", "item_day", "categories_recent", "categories_before"]


class Lines(NamedTuple):
    """One entry per line of a positive, uncancelled order.

    customer, product   keys
    day                 of the order
    worth               quantity times price, of any one unit of money
    """

    customer: IntArray
    product: IntArray
    day: IntArray
    worth: FloatArray

    def chosen(self, rows: npt.NDArray[np.generic]) -> "Lines":
        return Lines(*(column[rows] for column in self))


def taken_together(lines: Lines) -> Lines:
    """One entry per customer, product and day; sorted by these."""
    order = np.lexsort((lines.day, lines.product, lines.customer))
    customer, product, day, worth = lines.chosen(order)
    starts = _starts(customer, product, day)
    sums = np.add.reduceat(worth, starts) if len(starts) else worth
    return Lines(customer[starts], product[starts], day[starts], sums)


def trade_figures(bought: Lines, last_order: pd.Series, categories: pd.Series) -> pd.DataFrame:
    """FIGURES of the customers with a line in the window; index `customer`, NaN for no item.

    `bought`: lines `taken_together`. `last_order`: the last order day by customer, of those for
    whom the answer is asked; what was bought after it is not looked at. `categories`: a number
    by product, for those that have one.
    """
    customers = distinct(bought.customer)
    last = last_order.reindex(customers).to_numpy(dtype=np.float64)
    ago: FloatArray = last[np.searchsorted(customers, bought.customer)] - bought.day.astype(
        np.float64
    )
    inside = (ago >= 0) & (ago < ITEM_WINDOW)
    known = bought.chosen(inside)
    lost = lost_items(_key_items(known), last_order)
    counted = _categories(known, ago[inside], categories)
    return counted.join(lost)[FIGURES].astype(np.float64)


class TradeOverTime:
    """`trade_figures` of one day after another, reckoned anew of whoever has ordered in between:
    of the others lines say what they said.

    Everything is in memory; days may be asked for in any order.
    """

    def __init__(self, bought: Lines, categories: pd.Series):
        self._bought, self._categories = bought, categories
        self._customers, self._place = np.unique(bought.customer, return_inverse=True)
        self._last = pd.Series(np.nan, index=self._customers)
        self._said = pd.DataFrame(columns=FIGURES, dtype=np.float64)

    def on(self, last_order: pd.Series) -> pd.DataFrame:
        """As `trade_figures` of the same last order days."""
        last = last_order.reindex(self._customers)
        changed = (last != self._last).to_numpy() & last.notna().to_numpy()
        anew = self._customers[changed]
        lines = self._bought.chosen(changed[self._place])
        found = trade_figures(lines, last[changed], self._categories)
        kept = self._said[~self._said.index.isin(anew)]
        self._said = pd.concat([kept, found]) if len(kept) else found
        self._last[changed] = last[changed]
        asked = self._customers[last.notna().to_numpy()]
        return self._said[self._said.index.isin(asked)].sort_index()


def _key_items(bought: Lines) -> pd.DataFrame:
    """What `lost_items` reads: bought on three days or more, and worth a tenth of it all."""
    starts = _starts(bought.customer, bought.product)
    if not len(starts):
        return pd.DataFrame(columns=["customer", "product", "last_day", "longest_gap", "share"])
    counts = np.diff(starts, append=len(bought.day))
    gaps = np.diff(bought.day, prepend=bought.day[:1])
    gaps[starts] = 0
    customer, worth = bought.customer[starts], np.add.reduceat(bought.worth, starts)
    _, place = np.unique(customer, return_inverse=True)
    total = np.bincount(place, weights=worth)[place]
    items = pd.DataFrame(
        {
            "customer": customer,
            "product": bought.product[starts],
            "last_day": bought.day[starts + counts - 1],
            "longest_gap": np.maximum.reduceat(gaps, starts),
            "share": np.divide(worth, total, out=np.zeros(len(worth)), where=total > 0),
        }
    )
    return items[(counts >= ITEM_DAYS) & (items["share"] >= ITEM_SHARE)]


def _categories(bought: Lines, ago: FloatArray, categories: pd.Series) -> pd.DataFrame:
    """Numbers of categories of the last 180 days, and of the 180 before them."""
    customers, place = np.unique(bought.customer, return_inverse=True)
    found = categories.reindex(bought.product).fillna(NO_CATEGORY).to_numpy(dtype=np.int64)
    kinds = int(found.max(initial=0)) + 1

    def counted(rows: npt.NDArray[np.bool_]) -> IntArray:
        rows &= found != NO_CATEGORY
        different = distinct(place[rows] * kinds + found[rows])
        return np.bincount(different // kinds, minlength=len(customers))

    columns = {
        "categories_recent": counted(ago < HALF).astype(np.float64),
        "categories_before": counted((ago >= HALF) & (ago < 2 * HALF)).astype(np.float64),
    }
    return pd.DataFrame(columns, index=pd.Index(customers, name="customer"))


def _starts(*columns: IntArray) -> IntArray:
    """Where a row differs from the one before it."""
    differs = np.zeros(len(columns[0]), dtype=bool)
    differs[:1] = True
    for column in columns:
        differs[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(differs)
