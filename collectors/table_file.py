"""Lists that people keep in a CSV file: its rows by line, and dates as people write them."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tribometer.errors import EventRejected
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
DATED = "write it year first like 2026-01-31, or with a time and its offset like 2026-01-31T09:30:00+01:00"
COMMA, SEMICOLON = ",", ";"
LINE_LIMIT = 1 << 20


class BadHeader(ValueError):
    """The first line does not say which columns there are."""


@dataclass(frozen=True)
class Row:
    """One row: the line it ends on, its text by column (empty cells left out)."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """The columns in lower case, the rows that fit them, and those that do not, with the reason."""

    columns: tuple[str, ...]
    rows: Sequence[Row]
    rejected: Sequence[tuple[Row, str]]


def read_table(text: str, known: Collection[str]) -> Table:
    """Read CSV (RFC 4180) with a header, whose letter case does not matter; raise `BadHeader` for one that is none.

    Cells are separated by commas, or by semicolons where the header has those alone: spreadsheets write them in
    countries with a decimal comma.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = SEMICOLON if SEMICOLON in first and COMMA not in first else COMMA
    lines = _lines(text, separator)
    header = tuple(cell.strip().lower() for cell in next((cells for _, cells in lines if isinstance(cells, list)), ()))
    _check_header(header, known)
    rows, rejected = list[Row](), list[tuple[Row, str]]()
    for line, cells in lines:
        if isinstance(cells, str):
            rejected.append((Row(line, {}), f"{cells}; a quote in a cell is written twice, and the cell in quotes"))
            continue
        row = Row(line, {column: cell.strip() for column, cell in zip(header, cells, strict=False) if cell.strip()})
        if any(cell.strip() for cell in cells[len(header) :]):
            fix = f"put quotes around a cell with {separator!r} in it"
            rejected.append((row, f"has {len(cells)} cells, the header {len(header)}; {fix}"))
        else:
            rows.append(row)
    return Table(header, rows, rejected)


def _check_header(header: Sequence[str], known: Collection[str]) -> None:
    names = ", ".join(known)
    if not header:
        raise BadHeader(f"it is empty; its first line names columns, some of {names}")
    if not set(known) & set(header):
        raise BadHeader(f"its first line names none of the columns {names}, separated by commas or semicolons")
    twice = [column for column, count in Counter(header).items() if count > 1 and column in known]
    if twice:
        raise BadHeader(f"its first line names the column {twice[0]!r} twice; rename one of them")


def _lines(text: str, separator: str) -> Iterator[tuple[int, list[str] | str]]:
    """Rows that hold something, with the line they end on; the words of the parser for what is none."""
    csv.field_size_limit(LINE_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, str(error)
            continue
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def unknown_columns(columns: Collection[str], known: Collection[str]) -> Iterator[Remark]:
    """Remark on each column that is not read."""
    for column in columns:
        if column and column not in known:
            close = difflib.get_close_matches(column, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
            yield Remark(f"the column {column!r} is not read", f"Rename it or leave it as it is; {hint}")


def listed(text: str) -> list[str]:
    """The parts of a cell that holds several, separated by semicolons."""
    return [part.strip() for part in text.split(SEMICOLON) if part.strip()]


def instant(text: str) -> str:
    """A time as it stands; a date without one is its midnight in UTC."""
    return f"{text}T00:00:00Z" if DATE.fullmatch(text) else text


def check_dates(cells: Mapping[str, object], columns: Collection[str]) -> None:
    """Raise `EventRejected` that names every column whose text is no date, and says how one is written.

    It does not repeat the text: where the cells of a row are shifted, that may name a person.
    """
    texts = {column: str(cells[column]) for column in columns if cells.get(column)}
    wrong = {column: problem for column, text in texts.items() if (problem := _no_date(text))}
    if wrong:
        raise EventRejected(f"{'; '.join(f'{column}: {problem}' for column, problem in wrong.items())}; {DATED}")


def _no_date(text: str) -> str | None:
    """What is wrong with the day a text begins with; its time is for the event to check."""
    if not DATE.match(text):
        return "no date"
    try:
        date.fromisoformat(text[: len("2026-01-31")])
    except ValueError as error:
        return str(error)
    return None


def check_order(begins: datetime | None, ends: datetime | None, columns: tuple[str, str]) -> None:
    """Raise `EventRejected` for a span that ends before it begins."""
    if begins and ends and ends < begins:
        raise EventRejected(f"{columns[1]}: lies before {columns[0]}; correct one of the two")
