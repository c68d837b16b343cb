"""What a grading policy says, in sentences."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.templatetags.format import money, percent
from tiering.models import NightRun, Policy

BASES = {
    "continuing_value": gettext_lazy(
        "Customers with an order in the last 365 days are ranked by the value that is likely to"
        " continue: %(value)s of the last 12 months, returns taken off, times the chance that"
        " they order again within 180 days."
    ),
    "value": gettext_lazy(
        "Customers with an order in the last 365 days are ranked by their %(value)s of the last"
        " 12 months, returns taken off."
    ),
    "revenue": gettext_lazy(
        "Customers with an order in the last 365 days are ranked by their revenue of the last"
        " 12 months, returns taken off."
    ),
    "arpu": gettext_lazy(
        "Customers with an order in the last 365 days are ranked by their average revenue a"
        " month over the last 12 months, or over the months since their first order."
    ),
    "points": gettext_lazy(
        "Customers with an order in the last 365 days are ranked by points out of 100: the mean"
        " of the criteria below by weight. What is not known of a customer is left out."
    ),
}
SCHEMES = {
    "shares": gettext_lazy("The ranking is cut at shares of the customers."),
    "cumulative": gettext_lazy(
        "The ranking is cut at shares of the value: the first customers that together make so"
        " much of it are in the best level."
    ),
    "lines": gettext_lazy("The ranking is cut at fixed lines; who is on a line is above it."),
}
REST = gettext_lazy("All others are in the last level and inactive.")
REASONS = {
    "small_book": gettext_lazy(
        "Fewer than 100 customers have ordered in the last 365 days, so the book was cut by"
        " shares of the value: one per cent of forty customers is no grade."
    ),
    "no_model": gettext_lazy(
        "The orders are too few to tell who will order again, so the value of the last 12 months"
        " was ranked as it is."
    ),
}


def basis_sentence(policy: Policy, night: NightRun | None) -> str:
    is_profit = night is not None and night.value_is_profit
    value = _("gross profit") if is_profit else _("revenue")
    return BASES[policy.basis] % {"value": value}


def how_graded(policy: Policy, night: NightRun | None) -> list[str]:
    """How a customer gets its grade, as sentences."""
    found = [basis_sentence(policy, night), str(SCHEMES[policy.scheme]), str(REST)]
    if policy.floor is not None:
        text = _("Nobody below %(floor)s is in a level of the grade Key.")
        found.append(text % {"floor": score(policy.floor, policy.basis)})
    return found


def adapted(night: NightRun | None) -> list[str]:
    """Why the policy could not be applied to the book as it is written."""
    return reasons_in_words(night.reasons if night else [])


def reasons_in_words(codes: Sequence[str]) -> list[str]:
    return [str(REASONS[code]) for code in codes]


def calmness_sentences(policy: Policy) -> list[str]:
    """When the shown grade follows the computed one."""
    found = [*_waits(policy), *_protections(policy)]
    if policy.band:
        band = _("Clearly is more than %(band)s of the places of that line away from it.")
        found.insert(2, band % {"band": per_cent(Decimal(str(policy.band)) / 100)})
    if policy.one_step:
        found.append(_("A change goes one level at a time."))
    if policy.propose_only:
        found.append(_("Changes wait until a person approves them."))
    return found


def _waits(policy: Policy) -> list[str]:
    if policy.nights_up == policy.nights_down == 1 and not policy.band:
        return [_("A grade changes in the same night as the place of the customer.")]
    up = ngettext(
        "A better grade is shown after %(n)s night clearly above a line.",
        "A better grade is shown after %(n)s nights clearly above a line.",
        policy.nights_up,
    )
    down = ngettext(
        "A lower grade is shown after %(n)s night clearly below a line.",
        "A lower grade is shown after %(n)s nights clearly below a line.",
        policy.nights_down,
    )
    return [up % {"n": policy.nights_up}, down % {"n": policy.nights_down}]


def _protections(policy: Policy) -> list[str]:
    found = []
    if policy.new_days:
        text = ngettext(
            "Nobody falls within %(n)s day of the first order.",
            "Nobody falls within %(n)s days of the first order.",
            policy.new_days,
        )
        found.append(text % {"n": policy.new_days})
    if policy.alert_days:
        text = ngettext(
            "An open churn alert prevents a fall for %(n)s day at most.",
            "An open churn alert prevents a fall for %(n)s days at most.",
            policy.alert_days,
        )
        found.append(text % {"n": policy.alert_days})
    return found


def per_cent(part: Decimal) -> str:
    """.0584 is 5.84 %, .1 is 10 %: as many decimals as there are."""
    figure = (part * 100).normalize()
    return str(percent(part, max(-int(figure.as_tuple().exponent), 0)))


def score(amount: Decimal | float | None, basis: str) -> str:
    """Money, or points of 100, as a reader expects them."""
    if amount is None or basis != "points":
        return str(money(amount))
    return _("%(points)s points") % {"points": f"{Decimal(str(amount)):.2f}"}
