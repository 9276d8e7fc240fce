"""Which rows of a file are provably events, found column by column: the rest is left to the row path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tribometer.store.bulk_cleaning import clean, identity
from tribometer.store.bulk_rules import TIMES, rules_of
from tribometer.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from tribometer.events import Event
    from tribometer.store.bulk_rules import Rule
    from tribometer.store.rejects import Rejected

NOTHING = "CAST(NULL AS VARCHAR)"
FILE_CHANGES = "STRUCT(path VARCHAR, additions BIGINT, deletions BIGINT)[]"
INSTANT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
"""The common form of RFC 3339; what else the model takes, the row path reads."""


@dataclass(frozen=True)
class Reading:
    """How a field lies in the cells, as SQL: ``values``, one for each of its columns, are null where it does not fit.

    ``given``: whether the row carries the field; ``none``: whether what it carries is null.
    """

    values: tuple[str, ...]
    given: str
    none: str = "false"


@dataclass(frozen=True)
class ColumnBatch:
    """Rows of a file, column by column.

    ``cells``: a table with ``place`` (from 0), ``type`` (null: nobody knows) and what the screens read, made by the
    query ``prepared`` over the table ``raw``. ``screens``: a query over ``cells`` for each event type that can be
    screened. ``rows`` reads some of the rows, by their places, on the row path.
    """

    raw: pa.Table
    prepared: str
    screens: Mapping[str, str]
    rows: Callable[[Sequence[int]], Iterator[Event | Rejected]]


def screen(
    event_type: str, readings: Mapping[str, Reading], conditions: Sequence[str] = (), cells: str = "cells"
) -> str:
    """Write the query of a type: its rows' places, columns, fields carried as null, and whether they are clean.

    ``readings`` by field; ``conditions`` over the ``cells`` must hold of a clean row besides.
    """
    rules = rules_of(event_type)
    fits = " AND ".join([*conditions, *(_fits(each) for each in readings.values())])
    values = [
        f'{value} AS "{column.name}"'
        for rule in rules
        for column, value in zip(rule.columns, _values(rule, readings.get(rule.field)), strict=True)
    ]
    valid = " AND ".join(["plain", "fits", *(rule.valid() for rule in rules), *_one_of(event_type)])
    read = (
        f"SELECT place, {_nulls(readings)} AS nulls, {', '.join(values)}, {fits} AS fits "  # noqa: S608 - as below
        f"FROM {cells} WHERE type = '{event_type}'"
    )
    return (
        f"SELECT * EXCLUDE (fits, plain) REPLACE ({', '.join(identity(rules))}), coalesce({valid}, false) AS clean "  # noqa: S608 - names from our own models
        f"FROM (SELECT *, {clean(event_type, rules)} AS plain FROM ({read}))"
    )


def instant(text: str) -> str:
    """SQL: the time (UTC) that a text says, null where it says none."""
    moment = f"make_timestamp(epoch_us(TRY_CAST({text} AS TIMESTAMPTZ)))"
    return f"CASE WHEN regexp_full_match({text}, '{INSTANT}') THEN {moment} END"


def version_of(moment: str) -> str:
    """SQL: the version that a time amounts to, null for a time that no event can hold."""
    return f"CASE WHEN {moment} BETWEEN {TIMES} THEN epoch_us({moment}) END"


def _values(rule: Rule, reading: Reading | None) -> Sequence[str]:
    return reading.values if reading else [f"CAST(NULL AS {column.sql_type})" for column in rule.columns]


def _fits(reading: Reading) -> str:
    """Whether the cell gives a value exactly where it carries one."""
    return f"(({reading.values[-1]}) IS NULL) = (NOT ({reading.given}) OR ({reading.none}))"


def _nulls(readings: Mapping[str, Reading]) -> str:
    """The fields carried as null, null where there are none."""
    stated = {field: reading.none for field, reading in readings.items() if reading.none != "false"}
    if not stated:
        return "CAST(NULL AS VARCHAR[])"
    names = ", ".join(f"CASE WHEN {none} THEN '{field}' END" for field, none in stated.items())
    return f"CASE WHEN {' OR '.join(stated.values())} THEN list_filter([{names}], lambda each: each IS NOT NULL) END"


def _one_of(event_type: str) -> Iterator[str]:
    table = TABLES[event_type]
    keys = {rule.field: rule.key for rule in rules_of(event_type)}
    if table.model.ONE_OF:
        yield "(" + " OR ".join(f'"{keys[field]}" IS NOT NULL' for field in table.model.ONE_OF) + ")"
