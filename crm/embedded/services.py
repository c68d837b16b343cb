"""Both services of a state folder, started and stopped under one lock."""

from pathlib import Path

from crm.embedded import postgres, valkey
from crm.embedded.place import Place, place_of
from crm.embedded.programs import find_programs
from crm.embedded.state import MARKER, EmbeddedError, TrialUrls, lock, trial_urls


def ensure_services(state: Path, *, durable: bool = True) -> TrialUrls:
    """See to it that PostgreSQL and Valkey run, detached; the first call creates the cluster.

    `durable=False` is for tests, whose data may go. Raises EmbeddedError, whose
    message is one sentence for the user.
    """
    try:
        place = place_of(state)
        with lock(state / "services.lock"):
            start_missing(place, durable=durable)
    except OSError as error:
        raise EmbeddedError(f"The embedded services could not be started: {error}.") from error
    return trial_urls(state)


def start_missing(place: Place, *, durable: bool) -> None:
    missing = [each for each in (postgres, valkey) if not each.running(place)]
    if not missing:
        return
    programs = find_programs(place.folder, place.account)
    if postgres in missing:
        postgres.start(place, programs, durable=durable)
    if valkey in missing:
        valkey.start(place, programs)


def stop_services(state: Path) -> None:
    """Stop the services of this state folder, and nothing else."""
    if not (state / MARKER).exists():
        return
    place = place_of(state)
    with lock(state / "services.lock"):
        if postgres.server_pid(place):
            postgres.stop(place, find_programs(place.folder, place.account))
        valkey.stop(place)
