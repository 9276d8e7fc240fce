"""Visitors who come at once: each opens pages and changes filters as it likes, and thinks in between."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from random import Random
from statistics import quantiles
from typing import TYPE_CHECKING

from visitors.session import visiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from visitors.session import Drawn, Session

THINKING = (1.0, 3.0)
"""Seconds from what is drawn to the next click."""
CHANGES = 0.5
"""The share of clicks on pages with filters that change one."""
FILTERS = ("team", "service")


@dataclass
class Clicks:
    """Seconds of every click, and what went wrong."""

    opened: list[float] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def add(self, drawn: Drawn, *, changed: bool) -> None:
        """Count one."""
        (self.changed if changed else self.opened).append(drawn.whole)
        self.errors += drawn.errors


def percentiles(seconds: Sequence[float]) -> tuple[float, float, float]:
    """Seconds within which half, and 95 of a hundred, were drawn, and the most; of two clicks at least."""
    cuts = quantiles(seconds, n=100, method="inclusive")
    return cuts[49], cuts[94], max(seconds)


def crowd(url: str, paths: Sequence[str], visitors: int, seconds: float) -> Clicks:
    """So many visitors for so many seconds; nobody begins a click after them."""
    clicks = Clicks()

    async def together() -> None:
        until = time.monotonic() + seconds
        await asyncio.gather(*(_visit(url, paths, until, Random(seed), clicks) for seed in range(visitors)))  # noqa: S311 - the same clicks every time

    asyncio.run(together())
    return clicks


async def _visit(url: str, paths: Sequence[str], until: float, dice: Random, clicks: Clicks) -> None:
    await asyncio.sleep(dice.uniform(0.0, THINKING[0]))
    async with visiting(url) as session:
        clicks.add(await session.open(dice.choice(paths)), changed=False)
        while True:
            pause = dice.uniform(*THINKING)
            wrong, _ = await asyncio.gather(session.watch(pause), asyncio.sleep(pause))
            clicks.errors += wrong
            if time.monotonic() > until:
                return
            await _click(session, paths, dice, clicks)


async def _click(session: Session, paths: Sequence[str], dice: Random, clicks: Clicks) -> None:
    offered = [key for key in FILTERS if session.choices(key)]
    if offered and dice.random() < CHANGES:
        key = dice.choice(offered)
        clicks.add(await session.choose(key, dice.choice(session.choices(key))), changed=True)
    else:
        clicks.add(await session.open(dice.choice(paths)), changed=False)
