from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors import build
from collectors.base import NO_ETAGS, Collector, Cursor, Defaults, ETags, Page, Quota, Rejection
from collectors.summary import Standing
from collectors.sync import run
from git_repositories import Workbench
from tribometer.errors import SourceUnavailable
from tribometer.events import Event, Team
from tribometer.store import EventStore, Remark, remarks_of

MAY = datetime(2026, 5, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Script(Defaults):
    """A collector that yields what it was given, from the page its cursor names."""

    pages: tuple[Page | SourceUnavailable, ...]
    name: str = "script:one"
    asked: list[Any] = field(default_factory=list)
    ended: list[bool] = field(default_factory=list)
    known: list[ETags] = field(default_factory=list)

    kind = "script"
    reads = frozenset({"team"})
    remembers = frozenset({"open"})

    def starting(self, at: datetime) -> Cursor:
        """Begin anew, and remember when."""
        return {"page": 0, "from": at.isoformat()}

    def position(self, cursor: Cursor) -> str:
        """Name the page."""
        return f"page {cursor['page']}"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield the pages behind the cursor, or raise what stands in their place."""
        self.known.append(etags)
        self.asked.append(since)
        try:
            for page in self.pages[(since or {"page": 0})["page"] :]:
                if isinstance(page, SourceUnavailable):
                    raise page
                yield page
        finally:
            self.ended.append(True)


def page(number: int, *names: str, **more: Any) -> Page:
    events: list[Event] = [Team(source="script:one", id=name) for name in names]
    return Page(events, {"page": number}, requests=2, total=3, **more)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with EventStore.open(tmp_path / "data") as opened:
        yield opened


def errors(store: EventStore) -> list[Any]:
    with store.reader() as reader:
        return [row[0] for row in reader.rows("SELECT last_error FROM source_states ORDER BY source")]


def test_a_collection_counts_what_landed_and_what_it_cost(store: EventStore) -> None:
    refused = page(2, "b", "c", rejected=(Rejection("junk", "no event"),))
    summary = run(Script((page(1, "a"), refused)), store, timer=iter([10.0, 12.5]).__next__)
    assert (summary.new, summary.updated, summary.unchanged, summary.rejected) == (3, 0, 0, 1)
    assert (summary.requests, summary.seconds, summary.next_cursor) == (4, 2.5, {"page": 2})
    assert summary.error is None


def test_what_a_first_collection_says_twice_is_one_new_event(store: EventStore) -> None:
    again = Page([Team(source="script:one", id="a", name="Shop", timezone="UTC")], {"page": 2})
    first = run(Script((page(1, "a"), again)), store)
    later = run(Script((page(1, "a"), page(2, "b"), Page([Team(source="script:one", id="a", name="X")], {}))), store)
    assert (first.new, first.updated) == (1, 0)
    assert (later.new, later.updated) == (0, 1)


def test_a_rejection_names_its_line_and_its_file_and_goes_when_the_file_is_read_without_it(store: EventStore) -> None:
    def kept() -> list[tuple[str, int | None]]:
        return [(each.origin, each.line) for each in store.rejected()]

    owners, own = Rejection("@ann", "no team", 3, "OWNERS"), Rejection("junk", "no event", 7)
    run(Script((page(1, "a", rejected=(owners, own)),)), store)
    assert kept() == [("script:one", 7), ("script:one/OWNERS", 3)]
    run(Script((page(1, "a"),)), store, full=True)
    assert len(kept()) == 2
    run(Script((page(1, "a", whole=("OWNERS",)),)), store, full=True)
    assert kept() == [("script:one", 7)]
    run(Script((page(1, "a", whole=(None,)),)), store, full=True)
    assert kept() == []


def test_the_next_collection_starts_where_the_last_one_ended(store: EventStore) -> None:
    script = Script((page(1, "a"), page(2, "b")))
    run(script, store)
    assert run(script, store).new == 0
    assert script.asked == [None, {"page": 2}]


def test_a_full_collection_starts_over_and_changes_nothing(store: EventStore) -> None:
    script = Script((page(1, "a"), page(2, "b")))
    run(script, store)
    again = run(script, store, full=True)
    assert (again.new, again.unchanged, script.asked) == (0, 2, [None, None])


def test_a_collection_since_a_time_asks_the_collector_for_its_cursor(store: EventStore) -> None:
    script = Script((page(1, "a"),))
    run(script, store, since=MAY)
    assert script.asked == [{"page": 0, "from": "2026-05-01T00:00:00+00:00"}]


def test_a_source_that_fails_keeps_what_landed_and_goes_on_from_there(store: EventStore) -> None:
    error = SourceUnavailable("script:one", "no answer", "Wait")
    summary = run(Script((page(1, "a"), error)), store)
    assert (summary.new, summary.next_cursor, summary.error) == (1, {"page": 1}, error)
    assert errors(store) == [str(error)]
    assert run(Script((page(1, "a"), page(2, "b"))), store).new == 1
    assert errors(store) == [None]


def test_remarks_are_kept_until_a_later_success_has_its_own(store: EventStore) -> None:
    def kept() -> list[tuple[Remark, ...]]:
        with store.reader() as reader:
            return [remarks_of(text) for (text,) in reader.rows("SELECT remarks FROM source_states")]

    old, new = Remark("it is cut", "Mend it"), Remark("it is bare", "Fill it")
    assert run(Script((page(1, "a", remarks=(old,)),)), store).remarks == (old,)
    failing = Script((page(1, "a"), page(2, "b", remarks=(new,)), SourceUnavailable("script:one", "no answer", "Wait")))
    run(failing, store)
    assert kept() == [(old,)]
    run(Script((page(1, "a"), page(2, "b"), page(3, "c", remarks=(new,)))), store)
    assert kept() == [(new,)]
    run(Script((page(1, "a"),)), store, full=True)
    assert kept() == [()]
    assert str(old) == "it is cut. Mend it."


def test_one_source_that_fails_does_not_stop_the_others(store: EventStore, tmp_path: Path) -> None:
    good = Workbench.new(tmp_path / "good")
    good.commit()
    sources: list[Collector] = [
        build({"kind": "git", "path": str(tmp_path / name)}, origin="test", data=tmp_path) for name in ("gone", "good")
    ]
    first, second = [run(each, store) for each in sources]
    assert "gone is no git repository" in str(first.error)
    assert (second.new, second.error) == (2, None)


def test_progress_is_told_after_every_page(store: EventStore) -> None:
    told: list[Standing] = []
    run(Script((page(1, "a", quota=Quota(9)), page(2, "b", "c"))), store, progress=told.append)
    assert told == [
        Standing("script:one", None, 1, 3, 2, Quota(9)),
        Standing("script:one", None, 3, 3, 4, Quota(9)),
    ]


def test_validators_are_stored_with_their_page_and_given_to_the_next_collection(store: EventStore) -> None:
    address = "https://x.org/list?page=1"
    failing = Script((page(1, "a", etags={address: "one"}), SourceUnavailable("script:one", "no answer", "Wait")))
    run(failing, store)
    script = Script((page(1, "a"), page(2, "b", etags={address: "two"})))
    run(script, store)
    run(script, store)
    run(script, store, full=True)
    assert script.known == [{address: "one"}, {address: "two"}, {}]


def test_validators_of_an_old_cursor_do_not_outlive_a_new_beginning_that_is_cut_off(store: EventStore) -> None:
    run(Script((page(1, "a", etags={"https://x.org/list": "one"}),)), store)
    run(Script((SourceUnavailable("script:one", "no answer", "Wait"),)), store, full=True)
    assert store.sources.etags("script:one") == {}


def test_what_the_source_still_allows_is_kept(store: EventStore) -> None:
    summary = run(Script((page(1, "a", quota=Quota(7, 10, MAY)), page(2, "b"))), store)
    assert summary.quota == Quota(7, 10, MAY)
    with store.reader() as reader:
        rows = reader.rows("SELECT quota_left, quota_resets_at FROM source_states")
    assert rows == [(7, MAY.replace(tzinfo=None))]


def test_what_cannot_be_gone_on_with_starts_over_until_it_was_read_to_its_end(store: EventStore) -> None:
    @dataclass(frozen=True)
    class Whole(Script):
        resumable = False

    error = SourceUnavailable("script:one", "no answer", "Wait")
    assert run(Whole((page(1, "a"), error)), store).next_cursor == {}
    again = Whole((page(1, "a"), page(2, "b")))
    assert run(again, store).next_cursor == {"page": 2}
    assert again.asked == [None]


def test_collecting_a_repository_twice_changes_nothing(store: EventStore, tmp_path: Path) -> None:
    bench = Workbench.new(tmp_path / "shop")
    bench.commit("one\n\nCo-authored-by: Bea <bea@x.org>")
    bench.tag("v1.0")
    bench.git("checkout", "--quiet", "-b", "side")
    bench.commit("two", {"ünï\tcode\n": b"\xff"})
    source = build({"kind": "git", "path": str(bench.path)}, origin="test", data=tmp_path)
    first, nothing, again = run(source, store), run(source, store), run(source, store, full=True)
    assert (first.new, first.rejected) == (4, 0)
    assert (nothing.new, nothing.updated, nothing.unchanged) == (0, 0, 0)
    assert (again.new, again.updated, again.unchanged) == (0, 0, 4)


def test_an_interrupted_collection_ends_what_it_has_started(store: EventStore) -> None:
    script = Script((page(1, "a"), page(2, "b")))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        run(script, store, progress=interrupt)
    assert (script.ended, caught.type) == ([True], KeyboardInterrupt)
    assert store.sources.cursor("script:one") == {"page": 1}


def test_a_collection_since_a_time_takes_along_what_had_not_ended(store: EventStore) -> None:
    script = Script((Page([Team(source="script:one", id="a")], {"page": 1, "open": [7], "done": [1]}),))
    run(script, store)
    run(script, store, since=MAY)
    assert script.asked[-1] == {"page": 0, "from": MAY.isoformat(), "open": [7]}
    run(script, store, full=True)
    assert script.asked[-1] is None
