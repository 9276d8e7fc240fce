"""A report of the data's health in words and table rows, without drawing anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metrics.wording import DAY, HOUR, MISSING, duration_text, share_text
from tribometer.store import LIMITED, UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from dashboards.data import SourceState
    from dashboards.health import CoverageHealth, HealthReport, Origin, ReasonCount, RejectedLine
    from dashboards.health_sources import CredentialHealth, Run, SourceHealth

MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:$<>&])")
SPAN = re.compile(r"`([^`]+)`")
NAMED = 3
RUN_COUNTS = ("new", "updated", "rejected")
ORIGIN_WORDS = {"explicit": "deployment events", "tags": "release tags"}
STATUS_WORDS = {"ok": "shown", "low_coverage": "hidden: too little is covered", "failed": "cannot be computed"}


def literal(text: str) -> str:
    """Text of the data's as Markdown that shows it as it is."""
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    return MARKDOWN.sub(r"\\\1", text)


def prose(text: str) -> str:
    """A sentence of ours about the data, as Markdown: what stands in backticks is code, the rest is as it is."""
    ours = SPAN.split(" ".join(text.split()))
    return "".join(f"`{part}`" if number % 2 else _escaped(part) for number, part in enumerate(ours))


def counted(count: int, noun: str) -> str:
    """A number of things."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def named(names: Sequence[str]) -> str:
    """The first few of many names."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def ago(seconds: float | None) -> str:
    """How long ago something was."""
    if seconds is None:
        return "never"
    return "just now" if seconds < 1 else f"{duration_text(seconds)} ago"


def interval(seconds: float | None) -> str:
    """How often a source is collected."""
    if seconds is None:
        return "sent or imported"
    for unit, name in ((DAY, "day"), (HOUR, "hour")):
        if seconds >= unit and seconds % unit == 0:
            return f"every {name}" if seconds == unit else f"every {seconds / unit:g} {name}s"
    return f"every {duration_text(seconds)}"


def mending(source: SourceHealth | SourceState) -> str | None:
    """What a source waits for that mends itself; None where nothing failed, or somebody has to act."""
    since, until = source.failing_since, source.limited_until
    if source.passing == UNREACHABLE:
        return f"no answer since {since:%d %b %H:%M} UTC" if since else "no answer"
    if source.passing != LIMITED:
        return None
    if until is None:
        return "waiting, for it was asked too often"
    far = since is not None and (until - since).total_seconds() >= DAY / 2
    return f"waiting until {until:{'%d %b ' if far else ''}%H:%M} UTC for the quota"


def state(source: SourceHealth) -> str:
    """A source in a few words; what to do about it stands among the findings."""
    if source.collecting:
        return "collecting now"
    if source.unconfigured:
        return "no longer configured"
    unusable = f"cannot be collected: {source.unusable}" if source.unusable else None
    if waiting := unusable or mending(source):
        return waiting
    if source.last_error or (source.last_run and source.last_run.status == "failed"):
        return "failed"
    if source.last_success_at is None:
        return "never collected"
    return "stale" if source.stale else "fresh" if source.every_seconds else "heard of"


def run_words(run: Run | None) -> str:
    """What the last collection gave."""
    if run is None:
        return MISSING
    took = f" in {duration_text(run.seconds)}" if run.seconds is not None else ""
    counts = [f"{run.counts[name]:,} {name}" for name in RUN_COUNTS if run.counts.get(name)]
    gave = f": {', '.join(counts)}" if counts else ": nothing new" if run.status == "succeeded" else ""
    return f"{run.status}{took}{gave}"


def source_row(source: SourceHealth, now: datetime) -> dict[str, str]:
    """One source as a row."""
    return {
        "Source": literal(source.name),
        "State": state(source),
        "Last success": ago(source.age_seconds),
        "Collected": interval(source.every_seconds),
        "Next": _next(source.next_run_at, now),
        "Last collection": literal(run_words(source.last_run)),
    }


def credential_row(tried: CredentialHealth) -> dict[str, str]:
    """What came of trying one credential as a row."""
    allowed = [literal(each.what) for each in tried.permissions if each.granted]
    refused = [f"{literal(each.what)}: {literal(each.fix)}" for each in tried.permissions if not each.granted]
    return {
        "Credential of": literal(tried.source),
        "May read": ", ".join(allowed) or MISSING,
        "May not": literal(tried.problem) if tried.problem else "; ".join(refused) or "nothing is missing",
    }


def _next(planned: datetime | None, now: datetime) -> str:
    if planned is None:
        return MISSING
    seconds = (planned - now).total_seconds()
    return f"in {duration_text(seconds)}" if seconds >= 1 else "due"


def coverage_row(metric: CoverageHealth) -> dict[str, str]:
    """One metric as a row."""
    share = metric.coverage
    told = share is not None and share["share"] is not None
    needed = share_text(share["floor"]) if share is not None and share["floor"] is not None else MISSING
    return {
        "Metric": literal(metric.title),
        "Number": STATUS_WORDS.get(metric.status, metric.status.replace("_", " ")),
        "Covered": share_text(share["share"]) if share is not None and told else MISSING,
        "Needed": needed,
        "Of": literal(share["of"]) if share is not None else "no share of its own: it takes what there is",
        "To raise it": metric.do or "",
    }


def reason_row(found: ReasonCount) -> dict[str, str]:
    """One reason for which events were rejected as a row."""
    return {"Reason": found.reason, "Events": f"{found.count:,}"}


def rejected_row(event: RejectedLine) -> dict[str, object]:
    """One rejected event as a row."""
    return {
        "Number": event.number,
        "Reason": event.reason,
        "Content": event.content,
        "Origin": event.origin,
        "Line": event.line,
        "Rejected": event.rejected_at,
    }


def origin_row(origin: Origin) -> dict[str, str]:
    """What counts as a deployment of one service."""
    return {
        "Service": origin.service or MISSING,
        "Counted from": ORIGIN_WORDS[origin.counts],
        "Deployments": f"{origin.deployments:,}",
        "Put aside": f"{origin.aside:,} release tags: {origin.why}" if origin.aside else "",
    }


def place_rows(report: HealthReport) -> dict[str, str]:
    """Where everything lies, how large it is, and who may read it."""
    folder, records = report.data_folder, report.records
    answers = {True: f"answers, schema {records.schema}", False: "does not answer", None: "none yet"}
    return _literal({
        "Configuration": report.configuration.file or "none: defaults and environment variables",
        "Data folder": f"{folder.path}, mode {folder.mode or MISSING}",
        "Pseudonym key": f"mode {folder.key_file_mode}" if folder.key_file_mode else "none yet",
        "Event store": f"{size(folder.store_bytes)}, schema {folder.store_version or MISSING}",
        "Record store": f"{records.kind}, {answers[records.answers]}: {records.place}",
        "Free disk space": size(folder.free_bytes),
        "Spilled to disk": size(folder.spill_bytes),
        "Memory limit": folder.memory_limit,
    })  # fmt: skip


def version_rows(report: HealthReport) -> dict[str, str]:
    """What runs, by name."""
    return _literal({name: number or "not installed" for name, number in report.versions.items()})


def _literal(rows: Mapping[str, str]) -> dict[str, str]:
    return {name: literal(text) for name, text in rows.items()}


def size(count: int | None) -> str:
    """Word a number of bytes."""
    if count is None:
        return "none yet"
    return f"{count / 2**30:,.1f} GiB" if count >= 2**30 else f"{count / 2**20:,.1f} MiB"
