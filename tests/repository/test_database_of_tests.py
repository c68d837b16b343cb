"""What the database of the tests holds when a test begins, whichever came before it."""

import pytest
from django.core.management import call_command

from crm.models import Customer
from tests.factories import CustomerFactory
from tiering.models import Policy

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_what_migrations_brought_is_there_at_once_when_a_test_that_commits_has_ended():
    CustomerFactory()

    call_command(
        "flush", interactive=False, reset_sequences=False, inhibit_post_migrate=True, verbosity=0
    )

    assert Policy.objects.filter(version=1).exists()
    assert not Customer.objects.exists()
