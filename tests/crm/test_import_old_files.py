"""Files of imports go after some time; their records, and all that undo needs, stay."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from crm.imports import old_files, services
from crm.models import ImportBatch, Order
from crm.sheets import mapping
from crm.tasks import remove_old_files
from tests.crm.import_files import HEADER, take_back

pytestmark = pytest.mark.django_db

NOW = timezone.now()
DAY = timedelta(days=1)


@pytest.fixture
def uploaded(ada, buyer):
    """A file of a good and a bad line, uploaded on the page by ada."""
    file = SimpleUploadedFile("orders.csv", f"{HEADER}S1,C1,2025-03-01,5\nS2,C1,soon,5\n".encode())
    batch = services.upload(file=file, kind="orders", saved=None, by=ada)
    return ImportBatch.objects.get(pk=batch.pk)


@pytest.fixture
def committed(uploaded, django_capture_on_commit_callbacks):
    for state in ("checking", "running"):
        services.begin(batch=uploaded, state=state, now=NOW)
        with django_capture_on_commit_callbacks(execute=True):
            services.perform(batch_id=uploaded.pk, now=NOW)
    uploaded.refresh_from_db()
    assert (uploaded.state, uploaded.rejected) == ("committed", 1)
    return uploaded


def files_of(batch):
    storage = batch.file.storage
    return sorted(storage.listdir("imports")[1])


def test_files_go_some_days_after_the_import_ended_and_not_before(committed, settings):
    settings.IMPORT_FILES_KEPT_DAYS = 30
    ended = committed.finished_at

    assert old_files.remove(now=ended + 30 * DAY) == 0
    assert len(files_of(committed)) == 2
    assert old_files.remove(now=ended + 31 * DAY) == 1
    assert files_of(committed) == []
    assert old_files.remove(now=ended + 31 * DAY) == 0

    kept = ImportBatch.objects.get()
    assert (kept.state, kept.rows, kept.created, kept.rejected) == ("committed", 2, 1, 1)
    assert (kept.file.name, kept.rejects.name) == ("", "")
    assert kept.files_removed_at == ended + 31 * DAY


def test_a_file_that_was_only_uploaded_goes_too(uploaded):
    assert old_files.remove(now=uploaded.created_at + 91 * DAY) == 1
    assert files_of(uploaded) == []


def test_the_file_of_an_import_at_work_stays(uploaded):
    ImportBatch.objects.update(created_at=NOW - 200 * DAY)
    services.begin(batch=uploaded, state="checking", now=NOW)

    assert old_files.remove(now=NOW + DAY) == 0
    assert len(files_of(uploaded)) == 1


def test_what_a_killed_run_left_is_removed_by_the_next_one(committed):
    ImportBatch.objects.update(files_removed_at=NOW)

    assert old_files.remove(now=NOW) == 1
    assert files_of(committed) == []


def test_undo_needs_no_file(committed):
    old_files.remove(now=NOW + 100 * DAY)

    assert take_back(ImportBatch.objects.get()).state == "undone"
    assert not Order.objects.exists()


def test_the_page_says_that_the_files_went_and_offers_none(committed, ada, client):
    client.force_login(ada)
    rejects = reverse("import_rejects", args=[committed.pk])
    assert rejects in client.get(committed.get_absolute_url()).content.decode()

    old_files.remove(now=NOW + 100 * DAY)

    page = client.get(committed.get_absolute_url()).content.decode()
    assert "The files of this import were removed on" in page
    assert "can still be undone" in page
    assert rejects not in page
    assert client.get(rejects).status_code == 404


def test_nothing_is_begun_with_a_file_that_went(uploaded, ada, client):
    found = mapping.from_dict(uploaded.mapping)
    client.force_login(ada)
    old_files.remove(now=NOW + 100 * DAY)

    page = client.get(uploaded.get_absolute_url())
    answer = client.post(reverse("import_commit", args=[uploaded.pk]), follow=True)

    assert page.context["form"] is None
    assert "upload the file again" in page.content.decode()
    uploaded.refresh_from_db()
    with pytest.raises(services.NotNow, match="Upload it again"):
        services.begin(batch=uploaded, state="checking", now=NOW)
    assert answer.status_code == 200
    uploaded.refresh_from_db()
    assert (uploaded.state, mapping.from_dict(uploaded.mapping)) == ("uploaded", found)


def test_beat_s_task_reads_the_clock(committed):
    ImportBatch.objects.update(finished_at=NOW - 91 * DAY)

    remove_old_files()

    assert files_of(committed) == []
