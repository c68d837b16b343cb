"""A night under weighted points: criteria from orders, payments, lines and ratings, and kept."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from tests.factories import (
    AS_OF,
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    PaymentFactory,
    ProductFactory,
)
from tests.tiering.books import ago, book_of_values, new_policy, order, restless_book, shares
from tests.tiering.checksums import left_behind
from tiering.explain.point_order import scores_with
from tiering.models import CriterionFigures, Policy, Rating, Standing
from tiering.points import CRITERIA, breakdown
from tiering.services import run_night
from tiering.services.book import book_of
from tiering.services.criteria import criteria_kept, with_criteria_of
from tiering.services.policies import new_draft, publish
from tiering.services.preview import preview
from tiering.why import book_of_run, customer_of, figures_of, trade_of, why

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 3, 11, 2, tzinfo=UTC)
WEIGHTS = {"profit": 50, "promptness": 20, "breadth": 10, "potential": 20}
BREAKPOINTS = {
    "profit": [[0, 0], [100_000, 100]],
    "promptness": [[-60, 0], [0, 100]],
    "breadth": [[0, 0], [4, 100]],
}
POINTS = {"basis": Policy.Basis.POINTS, "weights": WEIGHTS, "breakpoints": BREAKPOINTS}


def rate(customer, points, *, by, criterion="potential", days_ago=10):
    return Rating.objects.create(
        customer=customer, criterion=criterion, points=points, rated_on=ago(days_ago), by=by
    )


def kept(customer, criterion):
    return CriterionFigures.objects.get(customer=customer).figures[criterion]


def score_of(customer) -> float:
    return Standing.objects.get(customer=customer).score


@pytest.fixture
def weighed(db):
    """A policy of weighted points has been in force for ever."""
    return new_policy(valid_from=ago(400), **POINTS)


def test_a_score_is_the_sum_of_contributions_from_the_criteria_kept_with_the_night(weighed, alice):
    book = restless_book(130)
    for place, customer in enumerate(book[:40]):
        rate(customer, 1 + place % 5, by=alice)

    run = run_night(as_of=AS_OF)

    found = book_of(run).pipe(with_criteria_of, run)
    parts = breakdown(found, weighed.rules().points)
    scores = pd.Series(dict(Standing.objects.values_list("customer_id", "score")))
    assert run.basis == "points"
    assert scores[found.index].tolist() == parts.contributions.sum(axis=1).tolist()
    assert scores.nunique() > 8
    assert CriterionFigures.objects.filter(as_of=AS_OF).count() == 130


def test_the_order_that_is_said_brings_the_points_and_a_unit_less_does_not():
    breakpoints = {"profit": [[0, 0], [9_000_000, 100]], "order_size": [[0, 0], [900_000, 100]]}
    breakpoints |= {"growth": [[-1, 0], [1, 100]], "loyalty": [[0, 0], [1, 100]]}
    weights = dict.fromkeys(breakpoints, 25)
    new_policy(
        valid_from=ago(400), basis=Policy.Basis.POINTS, weights=weights, breakpoints=breakpoints
    )
    restless_book(130)
    gone = CustomerFactory()
    order(gone, 400, "900.00")
    run_night(as_of=AS_OF)
    second = Standing.objects.filter(computed_level="secondary").order_by("-score")[1].customer
    lifted, back = (why(standing_of(each)).up for each in (second, gone))
    assert (lifted.to, back.to) == ("key", "general")
    line, (less, enough) = scores_around(standing_of(second), int(lifted.order))
    assert less <= line < enough

    for customer, up in ((second, lifted), (gone, back)):
        order(customer, 0, up.order)
    run_night(as_of=AS_OF, force=True)
    reached = [standing_of(each) for each in (second, gone)]
    assert [each.computed_level for each in reached] == ["key", "general"]
    assert reached[0].score == enough


def scores_around(standing, units):
    """The line over a customer, and its scores with an order of a unit less and of so many."""
    book = book_of_run(standing.run)
    past = (customer_of(standing, book), book, figures_of(standing), trade_of(standing))
    return standing.line_above, scores_with(*past, np.array([units - 1, units])).tolist()


def standing_of(customer):
    return Standing.objects.select_related("run__policy", "run__fit").get(customer=customer)


def test_whoever_is_not_rated_is_not_punished(weighed, alice):
    rated, unrated = book_of_values(500, 500)
    rate(rated, 3, by=alice)

    run_night(as_of=AS_OF)

    # 500.00 is half of the way for profit, and so is a 3.
    assert (score_of(rated), score_of(unrated)) == (5000, 5000)
    assert (kept(rated, "potential"), kept(unrated, "potential")) == (3, None)


def test_of_several_ratings_the_last_by_the_day_counts(weighed, alice):
    (customer,) = book_of_values(500)
    rate(customer, 2, by=alice, days_ago=20)
    rate(customer, 5, by=alice, days_ago=5)
    rate(customer, 1, by=alice, days_ago=-1)

    run_night(as_of=AS_OF)

    assert kept(customer, "potential") == 5


def invoice(customer, *, due, amount="100.00", rate=1):
    return OrderFactory(
        customer=customer,
        ordered_on=ago(due + 30),
        due_on=ago(due),
        amount=amount,
        base_amount=Decimal(amount) * rate,
    )


def test_promptness_follows_from_due_and_paid_days(weighed):
    prompt, late, split, owing, never_due = (CustomerFactory() for _ in range(5))
    PaymentFactory(order=invoice(prompt, due=50), paid_on=ago(55))
    PaymentFactory(order=invoice(late, due=50), paid_on=ago(20))
    order_of_split = invoice(split, due=50)
    PaymentFactory(order=order_of_split, paid_on=ago(50), amount="75.00")
    PaymentFactory(order=order_of_split, paid_on=ago(10), amount="25.00")
    invoice(owing, due=40)
    invoice(never_due, due=-5)

    run_night(as_of=AS_OF)

    late_days = [kept(each, "promptness") for each in (prompt, late, split, owing, never_due)]
    assert late_days == [0, -30, -10, -40, None]
    assert kept(owing, "credit") == 0
    assert kept(late, "credit") == 1


def test_what_is_paid_after_the_day_is_still_open_and_a_return_is_not_owed(weighed):
    later, returned = CustomerFactory(), CustomerFactory()
    PaymentFactory(order=invoice(later, due=10, amount="200.00", rate=7), paid_on=ago(-1))
    sold = invoice(returned, due=10)
    order(returned, 5, "-60.00", returns=sold)
    PaymentFactory(order=sold, paid_on=ago(10), amount="40.00")

    run_night(as_of=AS_OF)

    assert (kept(later, "promptness"), kept(returned, "promptness")) == (-10, 0)
    assert (kept(later, "credit"), kept(returned, "credit")) == (0, 1)


def test_breadth_counts_different_categories_of_the_year(weighed):
    broad, plain = CustomerFactory(), CustomerFactory()
    for days, category in ((10, "Oil"), (20, "Tea"), (30, "Tea"), (366, "Silk"), (40, "")):
        line = OrderLineFactory(product=ProductFactory(category=category))
        type(line.order).objects.filter(pk=line.order_id).update(
            customer=broad, ordered_on=ago(days)
        )
    order(plain, 3)

    run_night(as_of=AS_OF)

    assert (kept(broad, "breadth"), kept(plain, "breadth")) == (2, None)


def test_a_night_computed_again_gives_the_same(weighed, alice):
    book = restless_book(120)
    rate(book[3], 5, by=alice)
    run_night(as_of=AS_OF)
    before = left_behind()

    run_night(as_of=AS_OF, force=True)

    assert left_behind() == before


def test_a_draft_of_points_is_previewed_as_it_is_published(ada, alice):
    book = restless_book(130)
    for place, customer in enumerate(book[:60]):
        rate(customer, 1 + place % 5, by=alice)
    run = run_night(as_of=AS_OF)
    assert not CriterionFigures.objects.exists()
    draft = new_draft(name="Points", by=ada, shares=shares(3, 27, 30, 40), **POINTS)

    first, second = preview(draft), preview(draft)
    publish(policy=draft, valid_from=AS_OF, note="", by=ada, now=NOW)

    names = ("key", "secondary", "general", "maintain")
    said = {each: names[place] for each, place in second.frame["to_grade"].items()}
    assert first.frame["score"].equals(second.frame["score"])
    assert dict(Standing.objects.values_list("customer_id", "grade")) == said
    assert len(first.movers) > 20
    assert CriterionFigures.objects.filter(as_of=run.as_of).count() == 130


def test_a_night_keeps_criteria_for_a_draft_and_lets_go_of_them_without_one(ada):
    book_of_values(100, 200)
    draft = new_draft(name="Points", by=ada, **POINTS)

    run_night(as_of=AS_OF)
    assert CriterionFigures.objects.count() == 2

    draft.delete()
    run_night(as_of=AS_OF + timedelta(days=1))
    assert not CriterionFigures.objects.exists()


def test_criteria_kept_are_those_of_the_customers_asked_for(weighed):
    first, second = book_of_values(100, 200)
    run_night(as_of=AS_OF)

    found = criteria_kept(pd.Index([second.pk, 0]))

    assert found.columns.tolist() == [f"criterion_{name}" for name in CRITERIA]
    assert found["criterion_profit"].tolist()[0] == 20_000
    assert found.loc[0].isna().all()
    assert first.pk not in found.index


def test_potential_tells_behaviour_under_any_policy(alice):
    small, large = CustomerFactory(), CustomerFactory()
    for days in (400, 300, 250, 100, 20):
        order(small, days, "50.00")
        order(large, days, "900.00")
    rate(small, 4, by=alice)
    rate(large, 4, by=alice)

    run_night(as_of=AS_OF)

    found = dict(Standing.objects.values_list("customer", "behaviour"))
    assert (found[small.pk], found[large.pk]) == ("promising", "loyal")


@pytest.mark.parametrize("number", [1, 300])
def test_the_book_may_be_of_any_size(weighed, django_assert_num_queries, number):
    book_of_values(*range(100, 100 + number))

    run_night(as_of=AS_OF)

    with django_assert_num_queries(105):
        run_night(as_of=AS_OF + timedelta(days=1))
