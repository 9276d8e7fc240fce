"""Vectors as data: `cases/<metric>/*.toml`, each some events, a question and what must come out.

A case holds ``name``, ``why``, ``metric``, ``now``, ``window`` = {from, to}, ``events``, optionally
``options`` = {unit, blame, bots, clock}, ``service``, ``by``, ``tolerance``; then ``expect``, a
subset of the contract's result object, ``null``, dotted paths that must be null, and ``rows``, a subset of
what `explain --rows` says, by id. An event's ``source`` and ``id`` default to "cases" and its position.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """One vector: events in, a question, and the part of the answer that must hold."""

    name: str
    why: str
    metric: str
    events: Sequence[dict[str, Any]]
    now: datetime
    window: tuple[datetime, datetime]
    expect: Mapping[str, Any]
    null: Sequence[str] = ()
    rows: Sequence[Mapping[str, Any]] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    service: str | None = None
    by: str | None = None
    tolerance: float = 1e-6


def plain(value: Any) -> Any:
    """Turn TOML's times into the contract's text, at any depth."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return value


def read_table(path: Path) -> dict[str, Any]:
    """Read one TOML file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def load_tables(folder: str) -> list[dict[str, Any]]:
    """Give the raw tables under `cases/<folder>`, for vectors that hold no events."""
    return [read_table(path) for path in sorted((CASES / folder).glob("*.toml"))]


def read_case(path: Path) -> Case:
    """Make a case of one file."""
    table = read_table(path)
    window = table.pop("window")
    events = [
        {"source": "cases", "id": f"{event['type']}-{number}", **plain(event)}
        for number, event in enumerate(table.pop("events"))
    ]
    return Case(events=events, window=(window["from"], window["to"]), **table)


def load_cases(metric: str) -> list[Case]:
    """Give the cases of a metric, sorted by file name."""
    return [read_case(path) for path in sorted((CASES / metric).glob("*.toml"))]


def all_cases() -> list[Case]:
    """Give the cases of all metrics; folders of vectors without events are left to their tests."""
    paths = sorted(CASES.glob("*/*.toml"))
    return [read_case(path) for path in paths if "events" in read_table(path)]


def look_up(result: Mapping[str, Any], path: str) -> Any:
    """Follow a dotted path; what is not there is None."""
    value: Any = result
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def compare(expected: Any, actual: Any, tolerance: float, path: str = "") -> list[str]:
    """List where ``actual`` does not hold ``expected``; tables may hold more, lists may not."""
    if isinstance(expected, Mapping):
        inside = actual if isinstance(actual, Mapping) else {}
        pairs = [(f"{path}.{name}".lstrip("."), value, inside.get(name)) for name, value in expected.items()]
        return [line for where, a, b in pairs for line in compare(a, b, tolerance, where)]
    if isinstance(expected, list) and isinstance(actual, Sequence) and len(expected) == len(actual):
        return [
            line
            for number, (a, b) in enumerate(zip(expected, actual, strict=True))
            for line in compare(a, b, tolerance, f"{path}[{number}]")
        ]
    if isinstance(expected, int | float) and isinstance(actual, int | float):
        same = abs(expected - actual) <= tolerance * max(1.0, abs(expected))
    else:
        same = expected == actual
    return [] if same else [f"{path}: expected {expected!r}, got {actual!r}"]


def differences(case: Case, result: Mapping[str, Any]) -> list[str]:
    """List where a result object does not hold what a case expects."""
    found = compare(case.expect, result, case.tolerance)
    filled = [(path, look_up(result, path)) for path in case.null]
    return found + [f"{path}: expected null, got {value!r}" for path, value in filled if value is not None]


def row_differences(case: Case, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """List where the rows looked at do not hold the rows a case expects, found by id."""
    by_id = {row["id"]: row for row in rows}
    return [
        line
        for expected in case.rows
        for line in compare(expected, by_id.get(expected["id"]), case.tolerance, expected["id"])
    ]
