"""Waits beside a headline: percentiles of further durations, those that still go on among them (E24)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics.definition import POOLED, Cell
from metrics.judgement import quantile
from metrics.survival import kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.sample import Sample

QUANTILES = {"p50": 0.5, "p90": 0.9}


def spread(ended: Sequence[float], ongoing: Sequence[float]) -> dict[str, float | int | None]:
    """Median and p90 of durations in seconds, by Kaplan-Meier where any goes on; ``n`` and how many are ``waiting``."""
    ordered = sorted(ended)
    curve = kaplan_meier(ended, ongoing) if ongoing else None
    found: dict[str, float | int | None] = {
        name: curve.quantile(q) if curve else quantile(ordered, q) for name, q in QUANTILES.items()
    }
    return {**found, "n": len(ended) + len(ongoing), "waiting": len(ongoing)}


def spreads(sample: Sample, seconds: str, goes_on: str) -> Mapping[Cell, Mapping[str, float | int | None]]:
    """The `spread` of every cell with counted units: of column ``seconds``, by whether ``goes_on`` says it does."""
    query = f"SELECT bucket, service, {seconds}, {goes_on} FROM {sample.units} WHERE counted"  # noqa: S608 - names of ours
    cells: dict[Cell, tuple[list[float], list[float]]] = {}
    for bucket, service, lasted, waits in sample.reader.rows(query):
        for cell in {(bucket, service), (bucket, POOLED)}:
            cells.setdefault(cell, ([], []))[bool(waits)].append(lasted)
    return {cell: spread(*durations) for cell, durations in cells.items()}
