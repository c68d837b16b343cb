from crm.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Imports orders from a file with one line per order, or with one line per article."
    kinds = ["orders", "order_lines"]
