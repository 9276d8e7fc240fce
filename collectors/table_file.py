"""Lists that people keep in a file: reading it, its CSV rows by line, and dates as people write them."""

from __future__ import annotations

import csv
import difflib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Rejection
from tribometer.errors import SourceGone, SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
SEPARATOR = ";"
LINE_LIMIT = 1 << 20


class BadHeader(ValueError):
    """The first line names no column that is known."""


@dataclass(frozen=True)
class Row:
    """One row: the line it ends on, its text by column (empty cells left out)."""

    line: int
    cells: Mapping[str, str]

    def refused(self, reason: str) -> Rejection:
        """The row as a rejection that names its line."""
        content = ", ".join(f"{column}={cell}" for column, cell in self.cells.items())
        return Rejection(content, f"line {self.line}: {reason}")


@dataclass(frozen=True)
class Table:
    """The columns in lower case, the rows that fit them, and those that do not, with the reason."""

    columns: tuple[str, ...]
    rows: Sequence[Row]
    rejected: Sequence[tuple[Row, str]]


def read_bytes(path: Path, source: str) -> bytes:
    """The file's content; raise `SourceError` with what to do when there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SourceMissing(source, f"{path} is not there", "Put the file there, or correct `file`") from None
    except OSError as error:
        raise SourceGone(source, f"{path}: {error.strerror}", "Check the file and who may read it") from error


def decoded(content: bytes, path: Path, source: str) -> str:
    """The text of a UTF-8 file, with or without its mark; raise `SourceGone` for another encoding."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceGone(source, f"{path}, line {line}: not UTF-8", "Save the file as UTF-8") from None


def read_table(text: str, known: Collection[str]) -> Table:
    """Read CSV (RFC 4180) with a header, whose letter case does not matter; raise `BadHeader` for one that is none."""
    csv.field_size_limit(LINE_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines = _lines(reader)
    header = tuple(cell.strip().lower() for cell in next((cells for _, cells in lines if isinstance(cells, list)), ()))
    if not set(known) & set(header):
        raise BadHeader(f"its first line names none of the columns {', '.join(known)}, separated by commas")
    rows, rejected = list[Row](), list[tuple[Row, str]]()
    for line, cells in lines:
        if isinstance(cells, str):
            rejected.append((Row(line, {}), cells))
            continue
        row = Row(line, {column: cell.strip() for column, cell in zip(header, cells, strict=False) if cell.strip()})
        if len(cells) > len(header):
            rejected.append((row, f"has {len(cells)} cells, the header {len(header)}"))
        else:
            rows.append(row)
    return Table(header, rows, rejected)


def _lines(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str] | str]]:
    """Rows that hold something, with the line they end on; the words of the parser for what is none."""
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, str(error)  # type: ignore[attr-defined]
            continue
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells  # type: ignore[attr-defined]


def unknown_columns(columns: Collection[str], known: Collection[str]) -> Iterator[Remark]:
    """Remark on each column that is not read."""
    for column in columns:
        if column and column not in known:
            close = difflib.get_close_matches(column, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
            yield Remark(f"the column {column!r} is not read", f"Rename it or leave it as it is; {hint}")


def listed(text: str) -> list[str]:
    """The parts of a cell that holds several, separated by semicolons."""
    return [part.strip() for part in text.split(SEPARATOR) if part.strip()]


def instant(text: str) -> str:
    """A time as it stands; a date without one is its midnight in UTC."""
    return f"{text}T00:00:00Z" if DATE.fullmatch(text) else text
