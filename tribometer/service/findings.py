"""What the doctor's report means: each finding says what is the matter and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.health import BROKEN, NOTE, Finding
from dashboards.remarks import COLLECT
from tribometer.privacy import KEY_FILE
from tribometer.service.findings_sources import of_credentials, of_sources
from tribometer.service.shared_repositories import of_shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dashboards.health import Configuration, CoverageHealth, DataFolder, HealthReport, MappedEnvironment, Records

FOLDER_MODE, KEY_MODE = "0700", "0600"
LEAST_FREE = 2**30
ENVIRONMENTS_NAMED = 20


def findings(report: HealthReport) -> Iterator[Finding]:
    """Yield what is broken or deserves a note, each with what to do."""
    yield from _configuration(report.configuration, demo=report.demo)
    yield from _folder(report.data_folder)
    yield from _records(report.records)
    yield from of_sources(report.sources, report.credentials, running=report.service_running)
    yield from of_credentials(report.sources, report.credentials)
    for metric in report.coverage:
        yield from _coverage(metric)
    if report.rejected.count:
        what = f"{report.rejected.count:,} events could not land and are kept"
        fix = (
            "Correct the file or the settings of its source and collect again; after an update, or what was sent: "
            "tribometer import --resend; or drop them: --discard all"
        )
        yield Finding(NOTE, what, fix, "rejected")
    yield from _unmapped(report)
    for found in report.mapped_environments:
        yield from _mapped(found)
    yield from of_shared(report.shared_repositories)
    if pairs := report.suggested_people:
        what = f"handles that look like one person's and count as two: {pairs:,} {'pair' if pairs == 1 else 'pairs'}"
        yield Finding(NOTE, what, "Say which are: tribometer people suggestions", "people")


def _configuration(configuration: Configuration, *, demo: bool) -> Iterator[Finding]:
    for problem in configuration.problems:
        yield Finding(BROKEN, problem, COLLECT, "configuration")
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
