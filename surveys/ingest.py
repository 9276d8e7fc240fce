"""Answers from a file: one row per respondent, a column per item, as the contract or a header map says.

A row counts as a whole or not at all: one with a cell that is no answer is told with its line and what would be
possible, and everything else lands. Of several rows of one respondent the latest counts. Without anything that tells
respondents apart a row is known by its content, so that reading a file twice still changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from surveys import cells, headers
from surveys.header_maps import PLAIN
from surveys.rows import BadRow, Row, RowReader
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from surveys.cells import Cells
    from surveys.header_maps import HeaderMap
    from surveys.instrument import Instrument

IMPORT_ID = '{"ImportId"'
HEADER_ROWS = 4
LISTED = 10


@dataclass(frozen=True)
class Reading:
    """What a file says. ``unknown`` are headers that are no item's, ``notes`` what else is worth telling."""

    rows: tuple[Row, ...]
    bad: tuple[BadRow, ...]
    unknown: tuple[str, ...]
    notes: tuple[str, ...]


def read(content: bytes, name: str, instrument: Instrument, header_map: HeaderMap = PLAIN) -> Reading:
    """Read a CSV or XLSX file; `UsageError` where it is none, or no column of it is an item of the instrument."""
    table = cells.rows(content, name, header_map.sheet)
    header, questions, body = _parts(table, header_map)
    columns = headers.match(header, questions, instrument, header_map)
    if not columns.has("answer", "comment", "choice"):
        raise UsageError(
            f"{name}: the header names no item of {instrument.slug}. Name the columns by the ids of its items, like "
            f"{instrument.items[0].keys[0]}, or by its questions, or give a header map with --map."
        )
    reader = RowReader(instrument, header_map, columns)
    read_rows = [reader.row(each) for each in body if not reader.is_skipped(each)]
    good = [each for each in read_rows if isinstance(each, Row)]
    latest = _latest(good)
    notes = (*reader.notes(len(body) - len(read_rows)), *_repeated(good, latest))
    return Reading(latest, tuple(each for each in read_rows if isinstance(each, BadRow)), columns.unknown, notes)


def _parts(
    table: Sequence[Cells], header_map: HeaderMap
) -> tuple[tuple[str, ...], tuple[str, ...] | None, Sequence[Cells]]:
    """The header, the question texts below it where a row of import ids follows, and the rows of respondents."""
    ids = [
        place for place, row in enumerate(table[:HEADER_ROWS]) if any(each.startswith(IMPORT_ID) for each in row.texts)
    ]
    last = ids[0] if ids else 0
    questions = table[1].texts if last > 1 and not table[1].problem else None
    return table[0].texts, questions, table[last + 1 + header_map.skip_rows :]


def _latest(rows: Iterable[Row]) -> tuple[Row, ...]:
    found: dict[str, Row] = {}
    for row in rows:
        before = found.get(row.respondent)
        if before is None or not _is_later(before, row):
            found[row.respondent] = row
    return tuple(found.values())


def _is_later(row: Row, other: Row) -> bool:
    if row.submitted_at is None or other.submitted_at is None:
        return row.line > other.line
    return (row.submitted_at, row.line) > (other.submitted_at, other.line)


def _repeated(rows: Sequence[Row], latest: Sequence[Row]) -> Iterable[str]:
    lines = sorted({row.line for row in rows} - {row.line for row in latest})
    if lines:
        more = f" and {len(lines) - LISTED:,} more" if len(lines) > LISTED else ""
        yield (
            "A respondent stands in several rows, of which the latest counts; not counted: "
            f"lines {', '.join(map(str, lines[:LISTED]))}{more}."
        )
