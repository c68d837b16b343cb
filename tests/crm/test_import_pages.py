"""Importing in the browser: from the file to the result, and who may."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from crm.imports import services
from crm.models import Customer, ImportBatch, ImportMapping, Order
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

LINES = """Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country
536365,85123A,WHITE HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
536365,71053,WHITE LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom
C536379,D,Discount,-1,2110-12-01 09:41:00,27.50,14527,United Kingdom
536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom
"""
COLUMNS = {
    "column-number": "Invoice",
    "column-customer": "Customer ID",
    "column-ordered_on": "InvoiceDate",
    "column-sku": "StockCode",
    "column-product": "Description",
    "column-quantity": "Quantity",
    "column-unit_price": "Price",
    "column-customer_region": "Country",
}


def upload(client, text=LINES, **fields):
    file = SimpleUploadedFile("retail.csv", text.encode())
    return client.post(reverse("import_new"), {"file": file, **fields})


@pytest.fixture
def batch(client, ada):
    client.force_login(ada)
    upload(client)
    return ImportBatch.objects.get()


def post(client, name, batch, data=None):
    return client.post(reverse(name, args=[batch.pk]), data or {})


def work(batch):
    """What the worker does when it hears of the batch."""
    services.perform(batch_id=batch.pk, now=timezone.now())
    batch.refresh_from_db()


def test_a_file_goes_all_the_way_through_the_page(client, batch, alice):
    page = client.get(batch.get_absolute_url())
    assert page.context["form"]["column-number"].initial == "Invoice"

    ticked = {"create_customers": "on", "owner": alice.pk, "name": "Web shop"}
    answer = post(client, "import_check", batch, {**COLUMNS, "kind": "order_lines", **ticked})
    assert answer.status_code == 302
    assert "Waiting for its turn" in client.get(batch.get_absolute_url()).content.decode()
    assert not Order.objects.exists()

    work(batch)
    page = client.get(batch.get_absolute_url())
    assert (batch.state, batch.rows, batch.created, batch.rejected) == ("checked", 4, 2, 1)
    assert batch.customers_created == 2
    assert not Customer.objects.exists()
    assert "Customer ID is empty." in page.content.decode()
    assert "1 order is dated after the day of the import" in page.content.decode()

    post(client, "import_commit", batch)
    work(batch)
    assert batch.state == "committed"
    assert {o.number: (o.amount, o.customer.owner) for o in Order.objects.all()} == {
        "536365": (Decimal("35.64"), alice),
        "C536379": (Decimal("-27.50"), alice),
    }
    rejected = client.get(reverse("import_rejects", args=[batch.pk]))
    text = b"".join(rejected.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0].endswith("Country,line,reason")
    assert text.splitlines()[1].startswith("536414,22139,")
    assert text.splitlines()[1].endswith(",5,Customer ID is empty.")

    assert "2 new records" in client.get(reverse("import_undo", args=[batch.pk])).content.decode()
    post(client, "import_undo", batch)
    work(batch)
    assert batch.state == "undone"
    assert not Order.objects.exists()
    assert not Customer.objects.exists()


def test_columns_kept_under_a_name_serve_the_next_file(client, batch):
    post(client, "import_check", batch, {**COLUMNS, "kind": "order_lines", "name": "Web shop"})
    saved = ImportMapping.objects.get(name="Web shop")

    upload(client, saved=saved.pk)

    second = ImportBatch.objects.latest("pk")
    assert (second.kind, second.mapping["columns"]["sku"]) == ("order_lines", "StockCode")


def test_a_needed_column_that_is_missing_is_asked_for(client, batch):
    answer = post(client, "import_check", batch, {"kind": "order_lines", "column-sku": "StockCode"})

    assert answer.status_code == 200
    assert answer.context["form"].errors["column-number"]
    batch.refresh_from_db()
    assert batch.state == "uploaded"


def test_a_file_can_be_taken_for_another_kind(client, batch):
    page = client.get(batch.get_absolute_url(), {"kind": "payments"})

    assert page.context["form"].found.kind == "payments"
    assert page.context["form"]["column-order"].initial == "Invoice"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\n\n", "The file is empty."),
        (b"%PDF-1.7 and so on", "This is not a table."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "old Excel file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_once(content, words, client, ada):
    client.force_login(ada)

    page = client.post(reverse("import_new"), {"file": SimpleUploadedFile("x.csv", content)})

    assert words in str(page.context["form"].errors["file"])
    assert not ImportBatch.objects.exists()


def test_a_file_of_no_bytes_is_refused_at_once(client, ada):
    client.force_login(ada)

    page = client.post(reverse("import_new"), {"file": SimpleUploadedFile("x.csv", b"")})

    assert page.context["form"].errors["file"]


def test_a_file_whose_characters_were_not_recognised_is_read_anew(client, ada):
    client.force_login(ada)
    client.post(
        reverse("import_new"),
        {"file": SimpleUploadedFile("x.csv", "code,name\n1,é\n2,汉字\n".encode("utf-16-le"))},
    )
    batch = ImportBatch.objects.get()
    text = "code,name\n1,關鍵\n".encode("big5")
    batch.file.delete()
    batch.file.save("x.csv", SimpleUploadedFile("x.csv", text))

    asked = {"kind": "customers", "encoding": "big5hkscs", "column-code": "code"}
    answer = post(client, "import_check", batch, {**asked, "column-name": "name"})

    batch.refresh_from_db()
    assert (answer.status_code, batch.state) == (302, "checking")
    assert (batch.header, batch.first_lines) == (["code", "name"], [["1", "關鍵"]])
    assert batch.mapping["encoding"] == "big5hkscs"


def test_pages_do_not_read_the_file(client, batch):
    batch.file.delete()
    batch.file = "gone.csv"
    batch.save()

    assert client.get(batch.get_absolute_url()).status_code == 200


def test_progress_is_told_until_the_work_is_done(client, batch):
    services.begin(batch=batch, state="checking", now=timezone.now())
    at_work = client.get(reverse("import_progress", args=[batch.pk]))
    assert "Waiting for its turn" in at_work.content.decode()

    work(batch)
    done = client.get(reverse("import_progress", args=[batch.pk])).content.decode()
    assert "Done: show the result" in done
    assert "every 1s" not in done


def test_two_who_commit_the_same_file_commit_it_once(client, batch):
    post(client, "import_check", batch, {**COLUMNS, "kind": "order_lines"})
    work(batch)
    post(client, "import_commit", batch)

    second = client.post(reverse("import_commit", args=[batch.pk]), follow=True)

    assert "being worked on" in second.content.decode()


def test_the_same_file_again_is_announced(client, batch):
    ImportBatch.objects.update(state="committed")
    upload(client)

    page = client.get(ImportBatch.objects.latest("pk").get_absolute_url())

    assert page.context["same"] == batch


def test_rejected_lines_that_do_not_exist_are_not_found(client, batch):
    assert client.get(reverse("import_rejects", args=[batch.pk])).status_code == 404


def test_reasons_are_in_the_language_of_who_asks(client, ada):
    ada.language = "zh-hans"
    ada.save()
    client.force_login(ada)
    CustomerFactory(code="A")
    upload(client, "number,customer,ordered_on,amount\n1,A,soon,5\n")
    batch = ImportBatch.objects.get()
    services.begin(batch=batch, state="checking", now=timezone.now())
    work(batch)

    with batch.rejects.open() as file:
        assert file.read().decode("utf-8-sig").startswith("number,customer,ordered_on,amount,")
