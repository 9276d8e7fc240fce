"""The drawings of a report as plain SVG: the course of twelve months, and the stages end to end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from dashboards.data import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from metrics.result import MetricResult
    from tribometer.service.report.sheet import StageRow

WIDTH, HEIGHT, EDGE = 132.0, 34.0, 5.0
ZERO = HEIGHT - EDGE
BAR = 720.0
NUMBERED = 0.03
"""A narrower segment has no room for its number; the list below the bar has them all."""


@dataclass(frozen=True)
class Point:
    """A month that has a value; ``hollow``: it is too few to judge."""

    x: float
    y: float
    hollow: bool


@dataclass(frozen=True)
class Spark:
    """Points, and the lines between neighbours; a month without a value is a gap."""

    points: tuple[Point, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Segment:
    """A stage on the bar: where it begins, how wide it is, its colour, and its number where there is room."""

    x: float
    width: float
    colour: str
    number: int
    shown: bool


def spark(course: Sequence[MetricResult]) -> Spark:
    """Lay months out from left to right, in height from zero to the most, so that a small change looks small."""
    values = [each.value for each in course if each.value is not None]
    step = (WIDTH - 2 * EDGE) / max(len(course) - 1, 1)
    placed = [
        None if each.value is None else Point(round(EDGE + at * step, 1), _height(each.value, values), _is_weak(each))
        for at, each in enumerate(course)
    ]
    return Spark(tuple(filter(None, placed)), tuple(_lines(placed)))


def _height(value: float, values: Sequence[float]) -> float:
    highest = max(values)
    return round(ZERO - (value / highest if highest > 0 else 0.0) * (ZERO - EDGE), 1)


def _is_weak(each: MetricResult) -> bool:
    return each.status != "ok"


def _lines(placed: Sequence[Point | None]) -> Iterator[str]:
    for known, run in groupby(placed, key=lambda point: point is not None):
        points = [point for point in run if point is not None]
        if known and len(points) > 1:
            yield " ".join(f"{point.x},{point.y}" for point in points)


def segments(rows: Sequence[StageRow]) -> Iterator[Segment]:
    """Lay the stages end to end over the whole bar."""
    colours = dict(STAGES.values())
    start = 0.0
    for number, row in enumerate(rows, start=1):
        x, width = round(start * BAR, 1), round(row.share * BAR, 1)
        yield Segment(x, width, colours[row.stage], number, row.share >= NUMBERED)
        start += row.share
