"""Large files are read column by column, with the tables, counts and rejections of the way row by row."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_samples import FILES, FULL, LATER, TIME, contents, full_object, opened, opened_alike
from tribometer.events import EVENT_TYPES, parse_event
from tribometer.store import EventStore
from tribometer.store.bulk_lines import BLOCK_BYTES
from tribometer.store.bulk_screen import ColumnBatch
from tribometer.store.importing import ByColumn, ImportSummary, import_files, read_columns

IN_SMALL_BATCHES = ByColumn(least_bytes=0, rows=4)
TYPES = st.sampled_from(sorted(EVENT_TYPES)) | st.sampled_from(["run", "job", "deployment", "commit", "change"])
TIMES = [TIME, LATER, "2026-02-01 10:00:00.25-05:30", "2026-02-01T10:00:00", "2026-02-30T10:00:00Z", "20260201T100000Z"]
PEOPLE = ["[bot]", "x[bot]", "1+Ada@users.noreply.github.com", "gitlab:project_1_bot_2", "@x.org", "gitlab:"]
UNCLEAN = [
    "ann/fix-it", "feature/x", "users/ann/x", "ann-patch-1", "hotfix-ann/x", "@ann hi", "npm i @types/node",
    "#12 v1.2.3", "deploy for @ann", "deploy@v4",
    "https://ann:pw@x.org/a?b=c#d", "https://x.org/a", "https://x.org/a?token=b1", "git@x.org:a/b", "u:p@x.org/a?b",
    "token=abc123def", "ghp_0123456789abcdef0123", "Bearer abcdef123456", "https://x.org/#/a/1", "ann@x.org/fix",
]  # fmt: skip
TEXTS = [*UNCLEAN, "", " ", "x", "Füße", "\u2003", "x" * 5000, "a;b", " padded ", 'say "x"', "a\nb", "nul\0", *PEOPLE]
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, False, 0, -0.0, 7, -1, 2**63, 10**30, 1.5, 1e2, *TEXTS, *TIMES, "😀", "a/b\\c", [], ["a", ""]),
        *("queued", "running", "success", "human", "bot", "1", "yes", "12", "1.50", "ada@example.com", ["b", None]),
        *({"source": "s", "id": "1"}, {"id": "2"}, {"id": 3}, FILES, [{"path": "p", "additions": -1}], {"a": ["b"]}),
    ],
)
VERSIONS = st.sampled_from([1, 2, 3, TIME, LATER, "next"])


@st.composite
def objects(draw: st.DrawFn, event_type: str) -> dict[str, Any]:
    """Draw an event of a type, more or less right."""
    found = full_object(event_type, id=draw(st.sampled_from(["a", "b", "c", "d", 7])))
    for name in draw(st.lists(st.sampled_from(sorted(FULL[event_type])), max_size=6)):
        found.pop(name, None)
    if draw(st.booleans()):
        found["version"] = draw(VERSIONS)
    fields = sorted({*FULL[event_type], "source", "id", "version", "type", "note", "extra", "status", "conclusion"})
    for name in draw(st.lists(st.sampled_from(fields), max_size=2)):
        found[name] = draw(JUNK)
    return found


@st.composite
def json_lines(draw: st.DrawFn) -> list[bytes]:
    """Draw lines of JSON and of what is none."""
    lines: list[bytes] = []
    for event_type in draw(st.lists(TYPES, min_size=1, max_size=9)):
        found = draw(objects(event_type))
        separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" , ", " :\t")]))
        lines.append(
            json.dumps(found, ensure_ascii=draw(st.booleans()), separators=separators).encode("utf-8", "replace")
        )
    for place in draw(st.lists(st.integers(0, len(lines) - 1), max_size=2)):
        lines[place] = draw(NOISE)(lines[place])
    return lines


NOISE = st.sampled_from([
    lambda _: b"", lambda _: b"  \x0c", lambda _: b"{", lambda line: line[:-1] + b",}", lambda line: b"\xff" + line,
    lambda line: line[:-1] + b', "id": "b"}', lambda line: line + b"\r", lambda line: line + b" 1",
    lambda line: line.replace(b'"id"', b'"\\u0069d"'), lambda line: b"\xef\xbb\xbf" + line,
    lambda line: line[:-1] + b', "note": NaN}', lambda line: line[:-1] + b', "note": "\\ud800"}',
    lambda line: line[:-1] + b', "file_changes": [{"path": "p", "x": "\\ud800"}]}',
    lambda line: b'{"extra": ' + line + b', "type": "team"}', lambda line: line.replace(b"T", b"\\u0054"),
])  # fmt: skip


@st.composite
def csv_files(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw a type and a CSV of it."""
    event_type = draw(TYPES)
    rows = draw(st.lists(objects(event_type), min_size=1, max_size=9))
    header = sorted({name for row in rows for name in row} - set(draw(st.lists(st.just("type"), max_size=1))))
    text = io.StringIO()
    writer = csv.writer(text, quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])))
    writer.writerow(header)
    for row in rows:
        writer.writerow([_cell(row[name]) if name in row else "" for name in header])
    raw = text.getvalue()
    for word in draw(st.lists(st.sampled_from(['"', "\r", ",", "\n", "\n\n", "\ufeff"]), max_size=1)):
        place = draw(st.integers(0, len(raw)))
        raw = raw[:place] + word + raw[place:]
    return event_type, raw.encode("utf-8", "replace")


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


