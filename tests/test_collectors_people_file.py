"""The file of people: who they are, under which handles, since when and where; and that no name stands in a cursor."""

import json
from pathlib import Path

import pytest

from collectors import build
from collectors.base import Collector
from collectors.sync import run
from event_samples import without_random
from file_sources import FileSource, owners, plain
from tribometer.errors import SourceGone, SourceMissing
from tribometer.events import Ownership
from tribometer.privacy import Pseudonyms
from tribometer.store import EventStore

CSV = """\
ID,Email,Handles,GitHub,GitLab,Gitea,Start_Date,End_Date,Team,Kind
1234,Ann@example.org,ann-old; gitea:annie,ann,ann.b,,2026-01-05,,payments; platform,Human
,bob@example.org,,bob,,,2026-02-02T08:00:00+01:00,2026-06-30,payments,
,,renovate,,,,,,,bot
"""


@pytest.fixture
def people(tmp_path: Path) -> FileSource:
    (tmp_path / "data").mkdir()
    return FileSource("people", tmp_path / "people.csv")


def source_of(folder: Path, content: str) -> Collector:
    path = folder / "people.csv"
    path.write_text(content)
    return build({"kind": "people", "file": str(path)}, origin="test.toml", data=folder / "data")


def keyed(people: FileSource, handle: str) -> str:
    return Pseudonyms.load_or_make(people.path.parent / "data").of(handle)


def test_rows_are_people_and_their_teams(people: FileSource) -> None:
    page = people.collect(CSV)
    ann, bob = keyed(people, "people:1234"), keyed(people, "bob@example.org")
    assert plain(page) == [
        {"type": "person", "id": "people:1234", "kind": "human", "start_date": "2026-01-05T00:00:00Z", "end_date": None,
         "handles": ["Ann@example.org", "ann-old", "gitea:annie", "ann", "gitlab:ann.b"]},
        {"type": "person", "id": "bob@example.org", "start_date": "2026-02-02T07:00:00Z",
         "end_date": "2026-06-30T00:00:00Z", "handles": ["bob@example.org", "bob"]},
        {"type": "person", "id": "renovate", "kind": "bot", "start_date": None, "end_date": None,
         "handles": ["renovate"]},
        {"type": "ownership", "id": f"person/{ann}/payments", "team": "payments", "person": ann, "valid_to": None},
        {"type": "ownership", "id": f"person/{ann}/platform", "team": "platform", "person": ann, "valid_to": None},
        {"type": "ownership", "id": f"person/{bob}/payments", "team": "payments", "person": bob, "valid_to": None},
    ]  # fmt: skip
    assert (list(page.rejected), list(page.remarks)) == ([], [])


def test_the_cursor_names_nobody(people: FileSource) -> None:
    text = without_random(json.dumps(people.collect(CSV).cursor).lower())
    assert not [name for name in ("ann", "bob", "renovate", "1234", "example.org") if name in text]


def test_a_column_that_is_not_there_says_nothing_about_dates(people: FileSource) -> None:
    page = people.collect("email\nann@example.org\n")
    assert plain(page) == [{"type": "person", "id": "ann@example.org", "handles": ["ann@example.org"]}]
    assert "nobody has a start date" in page.remarks[0].what


def test_an_unchanged_file_lands_nothing(people: FileSource) -> None:
    first = people.collect(CSV)
    again = people.collect()
    assert (list(again.events), again.cursor) == ([], first.cursor)


def test_another_team_is_dated(people: FileSource) -> None:
    people.collect("email,team\nann@example.org,a\n")
    page = people.collect("email,team\nann@example.org,b\n")
    ann = keyed(people, "ann@example.org")
    assert owners(page) == {
        f"person/{ann}/a": (None, people.now),
        f"person/{ann}/b@2026-05-01T10:00:00+00:00": (people.now, None),
    }


def test_of_who_is_taken_out_nothing_is_erased_and_it_is_said(people: FileSource) -> None:
    people.collect("email,team\nann@example.org,a\nbob@example.org,a\n")
    page = people.collect("email,team\nann@example.org,a\n")
    assert [event.id for event in page.events if not isinstance(event, Ownership)] == ["ann@example.org"]
    assert owners(page) == {f"person/{keyed(people, 'bob@example.org')}/a": (None, people.now)}
    assert "1 person is no longer in the file; what was told of them is kept" in page.remarks[-1].what
    assert people.collect().remarks == page.remarks


def test_a_row_without_a_person_or_with_a_wrong_date_is_kept_with_its_line(people: FileSource) -> None:
    page = people.collect("email,start_date\n,2026-01-01\nann@example.org,1 May\nbob@example.org,2026-05-01\n")
    assert [each["id"] for each in plain(page)] == ["bob@example.org"]
    assert [each.line for each in page.rejected] == [2, 3]
    assert page.rejected[0].reason == "names nobody; fill one of the columns id, email, handles, github, gitlab, gitea"
    assert page.rejected[1].reason.startswith("start_date: no date; write it year first like 2026-01-31")


def test_two_rows_with_a_handle_in_common_are_not_taken_for_one_person(people: FileSource) -> None:
    page = people.collect("id,email\n1,team@example.org\n2,Team@example.org\n")
    assert [each["id"] for each in plain(page)] == ["people:1"]
    assert (page.rejected[0].line, page.rejected[0].reason) == (3, "has an id or handle that line 2 has too")


