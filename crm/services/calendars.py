"""Which holidays the company keeps."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from crm.calendars import mainland
from crm.models import Holiday, HolidayCalendar
from crm.models.calendar import CalendarCode

NAMES = {
    mainland.NEW_YEAR: _("New Year"),
    mainland.SPRING: _("Spring Festival"),
    mainland.QINGMING: _("Qingming Festival"),
    mainland.LABOUR: _("Labour Day"),
    mainland.DRAGON_BOAT: _("Dragon Boat Festival"),
    mainland.VICTORY: _("Victory Day"),
    mainland.MID_AUTUMN: _("Mid-Autumn Festival"),
    mainland.NATIONAL: _("National Day"),
}
PRESETS = {
    CalendarCode.MAINLAND: mainland.statutory,
    CalendarCode.TRADE: mainland.of_the_trade,
}


@transaction.atomic
def choose_calendar(*, code: str) -> HolidayCalendar:
    """Keep this calendar from now on. A preset is filled in once; what was edited stays."""
    chosen, _created = HolidayCalendar.objects.update_or_create(only=True, defaults={"code": code})
    preset = PRESETS.get(CalendarCode(code))
    if preset and not Holiday.objects.filter(calendar=code).exists():
        with override(settings.LANGUAGE_CODE):
            Holiday.objects.bulk_create(
                Holiday(
                    calendar=code,
                    first_on=span.first_on,
                    last_on=span.last_on,
                    name=str(NAMES[span.name]),
                )
                for span in preset()
            )
    return chosen
