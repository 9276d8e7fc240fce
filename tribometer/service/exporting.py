"""``tribometer export``: the store as Parquet files, in a folder of the caller's choice."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tribometer.service.instance import Instance


def export(
    instance: Instance, arguments: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]
) -> dict[str, Any]:
    """Bring the folder ``to``, an absolute path, up to the store; tell files by what became of them, and seconds."""

    def told(done: int, total: int) -> None:
        tell({"progress": {"of": "tables", "done": done, "total": total}})

    began = time.perf_counter()
    summary = instance.store.export(Path(arguments["to"]), told)
    instance.audit("export", arguments["to"])
    counts = {name: getattr(summary, name) for name in ("tables", "written", "removed", "unchanged", "rows")}
    return {"folder": arguments["to"], **counts, "seconds": time.perf_counter() - began}
