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
    """Work out metrics of a scope and window, in the order given; windows one after the other, for they share facts."""
    wanted = list(names)
    others = {name: other for name in wanted if (other := chosen.other(name)) is not None}
    with reader.together() as compute:
        asked = [*map(chosen.series, wanted), *others.values()]
        told = [compute(query) for _, query in zip(shown([*wanted, *others]), asked, strict=True)]
    before = dict(zip(others, told[len(wanted) :], strict=True))
    return {
        name: Answer(result, compared(result, before[name], str(chosen.against)) if name in before else None)
        for name, result in zip(wanted, told, strict=False)
    }


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
