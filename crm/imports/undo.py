"""Put back what was before an import: what it made goes, what it changed is as it was."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext

from crm.imports import customers, orders, visits
from crm.imports.documents import Target, clocks
from crm.imports.runs import ONE_WRITER, alone
from crm.imports.staging import run
from crm.models import Contact, Customer, ImportBatch, ImportChange, Order, Payment, Visit

DELETED_AT_ONCE = 2000
CHANGED_BY = "crm_importchange AS c WHERE c.batch_id = %s AND c.model = %s"
RESTORE_LINES = """
INSERT INTO crm_orderline
SELECT l.* FROM crm_importchange AS c,
    jsonb_populate_recordset(NULL::crm_orderline, c.before -> 'lines') AS l
WHERE c.batch_id = %s AND c.model = %s AND c.before IS NOT NULL
"""
NOTE_OWNERS = """
INSERT INTO crm_ownerchange (customer_id, from_owner_id, to_owner_id, by_id, reason, changed_at)
SELECT o.id, o.owner_id, (c.before ->> 'owner_id')::bigint, %s, %s, now()
FROM crm_importchange AS c JOIN crm_customer AS o ON o.id = c.object_id
WHERE c.batch_id = %s AND c.model = 'customer' AND c.before IS NOT NULL
  AND o.owner_id IS DISTINCT FROM (c.before ->> 'owner_id')::bigint
"""
DROP_UNUSED_PRODUCTS = """
DELETE FROM crm_product AS p USING crm_importchange AS c
WHERE c.object_id = p.id AND c.batch_id = %s AND c.model = 'product'
  AND NOT EXISTS (SELECT FROM crm_orderline AS l WHERE l.product_id = p.id)
"""


class UndoRefused(Exception):
    """The import cannot be undone as things are; the message may be shown."""


def undo(batch: ImportBatch) -> None:
    """All of the import or nothing. Raises UndoRefused, AlreadyRunning."""
    with alone(batch), transaction.atomic():
        run("SELECT pg_advisory_xact_lock(%s)", [ONE_WRITER])
        refuse_if_built_upon(batch)
        restore_changed(batch)
        remove_made(batch)
        batch.changes.all().delete()
        batch.state, batch.percent, batch.error = ImportBatch.State.UNDONE, 100, {}
        batch.alive_at = batch.finished_at = timezone.now()
        batch.save()


def refuse_if_built_upon(batch: ImportBatch) -> None:
    later = ImportChange.objects.filter(
        model=OuterRef("model"), object_id=OuterRef("object_id"), batch__gt=batch.pk
    )
    touched = batch.changes.annotate(again=later.order_by("batch").values("batch")[:1])
    numbers = sorted({n for n in touched.values_list("again", flat=True).distinct() if n})
    if numbers:
        raise UndoRefused(
            gettext("Later imports changed the same records. Undo them first: %(numbers)s.")
            % {"numbers": ", ".join(map(str, reversed(numbers)))}
        )
    made = made_by(batch, ImportChange.Model.ORDER)
    own = made_by(batch, ImportChange.Model.PAYMENT)
    paid = Payment.objects.filter(order__in=made).exclude(pk__in=own).count()
    if paid:
        raise UndoRefused(
            gettext("Orders of this import have payments (%(count)s). Remove those first.")
            % {"count": paid}
        )


def made_by(batch: ImportBatch, name: ImportChange.Model) -> models.QuerySet:
    return batch.changes.filter(model=name, before__isnull=True).values("object_id")


def restore_changed(batch: ImportBatch) -> None:
    reason = gettext("Import %(number)s undone") % {"number": batch.pk}
    run(NOTE_OWNERS, [batch.by_id, reason, batch.pk])
    _restore(batch, customers.TARGET, "c.before")
    _restore(batch, visits.TARGET, "c.before")
    _restore(batch, orders.WITH_LINES, "c.before -> 'order'")
    key = [batch.pk, ImportChange.Model.ORDER.value]
    run(
        f"""DELETE FROM crm_orderline AS l USING {CHANGED_BY}
        AND c.before IS NOT NULL AND l.order_id = c.object_id""",
        key,
    )
    run(RESTORE_LINES, key)


def _restore(batch: ImportBatch, target: Target, before: str) -> None:
    """Only the columns that an import writes: what people wrote elsewhere in the row stays."""
    changes = [f"{column} = b.{column}" for column in target.written]
    changes += [f"{column} = now()" for column in clocks(target.model, "auto_now")]
    run(
        f"""UPDATE {target.table} AS o SET {", ".join(changes)}
        FROM crm_importchange AS c, LATERAL jsonb_populate_record(NULL::{target.table}, {before}) AS b
        WHERE c.batch_id = %s AND c.model = %s AND c.before IS NOT NULL AND o.id = c.object_id""",
        [batch.pk, target.name.value],
    )


def remove_made(batch: ImportBatch) -> None:
    """In the order of who refers to whom. Customers whom others refer to by now are kept."""
    Name = ImportChange.Model
    delete(Payment.objects.filter(pk__in=made_by(batch, Name.PAYMENT)))
    delete(Visit.objects.filter(pk__in=made_by(batch, Name.VISIT)))
    run(
        f"DELETE FROM crm_orderline AS l USING {CHANGED_BY} AND c.before IS NULL"
        " AND l.order_id = c.object_id",
        [batch.pk, Name.ORDER.value],
    )
    delete(Order.objects.filter(pk__in=made_by(batch, Name.ORDER)))
    run(DROP_UNUSED_PRODUCTS, [batch.pk])
    delete(unused(Contact.objects.filter(pk__in=made_by(batch, Name.CONTACT))))
    made = Customer.objects.filter(pk__in=made_by(batch, Name.CUSTOMER))
    delete(unused(made))
    batch.kept = made.count()


def unused(made: models.QuerySet) -> models.QuerySet:
    """Rows that no other row of any table refers to."""
    for relation in made.model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete:
            others = relation.related_model._base_manager
            made = made.exclude(Exists(others.filter(**{relation.field.attname: OuterRef("pk")})))
    return made


def delete(found: models.QuerySet) -> None:
    for keys in _parts(list(found.order_by("pk").values_list("pk", flat=True))):
        found.model._base_manager.filter(pk__in=keys).delete()


def _parts(keys: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), DELETED_AT_ONCE):
        yield keys[start : start + DELETED_AT_ONCE]
