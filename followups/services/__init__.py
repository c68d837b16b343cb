from followups.services.dates import mark_done, move_back, plan, reopen, snooze
from followups.services.errors import AlreadyClosed, CannotUndo, FollowUpError, NotThatDay
from followups.services.refresh import refresh
from followups.services.visits import close_with_visit, log_on_the_side, undo_visit

__all__ = [
    "AlreadyClosed",
    "CannotUndo",
    "FollowUpError",
    "NotThatDay",
    "close_with_visit",
    "log_on_the_side",
    "mark_done",
    "move_back",
    "plan",
    "refresh",
    "reopen",
    "snooze",
    "undo_visit",
]
