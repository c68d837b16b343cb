"""Figures as they are read, in the language of the reader."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.utils import translation

from crm.templatetags import format as show


@pytest.mark.parametrize(
    ("amount", "english", "hans", "hant"),
    [
        ("0", "¥0", "¥0", "¥0"),
        ("640.4", "¥640", "¥640", "¥640"),
        ("999.6", "¥1.0k", "¥1,000", "¥1,000"),
        ("84200", "¥84.2k", "¥8.4万", "¥8.4萬"),
        ("112310", "¥112k", "¥11.2万", "¥11.2萬"),
        ("25638100", "¥25.64M", "¥2,564万", "¥2,564萬"),
        ("365000000", "¥365M", "¥3.65亿", "¥3.65億"),
        ("-84200", "−¥84.2k", "−¥8.4万", "−¥8.4萬"),
    ],
)
def test_money_is_short_in_lists(amount, english, hans, hant):
    for language, text in (("en", english), ("zh-hans", hans), ("zh-hant", hant)):
        with translation.override(language):
            assert show.money_short(Decimal(amount)) == text


def test_money_is_whole_with_cents_only_where_there_are_some():
    assert show.money(Decimal("12400.00")) == "¥12,400"
    assert show.money(Decimal("-12400.05")) == "−¥12,400.05"
    assert show.money(Decimal(5), "EUR") == "€5"
    assert show.money(Decimal(5), "SEK") == "SEK\u00a05"
    assert show.money(None) == show.money_short("") == "–"


def test_the_short_figure_carries_the_whole_one():
    cell = show.money_cell(Decimal("84200.00"))

    assert cell == '<data class="money" value="84200.00" title="¥84,200">¥84.2k</data>'


def test_shares_are_rounded_half_up():
    assert show.percent(0.585) == "59 %"
    assert show.percent(0.1234, 1) == "12.3 %"
    assert show.percent(None) == "–"


@pytest.mark.parametrize(
    ("share", "whole", "to_one_place"),
    [
        (0.585, "59 %", "58.5 %"),
        (0.994, "99 %", "99.4 %"),
        (0.998, "> 99 %", "99.8 %"),
        (1.0, "> 99 %", "> 99.9 %"),
        (0.005, "1 %", "0.5 %"),
        (0.0004, "< 1 %", "< 0.1 %"),
        (None, "–", "–"),
    ],
)
def test_no_chance_is_said_to_be_certain(share, whole, to_one_place):
    assert (show.as_chance(share), show.as_chance(share, 1)) == (whole, to_one_place)


def test_places_are_rounded_and_not_cut_off():
    assert [show.to_places(each, 2) for each in (0.915, 3.9353, Decimal("1234.996"))] == [
        "0.92",
        "3.94",
        "1,235.00",
    ]


def test_days_name_the_year_only_where_it_is_another():
    with time_machine.travel(date(2026, 11, 21), tick=False):
        assert show.day(date(2026, 11, 24)) == "24 Nov"
        assert show.day(date(2025, 11, 24)) == "24 Nov 2025"
        assert show.weekday(date(2026, 11, 24)) == "Tue 24 Nov"
        assert show.day(None) == "–"
