"""What the night does with changes of grade that wait for a person: it opens proposals for
those that are due, withdraws what no longer is, and lets go of what nobody decided."""

from tiering.models import NightRun, Policy
from tiering.services.standings import written

DAYS_TO_DECIDE = 14
LAPSE = """
UPDATE tiering_gradeproposal SET state = 'lapsed', decided_on = %(as_of)s
WHERE state = 'waiting' AND deadline <= %(as_of)s
"""
DUE = """
SELECT s.customer_id, s.level, s.watch_level FROM tiering_standing s
WHERE %(propose_only)s AND s.run_id = %(run)s AND s.watch IN (1, -1) AND s.watch_on <= %(as_of)s
"""
WITHDRAW = f"""
UPDATE tiering_gradeproposal p SET state = 'withdrawn', decided_on = %(as_of)s
WHERE p.state = 'waiting' AND NOT EXISTS (
    SELECT FROM ({DUE}) d WHERE d.customer_id = p.customer_id
        AND d.level = p.from_level AND d.watch_level = p.to_level)
"""
# What lapses tonight may come again tomorrow.
OPEN = f"""
INSERT INTO tiering_gradeproposal
    (customer_id, from_level, to_level, proposed_on, deadline, state)
SELECT d.customer_id, d.level, d.watch_level, %(as_of)s, %(as_of)s::date + %(days)s, 'waiting'
FROM ({DUE}) d WHERE NOT EXISTS (
    SELECT FROM tiering_gradeproposal p WHERE p.customer_id = d.customer_id
        AND (p.state = 'waiting' OR p.state = 'lapsed' AND p.decided_on = %(as_of)s))
ORDER BY d.customer_id ON CONFLICT DO NOTHING
"""


def review(run: NightRun, policy: Policy) -> None:
    """Bring the proposals to what is due after a night, set-based.

    A night computed again comes to the same; under a policy that does not wait for people
    every proposal is withdrawn.
    """
    params = {
        "run": run.pk,
        "as_of": run.as_of,
        "propose_only": policy.propose_only,
        "days": DAYS_TO_DECIDE,
    }
    for sql in (LAPSE, WITHDRAW, OPEN):
        written(sql, params)
