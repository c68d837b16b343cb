"""Addresses and forms that no page has sent find nothing, and never break."""

import pytest

from tests.tiering.policy_forms import typed
from tiering.services.policies import new_draft

pytestmark = pytest.mark.django_db
LONG = "9" * 5000


@pytest.fixture(autouse=True)
def signed_in(client, ada):
    client.force_login(ada)


@pytest.mark.parametrize(
    "address",
    [
        "/customers/%00/",
        "/customers/K%00/grades/",
        "/customers/%00/ratings/",
        "/customers/%00/grade/",
        "/customers/%00/timeline/",
        "/orders/%00/",
    ],
)
def test_a_code_with_a_null_character_is_not_found(address, client):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("proposal", [LONG, "9" * 30, "²"])
def test_a_proposal_that_cannot_be_is_none(proposal, client):
    response = client.post("/decide/proposals/", {"proposals": proposal})

    assert response.status_code == 302


@pytest.mark.parametrize("do", [f"remove-{LONG}", "remove-²", "remove-٣", "remove--1"])
def test_a_level_that_is_not_there_is_not_taken_away(do, ada, client):
    draft = new_draft(name="Draft", by=ada)
    response = client.post(f"/policy/{draft.version}/", typed(draft, do=do))

    assert len(response.context["form"].rows.forms) == 4


def test_a_count_of_levels_that_cannot_be_is_none(ada, client):
    draft = new_draft(name="Draft", by=ada)
    sent = typed(draft, do="add", **{"levels-TOTAL_FORMS": LONG})

    assert client.post(f"/policy/{draft.version}/", sent).status_code == 200
