"""Reading scaffolder tasks: new ones, ones that were started again, and ones that had not ended, until they have."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.backstage.tasks import Task, parse_task, task_of
from collectors.base import Page, Rejection
from collectors.http.exchange import Request
from collectors.http.paging import OffsetPages, listed
from collectors.parsed import part
from collectors.times import instant
from tribometer.errors import SourceMissing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import timedelta

    from collectors.base import Cursor
    from collectors.http.client import Client

TASKS = "/api/scaffolder/v2/tasks"
NEWEST_FIRST = OffsetPages("tasks")
TASKS_A_PAGE = 50
"""Tasks that land at once: what a kill costs, in requests."""


@dataclass(frozen=True)
class Scaffolder:
    """The scaffolder of a backend, and the part of the collector's cursor that is about it."""

    client: Client
    source: str
    overlap: timedelta
    odd: list[Rejection] = field(default_factory=list)
    """What the list holds that is no task."""

    def changed(self, cursor: Cursor) -> list[Task]:
        """New tasks, those of the overlap that have another status than was told, and unfinished ones; oldest first."""
        since = instant(cursor.get("since"))
        found = {each.id: each for each in self._listed(since - self.overlap if since else None)}
        for name in cursor.get("unfinished", ()):
            if name not in found and (task := self._asked_again(name)):
                found[name] = task
        told = cursor.get("ended", {})
        changed = (task for task in found.values() if told.get(task.id, [None])[0] != task.status)
        return sorted(changed, key=lambda task: (task.created_at, task.id))

    def _listed(self, since: datetime | None) -> Iterator[Task]:
        """Tasks made since, the newest first, as the server lists them."""
        for answer in self.client.pages(Request(TASKS), NEWEST_FIRST):
            for raw in listed(answer, "tasks"):
                task = task_of(raw)
                if task is None:
                    self.odd.append(
                        Rejection(str(part(raw, "id")), "a scaffolder task without id, status or createdAt")
                    )
                elif since and task.created_at < since:
                    return
                else:
                    yield task

    def _asked_again(self, name: str) -> Task | None:
        try:
            return task_of(self.client.get(f"{TASKS}/{name}").body)
        except SourceMissing:
            return None

    def pages(self, tasks: Sequence[Task], kinds: Mapping[str, str], cursor: Cursor) -> Iterator[Page]:
        """Pages of requests, each with the cursor behind it, and the last one when there is nothing new."""
        left = {task.id for task in tasks}
        # what is neither listed nor there when it is asked for was deleted
        state: Cursor = {**cursor, "unfinished": [name for name in cursor.get("unfinished", ()) if name in left]}
        for first in range(0, len(tasks), TASKS_A_PAGE):
            some = tasks[first : first + TASKS_A_PAGE]
            with ThreadPoolExecutor(self.client.server.at_once, thread_name_prefix="ask") as pool:
                events = list(pool.map(self._events, some))
            found = [
                parse_task(task, each, source=self.source, kinds=kinds) for task, each in zip(some, events, strict=True)
            ]
            state = self._behind(some, state)
            yield Page(
                [event for each in found for event in each.events],
                state,
                [refused for each in found for refused in each.rejected],
                self.client.take_requests(),
                len(tasks),
            )
        yield Page((), state, self.odd, self.client.take_requests())

    def _events(self, task: Task) -> Sequence[Mapping[str, Any]]:
        """The events of a finished task; of one that runs the server would wait for the next one."""
        if not task.finished:
            return ()
        try:
            return listed(self.client.get(f"{TASKS}/{task.id}/events"), None)
        except SourceMissing:
            return ()

    def _behind(self, tasks: Sequence[Task], cursor: Cursor) -> Cursor:
        """The cursor behind these tasks."""
        known = instant(cursor.get("since"))
        since = max([task.created_at for task in tasks] + ([known] if known else []))
        told = {task.id: [task.status, task.created_at.isoformat()] for task in tasks if task.finished}
        running = {task.id for task in tasks if not task.finished}
        ended = {**cursor.get("ended", {}), **told}.items()
        young = {name: each for name, each in ended if datetime.fromisoformat(each[1]) >= since - self.overlap}
        unfinished = sorted({*cursor.get("unfinished", ())} - told.keys() | running)
        return {
            **cursor,
            "since": since.isoformat(),
            "unfinished": unfinished,
            "ended": {name: each for name, each in young.items() if name not in running},
        }
