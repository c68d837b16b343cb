"""Customers are found by code, names, phone and contacts; nothing is missed, and by index."""

import re
import unicodedata

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Customer
from tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db

LETTERS = "恒力紧固恆陈がｶﾞ각éÉeABabＡｂｱア12１３ .-+()'%_\\|　"
NAMES = ["恒力紧固件", "Suzhou Boyuan", "Café Ölmühle", "ＡＢＣ商事", "100% pure_oil", "a\\b"]


@pytest.fixture
def hengli():
    return CustomerFactory(
        code="KS-0007", name="Kunshan Hengli Café", alias="昆山恒力紧固件", phone="(0512) 5512-7788"
    )


@pytest.mark.parametrize(
    "text",
    [
        "恒力",
        "紧固",
        "hengli",
        "HENGLI",
        "ＨＥＮＧＬＩ",
        "cafe",
        "CAFÉ",
        "ks-0007",
        "KS0007",
        "55127788",
        "0512 5512",
        "０５１２",
        "hengli 恒力",
        "力",
        "hengli -",
        "hengli|恒力",
        "陈静",
        "陈",
        "138 0000",
        "恒力 陈静",
    ],
)
def test_a_customer_is_found_by(text, hengli):
    ContactFactory(customer=hengli, name="陈静", mobile="138-0000-1111")
    CustomerFactory(name="Another", alias="他人")

    assert list(Customer.objects.search(text)) == [hengli]


@pytest.mark.parametrize(
    "text", ["", "  ", "-", "()", "恒紧", "hengli zzz", "7kun", "%", "_", "\x00", "陈", "k%i", "が"]
)
def test_nothing_is_found_by(text, hengli):
    assert not Customer.objects.search(text).exists()


def test_a_customer_found_twice_is_listed_once(hengli):
    ContactFactory(customer=hengli, name="Hengli Owner")
    ContactFactory(customer=hengli, name="Hengli Clerk")

    assert list(Customer.objects.search("hengli")) == [hengli]


def fold(text):
    """Width, case and accents folded by Python's own means."""
    lowered = unicodedata.normalize("NFKD", text).lower()
    kept = re.sub(r"[\u0300-\u036f\s().+\u2010-\u2015-]", "", lowered)
    return unicodedata.normalize("NFC", kept)


def plain_scan(customers, text):
    words = [fold(word) for word in text.split() if fold(word)][:6]
    return {
        customer.pk
        for customer in customers
        if words
        and all(
            any(word in fold(part) for part in (customer.code, customer.name, customer.alias))
            for word in words
        )
    }


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    names=st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=6),
    text=st.text(LETTERS, max_size=6) | st.sampled_from(NAMES).map(lambda name: name[:3]),
)
def test_search_finds_what_a_plain_scan_finds(db, names, text):
    Customer.objects.all().delete()
    for name in [*names, *NAMES]:
        CustomerFactory(name=name, alias=name[::-1], owner=None)

    found = set(Customer.objects.search(text).values_list("pk", flat=True))

    assert found == plain_scan(Customer.objects.all(), text.replace("|", " "))


@pytest.fixture
def many_customers():
    """Four thousand names of two hundred characters, so that two of them are rare."""
    letters = [chr(0x4E00 + 7 * n) for n in range(200)]
    Customer.objects.bulk_create(
        Customer(
            code=f"C{n:05}",
            name=letters[n % 200] + letters[n * 3 % 200] + letters[n // 200] + letters[n * 7 % 199],
        )
        for n in range(4000)
    )
    with connection.cursor() as cursor:  # what autovacuum does within a minute
        cursor.execute("SELECT gin_clean_pending_list('customer_bigrams')")
        cursor.execute("ANALYZE crm_customer, crm_contact")
    return letters


def test_two_chinese_characters_are_answered_by_the_index(many_customers):
    text = many_customers[20] + many_customers[60]

    found = Customer.objects.search(text)

    assert "customer_bigrams" in found.explain()
    assert 0 < found.count() < 400
    assert found.count() == Customer.objects.filter(name__contains=text).count()


def test_longer_words_are_answered_by_the_index_too(many_customers):
    assert "customer_bigrams" in Customer.objects.search("C01234").explain()
