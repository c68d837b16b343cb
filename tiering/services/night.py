"""The night: facts, grades, alerts and history of one business day, all of it or nothing."""

from datetime import date
from decimal import Decimal

import pandas as pd
from django.db import transaction
from django.db.models import DateTimeField, Func, Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from crm.models import Order
from tiering import bases, rules, schemes, scoring
from tiering.explain.typical import typical
from tiering.facts import holidays_kept
from tiering.models import NightRun, Policy
from tiering.models.wording import explained
from tiering.rules import PolicyError
from tiering.services import (
    alerts,
    criteria,
    history,
    proposing,
    retention,
    signal_quality,
    signals,
    standings,
)
from tiering.services.calmness import follow
from tiering.services.figures import figures_of_night, graded
from tiering.services.fitting import fit_of_the_week, params_of, regression_of, usual_to_keep
from tiering.services.guard import (
    NightOvertaken,
    NightRefused,
    end_with_the_process,
    one_night_at_a_time,
    work_in_memory,
)
from tiering.services.hindsight import judge_overrides
from tiering.services.judging import judge_alerts
from tiering.services.looking_back import LookBack
from tiering.services.lost import review_lost
from tiering.services.shards import facts_of_night
from tiering.services.thresholds import threshold_of_night

INTERRUPTED = "interrupted"


def run_night(*, as_of: date, force: bool = False, followed: bool = False) -> NightRun:
    """Compute the night of a business day and make it visible in one step.

    A finished night is returned as it is, or computed again with `force`. `followed`: another
    night comes at once, and nobody looks at this one. Killed anywhere,
    nothing of it is seen, and the next call computes it as if nothing had happened. Raises
    NightRefused for a day before the latest finished one, for a day that no policy rules,
    and while another process computes a night.
    """
    with one_night_at_a_time():
        latest = NightRun.objects.latest_finished()
        if latest and as_of < latest.as_of:
            raise NightOvertaken(_refusal(as_of, latest))
        is_finished = latest is not None and latest.as_of == as_of
        if latest and is_finished and not force:
            return latest
        policy = _policy_of(as_of)
        # A finished night stays finished while it is computed again: readers keep it.
        run = latest if latest and is_finished else _begin(as_of, policy)
        return _compute_or_record_failure(run, policy, again=is_finished, followed=followed)


def _refusal(as_of: date, latest: NightRun) -> str:
    return _(
        "The night of %(day)s is not computed: the night of %(latest)s is finished, and nights"
        " only go forward."
    ) % {"day": as_of, "latest": latest.as_of}


def _policy_of(as_of: date) -> Policy:
    policy = Policy.objects.in_force(day=as_of)
    if policy is None:
        raise NightRefused(_("No grading policy is in force on %(day)s.") % {"day": as_of})
    try:
        policy.rules()
    except PolicyError as error:
        message = _("The grading policy %(policy)s cannot grade a book: %(reason)s")
        raise NightRefused(message % {"policy": policy, "reason": explained(error.code)}) from error
    return policy


def _begin(as_of: date, policy: Policy) -> NightRun:
    """The row of the night; whoever holds the lock knows that no other night is running."""
    running = NightRun.objects.filter(state=NightRun.State.RUNNING)
    running.exclude(as_of=as_of).update(state=NightRun.State.FAILED, error=INTERRUPTED)
    defaults = {"policy": policy, "state": NightRun.State.RUNNING, "error": "", "started_at": Now()}
    return NightRun.objects.update_or_create(as_of=as_of, defaults=defaults)[0]


def _compute_or_record_failure(
    run: NightRun, policy: Policy, *, again: bool, followed: bool
) -> NightRun:
    try:
        with transaction.atomic():
            end_with_the_process()
            work_in_memory()
            _compute(run, policy, again=again, followed=followed)
    except Exception as error:
        unfinished = NightRun.objects.filter(pk=run.pk, finished_at=None)
        unfinished.update(state=NightRun.State.FAILED, error=type(error).__name__)
        raise
    return NightRun.objects.select_related("policy", "fit").get(pk=run.pk)


