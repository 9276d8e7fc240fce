"""Importing files: what is good lands, what is bad is kept, and a killed import can be repeated."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_samples import FULL, TIME, contents, event, full_object, opened, without_random
from tribometer.errors import UsageError
from tribometer.events import EVENT_TYPES
from tribometer.store import EventStore, Landed
from tribometer.store.importing import ImportProgress, ImportSummary, import_files
from tribometer.store.resending import resend


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    """Return an empty store."""
    with opened(tmp_path / "data") as store:
        yield store


def written(path: Path, *lines: object) -> Path:
    """Return a file of these lines; what is no text is written as JSON."""
    path.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines))
    return path


def commits(count: int) -> list[dict[str, Any]]:
    """Return the JSON objects of a chain of commits."""
    times = {"authored_at": TIME, "committed_at": TIME, "author": "ada@example.com", "files": 1}
    base = {"type": "commit", "source": "s", "repository": "acme/pay", **times}
    return [{**base, "id": f"{n}", "sha": f"{n}", "parents": [f"{n - 1}"] if n else []} for n in range(count)]


def test_every_good_line_lands_and_every_bad_one_is_kept(store: EventStore, tmp_path: Path) -> None:
    lines = [full_object(event_type) for event_type in EVENT_TYPES]
    path = written(tmp_path / "a.jsonl", *lines, "{", {"type": "commit", "author": "ada@example.com"})
    assert import_files(store, [path]) == ImportSummary(1, len(lines), 0, 0, 2)
    later, first = store.rejected()
    assert (first.line, first.origin, first.content) == (len(lines) + 1, str(path), "{")
    assert "sha: Field required" in later.reason
    assert "ada" not in without_random(later.content)


def test_importing_twice_changes_nothing(store: EventStore, tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", *map(full_object, EVENT_TYPES), "{")
    import_files(store, [path])
    before = contents(store, without=())
    assert import_files(store, [path]) == ImportSummary(1, 0, 0, len(EVENT_TYPES), 1)
    assert contents(store, without=()) == before


@pytest.mark.parametrize("batch_events", [1, 3, 1000])
def test_the_size_of_the_batches_does_not_matter(store: EventStore, tmp_path: Path, batch_events: int) -> None:
    lines = [{**each, "id": str(place % 4), "files": place} for place, each in enumerate(commits(10))]
    summary = import_files(store, [written(tmp_path / "a.jsonl", *lines)], batch_events=batch_events)
    assert summary == ImportSummary(1, 4, 6, 0, 0)
    with store.reader() as reader:
        assert reader.rows("SELECT id, files FROM commits ORDER BY id") == [("0", 8), ("1", 9), ("2", 6), ("3", 7)]


def test_a_file_that_cannot_be_read_is_named_and_the_others_land(store: EventStore, tmp_path: Path) -> None:
    good = written(tmp_path / "good.jsonl", *commits(1))
    bad: list[str | Path] = [tmp_path / "missing.jsonl", tmp_path, written(tmp_path / "a.parquet", "no"), "nul\0"]
    summary = import_files(store, [*bad, good], "commit")
    assert (summary.files, summary.new) == (5, 1)
    assert [str(error).split(":")[0] for error in summary.errors] == [str(each) for each in bad]


def test_what_was_read_before_a_file_broke_lands(store: EventStore) -> None:
    def breaks() -> Iterator[bytes]:
        yield (json.dumps(commits(1)[0]) + "\n").encode()
        raise OSError(5, "Input/output error")

    class Broken(io.BytesIO):
        parts = breaks()

        def readline(self, _size: int | None = -1, /) -> bytes:
            return next(self.parts)

    summary = import_files(store, ["-"], standard_input=Broken())
    assert summary.new == 1
    assert "Input/output error" in str(summary.errors[0])


def test_standard_input_is_read_as_json_lines(store: EventStore) -> None:
    raw = io.BytesIO("\n".join(map(json.dumps, commits(2))).encode() + b"\n{")
    assert import_files(store, ["-"], standard_input=raw) == ImportSummary(1, 2, 0, 0, 1)
    assert store.rejected()[0].origin == "-"


def test_an_unknown_type_is_wrong_usage(store: EventStore) -> None:
    with pytest.raises(UsageError, match="taem"):
        import_files(store, [], "taem")


def test_progress_tells_bytes_and_what_has_landed(store: EventStore, tmp_path: Path) -> None:
    seen: list[ImportProgress] = []
    path = written(tmp_path / "a.jsonl", *commits(5))
    import_files(store, [path], progress=seen.append, batch_events=2)
    assert [each.landed.new for each in seen] == [2, 4, 5]
    assert (seen[-1].file, seen[-1].bytes_read) == (str(path), path.stat().st_size)
    assert {each.bytes_total for each in seen} == {path.stat().st_size}


def test_an_import_derives_what_was_shipped(store: EventStore, tmp_path: Path) -> None:
    shipped = {"type": "deployment", "source": "s", "id": "1", "service": "pay", "environment": "production"}
    import_files(
        store, [written(tmp_path / "a", {**shipped, "sha": "1", "status": "success", "finished_at": TIME}, *commits(2))]
    )
    with store.reader() as reader:
        assert sorted(reader.rows("SELECT sha FROM shipped_commits")) == [("0",), ("1",)]


def test_rejections_that_are_good_now_land_when_sent_again(store: EventStore, tmp_path: Path) -> None:
    untyped = {key: value for key, value in commits(1)[0].items() if key != "type"}
    import_files(store, [written(tmp_path / "a.jsonl", untyped, "{")])
    assert resend(store) == Landed(rejected=2)
    assert resend(store, [99]) == Landed()
    assert resend(store, default_type="commit") == Landed(new=1, rejected=1)
    assert [each.content for each in store.rejected()] == ["{"]
    with store.reader() as reader:
        assert reader.rows("SELECT author FROM commits") == [(store.pseudonyms.of("ada@example.com"),)]


def test_a_row_of_csv_can_be_sent_again(store: EventStore, tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "source,id,name,created_at,archived", "s,1,pay,2026-01-01,no")
    assert import_files(store, [path], "repository").rejected == 1
    (kept,) = store.rejected()
    assert json.loads(kept.content) == {
        "type": "repository", "source": "s", "id": "1", "name": "pay", "created_at": "2026-01-01", "archived": False,
    }  # fmt: skip


IMPORT = """
import sys
from pathlib import Path
from tribometer.store import EventStore
from tribometer.store.importing import import_files
with EventStore.open(Path(sys.argv[1])) as store:
    import_files(store, [sys.argv[2]], batch_events=20, progress=lambda seen: print(seen.landed.new, flush=True))
