"""Reading releases as production deployments, where the configuration says so or a repository knows no others (E5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collectors.github.events import Parsed, apart, at, made
from collectors.github.nodes import release_of
from collectors.github.parse import parse_release
from collectors.github.queries import RELEASES
from collectors.github.reading import Backward, Dated, Landing, Reading, State
from tribometer.events import Event

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Mapping

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

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """Ask whether the list has changed, and read it."""
        listed = reading.changed("releases", {"per_page": 100})
        if listed.not_modified and "walking" not in state:
            return
        known, met = set(state.get("known", ())), set(state.get("met", ()))
        walk: State = {key: state[key] for key in ("walking", "size") if "walking" in state}
        if listed.body == [] and not walk:
            yield Landing({}, *apart(self._taken_back(reading, known)), listed.etags)
            return
        for nodes, place in LISTED.pages(reading, walk):
            parsed = self._parsed(reading, nodes)
            met |= {each.id for each in parsed if isinstance(each, Event)}
            if "walking" in place:
                yield Landing({**place, "known": sorted(known), "met": sorted(met)}, *apart(parsed))
            else:
                parsed += self._taken_back(reading, known - met)
                yield Landing({"size": place["size"], "known": sorted(met)}, *apart(parsed), listed.etags)

    def _parsed(self, reading: Reading, nodes: Iterable[Mapping[str, Any]]) -> Parsed:
        return [
            each
            for node in nodes
            for each in parse_release(
                release_of(node),
                reading.place,
                sha=at(node, "tagCommit", "oid"),
                releases=self.pattern,
                inferred=self.inferred,
            )
        ]

    def _taken_back(self, reading: Reading, gone: Iterable[str]) -> Parsed:
        place = reading.place
        fields = {"service": place.repository, "environment": "production", "tier": "production", "status": "cancelled"}
        return [made("deployment", place, identity, fields) for identity in sorted(gone)]
