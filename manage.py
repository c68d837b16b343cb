#!/usr/bin/env python
"""Django's commands. In trial mode each finds running services and tables that are up to date."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    try:
        from crm import trial
    except ImportError as error:
        sys.exit(f"The packages are not installed here ({error}); run make up or make test once.")
    trial.run_command(sys.argv)


if __name__ == "__main__":
    main()
