"""What a collection came to, JSON-ready and in words."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from collectors.failures import COULD_NOT
from dashboards.health_words import counted, named
from dashboards.remarks import Said, together, unread
from tribometer.errors import SourceBusy
from tribometer.service.leaving import NOTHING_LOST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.base import Collector, Quota
    from collectors.summary import SyncSummary
    from dashboards.health_sources import Collection
    from tribometer.errors import TribometerError

COUNTS = ("new", "updated", "unchanged", "rejected", "requests")


def reported(collector: Collector, summary: SyncSummary) -> dict[str, Any]:
    """Give what a collection did; ``position`` is the next cursor in a few words, ``members`` are its parts alike.

    The cursors of parts, also of one that is collected alone, have no words.
    """
    cursor = summary.next_cursor if summary.source == collector.name else None
    return _facts(summary) | {"position": "" if not cursor else collector.position(cursor)}


def _facts(summary: SyncSummary) -> dict[str, Any]:
    facts = {name: getattr(summary, name) for name in ("source", *COUNTS, "seconds", "next_cursor")}
    return facts | {
        "position": "",
        "quota": _quota(summary.quota),
        "remarks": [asdict(each) for each in summary.remarks],
        "error": _error(summary),
        "members": [_facts(each) for each in summary.members],
    }


def _error(summary: SyncSummary) -> str | None:
    """What went wrong, which a spent quota did not: it is waited for."""
    error = summary.error
    if not isinstance(error, SourceBusy) or error.until is None:
        return str(error) if error else None
    return (
        f"{summary.source}: waiting for the quota until {error.until:%H:%M} UTC; {error.fix[0].lower()}{error.fix[1:]}"
    )


def _quota(quota: Quota | None) -> dict[str, Any] | None:
    if quota is None:
        return None
    resets = quota.resets_at.isoformat() if quota.resets_at else None
    return {"left": quota.left, "limit": quota.limit, "resets_at": resets}


def not_collected(name: str, error: TribometerError) -> dict[str, Any]:
    """Say of a source that could not even begin the same, and why."""
    nothing: dict[str, Any] = dict.fromkeys(COUNTS, 0)
    nothing |= {"seconds": 0.0, "next_cursor": None, "position": "", "quota": None, "remarks": [], "members": []}
    return {"source": name, **nothing, "error": str(error)}


def hints(report: Mapping[str, Any]) -> Iterator[str]:
    """Word every remark, and why parts could not be read, once, with the first of the parts that it is about."""
    whole, members = report["source"], report["members"]
    said = [Said(whole, None, each["what"], each["do"]) for each in report["remarks"]]
    said = [each for each in said if COULD_NOT not in each.what]
    said += [
        Said(member["source"], whole, each["what"], each["do"]) for member in members for each in member["remarks"]
    ]
    if not report["error"]:
        said += [unread(member["source"], whole, member["error"]) for member in members if member["error"]]
    yield from (f"{what}\n  -> {do}" for what, do in together(said, {whole: len(members)}))


def progress(far: Collection) -> dict[str, Any]:
    """How far it is, as the terminal draws it: of a source with parts, how many of those are collected."""
    told = {"of": far.source, "part": far.part and far.part.removeprefix(f"{far.source}/")}
    if far.parts_known is None:
        return told | {"done": far.events, "total": far.expected, "unit": "events"}
    return told | {"done": far.parts, "total": far.parts_known, "unit": "parts"}


def interrupted(going: Sequence[Collection]) -> str:
    """Say what is kept of the collections that were cut off; without any, that nothing is lost."""
    if not going:
        return NOTHING_LOST
    kept = named([f"{each.source}: {counted(each.events, 'event')}" for each in going])
    return f"Interrupted. What has landed is kept ({kept}). The next collection goes on from there: nothing doubles."


def in_words(report: Mapping[str, Any]) -> str:
    """Tell in one line what collecting a source gave."""
    if report["error"]:
        return f"tribometer: {report['error']}"
    counts = ", ".join(f"{report[name]:,} {name}" for name in ("new", "updated", "rejected"))
    return f"{report['source']}: {counts} in {report['seconds']:.1f} s"
