"""PostgreSQL and Valkey from the wheels, for trial mode and tests; never for production.

No Django here: settings, manage.py and the tests ask before Django is there.
`state_dir`, `trial_urls` and `secret_key` start nothing; `ensure_services` does.
"""

from crm.embedded.services import ensure_services, stop_services
from crm.embedded.state import (
    EmbeddedError,
    TrialUrls,
    secret_key,
    state_dir,
    tests_state_dir,
    trial_urls,
)

__all__ = [
    "EmbeddedError",
    "TrialUrls",
    "ensure_services",
    "secret_key",
    "state_dir",
    "stop_services",
    "tests_state_dir",
    "trial_urls",
]
