"""Files into the store: read in a stream, landed in batches, each batch whole."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tribometer.errors import UsageError
from tribometer.events import EVENT_TYPES, Event
from tribometer.store.bulk_csv import read_csv_columns
from tribometer.store.bulk_json import read_json_columns
from tribometer.store.bulk_parquet import read_parquet_columns
from tribometer.store.bulk_screen import ColumnBatch
from tribometer.store.csv_file import read_csv
from tribometer.store.json_lines import read_json_array, read_json_lines
from tribometer.store.landing import Landed
from tribometer.store.lines import BYTE_ORDER_MARK
from tribometer.store.parquet_file import read_parquet
from tribometer.store.rejects import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tribometer.store.event_store import EventStore

BATCH_EVENTS = 5_000
BATCH_BYTES = 32 * 2**20
STANDARD_INPUT = "-"
TABULAR = frozenset({".csv", ".parquet"})


@dataclass(frozen=True)
class ImportProgress:
    """How far an import is: bytes read of the file at hand (``bytes_total`` None: unknown), and what has landed."""

    file: str
    bytes_read: int
    bytes_total: int | None
    landed: Landed


@dataclass(frozen=True)
class ImportSummary:
    """What an import did; ``errors`` names the files that could not be read to their end."""

    files: int
    new: int
    updated: int
    unchanged: int
    rejected: int
    errors: tuple[UsageError, ...] = ()


@dataclass(frozen=True)
class ByColumn:
    """Which files are read column by column, those of ``least_bytes`` or more, and how many rows land together."""

    least_bytes: int = 2**20
    rows: int = 131_072


BY_COLUMN = ByColumn()
Part = ColumnBatch | Iterable[Event | Rejected]
"""A piece of a file that is read by columns: rows as columns, or rows that can only be read one by one."""


def import_files(  # noqa: PLR0913 - each option by its name
    store: EventStore,
    paths: Iterable[str | Path],
    default_type: str | None = None,
    *,
    progress: Callable[[ImportProgress], None] = lambda _: None,
    standard_input: BinaryIO | None = None,
    streams: Mapping[str, BinaryIO] | None = None,
    batch_events: int = BATCH_EVENTS,
    columns: ByColumn | None = BY_COLUMN,
    refresh: bool = True,
) -> ImportSummary:
    """Land every event of the files and derive what follows; a bad line or a missing file never stops the rest.

    ``.csv`` and ``.parquet`` need ``default_type``; ``-`` reads JSON Lines from standard input. ``streams`` gives the
    bytes of files that are open already, by the name to report. ``batch_events`` land in one transaction; large files
    are read by ``columns`` (None: never), which changes nothing but the time it takes. Whoever has further files
    derives once, after the last (``refresh`` False until then).

    Raises `UsageError` for an unknown type only; files that cannot be read stand in the summary.
    """
    if default_type is not None and default_type not in EVENT_TYPES:
        raise UsageError(f"unknown event type {default_type!r}; known types: {', '.join(EVENT_TYPES)}")
    total, errors, names = Landed(), [], [str(path) for path in paths]
    given = dict(streams or {}) | ({STANDARD_INPUT: standard_input} if standard_input else {})
    for name in names:
        try:
            with _opened(name, given) as file:
                size = _size(file)
                for landed in _landings(store, file, name, default_type, batch_events, columns):
                    total += landed
                    progress(ImportProgress(name, _position(file), size, total))
        except UsageError as error:
            errors.append(error)
    if refresh:
        store.refresh()
    return ImportSummary(len(names), total.new, total.updated, total.unchanged, total.rejected, tuple(errors))


def _landings(  # noqa: PLR0913, PLR0917 - a file, and how to read it
    store: EventStore,
    file: BinaryIO,
    name: str,
    default_type: str | None,
    batch_events: int,
    columns: ByColumn | None,
) -> Iterator[Landed]:
    """Land a file's batches, column by column where it is large enough and of a kind that can be."""
    large = columns is not None and (_size(file) or 0) >= columns.least_bytes
    batches = read_columns(file, name, default_type, columns.rows) if columns and large else None
    if batches is None:
        yield from _by_row(store, read_events(file, name, default_type), name, batch_events)
        return
    for batch in _read_through(batches, name):
        rows: Iterable[Event | Rejected] = ()
        if isinstance(batch, ColumnBatch):
            landed = store.land_columns(batch)
            yield landed.landed
            rows = batch.rows(landed.left) if landed.left else ()
        else:
            rows = batch
        if rows:
            yield from _by_row(store, rows, name, batch_events)


