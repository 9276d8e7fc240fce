from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from collectors.base import NO_ETAGS, Cursor, Defaults, ETags, Page
from collectors.summary import Standing
from collectors.sync import run
from tribometer.errors import SourceBusy, SourceError, SourceForbidden, SourceUnavailable
from tribometer.events import Event, Team
from tribometer.store import EventStore

MAY = datetime(2026, 5, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Part(Defaults):
    """One member: does ``first``, then gives one event or fails."""

    name: str
    error: SourceError | None = None
    first: Callable[[], object] = field(default=list)
    asked: list[Any] = field(default_factory=list)

    kind = "part"
    reads = frozenset({"team"})

    def position(self, cursor: Cursor) -> str:
        """Say whether it was read."""
        return str(cursor)

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield one page."""
        del etags
        self.asked.append(since)
        self.first()
        if self.error:
            raise self.error
        events: list[Event] = [Team(source=self.name, id="a")]
        yield Page(events, {"read": True}, requests=1)


@dataclass(frozen=True)
class Family(Defaults):
    """A source of parts."""

    parts: tuple[Part, ...]
    at_once: int = 2  # type: ignore[misc]  # some families let their settings say it

    name = "family:acme"
    kind = "family"
    reads = frozenset({"repository"})

    def position(self, cursor: Cursor) -> str:
        """Count the parts."""
        return str(cursor)

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield the parts on one page."""
        del since, etags
        yield Page((), {"parts": len(self.parts)}, requests=1, members=self.parts)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with EventStore.open(tmp_path / "data") as opened:
        yield opened


def states(store: EventStore, column: str) -> dict[str, Any]:
    with store.reader() as reader:
        rows = reader.table("SELECT * FROM source_states ORDER BY source").to_pylist()
    return {row["source"]: row[column] for row in rows}


def parts(*names: str, **errors: SourceError) -> tuple[Part, ...]:
    return tuple(Part(name, errors.get(name)) for name in names)


def forbidden(name: str) -> SourceError:
    return SourceForbidden(name, "it is forbidden", "Grant it")


def test_a_family_is_collected_with_all_its_members_each_a_source_of_its_own(store: EventStore) -> None:
    summary = run(Family(parts("a", "b", "c")), store)
    assert (summary.new, summary.requests, summary.error) == (3, 4, None)
    assert {each.source for each in summary.members} == {"a", "b", "c"}
    assert states(store, "family") == {"a": "family:acme", "b": "family:acme", "c": "family:acme", "family:acme": None}
    assert all(states(store, "last_success_at").values())
    assert store.sources.cursor("b") == {"read": True}


def test_a_family_leaves_it_to_its_members_to_vouch_for_what_was_read(store: EventStore) -> None:
    run(Family(parts("a", "b", b=forbidden("b"))), store)
    assert states(store, "reads") == {"a": ["team"], "b": None, "family:acme": []}


def test_members_are_collected_at_the_same_time(store: EventStore) -> None:
    together = Barrier(2, timeout=10)
    summary = run(Family((Part("a", None, together.wait), Part("b", None, together.wait))), store)
    assert summary.new == 2


def test_a_member_that_fails_is_a_remark_and_its_own_error(store: EventStore) -> None:
    summary = run(Family(parts("a", "b", "c", b=forbidden("b"))), store)
    assert (summary.new, summary.error) == (2, None)
    [remark] = summary.remarks
    assert remark.what == "1 of 3 parts could not be read (b: it is forbidden)"
    assert remark.do == "Grant it"
    assert states(store, "last_error") == {
        "a": None, "b": "b: it is forbidden. Grant it", "c": None, "family:acme": None,
    }  # fmt: skip


def test_a_family_of_which_nothing_could_be_read_has_failed(store: EventStore) -> None:
    summary = run(Family(parts("a", "b", a=forbidden("a"), b=forbidden("b"))), store)
    assert "none of its 2 parts could be read" in str(summary.error)
    assert states(store, "last_success_at")["family:acme"] is None


def test_a_family_tells_how_many_of_its_members_are_collected_those_before_a_cut_off_too(store: EventStore) -> None:
    told: list[tuple[int, int | None]] = []

    def noted(standing: Standing) -> None:
        if standing.source == "family:acme":
            told.append((standing.done, standing.parts))

    spent = SourceBusy("b", "the quota is spent", "Wait")
    run(Family(parts("a", "b", "c", b=spent), at_once=1), store, progress=noted)
    assert told == [(0, None), (0, 3), (1, 3), (2, 3)]
    told.clear()
    run(Family(parts("a", "b", "c"), at_once=1), store, progress=noted)
    assert told == [(0, None), (1, 3), (2, 3), (3, 3)]


def test_what_mends_itself_is_kept_with_since_when_and_until_when(store: EventStore) -> None:
    until = datetime(2026, 5, 1, 12, tzinfo=UTC)
    run(Family(parts("a", "b", b=SourceBusy("b", "the quota is spent", "Wait", until))), store)
    assert states(store, "error_kind") == {"a": None, "b": "limited", "family:acme": "limited"}
    assert states(store, "limited_until")["b"] == until.replace(tzinfo=None)
    since = states(store, "failing_since")["b"]
    run(Part("b", SourceBusy("b", "the quota is spent", "Wait")), store)
    assert (states(store, "failing_since")["b"], states(store, "limited_until")["b"]) == (since, None)
    run(Part("b", SourceUnavailable("b", "no answer", "Wait")), store)
    assert (states(store, "error_kind")["b"], states(store, "failing_since")["b"] > since) == ("unreachable", True)
    run(Part("b", forbidden("b")), store)
    assert states(store, "error_kind")["b"] is None
    run(Part("b"), store)
    assert (states(store, "last_error")["b"], states(store, "failing_since")["b"]) == (None, None)


def test_a_spent_quota_stops_a_family_and_the_next_collection_goes_on_there(store: EventStore) -> None:
    spent = SourceBusy("b", "the quota is spent", "Wait")
    summary = run(Family(parts("a", "b", "c", b=spent), at_once=1), store)
    assert (summary.new, str(summary.error)) == (1, str(spent))
    again = Family(parts("a", "b", "c"), at_once=1)
    assert run(again, store).new == 2
    assert [len(part.asked) for part in again.parts] == [0, 1, 1]
    assert run(again, store).error is None
    assert [len(part.asked) for part in again.parts] == [1, 2, 2]


def test_a_server_that_is_down_is_not_asked_for_every_member(store: EventStore) -> None:
    names = [f"m{number}" for number in range(9)]
    family = Family(parts(*names, **{name: SourceUnavailable(name, "no answer", "Wait") for name in names}), at_once=1)
    summary = run(family, store)
    assert "no answer" in str(summary.error)
    assert sum(len(part.asked) for part in family.parts) == 3


def test_members_that_failed_go_last_so_that_they_hold_up_nobody(store: EventStore) -> None:
    order: list[str] = []

    def made(name: str, error: SourceError | None = None) -> Part:
        return Part(name, error, lambda: order.append(name))

    run(Family((made("a", forbidden("a")), made("b"), made("c")), at_once=1), store)
    run(Family((made("a"), made("b"), made("c")), at_once=1), store)
    assert order == ["a", "b", "c", "b", "c", "a"]


def test_an_interrupted_family_goes_on_with_the_members_it_had_not_come_to(store: EventStore) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Family((Part("a"), Part("b", None, interrupted), Part("c")), at_once=1), store)
    again = Family(parts("a", "b", "c"), at_once=1)
    run(again, store)
    assert [len(part.asked) for part in again.parts] == [0, 1, 1]


