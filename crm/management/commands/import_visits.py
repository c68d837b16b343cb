from crm.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Imports visits from a file."
    kinds = ["visits"]
