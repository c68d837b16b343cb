"""The signal of alerts in words: its name, and why it is not a better one."""

from typing import Any, NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from crm.templatetags.format import to_places
from tiering.churn.ladder import ENOUGH_POSITIVES, ENOUGH_ROWS, ENOUGH_SLICES, Why
from tiering.models import ChurnFit

Rung = ChurnFit.Rung


class InForce(NamedTuple):
    name: str
    why: str

    def __str__(self) -> str:
        name = _("Signal: %(name)s.") % {"name": self.name}
        return f"{name} {self.why}".strip()


def signal_in_force(fit: ChurnFit | None) -> InForce | None:
    """None before the first fit, and for fits from before there was a choice."""
    if fit is None or not fit.rung:
        return None
    return InForce(fit.get_rung_display(), why_not_better(fit))


def why_not_better(fit: ChurnFit) -> str:
    """One sentence; for the best signal, what it was learned from."""
    sentence = SENTENCES.get(fit.why)
    if sentence is None or (fit.rung == Rung.LOGISTIC) != (fit.why == Why.BEST):
        return ""
    better = Rung.MBG if fit.rung == Rung.CADENCE else Rung.LOGISTIC
    names = {"better": better.label, "simple": Rung.MBG.label}
    return sentence() % (names | _figures(fit))


def _figures(fit: ChurnFit) -> dict[str, Any]:
    return {
        "slices": number_format(fit.slices),
        "rows": number_format(fit.rows),
        "silent": number_format(fit.positives),
        "others": number_format(fit.rows - fit.positives),
        "enough_slices": number_format(ENOUGH_SLICES),
        "enough_rows": number_format(ENOUGH_ROWS),
        "enough_positives": number_format(ENOUGH_POSITIVES),
        "by_simple": _of_100(fit.auc_mbg),
        "by_learned": _of_100(fit.auc_logistic),
    }


def _of_100(auc: float | None) -> str:
    """AUC: of so many of 100 pairs, one silent and one not, the silent one had the higher chance."""
    return "–" if auc is None else to_places(100 * auc, 1)


SENTENCES = {
    Why.BEST: lambda: _(
        "It has learned from %(rows)s past cases of %(slices)s months. Of 100 pairs of a customer "
        "who fell silent and one who ordered it told %(by_learned)s apart, “%(simple)s” "
        "%(by_simple)s, in the newest month that is over."
    ),
    Why.FEW_SLICES: lambda: _(
        "“%(better)s” is not used yet: of the %(enough_slices)s past months that it takes, "
        "%(slices)s lie far enough back to be judged."
    ),
    Why.FEW_ROWS: lambda: _(
        "“%(better)s” is not used yet: there are %(rows)s of the %(enough_rows)s past cases "
        "that it takes."
    ),
    Why.FEW_POSITIVES: lambda: _(
        "“%(better)s” is not used yet: of its past cases %(silent)s fell silent and %(others)s "
        "ordered, and it takes %(enough_positives)s of both."
    ),
    Why.NOT_MEASURED: lambda: _(
        "“%(better)s” is not used yet: there is no older past to try it on before it decides."
    ),
    Why.WORSE: lambda: _(
        "“%(better)s” is not used: of 100 pairs of a customer who fell silent and one who ordered "
        "it told %(by_learned)s apart, this one %(by_simple)s, in the newest month that is over."
    ),
    Why.TOO_LITTLE_DATA: lambda: _("“%(better)s” is not used: there is too little data for it."),
    Why.NOT_FINITE: lambda: _(
        "“%(better)s” is not used: figures of this company's past cannot be computed with."
    ),
    Why.NO_CONVERGENCE: lambda: _(
        "“%(better)s” is not used: its computation did not come to an answer."
    ),
}
