"""A sign of life in the shared cache, for work that a page watches from outside."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache

EVERY_SECONDS = 5.0
# Nothing was heard for so long: the process that worked has died.
SILENCE_SECONDS = 30


@contextmanager
def beating(name: str) -> Iterator[None]:
    """What the cache keeps under a name does not run out while this lasts; it does soon after
    the process is killed."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(EVERY_SECONDS):
            cache.touch(name, SILENCE_SECONDS)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
