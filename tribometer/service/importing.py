"""``tribometer import``: files, or what was rejected before, into an open instance."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tribometer.errors import UsageError
from tribometer.service.recording import IMPORT, RESEND
from tribometer.store import importing, resending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tribometer.service.instance import Instance
    from tribometer.store.importing import ImportProgress

COUNTS = ("new", "updated", "unchanged", "rejected")
REJECTED = "rejected events"
KEPT = "SELECT number FROM rejected_events"


def import_files(
    instance: Instance, arguments: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]
) -> dict[str, Any]:
    """Land ``files`` or ``resend`` what was rejected; ``type`` is the type of objects that name none.

    ``numbers`` are the rejections to send again, none: all.

    A file is a path, or {name, path} where a command beside the service has sent the bytes of `name`.
    """
    again = bool(arguments.get("resend"))
    kind, name = (RESEND, REJECTED) if again else (IMPORT, ", ".join(file["name"] for file in _files(arguments)))
    with instance.records.runs.recorded(kind, name) as outcome:
        report = _resend(instance, arguments) if again else _import(instance, arguments, tell)
        instance.changed()
        outcome.counts = {count: report[count] for count in COUNTS}
        outcome.error = "; ".join(report["errors"]) or None
    instance.audit(f"events.{kind}", name, **outcome.counts)
    return report


def _files(arguments: Mapping[str, Any]) -> list[dict[str, str]]:
    return [file if isinstance(file, dict) else {"name": file} for file in arguments["files"]]


def _resend(instance: Instance, arguments: Mapping[str, Any]) -> dict[str, Any]:
    landed = resending.resend(instance.store, arguments.get("numbers"), arguments.get("type"))
    return {count: getattr(landed, count) for count in COUNTS} | {"errors": []}


def _import(
    instance: Instance, arguments: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]
) -> dict[str, Any]:
    def told(at: ImportProgress) -> None:
        tell({"progress": {"of": at.file, "done": at.bytes_read, "total": at.bytes_total}})

    files = _files(arguments)
    with ExitStack() as stack:
        sent = {file["name"]: stack.enter_context(Path(file["path"]).open("rb")) for file in files if "path" in file}
        summary = importing.import_files(
            instance.store,
            [file["name"] for file in files],
            arguments.get("type"),
            progress=told,
            streams=sent,
        )
    counts = {name: getattr(summary, name) for name in COUNTS}
    return counts | {"errors": [str(error) for error in summary.errors]}


def discard(instance: Instance, arguments: Mapping[str, Any], _tell: Callable[..., None]) -> dict[str, Any]:
    """Drop rejected events for good: those of ``numbers``, None: all; ``kept`` counts what is left.

    Raises `UsageError`, and drops nothing, when a number is not among them.
    """
    with instance.store.reader() as reader:
        kept = {number for (number,) in reader.rows(KEPT)}
    wanted = kept if arguments["numbers"] is None else set(arguments["numbers"])
    if unknown := sorted(wanted - kept):
        named = ", ".join(map(str, unknown))
        raise UsageError(f"No rejected event has the number {named}; `tribometer doctor` lists them. Dropped nothing.")
    instance.store.forget_rejected(sorted(wanted))
    instance.audit("events.discard", REJECTED, numbers=sorted(wanted))
    return {"discarded": len(wanted), "kept": len(kept - wanted)}
