"""Reading pull requests with their commits, reviews and timeline, and commits of the default branch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from collectors.forge.commits import BranchCommits, Walk
from collectors.forge.facts import Raw, when
from collectors.forge.reading import Dated, Landing, Reading, State
from collectors.gitea.newest import Newest
from collectors.gitea.parse import ASKED, commits_of, parse_commit, parse_pull_request, parse_requests, parse_review
from collectors.gitea.timeline import history_of
from collectors.http.paging import listed, total_of
from collectors.parsed import Parsed, merged, part, text
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collectors.http.exchange import Answer, Parameters

LISTED = Newest(
    "/pulls",
    {"state": "all", "sort": "recentupdate"},
    lambda raw: when(raw.get("updated_at")),
    lambda raw: str(raw.get("updated_at")),
    timedelta(minutes=2),
)
NO_TIMELINE = Remark(
    "this server tells no timeline of pull requests, so of requests for reviews only those still open are known",
    "Update the server to Gitea 1.17 or newer, or any Forgejo",
)


@dataclass(frozen=True)
class PullRequests(Dated):
    """Pull requests that were changed. Each costs three requests: commits, reviews, timeline."""

    what = "pull requests"
    permission = "the scopes `read:repository` and `read:issue`"
    reads = frozenset({"change", "review", "review_request"})

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """A few pull requests at a time."""
        for chunk, after in LISTED.chunks(reading, state):
            numbers = [raw.get("number") for raw in chunk]
            commits = reading.lists([f"/pulls/{number}/commits" for number in numbers])
            reviews = reading.lists([f"/pulls/{number}/reviews" for number in numbers])
            timelines = reading.lists([f"/issues/{number}/timeline" for number in numbers])
            told = [_told(reading, *about) for about in zip(chunk, commits, reviews, timelines, strict=True)]
            untold = bool(chunk) and all(timeline is None for timeline in timelines)
            yield Landing(after, merged(told), remarks=(NO_TIMELINE,) if untold else ())


def _told(
    reading: Reading,
    raw: Raw,
    commits: Sequence[Raw] | None,
    reviews: Sequence[Raw] | None,
    timeline: Sequence[Raw] | None,
) -> Parsed:
    place, number, author = reading.place, raw.get("number"), text(part(raw, "user", "login"))
    change = parse_pull_request(raw, place, **commits_of(commits or ()), **history_of(timeline or (), raw))
    asked = parse_requests(_asked(reviews or ()) if timeline is None else timeline, number, place)
    written = [parse_commit(each, place) for each in commits or ()]
    return merged([change, asked, *written, *(parse_review(review, number, place, author) for review in reviews or ())])


def _asked(reviews: Sequence[Raw]) -> list[Raw]:
    """Requests that are still open stand among the reviews; their entry of the timeline is not known, so no id is."""
    return [
        {
            "id": f"review-{review.get('id')}",
            "type": "review_request",
            "assignee": review.get("user"),
            "assignee_team": review.get("team"),
            "created_at": review.get("submitted_at"),
        }
        for review in reviews
        if review.get("state") == ASKED
    ]


class _Walk(Walk):
    """One walk over numbered pages."""

    def __init__(self, reading: Reading, state: State) -> None:
        super().__init__(reading, state)
        self._before = state.get("head")
        self._since = when(state.get("since"))

    def pages(self, head: str, page: int) -> Iterator[Landing]:
        over, met, shas = False, self.state.get("walking", {}).get("met", False), list[object]()
        while not over:
            answer = self.reading.client.send(self.reading.request("/commits", self._asked(head, page)))
            raws = [raw for raw in listed(answer, None) if isinstance(raw, dict)]
            # a server whose pages never end says the same again
            last = shas == (shas := [raw.get("sha") for raw in raws]) or self.reading.pages.after(answer) is None
            met = met or (self._before is not None and self._before in shas)
            over = last or self._is_whole(answer, shas, page) or bool(raws and not any(map(self._is_wanted, raws)))
            facts = merged(parse_commit(raw, self.reading.place) for raw in raws if self._is_wanted(raw))
            page += 1
            place = {"walking": {"to": head, "page": page, "met": met}}
            self.state = {"head": head, "total": self._total(answer, met=met)} if over else {**self.state, **place}
            yield Landing(self.state, facts)

    def _asked(self, head: str, page: int) -> Parameters:
        known = {"not": self._before} if self._before else {}
        return {"sha": head, "stat": "true", **known, **self.reading.pages.first(), "page": page}

    def _is_whole(self, answer: Answer, shas: Sequence[object], page: int) -> bool:
        """Whether the old head stands where all that is new has come before it."""
        total, known = total_of(answer), self.state.get("total")
        if self._before not in shas or total is None or known is None:
            return False
        size = int(self.reading.pages.first()["limit"])
        return bool(total - known == (page - 1) * size + shas.index(self._before))

    def _total(self, answer: Answer, *, met: bool) -> int | None:
        total, known = total_of(answer), self.state.get("total")
        if self._before is None or met or total is None:
            return total
        return None if known is None else known + total

    def _is_wanted(self, raw: Raw) -> bool:
        at = when(part(raw, "commit", "committer", "date"))
        return self._since is None or at is None or at >= self._since


class Commits(BranchCommits):
    """Commits, of which servers before Gitea 1.20 cannot leave out what the old head reaches.

    There the walk ends with the old head if as many commits have come before it as there are more now, else it is of
    the whole branch. State besides: ``total``, how many commits the head reaches.
    """

    permission = "the scope `read:repository`"
    walk = _Walk
    one = "/git/commits"
    asked: ClassVar[Parameters] = {"stat": "false", "verification": "false", "files": "false"}
