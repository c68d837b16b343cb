"""Drafts on their page: begun from presets, edited, refused with the reason, never lost."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from tests.factories import AS_OF, UserFactory
from tests.tiering.books import book_of_values, new_policy, order, restless_book, shares
from tests.tiering.policy_forms import typed
from tiering.models import Policy
from tiering.models.preset_titles import PRESET_TITLES, title_of
from tiering.points import DEFAULT_WEIGHTS
from tiering.schemes import PRESETS
from tiering.services import run_night
from tiering.services.policies import new_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(ada):
    return new_draft(name="Next", by=ada, shares=shares(5, 25, 30, 40), basis=Policy.Basis.VALUE)


@pytest.fixture
def send(ada, client):
    """Send the form of a draft as Ada, with some fields typed over."""
    client.force_login(ada)

    def send(draft, do="save", **changes):
        url = reverse("policy_version", args=[draft.version])
        return client.post(url, typed(draft, **changes) | {"do": do})

    return send


def begin(client, start):
    return client.post(reverse("policy_new"), {"start": start})


@pytest.mark.parametrize("preset", sorted(set(PRESETS) - {"point_lines"}))
def test_every_preset_becomes_a_draft_whose_form_can_be_saved(preset, ada, client, send):
    client.force_login(ada)

    answer = begin(client, preset)

    draft = Policy.objects.get(version=2)
    assert answer["Location"] == reverse("policy_version", args=[2])
    assert (draft.by, draft.is_published, draft.name) == (ada, False, PRESET_TITLES[preset])
    before = draft.rules()
    assert send(draft).status_code == 302
    draft.refresh_from_db()
    assert draft.rules() == before


def test_presets_have_names_in_the_language_of_the_reader_until_they_are_edited():
    assert set(PRESET_TITLES) == set(PRESETS)
    for title in PRESET_TITLES.values():
        with override("zh-hans"):
            begun = str(title)
        with override("zh-hant"):
            assert Policy(name=begun).title == str(title)
        assert Policy(name=begun).title == str(title)
    assert title_of("十个级别 2026") == "十个级别 2026"


def test_the_first_policy_says_what_it_is_in_the_language_of_the_reader(db):
    first = Policy.objects.get(version=1)
    assert first.remark == first.note
    with override("zh-hans"):
        assert "客户金字塔" in first.remark
    assert Policy(note="客户金字塔").remark == "客户金字塔"


def test_the_preset_of_points_freezes_breakpoints_of_the_last_night(ada, client, send):
    restless_book(130)
    run_night(as_of=AS_OF)
    client.force_login(ada)

    page = client.post(reverse("policy_new"), {"start": "point_lines"}, follow=True)

    assert "Nothing is known yet of: Payment on time." in page.content.decode()
    rules = Policy.objects.get(version=2).rules()
    assert rules.points.breakpoints["profit"][-1][1] == 100
    assert set(rules.points.weights) == set(DEFAULT_WEIGHTS) - {"promptness"}
    assert rules.lines == {"key": 8000, "secondary": 6000, "general": 4000}


def test_the_preset_of_lines_begins_with_those_of_the_last_night(ada, client):
    """What the 1st, 20th and 50th of 100 are worth, in two figures."""
    new_policy(valid_from=AS_OF)
    book_of_values(*(1_234 * place for place in range(100, 0, -1)))
    run_night(as_of=AS_OF)
    client.force_login(ada)

    begin(client, "money_lines")
    begin(client, "no_key_below")

    lined, floored = Policy.objects.order_by("version")[2:]
    assert lined.lines == {"key": 120_000, "secondary": 100_000, "general": 63_000}
    assert (lined.floor, floored.floor, floored.scheme) == (None, 120_000, "shares")


def test_breakpoints_stay_frozen_until_they_are_asked_for_anew(ada, client, send):
    book = restless_book(130)
    run_night(as_of=AS_OF)
    client.force_login(ada)
    begin(client, "point_lines")
    before = Policy.objects.get(version=2).breakpoints
    order(book[0], 0, "90000.00")
    run_night(as_of=AS_OF + timedelta(days=1))

    send(Policy.objects.get(version=2), name="Renamed")
    assert Policy.objects.get(version=2).breakpoints == before

    send(Policy.objects.get(version=2), do="anew")
    assert Policy.objects.get(version=2).breakpoints["profit"] != before["profit"]


def test_without_a_night_points_have_no_breakpoints_and_the_page_says_so(ada, client):
    client.force_login(ada)

    page = client.post(reverse("policy_new"), {"start": "point_lines"}, follow=True)

    assert "no breakpoints yet" in page.content.decode()
    assert Policy.objects.count() == 1


def test_a_draft_begins_like_any_version(ada, client, draft):
    client.force_login(ada)

    begin(client, "2")

    assert Policy.objects.get(version=3).shares == draft.shares


@pytest.mark.parametrize("start", ["", "9", "nothing", "-1", "99999999999"])
def test_a_beginning_that_does_not_exist_is_not_found(start, ada, client):
    client.force_login(ada)

    assert begin(client, start).status_code == 404
    assert Policy.objects.count() == 1


def test_the_weekly_budget_says_what_nothing_means(ada, draft, client):
    client.force_login(ada)

    page = client.get(reverse("policy_version", args=[draft.version])).text

    assert 'id="id_alert_budget_helptext">0: no alerts. Empty: no limit.' in page


def test_what_is_typed_is_saved(draft, send):
    names = {"levels-0-name_hans": "金牌", "levels-0-name_en": "Gold"}
    numbers = {"levels-0-share": "5.5", "levels-1-share": "24.5", "threshold": "70", "floor": "900"}

    answer = send(draft, **names, **numbers, one_step="on", name="Mine", note="Fewer", band="7.5")

    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.shares == shares(5.5, 24.5, 30, 40)
    assert draft.levels[0]["names"] == {"en": "Gold", "zh-hans": "金牌"}
    assert (draft.name, draft.note, draft.one_step) == ("Mine", "Fewer", True)
    assert (str(draft.alert_threshold), str(draft.floor), str(draft.band)) == (
        "0.70",
        "900.00",
        "7.50",
    )


BAD = [
    ({"levels-0-share": "6"}, "The shares must add up to exactly 100 per cent."),
    ({"levels-0-share": "0", "levels-1-share": "30"}, "an empty level grades nobody"),
    ({"levels-0-share": ""}, "Every level needs a share"),
    ({"levels-1-code": "key"}, "Another level has this code too."),
    ({"levels-1-code": "a b"}, "A code is made of letters"),
    ({"levels-0-code": ""}, "This field is required."),
    ({"levels-0-grade": "maintain"}, "must run from key down to maintain"),
    ({"levels-0-share": "x"}, "Enter a number."),
    (
        {"scheme": "lines", "levels-0-line": "5", "levels-1-line": "6", "levels-2-line": "1"},
        "The lines cross",
    ),
    ({"scheme": "lines", "levels-0-line": "5"}, "Every level but the last needs a line."),
    ({"scheme": "cumulative", "levels-0-value_share": "40"}, "Every level needs a share"),
    ({"basis": "points", "weight_fit": "99"}, "The weights must add up to exactly 100"),
    ({"basis": "points"}, "weights"),
    (
        {"basis": "points", "weight_fit": "50", "weight_profit": "50"},
        "A weighted criterion has no breakpoints yet.",
    ),
    ({"band": "101"}, "less than or equal to 100"),
    ({"nights_up": "0"}, "greater than or equal to 1"),
    ({"threshold": "3"}, "greater than or equal to 5"),
    ({"name": ""}, "This field is required."),
    ({"basis": "magic"}, "magic"),
    ({"levels-TOTAL_FORMS": "9"}, "This field is required."),
    ({"levels-TOTAL_FORMS": "none"}, "A level is not complete"),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_bad_input_is_refused_with_its_reason_and_nothing_typed_is_lost(
    changes, message, draft, send
):
    answer = send(draft, **changes, note="A long thought")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert message in page
    assert "what you typed is still here" in page
    assert "A long thought" in page
    draft.refresh_from_db()
    assert (draft.shares, draft.note) == (shares(5, 25, 30, 40), "")


def eleven_levels() -> dict[str, str]:
    rows = {"levels-TOTAL_FORMS": "11"}
    for n in range(11):
        rows |= {
            f"levels-{n}-code": f"L{n}",
            f"levels-{n}-grade": "key",
            f"levels-{n}-share": "10" if n < 9 else "5",
        }
    return rows


def test_more_than_ten_levels_are_refused(draft, send):
    answer = send(draft, **eleven_levels())

    assert "There can be ten levels at most." in answer.content.decode()
    draft.refresh_from_db()
    assert len(draft.levels) == 4


def test_a_level_is_added_before_the_last_one_and_saves_nothing(draft, send):
    answer = send(draft, do="add", **{"levels-0-share": "7"})

    rows = answer.context["form"].rows
    codes = [row["code"].value() or "" for row in rows]
    assert codes == ["key", "secondary", "general", "", "maintain"]
    assert rows[0]["share"].value() == "7"
    assert "This field is required" not in answer.content.decode()
    draft.refresh_from_db()
    assert len(draft.levels) == 4


@pytest.mark.parametrize(
    ("place", "left"),
    [
        ("0", ["secondary", "general", "maintain"]),
        ("3", ["key", "secondary", "general"]),
        ("9", ["key", "secondary", "general", "maintain"]),
        ("x", ["key", "secondary", "general", "maintain"]),
    ],
)
def test_a_level_is_taken_away(place, left, draft, send):
    rows = send(draft, do=f"remove-{place}").context["form"].rows

    assert [row["code"].value() for row in rows] == left


def test_ten_levels_take_no_eleventh(ada, client, send):
    client.force_login(ada)
    begin(client, "ten_levels")

    rows = send(Policy.objects.get(version=2), do="add").context["form"].rows

    assert len(rows.forms) == 10


def test_of_two_editors_the_second_hears_of_the_first_and_may_insist(ada, draft, client, send):
    stale = typed(draft, note="Mine")
    send(draft, note="Hers")
    url = reverse("policy_version", args=[draft.version])

    refused = client.post(url, stale | {"do": "save"})

    page = refused.content.decode()
    assert "Ada An has changed this draft meanwhile." in page
    assert "Mine" in page
    draft.refresh_from_db()
    assert draft.note == "Hers"
    again = stale | {"seen": refused.context["form"]["seen"].value()}
    assert client.post(url, again | {"do": "save"}).status_code == 302
    draft.refresh_from_db()
    assert draft.note == "Mine"


def test_a_published_version_takes_no_changes(ada, draft, client):
    client.force_login(ada)
    sent = typed(Policy.objects.get(version=1), name="Other") | {"do": "save"}

    assert client.post(reverse("policy_version", args=[1]), sent).status_code == 404
    assert client.post(reverse("policy_drop", args=[1])).status_code == 404
    assert Policy.objects.get(version=1).name != "Other"


def test_a_draft_is_discarded(ada, draft, client):
    client.force_login(ada)

    client.post(reverse("policy_drop", args=[draft.version]))

    assert not Policy.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("name", ["policy_new", "policy_version", "policy_drop", "policy_publish"])
def test_managers_write_nothing(name, mona, draft, client):
    client.force_login(mona)
    args = [] if name == "policy_new" else [draft.version]
    data = typed(draft, name="Hers") | {"do": "save", "start": "abcd", "valid_from": "2030-01-01"}

    assert client.post(reverse(name, args=args), data).status_code == 403
    draft.refresh_from_db()
    assert (Policy.objects.count(), draft.name, draft.is_published) == (2, "Next", False)


def test_weights_come_from_comparisons_in_pairs(ada, draft, client):
    client.force_login(ada)
    url = reverse("policy_pairs", args=[draft.version])
    sent = {"c": ["fit", "potential", "strength"], "seen": client.get(url).context["seen"]}
    sent |= {"fit-potential": "3", "fit-strength": "5", "potential-strength": "2"}

    page = client.post(url, sent | {"do": "weigh"})

    assert page.context["weighing"].is_consistent
    assert page.context["weights"][0][1] == 64.83
    assert "below 0.1" in page.content.decode()
    draft.refresh_from_db()
    assert draft.weights == {}
    client.post(url, sent | {"do": "take"})
    draft.refresh_from_db()
    assert draft.weights == {"fit": 64.83, "potential": 22.97, "strength": 12.2}


def test_answers_that_contradict_each_other_are_said_to(ada, draft, client):
    client.force_login(ada)
    sent = {"c": ["fit", "potential", "strength"], "do": "weigh"}
    sent |= {"fit-potential": "9", "potential-strength": "9", "fit-strength": "1/9"}

    page = client.post(reverse("policy_pairs", args=[draft.version]), sent)

    assert not page.context["weighing"].is_consistent
    assert "Not consistent enough" in page.content.decode()


def test_one_criterion_cannot_be_compared(ada, draft, client):
    client.force_login(ada)

    page = client.get(reverse("policy_pairs", args=[draft.version]), {"c": ["fit"]})

    assert "Choose two criteria at least." in page.content.decode()


def test_comparisons_do_not_overwrite_what_somebody_else_wrote(ada, draft, client, send):
    client.force_login(ada)
    sent = {"c": ["fit", "potential"], "fit-potential": "3", "do": "take", "seen": "stale"}

    client.post(reverse("policy_pairs", args=[draft.version]), sent)

    draft.refresh_from_db()
    assert draft.weights == {}


def test_a_second_administrator_may_edit_what_the_first_began(draft, client):
    other = UserFactory(role="admin", name="Second")
    client.force_login(other)

    client.post(reverse("policy_version", args=[draft.version]), typed(draft) | {"do": "save"})

    draft.refresh_from_db()
    assert draft.by == other
