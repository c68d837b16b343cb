"""Who may import files, and what the list costs."""

import pytest
from django.urls import reverse

from crm.models import ImportBatch

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(ada):
    return ImportBatch.objects.create(kind="orders", file_name="orders.csv", by=ada)


PAGES = [
    ("imports", "get"),
    ("import_new", "get"),
    ("import_new", "post"),
    ("import", "get"),
    ("import_check", "post"),
    ("import_commit", "post"),
    ("import_progress", "get"),
    ("import_rejects", "get"),
    ("import_undo", "get"),
    ("import_undo", "post"),
]


@pytest.mark.parametrize(("name", "method"), PAGES)
@pytest.mark.parametrize("viewer", ["alice", "mona", "otto"])
def test_files_are_only_for_those_who_may_import(viewer, name, method, batch, client, request):
    client.force_login(request.getfixturevalue(viewer))
    args = [] if name in ("imports", "import_new") else [batch.pk]

    answer = getattr(client, method)(reverse(name, args=args))

    assert answer.status_code == 403
    assert list(ImportBatch.objects.values_list("state")) == [("uploaded",)]


def test_who_is_not_signed_in_is_sent_to_sign_in(client):
    answer = client.get(reverse("imports"))

    assert answer.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_length(count, client, ada, django_assert_num_queries):
    client.force_login(ada)
    for number in range(count):
        ImportBatch.objects.create(kind="orders", file_name=f"{number}.csv", by=ada)
    client.get(reverse("imports"))

    with django_assert_num_queries(6):
        page = client.get(reverse("imports"))

    assert len(page.context["page"]) == count


def test_an_empty_list_says_how_to_begin(client, ada):
    client.force_login(ada)

    assert "No file has been imported yet" in client.get(reverse("imports")).content.decode()
