import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.imports import services
from crm.models import ImportBatch


class Command(BaseCommand):
    help = "Puts back what was before an import, changed records included."

    def add_arguments(self, parser):
        parser.add_argument("batch", type=int, metavar="BATCH", help="The number of the import.")
        parser.add_argument("--json", action="store_true", help="End with one line of JSON.")

    def handle(self, *, batch, **options):
        found = ImportBatch.objects.filter(pk=batch).first()
        if found is None:
            raise CommandError(_("There is no import %(number)s.") % {"number": batch})
        now = timezone.now()
        try:
            services.begin(batch=found, state=ImportBatch.State.UNDOING, now=now)
        except services.NotNow as error:
            raise CommandError(str(error)) from error
        services.perform(batch_id=batch, now=now)
        self.report(ImportBatch.objects.get(pk=batch), as_json=options["json"])

    def report(self, batch, *, as_json):
        if batch.state != ImportBatch.State.UNDONE:
            raise CommandError(batch.error["sentence"])
        figures = {"batch": batch.pk, "state": batch.state, "kept": batch.kept}
        sentence = _(
            "Import %(batch)s is undone. %(kept)s new customers are in use by now and were kept."
        )
        self.stdout.write(json.dumps(figures) if as_json else sentence % figures)
