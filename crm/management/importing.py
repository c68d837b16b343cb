"""What the four import commands have in common."""

import json
from pathlib import Path
from typing import ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.imports import services
from crm.imports.wording import dated_ahead, refusal, refusal_of
from crm.models import ImportBatch, User
from crm.sheets import mapping
from crm.sheets.mapping import ColumnMapping
from crm.sheets.problems import UnreadableFile
from crm.sheets.reading import open_table

UNREADABLE = 2
State = ImportBatch.State


class ImportCommand(BaseCommand):
    kinds: ClassVar[list[str]] = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV, CSV.gz or XLSX")
        parser.add_argument(
            "--mapping", type=Path, metavar="FILE.toml", help="What foreign columns mean."
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Count only; no record is made or changed."
        )
        parser.add_argument(
            "--create-customers",
            action="store_true",
            help="Make the customers that orders name and nobody knows.",
        )
        parser.add_argument(
            "--owner", default="", metavar="USERNAME", help="Who looks after new customers."
        )
        parser.add_argument("--json", action="store_true", help="End with one line of JSON.")

    def handle(self, *, file, dry_run, **options):
        try:
            found = self.mapping_of(file, options["mapping"])
        except UnreadableFile as error:
            raise CommandError(refusal_of(error), returncode=UNREADABLE) from error
        batch = ImportBatch.objects.create(
            kind=found.kind,
            file_name=file.name[-200:],
            mapping=found.as_dict(),
            create_customers=options["create_customers"],
            owner=owner_called(options["owner"]),
            state=State.CHECKED,
        )
        now = timezone.now()
        services.begin(batch=batch, state=State.CHECKING if dry_run else State.RUNNING, now=now)
        services.perform(batch_id=batch.pk, path=file, now=now)
        self.report(ImportBatch.objects.get(pk=batch.pk), as_json=options["json"])

    def mapping_of(self, file: Path, given: Path | None) -> ColumnMapping:
        """From the mapping file, completed by the header; from the header alone without one."""
        text = read(given).decode("utf-8-sig", "replace") if given else ""
        read(file, at_most=1)
        early = mapping.from_toml(text, header=(), kinds=self.kinds)
        with open_table(file, encoding=early.encoding, delimiter=early.delimiter) as table:
            found = mapping.from_toml(text, header=table.header, kinds=self.kinds)
            found = mapping.completed(found, table.header)
            found.positions(table.header)
            return found

    def report(self, batch, *, as_json):
        if batch.state == State.FAILED:
            raise CommandError(refusal(**batch.error), returncode=UNREADABLE)
        figures = {
            "batch": batch.pk,
            "rows": batch.rows,
            "created": batch.created,
            "updated": batch.updated,
            "unchanged": batch.unchanged,
            "rejected": batch.rejected,
            "rejects_file": batch.rejects.path if batch.rejects else None,
        }
        if batch.is_of_orders:
            figures["dated_ahead"] = batch.dated_ahead
        self.stdout.write(json.dumps(figures, ensure_ascii=False) if as_json else sentence(batch))


def read(file: Path, at_most: int = -1) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(at_most)
    except OSError as error:
        raise CommandError(
            _("%(file)s cannot be read: %(reason)s.") % {"file": file, "reason": error.strerror},
            returncode=UNREADABLE,
        ) from error


def owner_called(username: str) -> User | None:
    if not username:
        return None
    owner = User.objects.sellers().filter(username__iexact=username).first()
    if owner is None:
        raise CommandError(_("There is no salesperson %(name)s.") % {"name": username})
    return owner


def sentence(batch: ImportBatch) -> str:
    figures = {
        "number": batch.pk,
        "rows": batch.rows,
        "created": batch.created,
        "updated": batch.updated,
        "unchanged": batch.unchanged,
        "rejected": batch.rejected,
    }
    counts = _(
        "Lines: %(rows)s. New: %(created)s, changed: %(updated)s, unchanged: %(unchanged)s."
        " Rejected lines: %(rejected)s."
    )
    done = _("Import %(number)s is done.") if batch.state == State.COMMITTED else _("Dry run only.")
    parts = [done % figures, counts % figures]
    if batch.rejects:
        parts.append(_("They are in %(file)s.") % {"file": batch.rejects.path})
    if batch.dated_ahead:
        parts.append(dated_ahead(batch.dated_ahead))
    return " ".join(parts)
