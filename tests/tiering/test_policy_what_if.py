"""What a draft would do: live from the form, customer by customer, confined to the reader."""

import csv
import io

import pytest
from django.core.cache import cache
from django.urls import reverse

from crm.lists import PAGE_SIZE
from crm.models import Customer
from crm.services.ownership import assign
from tests.factories import AS_OF, UserFactory
from tests.tiering.books import book_of_values, restless_book, shares
from tests.tiering.checksums import left_behind
from tests.tiering.policy_forms import typed
from tiering import tasks
from tiering.models import GradeChange, NightRun, Override, Policy, Standing
from tiering.services import book_kept, criteria, run_night, what_if
from tiering.services.policies import change_draft, new_draft, publish
from tiering.services.preview import preview

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(ada):
    return new_draft(name="Next", by=ada, shares=shares(5, 25, 30, 40), basis=Policy.Basis.VALUE)


@pytest.fixture
def book(alice, otto):
    """Two hundred customers worth 300 down to 101; every second one is Otto's, five are the
    pool's."""
    found = book_of_values(*range(300, 100, -1))
    Customer.objects.filter(pk__in=[each.pk for each in found[::2]]).update(owner=alice)
    Customer.objects.filter(pk__in=[each.pk for each in found[1::2]]).update(owner=otto)
    Customer.objects.filter(pk__in=[each.pk for each in found[4:9]]).update(owner=None)
    run_night(as_of=AS_OF)
    return found


def url(draft, name="policy_preview", **more):
    return reverse(name, kwargs={"version": draft.version, **more})


@pytest.fixture
def look(client):
    """The preview as somebody sees it: of the kept draft, or of what is typed."""

    def look(person, draft, **changes):
        client.force_login(person)
        if changes:
            return client.post(url(draft), typed(draft, **changes))
        return client.get(url(draft))

    return look


@pytest.fixture
def movers(client, look):
    """The list of movers as somebody asks for it."""

    def movers(person, draft, query=""):
        key = look(person, draft).context["key"]
        return client.get(url(draft, "policy_movers", key=key) + query)

    return movers


def test_a_preview_shows_every_grade_before_and_after_and_saves_nothing(ada, draft, book, look):
    before = left_behind()

    page = look(ada, draft)

    steps = [each.step for each in page.context["shown"].steps]
    assert [(step.customers_before, step.customers) for step in steps] == [
        (2, 10),
        (38, 50),
        (60, 60),
        (100, 80),
    ]
    assert page.context["shown"].totals["count"] == len(preview(draft).movers)
    assert "10 Mar" in page.content.decode()
    assert left_behind() == before


def test_what_is_typed_is_previewed_and_not_saved(ada, draft, book, look):
    before, kept = left_behind(), Policy.objects.order_by("pk").values()
    kept = list(kept)

    page = look(ada, draft, **{"levels-0-share": "10", "levels-1-share": "20"})

    assert [each.step.customers for each in page.context["shown"].steps] == [20, 40, 60, 80]
    assert list(Policy.objects.order_by("pk").values()) == kept
    assert left_behind() == before


def test_a_scheme_that_leaves_a_grade_empty_says_which(ada, draft, book, look):
    lines = {"scheme": "lines", "levels-0-line": "9000", "levels-1-line": "250"}

    page = look(ada, draft, **lines, **{"levels-2-line": "100"})

    assert "Nobody would have the grade Key." in page.content.decode()
    assert page.context["shown"].steps[0].step.customers == 0


def test_a_grade_that_no_level_is_served_as_is_named(ada, draft, book, look):
    page = look(ada, draft, **{"levels-0-grade": "secondary"})

    assert "No level is served as Key: nobody would have this grade." in page.content.decode()


def test_what_cannot_grade_says_so_and_leaves_the_figures_alone(ada, draft, book, look):
    answer = look(ada, draft, **{"levels-0-share": "10"})

    assert answer["HX-Retarget"] == "#not-yet"
    assert "must add up to exactly 100" in answer.content.decode()


