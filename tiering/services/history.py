"""What is kept of a night: summaries for ever, full figures as long as design.md says."""

from itertools import pairwise

from django.db.models import F

from tiering.models import NightRun
from tiering.services.standings import written

NIGHTS_KEPT = 35
NIGHTS_PRUNED = 5  # one is enough; more make good a night that was lost
SNAPSHOT = [
    "grade",
    "computed_grade",
    "level",
    "computed_level",
    "behaviour",
    "score",
    "eligible",
    "value",
    "p_none",
    "continuing_value",
    "rank",
]
# All standings are those of the night that has just written them, and of customers who have
# come since there is none: asked for by its key, which no statistics know yet, they would be
# taken for one row, and joined row by row.
KEEP = f"""
INSERT INTO tiering_standingsnapshot AS k (as_of, customer_id, {", ".join(SNAPSHOT)})
SELECT %(as_of)s, customer_id, {", ".join(SNAPSHOT)} FROM tiering_standing
"""
KEEP_AGAIN = f"""{KEEP}
ON CONFLICT (as_of, customer_id) DO UPDATE SET
    ({", ".join(SNAPSHOT)}) = ROW ({", ".join(f"excluded.{name}" for name in SNAPSHOT)})
WHERE ({", ".join(f"k.{name}" for name in SNAPSHOT)})
    IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in SNAPSHOT)})
"""
PRUNE = """
DELETE FROM tiering_standingsnapshot k
WHERE k.as_of = ANY (%(nights)s) AND NOT EXISTS (
    SELECT FROM tiering_gradechange g WHERE g.customer_id = k.customer_id AND g.as_of = k.as_of)
"""
# The owner of the night: whoever the first change since took the customer from. All standings,
# as above.
OF_NIGHT = """
FROM tiering_standing s JOIN crm_customer c ON c.id = s.customer_id
LEFT JOIN (
    SELECT DISTINCT ON (customer_id) customer_id, from_owner_id FROM crm_ownerchange
    WHERE changed_at > %(finished_at)s ORDER BY customer_id, changed_at, id
) moved ON moved.customer_id = c.id
CROSS JOIN LATERAL (
    SELECT CASE WHEN moved.customer_id IS NULL THEN c.owner_id ELSE moved.from_owner_id END AS id
) owner
"""
# The book is looked through once for both.
SUMMARISE = f"""
WITH cells AS MATERIALIZED (
    SELECT owner.id AS owner_id, c.region, c.industry, s.grade, s.behaviour,
        count(*) AS customers, count(*) FILTER (WHERE s.eligible) AS eligible, sum(s.value) AS value
    {OF_NIGHT}
    GROUP BY owner.id, c.region, c.industry, s.grade, s.behaviour
), by_owner AS (
    INSERT INTO tiering_ownersummary
        (run_id, owner_id, grade, behaviour, customers, eligible, value)
    SELECT %(run)s, owner_id, grade, behaviour, sum(customers), sum(eligible), sum(value)
    FROM cells GROUP BY owner_id, grade, behaviour
)
INSERT INTO tiering_nightsummary
    (run_id, owner_id, region, industry, grade, customers, eligible, value)
SELECT %(run)s, owner_id, region, industry, grade, sum(customers), sum(eligible), sum(value)
FROM cells GROUP BY owner_id, region, industry, grade
"""


def keep_snapshots(run: NightRun, *, again: bool) -> None:
    """`again`: the night was finished before, and what it kept may be the same."""
    written(KEEP_AGAIN if again else KEEP, {"as_of": run.as_of})


def prune_snapshots(run: NightRun) -> None:
    """Let go of figures older than 35 nights, but for month ends and nights of a change."""
    nights = NightRun.objects.finished().filter(as_of__lte=run.as_of).order_by("-as_of")
    last = NIGHTS_KEPT - 1
    days = [night.as_of for night in nights[last : last + NIGHTS_PRUNED + 1]]
    gone = [
        older
        for newer, older in pairwise(days)
        if (older.year, older.month) == (newer.year, newer.month)
    ]
    written(PRUNE, {"nights": gone})


def summarise(run: NightRun) -> None:
    """The sums of the night by owner and more; a night computed again replaces its own."""
    run.summaries.all().delete()
    run.owner_summaries.all().delete()
    written(SUMMARISE, {"run": run.pk, "finished_at": run.finished_at})


def take_in(run: NightRun, *, changed: int) -> None:
    """So many grades were changed by people since a night: its sums say so, too.

    Two who do so at once come one after the other, by the row of the run.
    """
    NightRun.objects.filter(pk=run.pk).update(changed=F("changed") + changed)
    summarise(run)
