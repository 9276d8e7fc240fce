"""Lists of GitLab that are read by when their items were changed, oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from collectors.forge.facts import Raw, when
from collectors.http.paging import listed
from collectors.parsed import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collectors.forge.reading import Reading, State
    from collectors.http.exchange import Answer, Parameters

SIZE = 100
AT_ONCE = 20
"""Items that land together, with all that has to be asked for each of them: what a kill repeats at most."""
OVERLAP = timedelta(minutes=2)
"""How far changes may become visible after others that happened later."""
TICK = timedelta(milliseconds=1)
MOST_SEEN = 500


@dataclass(frozen=True)
class Updated:
    """A list below the project's path, and what it is asked with.

    Every page is asked for by the time at which the page before ended, not by its number: what changes meanwhile moves
    to the end of the list, and all behind it moves up.
    """

    rest: str
    params: Mapping[str, str] = field(default_factory=dict)

    def chunks(self, reading: Reading, state: State) -> Iterator[tuple[list[Raw], State]]:
        """A few items at a time that are new or changed, with the state behind them.

        State: ``since``, when the last one was changed; ``seen``, those changed shortly before, by their ids.
        """
        since, seen = when(state.get("since")), dict(state.get("seen", {}))
        after, page = since - OVERLAP if since else None, 1
        items = list[Raw]()
        while True:
            answer = self._page(reading, after, page)
            # a server whose pages never end says the same again
            same = items == (items := [item for item in listed(answer, None) if isinstance(item, dict)])
            for chunk in _chunks([item for item in items if _is_new(item, seen)]):
                since = max((at for at in (since, *map(_changed, chunk)) if at), default=None)
                seen = _seen(seen, chunk, since)
                yield chunk, {**state, **({"since": _written(since)} if since else {}), "seen": seen}
            if reading.pages.after(answer) is None or not items or (same and page > 1):
                return
            ends = _changed(items[-1])
            if ends and (after is None or ends - TICK > after):
                after, page = ends - TICK, 1
            else:
                page += 1

    def _page(self, reading: Reading, after: datetime | None, page: int) -> Answer:
        asked: Parameters = {"order_by": "updated_at", "sort": "asc", "per_page": SIZE, "page": page}
        began = {"updated_after": _written(after)} if after else {}
        return reading.client.send(reading.request(self.rest, {**self.params, **asked, **began}))


def _changed(item: object) -> datetime | None:
    return when(item.get("updated_at")) if isinstance(item, Mapping) else None


def _is_new(item: Raw, seen: Mapping[str, Any]) -> bool:
    identity = str(item.get("id"))
    return identity not in seen or seen[identity] != text(item.get("updated_at"))


def _seen(before: Mapping[str, Any], chunk: Sequence[Raw], since: datetime | None) -> dict[str, Any]:
    """Those that the next question gives again."""
    met = {**before, **{str(item.get("id")): text(item.get("updated_at")) for item in chunk}}
    until = since - OVERLAP - TICK if since else datetime.min.replace(tzinfo=UTC)
    recent = [(identity, at) for identity, at in met.items() if (when(at) or until) >= until]
    return dict(recent[-MOST_SEEN:])


def _chunks(items: Sequence[Raw]) -> Iterator[list[Raw]]:
    rest = iter(items)
    while chunk := list(islice(rest, AT_ONCE)):
        yield chunk


def _written(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
