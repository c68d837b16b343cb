"""What a policy that was begun from a preset is called, in the language of whoever reads it."""

from functools import cache

from django.conf import settings
from django.utils.translation import override, pgettext_lazy

PRESET_TITLES = {
    "four_grades": pgettext_lazy("name of a new policy", "Four grades"),
    "abcd": pgettext_lazy("name of a new policy", "A B C D"),
    "ten_levels": pgettext_lazy("name of a new policy", "Ten levels"),
    "cumulative": pgettext_lazy("name of a new policy", "Shares of the value"),
    "point_lines": pgettext_lazy("name of a new policy", "Weighted points"),
}


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
