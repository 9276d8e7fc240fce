"""Reading deployments with the approvals they waited for, and releases of projects that have none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.ci.facts import Facts
from collectors.forge.facts import RELEASES, Raw
from collectors.forge.reading import Landing, Reading, State, Waiting
from collectors.forge.told import taken_back
from collectors.gitlab.ci import parse_deployment
from collectors.gitlab.environments import Environments
from collectors.gitlab.parse import parse_release
from collectors.gitlab.updated import Updated
from collectors.http.paging import listed
from collectors.parsed import merged, part, text

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

    from collectors.http.exchange import Parameters

LISTED = Updated("/deployments")
NEWEST: Parameters = {"order_by": "released_at", "sort": "desc", "per_page": 100}
WAITING = frozenset({"running", "blocked"})
"""What is asked for again until it has ended. ``created`` is what waits for somebody to start it, often for ever; when
that happens it is changed, and listed again."""


@dataclass(frozen=True)
class Deployments(Waiting):
    """Deployments that were changed, and those that were running or waited for an approval.

    A hundred cost one request; one in an environment that needs approvals, or is still open, one of its own. State
    besides that of the list: ``open``, ``tiers`` of the environments, ``any`` once there was one, ``releases``.
    """

    releases: re.Pattern[str] = RELEASES

    what = "deployments"
    permission = "the scope `read_api`, and the role Reporter in the project"
    reads = frozenset({"deployment", "gate"})

    def unfinished(self, state: State) -> State:
        """The open ones; and that there are any, for then releases are none."""
        return {key: state[key] for key in ("open", "any", "releases", "tiers") if key in state}

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """Deployments, then what has become of open ones; without any, releases."""
        environments, met = None, set[object]()
        for chunk, after in LISTED.chunks(reading, state):
            environments = environments or Environments.read(reading, state.get("tiers", {}))
            met |= {raw.get("id") for raw in chunk}
            known = {"any": True, "open": state.get("open", []), "tiers": environments.tiers}
            state = _remembering({**after, **known}, chunk)
            yield Landing(state, _told(reading, chunk, environments), environments.etags)
        rest = [identity for identity in state.get("open", ()) if identity not in met]
        if rest:
            found = [raw for raw in reading.found([f"/deployments/{each}" for each in rest]) if isinstance(raw, dict)]
            state = _remembering({**state, "open": [each for each in state["open"] if each in met]}, found)
            yield Landing(state, merged(parse_deployment(raw, reading.place, state.get("tiers")) for raw in found))
        if not state.get("any"):
            yield from self._released(reading, state)

    def _released(self, reading: Reading, state: State) -> Iterator[Landing]:
        """All releases whenever the newest are others; one that is gone becomes cancelled, which no number counts."""
        newest = reading.changed("/releases", NEWEST)
        if newest.not_modified:
            return
        raws = reading.all("/releases", NEWEST) if reading.pages.after(newest) else listed(newest, None)
        told = [parse_release(raw, reading.place, releases=self.releases) for raw in raws if isinstance(raw, dict)]
        known = sorted({event.id for facts in told for event in facts.events})
        told += [taken_back(reading.place, identity) for identity in state.get("releases", ()) if identity not in known]
        yield Landing({**state, "releases": known}, merged(told), newest.etags)


def _told(reading: Reading, chunk: Sequence[Raw], environments: Environments) -> Facts:
    """The deployments of a list, which leaves out approvals."""
    needing = environments.needing_approval
    gated = [
        raw for raw in chunk if raw.get("status") == "blocked" or text(part(raw, "environment", "name")) in needing
    ]
    found = reading.found([f"/deployments/{raw.get('id')}" for raw in gated])
    details = {raw.get("id"): raw for raw in found if isinstance(raw, dict)}
    facts = Facts(source=reading.place.source)
    for raw in chunk:
        facts.take(parse_deployment(details.get(raw.get("id"), raw), reading.place, environments.tiers))
    return facts


def _remembering(state: State, raws: Sequence[Raw]) -> State:
    ended = {raw.get("id") for raw in raws}
    before = [identity for identity in state.get("open", ()) if identity not in ended]
    return {**state, "open": [*before, *(raw.get("id") for raw in raws if text(raw.get("status")) in WAITING)]}
