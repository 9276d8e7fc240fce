"""The demo's tables as columns to reckon with in plain Python: what tests of its planted effects share."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from statistics import median
from typing import TYPE_CHECKING, Any

from tribometer import demo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pyarrow as pa

NOW = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
END = datetime(2026, 11, 22, tzinfo=UTC)
SCALE = 0.3
"""Large enough for every planted effect to be seen, small enough to be made in a second."""


@cache
def tables() -> Mapping[str, pa.Table]:
    """Events of every type, made once for all tests of a process."""
    return demo.event_tables(NOW, scale=SCALE)


@cache
def rows(event_type: str, *fields: str) -> list[dict[str, Any]]:
    """The events of a type as dictionaries of these fields."""
    found: list[dict[str, Any]] = tables()[event_type].select(list(fields)).to_pylist()
    return found


@cache
def owners() -> dict[str, str]:
    """The team of each service today."""
    claims = rows("ownership", "team", "service", "valid_to")
    return {claim["service"]: claim["team"] for claim in claims if claim["service"] and not claim["valid_to"]}


@cache
def team_of_change() -> dict[str, str]:
    """The team that reviews each change, from the service that its title names."""
    services = sorted(owners(), key=len, reverse=True)
    return {
        each["id"]: owners()[next(name for name in services if f" {name} " in f" {each['title']} ")]
        for each in rows("change", "id", "title")
    }


def grouped(
    found: Iterable[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], str | None], value: Callable[..., float]
) -> dict[str, list[float]]:
    """Values by group; rows whose group is None are left out."""
    groups: dict[str, list[float]] = {}
    for row in found:
        group = key(row)
        if group is not None:
            groups.setdefault(group, []).append(value(row))
    return groups


def medians(groups: Mapping[str, list[float]]) -> dict[str, float]:
    """The median of every group."""
    return {name: median(values) for name, values in groups.items()}
