"""Events of one type from Parquet: columns as in CSV, null says nothing, times need a zone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from tribometer.errors import EventRejected, UsageError
from tribometer.store.json_lines import storable_event
from tribometer.store.rejects import Rejected
from tribometer.store.tabular import content_of, object_of, targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tribometer.events import Event
    from tribometer.store.tabular import Target

BATCH_ROWS = 1_000


def read_parquet(file: BinaryIO, origin: str, event_type: str) -> Iterator[Event | Rejected]:
    """Every row as an event or as the rejection it becomes; raises `UsageError` where the file is no Parquet."""
    number = 0
    try:
        source = pq.ParquetFile(file)
        columns = targets(event_type, source.schema_arrow.names, origin)
        for batch in source.iter_batches(BATCH_ROWS):
            yield from read_rows(batch, range(number + 1, number + batch.num_rows + 1), columns, origin, event_type)
            number += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise UsageError(f"{origin}: no readable Parquet after row {number}: {error}") from error


def read_rows(
    batch: pa.RecordBatch, numbers: Iterable[int], columns: Sequence[Target], origin: str, event_type: str
) -> Iterator[Event | Rejected]:
    """The rows of a batch, of these numbers, as events or as the rejections they become."""
    for number, row in zip(numbers, _rows(batch), strict=True):
        yield _read_row(row, number, columns, origin, event_type)


def _rows(batch: pa.RecordBatch) -> Iterator[list[Any] | str]:
    """Rows as lists of cells; a text says why a row has no Python values."""
    batch = batch.cast(pa.schema([_microseconds(field) for field in batch.schema]), safe=False)
    try:
        yield from _cells(batch)
    except (ValueError, OverflowError):
        for place in range(batch.num_rows):
            try:
                yield from _cells(batch.slice(place, 1))
            except (ValueError, OverflowError) as error:
                yield f"a value has no counterpart: {error}"


def _cells(batch: pa.RecordBatch) -> list[list[Any]]:
    columns = [column.to_pylist() for column in batch.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _microseconds(field: pa.Field) -> pa.Field:
    """Python's times hold no nanoseconds."""
    if not pa.types.is_timestamp(field.type):
        return field
    return field.with_type(pa.timestamp("us", field.type.tz))


def _read_row(
    row: list[Any] | str, number: int, columns: Sequence[Target], origin: str, event_type: str
) -> Event | Rejected:
    if isinstance(row, str):
        return Rejected(origin, number, row, "")
    data = object_of(columns, [_value(target, cell) for target, cell in zip(columns, row, strict=True)])
    try:
        return storable_event(data, event_type)
    except EventRejected as error:
        return Rejected(origin, number, error.reason, content_of(event_type, data))


def _value(target: Target, cell: Any) -> Any:  # noqa: ANN401 - any value of a file
    """The cell as an event has it: maps as objects, times in unknown fields as text."""
    if target.sql_type == "object" and isinstance(cell, list):
        return dict(cell) if all(isinstance(pair, tuple) for pair in cell) else cell
    if target.sql_type is None and isinstance(cell, datetime):
        return cell.isoformat()
    return cell
