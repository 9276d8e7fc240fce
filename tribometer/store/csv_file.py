"""Events of one type from CSV (RFC 4180): the header names the fields, an empty cell says nothing."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, BinaryIO

from tribometer.errors import EventRejected, UsageError
from tribometer.store.json_lines import storable_event
from tribometer.store.lines import LINE_LIMIT, lines
from tribometer.store.rejects import Rejected
from tribometer.store.tabular import content_of, object_of, targets, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tribometer.events import Event
    from tribometer.store.lines import Line
    from tribometer.store.tabular import Target


class _BadLine(Exception):
    """A line that cannot be part of any record."""


class Record:
    """Feeds lines to the CSV parser and remembers those of the record at hand."""

    def __init__(self, file: BinaryIO, first: int = 1) -> None:
        self._lines = lines(file, first)
        self.read: list[Line] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.read.append(line)
        if line.too_long:
            raise _BadLine(f"the line has {line.size:,} bytes; an event has at most {LINE_LIMIT:,}")
        try:
            return line.content.decode() + "\n"
        except UnicodeDecodeError as error:
            raise _BadLine(f"not UTF-8: byte {line.content[error.start]:#04x}") from None

    def rejected(self, origin: str, reason: str) -> Rejected:
        """The record at hand as a rejection."""
        content = b"\n".join(line.content for line in self.read)
        size = max(len(content), sum(line.size for line in self.read))
        return Rejected(origin, self.read[0].number if self.read else None, reason, content, size)


def read_csv(file: BinaryIO, origin: str, event_type: str) -> Iterator[Event | Rejected]:
    """Every record as an event or as the rejection it becomes; raises `UsageError` for a header that is none."""
    record = Record(file)
    columns = read_header(record, origin, event_type)
    if columns:
        yield from read_records(record, columns, origin, event_type)


def read_header(record: Record, origin: str, event_type: str) -> list[Target]:
    """What each column fills, nothing in an empty file; raises `UsageError` for a header that is none."""
    csv.field_size_limit(LINE_LIMIT)
    try:
        cells = next((each for each in csv.reader(record) if each), None)
    except (csv.Error, _BadLine) as error:
        raise UsageError(f"{origin}: the header cannot be read: {error}") from None
    return targets(event_type, cells, origin) if cells else []


def read_records(record: Record, columns: Sequence[Target], origin: str, event_type: str) -> Iterator[Event | Rejected]:
    """The records that follow as events or as the rejections they become."""
    parser = csv.reader(record)
    while True:
        record.read.clear()
        try:
            cells = next(parser)
        except StopIteration:
            return
        except (csv.Error, _BadLine) as error:
            yield record.rejected(origin, str(error))
            continue
        if cells:
            yield _read_record(record, cells, columns, origin, event_type)


def _read_record(
    record: Record, cells: Sequence[str], columns: Sequence[Target], origin: str, event_type: str
) -> Event | Rejected:
    if len(cells) != len(columns):
        return record.rejected(origin, f"the record has {len(cells)} cells, the header {len(columns)}")
    data = object_of(columns, [value_of(target, cell) for target, cell in zip(columns, cells, strict=True)])
    try:
        return storable_event(data, event_type)
    except EventRejected as error:
        return Rejected(origin, record.read[0].number, error.reason, content_of(event_type, data))