def _by_row(store: EventStore, items: Iterable[Event | Rejected], name: str, batch_events: int) -> Iterator[Landed]:
    for batch in _batches(items, name, batch_events):
        yield _land(store, batch)


def _read_through(batches: Iterable[Part], name: str) -> Iterator[Part]:
    try:
        yield from batches
    except OSError as error:
        raise UsageError(f"{name}: reading stopped: {error.strerror}") from error


def read_columns(file: BinaryIO, name: str, default_type: str | None, rows: int) -> Iterator[Part] | None:
    """The rows of a file column by column; None where it is of a kind that can only be read row by row."""
    suffix = Path(name).suffix.lower()
    if suffix in TABULAR:
        read = read_parquet_columns if suffix == ".parquet" else read_csv_columns
        return read(file, name, default_type, rows) if default_type else None
    start = file.tell()
    head = file.read(64).removeprefix(BYTE_ORDER_MARK)
    file.seek(start)
    return None if head.lstrip().startswith(b"[") else read_json_columns(file, name, default_type, rows)


def read_events(file: BinaryIO, name: str, default_type: str | None) -> Iterable[Event | Rejected]:
    """The events of a file by its name's ending; raises `UsageError` where the file is not of that kind."""
    suffix = Path(name).suffix.lower()
    if suffix in TABULAR and default_type is None:
        raise UsageError(f"{name}: say with --type which event type its rows are, e.g. --type deployment")
    if suffix == ".csv":
        return read_csv(file, name, default_type or "")
    if suffix == ".parquet":
        return read_parquet(file, name, default_type or "")
    array = read_json_array(file, name, default_type) if file.seekable() else None
    return read_json_lines(file, name, default_type) if array is None else array


def _land(store: EventStore, batch: Sequence[Event | Rejected]) -> Landed:
    events = [each for each in batch if isinstance(each, Event)]
    return store.land(events, rejected=[each for each in batch if isinstance(each, Rejected)])


def _batches(items: Iterable[Event | Rejected], name: str, batch_events: int) -> Iterator[list[Event | Rejected]]:
    """Cut a stream by number and by the size of what was rejected; the last batch comes before its error."""
    batch: list[Event | Rejected] = []
    kept = 0
    try:
        for item in items:
            batch.append(item)
            kept += len(item.content) if isinstance(item, Rejected) else 0
            if len(batch) >= batch_events or kept >= BATCH_BYTES:
                yield batch
                batch, kept = [], 0
    except UsageError:
        yield batch
        raise
    except OSError as error:
        yield batch
        raise UsageError(f"{name}: reading stopped: {error.strerror}") from error
    yield batch


@contextmanager
def _opened(name: str, streams: Mapping[str, BinaryIO]) -> Iterator[BinaryIO]:
    if name in streams:
        yield streams[name]
        return
    if name == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; only its opening is translated
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or error
        raise UsageError(f"{name}: {problem}") from error
    with file:
        yield file


def _size(file: BinaryIO) -> int | None:
    """Bytes of a regular file; None where nobody knows yet, as of a pipe."""
    try:
        facts = os.fstat(file.fileno())
    except OSError:
        return None
    return facts.st_size if stat.S_ISREG(facts.st_mode) else None


def _position(file: BinaryIO) -> int:
    """Bytes read so far; 0 where the file cannot tell, as a pipe."""
    try:
        return file.tell()
    except OSError:
        return 0
