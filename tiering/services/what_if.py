"""What a draft would do, kept in the shared cache for as long as somebody looks at it.

Kept are arrays of numbers by customer, never texts: names and scope are read when they are
shown, so a page shows what its reader may see at that moment.
"""

import hashlib
import io
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.core.cache import cache

from tiering.models import NightRun, Policy
from tiering.policy_digest import GRADING, grading_digest
from tiering.rules import GRADES
from tiering.services import criteria
from tiering.services.book import book_of
from tiering.services.book_kept import stamp_of
from tiering.services.heartbeat import beating
from tiering.services.preview import Preview, Step, preview

KEPT_SECONDS = 3600
# Reckoned while the reader waits; larger books in the background.
LARGEST_AT_ONCE = 150_000
# Of so many the criteria of a night are computed while the reader waits.
LARGEST_TO_WEIGH_AT_ONCE = 20_000
# Nobody has taken up the work for so long: it is asked for again.
PATIENCE_SECONDS = 120
MOVES = {"customer": "i8", "origin": "i1", "target": "i1", "cents": "i8", "owner": "i8"}
CELLS = {"owner": "i8", "origin": "i1", "target": "i1", "customers": "i8", "cents": "i8"}
Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class WhatIf:
    """A draft on the facts of one night.

    moves   one row per customer whose shown grade would change, most valuable first
    cells   one row per owner (0: the pool), grade now and grade then: customers and cents
    meta    as_of, basis, scheme, reasons, eligible, lines (by level: places, inside,
            outside) and curve (per cent of customers, score, per cent of the value)
    Grades are positions: 0 is key.
    """

    moves: Arrays
    cells: Arrays
    meta: Mapping[str, Any]

    def steps(self, owners: Collection[int] | None) -> list[Step]:
        """The four grades now and then, of these owners' customers; None: of all."""
        rows = pd.DataFrame(self.cells)
        if owners is not None:
            rows = rows[rows["owner"].isin(list(owners))]
        places = range(len(GRADES))
        before, after = (
            rows.groupby(name)[["customers", "cents"]].sum().reindex(places, fill_value=0)
            for name in ("origin", "target")
        )
        return [
            Step(
                grade,
                int(before["customers"][place]),
                int(after["customers"][place]),
                Decimal(int(before["cents"][place])) / 100,
                Decimal(int(after["cents"][place])) / 100,
            )
            for place, grade in enumerate(GRADES)
        ]

    def movers(self, owners: Collection[int] | None) -> pd.DataFrame:
        """The rows of `moves`, of these owners' customers; None: of all."""
        rows = pd.DataFrame(self.moves)
        return rows if owners is None else rows[rows["owner"].isin(list(owners))]


def key_of(policy: Policy, run: NightRun) -> str:
    """Two drafts that grade alike on the same facts share what is kept."""
    name = f"{grading_digest(policy)} {stamp_of(run)}"
    return hashlib.sha256(name.encode()).hexdigest()[:40]


def takes_long(policy: Policy, run: NightRun) -> bool:
    """Whether a policy grades this book elsewhere: it is large, or nobody has weighed its
    criteria yet."""
    if run.customers > LARGEST_AT_ONCE:
        return True
    is_small = run.customers <= LARGEST_TO_WEIGH_AT_ONCE
    return policy.is_points and not is_small and not criteria.are_kept(run)


def at_hand(policy: Policy, run: NightRun, *, key: str) -> WhatIf | None:
    """What is kept or quickly reckoned; None for what is to be reckoned elsewhere."""
    found = kept(key)
    return reckon(policy, key=key) if found is None and not takes_long(policy, run) else found


def kept(key: str) -> WhatIf | None:
    found = cache.get(f"what-if:{key}")
    return None if found is None else _unpacked(found)


