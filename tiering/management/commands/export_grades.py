from tiering import services
from tiering.management.export import ExportCommand


class Command(ExportCommand):
    help = "Writes the grade and the figures of every customer as of a finished night."
    export = staticmethod(services.export_grades)