def pushed(store: EventStore, name: str) -> None:
    store.land([Team(source=name, id="pushed")], kind="part")


@pytest.mark.parametrize("before", [True, False])
def test_what_is_pushed_for_a_member_that_was_cut_off_does_not_count_as_its_collection(
    store: EventStore, *, before: bool
) -> None:
    busy = SourceBusy("b", "the quota is spent", "Wait")
    first = Part("a", None, (lambda: pushed(store, "b")) if before else list)
    run(Family((first, Part("b", busy)), at_once=1), store)
    if not before:
        pushed(store, "b")
    again = Family(parts("a", "b"), at_once=1)
    run(again, store)
    assert [len(part.asked) for part in again.parts] == [0, 1]


def test_what_is_pushed_for_a_member_that_failed_does_not_count_as_its_collection(store: EventStore) -> None:
    busy = SourceBusy("b", "the quota is spent", "Wait")
    run(Family(parts("a", "b", a=forbidden("a"), b=busy), at_once=1), store)
    pushed(store, "a")
    again = Family(parts("a", "b"), at_once=1)
    run(again, store)
    assert [len(part.asked) for part in again.parts] == [1, 1]


def test_a_family_that_goes_on_is_not_unreadable_for_the_last_of_its_members(store: EventStore) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Family((Part("a"), Part("b", None, interrupted)), at_once=1), store)
    summary = run(Family(parts("a", "b", b=forbidden("b")), at_once=1), store)
    assert summary.error is None
    assert [remark.what for remark in summary.remarks] == ["1 of 2 parts could not be read (b: it is forbidden)"]


def test_a_full_collection_leaves_no_member_out(store: EventStore) -> None:
    spent = SourceBusy("b", "the quota is spent", "Wait")
    run(Family(parts("a", "b", b=spent), at_once=1), store)
    again = Family(parts("a", "b"), at_once=1)
    run(again, store, full=True)
    assert [part.asked for part in again.parts] == [[None], [None]]


def test_a_part_that_is_gone_is_no_longer_waited_for_until_it_comes_back(store: EventStore) -> None:
    run(Family(parts("a", "b")), store)
    run(Family(parts("a")), store)
    left = states(store, "left_at")
    assert (left["a"], left["b"] is None) == (None, False)
    run(Family(parts("a", "b")), store)
    assert states(store, "left_at")["b"] is None
