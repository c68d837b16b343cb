"""Two imports at once, a worker that dies, a day that is done already."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from crm.imports import runs, services
from crm.models import Customer, ImportBatch, ImportChange, Order
from crm.tasks import run_import
from tests.crm.import_files import bring_in, counts
from tests.factories import CustomerFactory

HEADER = "number,customer,ordered_on,amount\n"
NOW = timezone.now()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "orders.csv"
    lines = "".join(f"{n},C{n % 7},2025-03-01,{n}\n" for n in range(500))
    path.write_text(HEADER + lines)
    return path


def waiting_backends():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s",
            [runs.ONE_WRITER],
        )
        return [pid for (pid,) in cursor.fetchall()]


@pytest.fixture
def beside():
    """Run something beside the test, on a connection of its own."""

    def work(call):
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        yield lambda call: pool.submit(work, call)


def wait_for(condition):
    end = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
    return found


def hold_writer_lock(cursor):
    cursor.execute("SELECT pg_advisory_lock(%s)", [runs.ONE_WRITER])


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_worker_that_dies_in_the_middle_leaves_nothing_and_can_start_again(file, beside):
    with connection.cursor() as cursor:
        hold_writer_lock(cursor)
        worker = beside(lambda: bring_in(file, "orders", create_customers=True))
        [pid] = wait_for(waiting_backends)
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        assert isinstance(worker.exception(60), OperationalError)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [runs.ONE_WRITER])
    assert not Order.objects.exists()
    assert not Customer.objects.exists()
    assert not ImportChange.objects.exists()

    batch = ImportBatch.objects.get()
    assert (batch.state, batch.error) == ("failed", {"code": "unexpected"})

    services.begin(batch=batch, state="running", now=timezone.now())
    services.perform(batch_id=batch.pk, path=file, now=timezone.now())
    batch.refresh_from_db()
    assert counts(batch) == {"rows": 500, "created": 500}
    assert Order.objects.count() == 500


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_imports_of_one_file_at_once_make_its_orders_once(file, beside):
    with connection.cursor() as cursor:
        hold_writer_lock(cursor)
        workers = [
            beside(lambda: bring_in(file, "orders", create_customers=True)) for _ in range(2)
        ]
        wait_for(lambda: len(waiting_backends()) == 2)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [runs.ONE_WRITER])
    assert [worker.exception(60) for worker in workers] == [None, None]

    assert Order.objects.count() == 500
    assert Customer.objects.count() == 7
    found = ImportBatch.objects.order_by("created").values_list("state", "created", "unchanged")
    assert list(found) == [("committed", 0, 500), ("committed", 500, 0)]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_batch_that_is_worked_on_is_not_worked_on_twice(file, beside):
    batch = checked(file)
    services.begin(batch=batch, state="running", now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [runs.ONE_RUN, batch.pk])
        second = beside(lambda: services.perform(batch_id=batch.pk, path=file, now=timezone.now()))
        assert second.exception(60) is None
        old = timezone.now() + timedelta(hours=1)
        assert services.heal(now=old) == 0  # somebody holds its lock: it is not dead
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [runs.ONE_RUN, batch.pk])

    assert not Order.objects.exists()
    batch.refresh_from_db()
    assert batch.state == "running"


def checked(file):
    CustomerFactory(code="C1")
    batch = bring_in(file, "orders", state="checking")
    assert batch.state == "checked"
    return batch


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "after"),
    [("checking", "failed"), ("running", "failed"), ("undoing", "committed")],
)
def test_work_whose_process_died_is_said_to_be_interrupted(state, after):
    batch = ImportBatch.objects.create(
        kind="orders", state=state, started_at=NOW, alive_at=NOW - timedelta(minutes=1)
    )

    assert services.heal(now=NOW) == 1

    batch.refresh_from_db()
    assert (batch.state, batch.error) == (after, {"code": "interrupted"})


@pytest.mark.django_db
def test_work_that_waits_for_its_turn_is_not_dead():
    ImportBatch.objects.create(kind="orders", state="running", alive_at=NOW - timedelta(hours=1))

    assert services.heal(now=NOW) == 0


@pytest.mark.django_db
def test_a_task_delivered_twice_does_its_work_once(file):
    batch = checked(file)
    with file.open("rb") as content:
        batch.file.save("orders.csv", content)
    services.begin(batch=batch, state="running", now=NOW)

    run_import(batch.pk)
    run_import(batch.pk)

    batch.refresh_from_db()
    assert (batch.state, batch.created) == ("committed", Order.objects.count())


@pytest.mark.django_db
def test_a_dry_run_changes_nothing_and_leaves_no_tables(file):
    batch = bring_in(file, "orders", state="checking", create_customers=True)

    assert counts(batch) == {"rows": 500, "created": 500}
    assert batch.customers_created == 7
    assert not Order.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('import_row'), to_regclass('import_doc')")
        assert cursor.fetchone() == (None, None)
