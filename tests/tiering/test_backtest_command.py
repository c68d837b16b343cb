"""The command `backtest`: signals measured on the past of a book, with nothing saved."""

import csv
import json
from datetime import timedelta

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from crm.models import Customer, Order
from tests.factories import AS_OF
from tests.tiering.books import ago, order, restless_book
from tests.tiering.checksums import left_behind
from tiering.churn.measures import auc, brier, precision_at

pytestmark = pytest.mark.django_db

FIGURES = ("n", "base", "auc", "precision_at_10", "value_capture_at_10", "brier")
SIGNALS = ["days_silent", "own_gap_ratio", "bgnbd", "mbg", "logistic", "shipped"]


@pytest.fixture
def book():
    """As known on AS_OF: the last order is cancelled, and a later one is not looked at."""
    found = restless_book()
    Customer.objects.filter(pk=found[0].pk).update(code="=R00000")
    order(found[0], 1, "900.00", status=Order.Status.CANCELLED)
    return found


@pytest.fixture
def measured(capsys):
    """Run the command; the object on its last line."""

    def run(*options: str, as_of=AS_OF) -> dict:
        call_command("backtest", "--as-of", as_of.isoformat(), "--json", *options)
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def test_the_object_is_the_promised_one(measured, book):
    before = left_behind()

    found = measured("--origins", "2", "--horizon", "60")

    assert [each["as_of"] for each in found["origins"]] == [str(ago(150)), str(ago(60))]
    for origin in found["origins"]:
        assert list(origin["pools"]) == ["all", "live", "top20"]
        for signals in origin["pools"].values():
            assert list(signals) == SIGNALS
            assert set(FIGURES) <= set(signals["mbg"])
    pools = found["origins"][1]["pools"]
    assert (pools["all"]["days_silent"]["brier"], pools["all"]["bgnbd"]["brier"]) == (None, None)
    assert pools["live"]["shipped"]["auc"] > 0.5
    assert left_behind() == before


def test_the_figures_can_be_recomputed_from_the_scores(measured, book, tmp_path):
    path = tmp_path / "scores.csv"

    (origin,) = measured("--origins", "1", "--scores", str(path))["origins"]

    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["as_of", "customer", "pool", "signal", "score", "label"]
    assert "'=R00000" in {row["customer"] for row in rows}
    for pool, signals in origin["pools"].items():
        for signal in ("days_silent", "mbg", "shipped"):
            mine = [row for row in rows if (row["pool"], row["signal"]) == (pool, signal)]
            score = np.array([float(row["score"]) for row in mine])
            label = np.array([row["label"] == "1" for row in mine])
            figures = signals[signal]
            assert figures["n"] == len(mine)
            assert figures["auc"] == pytest.approx(auc(score, label))
            assert figures["precision_at_10"] == pytest.approx(precision_at(score, label))
            if signal != "days_silent":
                assert figures["brier"] == pytest.approx(brier(score, label))


def test_labels_are_of_orders_that_count(measured, book, tmp_path):
    path = tmp_path / "scores.csv"
    measured("--origins", "1", "--scores", str(path))
    with path.open() as file:
        labels = {row["customer"]: row["label"] for row in csv.DictReader(file)}

    came = Order.objects.exclude(status="cancelled").filter(amount__gt=0, ordered_on__gt=ago(90))
    codes = set(came.values_list("customer__code", flat=True))
    assert {code for code, label in labels.items() if label == "0"} == {
        f"'{code}" if code.startswith("=") else code for code in codes
    }


def test_a_book_too_young_for_a_model_has_only_its_own_cadence(measured):
    for each in restless_book(12)[1:6]:
        order(each, 1)

    (origin,) = measured("--origins", "1")["origins"]

    assert (origin["rung"], origin["why"]) == ("cadence", "too_little_data")
    assert origin["pools"]["all"]["mbg"]["auc"] is None
    assert origin["pools"]["all"]["shipped"]["brier"] is None
    assert origin["pools"]["all"]["shipped"]["auc"] is not None


def test_without_json_there_is_a_table(capsys, book):
    call_command("backtest", "--as-of", AS_OF.isoformat(), "--origins", "1")

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{ago(90)}, 90, ")
    assert len([line for line in lines if line.startswith("    shipped")]) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--horizon", "0"], "from 1 to 365 days"),
        (["--origins", "0"], "from 1 to 40 origins"),
        (["--as-of", "2999-01-01"], "later than today"),
        (["--as-of", str(AS_OF + timedelta(days=95))], "latest order is of"),
        (["--as-of", "1950-01-01"], "no orders to measure"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(book, options, message):
    with pytest.raises(CommandError, match=message) as refused:
        call_command("backtest", *["--as-of", AS_OF.isoformat(), *options])

    assert refused.value.returncode == 2


def test_a_file_that_cannot_be_written_is_said(book, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("backtest", "--as-of", str(AS_OF), "--scores", str(tmp_path / "no" / "f.csv"))
