"""Pure: signs that something is not as it was, each with an exact rule; see docs/grading.md."""

from tiering.signals.rules import CODES, flagged, known_of

__all__ = ["CODES", "flagged", "known_of"]
