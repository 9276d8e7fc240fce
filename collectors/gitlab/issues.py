"""Reading issues that are incidents: those of GitLab's type, and those with a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.forge.reading import LabelledIssues, Landing, Reading, State
from collectors.gitlab.parse import INCIDENT, parse_issue
from collectors.gitlab.updated import Updated
from collectors.parsed import merged

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Incidents(LabelledIssues):
    """Incidents that were changed, oldest first. State: that of the list of each label, and of GitLab's type."""

    permission = "the scope `read_api`"

    @property
    def _lists(self) -> dict[str, Updated]:
        every = {"scope": "all", "state": "all"}
        by_label = {f"label {label}": Updated("/issues", {**every, "labels": label}) for label in self.labels}
        return {"type": Updated("/issues", {**every, "issue_type": INCIDENT}), **by_label}

    def begins(self, since: str) -> State:
        """The time, for each list."""
        return {key: {"since": since} for key in self._lists}

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """One list after the other."""
        for key, listed in self._lists.items():
            for chunk, after in listed.chunks(reading, state.get(key, {})):
                state = {**state, key: after}
                yield Landing(state, merged(parse_issue(raw, reading.place, frozenset(self.labels)) for raw in chunk))
