"""Stop what a command left running: `make down`."""

import os

from django.core.management.base import BaseCommand

from crm import embedded, foreground


class Command(BaseCommand):
    help = "Stop the embedded services and a forgotten `up` of this checkout."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--tests", action="store_true", help="only the services of the tests")

    def handle(self, *, tests, **options):
        own, of_tests = embedded.state_dir(os.environ), embedded.tests_state_dir(os.environ)
        if not tests:
            foreground.stop_other(own)
            embedded.stop_services(own)
        embedded.stop_services(of_tests)
