"""Hours of a board's cells added up, in a way that no order of the cells changes."""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING, Literal

from metrics.friction.board import NOBODY, Amount
from metrics.friction.ranking import ranking

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from metrics.friction.board import Board, Cell, What


def by(cells: Iterable[Cell], what: Literal["kind", "team", "service", "pipeline"], months: float) -> dict[str, float]:
    """Hours a month by what cells name."""
    hours: dict[str, list[float]] = {}
    for cell in cells:
        hours.setdefault(getattr(cell, what) or NOBODY, []).append(cell.hours)
    return {name: fsum(each) / months for name, each in hours.items()}


def named(board: Board, what: What) -> list[str]:
    """All names of that sort on a board, sorted."""
    return sorted({name for cell in board.cells if (name := getattr(cell, what))})


def drawn(values: Mapping[str, float]) -> Amount:
    """The sum of values with its 95 % interval from drawing those that have them, as the board does.

    Without bounds where fewer have them than `ranking.LEAST_TEAMS`.
    """
    (found,) = ranking({"all": values}).kinds
    return Amount(found.total, found.low, found.high)


def within(each: Amount, most: float | None) -> Amount:
    """The amount from nothing to the most that can be had of it; `ranking` tells no bound below nothing."""
    high = each.high if each.high is None or most is None else min(each.high, most)
    return Amount(max(each.value, 0.0), each.low, high)
