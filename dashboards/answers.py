"""The answers a page draws: its numbers, each against what the reader compares with, worked out with progress shown."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

import streamlit as st

from metrics import CATALOGUE
from metrics.comparison import compared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dashboards.data import DataSource
    from dashboards.frame import Frame
    from metrics.comparison import Comparison
    from metrics.query import Query
    from metrics.result import MetricResult

PATIENCE = 0.4
"""Seconds after which a page says what it is working out: sooner, the words would only flicker."""


@dataclass(frozen=True)
class Answer:
    """A number with its course over time, and how it compares; None where nothing is compared."""

    result: MetricResult
    comparison: Comparison | None


def answers(reader: DataSource, chosen: Frame, names: Iterable[str]) -> dict[str, Answer]:
    """Work out metrics of a scope and window, in the order given."""
    return {name: _answer(reader, chosen, name) for name in shown(names)}


def queries(chosen: Frame, names: Iterable[str]) -> Iterator[Query]:
    """Yield what `answers` asks."""
    for name in names:
        yield chosen.series(name)
        if (other := chosen.other(name)) is not None:
            yield other


def shown(names: Iterable[str]) -> Iterator[str]:
    """Yield metrics to work out, and say meanwhile how far the page is."""
    left, place, begun = list(names), st.empty(), monotonic()
    for at, name in enumerate(left):
        if monotonic() - begun > PATIENCE:
            place.progress(
                at / len(left), f"Working out {CATALOGUE[name].title[:1].lower()}{CATALOGUE[name].title[1:]}"
            )
        yield name
    place.empty()


def _answer(reader: DataSource, chosen: Frame, name: str) -> Answer:
    result, other = reader.compute(chosen.series(name)), chosen.other(name)
    if other is None or chosen.against is None:
        return Answer(result, None)
    return Answer(result, compared(result, reader.compute(other), chosen.against))
