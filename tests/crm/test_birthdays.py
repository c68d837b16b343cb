from datetime import date

import pytest

from crm.birthdays import next_birthday


@pytest.mark.parametrize(
    ("born_on", "today", "expected"),
    [
        (date(1984, 3, 10), date(2025, 3, 10), date(2025, 3, 10)),
        (date(1984, 3, 9), date(2025, 3, 10), date(2026, 3, 9)),
        (date(1984, 1, 2), date(2025, 12, 30), date(2026, 1, 2)),
        (date(1984, 2, 29), date(2025, 2, 20), date(2025, 3, 1)),
        (date(1984, 2, 29), date(2028, 2, 20), date(2028, 2, 29)),
        (date(1984, 2, 29), date(2027, 3, 2), date(2028, 2, 29)),
    ],
)
def test_the_next_birthday(born_on, today, expected):
    assert next_birthday(born_on, today=today) == expected