def test_a_manager_sees_counts_and_movers_of_the_team_and_the_pool(mona, ada, draft, book, look):
    shown, whole = (look(person, draft).context["shown"] for person in (mona, ada))

    seen = Customer.objects.visible_to(mona)
    steps = [each.step for each in shown.steps]
    assert sum(step.customers for step in steps) == seen.count() == 102
    assert sum(step.customers for step in (each.step for each in whole.steps)) == 200
    expected = preview(draft).movers.index.isin(seen.values_list("pk", flat=True)).sum()
    assert shown.totals["count"] == expected < whole.totals["count"]


def test_a_manager_without_a_team_sees_nobody(draft, book, look, movers):
    person = UserFactory(role="manager", team=None)

    assert look(person, draft).context["shown"].totals["count"] == 0
    assert movers(person, draft).context["listing"].totals["count"] == 0


def test_a_manager_previews_no_settings_of_her_own(mona, draft, book, look):
    assert look(mona, draft, name="x").status_code == 403


def leveled(best, second, third):
    """Settings of A B C D, of which C and D are both served as general."""
    classes = {"A": "key", "B": "secondary", "C": "general", "D": "general", "E": "maintain"}
    levels = [
        {"code": code, "grade": grade, "names": {"en": f"Tier {code}", "zh-hans": f"{code} 级"}}
        for code, grade in classes.items()
    ]
    made = {"A": best, "B": second, "C": third, "D": 60 - best - second - third, "E": 40}
    return {"basis": Policy.Basis.VALUE, "levels": levels, "shares": made}


def test_levels_are_counted_listed_filtered_and_exported(ada, draft, book, look, movers):
    today = new_draft(name="Today", by=ada, **leveled(5, 15, 20))
    publish(policy=today, valid_from=AS_OF, note="", by=ada, now=NightRun.objects.get().finished_at)
    change_draft(policy=draft, by=ada, fields=leveled(5, 15, 30))

    shown = look(ada, draft).context["shown"]
    listed = movers(ada, draft).context["listing"]

    levels = [each.step for line in shown.steps for each in line.levels]
    assert [(each.name, each.before.customers, each.after.customers) for each in levels] == [
        ("Tier A", 10, 10), ("Tier B", 30, 30), ("Tier C", 40, 60), ("Tier D", 40, 20),
        ("Tier E", 80, 80),
    ]  # fmt: skip
    assert sum(each.after.value for each in levels) == sum(range(101, 301))
    assert sum(each.share for line in shown.steps for each in line.levels) == 1
    assert shown.totals | {"value": 0} == {
        "count": 20, "grades": 0, "levels": 20, "up": 20, "down": 0, "value": 0,
    }  # fmt: skip
    assert {(each.was, each.becomes, each.is_up) for each in listed.page} == {
        ("Tier D", "Tier C", True)
    }
    queries = ["kind=grade", "kind=level&was=D", "was=C", "becomes=C&way=up", "becomes=F"]
    asked = [movers(ada, draft, f"?{query}").context["listing"] for query in queries]
    assert [each.totals["count"] for each in asked] == [0, 20, 0, 20, 0]
    rows = movers(ada, draft, "?export=csv").getvalue().decode("utf-8-sig").splitlines()
    assert rows[0] == 'Customer,Name,From,To,From level,To level,"Value, 12 months",Owner'
    assert "General,General,Tier D,Tier C," in rows[1]
    ada.language = "zh-hans"
    ada.save()
    assert "C 级" in look(ada, draft).content.decode()


def test_a_level_that_only_has_another_code_moves_nobody(ada, draft, book, look):
    today = new_draft(name="Today", by=ada, **leveled(5, 15, 20))
    now = NightRun.objects.get().finished_at
    publish(policy=today, valid_from=AS_OF, note="", by=ada, now=now)
    named = leveled(5, 15, 20)
    named["levels"][0] |= {"code": "Gold"}
    named["shares"] = {"Gold": 5} | {code: named["shares"][code] for code in "BCDE"}
    draft = change_draft(policy=draft, by=ada, fields=named)

    page = look(ada, draft)

    shown = page.context["shown"]
    (gold,) = [each.step for each in shown.steps[0].levels]
    assert (gold.code, gold.before.customers, gold.after.customers) == ("Gold", 10, 10)
    assert shown.totals["count"] == 0
    assert "The level with the code A has the code Gold now" in page.content.decode()
    publish(policy=draft, valid_from=AS_OF, note="", by=ada, now=now)
    # The level of a day is that of the last change, so each has one of this policy.
    renamed = GradeChange.objects.filter(from_level="A", to_level="Gold", cause="policy")
    assert renamed.without_step().count() == renamed.count() == 10


