"""What the first page asks of the service: the last week against the weeks before, worked out behind the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import date

    from metrics.moves import Verdict


@dataclass(frozen=True)
class Moved:
    """A metric that left the range of the weeks before, of a team or (empty) of everything, in a sentence."""

    metric: str
    team: str
    sentence: str
    verdict: Verdict


@dataclass(frozen=True)
class Story:
    """The last whole week: what moved, the costliest frictions and what is stale, as sentences.

    ``week`` is its Monday. ``looked`` series were looked at, of which ``chance`` would stand here by chance alone.
    ``tied`` are titles of kinds of friction that none can be told apart from the costliest.
    """

    week: date
    looked: int
    chance: float
    moved: tuple[Moved, ...]
    frictions: tuple[str, ...]
    tied: tuple[str, ...]
    stale: tuple[str, ...]


class OverviewSource(Protocol):
    """Everything the page may ask. Safe to call from several threads."""

    def story(self) -> Story | None:
        """The story of the last whole week; None while it is worked out, which a call begins."""

    def problem(self) -> str | None:
        """Why it cannot be worked out, in a sentence."""


_attended: list[OverviewSource] = []


def attend(source: OverviewSource) -> None:
    """Give the page what it asks; the last one given counts."""
    _attended[:] = [source]


def source() -> OverviewSource | None:
    """What `attend` gave; None where the service runs without it."""
    return _attended[0] if _attended else None
