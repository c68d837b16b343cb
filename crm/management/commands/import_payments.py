from crm.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Imports payments from a file."
    kinds = ["payments"]
