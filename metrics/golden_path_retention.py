"""Golden-path retention (G3): services that are still on the paved road 90 and 180 days after they came to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.definition import POOLED, Cell, Measure, Metric
from metrics.golden_path import OTHERS, observe_path
from metrics.survival import DAY, METHOD, kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.sample import Sample


@dataclass(frozen=True)
class Retention:
    """Share that lasts 90 days, by Kaplan-Meier (E24); further fields ``share_180d`` and ``left``, how many have gone.

    Where nobody was observed so long, and not everybody has gone, there is no value.
    """

    name: str = "share_90d"

    def columns(self) -> str:
        """``n``, and how many have gone."""
        return "COUNT(*) AS n, SUM(CASE WHEN censored THEN 0 ELSE 1 END) AS gone"

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """The shares of every cell."""
        query = f"SELECT bucket, service, value, censored FROM {sample.units} WHERE counted"  # noqa: S608 - our own
        cells: dict[Cell, tuple[list[float], list[float]]] = {}
        for bucket, service, seconds, stays in sample.reader.rows(query):
            for cell in {(bucket, service), (bucket, POOLED)}:
                cells.setdefault(cell, ([], []))[bool(stays)].append(seconds)
        return {cell: _retention(*durations) for cell, durations in cells.items()}


def _retention(left: Sequence[float], staying: Sequence[float]) -> Measure:
    curve = kaplan_meier(left, staying)
    gone, gone_later = (curve.over_by(days * DAY) for days in (90, 180))
    known = [place for place, at in enumerate(curve.times) if at <= 90 * DAY] if gone is not None else []
    low, high = (curve.lows[known[-1]], curve.highs[known[-1]]) if known else (None, None)
    # where nothing or everything is over the band has no width
    has_band = low is not None and high is not None and low <= high and gone is not None and 0 < gone < 1
    return Measure(
        len(left) + len(staying),
        None if gone is None else 1 - gone,
        low if has_band else None,
        high if has_band else None,
        METHOD if has_band else None,
        extra={"share_180d": None if gone_later is None else 1 - gone_later, "left": len(left)},
        status="too_few" if gone is None else None,
    )


METRIC = Metric(
    name="golden_path_retention",
    version=1,
    title="Golden-path retention",
    unit="share",
    better="higher",
    group="Platform",
    question="How many services that took the golden path are still on it 90 days later?",
    source="Kaplan-Meier estimate over services, from the first production deployment by the golden path.",
    formula="Share of services that 90 days after their first golden deployment had not yet deployed twice in a row by "
    "another path; a share.",
    caveats=(
        "One deployment by another path, like one by hand in an emergency, is no leaving; two in a row are.",
        "A service that deploys nothing any more stays where it was.",
        "Services that were on the golden path before anything was collected seem to have begun with the collection.",
    ),
    not_comparable=(OTHERS, "Adoption, which also counts services that came only yesterday."),
    rules=("E7", "E8", "E11", "E24"),
    reads=frozenset({"deployment", "run", "service", "template_release", "pipeline_definition"}),
    needs=frozenset({"deployment"}),
    statistic=Retention(),
    minimum_n=6,
    window_days=365,
    keeps=("censored",),
    beside={"share_180d": "share", "left": "count"},
    over="units",
    observe=observe_path,
)
