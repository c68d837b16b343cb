"""Files for tests of imports, and a run over one of them."""

import csv
from decimal import Decimal

from django.utils import timezone

from crm.imports import services
from crm.models import ImportBatch, Order
from crm.sheets import mapping
from crm.sheets.reading import open_table

HEADER = "number,customer,ordered_on,amount\n"
LINES = "number,customer,ordered_on,sku,product,quantity,unit_price,unit_cost\n"
TWO_ORDERS = (
    LINES + "S1,C1,2025-03-01,P1,Bolt,10,2.50,1\n"
    "S1,C1,2025-03-01,P2,Nut,4,1.25,1\n"
    "R1,C1,2025-03-05,P1,,-2,2.50,1\n"
)


def bring_in(path, *kinds, state="running", found=None, **options) -> ImportBatch:
    """Import a file as a command would, with the columns that its header suggests."""
    with open_table(path) as table:
        found = found or mapping.from_header(table.header, kinds)
    batch = ImportBatch.objects.create(
        kind=found.kind,
        file_name=path.name,
        mapping=found.as_dict(),
        state=ImportBatch.State.CHECKED,
        **options,
    )
    now = timezone.now()
    services.begin(batch=batch, state=state, now=now)
    services.perform(batch_id=batch.pk, path=path, now=now)
    batch.refresh_from_db()
    return batch


def take_back(batch) -> ImportBatch:
    now = timezone.now()
    services.begin(batch=batch, state="undoing", now=now)
    services.perform(batch_id=batch.pk, now=now)
    batch.refresh_from_db()
    return batch


def counts(batch) -> dict[str, int]:
    names = ("rows", "created", "updated", "unchanged", "rejected")
    return {name: getattr(batch, name) for name in names if getattr(batch, name)}


def rejected_lines(batch) -> list[tuple[str, str]]:
    """Line number and reason of every line in the file of rejects."""
    if not batch.rejects:
        return []
    with batch.rejects.open() as file:
        rows = list(csv.reader(file.read().decode("utf-8-sig").splitlines()))
    return [(row[-2], row[-1]) for row in rows[1:]]


def amounts() -> dict[str, Decimal]:
    """Number and amount of every order."""
    return dict(Order.objects.values_list("number", "amount"))
