"""Money, shares and days as a reader of the language in use expects them."""

from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()

SYMBOLS = {"CNY": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$"}
# Size of the unit, its sign, and the places shown below a hundred of them.
ENGLISH_UNITS = [(Decimal(10**9), "bn", 2), (Decimal(10**6), "M", 2), (Decimal(10**3), "k", 1)]
HANS_UNITS = [(Decimal(10**8), "亿", 2), (Decimal(10**4), "万", 1)]
HANT_UNITS = [(Decimal(10**8), "億", 2), (Decimal(10**4), "萬", 1)]
UNITS = {"zh-hans": HANS_UNITS, "zh-hant": HANT_UNITS}
NOTHING = "–"


def symbol(currency: str = "") -> str:
    code = currency or settings.BASE_CURRENCY
    return SYMBOLS.get(code, f"{code}\u00a0")


def with_sign(amount: Decimal, text: str, currency: str = "") -> str:
    return f"{'−' if amount < 0 else ''}{symbol(currency)}{text}"


def rounded(amount: Decimal, places: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


@register.filter
def money(amount, currency=""):
    """¥12,400, to the cent only where there are cents."""
    if amount is None or amount == "":
        return NOTHING
    exact = rounded(Decimal(amount), 2)
    places = 0 if exact == exact.to_integral_value() else 2
    text = number_format(abs(exact), places, force_grouping=True)
    return with_sign(exact, text, currency)


@register.filter
def money_whole(amount, currency=""):
    """¥12,400 where the cents say nothing; show the whole figure on hover."""
    if amount is None or amount == "":
        return NOTHING
    return money(rounded(Decimal(amount), 0), currency)


@register.filter
def money_short(amount, currency=""):
    """¥84.2k, 8.4万: three figures or so, for lists."""
    if amount is None or amount == "":
        return NOTHING
    exact = Decimal(amount)
    for size, unit, places in UNITS.get(get_language(), ENGLISH_UNITS):
        scaled = abs(exact) / size
        if rounded(scaled, places) >= 1:
            places = places if scaled < 100 else 0
            return with_sign(
                exact,
                number_format(rounded(scaled, places), places, force_grouping=True) + unit,
                currency,
            )
    return with_sign(exact, number_format(rounded(abs(exact), 0), 0, force_grouping=True), currency)


@register.filter
def money_cell(amount, currency=""):
    """The short figure, with the whole one on hover and for machines."""
    if amount is None or amount == "":
        return NOTHING
    return format_html(
        '<data class="money" value="{}" title="{}">{}</data>',
        amount,
        money(amount, currency),
        money_short(amount, currency),
    )


@register.filter
def percent(share, places=0):
    """.58 → 58 %."""
    if share is None or share == "":
        return NOTHING
    figure = rounded(Decimal(str(share)) * 100, int(places))
    return _("%(figure)s %%") % {"figure": number_format(figure, int(places))}


@register.filter
def day(value):
    """24 Nov, with the year only where it is not this one."""
    if not value:
        return NOTHING
    this_year = timezone.localdate().year
    return date_format(value, _("j M") if value.year == this_year else _("j M Y"))


@register.filter
def weekday(value):
    """Tue 24 Nov."""
    return date_format(value, _("D j M")) if value else NOTHING


@register.filter
def long_day(value):
    """Tuesday 24 November."""
    return date_format(value, _("l j F")) if value else NOTHING


@register.filter
def moment(value):
    """24 Nov, 02:14, in the reader's time zone."""
    if not value:
        return NOTHING
    local = timezone.localtime(value)
    gap = " " if get_language() in UNITS else ", "
    return f"{day(local.date())}{gap}{local:%H:%M}"


@register.filter
def days_since(value, today):
    """Whole days from one date to another."""
    return (today - value).days if value else None
