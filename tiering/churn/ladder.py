"""Pure: which signal a book can carry, chosen by what it has shown so far.

A logistic regression    at least 3 closed monthly slices with 300 live rows and 50 of them
                         silent, and on the newest closed slice not worse than B
B MBG/NBD                at least 100 customers with 200 repeats
C own cadence            always: a silence longer than 95 per cent of the customer's own gaps,
                         called overdue and not at risk
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import pandas as pd

from tiering.churn import logistic
from tiering.churn.features import Usual, features
from tiering.churn.fit import FloatArray, Params, Reason
from tiering.churn.logistic import Logistic
from tiering.churn.measures import auc
from tiering.churn.slices import Book, Slice, rows_of, silence_chance
from tiering.windows import is_live

ENOUGH_SLICES, ENOUGH_ROWS, ENOUGH_POSITIVES = 3, 300, 50


class Rung(StrEnum):
    """The signals, best first; codes for storage."""

    LOGISTIC = "logistic"
    MBG = "mbg"
    CADENCE = "cadence"


class Why(StrEnum):
    """Why not the rung above; a code for storage, to be worded on the page."""

    BEST = ""
    TOO_LITTLE_DATA = "too_little_data"
    NOT_FINITE = "not_finite"
    NO_CONVERGENCE = "no_convergence"
    FEW_SLICES = "few_slices"
    FEW_ROWS = "few_rows"
    FEW_POSITIVES = "few_positives"
    NOT_MEASURED = "not_measured"
    WORSE = "worse"


# What a chance of a customer comes from, in the order in which nights number it.
SIGNALS = ("", Rung.MBG.value, Rung.LOGISTIC.value)


@dataclass(frozen=True)
class Ladder:
    """The rung of a book on a day.

    model          of rung A, fitted on all closed slices; also where it was found worse
    slices, rows, positives
                   what it was fitted on, or what there was
    auc_mbg, auc_logistic
                   on the live customers of the newest closed slice, the latter of a model
                   fitted on what was known on the day of that slice; None where not measured
    """

    rung: Rung
    why: Why
    model: Logistic | None = None
    slices: int = 0
    rows: int = 0
    positives: int = 0
    auc_mbg: float | None = None
    auc_logistic: float | None = None

    @property
    def shipped(self) -> Logistic | None:
        """The model that decides; None below rung A."""
        return self.model if self.rung == Rung.LOGISTIC else None


def without_model(reason: Reason) -> Ladder:
    """Where MBG/NBD has no answer there are no chances at all."""
    return Ladder(Rung.CADENCE, Why(reason))


def climb(training: Book, *, as_of: int) -> Ladder:
    """The rung of a book that has an answer of MBG/NBD, by its slices closed by `as_of`."""
    slices = training.closed_slices(as_of)
    whole, labels = rows_of(slices)
    had = Ladder(Rung.MBG, _lacks(slices), None, len(slices), len(labels), int(labels.sum()))
    if had.why:
        return had
    found = logistic.fit(whole, labels)
    if found.model is None:
        return replace(had, why=Why(found.reason))
    by_mbg, by_logistic = _measured(slices, training.horizon)
    verdict = _verdict(by_mbg, by_logistic)
    return replace(
        had,
        rung=Rung.MBG if verdict else Rung.LOGISTIC,
        why=verdict,
        model=found.model,
        auc_mbg=by_mbg,
        auc_logistic=by_logistic,
    )


def live_features(
    rhythm: pd.DataFrame,
    revenue_cents: pd.Series,
    params: Params,
    horizon: int,
    usual: Usual | None = None,
) -> FloatArray:
    """FEATURES of the live customers of the frame of `order_rhythm`."""
    live = is_live(rhythm)
    chance = silence_chance(rhythm[live], params, horizon)
    return features(rhythm, revenue_cents, chance, live, usual=usual)


def _lacks(slices: Sequence[Slice]) -> Why:
    _, labels = rows_of(slices)
    if len(slices) < ENOUGH_SLICES:
        return Why.FEW_SLICES
    if len(labels) < ENOUGH_ROWS:
        return Why.FEW_ROWS
    # Without enough of both kinds there is nothing to tell apart.
    rarer = min(labels.sum(), (~labels).sum())
    return Why.FEW_POSITIVES if rarer < ENOUGH_POSITIVES else Why.BEST


def _measured(slices: Sequence[Slice], horizon: int) -> tuple[float | None, float | None]:
    """AUC of both on the newest slice, by a model that could have been fitted on its day."""
    newest = slices[0]
    by_mbg = auc(newest.p_none, newest.labels)
    older = [each for each in slices if each.day + horizon <= newest.day]
    model = None if _lacks(older) else logistic.fit(*rows_of(older)).model
    if model is None:
        return by_mbg, None
    return by_mbg, auc(model.chances(newest.features), newest.labels)


def _verdict(by_mbg: float | None, by_logistic: float | None) -> Why:
    if by_mbg is None or by_logistic is None:
        return Why.NOT_MEASURED
    return Why.WORSE if by_logistic < by_mbg else Why.BEST
