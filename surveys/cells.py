"""The rows of a spreadsheet as texts: CSV in Unicode, or one sheet of an XLSX workbook."""

from __future__ import annotations

import csv
import warnings
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, field, replace
from datetime import date, time
from io import BytesIO, StringIO
from itertools import islice
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FILE_LIMIT = 32 * 2**20
UNPACKED_LIMIT = 256 * 2**20
ROW_LIMIT = 100_000
COLUMN_LIMIT = 2_000
DELIMITERS = (",", ";", "\t")
SAMPLE = 20
XLSX, XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
DAMAGE = (
    BadZipFile, ParseError, zlib.error, LookupError, ValueError, TypeError, AttributeError, EOFError, OSError,
    NotImplementedError, RuntimeError,
)  # fmt: skip
"""What openpyxl raises for a workbook that is damaged or protected: it documents none of it."""


@dataclass(frozen=True)
class Cells:
    """A row: its line in the file, a text per column of the header, and the places of cells that are formulas.

    ``problem``: why it has no such texts.
    """

    line: int
    texts: tuple[str, ...] = field(repr=False)
    formulas: frozenset[int] = frozenset()
    problem: str | None = None


def rows(content: bytes, name: str, sheet: str | None = None) -> list[Cells]:
    """The rows that are not empty, the header first; `UsageError` for what is no table, or one beyond the limits."""
    if len(content) > FILE_LIMIT:
        raise UsageError(f"{name}: more than {FILE_LIMIT >> 20} MB. Split it; one wave may come in several files.")
    if content.startswith(XLS):
        raise UsageError(
            f"{name}: an old or protected Excel file. Save it as XLSX without a password, or as CSV UTF-8."
        )
    is_workbook = content.startswith(XLSX)
    found = [each for each in (_workbook if is_workbook else _text_table)(content, name, sheet) if _says(each)]
    if not found:
        raise UsageError(f"{name}: there is nothing in it. The first row names the columns.")
    header = found[0]
    names = _trimmed(header.texts)
    if header.problem or not names or len(names) > COLUMN_LIMIT:
        raise UsageError(f"{name}: the header in line {header.line} cannot be read: {header.problem or 'its columns'}.")
    fit = _padded if is_workbook else _checked
    return [replace(header, texts=names), *(fit(each, len(names)) for each in found[1:])]


def _says(cells: Cells) -> bool:
    return bool(cells.problem or cells.formulas) or any(text.strip() for text in cells.texts)


def _trimmed(texts: Sequence[str]) -> tuple[str, ...]:
    end = next((place for place in range(len(texts), 0, -1) if texts[place - 1].strip()), 0)
    return tuple(texts[:end])


def _padded(cells: Cells, width: int) -> Cells:
    """A sheet stores no empty cells at the end of a row, and what stands beside the table is none of it."""
    return replace(cells, texts=(*cells.texts, *("",) * (width - len(cells.texts)))[:width])


def _checked(cells: Cells, width: int) -> Cells:
    if cells.problem or (len(cells.texts) >= width and not _trimmed(cells.texts[width:])):
        return replace(cells, texts=cells.texts[:width])
    return Cells(cells.line, (), problem=f"it has {len(cells.texts)} cells, the header {width}")


def _text_table(content: bytes, name: str, _sheet: str | None) -> Iterator[Cells]:
    text = _decoded(content, name)
    delimiter = max(DELIMITERS, key=lambda each: _regularity(text, each))
    for count, cells in enumerate(_records(text, delimiter), start=1):
        if count > ROW_LIMIT:
            raise UsageError(f"{name}: more than {ROW_LIMIT:,} rows. Split it.")
        yield cells


def _decoded(content: bytes, name: str) -> str:
    encoding = "utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{name}: line {line} is not {encoding[:-4].upper()}. Save the file as CSV UTF-8, or as XLSX."
        ) from None
    if "\0" in text:
        raise UsageError(f"{name}: this is no text in UTF-8. Save the file as CSV UTF-8, or as XLSX.")
    return text


def _regularity(text: str, delimiter: str) -> tuple[bool, int]:
    """Whether the first rows have equally many cells, more than one, and how many the first has."""
    widths = [
        len(each.texts) for each in islice(_records(text, delimiter), SAMPLE) if not each.problem and any(each.texts)
    ]
    first = widths[0] if widths else 0
    return first > 1 and len(set(widths)) == 1, first


def _records(text: str, delimiter: str) -> Iterator[Cells]:
    # strict: a quote that is never closed shall not swallow the rest of the file as one answer
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield Cells(line, tuple(next(reader)))
        except StopIteration:
            return
        except csv.Error as error:
            yield Cells(line, (), problem=f"it is no CSV: {error}")


def _workbook(content: bytes, name: str, sheet: str | None) -> list[Cells]:
    from openpyxl import load_workbook  # noqa: PLC0415 - a quarter of a second that only workbooks need

    try:
        with ZipFile(BytesIO(content)) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
        if unpacked > UNPACKED_LIMIT:
            raise UsageError(f"{name}: it unpacks to more than {UNPACKED_LIMIT >> 20} MB. Save the one sheet alone.")
        with warnings.catch_warnings():
            # styles that a survey tool left out are worth a warning to the library, and nobody else
            warnings.simplefilter("ignore")
            book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
            return _sheet(_chosen(book, name, sheet), name)
    except DAMAGE as error:
        raise UsageError(
            f"{name}: this workbook cannot be read ({type(error).__name__}). Save it again, or as CSV UTF-8."
        ) from None


def _chosen(book: Any, name: str, sheet: str | None) -> Any:  # noqa: ANN401 - openpyxl ships no types
    sheets = {each.title: each for each in book.worksheets if each.sheet_state == "visible" or each.title == sheet}
    if sheet is None and len(sheets) == 1:
        return next(iter(sheets.values()))
    if sheet not in sheets:
        listed = ", ".join(map(repr, sheets)) or "none"
        raise UsageError(
            f'{name}: say which sheet holds the answers, in the header map: sheet = "…"; there are {listed}.'
        )
    return sheets[sheet]


def _sheet(sheet: Any, name: str) -> list[Cells]:  # noqa: ANN401 - as above
    # the size that a sheet states may be any, and every row would be filled up to it
    sheet.reset_dimensions()
    found = []
    for line, row in enumerate(sheet.iter_rows(), start=1):
        if line > ROW_LIMIT:
            raise UsageError(f"{name}: more than {ROW_LIMIT:,} rows. Split it.")
        cells = row[:COLUMN_LIMIT]
        formulas = frozenset(place for place, cell in enumerate(cells) if cell.data_type == "f")
        found.append(Cells(line, _trimmed([_text(cell) for cell in cells]), formulas))
    return found


def _text(cell: Any) -> str:  # noqa: ANN401 - as above
    value = cell.value
    if value is None or cell.data_type == "f":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        number = round(value * 100 if "%" in cell.number_format else value, 9)
        return str(int(number)) if number == int(number) else str(number)
    # a workbook can write marks that no text has: halves of a pair, and the end of a string
    return str(value).replace("\0", "").encode("utf-8", "replace").decode()