def test_other_levels_than_todays_are_shown_beside_its_grades(ada, mona, draft, book, look):
    change_draft(policy=draft, by=ada, fields=leveled(5, 15, 20))
    Standing.objects.filter(customer=book[0]).update(override=Override.objects.create(
        customer=book[0], grade="key", computed_grade="key", reason="Bankrupt", by=ada,
        starts_on=AS_OF, until=AS_OF, approved_at=NightRun.objects.get().finished_at,
    ))  # fmt: skip

    page = look(ada, draft)

    shown = page.context["shown"]
    key = [(each.step.name, each.step.before, each.step.after) for each in shown.steps[0].levels]
    assert [(name, was and was.customers, then and then.customers) for name, was, then in key] == [
        ("Tier A", None, 9), ("Set by a person", 1, 1),
    ]  # fmt: skip
    assert shown.totals["count"] == shown.totals["grades"] > 0
    assert "only changes of grade count as moves" in page.content.decode()
    of_mona = look(mona, draft).context["shown"].steps
    seen = sum(each.step.after.customers for line in of_mona for each in line.levels)
    assert seen == Customer.objects.visible_to(mona).count()


def names_of(page):
    return [mover.customer.name for mover in page.context["listing"].page]


def test_movers_are_exactly_those_of_the_preview_dearest_first(ada, draft, book, movers):
    found = preview(draft).movers

    listing = movers(ada, draft).context["listing"]

    assert listing.totals["count"] == len(found) == 8 + 20 + 20
    rows = listing.page.object_list
    assert [mover.customer.pk for mover in rows] == list(found.index[:PAGE_SIZE])
    assert (rows[0].origin, rows[0].target, rows[0].is_up) == ("secondary", "key", True)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?origin=secondary", 8),
        ("?target=secondary", 20),
        ("?origin=secondary&target=key", 8),
        ("?way=down", 0),
        ("?way=up", 48),
        ("?pool=1", 5),
        ("?q=V00002", 1),
        ("?q=nobody", 0),
        ("?origin=magic", 0),
    ],
)
def test_movers_are_filtered(query, count, ada, draft, book, movers):
    page = movers(ada, draft, query)

    assert page.context["listing"].totals["count"] == count
    assert len(names_of(page)) == min(count, PAGE_SIZE)


def test_movers_are_filtered_by_owner(ada, alice, draft, book, movers):
    page = movers(ada, draft, f"?owner={alice.pk}")

    assert {mover.customer.owner for mover in page.context["listing"].page} == {alice}


def test_a_manager_does_not_filter_by_a_foreign_owner(mona, otto, draft, book, movers):
    page = movers(mona, draft, f"?owner={otto.pk}")

    assert page.context["listing"].totals["count"] == 0
    assert "Otto" not in page.content.decode()


