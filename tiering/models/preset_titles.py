"""What a policy of ours is called and says of itself, in the language of whoever reads it."""

from functools import cache

from django.conf import settings
from django.utils.translation import gettext_lazy, override, pgettext_lazy

PRESET_TITLES = {
    "four_grades": pgettext_lazy("name of a new policy", "Four grades"),
    "no_key_below": pgettext_lazy("name of a new policy", "No key below an amount"),
    "abcd": pgettext_lazy("name of a new policy", "A B C D"),
    "ten_levels": pgettext_lazy("name of a new policy", "Ten levels"),
    "cumulative": pgettext_lazy("name of a new policy", "Shares of the value"),
    "money_lines": pgettext_lazy("name of a new policy", "Lines in money"),
    "point_lines": pgettext_lazy("name of a new policy", "Weighted points"),
}
# What the first policy of a book says of itself, as its migrations left it.
FIRST_NOTES = {
    "The customer pyramid by value likely to continue, with calm grades.": gettext_lazy(
        "The customer pyramid by value likely to continue, with calm grades."
    ),
    "The customer pyramid by value of the last 12 months.": gettext_lazy(
        "The customer pyramid by value of the last 12 months."
    ),
}


def note_of(note: str) -> str:
    """The note of the first policy in the language of the reader; any other as it was typed."""
    return str(FIRST_NOTES.get(note, note))


def title_of(name: str) -> str:
    """A name that nobody has edited in the language of the reader; any other as it was typed."""
    preset = _presets().get(name)
    return str(PRESET_TITLES[preset]) if preset else name


@cache
def _presets() -> dict[str, str]:
    """By the names that presets have in any language: whoever begins a draft leaves one of them."""
    found = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found |= {str(title): preset for preset, title in PRESET_TITLES.items()}
    return found