WHOLE = st.sampled_from([0, 1, 2, 7])
AT = datetime(2026, 2, 1, 10, tzinfo=UTC)
MOMENTS = st.sampled_from([AT, AT + timedelta(microseconds=1), AT + timedelta(days=40)])
NAIVE = MOMENTS.map(lambda at: at.replace(tzinfo=None))
FAR = st.sampled_from([datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
FILE = pa.struct([("path", pa.string()), ("additions", pa.int64()), ("deletions", pa.int64())])
REFERENCES = [{"source": "s", "id": "1"}, {"id": "1"}, {"source": "s"}, {"source": "", "id": "2"}]
REFERENCE = pa.struct([("source", pa.string()), ("id", pa.string())])
BAD_TEXTS = st.sampled_from(["", "x" * 5000, "nul\0", "é"])
TEXT_TYPES: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.string(), BAD_TEXTS), (pa.large_string(), BAD_TEXTS), (pa.int64(), WHOLE), (pa.bool_(), st.booleans()),
    (pa.string(), st.sampled_from(UNCLEAN)),
    (pa.dictionary(pa.int8(), pa.string()), st.sampled_from(["x", "main", "success", "queued"])),
    (pa.string(), st.sampled_from(["success", "running", "human", "bot", "yes", "rollout", "golden", "deployable"])),
]  # fmt: skip
ARROW: dict[str, list[tuple[pa.DataType, st.SearchStrategy[Any]]]] = {
    "text": TEXT_TYPES,
    "time": [
        *((pa.timestamp(unit, "UTC"), MOMENTS) for unit in ("us", "us", "ns")),
        (pa.timestamp("s", "UTC"), st.just(AT) | FAR),
        (pa.timestamp("us", "Europe/Berlin"), MOMENTS), (pa.timestamp("us"), NAIVE),
        (pa.string(), st.sampled_from(TIMES)), (pa.int64(), WHOLE), (pa.date32(), MOMENTS),
    ],
    "whole": [
        *((kind, st.integers(0, 5)) for kind in (pa.int64(), pa.int32(), pa.uint8(), pa.uint64())),
        (pa.int64(), st.sampled_from([-1, 2**63 - 1, -(2**63)])), (pa.float64(), st.just(1.0)),
        (pa.string(), st.just("1")),
    ],
    "truth": [(pa.bool_(), st.booleans()), (pa.bool_(), st.booleans()), (pa.int64(), WHOLE)],
    "number": [
        (pa.float64(), st.sampled_from([0.5, 2.0, float("nan"), -1.0])),
        (pa.int64(), WHOLE), (pa.float32(), st.just(0.1)),
    ],
    "list": [
        (pa.list_(pa.string()), st.lists(st.sampled_from(["a", "b"]), max_size=3)),
        (pa.list_(pa.string()), st.lists(st.sampled_from(["a", "", None, "x" * 5000, *UNCLEAN]), max_size=3)),
        (pa.large_list(pa.string()), st.lists(st.sampled_from(["a", "b"]), max_size=3)), (pa.string(), st.just("a;b")),
    ],
    "files": [
        (pa.list_(FILE), st.lists(st.sampled_from(FILES), max_size=2)),
        (pa.list_(FILE), st.lists(st.sampled_from([{"path": None}, {"path": "p", "additions": -1}, None]), max_size=2)),
    ],
    "object": [(pa.map_(pa.string(), pa.list_(pa.string())), st.just([("by", ["Ada <ada@example.com>"])]))],
    "reference": [
        (pa.string(), st.sampled_from(["1", ""])), (pa.int64(), WHOLE),
        (REFERENCE, st.sampled_from(REFERENCES)),
    ],
}  # fmt: skip


