"""``tribometer import``: files, or what was rejected before, into an open instance."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tribometer.store import importing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tribometer.service.instance import Instance
    from tribometer.store.importing import ImportProgress


def import_files(
    instance: Instance, arguments: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]
) -> dict[str, Any]:
    """Land ``files`` or ``resend`` what was rejected; ``type`` is the type of objects that name none.

    A file is a path, or {name, path} where a command beside the service has sent the bytes of `name`.
    """
    if arguments.get("resend"):
        landed = importing.resend(instance.store, default_type=arguments.get("type"))
        counts = {"new": landed.new, "updated": landed.updated, "unchanged": landed.unchanged}
        report: dict[str, Any] = counts | {"rejected": landed.rejected, "errors": []}
    else:
        report = _import(instance, arguments, tell)
    instance.changed()
    return report


def _import(
    instance: Instance, arguments: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]
) -> dict[str, Any]:
    def told(at: ImportProgress) -> None:
        tell({"progress": {"of": at.file, "done": at.bytes_read, "total": at.bytes_total}})

    files = [file if isinstance(file, dict) else {"name": file} for file in arguments["files"]]
    with ExitStack() as stack:
        sent = {file["name"]: stack.enter_context(Path(file["path"]).open("rb")) for file in files if "path" in file}
        summary = importing.import_files(
            instance.store,
            [file["name"] for file in files],
            arguments.get("type"),
            progress=told,
            streams=sent,
        )
    counts = {name: getattr(summary, name) for name in ("new", "updated", "unchanged", "rejected")}
    return counts | {"errors": [str(error) for error in summary.errors]}
