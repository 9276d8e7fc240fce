"""On-call: what duty costs people, told of rotations and never of whoever had the shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards import cuts
from dashboards.number_page import NumberPage
from dashboards.questions import ON_CALL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.answers import Answer
    from dashboards.data import DataSource
    from dashboards.frame import Frame


def rotations(reader: DataSource, chosen: Frame, _told: Mapping[str, Answer]) -> None:
    """Which rotations are woken most."""
    cuts.lines(reader, chosen, "pages_per_shift", "rotation", "Pages per shift of 12 hours, by rotation")


def actionable(reader: DataSource, chosen: Frame, _told: Mapping[str, Answer]) -> None:
    """Which rotations are paged for nothing."""
    cuts.lines(reader, chosen, "non_actionable_pages", "rotation", "Pages with nothing to do, by rotation")


PAGE = NumberPage(
    title="On-call",
    question="What does being on call cost people?",
    keys=ON_CALL,
    period="90 days",
    sections={"Rotations": rotations, "Noise": actionable},
)
