"""What the doctor finds about sources and their credentials; what many parts of a source share is one finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.health import BROKEN, NOTE, Finding
from dashboards.health_words import interval, named
from metrics.wording import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dashboards.health_sources import CredentialHealth, SourceHealth

COLLECT = "Put that right, then: tribometer collect"
LATER = "a credential can only be tried later"
INTERRUPTED, FAILED = "interrupted", "failed"


def of_sources(sources: Sequence[SourceHealth], *, running: bool) -> Iterator[Finding]:
    """Yield what is the matter with each source, then what several say of themselves.

    Parts of a source say nothing of errors and age: a collection of the whole remarks which could not be read.
    """
    for source in sources:
        if source.family is None:
            yield from _source(source, running=running)
    about: dict[tuple[str, str], list[str]] = {}
    for source in sources:
        for remark in () if source.left else source.remarks:
            about.setdefault((remark.what, remark.do), []).append(source.name)
    for (what, do), names in about.items():
        yield Finding(NOTE, f"{named(names)}: {what}", do, "sources")


def of_credentials(credentials: Sequence[CredentialHealth]) -> Iterator[Finding]:
    """Yield what a credential was tried for in vain."""
    for tried in credentials:
        if tried.problem and tried.passing:
            yield Finding(NOTE, f"{LATER}: {tried.problem}", "Then again: tribometer doctor", "credentials")
        elif tried.problem:
            yield Finding(BROKEN, tried.problem, COLLECT, "credentials")
        for permission in tried.permissions:
            if not permission.granted:
                yield Finding(
                    NOTE, f"{tried.source}: no permission for {permission.what}", permission.fix, "credentials"
                )


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