def reckon(policy: Policy, *, key: str, said: Callable[[int], None] = lambda _: None) -> WhatIf:
    """Preview a policy and keep the result; `said` hears per cent done.

    Raises PolicyError for a policy that cannot grade a book.
    """
    said(10)
    run = NightRun.objects.latest_finished()
    if run is not None and policy.is_points and not criteria.are_kept(run):
        criteria.weigh(book_of(run), run, said=lambda part: said(10 + part * 6 // 10))
    found = preview(policy)
    if found is None:
        raise LookupError("There is no finished night.")
    said(80)
    answer = _what_if(found)
    cache.set(f"what-if:{key}", _packed(answer), KEPT_SECONDS)
    return answer


def progress(key: str) -> Mapping[str, Any] | None:
    """Per cent, or why it failed; None where nobody works on it, or has died over it."""
    return cache.get(_progress(key))


def say(key: str, **state: Any) -> None:
    cache.set(_progress(key), state, PATIENCE_SECONDS)


def claim(key: str) -> bool:
    """Whether it is the caller who has to begin; of two who ask at once, one."""
    return cache.add(_progress(key), {"percent": 0}, PATIENCE_SECONDS)


def _progress(key: str) -> str:
    return f"what-if-progress:{key}"


def reckon_elsewhere(policy: Policy, *, key: str) -> None:
    """The work of a task: the pages that wait hear how far it is, and why it failed."""
    try:
        with beating(_progress(key)):
            reckon(policy, key=key, said=lambda percent: say(key, percent=percent))
    except Exception as error:
        say(key, failed=type(error).__name__)
        raise


def _what_if(found: Preview) -> WhatIf:
    frame = found.frame.rename(columns={"from_grade": "origin", "to_grade": "target"})
    cells = frame.groupby(["owner", "origin", "target"], as_index=False).agg(
        customers=("value_cents", "size"), cents=("value_cents", "sum")
    )
    moved = found.movers
    moves = {
        "customer": moved.index,
        "origin": moved["from_grade"],
        "target": moved["to_grade"],
        "cents": moved["value_cents"],
        "owner": moved["owner"],
    }
    return WhatIf(
        {name: np.asarray(moves[name], dtype=code) for name, code in MOVES.items()},
        {name: cells[name].to_numpy(dtype=code) for name, code in CELLS.items()},
        _meta(found),
    )


def _meta(found: Preview) -> dict[str, Any]:
    return {
        "as_of": found.run.as_of.isoformat(),
        "basis": found.rules.basis,
        "scheme": found.rules.scheme,
        "reasons": list(found.reasons),
        "customers": len(found.frame),
        "eligible": int(found.frame["eligible"].sum()),
        "lines": {
            code: [line.places, _figure(line.inside), _figure(line.outside)]
            for code, line in found.lines.items()
        },
        "curve": [[round(x, 4), y, round(made, 4)] for x, y, made in found.curve()],
    }


def _figure(cents: float) -> float | None:
    return None if np.isnan(cents) else round(cents) / 100


def _packed(answer: WhatIf) -> bytes:
    stream = io.BytesIO()
    meta = np.frombuffer(json.dumps(answer.meta).encode(), dtype="u1")
    arrays: dict[str, Any] = {f"move_{name}": each for name, each in answer.moves.items()}
    arrays |= {f"cell_{name}": each for name, each in answer.cells.items()}
    np.savez(stream, meta=meta, **arrays)
    return stream.getvalue()


def _unpacked(kept_bytes: bytes) -> WhatIf:
    with np.load(io.BytesIO(kept_bytes), allow_pickle=False) as found:
        return WhatIf(
            _of("move", MOVES, found),
            _of("cell", CELLS, found),
            json.loads(found["meta"].tobytes()),
        )


def _of(kind: str, names: Collection[str], found: Mapping[str, Any]) -> Arrays:
    return {name: found[f"{kind}_{name}"] for name in names}


def as_plain(policy: Policy) -> dict[str, Any]:
    """What decides the grades of an unsaved draft, for a task that reckons it elsewhere."""
    fields = {name: getattr(policy, name) for name in [*GRADING, "levels"]}
    floor = policy.floor
    return fields | {"floor": None if floor is None else str(floor)}


def from_plain(fields: Mapping[str, Any]) -> Policy:
    floor = fields["floor"]
    return Policy(**{**fields, "floor": None if floor is None else Decimal(floor)})
