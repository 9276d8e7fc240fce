"""What the doctor's report means: each finding says what is the matter and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.health import BROKEN, NOTE, Finding
from dashboards.health_words import interval
from metrics.wording import duration_text
from tribometer.privacy import KEY_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dashboards.health import (
        Configuration,
        CoverageHealth,
        DataFolder,
        HealthReport,
        MappedEnvironment,
        Records,
        SourceHealth,
    )

FOLDER_MODE, KEY_MODE = "0700", "0600"
LEAST_FREE = 2**30
COLLECT = "Put that right, then: tribometer collect"
INTERRUPTED, FAILED = "interrupted", "failed"
ENVIRONMENTS_NAMED = 20


def findings(report: HealthReport) -> Iterator[Finding]:
    """Yield what is broken or deserves a note, each with what to do."""
    yield from _configuration(report.configuration, demo=report.demo)
    yield from _folder(report.data_folder)
    yield from _records(report.records)
    for source in report.sources:
        yield from _source(source, running=report.service_running)
    for metric in report.coverage:
        yield from _coverage(metric)
    if report.rejected.count:
        what = f"{report.rejected.count:,} events could not land and are kept"
        fix = (
            "Correct what the reasons say, or after an update: tribometer import --resend; or drop them: --discard all"
        )
        yield Finding(NOTE, what, fix, "rejected")
    yield from _unmapped(report)
    for found in report.mapped_environments:
        yield from _mapped(found)


def _configuration(configuration: Configuration, *, demo: bool) -> Iterator[Finding]:
    if configuration.problem:
        yield Finding(BROKEN, configuration.problem, COLLECT, "configuration")
    for secret in configuration.secrets:
        if secret.problem:
            yield Finding(BROKEN, f"{secret.key} has no value", secret.problem, "configuration")
    if not configuration.sources and not demo:
        what = "no sources are configured and this is not inside a git clone"
        fix = "Write [[sources]] into tribometer.toml, or run this inside a clone."
        yield Finding(NOTE, what, fix, "configuration")


def _folder(folder: DataFolder) -> Iterator[Finding]:
    path = folder.path
    if not folder.exists:
        what = f"{path} does not exist: nothing was collected yet"
        yield Finding(NOTE, what, "Run: tribometer up", "data_folder")
    elif folder.mode != FOLDER_MODE:
        what = f"{path} has mode {folder.mode}, others may look in"
        yield Finding(BROKEN, what, f"Run: chmod 700 {path}", "data_folder")
    if folder.key_file_mode not in {None, KEY_MODE}:
        what = f"{KEY_FILE} has mode {folder.key_file_mode}, others may read it"
        yield Finding(BROKEN, what, f"Run: chmod 600 {path}/{KEY_FILE}", "data_folder")
    if folder.free_bytes < max(LEAST_FREE, folder.store_bytes or 0):
        what = f"only {folder.free_bytes / 2**30:,.1f} GiB are free beside the store"
        fix = "Make room, or move the data folder: a backup needs the store's size once more, a large query some too"
        yield Finding(NOTE, what, fix, "data_folder")


def _records(records: Records) -> Iterator[Finding]:
    if records.problem:
        fix = "Put that right: without it no collection and no import can be put on record, and none begins"
        yield Finding(BROKEN, records.problem, fix, "records")


def _source(source: SourceHealth, *, running: bool) -> Iterator[Finding]:
    run = source.last_run
    if source.last_error and source.every_seconds is None:
        what = f"{source.name} is not among the configured sources any more, and could not be read at last"
        yield Finding(NOTE, what, "Nothing, if that is meant; what it gave before is kept", "sources")
    elif source.last_error:
        # most errors of a source begin with its name
        what = f"{source.name}: {source.last_error.removeprefix(f'{source.name}: ')}"
        yield Finding(BROKEN, what, COLLECT, "sources")
    elif run and run.status == FAILED and not source.collecting and source.every_seconds is not None:
        yield Finding(BROKEN, f"{source.name}: its last collection failed: {run.error}", COLLECT, "sources")
    elif run and run.status == INTERRUPTED and not source.collecting:
        fix = "Nothing is lost, the next one goes on where it stopped; now: tribometer collect"
        yield Finding(NOTE, f"{source.name}: its last collection was cut off", fix, "sources")
    elif not source.collecting:
        yield from _age(source, running=running)
    for remark in source.remarks:
        yield Finding(NOTE, f"{source.name}: {remark.what}", remark.do, "sources")


def _age(source: SourceHealth, *, running: bool) -> Iterator[Finding]:
    """Only what is collected on a schedule can be late."""
    fix = "Look into the log in the data folder, or now: tribometer collect"
    fix = fix if running else "Start tribometer up, which collects on schedule, or now: tribometer collect"
    if source.stale and source.age_seconds is not None and source.every_seconds is not None:
        due = interval(source.every_seconds)
        what = f"{source.name}: nothing new was collected for {duration_text(source.age_seconds)}, it is due {due}"
        yield Finding(NOTE, what, fix, "sources")
    elif source.last_success_at is None and source.every_seconds is not None:
        yield Finding(NOTE, f"{source.name}: it was never collected", fix, "sources")


def _coverage(metric: CoverageHealth) -> Iterator[Finding]:
    if metric.problem:
        fix = "See which events are out of the ordinary: tribometer explain with --rows, for one service at a time"
        yield Finding(BROKEN, f"{metric.metric} cannot be computed: {metric.problem}", fix, "coverage")
    if metric.status == "low_coverage" and metric.coverage is not None:
        what = f"{metric.metric} is hidden: too little of {metric.coverage['of']}"
        look = f"See which units: tribometer explain {metric.metric} --rows"
        yield Finding(NOTE, what, f"{metric.do}. {look}" if metric.do else look, "coverage")


def _unmapped(report: HealthReport) -> Iterator[Finding]:
    """One finding each, up to a number at which they are one kind, for a pattern."""
    for found in report.unmapped_environments[:ENVIRONMENTS_NAMED]:
        what = f"environment {found.environment!r} has no tier: its {found.deployments:,} deployments do not count"
        fix = f"Map it on the Data health page; or if it is production, put under [environments]: {found.line}"
        yield Finding(NOTE, what, fix, "environments")
    if more := report.unmapped_environments[ENVIRONMENTS_NAMED:]:
        what = f"{len(more):,} more environments have no tier, like {more[0].environment!r}"
        fix = 'Map alike ones with one pattern under [environments], like development = ["pr-*"]'
        yield Finding(NOTE, what, fix, "environments")


def _mapped(found: MappedEnvironment) -> Iterator[Finding]:
    if found.settings_tier and found.settings_tier != found.tier:
        what = (
            f"environment {found.environment!r} was mapped to {found.tier} on the page, "
            f"but the settings say {found.settings_tier}, which counts"
        )
        yield Finding(NOTE, what, "Take it back on the Data health page, or change [environments]", "environments")
