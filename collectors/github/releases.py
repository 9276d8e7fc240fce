"""Reading releases as production deployments, where the configuration says so or a repository knows no others (E5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collectors.forge.reading import Dated, Landing
from collectors.forge.told import taken_back
from collectors.github.nodes import release_of
from collectors.github.parse import parse_release
from collectors.github.queries import RELEASES
from collectors.github.reading import Backward
from collectors.parsed import merged, part

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Mapping

    from collectors.forge.reading import State
    from collectors.github.reading import GitHubReading
    from collectors.parsed import Parsed

LISTED = Backward(RELEASES, ("repository", "releases"), "createdAt", timedelta(0))


@dataclass(frozen=True)
class Releases(Dated):
    """Published releases whose tag the pattern finds; whenever the list has changed, all of it is read.

    A release that is gone took its deployment back: that becomes cancelled, which no number counts. State: ``known``,
    the deployments so far; while a walk is under way also ``met``, those it has come to.
    """

    pattern: re.Pattern[str]
    inferred: bool = False

    what = "releases"
    permission = "`Contents: read` (a classic token: `repo`)"
    reads = frozenset({"deployment"})

    def read(self, reading: GitHubReading, state: State) -> Iterator[Landing]:
        """Ask whether the list has changed, and read it."""
        listed = reading.changed("/releases", {"per_page": 100})
        if listed.not_modified and "walking" not in state:
            return
        known, met = set(state.get("known", ())), set(state.get("met", ()))
        walk: State = {key: state[key] for key in ("walking", "size") if "walking" in state}
        if listed.body == [] and not walk:
            yield Landing({}, _taken_back(reading, known), listed.etags)
            return
        for nodes, place in LISTED.pages(reading, walk):
            facts = self._parsed(reading, nodes)
            met |= {event.id for event in facts.events}
            if "walking" in place:
                yield Landing({**place, "known": sorted(known), "met": sorted(met)}, facts)
            else:
                facts.take(_taken_back(reading, known - met))
                yield Landing({"size": place["size"], "known": sorted(met)}, facts, listed.etags)

    def _parsed(self, reading: GitHubReading, nodes: Iterable[Mapping[str, Any]]) -> Parsed:
        return merged(
            parse_release(
                release_of(node),
                reading.place,
                sha=part(node, "tagCommit", "oid"),
                releases=self.pattern,
                inferred=self.inferred,
            )
            for node in nodes
        )


def _taken_back(reading: GitHubReading, gone: Iterable[str]) -> Parsed:
    return merged(taken_back(reading.place, identity) for identity in sorted(gone))