def _kind(event_type: str, name: str) -> str:
    value = FULL[event_type][name]
    if name in {"change", "run", "deployment", "request"} and (event_type, name) != ("run", "run"):
        return "reference"
    if isinstance(value, str) and value in {TIME, LATER}:
        return "time"
    if isinstance(value, list):
        return "files" if value == FILES else "list"
    kinds = {bool: "truth", int: "whole", float: "number", dict: "object"}
    return kinds.get(type(value), "text")


@st.composite
def parquet_files(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw a type and a Parquet file of it."""
    event_type = draw(TYPES)
    count = draw(st.integers(1, 9))
    columns: dict[str, pa.Array] = {}

    def add(name: str, kind: pa.DataType, values: st.SearchStrategy[Any]) -> None:
        cells = draw(st.lists(values | st.none(), min_size=count, max_size=count))
        columns[name] = pa.array(cells, kind)

    columns["source"] = pa.array(draw(st.lists(st.sampled_from(["s", "s", "t"]), min_size=count, max_size=count)))
    columns["id"] = pa.array(draw(st.lists(st.sampled_from("abcdefghi"), min_size=count, max_size=count)))
    for name, value in FULL[event_type].items():
        usual = draw(st.sampled_from([True, True, True, False]))
        if usual:
            kind = _kind(event_type, name)
            good = {"time": AT, "object": [("by", ["Ada <ada@example.com>"])], "reference": "1"}.get(kind, value)
            columns[name] = pa.array([good] * count, ARROW[kind][0][0])
    for name in draw(st.lists(st.sampled_from(sorted(FULL[event_type])), max_size=3)):
        add(name, *draw(st.sampled_from(ARROW[_kind(event_type, name)])))
    more: dict[str, list[tuple[pa.DataType, st.SearchStrategy[Any]]]] = {
        "id": [(pa.int64(), WHOLE)], "source": TEXT_TYPES,
        "version": [
            (pa.int64(), st.integers(1, 3)), (pa.timestamp("us", "UTC"), MOMENTS),
            (pa.string(), st.sampled_from(TIMES)),
        ],
        "type": [(pa.string(), st.sampled_from([event_type, "team", "taem"]))],
        "note": [
            (pa.string(), st.sampled_from(["x", "ada@example.com"])), (pa.null(), st.none()),
            (pa.timestamp("us"), NAIVE),
        ],
        "run_id": [(pa.string(), st.sampled_from(["1", ""])), (pa.int64(), WHOLE)],
        "run_source": [(pa.string(), st.just("u"))],
        "change.id": [(pa.string(), st.just("1"))], "change.source": [(pa.string(), st.just("u"))],
    }  # fmt: skip
    for name in draw(st.lists(st.sampled_from(sorted(more)), max_size=2)):
        add(name, *draw(st.sampled_from(more[name])))
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, row_group_size=4)
    return event_type, sink.getvalue()


def both_ways(files: Sequence[tuple[str, bytes]], default_type: str | None) -> None:
    """Import files both ways and twice, and compare all there is to compare."""
    with TemporaryDirectory() as name, opened_alike(Path(name)) as (one, two):
        for file, content in files:
            path = Path(name) / file
            path.write_bytes(content)
            by_row = outcome(import_files(one, [path], default_type, columns=None))
            assert outcome(import_files(two, [path], default_type, columns=IN_SMALL_BATCHES)) == by_row
            assert contents(two, without=META) == contents(one, without=META)
        paths = [Path(name) / file for file, _ in files]
        before = contents(two, without=META)
        again = import_files(two, paths, default_type, columns=IN_SMALL_BATCHES)
        assert outcome(again) == outcome(import_files(one, paths, default_type, columns=None))
        assert contents(two, without=META) == contents(one, without=META)
        if not again.updated:
            assert contents(two, without=META) == before


META = ("schema_migrations", "store_meta")


def outcome(summary: ImportSummary) -> tuple[Any, ...]:
    """Return the counts and messages of an import."""
    messages = [str(each) for each in summary.errors]
    return summary.new, summary.rejected, summary.updated, summary.unchanged, messages


PLAIN_TYPES = sorted(set(EVENT_TYPES) - {"person"})
"""Of a person everything is keyed, so persons are few and read row by row."""


def plain_object(event_type: str, **more: Any) -> dict[str, Any]:
    """Return an event of every field but trailers, which are keyed text by text."""
    return {name: value for name, value in full_object(event_type, **more).items() if name != "trailers"}


def left_over(store: EventStore, file: str, content: bytes, event_type: str) -> list[int]:
    """Return the places of the rows that are not landed by columns."""
    batches = read_columns(io.BytesIO(content), file, event_type, 100)
    assert batches is not None
    (batch,) = batches
    assert isinstance(batch, ColumnBatch)
    return list(store.land_columns(batch).left)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventStore]:
    """Return a store that collects what these tests land."""
    with opened(tmp_path_factory.mktemp("bulk")) as store:
        yield store


@pytest.mark.parametrize("event_type", PLAIN_TYPES)
def test_plain_lines_of_every_type_land_by_columns(store: EventStore, event_type: str) -> None:
    lines = [plain_object(event_type, id=f"json-{n}", version=n) for n in range(3)]
    content = "\n".join(map(json.dumps, lines)).encode()
    assert left_over(store, "a.jsonl", content, event_type) == []
    assert left_over(store, "a.jsonl", content, event_type) == []


@pytest.mark.parametrize("event_type", PLAIN_TYPES)
def test_plain_records_of_every_type_land_by_columns(store: EventStore, event_type: str) -> None:
    found = {name: value for name, value in plain_object(event_type, id="csv").items() if name != "file_changes"}
    if isinstance(found.get("change"), dict):
        found["change"] = "12"
    cells = {name: ";".join(value) if isinstance(value, list) else value for name, value in found.items()}
    content = "\n".join(",".join(map(str, line)) for line in (cells, cells.values())).encode()
    assert left_over(store, "a.csv", content, event_type) == []


@pytest.mark.parametrize("event_type", PLAIN_TYPES)
def test_plain_rows_of_every_type_land_by_columns(store: EventStore, event_type: str) -> None:
    event = parse_event(plain_object(event_type, id="parquet"))
    values = {"source": event.source, "id": event.id}
    values |= event.model_dump(by_alias=True, include=set(event.carried))
    sink = io.BytesIO()
    pq.write_table(pa.table({name: pa.array([value]) for name, value in values.items()}), sink)
    assert left_over(store, "a.parquet", sink.getvalue(), event_type) == []


def test_people_in_columns_are_keyed(store: EventStore) -> None:
    line = {**plain_object("review", id="keyed", reviewer="Robot[bot]"), "reviewer_kind": None}
    plain = {name: value for name, value in line.items() if value is not None}
    assert left_over(store, "a.jsonl", json.dumps(plain).encode(), "review") == []
    with store.reader() as reader:
        (found,) = reader.rows("SELECT reviewer, reviewer_kind FROM reviews WHERE id = 'keyed'")
    assert found == (store.pseudonyms.of("robot[bot]"), "bot")


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_a_damaged_file_ends_with_the_same_message_either_way(ending: str) -> None:
    both_ways([(f"a.{ending}", b"PAR1\xff nonsense,\n" * 3)], "run")


def test_a_line_beyond_any_block_is_rejected_and_its_neighbours_land(tmp_path: Path) -> None:
    line = json.dumps(plain_object("team")).encode()
    with opened(tmp_path / "data") as store:
        path = tmp_path / "a.jsonl"
        path.write_bytes(line + b"\n" + b" " * (BLOCK_BYTES + 9) + b"\n" + line.replace(b"team-1", b"team-2"))
        assert import_files(store, [path]) == ImportSummary(1, 2, 0, 0, 1)
        assert store.rejected()[0].line == 2


BORDERS = ["0000-01-05T00:00:00Z", "0001-01-01T00:00:00+05:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-05:00"]


def test_versions_beyond_the_times_an_event_can_hold_are_rejected_either_way() -> None:
    lines = [json.dumps(plain_object("run", id=str(n), version=at)) for n, at in enumerate(BORDERS)]
    both_ways([("a.jsonl", "\n".join(lines).encode())], "run")
    records = ["source,id,name,version", *(f"s,{n},x,{at}" for n, at in enumerate(BORDERS))]
    both_ways([("a.csv", "\n".join(records).encode())], "team")
    years = [-62135596800 - 1, -62135596800, 253402300799, 253402300800]  # the edges of the years 1 and 9999
    sink = io.BytesIO()
    columns = {
        "source": ["s"] * 4,
        "id": list("abcd"),
        "name": list("abcd"),
        "version": pa.array(years, pa.timestamp("s", "UTC")),
    }
    pq.write_table(pa.table(columns), sink)
    both_ways([("a.parquet", sink.getvalue())], "team")


@pytest.mark.parametrize(
    "kind", [pa.float16(), pa.decimal256(50, 2), pa.list_(pa.float16()), pa.struct([("x", pa.float16())]), pa.binary()]
)
@pytest.mark.parametrize("name", ["headcount", "note"])
def test_a_column_of_a_type_that_no_engine_need_know_is_the_same_either_way(kind: pa.DataType, name: str) -> None:
    value: Any = {pa.list_(pa.float16()): [1.5], pa.binary(): b"x"}.get(kind, 1)
    value = {"x": 1.5} if pa.types.is_struct(kind) else value
    sink = io.BytesIO()
    columns = {"source": ["s", "s"], "id": ["1", "2"], name: pa.array([value, None], kind)}
    pq.write_table(pa.table(columns), sink)
    both_ways([("a.parquet", sink.getvalue())], "team")


def test_a_reference_to_a_source_of_any_script_is_the_same_either_way() -> None:
    sources = ["", "s", " ", "😀", "١٢", "½"]
    header = "source,id,reviewer,state,submitted_at,change_id,change_source"
    records = [header, *(f"s,{n},ada,approved,2026-02-01T10:00:00Z,1,{each}" for n, each in enumerate(sources))]
    both_ways([("a.csv", "\n".join(records).encode())], "review")


@settings(max_examples=3)
@given(st.lists(json_lines(), min_size=1, max_size=2), st.sampled_from([None, "run"]))
def test_json_lines_by_column_are_what_they_are_by_row(files: list[list[bytes]], default_type: str | None) -> None:
    both_ways([(f"{place}.jsonl", b"\n".join(lines)) for place, lines in enumerate(files)], default_type)


@settings(max_examples=3)
@given(csv_files())
def test_csv_by_column_is_what_it_is_by_row(file: tuple[str, bytes]) -> None:
    both_ways([("a.csv", file[1])], file[0])


@settings(max_examples=3)
@given(st.lists(parquet_files(), min_size=1, max_size=2))
def test_parquet_by_column_is_what_it_is_by_row(files: list[tuple[str, bytes]]) -> None:
    both_ways(
        [(f"{place}.parquet", content) for place, (kind, content) in enumerate(files) if kind == files[0][0]],
        files[0][0],
    )
