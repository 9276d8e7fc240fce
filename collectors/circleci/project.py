"""One project of CircleCI: its pipelines, their workflows and jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from collectors.base import NO_ETAGS, Defaults, Page
from collectors.ci.asking import each_found
from collectors.circleci.pipelines import API, TOKENS, Pipelines, created
from collectors.http.exchange import Answer, Request
from collectors.http.paging import MOST_PAGES, listed
from collectors.times import instant
from tribometer.errors import SourceForbidden, SourceGone, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from datetime import datetime

    from collectors.base import Cursor, ETags
    from collectors.circleci.parse import Context
    from collectors.http.client import Client


@dataclass(frozen=True)
class CircleCIProject(Defaults):
    """One project.

    Cursor: ``since``, when the newest pipeline that landed was created; ``walk``, how far a walk from the newest to the
    oldest has come (``token`` of the next page, ``newest`` it began with); ``recent``, pipelines that the overlap shows
    again; ``watched``, pipelines that may still change, each with when it was created and asked for last, its
    workflows that have landed for good, and whether any of them is running; ``without_jobs``, some workflows whose jobs
    were never read, and why. A pipeline costs one request, and each of
    its workflows one, at its end; with ``job_details`` each job one more.
    """

    context: Context
    client: Client = field(compare=False)
    job_details: bool = False

    kind = "circleci"
    reads = frozenset({"run", "job", "gate", "deployment"})
    overlap = timedelta(minutes=10)

    @property
    def name(self) -> str:
        """The events' source."""
        return self.context.source

    def position(self, cursor: Cursor) -> str:
        """The newest pipeline, and how many are watched."""
        return f"{cursor.get('since', 'the beginning')}, {len(cursor.get('watched', {})):,} watched"

    def unfinished(self, cursor: Cursor) -> Cursor:
        """The watched pipelines, all of whose workflows are asked for."""
        watched = cursor.get("watched", {})
        return {"watched": {id_: {**each, "done": [], "running": True} for id_, each in watched.items()}}

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield pipelines that have changed, then new ones, newest first; raise `SourceError`."""
        del etags  # CircleCI gives no validators
        state = Pipelines(self, since or {})
        due = state.due()
        if due and not state.walk:
            asked = each_found(self.client, [Request(f"{API}/pipeline/{id_}") for id_ in due])
            yield state.page(state.found(dict(zip(due, asked, strict=True))))
        until = instant(state.since)
        yield from self._new(state, until - self.overlap if until else None)
        yield from state.ending()

    def _new(self, state: Pipelines, until: datetime | None) -> Iterator[Page]:
        token = state.walk.get("token")
        for number in range(MOST_PAGES):
            answer = self._pipelines(token, kept=number == 0)
            pipelines, onward = listed(answer, "items"), TOKENS.after(answer)
            wanted = [each for each in pipelines if until is None or (created(each) or until) >= until]
            before, token = token, str(onward["page-token"]) if onward and len(wanted) == len(pipelines) else None
            token = None if token == before else token
            state.walked(pipelines, token)
            yield state.page([each for each in wanted if state.is_new(each)])
            if token is None:
                return

    def _pipelines(self, token: str | None, *, kept: bool) -> Answer:
        path = f"{API}/project/{self.context.project}/pipeline"
        try:
            return self.client.get(path, {"page-token": token} if token else {})
        except (SourceForbidden, SourceMissing):
            raise
        except SourceGone:
            # a token that was kept over a kill may be good no longer: the walk begins anew
            if token is None or not kept:
                raise
            return self.client.get(path)
