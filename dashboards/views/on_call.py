"""On-call: what duty costs people, told of rotations and never of whoever had the shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards import cuts
from dashboards.number_page import NumberPage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.answers import Answer
    from dashboards.data import DataSource
    from dashboards.frame import Frame

KEYS = {
    "pages_per_shift": "Pages per shift",
    "non_actionable_pages": "Nothing to do",
    "incident_load": "Incidents",
    "unplanned_work_share": "Unplanned work",
}


def rotations(reader: DataSource, chosen: Frame, _told: Mapping[str, Answer]) -> None:
    """Which rotations are woken most."""
    cuts.lines(reader, chosen, "pages_per_shift", "rotation", "Pages per shift of 12 hours, by rotation")


def actionable(reader: DataSource, chosen: Frame, _told: Mapping[str, Answer]) -> None:
    """Which rotations are paged for nothing."""
    cuts.lines(reader, chosen, "non_actionable_pages", "rotation", "Pages with nothing to do, by rotation")


PAGE = NumberPage(
    title="On-call",
    question="What does being on call cost people?",
    keys=KEYS,
    period="90 days",
    sections={"Rotations": rotations, "Noise": actionable},
)
