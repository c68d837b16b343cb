from crm.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Imports customers from a file."
    kinds = ["customers"]
