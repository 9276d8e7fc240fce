"""Pages per shift (W1): how often whoever is on call is paged, and when; told of rotations, never of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.definition import Cell, Measure, Metric
from metrics.statistics import aggregated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.sample import Sample


@dataclass(frozen=True)
class PagesPerShift:
    """Pages per 12 hours of duty; no interval, since pages come in clusters.

    Further fields: ``over_two_share`` of the pieces of 12 hours, ``out_of_hours_share`` and ``sleep_hours_share`` of
    the pages (None without any), ``pages``.
    """

    name: str = "rate"

    def columns(self) -> str:
        """``n`` shifts, pages by 12 hours as ``value``, then the shares, and the number of pages."""
        return (
            "COUNT(*) AS n, SUM(pages) / NULLIF(SUM(lengths), 0.0) AS value, "
            "SUM(busy) / NULLIF(SUM(CEIL(lengths)), 0.0) AS over_two_share, "
            "SUM(out_of_hours) / NULLIF(SUM(pages), 0.0) AS out_of_hours_share, "
            "SUM(at_night) / NULLIF(SUM(pages), 0.0) AS sleep_hours_share, SUM(pages) AS pages"
        )

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """The rate of every bucket; 0 is a finding."""
        return {cell: _rate(row) for cell, row in aggregated(sample, self.columns()).items()}


def _rate(row: tuple[float | None, ...]) -> Measure:
    n, value, over_two, out_of_hours, at_night, pages = row
    shares = {"over_two_share": over_two, "out_of_hours_share": out_of_hours, "sleep_hours_share": at_night}
    return Measure(int(n or 0), value, extra={**shares, "pages": int(pages or 0)})


METRIC = Metric(
    name="pages_per_shift",
    version=1,
    title="Pages per shift",
    unit="per_shift",
    better="lower",
    group="On-call",
    question="How often is whoever is on call paged in a shift of 12 hours?",
    source="Google SRE, Being On-Call: at most two incidents in a shift of 12 hours, for each takes some six of them.",
    formula="Pages that came in a shift, divided by its length in shifts of 12 hours, over all shifts; a rate.",
    caveats=(
        "A page in two shifts of a rotation that overlap counts in both; one in nobody's shift counts in none.",
        "Several pages of one incident are several pages.",
        "Business hours are those of the team that owned the page's service, else the organisation's.",
        "Shifts count together, as many as it takes until 5 people had one, in the period in which the last one ended.",
        "So the newest shifts wait until then, and of a rotation that fewer than 5 people have nothing is told.",
    ),
    not_comparable=(
        "Incident load, which counts incidents and not how often somebody was woken.",
        "Two people, or the weeks of one rotation: that would be a number of whoever had the shift.",
    ),
    rules=("E25",),
    reads=frozenset({"page", "shift"}),
    needs=frozenset({"page", "shift"}),
    statistic=PagesPerShift(),
    window_days=90,
    keeps=("rotation", "person", "lengths", "pages", "out_of_hours", "at_night", "busy"),
    given=("calendar_dates",),
    by=(),
    cuts={"rotation": "rotation"},
    placed="unit",
    over="units",
    beside={
        "over_two_share": "share",
        "out_of_hours_share": "share",
        "sleep_hours_share": "share",
        "pages": "count",
    },
    people="person",
)
