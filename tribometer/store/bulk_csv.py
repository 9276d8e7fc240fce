"""CSV column by column, as long as every record is one line."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

import pyarrow.compute as pc

from tribometer.store.bulk_lines import LineBlock, line_blocks
from tribometer.store.bulk_rules import ROW_WISE, rules_of
from tribometer.store.bulk_screen import FILE_CHANGES, NOTHING, ColumnBatch, Reading, instant, screen, version_of
from tribometer.store.csv_file import Record, read_header, read_records
from tribometer.store.tabular import SEPARATOR, TRUTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tribometer.events import Event
    from tribometer.store.rejects import Rejected
    from tribometer.store.tabular import Target

CELL = r'(?:"(?:[^"]|"")*"|[^",]*)'
RECORD = rf"{CELL}(?:,{CELL})*"
# a quoted cell spells its quotes twice
PREPARED = rf"""
SELECT place, '{{type}}' AS type, NOT contains(line, chr(13)) AS whole,
    CASE WHEN contains(line, '"') THEN list_transform(
        regexp_extract_all(',' || line, ',({CELL})', 1),
        lambda cell: CASE WHEN starts_with(cell, '"') THEN replace(cell[2:-2], '""', '"') ELSE cell END
    ) ELSE string_split(line, ',') END AS cell
FROM (SELECT place, rtrim(line, chr(13) || chr(10)) AS line FROM raw)
"""  # noqa: S608 - our own words
NUMBER = r"-?[0-9]{1,18}(\.[0-9]{1,17})?([eE][-+]?[0-9]{1,2})?"
PLAIN = "[!-~]+"
"""Texts that keep all their characters when outer blanks are cut."""


def read_csv_columns(
    file: BinaryIO, origin: str, event_type: str, rows: int
) -> Iterator[ColumnBatch | Iterable[Event | Rejected]]:
    """Cut a file into batches of at most so many lines; from the first record of several lines on, it comes row by row.

    Raises `UsageError` for a header that is none.
    """
    record = Record(file)
    columns = read_header(record, origin, event_type)
    first = record.read[-1].number + 1 if record.read else 1
    start = file.tell()
    for block in line_blocks(file, rows, first) if columns else ():
        if event_type in ROW_WISE or not isinstance(block, LineBlock) or not _is_regular(block):
            file.seek(start)
            yield read_records(Record(file, first), columns, origin, event_type)
            return
        yield _column_batch(block, columns, origin, event_type)
        first += len(block)
        start += len(block.content)


def _is_regular(block: LineBlock) -> bool:
    """Whether no record of the block goes on in its next line."""
    if b'"' not in block.content:
        return True
    lines = pc.utf8_rtrim(block.table()["line"], "\r\n")
    regular: bool = pc.all(pc.match_substring_regex(lines, f"^{RECORD}$")).as_py()
    return regular


def _column_batch(block: LineBlock, columns: Sequence[Target], origin: str, event_type: str) -> ColumnBatch:
    def rows(places: Sequence[int]) -> Iterator[Event | Rejected]:
        for place in places:
            line = io.BytesIO(block.raw(place))
            yield from read_records(Record(line, block.first + place), columns, origin, event_type)

    fields = {rule.name for rule in rules_of(event_type)}
    strange = [
        f"cell[{place}] IN ('', '{event_type if target.field == 'type' else ''}')"
        for place, target in enumerate(columns, 1)
        if target.field not in fields
    ]
    conditions = ["whole", f"len(cell) = {len(columns)}", *strange]
    screens = {event_type: screen(event_type, _readings(event_type, columns), conditions)}
    return ColumnBatch(block.table(), PREPARED.format(type=event_type), screens, rows)


def _readings(event_type: str, columns: Sequence[Target]) -> dict[str, Reading]:
    """A reading for every field that has a column."""
    found: dict[str, Reading] = {}
    for rule in rules_of(event_type):
        mine = {target.part: f"cell[{place}]" for place, target in enumerate(columns, 1) if target.field == rule.name}
        if not mine:
            continue
        given = " OR ".join(f"{cell} <> ''" for cell in mine.values())
        source = found["source"].values[0] if "source" in found else NOTHING
        values = _reference(mine, source) if rule.kind == "reference" else (VALUES[rule.kind](mine[None]),)
        found[rule.field] = Reading(values, f"coalesce({given}, false)")
    return found


def _reference(mine: Mapping[str | None, str], own: str) -> tuple[str, str]:
    """Source and id of a reference; one that is stated as a whole and in parts does not fit."""
    if None in mine:
        plain = f"regexp_full_match({mine[None]}, '{PLAIN}') AND NOT starts_with({mine[None]}, '{{')"
        identity, source = f"CASE WHEN {plain} THEN {mine[None]} END", own
    else:
        identity = _text(mine["id"]) if "id" in mine else NOTHING
        given = mine.get("source", "''")
        source = f"CASE WHEN {given} = '' THEN {own} ELSE {_text(given)} END"
    if None in mine and len(mine) > 1:
        return NOTHING, NOTHING
    return f"CASE WHEN {identity} IS NOT NULL THEN {source} END", identity


def _text(cell: str) -> str:
    """A text as it is, where it is more than blanks."""
    return f"CASE WHEN regexp_matches({cell}, '[!-~]|\\pL') THEN {cell} END"


def _texts(cell: str) -> str:
    listed = f"list_filter(string_split({cell}, '{SEPARATOR}'), lambda each: each <> '')"
    return f"CASE WHEN regexp_full_match({cell}, '{PLAIN}') AND NOT starts_with({cell}, '[') THEN {listed} END"


def _truth(cell: str) -> str:
    words = " ".join(f"WHEN '{word}' THEN {str(truth).lower()}" for word, truth in TRUTH.items())
    return f"CASE lower({cell}) {words} END"


def _whole(cell: str) -> str:
    return f"CASE WHEN regexp_full_match({cell}, '-?[0-9]{{1,19}}') THEN TRY_CAST({cell} AS BIGINT) END"


def _number(cell: str) -> str:
    return f"CASE WHEN regexp_full_match({cell}, '{NUMBER}') THEN TRY_CAST({cell} AS DOUBLE) END"


VALUES: Mapping[str, Callable[[str], str]] = {
    "VARCHAR": _text,
    "BIGINT": _whole,
    "version": lambda cell: f"coalesce({_whole(cell)}, {version_of(instant(cell))})",
    "DOUBLE": _number,
    "BOOLEAN": _truth,
    "TIMESTAMP": instant,
    "VARCHAR[]": _texts,
    FILE_CHANGES: lambda _: f"CAST(NULL AS {FILE_CHANGES})",
    "trailers": lambda _: NOTHING,
}
"""By kind of field: the column's value of a cell's text; null where it is empty or not plainly one."""
