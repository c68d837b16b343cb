"""Everything that a company needs on one machine, in the foreground: `make up`."""

import os
import socket

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm import embedded, foreground
from crm.processes import ChildDied, Stopped, say, signals_as_exception


class Command(BaseCommand):
    help = "Start web, worker and beat, and in trial mode the services below them; Ctrl-C ends all."
    requires_system_checks = []

    def handle(self, **options):
        port = read_port(os.environ.get("PORT") or "8000")
        refuse_taken(port)
        try:
            with signals_as_exception(), foreground.only_one(settings.STATE_DIR):
                foreground.run(port)
        except Stopped:
            say("Stopped.")
        except (ChildDied, embedded.EmbeddedError) as error:
            raise CommandError(str(error)) from None


def read_port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise CommandError(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text)


def refuse_taken(port: int) -> None:
    """Before anything starts. Asked as gunicorn will ask: a port in TIME_WAIT is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({error.strerror.lower()});"
                f" choose another: make up PORT={port + 1}"
            ) from None
