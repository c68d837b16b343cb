"""Criteria in words, and why a policy cannot grade a book, for whoever set it."""

from django.utils.translation import gettext_lazy as _

from tiering.models.rating import Rating

COMPUTED = {
    "profit": _("Value of 12 months"),
    "margin": _("Margin"),
    "continuity": _("Continuity of orders"),
    "promptness": _("Payment on time"),
    "growth": _("Growth"),
    "loyalty": _("Months with an order"),
    "breadth": _("Breadth of range"),
    "order_size": _("Size of orders"),
    "credit": _("Credit"),
}

WHY = {
    "unknown_basis": _("This basis is not known."),
    "unknown_scheme": _("This scheme is not known."),
    "no_weights": _("Weighted points need weights."),
    "floor_not_a_number": _("The lowest value of the best level is not a number."),
    "band_out_of_range": _("The rank band must lie between 0 and 100 per cent."),
    "nights_out_of_range": _("Nights until a rise or a fall must lie between 1 and 120."),
    "days_out_of_range": _("Days of protection must lie between 0 and 365."),
    "wrong_levels": _("There must be at least two levels, each with a code of its own."),
    "too_many_levels": _("There can be ten levels at most."),
    "unknown_class": _("Every level must belong to one of the four grades."),
    "classes_cross": _("The grades of the levels must run from key down to maintain."),
    "wrong_grades": _("Every level needs a share, and no other may have one."),
    "share_not_positive": _("Every level needs a share above 0: an empty level grades nobody."),
    "shares_do_not_add_up": _("The shares must add up to exactly 100 per cent."),
    "wrong_lines": _("Every level but the last needs a line."),
    "line_not_a_number": _("A line is not a number."),
    "lines_cross": _("The lines cross: each must be lower than the one above it."),
    "unknown_criterion": _("A criterion is not known."),
    "weight_not_positive": _("Every weight must lie above 0 and at most at 100 per cent."),
    "weight_too_fine": _("Weights have two decimals at most."),
    "weights_do_not_add_up": _("The weights must add up to exactly 100 per cent."),
    "breakpoints_missing": _("A weighted criterion has no breakpoints yet."),
    "breakpoint_not_a_number": _("A breakpoint is not a number."),
    "breakpoints_cross": _("Breakpoints must rise."),
    "breakpoint_out_of_range": _("Breakpoints give from 0 to 100 points."),
}


def explained(code: str) -> str:
    """A sentence for the code of a PolicyError."""
    return WHY[code]


def criterion_word(code: str) -> str:
    """What a criterion is called, computed or rated."""
    return str(COMPUTED[code]) if code in COMPUTED else str(Rating.Criterion(code).label)
