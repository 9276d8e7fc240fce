"""CI servers behind their APIs, played by functions, and the collecting of them: whole, again, and cut off anywhere."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from collectors import build
from collectors.base import Collector, Cursor, Page
from collectors.collection import beginning
from collectors.http.recording import recording, replaying
from collectors.parsed import Parsed
from tribometer.events import Event
from tribometer.privacy import Pseudonyms

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SHA = "0123456789abcdef0123456789abcdef01234567"
RECORDINGS = os.environ.get("RECORDED_ANSWERS")
needs_recordings = pytest.mark.skipif(not RECORDINGS, reason="RECORDED_ANSWERS names no folder of recorded answers")


def recorded_lines(name: str) -> list[dict[str, Any]]:
    """Answers of a real server, one a line or in a list, from the folder that the environment names."""
    text = (Path(RECORDINGS or "") / name).read_text()
    return cast(
        "list[dict[str, Any]]", json.loads(text) if text.startswith("[") else list(map(json.loads, text.splitlines()))
    )


def told(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Events as what they carry, times as text, without their source."""
    return [
        {"type": each.type, **each.model_dump(mode="json", exclude_unset=True, exclude={"source"})} for each in events
    ]


def digest(found: list[dict[str, Any]]) -> str:
    """A short digest of all that events carry, to pin what was checked by eye once."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]


def reasons(parsed: Parsed | Page) -> list[str]:
    """Why things were rejected."""
    return [each.reason for each in parsed.rejected]


Merged = dict[tuple[str, str, str], dict[str, Any]]


@dataclass
class Played:
    """A source whose server is played by ``answering``: JSON, a response, or None for what is not there."""

    table: dict[str, Any]
    answering: Callable[[httpx.Request], Any]
    now: datetime = NOON
    asked: list[httpx.Request] = field(default_factory=list)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    since: datetime | None = None

    def collector(self) -> Any:
        """Make the collector as the configuration would, with this server and this time."""
        made = cast("Any", build(self.table, origin="test.toml", data=Path("nowhere")))
        played = dataclasses.replace(
            made.server,
            transport=lambda: httpx.MockTransport(self._answer),
            clock=lambda: self.now,
            sleep=lambda _: None,
            tries=1,
        )
        return dataclasses.replace(made, server=played)

    def pages(self) -> Iterator[tuple[str, Page]]:
        """Collect from where the cursors stand, members while their family waits; a page that is taken has landed."""
        yield from self.pages_of(self.collector())

    def collect(self) -> list[Page]:
        """Collect to the end, and give all pages, which have counted every request."""
        before = len(self.asked)
        pages = [page for _, page in self.pages()]
        assert sum(page.requests for page in pages) == len(self.asked) - before
        return pages

    def events(self) -> list[dict[str, Any]]:
        """Collect to the end, and give what the events carry."""
        return [each for page in self.collect() for each in told(page.events)]

    def take(self, count: int, into: Merged) -> bool:
        """Collect so many pages, then be killed; whether there were so many."""
        with closing(cast("Any", self.pages())) as pages:
            for _ in range(count):
                if not land(into, pages):
                    return False
        return True

    def paths(self) -> list[str]:
        """Paths that were asked for, with their query."""
        return [request.url.raw_path.decode() for request in self.asked]

    def pages_of(self, collector: Collector) -> Iterator[tuple[str, Page]]:
        """Collect a collector of this source."""
        before = self.cursors.get(collector.name)
        start = beginning(collector, before or {}, self.since) if self.since else before
        with closing(collector.collect(start)) as pages:
            for page in pages:
                self.cursors[collector.name] = json.loads(json.dumps(page.cursor))
                yield collector.name, page
                for member in page.members or ():
                    yield from self.pages_of(member)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answering(request)
        if isinstance(answer, httpx.Response):
            return answer
        return (
            httpx.Response(404, json={"message": "Not Found"}) if answer is None else httpx.Response(200, json=answer)
        )


def land(into: Merged, pages: Iterator[tuple[str, Page]]) -> bool:
    """Land one page: what an event carries replaces what it carried before; False at the end."""
    found = next(pages, None)
    if found is None:
        return False
    for event in found[1].events:
        into.setdefault((event.source, event.type, event.id), {}).update(
            event.model_dump(mode="json", exclude_unset=True)
        )
    return True


def whole(source: Played) -> Merged:
    """What lands without a cut."""
    into: Merged = {}
    drain(into, source.pages())
    return into


def cut_anywhere(make: Callable[[], Played]) -> list[tuple[Merged, int]]:
    """What lands, and the requests it takes, when a collection is killed behind each of its pages, then run again."""
    found = []
    for count in range(1, len(make().collect())):
        source, into = make(), Merged()
        assert source.take(count, into)
        drain(into, source.pages())
        found.append((into, len(source.asked)))
    return found


def recorded_and_replayed(source: Played, folder: Path) -> tuple[Merged, Merged, str]:
    """What a collection lands while it is recorded, what its replay lands, and the text of the recording."""
    file = folder / "recording.jsonl"
    live, again = Merged(), Merged()
    with recording(source.collector(), file, Pseudonyms(b"k" * 32)) as collector:
        drain(live, source.pages_of(collector))
    source.cursors.clear()
    drain(again, source.pages_of(replaying(source.collector(), file)))
    return live, again, file.read_text()


def drain(into: Merged, pages: Iterator[tuple[str, Page]]) -> None:
    """Land all pages."""
    while land(into, pages):
        pass
