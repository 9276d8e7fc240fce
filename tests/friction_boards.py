"""Boards of friction made from cells, for what is worked out from a board."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from metrics.friction.board import NOBODY, Board, Cell, Week, board
from tribometer.settings import Friction
from tribometer.settings.friction import KINDS

START = datetime(2026, 1, 5, tzinfo=UTC)
WINDOW = (START, START + timedelta(weeks=12))
MONTHS = 3.0
PIPELINES = ("acme/a/ci", "acme/b/ci", "acme/c/ci")


def made(cells: Sequence[Cell], weeks: Sequence[Week] = (), **options: Any) -> Board:
    """A board of three months on which every kind could be seen."""
    given: dict[str, Any] = {"window": WINDOW, "scope": {}, "months": MONTHS, "observable": KINDS}
    return board(cells, weeks, **{**given, "settings": Friction(), **options})


def of_teams(kind: str, hours: Sequence[float]) -> list[Cell]:
    """So many hours of a kind in each of the teams t0, t1, …, in services s0, s1, … of their own."""
    return [Cell(kind, f"t{at}", f"s{at}", None, value, 4) for at, value in enumerate(hours)]


def some_cells() -> st.SearchStrategy[list[Cell]]:
    """Any cells, of few or many teams; hours to a quarter."""
    one = st.builds(
        Cell,
        st.sampled_from(("review_wait", "flaky_reruns", "ci_queue")),
        st.sampled_from([NOBODY, *(f"t{at}" for at in range(12))]),
        st.sampled_from([None, *(f"s{at}" for at in range(12))]),
        st.sampled_from([None, *PIPELINES]),
        st.integers(1, 4000).map(lambda quarters: quarters / 4),
        st.integers(1, 50),
    )
    return st.lists(one, min_size=1, max_size=40)
