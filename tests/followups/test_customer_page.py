"""What the page of a customer says, to whom, and in how many queries."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from crm.models import OwnerChange, Tag
from followups.evidence import growth_words
from followups.explanation import clipped
from followups.models import FollowUp
from tests.factories import (
    AS_OF,
    CaseFactory,
    ChurnAlertFactory,
    ContactFactory,
    CustomerFactory,
    FollowUpFactory,
    NightRunFactory,
    OrderFactory,
    OverrideFactory,
    PaymentFactory,
    PromiseFactory,
    StandingFactory,
    VisitFactory,
)
from tests.policies import rewrite
from tests.tiering.books import new_policy
from tiering.models import ChurnFit, CriterionFigures, NightRun, Override, Policy, Standing
from tiering.schemes import TEN_LEVELS, TEN_SHARES

pytestmark = pytest.mark.django_db

LINES = {
    "key": {"places": 1, "inside": "9000.00", "outside": "8000.00"},
    "secondary": {"places": 20, "inside": "4000.00", "outside": "3900.00"},
    "general": {"places": 50, "inside": "500.00", "outside": "400.00"},
}
LINES["secondary"]["typical"] = {"order_days": 5.0, "continuity": 0.5}


@pytest.fixture
def run():
    return NightRunFactory(lines=LINES, graded=100)


@pytest.fixture
def customer(alice):
    return CustomerFactory(owner=alice, code="昆山 7#?", name="昆山恒力紧固件有限公司")


@pytest.fixture
def page(customer, alice, client):
    """The page as its owner sees it."""
    client.force_login(alice)
    return lambda **asked: client.get(customer.get_absolute_url(), asked)


def standing(customer, run, **fields):
    known = {"value": Decimal("5000.00"), "rank": 15.0, "grade": "secondary", "order_days_365": 5}
    return StandingFactory(customer=customer, run=run, **(known | fields))


def full_page(customer, run, rows):
    """A customer with so many rows of everything that the page shows, each kind every day."""
    standing(customer, run)
    for number in range(rows):
        day = AS_OF - timedelta(days=number + 1)
        noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        PaymentFactory(order=OrderFactory(customer=customer, ordered_on=day), paid_on=day)
        contact = ContactFactory(customer=customer)
        visit = VisitFactory(customer=customer, contact=contact, happened_at=noon)
        PromiseFactory(visit=visit)
        PromiseFactory(visit=visit, kept=True, settled_on=day)
        case = CaseFactory(customer=customer, opened_on=day)
        FollowUpFactory(customer=customer, case=case, reason="case")
        OwnerChange.objects.create(customer=customer, to_owner=customer.owner, changed_at=noon)
        customer.tags.add(Tag.objects.create(name=f"Tag {number}"))
        ended = {"silent_since": day, "opened_on": day, "state": "closed", "closed_on": day}
        ChurnAlertFactory(customer=customer, **ended)
        OverrideFactory(customer=customer, created_at=noon, ended_on=day, ended_by=customer.owner)
    shown = OverrideFactory(customer=customer, created_at=noon)
    Standing.objects.filter(customer=customer).update(override=shown)
    ChurnAlertFactory(customer=customer, silent_since=AS_OF)


@pytest.mark.parametrize(
    ("viewer", "status"), [("alice", 200), ("mona", 200), ("ada", 200), ("otto", 404)]
)
def test_only_those_in_scope_see_the_page(viewer, status, customer, client, request):
    client.force_login(request.getfixturevalue(viewer))

    response = client.get(customer.get_absolute_url())

    assert response.status_code == status
    assert (customer.name in response.text) == (status == 200)


def test_a_customer_of_the_pool_is_seen_by_managers_and_says_so(mona, alice, client):
    customer = CustomerFactory(owner=None)
    client.force_login(mona)
    assert "In the pool" in client.get(customer.get_absolute_url()).text

    client.force_login(alice)
    assert client.get(customer.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_rows(
    rows, customer, run, page, django_assert_num_queries
):
    full_page(customer, run, rows)

    # user, customer, tags; alert, waiting override, owner, follow-up, payments (2), line; changes
    # of grade; orders (2); contacts; last visit, cases, promises, service, ratings; timeline
    # (keys, ten kinds, promises); holidays; navigation (3)
    with django_assert_num_queries(35):
        assert page().status_code == 200


def test_a_customer_of_whom_nothing_is_known_has_a_page(page):
    text = page().text

    assert "No night has graded this customer yet." in text
    assert "No orders yet." in text
    assert "Nothing planned" in text


def test_the_alert_says_why_in_figures_and_that_it_is_not_measured(customer, run, page):
    standing(customer, run, later_than_usual=True, p_none_90=0.7, usual_gap=20.0)
    last = AS_OF - timedelta(days=68)
    OrderFactory(customer=customer, ordered_on=last)
    ChurnAlertFactory(customer=customer, value_at_risk=Decimal("863.01"))

    text = " ".join(page().text.split())

    assert "Silent <b>68</b> days; 9 of 10 of its gaps were under 41 days." in text
    assert "It usually orders every 20 days." in text
    assert "About 3 orders are missing" in text
    assert "Chance of no order by 8 Jun" in text
    assert ": 70 %." in text
    assert "¥863" in text
    assert "cannot be said yet" in text
    assert "Later than usual" in text


def test_the_grade_is_explained_in_money_and_orders(customer, run, page):
    run.policy = calm_policy()
    run.save()
    lines = {"line_above": 900_000.0, "line_below": 390_000.0}
    standing(customer, run, revenue=Decimal(5_000), **lines)
    OrderFactory(customer=customer, amount=Decimal(5_000), ordered_on=AS_OF - timedelta(days=353))

    response = page()
    text = " ".join(response.text.split())

    assert "¥5,000, place <b>15 of 100</b>" in text
    assert "14.0 % of the customers" in text
    assert [bar["times"] for bar in response.context["why_bars"]] == ["1.0", "1.3", "1.25"]
    # What was ordered 353 days ago counts for eleven days more.
    assert "¥4,001 more revenue, or 5 orders of the usual size, by 21 Mar 2025 → Key" in text
    assert "after 7 nights clearly over the line" in text
    assert "¥1,100 less revenue, or 2 orders fewer → General" in text
    assert "after 30 nights clearly behind the line" in text

    rewrite(Policy.objects.filter(pk=run.policy_id), new_days=90, one_step=True)
    for days, falls in (
        (60, "line.<"),
        (59, "line. It is new and does not fall before 10 Apr 2025."),
    ):
        Standing.objects.update(first_order_on=AS_OF - timedelta(days=days))
        text = page().text
        assert f"clearly behind the {falls}" in text
        assert "A change goes one level" not in text


def test_what_lies_behind_a_figure_opens_and_adds_up_to_it(customer, run, page, client):
    standing(customer, run, revenue=Decimal("5000.00"))
    outside = {"ordered_on": AS_OF - timedelta(days=365), "amount": Decimal(7_000)}
    inside = {"ordered_on": AS_OF - timedelta(days=364), "amount": Decimal(5_300)}
    for fields in (outside, inside, {"ordered_on": AS_OF, "amount": Decimal(-300)}):
        OrderFactory(customer=customer, **fields)

    parts = page().context["why_parts"]

    assert [part["amount"] for part in parts] == [5_300, -300]
    totals = [client.get(part["href"]).context["listing"].totals for part in parts]
    assert (totals[0]["sales"], totals[0]["net"]) == (5_300, 5_000)
    assert totals[1]["returned"] == -300


def test_costs_and_what_falls_away_are_parts_of_continuing_value(customer, run, page, client):
    run.basis, run.value_is_profit = "continuing_value", True
    run.save()
    fields = {"revenue": Decimal(5_000), "value": Decimal(2_000), "p_none": 0.25}
    standing(customer, run, score=150_000.0, **fields)
    OrderFactory(customer=customer, amount=Decimal(5_000), base_cost=Decimal(3_000))

    response = page()
    parts = response.context["why_parts"]

    assert [part["amount"] for part in parts] == [5_000, -3_000, -500]
    assert client.get(parts[1]["href"]).context["listing"].totals["cost"] == 3_000
    assert "25.0 % no order in 180 days" in response.text


def test_orders_that_came_after_the_night_are_told_apart_from_its_figures(customer, run, page):
    standing(customer, run, revenue=Decimal("5000.00"))
    OrderFactory(customer=customer, amount=Decimal(5_100))

    response = page()

    assert [part["amount"] for part in response.context["why_parts"]] == [5_000]
    assert "came in or changed after the night" in response.text


@pytest.mark.parametrize(
    ("amounts", "changed", "says"),
    [
        ([100], 0, "1 order of that time was entered after this night; the next night counts it."),
        ([70, 50, -20], 0, "3 orders of that time were entered after this night; the next"),
        ([100], 7, "1 order of that time was entered after this night, and others were changed"),
        ([], 7, "came in or changed after the night"),
    ],
)
def test_orders_entered_after_the_night_are_counted_and_open(
    amounts, changed, says, customer, run, page, client
):
    standing(customer, run, revenue=Decimal("5000.00"))
    known = OrderFactory(customer=customer, amount=Decimal(5_000 + changed))
    NightRun.objects.update(last_order=known.pk)
    for amount in amounts:
        OrderFactory(customer=customer, amount=Decimal(amount))
    # None of these is in the sums that the next night will find for these 365 days.
    OrderFactory(customer=customer, status="cancelled")
    OrderFactory(customer=customer, ordered_on=AS_OF + timedelta(days=1))
    OrderFactory(customer=customer, ordered_on=AS_OF - timedelta(days=365))
    OrderFactory()

    response = page()

    assert says in response.text
    if amounts:
        listing = client.get(response.context["since"]["href"]).context["listing"]
        assert sorted(row.amount for row in listing.page) == sorted(amounts)
        chips = [(str(chip.label), chip.value) for chip in listing.filter.chips]
        assert ("Entered after that night", "") in chips


def test_both_grades_are_shown_with_the_day_of_the_fall(customer, run, page):
    run.policy = calm_policy()
    run.save()
    watch = {"watch": -1, "watch_level": "general", "watch_on": AS_OF + timedelta(days=12)}
    score = {"value": Decimal(450), "line_above": 50_000.0}
    standing(customer, run, computed_grade="general", **score, **watch)

    text = " ".join(page().text.split())

    assert "Falls to General on 22 Mar 2025 unless there is ¥51 more revenue." in text
    assert "Grades change calmly: up after 7 nights" in text
    assert "The shown grade is Secondary already." in text


@pytest.mark.parametrize(
    ("rank", "sentence"),
    [(20.0, "It stands within 10 per cent"), (60.0, "Nights are counted anew since the last")],
)
def test_why_grades_differ_while_nothing_is_coming_is_true(rank, sentence, customer, run, page):
    run.policy = calm_policy()
    run.save()
    standing(customer, run, computed_grade="general", computed_level="general", rank=rank)

    assert sentence in " ".join(page().text.split())


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (1, "nothing in the period before"),
        (-1, "nothing in the last 180 days"),
        (0.2, "50 % more than in the period before"),
        (-0.2, "33 % less than in the period before"),
        (0, "0 % more than in the period before"),
    ],
)
def test_growth_is_said_with_its_direction(figure, words):
    assert growth_words(figure) == words


@pytest.mark.parametrize(
    ("watch", "level", "sentence"),
    [
        (1, "key", "Rises to Key on 13 Mar 2025 if it stays clearly over the line."),
        (-1, "maintain", "Falls to Maintain on 13 Mar 2025 unless it gets back over the line."),
        (-2, "maintain", "Becomes inactive on 13 Mar 2025 unless it orders before."),
    ],
)
def test_what_is_coming_is_said_before_it_happens(watch, level, sentence, customer, run, page):
    fields = {"watch": watch, "watch_level": level, "watch_on": AS_OF + timedelta(days=3)}
    standing(customer, run, **fields)

    assert sentence in page().text


@pytest.mark.parametrize(
    ("watch", "sentence"), [(1, "A rise to General is due"), (-1, "A fall to General is due")]
)
def test_a_change_that_waits_for_approval_says_so(watch, sentence, customer, run, page):
    standing(customer, run, watch=watch, watch_level="general", watch_on=AS_OF)

    assert sentence in page().text


def test_a_grade_that_a_person_set_says_until_when_and_is_not_watched(customer, run, page, mona):
    override = Override.objects.create(
        customer=customer,
        grade="key",
        computed_grade="secondary",
        reason="A new plant next year",
        starts_on=AS_OF,
        until=date(2025, 8, 31),
        by=mona,
    )
    fields = {"watch": -1, "watch_level": "general", "watch_on": AS_OF + timedelta(days=3)}
    standing(customer, run, grade="key", computed_grade="secondary", override=override, **fields)

    response = page()

    assert "The shown grade is set by a person until 31 Aug 2025." in response.text
    assert response.context["watch"] is None
    assert response.context["both_grades"]["shown"] == "Key"


def test_why_the_policy_was_adapted_is_said(customer, run, page):
    run.reasons = ["small_book", "no_model"]
    run.save()
    standing(customer, run)

    text = page().text

    assert "Fewer than 100 customers ordered" in text
    assert "There is no churn model yet" in text


def test_levels_have_the_names_of_the_policy(customer, run, page):
    run.policy = ten_levels()
    run.lines = {"1": LINES["key"], "2": LINES["secondary"], "3": LINES["general"]}
    run.save()
    standing(customer, run, level="2", computed_level="2", line_above=900_000.0)

    response = page()

    assert "Why Silver" in response.text
    assert (
        "¥4,001 more revenue, or 5 orders of the usual size, by 9 Apr 2025 → Gold" in response.text
    )
    bands = response.context["ruler"]["bands"]
    assert [band["short"] for band in bands] == [*map(str, range(10, 2, -1)), "Silver", "Gold"]
    assert [band["tiny"] for band in bands] == [*map(str, range(10, 0, -1))]
    assert ">Silver</text>" in response.text
    assert clipped("Platinum plus", 11) == "Platinum p…"
    assert clipped("关键客户一级", 11) == "关键客户一…"


def test_points_say_what_each_criterion_adds_and_what_is_not_known(customer, run, page):
    run.policy, run.basis = point_policy(), "points"
    run.save()
    standing(customer, run, score=6_000.0, line_above=9_000.0)
    assert "they come with the next night" in page().text

    figures = {"profit": 600_00.0, "growth": None}
    CriterionFigures.objects.create(customer=customer, as_of=AS_OF, figures=figures)
    response = page()

    assert [row["contribution"] for row in response.context["why_criteria"]] == ["60.00", "0.00"]
    assert "not known, its weight of 40 % is shared out" in response.text
    assert "30.01 more points → Key" in response.text


def calm_policy():
    return new_policy(band=10, nights_up=7, nights_down=30)


def test_points_cost_two_queries_more_however_many_rows_there_are(
    customer, run, page, django_assert_num_queries
):
    run.policy, run.basis = point_policy(), "points"
    run.save()
    full_page(customer, run, 3)
    CriterionFigures.objects.create(customer=customer, as_of=AS_OF, figures={"profit": 1.0})

    with django_assert_num_queries(37):  # the figures of the criteria, and what they came from
        assert page().status_code == 200


def ten_levels():
    """Gold, Silver and eight with numbers only."""
    names = {"1": "Gold", "2": "Silver"}
    levels = [
        {"code": level.code, "grade": level.grade, "names": named and {"en": named}}
        for level in TEN_LEVELS
        for named in [names.get(level.code, {})]
    ]
    return new_policy(levels=levels, shares=dict(TEN_SHARES))


def point_policy():
    return new_policy(
        basis="points",
        weights={"profit": 60, "growth": 40},
        breakpoints={"profit": [[0, 0], [100_000, 100]], "growth": [[-1, 0], [1, 100]]},
    )


def test_an_inactive_customer_is_told_the_rule_and_what_brings_it_back(customer, run, page):
    standing(
        customer,
        run,
        eligible=False,
        grade="maintain",
        value=Decimal(0),
        rank=None,
        order_days_365=0,
    )

    text = page().text

    assert "Inactive" in text
    assert "whoever does not order for a year" in text
    assert "¥501 more revenue by 9 Apr 2025 → General" in text
    assert "The order makes it active again" in text


@pytest.mark.parametrize(
    ("fit", "sentence"),
    [
        (None, "it takes at least 100 customers with 200 repeat orders"),
        ({"state": "too_little", "customers": 42, "repeats": 97}, "So far there are 42 and 97."),
        ({"state": "no_answer"}, "found no stable answer"),
    ],
)
def test_the_page_says_why_there_is_no_churn_figure(fit, sentence, customer, run, page):
    run.fit = fit and ChurnFit.objects.create(as_of=AS_OF, **fit)
    run.save()
    standing(customer, run)

    assert sentence in page().text


def test_a_known_chance_needs_no_excuse(customer, run, page):
    standing(customer, run, p_none_90=0.42, order_days=5)

    response = page()

    assert response.context["no_chance"] is None
    assert "42 %" in response.text


def test_nobody_waits_for_the_order_of_a_customer_without_one(customer, run, page):
    standing(customer, run, order_days=0, eligible=False, grade="maintain", last_order_on=None)

    assert "No order yet, so nothing can be said about the next one." in page().text


def test_an_order_after_the_night_ends_the_silence(customer, run, page):
    standing(customer, run, silent_days=63, last_order_on=AS_OF - timedelta(days=63))
    OrderFactory(customer=customer, ordered_on=AS_OF - timedelta(days=63))
    assert page().context["silence"] == 63

    OrderFactory(customer=customer, ordered_on=AS_OF + timedelta(days=1))
    assert page().context["silence"] == 0


def test_an_order_dated_ahead_ends_no_silence_and_is_in_no_chart(customer, run, page):
    standing(customer, run, silent_days=63)
    OrderFactory(customer=customer, ordered_on=AS_OF - timedelta(days=63))
    OrderFactory(customer=customer, ordered_on=date(2062, 3, 10))

    shown = page().context

    assert shown["silence"] == 63
    assert str(shown["rhythm"]).count("2062") == 0
    assert [order.ordered_on.year for order in shown["orders"]] == [2062, 2025]


def test_a_silence_longer_than_the_chart_is_still_known(customer, run, page):
    standing(customer, run, silent_days=900, last_order_on=AS_OF - timedelta(days=900))

    response = page()

    assert response.context["silence"] == 900
    assert "No order in the last 24 months" in response.text


def test_the_chart_gives_each_mark_its_rows(customer, run, page, client):
    standing(customer, run)
    OrderFactory(customer=customer, ordered_on=date(2025, 2, 3), number="SO-FEB")
    OrderFactory(customer=customer, ordered_on=date(2025, 1, 3), number="SO-JAN")

    chart = page().context["chart"]

    assert [mark["amount"] for mark in chart["months"][-3:]] == [100.0, 100.0, 0.0]
    for mark in (chart["days"][-1], chart["months"][-2]):
        rows = client.get(mark["href"]).text
        assert "SO-FEB" in rows
        assert "SO-JAN" not in rows


def test_latest_orders_mark_returns_and_cancelled_ones(customer, page):
    OrderFactory(customer=customer, amount=Decimal(-20))
    OrderFactory(customer=customer, status="cancelled", currency="EUR")
    OrderFactory.create_batch(8, customer=customer, ordered_on=AS_OF - timedelta(days=9))

    response = page()

    assert len(response.context["orders"]) == 8
    assert "return</span>" in response.text
    assert "cancelled</span>" in response.text
    assert "€100" in response.text


def test_contacts_show_what_a_visitor_must_know(customer, page):
    today = timezone.localdate()
    born = (today + timedelta(days=3)).replace(year=1984)
    ContactFactory(
        customer=customer, name="周敏", mobile="138 0000 2217", wechat="zhou", birthday=born
    )

    text = page().text

    assert 'href="tel:13800002217"' in text
    assert "WeChat zhou" in text
    assert "Birthday on" in text


def test_the_first_to_call_stands_first_and_is_called(customer, page):
    ContactFactory(customer=customer, name="Ann", mobile="111111")
    ContactFactory(customer=customer, name="Zoe", mobile="222222", is_primary=True)

    response = page()

    assert [contact.name for contact in response.context["contacts"]] == ["Zoe", "Ann"]
    assert response.context["call"] == "222222"


def test_promised_service_compares_the_last_contact_with_the_rule(customer, run, page):
    standing(customer, run)
    VisitFactory(customer=customer, happened_at=timezone.now() - timedelta(days=40))
    VisitFactory(customer=customer, happened_at=timezone.now(), outcome="missed")

    response = page()

    assert response.context["last_contact_days"] == 40
    assert response.context["service"].every_days == 30
    assert '<dd class="risk">40 days ago</dd>' in response.text


def test_the_next_follow_up_is_the_earliest_open_one(customer, page):
    today = timezone.localdate()
    FollowUpFactory(customer=customer, due_on=today - timedelta(days=4))
    FollowUpFactory(customer=customer, due_on=today, reason=FollowUp.Reason.PLANNED)

    text = page().text

    assert "Churn alert" in text
    assert "4 days late" in text


def test_the_map_opens_on_the_device_and_asks_no_other_host(alice, client):
    customer = CustomerFactory(
        owner=alice, name="A & B", latitude=Decimal("31.384"), longitude=Decimal("120.981")
    )
    client.force_login(alice)

    text = client.get(customer.get_absolute_url()).text

    assert 'href="geo:31.384000,120.981000?q=31.384000,120.981000(A%20%26%20B)"' in text


def test_older_events_can_be_read_without_scripts(customer, page):
    for number in range(17):
        OrderFactory(customer=customer, ordered_on=AS_OF - timedelta(days=number))

    older = page(show="orders", older=page(show="orders").context["timeline"].older)

    assert len(older.context["timeline"].events) == 5
    assert 'aria-current="true">Orders' in older.text


@pytest.mark.parametrize("asked", [{"show": "x"}, {"older": "'"}, {"show": "", "older": "9" * 99}])
def test_nonsense_in_the_address_shows_the_whole_timeline(asked, page):
    assert page(**asked).context["show"] == "all"


def test_what_people_wrote_stays_text(alice, client):
    evil = "<script>alert(1)</script>"
    customer = CustomerFactory(owner=alice, name=evil, alias=evil, note=evil)
    ContactFactory(customer=customer, name=evil, character=evil)
    VisitFactory(customer=customer, summary=evil, needs=evil)
    client.force_login(alice)

    assert evil not in client.get(customer.get_absolute_url()).text


def test_the_page_is_found_by_codes_of_every_kind(alice, client):
    client.force_login(alice)
    for code in ("new", "A&B=1", "50%", "a b", "C-1.", "客户１", "..x", "+"):
        customer = CustomerFactory(owner=alice, code=code)
        assert client.get(customer.get_absolute_url()).context["customer"] == customer


def test_every_way_to_log_a_visit_knows_the_customer(customer, page):
    text = page().text

    assert text.count("/visits/new/?customer=%E6%98%86%E5%B1%B1%207%23%3F") == 3
    assert 'href="/visits/new/"' not in text
