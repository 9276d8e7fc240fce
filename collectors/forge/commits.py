"""Reading the commits of the default branch at GitLab, Gitea and Forgejo: a walk from its head to what was read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from collectors.forge.reading import Dated
from tribometer.errors import SourceMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.forge.reading import Landing, Reading, State
    from collectors.http.exchange import Parameters


class Walk(ABC):
    """One walk from a head; its ``state`` is how far it has come."""

    def __init__(self, reading: Reading, state: State) -> None:
        """Go on from a state."""
        self.reading = reading
        self.state = state

    @abstractmethod
    def pages(self, head: str, page: int) -> Iterator[Landing]:
        """Read on from a page, as many commits at once as the server gives."""


@dataclass(frozen=True)
class BranchCommits(Dated):
    """The default branch from its head back to what was read before.

    State: ``head`` of the last whole walk; ``walking``, the head and page of one under way.
    """

    what = "commits"
    reads = frozenset({"commit"})

    walk: ClassVar[type[Walk]]
    one: ClassVar[str]
    """Path of a single commit below the repository's, its sha left out."""
    asked: ClassVar[Parameters]
    """What it is asked with, so that the answer is short."""

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """Go on with a walk that was cut off, then read what has come since."""
        if "walking" in state:
            walk = self.walk(reading, state)
            yield from walk.pages(state["walking"]["to"], state["walking"]["page"])
            state = walk.state
        if reading.head and reading.head != state.get("head"):
            yield from self.walk(reading, self._standing(reading, state)).pages(reading.head, 1)

    def _standing(self, reading: Reading, state: State) -> State:
        """The state, if its head is still there; after a forced push it may be gone, and all has to be read."""
        if "head" not in state:
            return state
        try:
            reading.client.send(reading.request(f"{self.one}/{state['head']}", self.asked))
        except SourceMissing:
            return {}
        return state
