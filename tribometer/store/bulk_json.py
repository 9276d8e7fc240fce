"""JSON Lines column by column: the lines that are flat objects, by a grammar stricter than JSON's."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, BinaryIO

from tribometer.events import EVENT_TYPES
from tribometer.store.bulk_lines import LineBlock, line_blocks
from tribometer.store.bulk_rules import ROW_WISE, rules_of
from tribometer.store.bulk_screen import FILE_CHANGES, NOTHING, ColumnBatch, Reading, instant, screen, version_of
from tribometer.store.json_lines import read_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tribometer.events import Event
    from tribometer.store.bulk_rules import Rule
    from tribometer.store.rejects import Rejected

# no NUL and no half of a surrogate pair
ESCAPE = (
    r'\\(?:["\\/bfnrt]|u(?:000[1-9a-fA-F]|00[1-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]{2}'
    r"|[1-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}))"
)
TEXT = rf'"(?:[^"\\\x00-\x1f]|{ESCAPE})*"'
NUMBER = r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?(?:[eE][-+]?[0-9]{1,2})?"
_ = r"[ \t]*"
COUNT = r"(?:null|0|[1-9][0-9]{0,17})"
FILE = rf'\{{{_}"path"{_}:{_}{TEXT}(?:{_},{_}"additions"{_}:{_}{COUNT})?(?:{_},{_}"deletions"{_}:{_}{COUNT})?{_}\}}'
REFERENCE = rf'\{{{_}"source"{_}:{_}{TEXT}{_},{_}"id"{_}:{_}{TEXT}{_}\}}'
LISTED = rf"\[{_}(?:{TEXT}(?:{_},{_}{TEXT})*|{FILE}(?:{_},{_}{FILE})*)?{_}\]"
PAIR = rf'"[A-Za-z_]+"{_}:{_}(?:{TEXT}|{NUMBER}|true|false|null|{REFERENCE}|{LISTED})'
LINE = rf"{_}\{{{_}{PAIR}(?:{_},{_}{PAIR})*{_}\}}[ \t\r\n]*"
PREPARED = f"""
SELECT place, line, regexp_full_match(line, '{LINE}') AS shaped, coalesce(line ->> '$.type', $default) AS type
FROM (SELECT place, CASE WHEN json_valid(line) THEN line END AS line FROM raw)
"""  # noqa: S608 - our own words
WHOLE = "-?[1-9][0-9]{0,17}|0"
LISTED_FILES = '[{"path": "VARCHAR", "additions": "BIGINT", "deletions": "BIGINT"}]'


def read_json_columns(
    file: BinaryIO, origin: str, default_type: str | None, rows: int
) -> Iterator[ColumnBatch | Sequence[Event | Rejected]]:
    """Cut a file into batches of at most so many lines; a line too long for any comes as the rejection it becomes."""
    for block in line_blocks(file, rows):
        if isinstance(block, LineBlock):
            yield _column_batch(block, origin, default_type)
        else:
            yield [read_line(block, origin, default_type)]


def _column_batch(block: LineBlock, origin: str, default_type: str | None) -> ColumnBatch:
    def rows(places: Sequence[int]) -> Iterator[Event | Rejected]:
        for place in places:
            line = block.line(place)
            if line.content.strip():
                yield read_line(line, origin, default_type)

    default = f"'{default_type}'" if default_type else "NULL"
    screens = {each: _screen(each) for each in EVENT_TYPES if each not in ROW_WISE}
    return ColumnBatch(block.table(), PREPARED.replace("$default", default), screens, rows)


@cache
def _screen(event_type: str) -> str:
    rules = rules_of(event_type)
    names = ["type", *(rule.name for rule in rules)]
    # as many names as are found of those asked for: none stands twice, none is unknown
    known = "len(json_keys(line)) = len(list_filter(raw, lambda each: each IS NOT NULL))"
    # materialised, or each field would take the line apart again
    read = (
        f"WITH read AS MATERIALIZED (SELECT place, type, line, shaped, "  # noqa: S608 - our own names
        f"CAST(json_extract(line, {names}) AS VARCHAR[]) AS raw, json_extract_string(line, {names}) AS text "
        f"FROM cells WHERE type = '{event_type}') "
    )
    own = _text("2")  # the source comes first
    readings = {
        rule.field: Reading(_values(rule, f"{place}", own), f"raw[{place}] IS NOT NULL", f"raw[{place}] = 'null'")
        for place, rule in enumerate(rules, 2)
    }
    typed = "coalesce(starts_with(raw[1], '\"'), true)"
    return read + screen(event_type, readings, ("shaped", known, typed), "read")


def _values(rule: Rule, place: str, own: str) -> tuple[str, ...]:
    raw, text = f"raw[{place}]", _text(place)
    if rule.kind == "reference":
        is_object = f"starts_with({raw}, '{{')"
        source = f"CASE WHEN {is_object} THEN {raw} ->> '$.source' WHEN {raw} <> 'null' THEN {own} END"
        return source, f"CASE WHEN {is_object} THEN {raw} ->> '$.id' ELSE {_name(place)} END"
    return (_name(place) if rule.numbered else VALUES[rule.kind](raw, text),)


def _text(place: str) -> str:
    return f"CASE WHEN starts_with(raw[{place}], '\"') THEN text[{place}] END"


def _name(place: str) -> str:
    return f"CASE WHEN regexp_full_match(raw[{place}], '{WHOLE}') THEN raw[{place}] ELSE {_text(place)} END"


def _whole(raw: str, _text: str) -> str:
    return f"CASE WHEN regexp_full_match({raw}, '-?[0-9]{{1,19}}') THEN TRY_CAST({raw} AS BIGINT) END"


VALUES: Mapping[str, Callable[[str, str], str]] = {
    "VARCHAR": lambda _, text: text,
    "BIGINT": _whole,
    "version": lambda raw, text: f"coalesce({_whole(raw, text)}, {version_of(instant(text))})",
    "DOUBLE": lambda raw, _: f"TRY_CAST({raw} AS DOUBLE)",
    "BOOLEAN": lambda raw, _: f"CASE {raw} WHEN 'true' THEN true WHEN 'false' THEN false END",
    "TIMESTAMP": lambda _, text: instant(text),
    # a list of texts holds nothing else, by the grammar
    "VARCHAR[]": lambda raw, _: (
        f"CASE WHEN {raw} = '[]' OR starts_with({raw}, '[\"') THEN from_json({raw}, '[\"VARCHAR\"]') END"
    ),
    FILE_CHANGES: lambda raw, _: (
        f"CASE WHEN {raw} = '[]' OR starts_with({raw}, '[{{') THEN from_json({raw}, '{LISTED_FILES}') END"
    ),
    "trailers": lambda _, __: NOTHING,
}
"""By kind of field: the column's value, of a cell's JSON and of the text it says; null where it does not fit."""
