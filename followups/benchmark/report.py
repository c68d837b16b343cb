"""The figures of a benchmark as tables for people."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

NAME_WIDTH, WIDTH = 18, 12


def as_tables(figures: dict[str, Any]) -> str:
    parts = [night_table(figures) if "stages" in figures else book_line(figures)]
    if "pages" in figures:
        parts.append(pages_table(figures["pages"]))
    return "\n\n".join([*parts, *figures.get("notes", [])])


def night_table(figures: dict[str, Any]) -> str:
    rows = [(_("stage"), _("seconds"), _("peak, MiB")), *stage_rows(figures["stages"])]
    rows += [(f"floor {name}", f"{each:.2f}", "") for name, each in figures["floor"].items()]
    return "\n".join([book_line(figures), "", *aligned(rows), "", night_line(figures)])


def book_line(figures: dict[str, Any]) -> str:
    return _("%(customers)s customers, %(orders)s orders") % figures


def night_line(figures: dict[str, Any]) -> str:
    return (
        _(
            "The night took %(nightly_seconds)s s, the floor %(floor_seconds)s s: %(ratio)s times"
            " the floor. Peak memory %(peak_mib)s MiB. The weekly refit is not in it."
        )
        % figures
    )


def stage_rows(stages: dict[str, dict[str, float]]) -> Iterator[tuple[str, str, str]]:
    for name, stage in stages.items():
        yield name, f"{stage['seconds']:.2f}", f"{stage['peak_mib']:.0f}"


def pages_table(pages: dict[str, dict[str, Any]]) -> str:
    rows = [(_("page"), _("role"), _("ms"), _("queries"))]
    rows += [
        (name, each["role"], f"{each['ms']:.1f}", str(each["queries"]))
        for name, each in pages.items()
    ]
    return "\n".join(aligned(rows))


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Codes to the left, figures to the right."""
    return [
        f"{name:<{NAME_WIDTH}}" + "".join(f"{cell:>{WIDTH}}" for cell in cells)
        for name, *cells in rows
    ]
