"""The units behind a number, as rows that a reader can look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from metrics import people
from metrics.workspace import OWN_STEPS, UNIT_COLUMNS, Workspace
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metrics.definition import Metric
    from metrics.query import Query
    from metrics.shelf import Shelf
    from tribometer.settings import Rules
    from tribometer.store import Reader

OWN_COLUMNS = frozenset({*UNIT_COLUMNS, "business_value", "owner", "team", "template"})
CHUNK = 10_000


@dataclass(frozen=True)
class StillOpen:
    """Units that began and are not over: the rows of the oldest, oldest first, and how many there are in all."""

    oldest: tuple[dict[str, Any], ...] = ()
    total: int = 0


def unit_rows(
    reader: Reader, query: Query, rules: Rules, *, newest: int | None = None, shelf: Shelf | None = None
) -> Iterator[dict[str, Any]]:
    """One dict per unit looked at, in order of time: the lines of ``explain --rows --json``.

    With ``newest`` only so many, the newest first.
    """
    metric = query.definition
    if metric.statistic is None:
        raise UsageError(f"{metric.name} is computed from other metrics and has no units; ask for the rows of those.")
    people.refuse_units(metric)
    workspace = Workspace(reader, query, rules, shelf)
    relation = "timed_units" if workspace.business else "units"
    way, most = ("", "") if newest is None else (" DESC", f"\nLIMIT {newest:d}")
    order = ", ".join(f"u.{column}{way} NULLS LAST" for column in ("at", "source", "id"))
    final = f"SELECT u.*, {workspace.owner('team')} AS owner{workspace.owned(relation)}\nORDER BY {order}{most}"
    table = reader.table(workspace.prepared(workspace.unit_chain(), final))
    for batch in table.to_batches(max_chunksize=CHUNK):
        yield from (_line(row, metric, business=workspace.business) for row in batch.to_pylist())


def still_open(reader: Reader, query: Query, rules: Rules, most: int) -> StillOpen:
    """The units in scope and window that began and are not over; of a metric whose units have an end.

    Rows are as `unit_rows` gives them, at most ``most``, those that began first before others.
    """
    metric = query.definition
    if "censored" not in metric.keeps:
        raise UsageError(f"The units of {metric.name} do not wait for anything.")
    people.refuse_units(metric)
    workspace = Workspace(reader, query, rules)
    chain = {name: body for name, body in workspace.unit_chain().items() if name not in OWN_STEPS - {"units"}}
    final = (
        f"SELECT u.*, {workspace.owner('team')} AS owner, COUNT(*) OVER () AS in_all{workspace.owned('units')}\n"
        "    AND u.counted AND u.censored\n"
        f"ORDER BY u.at NULLS LAST, u.source NULLS LAST, u.id NULLS LAST\nLIMIT {most:d}"
    )
    rows = reader.table(workspace.prepared(chain, final)).to_pylist()
    total = max((row.pop("in_all") for row in rows), default=0)
    return StillOpen(tuple(_line(row, metric, business=False) for row in rows), total)


def _line(row: dict[str, Any], metric: Metric, *, business: bool) -> dict[str, Any]:
    value = row["business_value"] if business else row["value"]
    flags = [] if row["flag"] is None else [metric.counted_flags.get(row["flag"], row["flag"])]
    return {
        "unit": row["unit"],
        "id": row["id"],
        "source": row["source"],
        "service": row["service"],
        "team": row["owner"],
        "at": _json(row["at"]),
        "counted": row["counted"],
        "value": float(value) if row["counted"] and value is not None else None,
        "rule": row["rule"],
        "flags": flags,
        "evidence": {name: _json(value) for name, value in row.items() if name not in OWN_COLUMNS},
    }


def _json(value: object) -> object:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
