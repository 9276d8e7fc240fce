"""What every assignment of the releases makes of the blocks, all assignments at once.

Blocks of one release in which the same units are known and wait are alike: they are added up first, so that there are
as many products as releases and not as weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy import float64, int64
    from numpy.typing import NDArray

    from metrics.verdicts.blocks import Blocks

Members = tuple["NDArray[float64]", "NDArray[int64]"]
"""Which units belong to a group under each assignment, and the sums of blocks that this group is in."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Blocks that are alike, added up: a release, a week of them and the known units of each sum.

    ``parts`` (block, sum) is 1 where a block is in a sum, else 0.
    """

    cohorts: NDArray[int64]
    weeks: NDArray[int64]
    known: NDArray[float64]
    parts: NDArray[float64]

    def reached(self, released: NDArray[int64]) -> Iterator[Members]:
        """For each release: the units that it reaches."""
        import numpy as np  # noqa: PLC0415 - commands that judge nothing need none

        for week in np.unique(self.cohorts):
            yield (released == week).astype(float), np.flatnonzero(self.cohorts == week)

    def waiting(self, released: NDArray[int64]) -> Iterator[Members]:
        """For each number of units reached: those that are still to be reached."""
        import numpy as np  # noqa: PLC0415 - as above

        passed = passed_by(self.weeks, released[0])
        for count in np.unique(passed):
            here = np.flatnonzero(passed == count)
            yield (released > self.weeks[here[0]]).astype(float), here


def passed_by(weeks: NDArray[int64], released: NDArray[int64]) -> NDArray[int64]:
    """How many units have been reached when each week is over, the same under every assignment."""
    import numpy as np  # noqa: PLC0415 - as above

    return np.asarray(np.searchsorted(np.sort(released), weeks, side="right"), dtype=np.int64)


def sums_of(blocks: Blocks, released: NDArray[int64]) -> Sums:
    """Add up what is alike."""
    import numpy as np  # noqa: PLC0415 - as above

    keys = np.column_stack([blocks.cohorts, passed_by(blocks.weeks, released), blocks.known.T])
    _, first, which = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    parts = (which.reshape(-1, 1) == np.arange(len(first))).astype(float)
    return Sums(blocks.cohorts[first], blocks.weeks[first], blocks.known[:, first], parts)


@dataclass(frozen=True, eq=False)
class Design:
    """Who is compared with whom under each assignment, a row of ``released``: (assignments, sums).

    ``compared`` is the number of reached units measured in each block of a sum that has controls, else 0; ``weight``
    is the weight of each control in it.
    """

    released: NDArray[int64]
    sums: Sums
    compared: NDArray[float64]
    weight: NDArray[float64]

    def estimates(self, moves: NDArray[float64]) -> NDArray[float64]:
        """The estimate under each assignment of what ``moves`` (unit, block); NaN where nothing can be compared."""
        import numpy as np  # noqa: PLC0415 - as above

        added, total = moves @ self.sums.parts, np.zeros(len(self.released))
        for member, here in self.sums.reached(self.released):
            total += ((member @ added[:, here]) * (self.compared[:, here] > 0)).sum(axis=1)
        for member, here in self.sums.waiting(self.released):
            total -= ((member @ added[:, here]) * self.weight[:, here]).sum(axis=1)
        return np.asarray(total / self.units())

    def units(self) -> NDArray[float64]:
        """How many units times blocks are compared under each assignment; NaN for none."""
        import numpy as np  # noqa: PLC0415 - as above

        count = self.compared @ self.sums.parts.sum(axis=0)
        return np.where(count > 0, count, np.nan)

    def weights(self) -> tuple[NDArray[float64], NDArray[float64]]:
        """Each unit's weight in each estimate over all blocks, once reached and before: (assignments, units)."""
        import numpy as np  # noqa: PLC0415 - as above

        times, known = self.sums.parts.sum(axis=0), self.sums.known
        once, before = np.zeros((2, *self.released.shape))
        for member, here in self.sums.reached(self.released):
            once += member * (((self.compared > 0) * times)[:, here] @ known[:, here].T)
        for member, here in self.sums.waiting(self.released):
            before += member * ((self.weight * times)[:, here] @ known[:, here].T)
        return once / self.units()[:, None], before / self.units()[:, None]


def design_of(released: NDArray[int64], blocks: Blocks) -> Design:
    """Count who is compared with whom under each assignment."""
    import numpy as np  # noqa: PLC0415 - as above

    sums = sums_of(blocks, released[0])
    treated, controls = np.zeros((2, len(released), len(sums.cohorts)))
    for member, here in sums.reached(released):
        treated[:, here] = member @ sums.known[:, here]
    for member, here in sums.waiting(released):
        controls[:, here] = member @ sums.known[:, here]
    compared = np.where(controls > 0, treated, 0.0)
    return Design(released, sums, compared, compared / np.maximum(controls, 1))
