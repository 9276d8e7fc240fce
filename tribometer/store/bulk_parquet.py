"""Parquet column by column: which Arrow types hold a field as it lies in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tribometer.errors import UsageError
from tribometer.store.bulk_rules import ROW_WISE, rules_of
from tribometer.store.bulk_screen import FILE_CHANGES, NOTHING, ColumnBatch, Reading, instant, screen, version_of
from tribometer.store.columns import FILE_CHANGE
from tribometer.store.parquet_file import read_rows
from tribometer.store.tabular import targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tribometer.events import Event
    from tribometer.store.bulk_rules import Rule
    from tribometer.store.rejects import Rejected
    from tribometer.store.tabular import Target

BATCH_BYTES = 128 * 2**20
UTC = frozenset({"UTC", "Etc/UTC", "Z", "+00:00"})


def read_parquet_columns(file: BinaryIO, origin: str, event_type: str, rows: int) -> Iterator[ColumnBatch]:
    """Cut a file into batches of at most so many rows; raises `UsageError` where it is no Parquet."""
    first = 0
    try:
        source = pq.ParquetFile(file)
        columns = targets(event_type, source.schema_arrow.names, origin)
        for batch in source.iter_batches(min(rows, _fitting(source.metadata))):
            yield _column_batch(batch, first, columns, origin, event_type)
            first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise UsageError(f"{origin}: no readable Parquet after row {first}: {error}") from error


def _fitting(metadata: pq.FileMetaData) -> int:
    """Rows of the file's mean size that fit into memory comfortably."""
    size = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    return int(max(1, BATCH_BYTES * metadata.num_rows // max(size, 1)))


def _column_batch(
    batch: pa.RecordBatch, first: int, columns: Sequence[Target], origin: str, event_type: str
) -> ColumnBatch:
    def rows(places: Sequence[int]) -> Iterator[Event | Rejected]:
        chosen = batch.take(pa.array(places, pa.int64()))
        return read_rows(chosen, [first + place + 1 for place in places], columns, origin, event_type)

    names = [f"c{number}" for number in range(batch.num_columns)]
    arrays = [_plain(column) for column in batch.columns]
    cells = pa.table([*arrays, pa.array(range(batch.num_rows), pa.int64())], [*names, "place"])
    screens = {}
    if event_type not in ROW_WISE and _valid(arrays):
        cell_types = {name: _spelled_out(column.type) for name, column in zip(names, batch.columns, strict=True)}
        fields = {rule.name for rule in rules_of(event_type)}
        strange = [
            _strange(target, name, cell_types[name], event_type)
            for target, name in zip(columns, names, strict=True)
            if target.field not in fields
        ]
        readings = _readings(event_type, columns, cell_types)
        screens = {event_type: screen(event_type, readings, strange)}
    return ColumnBatch(cells, f"SELECT *, '{event_type}' AS type FROM raw", screens, rows)  # noqa: S608 - a known type


def _spelled_out(cell_type: pa.DataType) -> pa.DataType:
    return cell_type.value_type if pa.types.is_dictionary(cell_type) else cell_type


def _plain(array: pa.Array) -> pa.Array:
    """The column as DuckDB takes it: dictionaries spelled out, UTC times without a zone.

    Of a type that holds no field, which DuckDB may not know, only where there is a value.
    """
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if _is_utc(array.type):
        array = array.cast(pa.timestamp("us", "UTC"), safe=False).view(pa.timestamp("us"))
    if not any(holds(array.type) for holds in HOLDING):
        array = pc.if_else(array.is_valid(), True, None)  # noqa: FBT003 - a value, not an option
    return array


def _valid(arrays: Sequence[pa.Array]) -> bool:
    """Whether all texts are UTF-8, which no reader of Parquet has checked yet."""
    try:
        for each in arrays:
            each.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _strange(target: Target, name: str, cell_type: pa.DataType, event_type: str) -> str:
    """What must hold of a column that is no field: it is empty, or says the type that is known."""
    if target.field == "type" and _is_text(cell_type):
        return f"coalesce({name} = '{event_type}', true)"
    return f"{name} IS NULL"


def _readings(event_type: str, columns: Sequence[Target], cell_types: Mapping[str, pa.DataType]) -> dict[str, Reading]:
    """A reading for every field that has a column."""
    found: dict[str, Reading] = {}
    for rule in rules_of(event_type):
        mine = {
            target.part: name
            for target, name in zip(columns, cell_types, strict=True)
            if target.field == rule.name and target.sql_type
        }
        if not mine:
            continue
        given = " OR ".join(f"{name} IS NOT NULL" for name in mine.values())
        if rule.kind == "reference":
            source = found["source"].values[0] if "source" in found else NOTHING
            found[rule.field] = Reading(_reference(mine, cell_types, source), given)
        else:
            found[rule.field] = Reading((_value(rule, mine[None], cell_types[mine[None]]),), given)
    return found


def _value(rule: Rule, name: str, cell_type: pa.DataType) -> str:
    """A cell as the column holds it; null where it does not fit."""
    if FITTING[rule.kind](cell_type):
        return f"CAST({name} AS {rule.columns[0].sql_type})"
    if rule.numbered and pa.types.is_integer(cell_type):
        return f"CAST({name} AS VARCHAR)"
    if rule.kind in {"TIMESTAMP", "version"} and (_is_text(cell_type) or _is_utc(cell_type)):
        moment = instant(name) if _is_text(cell_type) else name
        return moment if rule.kind == "TIMESTAMP" else version_of(moment)
    return f"CAST(NULL AS {rule.columns[0].sql_type})"


def _reference(mine: Mapping[str | None, str], cell_types: Mapping[str, pa.DataType], own: str) -> tuple[str, str]:
    """Source and id of a reference; a row that states it twice, or a part in another type than text, does not fit."""
    whole = mine.get(None)
    parts = {part: name for part, name in mine.items() if part}
    if whole is None and all(_is_text(cell_types[name]) for name in parts.values()):
        identity = parts.get("id", NOTHING)
        return f"CASE WHEN {identity} IS NOT NULL THEN coalesce({parts.get('source', NOTHING)}, {own}) END", identity
    if whole is not None and not parts and _is_reference(cell_types[whole]):
        source, identity = (f"CAST({whole}['{part}'] AS VARCHAR)" for part in ("source", "id"))
        return f"CASE WHEN {identity} IS NOT NULL THEN coalesce({source}, {own}) END", identity
    if whole is not None and not parts and (_is_text(cell_types[whole]) or pa.types.is_integer(cell_types[whole])):
        return f"CASE WHEN {whole} IS NOT NULL THEN {own} END", f"CAST({whole} AS VARCHAR)"
    return NOTHING, NOTHING


def _is_text(cell_type: pa.DataType) -> bool:
    return cell_type in {pa.string(), pa.large_string(), pa.string_view()}


def _is_utc(cell_type: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(cell_type)) and cell_type.tz in UTC


def _is_whole(cell_type: pa.DataType) -> bool:
    return bool(pa.types.is_integer(cell_type)) and cell_type != pa.uint64()


def _is_number(cell_type: pa.DataType) -> bool:
    return cell_type in {pa.float32(), pa.float64()} or _is_whole(cell_type)


def _is_texts(cell_type: pa.DataType) -> bool:
    return _is_list(cell_type) and _is_text(cell_type.value_type)


def _is_file_changes(cell_type: pa.DataType) -> bool:
    return _is_list(cell_type) and bool(cell_type.value_type == FILE_CHANGE)


def _is_list(cell_type: pa.DataType) -> bool:
    return bool(pa.types.is_list(cell_type) or pa.types.is_large_list(cell_type))


def _is_reference(cell_type: pa.DataType) -> bool:
    """A struct of a source and an id, both texts."""
    return (
        bool(pa.types.is_struct(cell_type))
        and {each.name for each in cell_type} == {"source", "id"}
        and all(_is_text(each.type) or each.type == pa.null() for each in cell_type)
    )


FITTING: Mapping[str, Callable[[pa.DataType], bool]] = {
    "VARCHAR": _is_text,
    "BIGINT": _is_whole,
    "version": _is_whole,
    "DOUBLE": _is_number,
    "BOOLEAN": pa.types.is_boolean,
    "TIMESTAMP": lambda _: False,
    "VARCHAR[]": _is_texts,
    FILE_CHANGES: _is_file_changes,
    "trailers": lambda _: False,
}
"""By kind of field: whether cells of a type hold its values as they are."""
HOLDING: Sequence[Callable[[pa.DataType], bool]] = (
    *FITTING.values(),
    _is_reference,
    pa.types.is_integer,
    pa.types.is_timestamp,
)
"""Whether cells of a type may hold a field's value in any way."""
