"""Retention figures of the trade: what each is made of, and how it is counted. Pure."""

from tiering.retention.cohorts import Cohort, cohorts_of, quarter_starts
from tiering.retention.figures import FIGURES, MEASURES, Figure, Kind, by_code

__all__ = [
    "FIGURES",
    "MEASURES",
    "Cohort",
    "Figure",
    "Kind",
    "by_code",
    "cohorts_of",
    "quarter_starts",
]
