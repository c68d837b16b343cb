"""Pure: quick answers to "when next?" and "which was the last?" for many customers at once."""

import numpy as np

from crm.demo.plan import NEVER, NOBODY, IntArray

SPAN = 1_000_000  # more than any day number


class Timeline:
    """Events of customers by day; a row is its place in the arrays it was made from."""

    def __init__(self, customer: IntArray, day: IntArray):
        keys = customer * SPAN + day
        self.rows = np.argsort(keys, kind="stable")
        self.keys = keys[self.rows]

    def next_day(self, customer: IntArray, day: IntArray) -> IntArray:
        """The day of the first event on `day` or later; NEVER without one."""
        if not len(self.keys):
            return np.full(len(customer), NEVER)
        place = np.searchsorted(self.keys, customer * SPAN + day)
        key = self.keys[np.minimum(place, len(self.keys) - 1)]
        found = (place < len(self.keys)) & (key // SPAN == customer)
        return np.where(found, key % SPAN, NEVER)

    def last_row(self, customer: IntArray, day: IntArray) -> IntArray:
        """The row of the last event on `day` or earlier; NOBODY without one."""
        if not len(self.keys):
            return np.full(len(customer), NOBODY)
        place = np.searchsorted(self.keys, customer * SPAN + day, side="right") - 1
        key = self.keys[np.maximum(place, 0)]
        found = (place >= 0) & (key // SPAN == customer)
        return np.where(found, self.rows[np.maximum(place, 0)], NOBODY)
