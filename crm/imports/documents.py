"""What of the staged documents is new, changed or the same, and writing that, for any one table.

`import_doc` holds one row per document with the columns of the table it is meant for, and
`object_id`, `action`. An empty cell changes nothing: what is known already stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, models

from crm.imports.staging import rows, run
from crm.models import ImportChange


@dataclass(frozen=True)
class Target:
    """Where documents of a kind go. `compared`: columns that make a document changed."""

    model: type[models.Model]
    name: ImportChange.Model
    key: str
    compared: Sequence[str]
    derived: Sequence[str] = ()
    """Columns written with a document but not compared."""
    before: str = "to_jsonb(o)"
    """SQL over `o`, the row as it was: what undo needs."""

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def written(self) -> list[str]:
        return [*self.compared, *self.derived]


def meet_existing(target: Target) -> None:
    """Find each document's row, and fill what the file leaves open from it, else by default."""
    kept = ", ".join(f"{column} = coalesce(d.{column}, o.{column})" for column in target.compared)
    run(
        f"UPDATE import_doc AS d SET object_id = o.id, {kept}"
        f" FROM {target.table} AS o WHERE o.{target.key} = d.{target.key}"
    )
    for column, default in defaults(target.model).items():
        if column in target.compared and default is not None:
            run(f"UPDATE import_doc SET {column} = %s WHERE {column} IS NULL", [default])


def defaults(model: type[models.Model]) -> dict[str, object]:
    """Column -> value where a row may not be without one."""
    return {
        field.attname: field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields
        if not (field.null or field.primary_key or field.generated)
    }


def decide(target: Target) -> None:
    """Set `action` of every document: new, updated or unchanged."""
    run("UPDATE import_doc SET action = 'new' WHERE object_id IS NULL")
    here = ", ".join(f"d.{column}" for column in target.compared)
    there = ", ".join(f"o.{column}" for column in target.compared)
    run(
        f"""UPDATE import_doc AS d SET action = CASE
            WHEN ({here}) IS DISTINCT FROM ({there}) THEN 'updated' ELSE 'unchanged' END
        FROM {target.table} AS o WHERE o.id = d.object_id"""
    )


def write(target: Target, batch: int) -> None:
    """Insert what is new and change what is changed, keeping for undo what was before."""
    remember_changed(target, batch)
    update_changed(target)
    insert_new(target, batch)


def remember_changed(target: Target, batch: int) -> None:
    run(
        f"""INSERT INTO crm_importchange (batch_id, model, object_id, before)
        SELECT %s, %s, o.id, {target.before}
        FROM {target.table} AS o JOIN import_doc AS d ON d.object_id = o.id
        WHERE d.action = 'updated'""",
        [batch, target.name.value],
    )


def update_changed(target: Target) -> None:
    changes = [f"{column} = d.{column}" for column in target.written]
    changes += [f"{column} = now()" for column in clocks(target.model, "auto_now")]
    run(
        f"UPDATE {target.table} AS o SET {', '.join(changes)}"
        " FROM import_doc AS d WHERE d.object_id = o.id AND d.action = 'updated'"
    )


def insert_new(target: Target, batch: int) -> None:
    columns = list(dict.fromkeys([target.key, *target.written]))
    insert(
        target.model,
        {column: f"d.{column}" for column in columns},
        source="import_doc AS d WHERE d.action = 'new' ORDER BY d.line",
        name=target.name,
        batch=batch,
    )
    run(
        f"UPDATE import_doc AS d SET object_id = o.id FROM {target.table} AS o"
        f" WHERE d.action = 'new' AND o.{target.key} = d.{target.key}"
    )


def insert(
    model: type[models.Model],
    given: dict[str, str],
    *,
    source: str,
    name: ImportChange.Model,
    batch: int,
) -> None:
    """INSERT from staged rows; columns that are not `given` take the model's defaults."""
    rest = {k: v for k, v in defaults(model).items() if k not in given}
    now = [*clocks(model, "auto_now"), *clocks(model, "auto_now_add")]
    rest = {column: value for column, value in rest.items() if column not in now}
    own = {"batch_id": str(batch)} if "batch_id" in columns_of(model) else {}
    exact = {**given, **dict.fromkeys(now, "now()"), **own}
    run(
        f"""WITH made AS (
            INSERT INTO {model._meta.db_table} ({", ".join([*exact, *rest])})
            SELECT {", ".join([*exact.values(), *["%s"] * len(rest)])} FROM {source}
            RETURNING id
        )
        INSERT INTO crm_importchange (batch_id, model, object_id) SELECT %s, %s, id FROM made""",
        [*rest.values(), batch, name.value],
    )


def columns_of(model: type[models.Model]) -> set[str]:
    return {field.attname for field in model._meta.concrete_fields}


def clocks(model: type[models.Model], kind: str) -> list[str]:
    return [f.attname for f in model._meta.concrete_fields if getattr(f, kind, False)]


def counts() -> dict[str, int]:
    """Documents by what happens to them, and the lines that were rejected."""
    found = dict(rows("SELECT action, count(*) FROM import_doc GROUP BY action"))
    [(rejected,)] = rows("SELECT count(DISTINCT line) FROM import_problem")
    return {
        "created": found.get("new", 0),
        "updated": found.get("updated", 0),
        "unchanged": found.get("unchanged", 0),
        "rejected": rejected,
    }
