"""What a new draft begins with: one of the schemes of the trade."""

from typing import Any

from tiering.models import Policy
from tiering.models.policy import levels_as_kept
from tiering.points import DEFAULT_WEIGHTS
from tiering.schemes import PRESETS
from tiering.services.breakpoints import breakpoints_of_last_night


def settings_of_preset(name: str) -> dict[str, Any]:
    """Fields of a policy. Raises KeyError for a preset that does not exist.

    The lines of points are of points, whose breakpoints come from the last night.
    """
    fields = dict(PRESETS[name])
    fields["levels"] = levels_as_kept(fields["levels"])
    if name == "point_lines":
        fields["basis"] = Policy.Basis.POINTS
        fields["weights"] = dict(DEFAULT_WEIGHTS)
        fields["breakpoints"] = breakpoints_of_last_night(list(DEFAULT_WEIGHTS))
    return fields
