"""Events from files: what is good becomes events, what is bad a rejection with its line and reason."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_samples import FULL, TIME, full_object
from tribometer.errors import UsageError
from tribometer.events import EVENT_TYPES, Event, parse_event
from tribometer.store import Rejected
from tribometer.store.importing import read_events
from tribometer.store.lines import LINE_LIMIT

TEAM = '{"type": "team", "source": "s", "id": "1"}'


def read(content: bytes | str, name: str = "events.jsonl", default_type: str | None = None) -> list[Event | Rejected]:
    """Return what a file of this content and name gives."""
    raw = content.encode() if isinstance(content, str) else content
    return list(read_events(io.BytesIO(raw), name, default_type))


def rejections(items: list[Event | Rejected]) -> list[tuple[int | None, str]]:
    """Return line and reason of what was rejected."""
    return [(each.line, each.reason) for each in items if isinstance(each, Rejected)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"type": "team", ', "broken JSON at column"),
        (b'{"type": "te\xffm"}', "not UTF-8: byte 0xff at column 13"),
        (TEAM.replace("}", ', "headcount": "six"}'), "headcount"),
        (TEAM.replace("}", ', "headcount": 9223372036854775808}'), "headcount"),
        (TEAM.replace("team", "taem"), "did you mean 'team'"),
        ('{"source": "s", "id": "1"}', "'type' is missing"),
        ('{"type": "team", "source": "s"}', "id: Field required"),
        ('{"type": "shift", "source": "s", "id": "1", "rotation": "r", "starts_at": "2026-01-01T00:00:00"}', "offset"),
        ("[1, 2", "broken JSON"),
        ("12", "this is a number"),
        (TEAM.replace("}", ', "id": "2"}'), "'id' stands twice"),
        (TEAM.replace("}", ', "headcount": NaN}'), "NaN is no JSON number"),
        (TEAM.replace("}", ', "note": 1e999}'), "finite"),
        (TEAM.replace("}", ', "name": "\\ud800"}'), "unicode"),
        (TEAM.replace("}", ', "note": "\\ud800"}'), "surrogate"),
        (TEAM.replace("}", ', "name": "\\u0000"}'), "NUL"),
        (TEAM.replace("}", ', "note": 123456789012345678901}'), "63 bits"),
        (TEAM.replace("}", f', "note": {"9" * 5000}}}'), "digits"),
        (TEAM.replace("}", f', "note": {"[" * 90}1{"]" * 90}}}'), "nested deeper"),
        ("[" * 100_000, "nested too deeply"),
        (" " * (LINE_LIMIT + 1) + TEAM, "an event has at most 4,194,304"),
    ],
)  # fmt: skip
def test_a_bad_line_is_rejected_with_its_reason_and_the_next_one_lands(line: str | bytes, reason: str) -> None:
    raw = line.encode() if isinstance(line, str) else line
    before, bad, after = read(TEAM.encode() + b"\n" + raw + b"\n" + TEAM.encode())
    assert isinstance(before, Event)
    assert isinstance(after, Event)
    assert isinstance(bad, Rejected)
    assert (bad.line, bad.origin, bad.content) == (2, "events.jsonl", raw)
    assert reason in bad.reason


def test_a_line_of_twenty_megabytes_is_counted_whole_and_kept_by_its_beginning() -> None:
    bad, good = read(b"x" * (20 * 2**20) + b"\n" + TEAM.encode())
    assert isinstance(bad, Rejected)
    assert (len(bad.content), bad.size) == (64 * 2**10, 20 * 2**20 + 1)
    assert isinstance(good, Event)


@pytest.mark.parametrize("content", [f"\ufeff{TEAM}", f"\r\n\n{TEAM}\r\n  \r\n", f"[{TEAM}]", f"\ufeff [\n{TEAM}\n]\n"])
def test_marks_of_editors_and_arrays_are_read_through(content: str) -> None:
    assert [each.id for each in read(content) if isinstance(each, Event)] == ["1"]
    assert len(read(content)) == 1


def test_an_array_names_the_place_of_a_bad_item() -> None:
    assert rejections(read(f"[{TEAM}, 5]")) == [(2, "an event is a JSON object, this is a number")]


def test_an_empty_file_holds_nothing() -> None:
    assert read(b"") == []
    assert read(b"", "a.csv", "team") == []


def test_the_default_type_holds_for_objects_without_one() -> None:
    first, second = read('{"source": "s", "id": "1", "name": "a"}\n' + TEAM, default_type="repository")
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert (first.TYPE, second.TYPE) == ("repository", "team")


@settings(max_examples=200)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_random_bytes_give_rejections_and_no_error(content: bytes) -> None:
    for name, default_type in (("a.jsonl", None), ("a.jsonl", "team"), ("-", None)):
        assert all(isinstance(each, Rejected) for each in read(content, name, default_type))


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_random_bytes_after_a_header_give_events_or_rejections(content: bytes) -> None:
    for each in read(b"source,id,headcount,note\n" + content, "a.csv", "team"):
        assert isinstance(each, Rejected) or each.TYPE == "team"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200)
@given(st.sampled_from(sorted(FULL)), st.data())
def test_any_value_in_any_field_gives_an_event_or_a_rejection(event_type: str, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(["source", "id", "version", "extra", "note", *FULL[event_type]]))
    items = read(json.dumps(full_object(event_type, **{field: data.draw(JSON)})))
    assert len(items) == 1


def as_csv(values: dict[str, Any]) -> str:
    """Return a CSV of one row of JSON values."""
    cells = [value if isinstance(value, str) else json.dumps(value) for value in values.values()]
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    return ",".join(values) + "\r\n" + ",".join(quoted) + "\r\n"


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_a_row_of_csv_gives_the_same_event_as_its_json(event_type: str) -> None:
    (event,) = read(as_csv(full_object(event_type, version=3)), "a.csv", event_type)
    assert event == parse_event(full_object(event_type, version=3))


def test_an_empty_cell_is_not_carried_and_lists_may_use_semicolons() -> None:
    (event,) = read("source,id,name,paths,tier\ns,1,pay,a/; b/,\n", "a.csv", "service")
    assert isinstance(event, Event)
    assert event.carried == {"name", "paths"}
    assert event.model_dump()["paths"] == ["a/", "b/"]


@pytest.mark.parametrize("names", ["change.source,change.id", "change_source,change_id"])
def test_a_reference_may_have_two_columns(names: str) -> None:
    (event,) = read(f"source,id,submitted_at,{names}\ns,1,{TIME},x,7\n", "a.csv", "review")
    assert isinstance(event, Event)
    assert event.model_dump()["change"] == {"source": "x", "id": "7"}


def test_numbers_and_truth_values_of_csv_are_read_by_the_field_and_unknown_columns_kept() -> None:
    header = "source,id,run,attempt,name,required,note\n"
    good, odd = read(header + "s,1,9,2,build,yes,5\ns,2,9,two,build,perhaps,\n", "a.csv", "job")
    assert isinstance(good, Event)
    dumped = good.model_dump()
    assert (dumped["attempt"], dumped["required"], dumped["run"]["id"], dumped["note"]) == (2, True, "9", "5")
    assert isinstance(odd, Rejected)
    assert odd.line == 3
    assert "attempt" in odd.reason
    assert "required" in odd.reason
    assert json.loads(odd.content)["attempt"] == "two"


def test_bad_records_of_csv_name_their_first_line() -> None:
    content = b'source,id,name\ns,1,"two\nlines"\ns,2\n\ns,3,\xff\ns,4,x\n'
    items = read(content, "a.csv", "team")
    assert [each.id for each in items if isinstance(each, Event)] == ["1", "4"]
    assert rejections(items) == [(4, "the record has 2 cells, the header 3"), (6, "not UTF-8: byte 0xff")]


@pytest.mark.parametrize(
    ("header", "problem"), [("source,id,,name", "needs a name"), ("source,id,id", "two columns"), ("\xff", "header")]
)
def test_a_header_that_is_none_is_an_error(header: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        read(header.encode("latin-1") + b"\n", "a.csv", "team")


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_tables_need_their_type(name: str) -> None:
    with pytest.raises(UsageError, match="--type"):
        read(b"", name)


def parquet(columns: dict[str, Any]) -> bytes:
    """Return a Parquet file of these columns."""
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_a_row_of_parquet_gives_the_same_event_as_its_json(event_type: str) -> None:
    event = parse_event(full_object(event_type))
    values = {"source": event.source, "id": event.id}
    values |= event.model_dump(by_alias=True, include=set(event.carried))
    (found,) = read(parquet({name: [value] for name, value in values.items()}), "a.parquet", event_type)
    assert found == event


def test_null_in_parquet_is_not_carried_and_a_time_without_zone_is_rejected() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    columns = {"source": ["s", "s"], "id": ["1", "2"], "name": ["a", "b"], "seen": [at, at]}
    aware, naive = pa.array([at, None], pa.timestamp("ns", "UTC")), pa.array([None, at.replace(tzinfo=None)])
    good, other = read(parquet({**columns, "created_at": aware}), "a.parquet", "repository")
    assert isinstance(good, Event)
    assert isinstance(other, Event)
    assert good.carried == {"name", "created_at"}
    assert other.carried == {"name"}
    assert good.extra == {"seen": "2026-01-01T00:00:00+00:00"}
    assert [
        line for line, _ in rejections(read(parquet({**columns, "created_at": naive}), "a.parquet", "repository"))
    ] == [2]


def test_values_of_parquet_that_no_event_has_are_rejected_alone() -> None:
    far = pa.array([2**62, 0], pa.int64()).cast(pa.timestamp("us", "UTC"))
    columns = {"source": ["s", "s"], "id": ["1", "2"], "name": ["a", "b"], "created_at": far}
    first, second = read(parquet(columns), "a.parquet", "repository")
    assert isinstance(first, Rejected)
    assert isinstance(second, Event)
    (raw,) = read(parquet({"source": ["s"], "id": ["1"], "name": ["a"], "note": [b"\xff"]}), "a.parquet", "repository")
    assert isinstance(raw, Rejected)


def test_what_is_no_parquet_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no readable Parquet"):
        read(b"PAR1 nonsense", str(tmp_path / "a.parquet"), "team")


@pytest.mark.parametrize("wrapped", ["{}", "[{}]"], ids=["line", "array"])
def test_a_name_too_long_to_be_one_is_rejected_in_a_line_as_in_an_array(wrapped: str) -> None:
    long = json.dumps({"type": "service", "source": "s", "id": "1", "name": "x" * 5_000})
    ((_, reason),) = rejections(read(wrapped.replace("{}", long)))
    assert "name: String should have at most 4096 characters" in reason


def test_a_text_beyond_the_size_of_an_event_is_rejected_in_an_array_too() -> None:
    given = {"type": "incident", "source": "s", "id": "1", "title": "x" * (LINE_LIMIT + 1)}
    ((_, reason),) = rejections(read(json.dumps([given])))
    assert "an event has at most 4,194,304 bytes" in reason
