"""The doctor's report as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboards.health_sources import COLLECTING
from dashboards.health_words import counted
from metrics.wording import MISSING, duration_text, share_text
from tribometer.service.terminal import write, write_named, write_table, write_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNTRIED = {None: "see below", COLLECTING: "it is being collected"}
"""Why a trial told nothing, by what passes; else there was no answer."""
NOT_MADE = "none yet: it is made with the first collection or import"


def write_report(report: Mapping[str, Any]) -> None:
    """Write the findings last: that is where a reader's eye ends."""
    _places(report)
    write_named("versions", ", ".join(f"{name} {number}" for name, number in report["versions"].items() if number))
    _section(
        "Sources",
        ("source", "kind", "state", "last success", "next", "last run"),
        [_source(each, report["sources"]) for each in report["sources"] if not each["family"]],
    )
    _section(
        "Credentials",
        ("source", "may read", "may not"),
        [_credential(each) for each in report["credentials"] or ()],
    )
    _section(
        "Coverage, last 90 days", ("metric", "status", "coverage"), [_coverage(each) for each in report["coverage"]]
    )
    _section(
        "Deployments that count",
        ("service", "from", "deployments", "tags put aside"),
        [_origin(each) for each in report["origins"]],
    )
    _section(
        "Environments mapped on the Data health page",
        ("environment", "tier", "the line for [environments]"),
        [(each["environment"], each["tier"], each["line"]) for each in report["mapped_environments"]],
    )
    _rejects(report["rejected"])
    write("")
    if not report["findings"]:
        write("Nothing to do.")
    for found in report["findings"]:
        write_words(f"{found['level']}: {found['what']}\n  -> {found['do']}")


def _places(report: Mapping[str, Any]) -> None:
    folder, records = report["data_folder"], report["records"]
    file = report["configuration"]["file"]
    write_named("configuration", file or "none, only defaults and environment variables")
    modes = f"(mode {folder['mode'] or MISSING}, key {folder['key_file_mode'] or MISSING})"
    write_named("data folder", f"{folder['path']}  {modes}")
    size = f"{folder['store_bytes'] / 2**20:,.1f} MiB" if folder["store_bytes"] else "none yet"
    write_named("store", f"{size}, schema {folder['store_version'] or MISSING}")
    answers = {None: NOT_MADE, True: f"schema {records['schema']}", False: "does not answer"}[records["answers"]]
    write_named("records", f"{records['kind']}, {records['place']}: {answers}")
    free, spilled = folder["free_bytes"] / 2**30, folder["spill_bytes"] / 2**20
    write_named("disk", f"{free:,.1f} GiB free, {spilled:,.1f} MiB spilled, memory limit {folder['memory_limit']}")
    running = report["service_running"]
    write_named("service", "running, collects on schedule" if running else "not running: tribometer up starts it")


def _rejects(rejected: Mapping[str, Any]) -> None:
    shown = rejected["newest"]
    _section("Rejected events, newest", ("number", "origin", "line", "reason"), [_rejected(each) for each in shown])
    if more := rejected["count"] - len(shown):
        write(f"and {more:,} more")


def _section(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if rows:
        write(f"\n{title}")
        write_table(head, rows)


def _source(source: Mapping[str, Any], sources: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    """One line for a source with all its parts."""
    parts = [each for each in sources if each["family"] == source["name"] and not each["left"]]
    failing = sum(bool(each["last_error"]) for each in parts)
    size = f" ({len(parts):,} parts{f', {failing:,} failing' if failing else ''})" if parts else ""
    age = MISSING if source["age_seconds"] is None else f"{duration_text(source['age_seconds'])} ago"
    age = f"{age}, stale" if source["stale"] else age
    following = source["next_run_at"][:16].replace("T", " ") if source["next_run_at"] else MISSING
    run = _run(source["last_run"], failing, waiting=source["limited_until"] is not None)
    return source["name"] + size, source["kind"], source["state"], age, following, run


def _credential(tried: Mapping[str, Any]) -> Sequence[str]:
    allowed = [each["what"] for each in tried["permissions"] if each["granted"]]
    refused = [each["what"] for each in tried["permissions"] if not each["granted"]]
    return (
        tried["source"],
        ", ".join(allowed) or MISSING,
        ", ".join(refused) if not tried["problem"] else UNTRIED.get(tried["passing"], "it gave no answer"),
    )


def _run(run: Mapping[str, Any] | None, failing: int, *, waiting: bool) -> str:
    """One that a spent quota ended has not failed, and one that left out parts has not simply succeeded."""
    if run is None:
        return MISSING
    if waiting:
        return "waits for the quota"
    if failing and run["status"] == "succeeded":
        run = {**run, "status": f"all but {counted(failing, 'part')} read"}
    took = f" in {duration_text(run['seconds'])}" if run["seconds"] is not None else ""
    return f"{run['status']}{took}"


def _coverage(key: Mapping[str, Any]) -> Sequence[str]:
    coverage = key["coverage"]
    told = coverage is not None and coverage["share"] is not None
    floor = f", {share_text(coverage['floor'])} needed" if told and coverage["floor"] is not None else ""
    words = f"{share_text(coverage['share'])} of {coverage['of']}{floor}" if told else MISSING
    return key["metric"], key["status"], words


def _origin(origin: Mapping[str, Any]) -> Sequence[str]:
    aside = f"{origin['aside']:,}: {origin['why']}" if origin["aside"] else ""
    return origin["service"] or MISSING, origin["counts"], f"{origin['deployments']:,}", aside


def _rejected(event: Mapping[str, Any]) -> Sequence[str]:
    line = MISSING if event["line"] is None else str(event["line"])
    return str(event["number"]), event["origin"], line, event["reason"]
