"""Both services of a state folder, started and stopped under one lock."""

from pathlib import Path

from crm.embedded.state import TrialUrls, trial_urls


def ensure_services(state: Path, *, durable: bool = True) -> TrialUrls:
    """See to it that PostgreSQL and Valkey run; `durable=False` is for tests, whose data may go."""
    return trial_urls(state)


def stop_services(state: Path) -> None:
    """Stop the services of this state folder, and nothing else."""
