"""Lists of Gitea and Forgejo, which begin with the newest and cannot be asked for what is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from collectors.forge.facts import Raw, when
from collectors.http.paging import NumberedPages, listed, total_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from collectors.forge.reading import Reading, State
    from collectors.http.exchange import Answer, Parameters

AT_ONCE = 20
"""Items that land together, with all that has to be asked for each of them: what a kill repeats at most."""
MOST_SEEN = 200


@dataclass(frozen=True)
class Newest:
    """A list below the repository's path: how it is asked for, and when and what its items are.

    ``stamp`` tells whether an item is as it was; ``items`` is the key of the list, None where the body is it.
    """

    rest: str
    params: Parameters
    when: Callable[[Raw], datetime | None]
    stamp: Callable[[Raw], str]
    overlap: timedelta
    items: str | None = None

    def chunks(self, reading: Reading, state: State) -> Iterator[tuple[list[Raw], State]]:
        """A few items at a time that are new or changed, until what was read before, with the state behind them.

        State: ``since``, the newest time that was read; ``seen``, the stamps of what was read last; ``walking`` while a
        walk is under way: the newest time it has met, and its page. A walk that was cut off goes on there, and what
        has changed meanwhile is read by another one.
        """
        for _ in range(2 if "walking" in state else 1):
            state = yield from self._walk(reading, state)

    def _walk(self, reading: Reading, state: State) -> Generator[tuple[list[Raw], State], None, State]:
        since, seen, walking = when(state.get("since")), dict(state.get("seen", {})), state.get("walking", {})
        until = since - self.overlap if since else None
        newest, page, before = when(walking.get("newest")), walking.get("page", 1), None
        pages, items = keyed(reading, self.items), list[Raw]()
        while True:
            answer = self._page(reading, page)
            # a server whose pages never end says the same again
            same = items == (items := [item for item in listed(answer, self.items) if isinstance(item, dict)])
            newest = max(filter(None, (newest, *(self.when(item) for item in items))), default=None)
            fresh = [item for item in items if self._is_after(item, until)]
            new = [item for item in fresh if seen.get(_key(item)) != self.stamp(item)]
            for chunk in _chunks(new):
                seen = dict(list({**seen, **{_key(item): self.stamp(item) for item in chunk}}.items())[-MOST_SEEN:])
                state = {**state, "seen": seen, "walking": {"newest": _written(newest), "page": page}}
                yield chunk, state
            if before is not None and (total_of(answer) or 0) < before and page > 1:
                # what has been taken out moved the rest up across the border of the pages
                page, before = page - 1, total_of(answer)
                continue
            before = total_of(answer)
            if same or len(fresh) < len(items) or pages.after(answer) is None:
                break
            page += 1
        state = {key: value for key, value in state.items() if key != "walking"} | {"seen": seen}
        state |= {"since": _written(newest) or state.get("since")} if newest or since else {}
        yield [], state
        return state

    def _page(self, reading: Reading, page: int) -> Answer:
        asked = {**self.params, **reading.pages.first(), "page": page}
        return reading.client.send(reading.request(self.rest, asked))

    def _is_after(self, item: Raw, until: datetime | None) -> bool:
        at = self.when(item)
        return until is None or at is None or at >= until


def keyed(reading: Reading, items: str | None) -> NumberedPages:
    """Pages whose list stands under a key, of the size that the server gives."""
    return NumberedPages(size=int(reading.pages.first()["limit"]), items=items)


def _key(item: Mapping[str, Any]) -> str:
    return str(item.get("id"))


def _chunks(items: Sequence[Raw]) -> Iterator[list[Raw]]:
    rest = iter(items)
    while chunk := list(islice(rest, AT_ONCE)):
        yield chunk


def _written(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat() if time else None