def test_what_is_refused_is_stored_without_names(tmp_path: Path) -> None:
    source = source_of(
        tmp_path, "email,github,start_date\nann@example.org,ann,soon\nbob@example.org,bob,2026-01-05,oops\n"
    )
    with EventStore.open(tmp_path / "data") as store:
        summary = run(source, store)
        with store.reader() as reader:
            kept = without_random(str(reader.rows("SELECT * FROM rejected_events")))
            assert reader.rows("SELECT line FROM rejected_events ORDER BY line") == [(2,), (3,)]
    assert (summary.rejected, summary.error) == (2, None)
    assert "ann" not in kept
    assert "bob" not in kept


def test_a_row_that_was_corrected_in_the_file_is_no_longer_kept_as_rejected(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    source = build({"kind": "people", "file": str(path)}, origin="test.toml", data=tmp_path / "data")
    kept = []
    with EventStore.open(tmp_path / "data") as store:
        for dates in (("soon", "2026-13-01"), ("soon", "2026-13-01"), ("2026-01-05", "2026-13-01"), ("2026-01-05", "")):
            rows = [f"{who}@example.org,{day}" for who, day in zip(("ann", "bob"), dates, strict=True)]
            path.write_text("\n".join(["email,start_date", *rows]))
            assert run(source, store).error is None
            kept.append([each.line for each in store.rejected()])
        with store.reader() as reader:
            assert reader.rows("SELECT count(*) FROM people") == [(2,)]
    assert kept == [[3, 2], [3, 2], [3], []]


def test_rows_that_cannot_be_told_apart_are_kept_each(tmp_path: Path) -> None:
    source = source_of(tmp_path, "email\nann@example.org,oops\nbob@example.org,oops\n")
    with EventStore.open(tmp_path / "data") as store:
        run(source, store)
        assert [each.line for each in store.rejected()] == [3, 2]


def test_semicolons_separate_where_the_header_has_no_comma(people: FileSource) -> None:
    page = people.collect('Email;Start_Date;Team;Kind\nann@example.org;2026-01-05;"payments;platform";human\n')
    ann = keyed(people, "ann@example.org")
    assert [each["id"] for each in plain(page)] == [
        "ann@example.org", f"person/{ann}/payments", f"person/{ann}/platform",
    ]  # fmt: skip
    assert plain(page)[0]["start_date"] == "2026-01-05T00:00:00Z"


@pytest.mark.parametrize(
    ("dates", "reason"),
    [
        ("05.01.2026,", "start_date: no date; write it year first like 2026-01-31"),
        ("2026-13-01,2026-02-30", "start_date: month must be in 1..12; end_date: day is out of range for month; write"),
        ("2026-02-01,2026-01-31", "end_date: lies before start_date"),
        ("2026-02-01T09:00:00,", "start_date: this time has no offset"),
    ],
)
def test_a_date_that_cannot_be_is_refused_with_its_column_and_without_its_text(
    dates: str, reason: str, people: FileSource
) -> None:
    page = people.collect(f"email,start_date,end_date\nann@example.org,{dates}\nbob@example.org,2026-01-05,\n")
    [refused] = page.rejected
    assert (refused.line, refused.reason[: len(reason)]) == (2, reason)
    assert not [text for text in dates.split(",") if text and text in refused.reason]
    assert [each["id"] for each in plain(page)] == ["bob@example.org"]


def test_a_check_reads_the_file_as_a_collection_would(people: FileSource) -> None:
    source = people.collector()
    with pytest.raises(SourceMissing, match="Put the file there"):
        source.check()
    people.path.write_text("name,start\n")
    with pytest.raises(SourceGone, match="names none of the columns"):
        source.check()
    people.path.write_text("email\n")
    assert [each.granted for each in source.check()] == [True]


def test_people_land_under_one_pseudonym_each_in_their_team(tmp_path: Path) -> None:
    source = source_of(tmp_path, "email,github,start_date,team\nann@example.org,ann,2026-01-05,payments\n")
    with EventStore.open(tmp_path / "data") as store:
        run(source, store)
        with store.reader() as reader:
            ((person, started, handles),) = reader.rows("SELECT id, start_date, handles FROM people")
            assert reader.rows("SELECT person, team FROM ownerships") == [(person, "payments")]
    assert started.isoformat() == "2026-01-05T00:00:00"
    assert set(handles) == {keyed_at(tmp_path, "ann@example.org"), keyed_at(tmp_path, "ann")}


def keyed_at(folder: Path, handle: str) -> str:
    return Pseudonyms.load_or_make(folder / "data").of(handle)


def test_a_file_that_is_not_there_or_names_no_column_says_what_to_do(people: FileSource) -> None:
    with pytest.raises(SourceMissing, match="Put the file there"):
        people.collect()
    with pytest.raises(SourceGone, match="names none of the columns id, email"):
        people.collect("name;start\nAnn;soon\n")


def test_a_collector_says_what_it_is_and_where_it_stands(people: FileSource) -> None:
    page = people.collect(CSV)
    source = people.collector()
    assert (source.name, source.kind, source.position(page.cursor)) == ("people:people.csv", "people", "3 people")
    assert source.starting(people.now) == {}
