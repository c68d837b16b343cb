"""How right each signal would have been on past days: measured, point in time."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from tiering.churn.risk import ALERT_HORIZON
from tiering.management.commands.replay import UNKNOWN, day, number
from tiering.models import Policy
from tiering.services.backtesting import BacktestRefused, Measured, backtest_book, write_scores
from tiering.services.quality import replay_list

REFUSED = 2
COLUMNS = ("auc", "precision_at_10", "value_capture_at_10", "brier", "value_precision_at_10")


class Command(BaseCommand):
    help = "Measures every churn signal on past days whose horizon is over; nothing is saved."

    def add_arguments(self, parser):
        parser.add_argument("--as-of", type=day, required=True, metavar="DATE")
        parser.add_argument("--horizon", type=int, default=ALERT_HORIZON, metavar="DAYS")
        parser.add_argument("--origins", type=int, default=3, metavar="N")
        parser.add_argument("--scores", type=Path, metavar="FILE.csv", help="Every single score.")
        parser.add_argument(
            "--list", action="store_true", help="The list of alerts as it is shown, replayed."
        )
        parser.add_argument("--json", action="store_true", help="End with one line of JSON.")

    def handle(self, *, as_of, horizon, origins, scores, **options):
        asked = {"as_of": as_of, "horizon": horizon, "origins": origins}
        try:
            found = backtest_book(**asked, today=timezone.localdate())
            if scores:
                write_scores(scores, found)
        except BacktestRefused as refusal:
            raise CommandError(str(refusal), returncode=REFUSED) from refusal
        except OSError as error:
            message = _("%(file)s cannot be written: %(reason)s.")
            raise CommandError(message % {"file": scores, "reason": error.strerror}) from error
        head = {"as_of": as_of.isoformat(), "horizon": horizon}
        told = head | {"origins": [as_object(each) for each in found]}
        policy = Policy.objects.in_force(day=as_of)
        if options["list"] and policy:
            told["list"] = replay_list(as_of=as_of, policy=policy)
        self.stdout.write(json.dumps(told) if options["json"] else as_table(told))


def as_object(measured: Measured) -> dict[str, object]:
    ladder = measured.origin.ladder
    names = ("slices", "rows", "positives", "auc_mbg", "auc_logistic")
    return {
        "as_of": measured.as_of.isoformat(),
        "rung": ladder.rung.value,
        "why": ladder.why.value,
        "ladder": {name: getattr(ladder, name) for name in names},
        "pools": measured.pools(),
    }


def as_table(told: dict) -> str:
    lines = []
    for origin in told["origins"]:
        why = f" ({origin['why']})" if origin["why"] else ""
        lines.append(f"{origin['as_of']}, {told['horizon']}, {origin['rung']}{why}")
        for pool, signals in origin["pools"].items():
            size = signals["days_silent"]
            base = number(size["base"], 3)
            lines.append(f"  {pool}: n {size['n']}, base {base}; {', '.join(COLUMNS)}")
            lines += [_line(name, figures) for name, figures in signals.items()]
    lines += [_of_list(row) for row in told.get("list", {"lists": []})["lists"]]
    return "\n".join(lines) or UNKNOWN


def _of_list(row: dict) -> str:
    shares = ("precision", "low", "high", "recall", "value_caught")
    figures = "  ".join(f"{number(row[name], 4):>6}" for name in shares)
    return f"{row['list']:<14}{row['threshold']:.2f}  {row['part']:<18}{row['n']:>7}  {figures}"


def _line(signal: str, figures: dict[str, float | None]) -> str:
    return f"    {signal:<14}" + "  ".join(f"{number(figures[name], 4):>6}" for name in COLUMNS)
