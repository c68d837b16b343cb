"""What a draft would do, kept in the shared cache for as long as somebody looks at it.

Kept are arrays of numbers by customer, never texts: names and scope are read when they are
shown, so a page shows what its reader may see at that moment.
"""

import hashlib
import io
import json
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from django.core.cache import cache

from tiering.models import NightRun, Policy
from tiering.policy_digest import GRADING, grading_digest
from tiering.services import criteria
from tiering.services.book import book_of
from tiering.services.book_kept import let_go, stamp_of
from tiering.services.heartbeat import beating
from tiering.services.preview import Preview, preview
from tiering.services.what_if_rows import BY_HAND, CELLS, MOVES, PLACES, Arrays, WhatIf

KEPT_SECONDS = 3600
# Reckoned while the reader waits; larger books in the background.
LARGEST_AT_ONCE = 150_000
# Of so many the criteria of a night are computed while the reader waits.
LARGEST_TO_WEIGH_AT_ONCE = 20_000
# Nobody has taken up the work for so long: it is asked for again.
PATIENCE_SECONDS = 120


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
    found = cache.get(_name(key))
    return None if found is None else _unpacked(found)


def reckon(policy: Policy, *, key: str, said: Callable[[int], None] = lambda _: None) -> WhatIf:
    """Preview a policy and keep the result; `said` hears per cent done.

    Raises PolicyError for a policy that cannot grade a book.
    """
    said(10)
    run = NightRun.objects.latest_finished()
    if run is not None and policy.is_points and not criteria.are_kept(run):
        let_go()  # of the book of another basis
        criteria.weigh(book_of(run), run, said=lambda part: said(10 + part * 6 // 10))
    found = preview(policy)
    if found is None:
        raise LookupError("There is no finished night.")
    said(80)
    answer = _what_if(found, policy)
    cache.set(_name(key), _packed(answer), KEPT_SECONDS)
    return answer


def _name(key: str) -> str:
    return f"what-if-of-night:{key}"


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


def _what_if(found: Preview, policy: Policy) -> WhatIf:
    frame = found.frame.rename(columns={"from_grade": "origin", "to_grade": "target"})
    frame = frame.assign(
        was=frame["from_level"].mask(frame["is_set"], BY_HAND),
        becomes=frame["to_level"].mask(frame["is_set"], BY_HAND),
    )
    cells = frame.groupby(["owner", *PLACES], as_index=False).agg(
        customers=("value_cents", "size"), cents=("value_cents", "sum")
    )
    moved = found.movers
    moves = {
        "customer": moved.index,
        "origin": moved["from_grade"],
        "target": moved["to_grade"],
        "was": moved["from_level"],
        "becomes": moved["to_level"],
        "up": moved["up"],
        "cents": moved["value_cents"],
        "owner": moved["owner"],
    }
    return WhatIf(
        {name: np.asarray(moves[name], dtype=code) for name, code in MOVES.items()},
        {name: cells[name].to_numpy(dtype=code) for name, code in CELLS.items()},
        _meta(found, policy),
    )


def _meta(found: Preview, policy: Policy) -> dict[str, Any]:
    return {
        "as_of": found.run.as_of.isoformat(),
        "basis": found.rules.basis,
        "scheme": found.rules.scheme,
        "reasons": list(found.reasons),
        "policy": found.run.policy_id,
        "customers": len(found.frame),
        "eligible": int(found.frame["eligible"].sum()),
        "lines": {
            code: [line.places, _figure(line.inside), _figure(line.outside)]
            for code, line in found.lines.items()
        },
        "before": found.run.policy.levels,
        "after": policy.levels,
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
