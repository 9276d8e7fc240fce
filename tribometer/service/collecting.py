"""One collection run over some sources: what one of them meets never stops the others."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from collectors import build
from collectors.sync import run
from tribometer.errors import ConfigurationError, SourceError, UsageError
from tribometer.service import asked, sources
from tribometer.service.recording import COLLECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from collectors.base import Collector
    from collectors.sync import SyncSummary
    from tribometer.service.instance import Instance

COUNTS = ("new", "updated", "unchanged", "rejected", "requests")


def collect(
    instance: Instance, arguments: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]
) -> dict[str, Any]:
    """Collect ``sources`` (none: all); ``full`` from the beginning, ``since`` from a day on.

    Raises `UsageError` when there is nothing to collect or a name is not configured.
    """
    found, unreadable = collectors(instance, sources.needed(instance.settings, instance.folder))
    wanted = _wanted(found, arguments.get("sources") or ())
    since = asked.instant(arguments["since"], "--since") if arguments.get("since") else None
    if since is not None and arguments.get("full"):
        raise UsageError("--since and --full: give one of the two.")
    full = bool(arguments.get("full"))
    reports = [_report(each, collect_one(instance, each, full=full, since=since, tell=tell)) for each in wanted]
    for report in reports:
        for remark in report["remarks"]:
            tell({"hint": f"{report['source']}: {remark['what']}\n  -> {remark['do']}"})
    return {"sources": reports + [_failed(error) for error in unreadable]}


def collectors(instance: Instance, tables: Sequence[Mapping[str, Any]]) -> tuple[list[Collector], list[SourceError]]:
    """Make the collectors of the tables; a source that is not there at all is an error of its own."""
    origin = str(instance.settings.file or "configuration")
    found: dict[str, Collector] = {}
    unreadable = []
    for number, table in enumerate(tables):
        try:
            collector = build(table, origin=origin, data=instance.settings.data, key=f"sources[{number}]")
        except SourceError as error:
            unreadable.append(error)
            continue
        if collector.name in found:
            fix = "Give each its own `name`, or remove one of them."
            raise ConfigurationError(f"sources[{number}]", origin, f"{collector.name} is there twice", fix)
        found[collector.name] = collector
    return [*found.values()], unreadable


def collect_one(
    instance: Instance,
    collector: Collector,
    *,
    full: bool = False,
    since: datetime | None = None,
    tell: Callable[[Mapping[str, Any]], None] | None = None,
) -> SyncSummary:
    """Collect one source, after whoever is collecting it already; its own errors stand in the summary."""

    def told(source: str, events: int, total: int | None) -> None:
        if tell is not None:
            tell({"progress": {"of": source, "done": events, "total": total}})

    name = collector.name
    with instance.source_lock(name), instance.records.runs.recorded(COLLECTION, name) as outcome:
        summary = run(collector, instance.store, full=full, since=since, progress=told)
        outcome.counts = {count: getattr(summary, count) for count in COUNTS}
        outcome.error = str(summary.error) if summary.error else None
    instance.changed()
    return summary


def _wanted(found: Sequence[Collector], names: Sequence[str]) -> Sequence[Collector]:
    known = {each.name: each for each in found}
    bare = {each.name.partition(":")[2]: each for each in found}
    for name in names:
        if name not in known and name not in bare:
            raise UsageError(f"{name!r} is no configured source. There are: {', '.join(known)}.")
    return [known.get(name) or bare[name] for name in names] or found


def _report(collector: Collector, summary: SyncSummary) -> dict[str, Any]:
    """Give what a collection did; ``position`` is the next cursor in a few words."""
    facts = {name: getattr(summary, name) for name in ("source", *COUNTS, "seconds", "next_cursor")}
    cursor = summary.next_cursor
    return facts | {
        "position": "" if cursor is None else collector.position(cursor),
        "remarks": [asdict(each) for each in summary.remarks],
        "error": str(summary.error) if summary.error else None,
    }


def _failed(error: SourceError) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(COUNTS, 0)
    nothing |= {"seconds": 0.0, "next_cursor": None, "position": "", "remarks": []}
    return {"source": error.source, **nothing, "error": str(error)}


def in_words(source: Mapping[str, Any]) -> str:
    """Tell in one line what collecting a source gave."""
    if source["error"]:
        return f"tribometer: {source['error']}"
    counts = ", ".join(f"{source[name]:,} {name}" for name in ("new", "updated", "rejected"))
    return f"{source['source']}: {counts} in {source['seconds']:.1f} s"
