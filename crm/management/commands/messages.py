"""Message files: `make messages` after a text was added or changed."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm.messages import catalogs
from crm.messages.extract import messages_of


class Command(BaseCommand):
    help = "Bring locale/*/django.po up to date with the source and compile them."
    requires_system_checks = []

    def add_arguments(self, parser):
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--check", action="store_true", help="fail on anything left to translate")
        only.add_argument("--compile", action="store_true", help="compile what is there")
        only.add_argument("--export-missing", type=Path, metavar="FILE.json")
        only.add_argument("--import", type=Path, metavar="FILE.json", dest="import_from")

    def handle(self, *, check, export_missing, import_from, **options):
        root = settings.BASE_DIR
        if check:
            return self.check_complete(root)
        if export_missing:
            catalogs.update(root, messages_of(root))
            count = catalogs.export_missing(root, export_missing)
            return self.stdout.write(f"{count} texts to translate in {export_missing}")
        if import_from:
            for text in catalogs.import_translations(root, import_from):
                self.stderr.write(f"Nobody asks for this text: {text!r}")
        elif not options["compile"]:
            catalogs.update(root, messages_of(root))
        catalogs.compile_all(root)

    def check_complete(self, root):
        problems = list(catalogs.problems(root, messages_of(root)))
        if problems:
            raise CommandError("\n".join([*problems, f"{len(problems)} problems with messages."]))
