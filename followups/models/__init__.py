from followups.models.followup import (
    DEAREST,
    FollowUp,
    FollowUpQuerySet,
    ServicePolicy,
    promised_contact,
)
from followups.models.winback import WinBack, WinBackEvent, WinBackTouch

__all__ = [
    "DEAREST",
    "FollowUp",
    "FollowUpQuerySet",
    "ServicePolicy",
    "WinBack",
    "WinBackEvent",
    "WinBackTouch",
    "promised_contact",
]
