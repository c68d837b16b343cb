"""How right alerts are, in words: beside an alert, and where the threshold comes from."""

from typing import Any, NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.templatetags.format import percent
from tiering.churn.ladder import Rung
from tiering.churn.measures import interval
from tiering.churn.realised import ENOUGH
from tiering.ladder_words import signal_in_force
from tiering.models import ChurnFit, NightRun

LISTS = {
    "shown": gettext_lazy("The list as it is shown"),
    "by_chance": gettext_lazy("The same, ranked by chance alone"),
    "mbg": gettext_lazy("The chance of no order alone as signal"),
    "days_silent": gettext_lazy("Days silent"),
    "own_gap_ratio": gettext_lazy("Silence against own usual gap"),
    "bgnbd": gettext_lazy("BG/NBD"),
    "revenue": gettext_lazy("Revenue only"),
}
SIGNALS = LISTS | {
    "shipped": gettext_lazy("The signal in use"),
    "mbg": gettext_lazy("Chance of no order"),
}
MEANING = {
    Rung.LOGISTIC: gettext_lazy(
        "The chance of no order in 90 days is learned from what became of similar customers of this"
        " company; of customers with fewer than three order days, or silent for longer than 180"
        " days, it follows from their own rhythm."
    ),
    Rung.MBG: gettext_lazy(
        "The chance of no order in 90 days follows from each customer's own rhythm and from how"
        " customers of this company leave."
    ),
    Rung.CADENCE: gettext_lazy(
        "No chances can be computed for now, so no alert opens. “Later than usual” compares"
        " each customer with its own rhythm."
    ),
}


class Cases(NamedTuple):
    """Alerts like one, of the list as it is shown, replayed on the company's own past."""

    n: int
    right: int

    @property
    def share(self) -> float:
        return self.right / self.n

    @property
    def sentence(self) -> str:
        shown = {"share": percent(self.share), "n": number_format(self.n)}
        return _("Alerts like this were right %(share)s of the time (%(n)s cases).") % shown

    @property
    def short(self) -> str:
        shown = {"share": percent(self.share), "n": number_format(self.n)}
        return _("%(share)s right (%(n)s)") % shown


def cases_like(night: NightRun | None, grade: str | None, badge: str = "") -> Cases | None:
    """Those of its grade; where these are fewer than 30, all; None where even these are. Of an
    alert raised by a badge those that this badge raised."""
    found = night.alert_quality.get("cases", {}) if night else {}
    for part in (f"signal:{badge}",) if badge else (f"grade:{grade}", "all"):
        n, right = found.get(part, (0, 0))
        if n >= ENOUGH:
            return Cases(n, right)
    return None


def meaning(fit: ChurnFit | None) -> list[str]:
    """The signal by name and why it is not a better one, and what an alert says."""
    if fit is None or fit.rung not in MEANING:
        return []
    return [str(signal_in_force(fit)), str(MEANING[Rung(fit.rung)])]


def threshold_found(found: dict[str, Any]) -> list[str]:
    """How a night came by its threshold; `found` is its `alert_quality`."""
    shown = {"threshold": percent(found["threshold"]), "wanted": percent(found["wanted"])}
    said = [_("Alerts open from a chance of no order in 90 days of %(threshold)s.") % shown]
    said.append(str(HOW[found["how"]]) % shown)
    share, n = found["realised"] or (None, 0)
    if found["wanted"] is None:
        return said
    if share is None or n < ENOUGH:
        said.append(_few(n))
    else:
        real = shown | {"share": percent(share), "n": number_format(n)}
        said.append(str(RAISED if found["raised"] else KEPT) % real)
    return said


def _few(n: int) -> str:
    shown = {"n": number_format(n), "enough": ENOUGH}
    return (
        _(
            "How right alerts have been in fact cannot be said yet: %(n)s of at least %(enough)s have"
            " been judged on which nobody acted."
        )
        % shown
    )


HOW = {
    "measured": gettext_lazy(
        "It is the lowest at which alerts would have been right in %(wanted)s of the cases or more,"
        " with 90 %% confidence, on the newest day whose 90 days are over, and at which the list as it"
        " is shown was right as often."
    ),
    "not_reached": gettext_lazy(
        "That is the fixed threshold of the grading policy: at none would alerts have been right in"
        " %(wanted)s of the cases with 90 %% confidence, on the newest day whose 90 days are over, and"
        " the list as it is shown right as often."
    ),
    "too_little": gettext_lazy(
        "That is the fixed threshold of the grading policy: there is too little past to choose one"
        " by how right alerts would have been."
    ),
    "fixed": gettext_lazy(
        "That is the fixed threshold of the grading policy, which asks for no precision."
    ),
}
RAISED = gettext_lazy(
    "It was raised by one step of 5 percentage points, because alerts have been right less often than"
    " was wanted: %(share)s of %(n)s on which nobody acted, reweighted."
)
KEPT = gettext_lazy(
    "In fact %(share)s of %(n)s alerts at this chance on which nobody acted were right, reweighted."
)


def precision(n: int, right: int) -> str:
    """59 % (56–62): with its interval of 95 per cent; a dash of none."""
    between = interval(right, n)
    if between is None:
        return "–"
    low, high = (percent(each) for each in between)
    return _("%(share)s (%(low)s to %(high)s)") % {
        "share": percent(right / n),
        "low": low,
        "high": high,
    }
