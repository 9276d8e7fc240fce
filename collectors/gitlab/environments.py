"""What GitLab's environments say about deployments to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.gitlab.ci import tier_of
from collectors.parsed import part, parts
from tribometer.errors import SourceForbidden, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.forge.reading import Reading
    from collectors.http.exchange import Parameters

ASKED: Parameters = {"per_page": 100}


@dataclass(frozen=True)
class Environments:
    """Their tiers by name, and the names of those whose deployments need an approval."""

    tiers: Mapping[str, str]
    needing_approval: frozenset[object]
    etags: Mapping[str, str]

    @classmethod
    def read(cls, reading: Reading, before: Mapping[str, str]) -> Environments:
        """Ask for both; the tiers stay as they were ``before`` where nothing has changed, or they may not be read."""
        tiers, etags = _tiers(reading, before)
        return cls(tiers, _needing_approval(reading), etags)


def _tiers(reading: Reading, before: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    try:
        answer = reading.changed("/environments", ASKED)
    except (SourceForbidden, SourceMissing):
        return before, {}
    if answer.not_modified:
        return before, {}
    more = reading.pages.after(answer) is not None
    raws = reading.all("/environments", ASKED) if more else parts({"all": answer.body}, "all")
    found = {str(part(raw, "name")): tier for raw in raws if (tier := tier_of(raw))}
    # of several pages the first alone would not tell that another one has changed
    return found, {} if more else answer.etags


def _needing_approval(reading: Reading) -> frozenset[object]:
    """None where that may not be read; who still waits for an approval is told by the deployment itself."""
    try:
        found = reading.all("/protected_environments")
    except (SourceForbidden, SourceMissing):
        return frozenset()
    return frozenset(
        str(raw.get("name")) for raw in found if raw.get("required_approval_count") or parts(raw, "approval_rules")
    )
