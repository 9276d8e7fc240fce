"""Handles are one person's where person events declare it, and nowhere else."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_samples import commit, event, opened
from tribometer.events import Event
from tribometer.privacy import KEY_FILE
from tribometer.settings import Rules
from tribometer.store import EventStore
from tribometer.store.connection import FILE_NAME
from tribometer.store.identities import persons
from tribometer.store.importing import ByColumn, import_files
from tribometer.store.schema import shipped_migrations
from tribometer.store.stamps import IDENTITIES, stamps

DAVE, ADDRESS = "dave", "dave@acme.org"
BOTS = "FROM (" + (Path(__file__).parents[1] / "metrics/facts/bots.sql").read_text(encoding="utf-8") + ") ORDER BY 1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with opened(tmp_path) as store:
        yield store


def person(identity: str, *handles: str, source: str = "hr", **fields: object) -> Event:
    """Return what a source declares of a person."""
    return event("person", identity, source, handles=list(handles), **fields)


def landed(store: EventStore, *events: Event) -> None:
    store.land(events)
    store.refresh()


def joined(store: EventStore) -> dict[str, str]:
    """Return the person of every handle that is joined with another."""
    with store.reader() as reader:
        return dict(reader.rows("SELECT handle, person FROM identities"))


def one_person(store: EventStore, *handles: str) -> bool:
    """Tell whether all of these are one person's."""
    found = joined(store)
    return len({found.get(key, key) for key in map(store.pseudonyms.of, handles)}) == 1


def test_two_handles_that_are_declared_to_be_one_persons_are_joined(store: EventStore) -> None:
    landed(store, commit("a", author=ADDRESS), commit("b", author=DAVE), person("7", DAVE, ADDRESS))
    assert one_person(store, DAVE, ADDRESS, "7")
    assert len(joined(store)) == 3


def test_one_login_on_two_forges_stays_two_people(store: EventStore) -> None:
    landed(store, person("gitlab:dave", source="gitlab:a"), person("gitea:dave", source="gitea:b"))
    landed(store, *(commit(name, author=f"{name}:dave") for name in ("gitlab", "gitea")), commit("c", author=DAVE))
    assert joined(store) == {}


def test_one_verified_address_joins_the_logins_of_two_forges(store: EventStore) -> None:
    landed(store, person("gitlab:dave", "gitlab:dave", ADDRESS, source="gitlab:a"))
    landed(store, person("d-smith", "d-smith", " Dave@ACME.org", source="github:b"))
    assert one_person(store, "gitlab:dave", "d-smith", ADDRESS)
    assert not one_person(store, DAVE, ADDRESS)


def test_a_no_reply_address_needs_no_declaration(store: EventStore) -> None:
    landed(store, commit("a", author="12345+Dave@users.noreply.github.com"), commit("b", author=DAVE))
    with store.reader() as reader:
        assert reader.rows("SELECT DISTINCT author FROM commits") == [(store.pseudonyms.of(DAVE),)]


def test_the_person_is_the_smallest_id_that_declares_one_of_the_handles(store: EventStore) -> None:
    landed(store, person("1", "x", "y"), person("2", "y", "z"))
    ids = sorted(map(store.pseudonyms.of, ("1", "2")))
    assert set(joined(store).values()) == {ids[0]}
    assert len(joined(store)) == 5


def test_a_declaration_that_is_taken_back_parts_what_it_joined(store: EventStore) -> None:
    landed(store, person("1", "x", "y"), person("2", "y", "z"))
    landed(store, person("2", "z"))
    assert one_person(store, "1", "x", "y")
    assert one_person(store, "2", "z")
    assert not one_person(store, "x", "z")
    landed(store, person("1"), person("2"))
    assert joined(store) == {}


def test_what_is_declared_becomes_one_only_with_the_next_refresh_and_survives_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.land([person("1", DAVE)])
        assert joined(store) == {}
    with opened(tmp_path) as store:
        assert one_person(store, "1", DAVE)


