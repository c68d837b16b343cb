"""Pure: when somebody's next birthday is."""

from datetime import date


def next_birthday(born_on: date, *, today: date) -> date:
    """The first birthday from `today` on; of somebody born on 29 February, 1 March in other years."""
    this_year = _in_year(born_on, today.year)
    return this_year if this_year >= today else _in_year(born_on, today.year + 1)


def _in_year(born_on: date, year: int) -> date:
    try:
        return born_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
