"""Whatever the order and the batches in which events arrive, the tables are the same."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from event_samples import TIME, contents, event, opened_alike
from tribometer.events import Event
from tribometer.store import EventStore, Landed
from tribometer.store.columns import statement_of
from tribometer.store.merge import Row, first_row, merged

OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "files": st.integers(0, 3) | st.none(),
    "author": st.sampled_from(["ada", "Grace", "x[bot]"]) | st.none(),
    "reverts": st.sampled_from(["r1", "r2"]) | st.none(),
    "trailers": st.dictionaries(st.sampled_from("ab"), st.lists(st.sampled_from("xy"), max_size=2), max_size=2),
    "file_changes": st.lists(st.builds(lambda path: {"path": path}, st.sampled_from("pq")), max_size=2),
    "colour": st.sampled_from(["red", None]),
    "size": st.integers(0, 2),
}
COMMITS = st.builds(
    lambda sha, parents, fields: {"sha": sha, "id": sha, "parents": parents, **fields},
    st.sampled_from("abc"),
    st.lists(st.sampled_from("abc"), max_size=2),
    st.fixed_dictionaries({}, optional=OPTIONAL),
)


def built(facts: Sequence[dict[str, Any]], versions: Sequence[int | None]) -> list[Event]:
    """Return events of these facts and versions."""
    stamped = [
        fact if version is None else {**fact, "version": version} for fact, version in zip(facts, versions, strict=True)
    ]
    times = {"repository": "acme/pay", "authored_at": TIME, "committed_at": TIME}
    return [event("commit", fact["id"], **times, **{k: v for k, v in fact.items() if k != "id"}) for fact in stamped]


def folded(events: Sequence[Event]) -> dict[str, Row]:
    """Return what the pure merge makes of events."""
    rows: dict[str, Row] = {}
    for each in events:
        statement = statement_of(each)
        rows[each.id] = merged(rows[each.id], statement) if each.id in rows else first_row(statement)
    return rows


@given(st.lists(COMMITS, min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_any_order_of_versioned_events_gives_the_same_rows(facts: list[dict[str, Any]], random: Random) -> None:
    events = built(facts, random.sample(range(100), len(facts)))
    shuffled = random.sample(events, len(events))
    assert folded(shuffled) == folded(events)


@given(st.lists(COMMITS, min_size=1, max_size=7))
def test_every_field_has_the_value_of_the_highest_version_that_carried_it(facts: list[dict[str, Any]]) -> None:
    events = built(facts, range(len(facts)))
    rows = folded(list(reversed(events)))
    for identity, row in rows.items():
        about = [each for each in events if each.id == identity]
        for field, cell in row.cells.items():
            last = next((each for each in reversed(about) if field in each.carried), about[-1])
            assert cell == statement_of(last).cells[field]
        assert row.extra == {name: value for each in about for name, value in each.extra.items()}


SIZES = st.lists(st.integers(1, 3), min_size=6, max_size=6)


def landed_in_parts(store: EventStore, events: Sequence[Event], sizes: Sequence[int]) -> Landed:
    """Land events in pages of these sizes, as far as they go."""
    edges = [0, *accumulate(sizes)]
    return sum((store.land(events[start:end]) for start, end in pairwise(edges)), Landed())


@settings(max_examples=6)
@given(st.lists(COMMITS, min_size=1, max_size=6), SIZES)
def test_batches_change_neither_the_tables_nor_the_counts(facts: list[dict[str, Any]], sizes: list[int]) -> None:
    events = built(facts, [None] * len(facts))
    with TemporaryDirectory() as folder, opened_alike(Path(folder)) as (one, two):
        assert landed_in_parts(two, events, sizes) == one.land(events)
        assert contents(two, without=META) == contents(one, without=META)


@settings(max_examples=6)
@given(st.lists(COMMITS, min_size=1, max_size=6), SIZES, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_versioned_events_changes_the_tables(
    facts: list[dict[str, Any]], sizes: list[int], random: Random
) -> None:
    events = built(facts, random.sample(range(9), len(facts)))
    with TemporaryDirectory() as folder, opened_alike(Path(folder)) as (one, two):
        one.land(events)
        landed_in_parts(two, random.sample(events, len(events)), sizes)
        assert contents(two, without=META) == contents(one, without=META)
        one.land(random.sample(events, len(events)))
        assert contents(two, without=META) == contents(one, without=META)


META = ("schema_migrations", "source_states", "store_meta")
