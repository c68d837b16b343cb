"""Pure: foreign currencies with a rate for every month, in ten-thousandths."""

from dataclasses import dataclass

import numpy as np

from crm.demo.plan import FloatArray, IntArray, Plan, as_date, day_number

# What one unit is worth in yuan, roughly: the scale of prices and the start of the rates.
WORTH = {
    "CNY": 1.0, "USD": 7.12, "EUR": 7.74, "GBP": 9.1, "HKD": 0.91, "TWD": 0.224, "JPY": 0.048,
}  # fmt: skip
FOREIGN = ("EUR", "USD", "CNY")
ONE = 10_000


@dataclass(frozen=True)
class Rates:
    """Codes with the base currency first; `parts[c, m]` from the day `valid_from[m]` on."""

    codes: list[str]
    valid_from: IntArray
    parts: IntArray

    def on(self, currency: IntArray, days: IntArray) -> IntArray:
        months = np.searchsorted(self.valid_from, days, side="right") - 1
        return self.parts[currency, months]


def scale(plan: Plan) -> float:
    """Prices are thought of in yuan; this is what a yuan is in the base currency."""
    return 1 / WORTH.get(plan.currency, 1.0)


def make_rates(plan: Plan) -> Rates:
    chance = plan.chance("rates")
    foreign = [code for code in FOREIGN if code != plan.currency][:2]
    months = first_days_of_months(plan.start - 31, plan.end_of_future)
    rows = [np.full(len(months), ONE)]
    for code in foreign:
        middle = WORTH[code] * scale(plan)
        rows.append(np.rint(walk(chance, len(months), middle) * ONE).astype(np.int64))
    return Rates([plan.currency, *foreign], months, np.array(rows))


def walk(chance: np.random.Generator, steps: int, middle: float) -> FloatArray:
    """A rate that wanders and is drawn back to its middle."""
    offset, offsets = 0.0, []
    for push in chance.normal(0, 0.008, steps):
        offset = 0.9 * offset + push
        offsets.append(offset)
    return middle * np.exp(np.array(offsets))


def first_days_of_months(first: int, last: int) -> IntArray:
    months = [day_number(as_date(first).replace(day=1))]
    while months[-1] <= last:
        months.append(day_number(as_date(months[-1] + 31).replace(day=1)))
    return np.array(months)


def in_base(cents: IntArray, parts: IntArray) -> IntArray:
    """Converted and rounded once to the cent, halves away from zero."""
    product = cents * parts
    return np.sign(product) * ((np.abs(product) * 2 + ONE) // (2 * ONE))
