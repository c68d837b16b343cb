from tiering.models.alert import ChurnAlert
from tiering.models.alert_event import AlertEvent
from tiering.models.grade import Behaviour, Grade
from tiering.models.grade_change import GradeChange
from tiering.models.lost import LostCustomer, ReturnChance
from tiering.models.night import ChurnFit, NightRun, NightSummary, OwnerSummary
from tiering.models.notice import Notice
from tiering.models.override import Override
from tiering.models.policy import Policy
from tiering.models.proposal import GradeProposal
from tiering.models.quality import AlertQuality
from tiering.models.rating import CriterionFigures, Rating
from tiering.models.retention import CustomerRetention, RetentionSummary
from tiering.models.signal import Signal, SignalQuality, SignalSwitch
from tiering.models.standing import Standing, StandingSnapshot

__all__ = [
    "AlertEvent",
    "AlertQuality",
    "Behaviour",
    "ChurnAlert",
    "ChurnFit",
    "CriterionFigures",
    "CustomerRetention",
    "Grade",
    "GradeChange",
    "GradeProposal",
    "LostCustomer",
    "NightRun",
    "NightSummary",
    "Notice",
    "Override",
    "OwnerSummary",
    "Policy",
    "Rating",
    "RetentionSummary",
    "ReturnChance",
    "Signal",
    "SignalQuality",
    "SignalSwitch",
    "Standing",
    "StandingSnapshot",
]
