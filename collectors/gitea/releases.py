"""Reading releases of Gitea and Forgejo as deployments, and labelled issues as incidents."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.ci.facts import revision
from collectors.forge.facts import RELEASES, Raw, when
from collectors.forge.reading import Current, LabelledIssues, Landing, Reading, State
from collectors.forge.told import taken_back
from collectors.gitea.parse import parse_issue, parse_release
from collectors.http.paging import listed, total_of
from collectors.parsed import Parsed, merged, part, text
from tribometer.errors import SourceMissing

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator


@dataclass(frozen=True)
class Releases(Current):
    """Published releases whose tag the pattern finds, taken for deployments: Gitea knows no others.

    All of them are read whenever their number or the newest ones have changed, with all tags, which alone say their
    commit. One that is gone becomes cancelled, which no number counts. State: ``known``, ``newest``.
    """

    releases: re.Pattern[str] = RELEASES

    what = "releases"
    permission = "the scope `read:repository`"
    reads = frozenset({"deployment"})

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """Ask for the newest, and for all others if these have changed."""
        first = reading.client.send(reading.request("/releases", {**reading.pages.first()}))
        newest = f"{total_of(first)} {_digest(first.body)}"
        if newest == state.get("newest"):
            return
        raws = reading.all("/releases") if reading.pages.after(first) else listed(first, None)
        tags = {str(tag.get("name")): tag for tag in reading.all("/tags")} if raws else {}
        told = [self._told(reading, raw, tags) for raw in raws if isinstance(raw, dict)]
        known = sorted({event.id for facts in told for event in facts.events})
        told += [taken_back(reading.place, identity) for identity in state.get("known", ()) if identity not in known]
        yield Landing({"known": known, "newest": newest}, merged(told))

    def _told(self, reading: Reading, raw: Raw, tags: dict[str, Raw]) -> Parsed:
        commit = part(tags.get(text(raw.get("tag_name")) or ""), "commit")
        return parse_release(
            raw,
            reading.place,
            sha=revision(part(commit, "sha")),
            tagged_at=when(part(commit, "created")),
            releases=self.releases,
        )


@dataclass(frozen=True)
class Incidents(LabelledIssues):
    """Issues that were changed, all of a label at once."""

    permission = "the scope `read:issue`"

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """One label after the other: lists of several are of issues that have them all."""
        for label in self.labels:
            asked = {"state": "all", "type": "issues", "labels": label}
            since = {"since": state[label]} if state.get(label) else {}
            raws = self._found(reading, {**asked, **since})
            changed = max(filter(None, (when(raw.get("updated_at")) for raw in raws)), default=None)
            state = {**state, label: changed.isoformat()} if changed else state
            yield Landing(state, merged(parse_issue(raw, reading.place, frozenset(self.labels)) for raw in raws))

    def _found(self, reading: Reading, asked: dict[str, str]) -> list[Raw]:
        """The issues; a repository whose issues are switched off answers that there are none to be found."""
        try:
            return reading.all("/issues", asked)
        except SourceMissing:
            return []


def _digest(body: object) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
