from tiering.models.alert import ChurnAlert
from tiering.models.grade import Grade
from tiering.models.night import ChurnFit, NightRun, NightSummary
from tiering.models.policy import Policy
from tiering.models.standing import GradeChange, Standing, StandingSnapshot

__all__ = [
    "ChurnAlert",
    "ChurnFit",
    "Grade",
    "GradeChange",
    "NightRun",
    "NightSummary",
    "Policy",
    "Standing",
    "StandingSnapshot",
]