def test_who_was_declared_before_handles_were_joined_is_joined_when_the_store_is_opened(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        landed(store, person("1", DAVE))
    with duckdb.connect(tmp_path / FILE_NAME) as connection:
        for table in ("identities", "stale_handles", "likenesses", "kept_apart"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute(shipped_migrations()[5].sql)
    with opened(tmp_path) as store:
        assert one_person(store, "1", DAVE)


def test_the_stamp_rises_when_somebody_is_joined_and_not_when_nothing_follows(store: EventStore) -> None:
    def stamp() -> int:
        with store.reader() as reader:
            return stamps(reader).get(IDENTITIES, 0)

    landed(store, person("1", "x"))
    first = stamp()
    landed(store, person("1", "x", kind="human"), person("2"), commit("a", author="x"))
    assert stamp() == first > 0
    landed(store, person("1", "x", "y"))
    assert stamp() > first


def test_a_bot_declared_by_any_of_its_handles_is_a_bot_by_all(store: EventStore) -> None:
    landed(store, person("1", "robo", ADDRESS), person(ADDRESS, kind="bot", source="list"), person("2", "ann"))
    with store.reader() as reader:
        found = {author for (author,) in reader.rows(BOTS)}
    assert found == set(map(store.pseudonyms.of, ("1", "robo", ADDRESS)))


def test_a_lone_bot_is_a_bot(store: EventStore) -> None:
    landed(store, person("robo", kind="bot"))
    with store.reader() as reader:
        assert reader.rows(BOTS) == [(store.pseudonyms.of("robo"),)]


def test_an_export_tells_bots_and_leaves_out_who_is_who(store: EventStore, tmp_path: Path) -> None:
    landed(store, person("1", "robo", ADDRESS), person(ADDRESS, kind="bot", source="list"))
    store.export(tmp_path / "out")
    names = {each.name for each in (tmp_path / "out").iterdir()}
    assert "bots" in names
    assert not names & {"identities", "likenesses", "kept_apart", "stale_handles", "people", "person_handles"}


def test_a_bot_by_list_is_one_however_its_commits_are_read(tmp_path: Path) -> None:
    rules = Rules(bots=("*[bot]", "ci@acme.org", "renovate*"))
    authors = ["ci@acme.org", "gitlab:Renovate-2", "1+x[bot]@users.noreply.github.com", DAVE, ADDRESS, "", "dave"]
    lines = [f"s,{n},r,{n},p,{author},2026-02-01T10:00:00Z,2026-02-01T10:00:00Z" for n, author in enumerate(authors)]
    path = tmp_path / "commits.csv"
    path.write_text("\n".join(["source,id,repository,sha,parents,author,authored_at,committed_at", *lines]))
    found = []
    for columns in (None, ByColumn(least_bytes=0, rows=3)):
        with TemporaryDirectory() as folder:
            (Path(folder) / KEY_FILE).write_bytes(b"k" * 32)
            (Path(folder) / KEY_FILE).chmod(0o600)
            with EventStore.open(Path(folder), rules) as store, store.reader() as reader:
                assert import_files(store, [path], "commit", columns=columns).new == len(authors)
                kinds = reader.rows("SELECT author_kind FROM commits ORDER BY id")
                found.append((kinds, sorted(reader.rows("FROM likenesses"))))
    assert found[0] == found[1]
    assert [kind for (kind,) in found[0][0]] == ["bot", "bot", "bot", None, None, None, None]
    assert len(found[0][1]) == 5


def test_a_rejected_event_leaves_no_likeness(store: EventStore) -> None:
    assert store.land([commit("a", author="ann", tree_sha="nul\0")]).rejected == 1
    with store.reader() as reader:
        assert reader.rows("FROM likenesses") == []


NAMES = "abcdefgh"
DECLARED = st.lists(
    st.tuples(st.sampled_from("xyz"), st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3)), max_size=12
)


def plain_union(declared: Mapping[tuple[str, str], Sequence[str]]) -> dict[str, str]:
    """Return the person of every joined handle: groups merged one by one, in the plainest way."""
    groups: list[set[str]] = []
    for (_, identity), handles in declared.items():
        group = {identity, *handles}
        groups = [
            *(each for each in groups if not each & group),
            group.union(*(each for each in groups if each & group)),
        ]
    ids = {identity for (_, identity), handles in declared.items() if set(handles) - {identity}}
    return {handle: min(group & ids) for group in groups if len(group) > 1 for handle in group}


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12)), max_size=40))
def test_persons_are_what_a_plain_union_gives(pairs: list[tuple[int, int]]) -> None:
    declared = [(f"h{handle}", f"h{person}") for handle, person in pairs if handle != person]
    events = {(str(place), person): [handle] for place, (handle, person) in enumerate(declared)}
    assert persons(declared) == plain_union(events)
    assert persons(reversed(declared)) == persons(declared)


@settings(max_examples=5)
@given(DECLARED, st.sets(st.integers(1, 11), max_size=4))
def test_joining_step_by_step_is_what_a_plain_union_of_what_was_said_last_gives(
    declared: list[tuple[str, str, list[str]]], cuts: set[int]
) -> None:
    last = {(source, identity): handles for source, identity, handles in declared}
    events = [person(identity, *handles, source=source) for source, identity, handles in declared]
    found, key = joined_by_steps(events, cuts)
    keyed = {(source, key[identity]): [key[each] for each in names] for (source, identity), names in last.items()}
    assert found == plain_union(keyed)


@settings(max_examples=5)
@given(st.data(), DECLARED, st.sets(st.integers(1, 11), max_size=4))
def test_the_order_in_which_people_arrive_does_not_matter(
    data: st.DataObject, declared: list[tuple[str, str, list[str]]], cuts: set[int]
) -> None:
    events = [
        person(identity, *handles, source=source)
        for (source, identity), handles in {each[:2]: each[2] for each in declared}.items()
    ]
    first, _ = joined_by_steps(events, set())
    assert joined_by_steps(data.draw(st.permutations(events)), cuts)[0] == first


def joined_by_steps(events: Sequence[Event], cuts: set[int]) -> tuple[dict[str, str], dict[str, str]]:
    """Return who is joined after events landed in pieces, and the pseudonym of every name."""
    edges = [0, *sorted(each for each in cuts if each < len(events)), len(events)]
    with TemporaryDirectory() as folder:
        (Path(folder) / KEY_FILE).write_bytes(b"k" * 32)
        (Path(folder) / KEY_FILE).chmod(0o600)
        with opened(Path(folder)) as store:
            for start, end in pairwise(edges):
                landed(store, *events[start:end])
            return joined(store), {name: store.pseudonyms.of(name) for name in NAMES}
