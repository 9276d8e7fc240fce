"""People who open personal links of a survey, fill in the form and send it, as many at a time as CLIENTS."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from statistics import quantiles
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Sequence

CLIENTS = 16
SAVED = 303
HIDDEN = re.compile(r'name="form_token" value="([^"]+)"')
AGREED = tuple(f"PU0{number}" for number in range(1, 9))
HOURS = {"0": 0.0, "<1": 0.5}
"""Answers of PU09, and what is stored of them."""
Said = dict[str, str]
"""Fields of a form as they are sent."""


@dataclass
class Sent:
    """What clients sent: seconds of each accepted form, what each link was last told, how many were not accepted."""

    latencies: list[float] = field(default_factory=list)
    last: dict[str, Said] = field(default_factory=dict)
    refused: int = 0
    spent: float = 0.0

    @property
    def rate(self) -> float:
        """Accepted forms per second."""
        return len(self.latencies) / self.spent

    @property
    def percentiles(self) -> tuple[float, float]:
        """Milliseconds within which half, and 95 of a hundred, were taken; without two forms there are none."""
        cuts = quantiles(self.latencies, n=100, method="inclusive")
        return cuts[49] * 1000, cuts[94] * 1000


def said(number: int) -> Said:
    """A complete form; each number says something else."""
    agreed = {item: str((number // 5**place) % 5 + 1) for place, item in enumerate(AGREED)}
    return {**agreed, "PU09": tuple(HOURS)[number % len(HOURS)], "PU10": "builds", "note:PU10": f"written {number}"}


async def visits(client: httpx.AsyncClient, links: Sequence[str], first: int, until: float, sent: Sent) -> None:
    """Open and send one form after another, beginning anew with the first link once all have answered."""
    number = first
    while time.monotonic() < until:
        address, fields = links[number % len(links)], said(number)
        shown = HIDDEN.search((await client.get(address)).text)
        start = time.perf_counter()
        answer = await client.post(address, data={"form_token": shown[1] if shown else "", "do": "save", **fields})
        if answer.status_code == SAVED:
            sent.latencies.append(time.perf_counter() - start)
            sent.last[address] = fields
        else:
            sent.refused += 1
        number += 1


def people(links: Sequence[str], first: int, seconds: float) -> Sent:
    """All clients at once, each a browser with links of its own; in a process that shares nothing with the service."""
    sent = Sent()

    async def browser(place: int, until: float) -> None:
        async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
            await visits(client, links[place::CLIENTS], first + place * 100_000, until, sent)

    async def together() -> None:
        until = time.monotonic() + seconds
        await asyncio.gather(*(browser(place, until) for place in range(CLIENTS)))

    start = time.monotonic()
    asyncio.run(together())
    sent.spent = time.monotonic() - start
    return sent