@pytest.mark.parametrize("key", ["value", "from", "to", "owner"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_movers_are_sorted_and_paged_without_a_gap(
    key, sign, ada, draft, book, movers, monkeypatch
):
    monkeypatch.setattr("tiering.policy_movers.PAGE_SIZE", 20)

    pages = [movers(ada, draft, f"?sort={sign}{key}&page={number}") for number in (1, 2, 3)]

    rows = [mover for page in pages for mover in page.context["listing"].page]
    assert {mover.customer.pk for mover in rows} == set(preview(draft).movers.index)
    assert len(rows) == 48
    if key == "value":
        values = [mover.value for mover in rows]
        assert values == sorted(values, reverse=sign == "-")


def test_paging_reckons_nothing_again(ada, draft, book, movers, monkeypatch):
    movers(ada, draft)
    monkeypatch.setattr("tiering.services.what_if.preview", None)

    assert movers(ada, draft, "?page=2").status_code == 200


def test_movers_are_exported_within_the_scope_and_formula_safe(mona, draft, book, movers):
    Customer.objects.filter(pk=book[2].pk).update(name="=1+1")

    answer = movers(mona, draft, "?export=csv")

    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert rows[0] == ["Customer", "Name", "From", "To", "Value, 12 months", "Owner"]
    assert rows[1] == ["V00002", "'=1+1", "Secondary", "Key", "298.00", "Alice Ai"]
    assert "Otto Ou" not in {row[5] for row in rows}
    assert len(rows) - 1 == movers(mona, draft).context["listing"].totals["count"]


def test_movers_are_exported_as_a_workbook(ada, draft, book, movers):
    answer = movers(ada, draft, "?export=xlsx")

    assert answer.getvalue()[:2] == b"PK"


def test_a_link_kept_for_an_hour_shows_and_counts_only_whom_its_reader_sees_now(
    mona, ada, alice, otto, draft, book, movers, client, monkeypatch
):
    monkeypatch.setattr("tiering.policy_movers.PAGE_SIZE", 100)
    before = movers(mona, draft)
    address = before.wsgi_request.path
    assign(customers=Customer.objects.filter(pk=book[2].pk), to_owner=otto, by=ada)
    assign(customers=Customer.objects.filter(pk=book[3].pk), to_owner=alice, by=ada)

    after = client.get(address)
    client.force_login(ada)
    of_alice = client.get(address, {"owner": alice.pk})

    assert set(names_of(before)) - set(names_of(after)) == {book[2].name}
    assert set(names_of(after)) - set(names_of(before)) == {book[3].name}
    for page in (after, of_alice):
        listing = page.context["listing"]
        assert listing.totals["count"] == len(listing.page.object_list)
    assert {mover.customer.owner for mover in of_alice.context["listing"].page} == {alice}


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_movers(
    count, mona, draft, book, movers, client, django_assert_num_queries
):
    page = movers(mona, draft, f"?q=V0000{'2' if count == 1 else ''}")
    listed = page.context["listing"].totals["count"]
    assert listed == 1 if count == 1 else listed >= 3

    with django_assert_num_queries(10):
        client.get(page.wsgi_request.get_full_path())


def test_a_preview_that_is_no_longer_kept_is_reckoned_anew(ada, draft, book, look, client):
    key = look(ada, draft).context["key"]
    cache.clear()
    client.force_login(ada)

    assert client.get(url(draft, "policy_movers", key=key)).status_code == 200
    gone = client.get(url(draft, "policy_movers", key="f" * 40))
    assert gone["Location"] == url(draft, "policy_version")


def test_without_a_night_there_is_nothing_to_show(ada, draft, look):
    assert "No night has run yet" in look(ada, draft).content.decode()


def test_a_large_book_is_reckoned_by_a_worker_while_the_page_asks(
    ada, draft, book, look, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(what_if, "LARGEST_AT_ONCE", 100)
    sent = []
    monkeypatch.setattr(tasks.preview_policy, "delay", lambda **call: sent.append(call))
    with django_capture_on_commit_callbacks(execute=True):
        first, second = look(ada, draft, note="x"), look(ada, draft, note="x")
    assert [page.context["state"]["percent"] for page in (first, second)] == [0, 0]
    assert len(sent) == 1

    tasks.preview_policy(**sent[0])

    done = look(ada, draft, note="x").context["shown"]
    assert done.totals["count"] == 48


def test_points_are_weighed_by_a_worker_once_and_then_answered_at_once(
    ada, draft, book, look, monkeypatch, django_capture_on_commit_callbacks
):
    look(ada, draft)
    points = new_draft(
        name="Points", by=ada, basis=Policy.Basis.POINTS, weights={"profit": 100},
        breakpoints={"profit": [[0, 0], [30_000, 100]]},
    )  # fmt: skip
    monkeypatch.setattr(what_if, "LARGEST_TO_WEIGH_AT_ONCE", 100)
    sent, heard = [], {}
    monkeypatch.setattr(tasks.preview_policy, "delay", lambda **call: sent.append(call))
    with django_capture_on_commit_callbacks(execute=True):
        assert look(ada, points).context["state"]["percent"] == 0
    say = what_if.say

    def hear(key, **state):
        heard[state["percent"]] = len(book_kept._kept)
        say(key, **state)

    monkeypatch.setattr(what_if, "say", hear)

    tasks.preview_policy(**sent[0])
    monkeypatch.setattr(criteria, "documents_of", None)
    other = look(ada, points, **{"levels-0-share": "10", "levels-1-share": "10"})

    books = {10: 1, 22: 0, 37: 0, 49: 0, 58: 0, 80: 1}  # in memory while others are weighed
    assert heard == books
    assert other.context["shown"].steps[0].step.customers == 20
    assert len(sent) == 1


def test_a_preview_that_fails_says_so(ada, draft, book, look, monkeypatch):
    monkeypatch.setattr(what_if, "LARGEST_AT_ONCE", 100)
    monkeypatch.setattr(what_if, "preview", lambda policy: 1 / 0)
    look(ada, draft)
    key = what_if.key_of(draft, NightRun.objects.latest_finished())
    with pytest.raises(ZeroDivisionError):
        tasks.preview_policy(fields=what_if.as_plain(draft), key=key)

    assert "The preview failed (ZeroDivisionError)" in look(ada, draft).content.decode()


def test_a_preview_survives_its_way_through_the_cache(draft, book):
    run = NightRun.objects.latest_finished()
    answer = what_if.reckon(draft, key="k")

    again = what_if.kept("k")

    assert again.meta == answer.meta
    assert all((again.moves[name] == answer.moves[name]).all() for name in answer.moves)
    assert again.steps(None) == answer.steps(None)
    plain = what_if.from_plain(what_if.as_plain(draft))
    assert what_if.key_of(plain, run) == what_if.key_of(draft, run)


def test_another_night_or_other_settings_have_another_key(ada, draft, book):
    run = NightRun.objects.latest_finished()
    other = Policy(basis=draft.basis, shares=shares(6, 24, 30, 40))
    renamed = Policy(basis=draft.basis, shares=draft.shares, name="Other", nights_up=3)

    assert what_if.key_of(other, run) != what_if.key_of(draft, run)
    assert what_if.key_of(renamed, run) == what_if.key_of(draft, run)
    again = run_night(as_of=AS_OF, force=True)
    assert what_if.key_of(draft, again) != what_if.key_of(draft, run)


def test_the_facts_of_a_night_are_read_once_for_many_previews(ada, draft, book, look, monkeypatch):
    look(ada, draft)
    monkeypatch.setattr(book_kept, "book_under", None)

    page = look(ada, draft, **{"levels-0-share": "6", "levels-1-share": "24"})

    assert page.context["shown"].steps[0].step.customers == 12


def test_a_customer_who_goes_to_another_owner_is_read_anew(ada, mona, otto, draft, book, look):
    before = look(mona, draft).context["shown"].totals["count"]
    assign(customers=Customer.objects.filter(pk=book[2].pk), to_owner=otto, by=ada)

    assert look(mona, draft).context["shown"].totals["count"] == before - 1


def test_a_grade_set_meanwhile_is_in_the_next_preview(ada, draft, book, look):
    before = look(ada, draft).context["shown"].totals["count"]
    Override.objects.create(
        customer=book[2], grade="secondary", computed_grade="secondary", reason="Bankrupt", by=ada,
        starts_on=AS_OF, until=AS_OF, approved_at=NightRun.objects.get().finished_at,
    )  # fmt: skip
    Standing.objects.filter(customer=book[2]).update(override=Override.objects.get())

    assert look(ada, draft).context["shown"].totals["count"] == before - 1


def test_the_curve_falls_and_ends_at_all_of_the_book(draft, db):
    restless_book(130)
    run_night(as_of=AS_OF)

    points = preview(draft).curve()

    shares_of, scores, made = zip(*points, strict=True)
    assert list(scores) == sorted(scores, reverse=True)
    assert list(made) == sorted(made)
    assert (shares_of[-1], round(made[-1], 6)) == (100, 100)


def test_the_curve_tells_a_manager_nothing_of_single_customers_at_the_top(
    mona, ada, draft, book, look
):
    of_manager, whole = (look(person, draft).context["shown"].chart for person in (mona, ada))

    line = of_manager["lines"][0]["score"]
    assert max(score for _share, score, _made in whole["points"]) == 300 > line
    assert max(score for _share, score, _made in of_manager["points"]) <= line
    assert len(of_manager["points"]) == len(whole["points"])
    assert of_manager["points"][-1] == whole["points"][-1]