"""


def killed_import(folder: Path, file: Path, after: int) -> None:
    """Import in another process that is killed once this many batches have landed."""
    process = subprocess.Popen([sys.executable, "-c", IMPORT, str(folder), str(file)], stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        for _ in range(after):
            assert process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def test_an_import_that_was_killed_and_repeated_gives_the_tables_of_an_undisturbed_one(
    store: EventStore, tmp_path: Path
) -> None:
    ships = {"type": "deployment", "source": "s", "service": "pay", "environment": "production", "status": "success"}
    releases = [
        {**ships, "id": f"d{n}", "sha": f"{n}", "finished_at": f"2026-02-{n // 20 + 1:02}T00:00:00Z"}
        for n in range(0, 200, 20)
    ]
    file = written(tmp_path / "a.jsonl", *releases, "{", *commits(200))
    import_files(store, [file])
    undisturbed = contents(store)
    again = tmp_path / "again"
    again.mkdir(mode=0o700)
    (again / "pseudonym.key").write_bytes((tmp_path / "data" / "pseudonym.key").read_bytes())
    (again / "pseudonym.key").chmod(0o600)
    for after in (1, 6):
        killed_import(again, file, after)
    with opened(again) as repeated:
        import_files(repeated, [file])
        assert contents(repeated) == undisturbed


def test_events_of_all_kinds_of_source_are_known_by_their_own_name(store: EventStore, tmp_path: Path) -> None:
    import_files(store, [written(tmp_path / "a.jsonl", full_object("team"))])
    with store.reader() as reader:
        assert reader.rows("SELECT source, kind, reads FROM source_states") == [("test", "import", ["team"])]
    assert store.land([event("team", "2")], source="hooks", kind="hook") == Landed(new=1)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**64), 2**64)
    | st.floats()
    | st.text(max_size=5)
    | st.datetimes(timezones=st.just(UTC)).map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
MORE = ("id", "version", "extra", "new")
FIELDS = [(event_type, name) for event_type, fields in FULL.items() for name in (*MORE, *fields)]
# a byte order mark alone makes an empty line
NOISE = st.binary(max_size=40).filter(lambda raw: b"\n" not in raw and raw.strip().strip(b"\xef\xbb\xbf"))
LINES = st.builds(
    lambda field, value, identity: json.dumps({**full_object(field[0], id=identity), field[1]: value}).encode(),
    st.sampled_from(FIELDS),
    JSON,
    st.sampled_from("abc"),
)


def test_whatever_a_file_holds_each_line_lands_or_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path) as store:

        @settings(max_examples=40)
        @given(st.lists(LINES | NOISE, max_size=8))
        def lands(lines: list[bytes]) -> None:
            raw = io.BytesIO(b"\n".join(lines))
            summary = import_files(store, ["-"], standard_input=raw)
            assert not summary.errors
            done = summary.new + summary.updated + summary.unchanged + summary.rejected
            # a line of the array's own is read as its items
            assert done == len(lines) or (len(lines) and lines[0].lstrip().startswith(b"["))

        lands()
