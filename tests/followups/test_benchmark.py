"""The command `benchmark`: what it measures, and that it leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from functools import partial

import numpy as np
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection

from crm.models import Customer, OrderLine, Payment, User
from followups.benchmark import database, people, runs, stages, trade
from followups.benchmark.book import Size, book, next_day, pieces
from followups.benchmark.database import (
    BenchmarkError,
    execute,
    own_database,
    refuse_where_impossible,
)
from followups.benchmark.pages import chosen_pages
from followups.benchmark.report import as_tables
from followups.management.commands.benchmark import ended_by_sigterm
from tests.factories import (
    ChurnAlertFactory,
    CustomerFactory,
    FollowUpFactory,
    OrderFactory,
    StandingFactory,
)
from tiering.models import NightRun

LAST_DAY = 20_000
SMALL = Size(customers=300, orders=3_000, seed=1)


def test_the_same_seed_gives_the_same_book():
    first, again, other = (drawn(Size(500, 4_000, seed)) for seed in (7, 7, 8))

    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["cents"], other["cents"])


def drawn(size: Size) -> dict:
    found = book(size, last_day=LAST_DAY)
    parts = [*pieces(found), next_day(found, day=LAST_DAY + 1)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def test_a_book_has_the_size_that_was_asked_for(monkeypatch):
    monkeypatch.setattr("followups.benchmark.book.ORDERS_AT_ONCE", 700)
    found = book(SMALL, last_day=LAST_DAY)

    parts = list(pieces(found))

    assert len(parts) > 3
    documents = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    assert len(documents["day"]) == SMALL.orders
    assert np.array_equal(np.bincount(documents["place"], minlength=300), found.orders)
    assert documents["day"].max() <= LAST_DAY
    assert 0 < (documents["cents"] < 0).mean() < 0.1
    assert ((documents["cost"] < documents["cents"]) | (documents["cents"] <= 0)).mean() > 0.99


def test_the_next_day_brings_orders_of_one_customer_in_a_hundred():
    added = next_day(book(SMALL, last_day=LAST_DAY), day=LAST_DAY + 1)

    assert len(set(added["place"].tolist())) == len(added["place"]) == 3
    assert set(added["day"].tolist()) == {LAST_DAY + 1}


def test_every_customer_has_one_line():
    lines = [line for piece in people.customers(SMALL) for line in piece]

    assert len({line.split("\t")[1] for line in lines}) == SMALL.customers
    assert {len(line.split("\t")) for line in lines} == {8}


@pytest.mark.django_db
def test_every_tenth_customer_has_lines_and_pays():
    customer = CustomerFactory(pk=trade.SHARE)
    days = [date(2025, 3, 1), date(2025, 3, 2), date(2025, 5, 1)]
    orders = [
        OrderFactory(customer=customer, ordered_on=day, due_on=day + timedelta(days=30))
        for day in days
    ]
    OrderFactory(ordered_on=days[1])
    trade.add_articles()

    trade.add_trade(after=days[0], until=days[1] + timedelta(days=31))

    lines = OrderLine.objects.all()
    assert {line.order for line in lines} == {orders[1]}
    assert sum(line.amount for line in lines) == orders[1].amount
    assert {payment.order for payment in Payment.objects.all()} == set(orders[:2])


def test_every_stage_is_found_in_the_night():
    """Whoever renames a function of the night renames it here too."""
    assert all(callable(stages.find(name)) for name in stages.STAGES)


def test_a_stage_within_another_is_not_counted_twice(monkeypatch):
    clock = iter([10, 10, 13, 13, 18, 18, 20, 20])  # read before and after each entry is made
    monkeypatch.setattr(stages.time, "perf_counter", lambda: next(clock))
    watch = stages.Stopwatch()
    with watch.stage("outer"), watch.stage("inner"):
        pass

    seconds = {name: stage.seconds for name, stage in watch.stages.items()}
    assert seconds == {"outer": 3 + 2, "inner": 5}


def test_the_peak_of_a_stage_is_its_own():
    watch = stages.Stopwatch()
    with watch.stage("large"):
        np.ones(30_000_000)
    with watch.stage("small"):
        np.ones(1_000)

    large, small = (watch.stages[name].peak_mib for name in ("large", "small"))
    assert watch.peak_mib == large > small + 150


@pytest.fixture
def no_new_database(db):
    own = connection.settings_dict["NAME"]  # databases of other processes come and go meanwhile
    before = {name for name in databases() if name.startswith(own)}
    yield
    assert {name for name in databases() if name.startswith(own)} == before


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


@pytest.fixture
def migrated_before(monkeypatch):
    """A parallel run has a migrated database: that of the benchmark begins as a copy of it, and
    only the tables of the follow-ups are still to be made."""
    template = connection.settings_dict["TEST"].get("TEMPLATE")
    if template:
        monkeypatch.setattr(database, "create", partial(create_as_copy, template))


def create_as_copy(template, session, name):
    execute(session, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    execute(session, f"COMMENT ON DATABASE \"{name}\" IS '{database.OURS}'")
    copied = connection.copy()
    copied.settings_dict["NAME"] = name
    tables = connection.introspection.django_table_names()
    followups = ", ".join(table for table in tables if table.startswith("followups_"))
    execute(copied, f"DROP TABLE {followups} CASCADE")
    execute(copied, "DELETE FROM django_migrations WHERE app = 'followups'")
    copied.close()


@pytest.mark.usefixtures("no_new_database", "migrated_before")
def test_a_night_is_measured_in_a_database_of_its_own(capsys):
    call_command("benchmark", "--customers=100", "--orders=700", "--pages", "--times=1", "--json")

    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["customers"], found["orders"]) == (100, 700)
    assert list(found)[3:8] == ["floor_seconds", "nightly_seconds", "ratio", "peak_mib", "stages"]
    assert 0 < found["floor_seconds"] < found["nightly_seconds"] < 60
    # Seconds are printed in thousandths, the ratio in hundredths.
    least, most = (
        (found["nightly_seconds"] + off) / (found["floor_seconds"] - off)
        for off in (-0.0005, 0.0005)
    )
    assert least - 0.005 <= found["ratio"] <= most + 0.005
    assert 50 < found["peak_mib"] < 1000
    assert found["stages"].keys() == {*stages.STAGES.values(), stages.REST}
    nightly = [
        each["seconds"] for name, each in found["stages"].items() if name not in stages.WEEKLY
    ]
    assert sum(nightly) == pytest.approx(found["nightly_seconds"], rel=0.1, abs=0.01)
    assert found["notes"] == []
    assert len(found["pages"]) == 13
    assert all(page["ms"] > 1 and page["queries"] >= 2 for page in found["pages"].values())
    assert not Customer.objects.exists()
    assert not NightRun.objects.exists()


@pytest.mark.usefixtures("no_new_database")
def test_a_step_that_fails_leaves_no_database(capfd):
    with pytest.raises(BenchmarkError, match="The step night"), own_database() as name:
        runs.in_process(name, "night", as_of="2025-03-10")

    assert "does not exist" in capfd.readouterr().err  # no table there


@pytest.mark.django_db
def test_a_run_that_is_stopped_leaves_no_database():
    command = ["-m", "django", "benchmark", "--customers=1000", "--orders=10000", "--json"]
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts what runs in its background with this signal ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (no threads)
    )
    try:
        assert "Generating" in process.stderr.readline()  # now it has its database
        assert "vital_few_benchmark" in databases()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        process.kill()

    assert process.returncode == 130
    assert "vital_few_benchmark" not in databases()


def test_to_be_ended_is_to_be_stopped():
    before = signal.getsignal(signal.SIGTERM)

    with pytest.raises(SystemExit, match="143"), ended_by_sigterm():
        signal.raise_signal(signal.SIGTERM)

    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.django_db
def test_an_account_that_may_not_create_databases_is_told_so():
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE clerk NOCREATEDB")
        cursor.execute("SET LOCAL ROLE clerk")

    with pytest.raises(BenchmarkError, match="may not create databases"):
        refuse_where_impossible(connection, "any_benchmark")


@pytest.mark.django_db
def test_a_database_of_somebody_else_is_kept():
    name = f"{connection.settings_dict['NAME']}_benchmark"
    session = connection.copy()
    execute(session, f'CREATE DATABASE "{name}"')
    try:
        with pytest.raises(BenchmarkError, match="did not make it"), own_database():
            pass
        assert name in databases()
    finally:
        execute(session, f'DROP DATABASE "{name}"')
        session.close()


@pytest.fixture
def small_company(east, alice, mona):
    customers = [CustomerFactory(owner=alice) for _number in range(3)]
    for customer in customers:
        OrderFactory(customer=customer)
        StandingFactory(customer=customer)
        FollowUpFactory(customer=customer, alert=ChurnAlertFactory(customer=customer))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_pages_of_the_configured_database_are_measured_without_changing_it(capsys, small_company):
    before = (Session.objects.count(), *User.objects.values_list("last_login", flat=True))

    call_command("benchmark", "--pages", "--here", "--times=1", "--json")

    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (found["customers"], found["orders"], found["notes"]) == (3, 3, [])
    roles = {name: page["role"] for name, page in found["pages"].items()}
    assert (roles["today"], roles["dashboard"]) == ("rep", "manager")
    assert all(page["ms"] > 1 and page["queries"] >= 2 for page in found["pages"].values())
    after = (Session.objects.count(), *User.objects.values_list("last_login", flat=True))
    assert after == before


@pytest.mark.django_db
def test_who_is_not_there_is_named(alice):
    CustomerFactory(owner=alice)

    pages, notes = chosen_pages()

    assert {page.user for page in pages} == {alice}
    assert notes == [
        "No manager or administrator here sees customers, so their pages are not measured."
    ]


@pytest.mark.django_db
def test_without_customers_there_is_no_page(alice, mona):
    with pytest.raises(BenchmarkError, match="Nobody here has customers"):
        chosen_pages()


def test_figures_are_tables_for_people():
    figures = {
        "customers": 300, "orders": 3000, "floor_seconds": 0.5, "nightly_seconds": 1.5,
        "ratio": 3.0, "peak_mib": 200.0, "floor": {"copy_out": 0.25},
        "stages": {"facts": {"seconds": 0.75, "peak_mib": 190.0}},
        "pages": {"today": {"role": "rep", "ms": 12.34, "queries": 9}}, "notes": ["Nothing else."],
    }  # fmt: skip

    lines = [" ".join(line.split()) for line in as_tables(figures).splitlines()]

    assert lines[0] == "300 customers, 3000 orders"
    assert {"facts 0.75 190", "floor copy_out 0.25", "today rep 12.3 9"} <= set(lines)
    assert "The night took 1.5 s, the floor 0.5 s: 3.0 times the floor." in as_tables(figures)
    assert lines[-1] == "Nothing else."


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Say how many"),
        (["--customers=99", "--orders=1000"], "100 or more"),
        (["--customers=100"], "Say how many"),
        (["--here"], "goes with --pages"),
        (["--here", "--pages", "--customers=100"], "generates nothing"),
        (["--customers=100", "--orders=100", "--seed=-1"], "--seed one from 0"),
        (["--here", "--pages", "--times=0"], "--times is a whole number"),
    ],
)
def test_nonsense_is_refused(options, message):
    with pytest.raises(CommandError, match=message):
        call_command("benchmark", *options)
