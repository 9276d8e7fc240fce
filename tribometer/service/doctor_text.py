"""The doctor's report as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metrics.wording import MISSING, duration_text, share_text
from tribometer.service.terminal import write, write_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def write_report(report: Mapping[str, Any]) -> None:
    """Write the findings last: that is where a reader's eye ends."""
    folder, configuration = report["data_folder"], report["configuration"]
    write(f"configuration  {configuration['file'] or 'none, only defaults and environment variables'}")
    write(
        f"data folder    {folder['path']}  (mode {folder['mode'] or MISSING}, key {folder['key_file_mode'] or MISSING})"
    )
    size = f"{folder['store_bytes'] / 2**20:,.1f} MiB" if folder["store_bytes"] else "none yet"
    write(f"store          {size}, schema {folder['store_version'] or MISSING}")
    write(f"versions       {', '.join(f'{name} {number}' for name, number in report['versions'].items() if number)}")
    _section("Sources", ("source", "kind", "last success", "last error"), [_source(each) for each in report["sources"]])
    _section(
        "Coverage, last 90 days", ("metric", "status", "coverage"), [_coverage(each) for each in report["coverage"]]
    )
    _section(
        "Deployments that count",
        ("service", "from", "deployments"),
        [(each["service"], each["counts"], str(each["deployments"])) for each in report["origins"]],
    )
    _section(
        "Rejected events, newest",
        ("origin", "line", "reason"),
        [_rejected(each) for each in report["rejected"]["newest"]],
    )
    write("")
    if not report["findings"]:
        write("Nothing to do.")
    for found in report["findings"]:
        write(f"{found['level']}: {found['what']}\n  -> {found['do']}")


def _section(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if rows:
        write(f"\n{title}")
        write_table(head, rows)


def _source(source: Mapping[str, Any]) -> Sequence[str]:
    age = MISSING if source["age_seconds"] is None else f"{duration_text(source['age_seconds'])} ago"
    return source["name"], source["kind"], age, source["last_error"] or ""


def _coverage(key: Mapping[str, Any]) -> Sequence[str]:
    coverage = key["coverage"]
    told = coverage is not None and coverage["share"] is not None
    words = f"{share_text(coverage['share'])} of {coverage['of']}" if told else MISSING
    return key["metric"], key["status"], words


def _rejected(event: Mapping[str, Any]) -> Sequence[str]:
    return event["origin"], MISSING if event["line"] is None else str(event["line"]), event["reason"]
