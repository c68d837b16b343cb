"""What the judgement can be asked to do."""

from tiering.services.exports import NoSuchNight, export_alerts, export_grades
from tiering.services.guard import NightRefused
from tiering.services.missed import MADE_GOOD, missed_nights, parted, run_nights_until
from tiering.services.night import run_night
from tiering.services.shards import compute_shard

__all__ = [
    "MADE_GOOD",
    "NightRefused",
    "NoSuchNight",
    "compute_shard",
    "export_alerts",
    "export_grades",
    "missed_nights",
    "parted",
    "run_night",
    "run_nights_until",
]
