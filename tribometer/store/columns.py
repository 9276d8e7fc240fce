"""Events as rows of their table, rows as Arrow columns: the only place that knows how a value lies in the store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tribometer.store.merge import Row, Statement
from tribometer.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tribometer.events import Event, FileChange, Reference
    from tribometer.store.tables import Column, Table

Key = tuple[str, str]
"""(source, id)"""

FILE_CHANGE = pa.struct([("path", pa.string()), ("additions", pa.int64()), ("deletions", pa.int64())])
ARROW_TYPES: Mapping[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR[]": pa.list_(pa.string()),
    "STRUCT(path VARCHAR, additions BIGINT, deletions BIGINT)[]": pa.list_(FILE_CHANGE),
}
KEYS = pa.schema([("source", pa.string()), ("id", pa.string())])
BOOKKEEPING = pa.schema([*KEYS, ("version", pa.int64()), ("lagging", pa.string()), ("extra", pa.string())])


@dataclass(frozen=True)
class Layout:
    """How the fields of one type become cells: most as they are, the rest by ``converted``."""

    fields: frozenset[str]
    plain: tuple[str, ...]
    converted: tuple[tuple[str, Callable[[Any, str], Any]], ...]


def json_text(value: object) -> str:
    """One text for equal values: sorted names, no blanks."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def statement_of(event: Event) -> Statement:
    """The event as it bears on its row."""
    values = event.__dict__
    layout = layout_of(event.TYPE)
    cells = {field: values[field] for field in layout.plain}
    for field, convert in layout.converted:
        value = values[field]
        cells[field] = None if value is None else convert(value, event.source)
    return Statement(event.TYPE, cells, layout.fields & event.model_fields_set, event.order, event.extra)


def key_table(keys: Iterable[Key]) -> pa.Table:
    """Keys as an Arrow table of the columns ``source`` and ``id``."""
    pairs = list(keys)
    arrays = [pa.array([pair[part] for pair in pairs], pa.string()) for part in (0, 1)]
    return pa.Table.from_arrays(arrays, schema=KEYS)


def row_table(rows: Mapping[Key, Row], table: Table) -> pa.Table:
    """Rows as an Arrow table with the columns of the stored one."""
    schema = pa.schema([*BOOKKEEPING, *((each.name, ARROW_TYPES[each.sql_type]) for each in table.columns)])
    columns = [*_bookkeeping(rows), *(_column(rows.values(), each) for each in table.columns)]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def stored_row(line: Sequence[Any], table: Table) -> tuple[Key, Row]:
    """Key and row of a line fetched with the columns of `row_table`."""
    source, identity, version, lagging, extra, *values = line
    cells: dict[str, Any] = {}
    for column, value in zip(table.columns, values, strict=True):
        if column.part == "id":
            cells[column.field] = None if value is None else (cells[column.field], value)
        elif column.field == "file_changes" and value is not None:
            cells[column.field] = [tuple(each.values()) for each in value]
        else:
            cells[column.field] = value
    return (source, identity), Row(cells, version, _object(lagging), _object(extra))


@cache
def layout_of(event_type: str) -> Layout:
    """The layout of an event type."""
    kinds = {column.field: kind_of(column) for column in TABLES[event_type].columns}
    converted = tuple((field, CONVERT[kind]) for field, kind in kinds.items() if kind in CONVERT)
    plain = tuple(field for field, kind in kinds.items() if kind not in CONVERT)
    return Layout(frozenset(kinds), plain, converted)


def _bookkeeping(rows: Mapping[Key, Row]) -> Iterator[list[Any]]:
    yield [source for source, _ in rows]
    yield [identity for _, identity in rows]
    yield [row.version for row in rows.values()]
    yield [json_text(row.lagging) if row.lagging else None for row in rows.values()]
    yield [json_text(row.extra) if row.extra else None for row in rows.values()]


def _column(rows: Iterable[Row], column: Column) -> list[Any]:
    cells = [row.cells[column.field] for row in rows]
    if column.part is None:
        return cells
    part = ("source", "id").index(column.part)
    return [None if cell is None else cell[part] for cell in cells]


def _object(text: str | None) -> dict[str, Any]:
    return json.loads(text) if text else {}


def kind_of(column: Column) -> str:
    """Which conversion a column takes: its SQL type, but for references and trailers."""
    if column.part:
        return "reference"
    return column.field if column.field == "trailers" else column.sql_type


def _instant(value: Any, _source: str) -> Any:  # noqa: ANN401 - a time
    """Events hold UTC, the store holds UTC without saying so."""
    return value.replace(tzinfo=None)


def _reference(value: Reference, source: str) -> Key:
    return value.source or source, value.id


def _file_changes(value: Sequence[FileChange], _source: str) -> list[tuple[Any, ...]]:
    return [(each.path, each.additions, each.deletions) for each in value]


def _trailers(value: Mapping[str, Sequence[str]], _source: str) -> str:
    return json_text(value)


CONVERT: Mapping[str, Callable[[Any, str], Any]] = {
    "TIMESTAMP": _instant,
    "STRUCT(path VARCHAR, additions BIGINT, deletions BIGINT)[]": _file_changes,
    "reference": _reference,
    "trailers": _trailers,
}
