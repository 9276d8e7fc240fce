"""Reading issues that carry a label as incidents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from collectors.github.events import apart, text
from collectors.github.parse import parse_issue_incident
from collectors.github.reading import Landing, Reading, State, before
from collectors.http.paging import LinkPages, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collectors.http.exchange import Parameters

OVERLAP = timedelta(minutes=5)


@dataclass(frozen=True)
class Incidents:
    """Issues with one of the labels that were updated, oldest first, so that every page is a place to go on from.

    State: by label, when the last one that was read was updated.
    """

    labels: tuple[str, ...]

    what = "incidents"
    permission = "`Issues: read` (a classic token: `repo`)"

    def begins(self, since: str) -> State:
        """The time, for each label."""
        return dict.fromkeys(self.labels, since)

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
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
            request = reading.request("issues", {**params, **({"since": since} if since else {})}, conditional=True)
            for answer in reading.client.pages(request, LinkPages()):
                raws = listed(answer, None)
                updated = [time for raw in raws if (time := text(raw, "updated_at"))]
                state = {**state, label: max(updated)} if updated else state
                parsed = [
                    each for raw in raws for each in parse_issue_incident(raw, reading.place, frozenset(self.labels))
                ]
                # only where nothing moves the time that is asked from, the next question is the same
                same = before(state.get(label), OVERLAP) == since
                yield Landing(state, *apart(parsed), answer.etags if same else {})
