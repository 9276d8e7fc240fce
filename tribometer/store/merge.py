"""What several statements about one thing amount to: the contract's merge, as pure functions.

Every field has the value of the highest version that carried it, whatever the order of arrival. Without versions the
last arrival wins, but what is still unfinished never replaces what is finished.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS_FIELDS: Mapping[str, str] = {
    "deployment": "status",
    "run": "conclusion",
    "job": "conclusion",
    "request": "status",
}
UNFINISHED = frozenset({None, "queued", "in_progress", "running", "waiting", "pending", "requested"})
EXTRA = "extra."
"""Prefix of unknown fields among the field versions; the contract's own names hold no dot."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One event as it bears on its row. ``cells`` holds all fields; only those ``carried`` say something.

    A cell is what the column holds; of a reference, its (source, id).
    """

    type: str
    cells: Mapping[str, Any]
    carried: frozenset[str]
    order: int | None
    extra: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One stored thing. ``lagging``: version of each field whose last statement is older than ``version``."""

    cells: Mapping[str, Any]
    version: int | None
    lagging: Mapping[str, int | None]
    extra: Mapping[str, Any]

    def said(self, field: str) -> int | None:
        """Version of the last statement about a field; None: none with a version."""
        return self.lagging.get(field, self.version)


def first_row(statement: Statement) -> Row:
    """The row that the first statement about a thing makes."""
    lagging = {} if statement.order is None else dict.fromkeys(sorted(statement.cells.keys() - statement.carried))
    return Row(statement.cells, statement.order, lagging, statement.extra)


def merged(row: Row, statement: Statement) -> Row:
    """The row after one more statement."""
    if statement.order is None and _is_late(row, statement):
        return _filled(row, statement)
    carried = {name for name in statement.carried if _prevails(row, name, statement.order)}
    extra = {name for name in statement.extra if name not in row.extra or _prevails(row, EXTRA + name, statement.order)}
    cells = {name: statement.cells[name] if name in carried else kept for name, kept in row.cells.items()}
    extras = {**row.extra, **{name: statement.extra[name] for name in extra}}
    if statement.order is None:
        return Row(cells, row.version, {**row.lagging, **_unversioned(row, extra)}, extras)
    return _versioned(row, statement.order, cells, extras, carried | {EXTRA + name for name in extra})


def _prevails(row: Row, field: str, order: int | None) -> bool:
    said = row.said(field)
    return order is None or said is None or order >= said


def _unversioned(row: Row, extra: set[str]) -> dict[str, int | None]:
    """New unknown fields of a row with versions were stated without one: any version may replace them."""
    return {} if row.version is None else {EXTRA + name: None for name in extra if name not in row.extra}


def _versioned(row: Row, order: int, cells: Mapping[str, Any], extra: Mapping[str, Any], stated: set[str]) -> Row:
    """The row with the field versions brought up to a statement of version ``order`` about ``stated``."""
    version = order if row.version is None else max(order, row.version)
    versions = {
        name: order if name in stated else row.said(name) for name in (*cells, *(EXTRA + each for each in extra))
    }
    return Row(cells, version, {name: said for name, said in versions.items() if said != version}, extra)


def _is_late(row: Row, statement: Statement) -> bool:
    """Whether the statement tells of a time before the stored, finished state."""
    field = STATUS_FIELDS.get(statement.type)
    if field is None or field not in statement.carried:
        return False
    return statement.cells[field] in UNFINISHED and row.cells[field] not in UNFINISHED


def _filled(row: Row, statement: Statement) -> Row:
    """The row with only its gaps filled."""
    cells = {
        name: statement.cells[name] if name in statement.carried and kept is None else kept
        for name, kept in row.cells.items()
    }
    new = {name for name in statement.extra if name not in row.extra}
    extra = {**row.extra, **{name: statement.extra[name] for name in new}}
    return Row(cells, row.version, {**row.lagging, **_unversioned(row, new)}, extra)
