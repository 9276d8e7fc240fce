"""Handles that look alike are suggested to be one person's, and nothing more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from event_samples import commit, event, opened
from tribometer.store import EventStore
from tribometer.store.suggestions import SHARED_BY, WHY, seen, suggested


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with opened(tmp_path) as store:
        yield store


def authored(store: EventStore, *handles: str) -> None:
    store.land([commit(store.pseudonyms.of(handle), author=handle) for handle in handles])
    store.refresh()


def pairs(store: EventStore) -> set[tuple[frozenset[str], str]]:
    with store.reader() as reader:
        return {(frozenset({each.one, each.other}), each.why) for each in suggested(reader)}


def pair(store: EventStore, one: str, other: str, why: str) -> tuple[frozenset[str], str]:
    return frozenset({store.pseudonyms.of(one), store.pseudonyms.of(other)}), WHY[why]


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("dave", "Dave@acme.org", "login address"),
        ("gitlab:dave", "dave@acme.org", "login address"),
        ("dave@acme.org", "dave@example.com", "address address"),
        ("gitlab:dave", "dave", "login login"),
        ("gitlab:dave", "gitea:dave", "login login"),
    ],
)
def test_a_pair_that_looks_alike_is_suggested_with_the_reason(
    store: EventStore, one: str, other: str, why: str
) -> None:
    authored(store, one, other, "dave2", "ann@acme.org")
    assert pairs(store) == {pair(store, one, other, why)}
    with store.reader() as reader:
        assert reader.rows("FROM identities") == []


def test_a_pair_is_suggested_wherever_its_handles_were_named(store: EventStore) -> None:
    review = {"change": "1", "submitted_at": "2026-02-01T10:00:00Z"}
    store.land([event("review", "1", reviewer="dave", **review), event("person", "7", handles=["dave@acme.org"])])
    store.refresh()
    assert pairs(store) == {pair(store, "dave", "dave@acme.org", "login address")}


def test_one_handle_in_two_spellings_is_no_pair(store: EventStore) -> None:
    authored(store, "dave", "1+Dave@users.noreply.github.com", "dave@users.noreply.github.com")
    assert pairs(store) == set()


def test_who_is_joined_is_not_suggested_and_a_third_alike_is_suggested_once(store: EventStore) -> None:
    authored(store, "dave", "dave@acme.org", "gitlab:dave")
    assert len(pairs(store)) == 3
    store.land([event("person", "dave", handles=["dave@acme.org"])])
    store.refresh()
    [(found, _)] = pairs(store)
    assert store.pseudonyms.of("gitlab:dave") in found


def test_who_was_said_to_be_two_stays_two_whatever_they_are_joined_with_later(store: EventStore) -> None:
    authored(store, "dave", "dave@acme.org", "gitlab:dave")
    one, other = store.pseudonyms.of("dave"), store.pseudonyms.of("dave@acme.org")
    store.keep_apart(one, other)
    store.keep_apart(other, one)
    assert {found for found, _ in pairs(store)}.isdisjoint({frozenset({one, other})})
    assert len(pairs(store)) == 2
    store.land([event("person", "dave", handles=["gitlab:dave"])])
    store.refresh()
    assert pairs(store) == set()


def test_what_many_share_tells_of_nobody(store: EventStore) -> None:
    names = [f"info@{number}.example.com" for number in range(SHARED_BY)]
    authored(store, *names)
    assert len(pairs(store)) == SHARED_BY * (SHARED_BY - 1) / 2
    authored(store, "info")
    assert pairs(store) == set()


def test_events_of_each_source_that_name_somebody_are_counted(store: EventStore) -> None:
    store.land([commit("a", author="dave"), commit("b", author="dave"), commit("c", author="ann")])
    shift = {"rotation": "r", "starts_at": "2026-02-01T10:00:00Z", "ends_at": "2026-02-02T10:00:00Z"}
    store.land([event("person", "7", "hr", handles=["dave"]), event("shift", "1", "pager", person="dave", **shift)])
    dave, ann, nobody = map(store.pseudonyms.of, ("dave", "ann", "nobody"))
    with store.reader() as reader:
        assert seen(reader, [dave, nobody]) == {dave: {"hr": 1, "pager": 1, "test": 2}}
        assert seen(reader, [ann]) == {ann: {"test": 1}}


def test_neither_a_handle_nor_a_part_of_it_is_stored(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        authored(store, "dave.okafor@acme.org", "gitlab:dave.okafor")
    found = b"".join(file.read_bytes() for file in tmp_path.glob("events.duckdb*"))
    assert b"okafor" not in found
