"""Reading merge requests with their commits, versions and notes, and commits of the default branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.ci_facts import whole
from collectors.forge_facts import Raw, count
from collectors.forge_reading import Dated, Landing, Reading, State, merged
from collectors.gitlab_notes import parse_notes, ready_at
from collectors.gitlab_parse import commits_of, heads_of, parse_commit, parse_merge_request
from collectors.gitlab_updated import Updated
from collectors.paging import listed
from collectors.parsed import part, parts
from tribometer.errors import SourceForbidden, SourceGone, SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.parsed import Parsed

LISTED = Updated("/merge_requests", {"scope": "all", "state": "all"})
MORE = ("commits", "versions", "notes")
SIZES = """
query Sizes($project: ID!, $iids: [String!]) {
  project(fullPath: $project) {
    mergeRequests(iids: $iids) { nodes { iid diffStatsSummary { additions deletions fileCount } } }
  }
}
"""
"""REST does not say how many lines a merge request changes."""
NO_NOTES = Remark(
    "the notes of merge requests cannot be read, so nothing is known of reviews",
    "Give the token the scope `read_api` and the role Reporter in the project",
)


@dataclass(frozen=True)
class MergeRequests(Dated):
    """Merge requests that were changed. Each costs three requests: commits, versions (its heads), notes (reviews)."""

    what = "merge requests"
    permission = "the scope `read_api`"
    reads = frozenset({"change", "review", "review_request"})

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """A few merge requests at a time."""
        for chunk, after in LISTED.chunks(reading, state):
            paths = [f"/merge_requests/{raw.get('iid')}/{more}" for raw in chunk for more in MORE]
            found, sizes = reading.lists(paths), _sizes(reading, chunk)
            told = [
                _told(raw, found[at : at + len(MORE)], sizes.get(str(raw.get("iid")), {}), reading)
                for at, raw in zip(range(0, len(found), len(MORE)), chunk, strict=True)
            ]
            unread = all(notes is None for notes in found[2 :: len(MORE)])
            yield Landing(after, merged(told), remarks=(NO_NOTES,) if unread else ())


def _told(raw: Raw, found: Sequence[list[Raw] | None], size: Mapping[str, Any], reading: Reading) -> Parsed:
    commits, versions, notes = (each or [] for each in found)
    ready = ready_at(notes, raw)
    more = {"head_shas": heads_of(versions), "ready_at": ready, **commits_of(commits), **size}
    return merged([parse_merge_request(raw, reading.place, **more), parse_notes(notes, raw, reading.place)])


def _sizes(reading: Reading, chunk: Sequence[Raw]) -> dict[str, dict[str, int | None]]:
    """Lines and files of merge requests by their numbers; empty where GraphQL is not to be had."""
    numbers = [str(raw["iid"]) for raw in chunk if whole(raw.get("iid")) is not None]
    asked = {"query": SIZES, "variables": {"project": reading.place.repository, "iids": numbers}}
    try:
        answer = reading.client.post("/api/graphql", asked)
    except (SourceForbidden, SourceMissing, SourceGone):
        return {}
    nodes = parts(answer.body, "data", "project", "mergeRequests", "nodes")
    return {str(part(node, "iid")): _size(part(node, "diffStatsSummary")) for node in nodes}


def _size(summary: object) -> dict[str, int | None]:
    names = {"additions": "additions", "deletions": "deletions", "files": "fileCount"}
    return {name: count(part(summary, key)) for name, key in names.items()}


@dataclass(frozen=True)
class Commits:
    """The default branch from its head back to what was read before, a hundred commits a request.

    State: ``head`` of the last whole walk; ``walking``, the head and page of one under way. What is new is asked for as
    a range of revisions, so that commits that were merged long after they were written are among it.
    """

    what = "commits"
    permission = "the scope `read_api`, and the role Reporter in the project"
    reads = frozenset({"commit"})

    def begins(self, since: str) -> State:
        """The time from which commits are read at first."""
        return {"since": since}

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """Go on with a walk that was cut off, then read what has come since."""
        if "walking" in state:
            yield from (walk := _Walk(state)).pages(reading, state["walking"]["to"], state["walking"]["page"])
            state = walk.state
        if reading.head and reading.head != state.get("head"):
            yield from _Walk(state).pages(reading, reading.head, 1)


class _Walk:
    """One walk from a head; its state is how far it has come."""

    def __init__(self, state: State) -> None:
        self.state = state

    def pages(self, reading: Reading, head: str, page: int | None) -> Iterator[Landing]:
        began, shas = self.state, list[object]()
        while page is not None:
            answer = self._answer(reading, head, page)
            raws = [raw for raw in listed(answer, None) if isinstance(raw, dict)]
            # a server whose pages never end says the same again
            same = shas == (shas := [raw.get("id") for raw in raws])
            page = page + 1 if reading.pages.after(answer) is not None and not same else None
            self.state = {"head": head} if page is None else {**began, "walking": {"to": head, "page": page}}
            yield Landing(self.state, merged(parse_commit(raw, reading.place) for raw in raws))

    def _answer(self, reading: Reading, head: str, page: int) -> Any:  # noqa: ANN401 - an answer
        before, since = self.state.get("head"), self.state.get("since")
        asked = {"with_stats": "true", "per_page": 100, "page": page, **({"since": since} if since else {})}
        if before is None:
            return reading.client.send(reading.request("/repository/commits", {**asked, "ref_name": head}))
        try:
            ranged = {**asked, "ref_name": f"{before}..{head}"}
            return reading.client.send(reading.request("/repository/commits", ranged))
        except SourceMissing:
            # the old head is gone after a forced push
            return reading.client.send(reading.request("/repository/commits", {**asked, "ref_name": head}))
