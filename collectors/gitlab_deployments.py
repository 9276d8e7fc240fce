"""Reading deployments with the approvals they waited for, and releases of projects that have none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.ci_facts import Facts, text
from collectors.forge_facts import RELEASES, Raw, taken_back
from collectors.forge_reading import Dated, Landing, Reading, State, merged
from collectors.gitlab_ci import parse_deployment, tier_of
from collectors.gitlab_parse import parse_release
from collectors.gitlab_updated import Updated
from collectors.paging import listed
from collectors.parsed import part, parts
from tribometer.errors import SourceForbidden, SourceMissing

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.http_exchange import Parameters

LISTED = Updated("/deployments")
NEWEST: Parameters = {"order_by": "released_at", "sort": "desc", "per_page": 100}
WAITING = frozenset({"running", "blocked"})
"""What is asked for again until it has ended. ``created`` is what waits for somebody to start it, often for ever; when
that happens it is changed, and listed again."""


@dataclass(frozen=True)
class Deployments(Dated):
    """Deployments that were changed, and those that were running or waited for an approval.

    A hundred cost one request; one in an environment that needs approvals, or is still open, one of its own. State
    besides that of the list: ``open``, ``tiers`` of the environments, ``any`` once there was one, ``releases``.
    """

    releases: re.Pattern[str] = RELEASES

    what = "deployments"
    permission = "the scope `read_api`, and the role Reporter in the project"
    reads = frozenset({"deployment", "gate"})

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """Environments, deployments, then what has become of open ones; without any, releases."""
        tiers, etags = _tiers(reading, state)
        needing, met = _needing_approval(reading), set[object]()
        yield (landing := Landing({**state, "tiers": tiers}, etags=etags))
        state = landing.state
        for chunk, after in LISTED.chunks(reading, state):
            met |= {raw.get("id") for raw in chunk}
            state = _remembering({**after, "any": True, "open": state.get("open", [])}, chunk)
            yield Landing(state, _told(reading, chunk, tiers, needing))
        rest = [identity for identity in state.get("open", ()) if identity not in met]
        if rest:
            found = [raw for raw in reading.found([f"/deployments/{each}" for each in rest]) if isinstance(raw, dict)]
            state = _remembering({**state, "open": [each for each in state["open"] if each in met]}, found)
            yield Landing(state, merged(parse_deployment(raw, reading.place, tiers) for raw in found))
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


def _told(reading: Reading, chunk: Sequence[Raw], tiers: Mapping[str, str], needing: frozenset[str]) -> Facts:
    """The deployments of a list, which leaves out approvals."""
    gated = [
        raw
        for raw in chunk
        if text(raw.get("status")) == "blocked" or (text(part(raw, "environment", "name")) or "") in needing
    ]
    found = reading.found([f"/deployments/{raw.get('id')}" for raw in gated])
    details = {raw.get("id"): raw for raw in found if isinstance(raw, dict)}
    facts = Facts(source=reading.place.source)
    for raw in chunk:
        facts.take(parse_deployment(details.get(raw.get("id"), raw), reading.place, tiers))
    return facts


def _remembering(state: State, raws: Sequence[Raw]) -> State:
    ended = {raw.get("id") for raw in raws}
    before = [identity for identity in state.get("open", ()) if identity not in ended]
    return {**state, "open": [*before, *(raw.get("id") for raw in raws if text(raw.get("status")) in WAITING)]}


def _tiers(reading: Reading, state: State) -> tuple[dict[str, str], Mapping[str, str]]:
    """Tier of each environment by its name; as it was, where nothing has changed or it may not be read."""
    before, asked = dict(state.get("tiers", {})), {"per_page": 100}
    try:
        answer = reading.changed("/environments", asked)
    except (SourceForbidden, SourceMissing):
        return before, {}
    if answer.not_modified:
        return before, {}
    more = reading.pages.after(answer) is not None
    raws = reading.all("/environments", asked) if more else parts({"items": answer.body}, "items")
    found = {str(part(raw, "name")): tier for raw in raws if (tier := tier_of(raw))}
    # of several pages the first alone would not tell that another one has changed
    return found, {} if more else answer.etags


def _needing_approval(reading: Reading) -> frozenset[str]:
    """Environments whose deployments need an approval; who may not read that gets those that still wait for one."""
    try:
        found = reading.all("/protected_environments")
    except (SourceForbidden, SourceMissing):
        return frozenset()
    needing = [raw for raw in found if raw.get("required_approval_count") or parts(raw, "approval_rules")]
    return frozenset(str(raw.get("name")) for raw in needing)
