"""Money, shares and days as a reader of the language in use expects them."""

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from html import escape

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import mark_safe
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


STEPS = [Decimal(1).scaleb(-places) for places in range(7)]


def rounded(amount: Decimal, places: int) -> Decimal:
    return amount.quantize(STEPS[places], rounding=ROUND_HALF_UP)


def grouped(amount: Decimal, places: int) -> str:
    """12,400.50: written alike in the languages spoken here, and a list has hundreds of them."""
    return f"{amount:,.{places}f}"


def to_places(number, places: int) -> str:
    """4.21, rounded half up: Django's `number_format` would cut the places off."""
    return grouped(rounded(Decimal(str(number)), places), places)


@register.filter
def money(amount, currency=""):
    """¥12,400, to the cent only where there are cents."""
    if amount is None or amount == "":
        return NOTHING
    exact = rounded(Decimal(amount), 2)
    places = 0 if exact == exact.to_integral_value() else 2
    return with_sign(exact, grouped(abs(exact), places), currency)


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
    figure = abs(exact)
    for size, unit, places in UNITS.get(get_language(), ENGLISH_UNITS):
        # Only what rounds up to a whole unit is written in it.
        if figure >= size or rounded(figure / size, places) >= 1:
            scaled = figure / size
            places = places if scaled < 100 else 0
            return with_sign(exact, grouped(rounded(scaled, places), places) + unit, currency)
    return with_sign(exact, grouped(rounded(figure, 0), 0), currency)


@register.filter
def money_cell(amount, currency=""):
    """The short figure, with the whole one on hover and for machines."""
    if amount is None or amount == "":
        return NOTHING
    whole, short = escape(money(amount, currency)), escape(money_short(amount, currency))
    return mark_safe(f'<data class="money" value="{amount}" title="{whole}">{short}</data>')


@register.filter
def percent(share, places=0):
    """.58 → 58 %."""
    if share is None or share == "":
        return NOTHING
    figure = rounded(Decimal(str(share)) * 100, int(places))
    return _("%(figure)s %%") % {"figure": grouped(figure, int(places))}


@register.filter
def as_chance(share, places=0):
    """.58 → 58 %, but .998 → > 99 % and .003 → < 1 %: what may happen is never certain."""
    if share is None or share == "":
        return NOTHING
    step = STEPS[int(places)] / 100
    nearest = rounded(Decimal(str(share)), int(places) + 2)
    if nearest > 1 - step:
        return f"> {percent(1 - step, places)}"
    return percent(share, places) if nearest >= step else f"< {percent(step, places)}"


@register.filter
def pp(difference, places=0):
    """A difference of shares, .07 → 7 pp: "7 %" would be read as a part of the share."""
    return _("%(figure)s pp") % {"figure": to_places(difference * 100, int(places))}


@register.filter
def day(value):
    """24 Nov, with the year only where it is not this one."""
    if not value:
        return NOTHING
    return day_in(get_language(), value, timezone.localdate().year)


@lru_cache(maxsize=4096)
def day_in(language, value, this_year):
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
