"""Two people decide on one lost customer at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from followups.models import FollowUp, WinBack
from followups.services.winback import Touch, WinBackRefused, start
from followups.services.winback_acts import close
from tests.factories import AS_OF, LostCustomerFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
TODAY = AS_OF + timedelta(days=1)
TOUCHES = [Touch(0, "phone", "Call")]


def refusals_at_once(*acts):
    begin = Barrier(len(acts))

    def run(act):
        try:
            begin.wait()
            act()
        except WinBackRefused as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [said for said in pool.map(run, acts) if said]


def test_one_of_two_starts_and_one_of_two_closes():
    loss, people = LostCustomerFactory(), [UserFactory(), UserFactory()]

    (said,) = refusals_at_once(
        *(
            lambda by=by: start(customer=loss.customer, touches=TOUCHES, by=by, today=TODAY)
            for by in people
        )
    )

    plan = WinBack.objects.get()
    assert f"{plan.started_by.name} has started a plan" in said
    assert FollowUp.objects.open().count() == 1
    (said,) = refusals_at_once(
        *(lambda by=by: close(plan=plan, outcome="won", by=by, today=TODAY) for by in people)
    )
    plan.refresh_from_db()
    assert f"{plan.closed_by.name} has ended this plan" in said
    assert plan.events.filter(event="closed").count() == 1