def _compute(run: NightRun, policy: Policy, *, again: bool, followed: bool) -> None:
    """Everything that a night reads and writes; the caller holds the transaction."""
    run.finished_at = None  # its customers are with those who have them now
    run.last_order = Order.objects.aggregate(last=Max("id", default=0))["last"]
    facts = facts_of_night(as_of=run.as_of)
    run.value_is_profit = facts.value_is_profit
    past = LookBack(facts.rhythm.index.to_numpy(dtype="i8"), as_of=run.as_of)
    run.fit = fit_of_the_week(rhythm=facts.rhythm, policy=policy, past=past)
    run.alert_quality = threshold_of_night(run.fit, policy, as_of=run.as_of)
    run.usual = usual_to_keep(facts.usual, holidays_kept(), as_of=run.as_of)
    figures = figures_of_night(
        facts,
        params=params_of(run.fit),
        model=regression_of(run.fit),
        threshold=run.alert_quality["threshold"],
    )
    book = criteria.of_night(figures, run, policy)
    grade_book(run, policy, book, again=again, followed=followed, seen=figures)
    retention.measure(run, facts.book)
    run.signal_quality = signal_quality.quality_of_the_week(run, past)
    judge_overrides(as_of=run.as_of)
    judge_alerts(as_of=run.as_of)
    run.started_at = Func(function="transaction_timestamp", output_field=DateTimeField())
    run.state, run.error, run.finished_at = NightRun.State.FINISHED, "", Now()
    run.save()
    history.prune_snapshots(run)


def grade_book(
    run: NightRun,
    policy: Policy,
    figures: pd.DataFrame,
    *,
    again: bool,
    followed: bool = False,
    seen: pd.DataFrame | None = None,
) -> None:
    """Grade the figures of a night under a policy and write all that follows from it; the caller
    saves the run. `seen`: figures in which to look for signals; without them these stay."""
    frame, applied = graded(figures, policy.rules())
    told = told_of(run, policy, again=again)
    night = follow(frame, applied.policy, as_of=run.as_of, again=again, at_once=told.at_once)
    _note_policy(run, policy, applied)
    with standings.night_table(night, applied.policy):
        run.changed += standings.record_changes(run, applied.policy, told)
        standings.write_standings(run, applied.policy, told)
        if seen is not None:
            signals.keep_signals(seen, run, told.grades, again=again)
        alerts.review_alerts(run, followed=followed)
        review_lost(run, customers=len(frame))
    proposing.review(run, policy)
    standings.refresh_statistics(run)
    history.keep_snapshots(run, again=again)
    history.summarise(run)
    _count(run, frame, applied.policy)


def _note_policy(run: NightRun, policy: Policy, applied: rules.Applied) -> None:
    run.policy, run.basis, run.scheme = policy, applied.policy.basis, applied.policy.scheme
    run.reasons = list(applied.reasons)


def told_of(run: NightRun, policy: Policy, *, again: bool) -> standings.Told:
    before = NightRun.objects.finished().filter(as_of__lt=run.as_of).order_by("-as_of").first()
    new_policy = before is not None and before.policy_id != policy.pk
    return standings.Told(again, before is None, new_policy, signals.grades_shown(run))


def _count(run: NightRun, frame: pd.DataFrame, policy: rules.Policy) -> None:
    grades = frame["computed_grade"].value_counts()
    run.customers, run.graded = len(frame), int(frame["eligible"].sum())
    run.counts = {name: int(grades.get(name, 0)) for name in rules.GRADES}
    run.lines = _lines(frame, policy)


def _lines(frame: pd.DataFrame, policy: rules.Policy) -> dict[str, dict[str, object]]:
    """By level: places, the score of the last one inside and the first one outside, in money
    or points, and what those just inside are like."""
    amounts = bases.amounts(frame, frame["score"], policy)
    lines = scoring.cut_lines(frame["score"], frame["eligible"], policy=policy, amounts=amounts)
    near = typical(frame, policy, _edges(lines, policy))
    return {
        name: {
            "places": line.places,
            "inside": _money(line.inside),
            "outside": _money(line.outside),
            "typical": near[name],
        }
        for name, line in lines.items()
    }


def _edges(lines: dict[str, scoring.Line], policy: rules.Policy) -> dict[str, float]:
    """What scores are compared with: a fixed line, or the last one inside."""
    if policy.scheme == "lines":
        return dict(zip(lines, schemes.floors(policy), strict=True))
    return {name: line.inside for name, line in lines.items()}


def _money(cents: float) -> str | None:
    """JSON has no decimals: a text keeps the cent."""
    return None if pd.isna(cents) else f"{Decimal(round(cents)) / 100:.2f}"
