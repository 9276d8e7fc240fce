"""Which releases could have fallen to which units: the draws of a randomisation test.

Under the sharp null hypothesis the values would be the same had another unit been reached in a week, so the statistic
of every such assignment is known.
"""

from __future__ import annotations

from collections import Counter
from math import factorial, prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy import int64
    from numpy.typing import NDArray

PERMUTATIONS = 1_999


def distinct(released: NDArray[int64], judged: Collection[int]) -> int:
    """In how many ways the weeks of release in ``judged`` can fall to units; all other weeks count as one."""
    sizes = Counter(int(week) for week in released if int(week) in judged)
    rest = len(released) - sizes.total()
    return factorial(len(released)) // (factorial(rest) * prod(factorial(size) for size in sizes.values()))


def assignments(released: NDArray[int64], seed: int) -> NDArray[int64]:
    """Vectors of weeks of release, a row each, the observed one first.

    All there are, where those are no more than PERMUTATIONS and the observed one; else so many are drawn.
    """
    import numpy as np  # noqa: PLC0415 - commands that judge nothing need none

    if distinct(released, set(released.tolist())) <= PERMUTATIONS + 1:
        observed = tuple(released.tolist())
        rest = [each for each in _orders(Counter(observed), len(observed)) if each != observed]
        return np.array([observed, *rest], dtype=np.int64)
    drawn = np.random.default_rng(seed).permuted(np.tile(released, (PERMUTATIONS, 1)), axis=1)
    return np.vstack([released, drawn])


def _orders(left: Counter[int], places: int) -> Iterator[tuple[int, ...]]:
    if not places:
        yield ()
    for week in sorted(left):
        if left[week]:
            left[week] -= 1
            yield from ((week, *rest) for rest in _orders(left, places - 1))
            left[week] += 1
