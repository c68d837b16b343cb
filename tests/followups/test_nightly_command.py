"""The command `nightly`: grades, alerts and follow-ups of a day, and what it says of them."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse

from followups.models import FollowUp
from tests.factories import AS_OF, UserFactory
from tests.tiering.books import book_of_values, customers, order, restless_book
from tiering.models import ChurnAlert, NightRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def nightly(capsys):
    """Run the command; the object on its last line."""

    def run(*options: str, as_of=AS_OF) -> dict:
        call_command("nightly", "--as-of", as_of.isoformat(), "--json", *options)
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


@pytest.fixture
def quiet_book():
    restless_book()
    (customer,) = customers(1, "Q", owner=UserFactory())
    for days_ago in range(120, 400, 14):
        order(customer, days_ago)
    return customer


def test_the_figures_of_the_night_are_one_object(nightly, quiet_book):
    found = nightly()

    run = NightRun.objects.get()
    assert list(found) == [
        "as_of", "customers", "graded", "changed", "counts",
        "alerts_open", "alerts_opened", "alerts_held", "followups_opened", "seconds",
    ]  # fmt: skip
    assert (found["as_of"], found["customers"], found["changed"]) == ("2025-03-10", 121, 121)
    assert list(found["counts"].items()) == [
        (grade, run.counts[grade]) for grade in ("key", "secondary", "general", "maintain")
    ]
    assert sum(found["counts"].values()) == found["customers"]
    assert found["graded"] == run.graded
    assert found["alerts_open"] == found["alerts_opened"] == ChurnAlert.objects.open().count() > 0
    assert found["followups_opened"] == FollowUp.objects.count() > 0
    assert found["seconds"] > 0


def test_an_alert_becomes_a_follow_up_of_that_day(nightly, quiet_book):
    nightly()

    followup = FollowUp.objects.get(customer=quiet_book, reason="gone_quiet")
    assert (followup.assignee, followup.opened_on) == (quiet_book.owner, AS_OF)
    assert followup.alert == ChurnAlert.objects.get(customer=quiet_book)


@pytest.mark.parametrize("option", [[], ["--force"]])
def test_again_it_changes_and_opens_nothing(nightly, quiet_book, option):
    first = nightly()

    again = nightly(*option)

    nothing = {"changed": 0, "alerts_opened": 0, "followups_opened": 0}
    assert again | {"seconds": 0} == first | nothing | {"seconds": 0}


def test_without_json_it_says_so_in_words(capsys):
    book_of_values(300, 200, 100)

    call_command("nightly", "--as-of", "2025-03-10")

    text = capsys.readouterr().out
    assert text.startswith(
        "Night of 2025-03-10: 3 customers, 3 of them graded, 3 changes of grade."
        " Alerts: 0 open, 0 of them new, 0 next in line."
    )


def test_an_earlier_day_is_refused(nightly):
    nightly()

    with pytest.raises(CommandError, match="nights only go forward"):
        nightly(as_of=AS_OF - timedelta(days=1))


@time_machine.travel("2025-03-09T16:30:00Z", tick=False)  # the 10th in Shanghai
def test_a_day_that_has_not_come_is_refused(nightly):
    with pytest.raises(CommandError, match="2025-03-11 has not come yet"):
        nightly(as_of=AS_OF + timedelta(days=1))

    assert nightly(as_of=AS_OF)["as_of"] == "2025-03-10"


def nights() -> list[str]:
    """The days of the finished nights, in the order in which they ran."""
    found = NightRun.objects.finished().order_by("finished_at")
    return [str(day) for day in found.values_list("as_of", flat=True)]


def test_nights_that_were_missed_are_run_first_when_asked_for(nightly):
    book_of_values(100)
    nightly()
    later = AS_OF + timedelta(days=3)

    nightly("--make-good", as_of=later)

    assert nights() == ["2025-03-10", "2025-03-11", "2025-03-12", "2025-03-13"]


def test_without_a_day_it_runs_until_yesterday_in_order_or_skips_when_asked_to(capsys):
    book_of_values(100)
    call_command("nightly", "--as-of", "2025-03-10")
    with time_machine.travel("2025-03-13T18:00:00Z", tick=False):  # the 14th in Shanghai
        call_command("nightly")
        assert nights() == ["2025-03-10", "2025-03-11", "2025-03-12", "2025-03-13"]
        assert capsys.readouterr().err == ""

    with time_machine.travel("2025-03-17T18:00:00Z", tick=False):
        call_command("nightly", "--skip-missed")
    assert nights()[4:] == ["2025-03-17"]
    assert capsys.readouterr().err == "3 nights are skipped, 2025-03-14 to 2025-03-16.\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "2 nights are skipped, 2025-03-11 to 2025-03-12. --make-good runs them first;"),
        (["--skip-missed"], "2 nights are skipped, 2025-03-11 to 2025-03-12.\n"),
    ],
)
def test_nights_that_are_skipped_are_told_and_seen_afterwards(options, said, ada, client, capsys):
    book_of_values(100)
    call_command("nightly", "--as-of", "2025-03-10")

    call_command("nightly", "--as-of", "2025-03-13", *options)

    assert capsys.readouterr().err.startswith(said)
    assert nights() == ["2025-03-10", "2025-03-13"]
    client.force_login(ada)
    page = client.get(reverse("admin:tiering_nightrun_changelist"))
    assert re.search(r"2, 11 Mar[ 0-9]* to 12 Mar", page.content.decode())
