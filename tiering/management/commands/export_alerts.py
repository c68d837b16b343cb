from tiering import services
from tiering.management.export import ExportCommand


class Command(ExportCommand):
    help = "Writes the churn alerts that were open at the end of a finished night."
    export = staticmethod(services.export_alerts)
