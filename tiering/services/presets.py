"""What a new draft begins with: one of the schemes of the trade."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tiering.models import Policy
from tiering.models.policy import HUNDREDTHS, levels_as_kept
from tiering.points import DEFAULT_WEIGHTS, RATED
from tiering.rules import exact
from tiering.schemes import PRESETS
from tiering.services.breakpoints import breakpoints_of_last_night
from tiering.services.money_lines import lines_of_last_night


def settings_of_preset(name: str) -> dict[str, Any]:
    """Fields of a policy. Raises KeyError for a preset that does not exist.

    The lines of points are of points, whose breakpoints come from the last night; lines in
    money, and the least amount of a key customer, are where that night would be cut at the
    default shares, where it can say.
    """
    fields = dict(PRESETS[name])
    fields["levels"] = levels_as_kept(fields["levels"])
    if "lines" in fields:
        fields["lines"] = {code: line / HUNDREDTHS for code, line in fields["lines"].items()}
    if name == "point_lines":
        fields |= _points()
    if name == "money_lines":
        fields["lines"] = lines_of_last_night() or fields["lines"]
    if name == "no_key_below":
        lines = lines_of_last_night() or settings_of_preset("money_lines")["lines"]
        fields["floor"] = Decimal(str(lines["key"]))
    return fields


def _points() -> dict[str, Any]:
    """A computed criterion of which nothing is known in this book is left out, as it is for a
    single customer; without a night all stay, and the draft is refused with the reason."""
    found = breakpoints_of_last_night(list(DEFAULT_WEIGHTS))
    known = [name for name in DEFAULT_WEIGHTS if name in found or name in RATED]
    weights = {name: DEFAULT_WEIGHTS[name] for name in (known if found else DEFAULT_WEIGHTS)}
    return {
        "basis": Policy.Basis.POINTS,
        "weights": shared_out_weights(weights),
        "breakpoints": found,
    }


def shared_out_weights(weights: Mapping[str, float]) -> dict[str, float]:
    """In the same proportion, with two decimals, adding up to exactly 100."""
    total = sum(map(exact, weights.values()))
    parts = {name: exact(weight) / total * 100 * HUNDREDTHS for name, weight in weights.items()}
    whole = {name: int(part) for name, part in parts.items()}
    missing = 100 * HUNDREDTHS - sum(whole.values())
    for name in sorted(parts, key=lambda each: whole[each] - parts[each])[:missing]:
        whole[name] += 1
    return {name: part / HUNDREDTHS for name, part in whole.items()}
