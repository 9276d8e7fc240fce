"""Reading issues that carry a label as incidents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from collectors.forge.reading import LabelledIssues, Landing
from collectors.github.parse import parse_issue_incident
from collectors.github.reading import before
from collectors.http.paging import LinkPages, listed
from collectors.parsed import merged, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.forge.reading import State
    from collectors.github.reading import GitHubReading
    from collectors.http.exchange import Parameters

OVERLAP = timedelta(minutes=5)


@dataclass(frozen=True)
class Incidents(LabelledIssues):
    """Issues that were updated, oldest first, so that every page is a place to go on from."""

    permission = "`Issues: read` (a classic token: `repo`)"

    def read(self, reading: GitHubReading, state: State) -> Iterator[Landing]:
        """Ask for those updated since the last one; a list that is as it was costs nothing."""
        for label in self.labels:
            since = before(state.get(label), OVERLAP)
            params: Parameters = {
                "labels": label,
                "state": "all",
                "sort": "updated",
                "direction": "asc",
                "per_page": 100,
            }
            request = reading.request("/issues", {**params, **({"since": since} if since else {})}, conditional=True)
            for answer in reading.client.pages(request, LinkPages()):
                raws = listed(answer, None)
                updated = [time for raw in raws if (time := text(raw, "updated_at"))]
                state = {**state, label: max(updated)} if updated else state
                facts = merged(parse_issue_incident(raw, reading.place, frozenset(self.labels)) for raw in raws)
                # only where nothing moves the time that is asked from, the next question is the same
                same = before(state.get(label), OVERLAP) == since
                yield Landing(state, facts, answer.etags if same else {})
