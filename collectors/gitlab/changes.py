"""Reading merge requests with their commits, versions and notes, and commits of the default branch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from collectors.forge.commits import BranchCommits, Walk
from collectors.forge.facts import Raw
from collectors.forge.reading import Dated, Landing, Reading, State
from collectors.gitlab.notes import parse_notes, ready_at
from collectors.gitlab.parse import commits_of, heads_of, parse_commit, parse_merge_request
from collectors.gitlab.updated import Updated
from collectors.http.paging import listed
from collectors.parsed import merged, part, parts, whole
from tribometer.errors import SourceForbidden, SourceGone, SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collectors.http.exchange import Answer, Parameters
    from collectors.parsed import Parsed

Found = Mapping[str, list[Raw] | None]
"""What was asked for besides, by its path; None of what may not be read."""

LISTED = Updated("/merge_requests", {"scope": "all", "state": "all"})
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
    """Merge requests that were changed.

    Each costs a request for its notes (reviews), and when its head has moved two for its commits and its versions (all
    its heads). State besides that of the list: ``heads`` of those that were open.
    """

    what = "merge requests"
    permission = "the scope `read_api`"
    reads = frozenset({"change", "review", "review_request"})

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """A few merge requests at a time."""
        heads = dict(state.get("heads", {}))
        for chunk, after in LISTED.chunks(reading, state):
            paths = [path for raw in chunk for path in _more(raw, heads)]
            found = dict(zip(paths, reading.lists(paths), strict=True))
            sizes = _sizes(reading, [raw for raw in chunk if _path(raw, "commits") in found])
            told = merged(_told(raw, found, sizes.get(str(raw.get("iid")), {}), reading) for raw in chunk)
            heads = _heads(heads, chunk, found)
            unread = all(found[_path(raw, "notes")] is None for raw in chunk)
            yield Landing({**after, "heads": heads}, told, remarks=(NO_NOTES,) if unread else ())


def _path(raw: Raw, more: str) -> str:
    return f"/merge_requests/{raw.get('iid')}/{more}"


def _more(raw: Raw, heads: Mapping[str, str]) -> list[str]:
    """What has to be asked for besides the merge request itself."""
    moved = raw.get("sha") is None or heads.get(str(raw.get("iid"))) != raw.get("sha")
    return [_path(raw, more) for more in ("commits", "versions", "notes") if moved or more == "notes"]


def _heads(before: Mapping[str, str], chunk: Sequence[Raw], found: Found) -> dict[str, str]:
    heads = dict(before)
    for raw in chunk:
        number, unread = str(raw.get("iid")), found.get(_path(raw, "commits"), ()) is None
        heads.pop(number, None)
        if raw.get("state") == "opened" and isinstance(raw.get("sha"), str) and not unread:
            heads[number] = raw["sha"]
    return heads


def _told(raw: Raw, found: Found, size: Mapping[str, Any], reading: Reading) -> Parsed:
    commits, versions, notes = (found.get(_path(raw, more)) or () for more in ("commits", "versions", "notes"))
    more = {"head_shas": heads_of(versions), "ready_at": ready_at(notes, raw), **commits_of(commits), **size}
    return merged([parse_merge_request(raw, reading.place, **more), parse_notes(notes, raw, reading.place)])


def _sizes(reading: Reading, chunk: Sequence[Raw]) -> dict[str, dict[str, int | None]]:
    """Lines and files of merge requests by their numbers; empty where GraphQL is not to be had."""
    numbers = [str(raw["iid"]) for raw in chunk if whole(raw.get("iid")) is not None]
    if not numbers:
        return {}
    asked = {"query": SIZES, "variables": {"project": reading.place.repository, "iids": numbers}}
    try:
        answer = reading.client.post("/api/graphql", asked)
    except (SourceForbidden, SourceMissing, SourceGone):
        return {}
    nodes = parts(answer.body, "data", "project", "mergeRequests", "nodes")
    return {str(part(node, "iid")): _size(part(node, "diffStatsSummary")) for node in nodes}


def _size(summary: object) -> dict[str, int | None]:
    names = {"additions": "additions", "deletions": "deletions", "files": "fileCount"}
    return {name: whole(part(summary, key)) for name, key in names.items()}


class _Walk(Walk):
    """One walk over numbered pages."""

    def pages(self, head: str, page: int) -> Iterator[Landing]:
        began, shas, reading, more = self.state, list[object](), self.reading, True
        while more:
            answer = self._answer(head, page)
            raws = [raw for raw in listed(answer, None) if isinstance(raw, dict)]
            # a server whose pages never end says the same again
            same = shas == (shas := [raw.get("id") for raw in raws])
            more, page = reading.pages.after(answer) is not None and not same, page + 1
            self.state = {**began, "walking": {"to": head, "page": page}} if more else {"head": head}
            yield Landing(self.state, merged(parse_commit(raw, reading.place) for raw in raws))

    def _answer(self, head: str, page: int) -> Answer:
        before, since = self.state.get("head"), self.state.get("since")
        asked: Parameters = {
            "ref_name": f"{before}..{head}" if before else head,
            "with_stats": "true",
            "per_page": 100,
            "page": page,
            **({"since": since} if since else {}),
        }
        return self.reading.client.send(self.reading.request("/repository/commits", asked))


class Commits(BranchCommits):
    """A hundred commits a request.

    What is new is asked for as a range of revisions, so that commits that were merged long after they were written are
    among it.
    """

    permission = "the scope `read_api`, and the role Reporter in the project"
    walk = _Walk
    one = "/repository/commits"
    asked: ClassVar[Parameters] = {"stats": "false"}
