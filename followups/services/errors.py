"""What can stand in the way of an act; each message is for the user."""


class FollowUpError(Exception):
    """The act was refused and nothing has changed."""


class AlreadyClosed(FollowUpError):
    """Somebody else has closed this follow-up."""


class NotThatDay(FollowUpError):
    """The day is in the past or too far away."""


class CannotUndo(FollowUpError):
    """Too late, not one's own, or others have built on it."""
